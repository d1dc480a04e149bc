/* What must be known of the Amazon Connect instance before anybody is made an agent there: how its
 * users sign in (read once, and kept in the store), and the names that the rules use. Publishes the
 * names that count; tells what has changed about them. On the loop only.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_DescribeInstance.html */
#ifndef ROSTER_ENGINE_INSTANCE_H
#define ROSTER_ENGINE_INSTANCE_H

#include <stdbool.h>

#include "connect/connect.h"
#include "engine/current_names.h"
#include "engine/handback.h"
#include "engine/pace.h"
#include "model/rules.h"
#include "net/loop.h"

/* The note whose change says that pins were taken out of the store by somebody else, so that their
 * names are resolved anew. */
#define NAMES_FORGOTTEN_NOTE "names_forgotten"

struct instance;

struct instance_options {
    struct loop *loop;
    struct handback *handback;
    struct pace *pace;
    struct connect *connect;
    struct rules *rules; /* its identity is set as soon as it is known */
    struct current_names *names;
    struct span instance_id;
    /* What is needed is known, or cannot be learned now: called once. */
    void (*ready)(void *arg);
    /* People have become due, since names that they waited for are known. */
    void (*learned)(void *arg);
    /* A person should hear of it: code is "unknown_name", "renamed_name", "taken_name",
     * "gone_name", … */
    void (*told)(void *arg, const char *code, const char *text);
    /* Names were forgotten: those of Okta are to be looked for. */
    void (*forgot)(void *arg);
    /* An operation waits for everybody, or does no longer. */
    void (*paused)(void *arg, const char *operation, const struct fail *fail);
    void (*resumed)(void *arg, const char *operation);
    void *arg;
};

/* Reads what the store knows of the instance; the reader is used from then on, too. */
enum err instance_new(const struct instance_options *options, struct store *reader,
                      struct instance **out, struct fail *fail) WARN_UNUSED;
void instance_start(struct instance *i);
/* Somebody needs a name that is not there: reads them again, at most once a minute. */
void instance_lacks_name(struct instance *i);
/* An event spoke of a container of that name and id that the rules name by name, or that is called
 * otherwise than it was. */
void instance_container_seen(struct instance *i, enum name_kind kind, struct span name,
                             struct span id);
/* A name of the instance's, that a user's attributes gave, was resolved: it is pinned. */
void instance_resolved(struct instance *i, enum name_kind kind, struct span name, struct span id);
void instance_stop(struct instance *i);
/* After the committer has stopped, and nobody uses the names any more. NULL is fine. */
void instance_free(struct instance *i);

#endif
