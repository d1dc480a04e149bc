/* Okta as a source that can be asked: its API, looks at users, groups, applications and the whole
 * scope, and catching up with the System Log, bound together. On the loop only. */
#ifndef ROSTER_ENGINE_OKTA_SOURCE_H
#define ROSTER_ENGINE_OKTA_SOURCE_H

#include <stdbool.h>

#include "config/settings.h"
#include "engine/handback.h"
#include "engine/journal.h"
#include "engine/judge.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "okta/api.h"

struct okta_source;

struct okta_source_options {
    struct loop *loop;
    struct http_client *client;
    const struct settings *settings;
    struct okta_credentials credentials; /* as they are now */
    struct store *reader;
    struct handback *handback;
    struct journal *journal;
    const struct judge *judge;
    /* A name in the rules means that id, or what has the id is called so now. */
    void (*seen)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* A person should hear of it. */
    void (*told)(void *arg, const char *code, const char *text);
    void (*told_of_user)(void *arg, struct span user_id, const struct fail *fail);
    /* Okta is left alone for a while, or (fail NULL) not any more. */
    void (*paused)(void *arg, const struct fail *fail);
    /* People have become due. */
    void (*due)(void *arg);
    void *arg;
};

/* ERR_INPUT: the settings or credentials are of no use. */
enum err okta_source_new(const struct okta_source_options *options, struct okta_source **out,
                         struct fail *fail) WARN_UNUSED;
/* Compares the whole scope when that was never done by these rules; then goes on by itself. */
void okta_source_start(struct okta_source *s);
/* Looks have been asked for. */
void okta_source_kick(struct okta_source *s);
/* An entry of the hook's has become durable. */
void okta_source_delivered(struct okta_source *s, const struct journal_entry *entry);
/* From now on these; ERR_INPUT leaves the old ones. */
enum err okta_source_set_credentials(struct okta_source *s,
                                     const struct okta_credentials *credentials,
                                     struct fail *fail) WARN_UNUSED;
struct okta_api *okta_source_api(struct okta_source *s);
/* Gives up what is being asked. */
void okta_source_stop(struct okta_source *s);
/* Nothing is on its way to the disk. */
bool okta_source_is_idle(const struct okta_source *s);
/* After the committer has stopped. NULL is fine. */
void okta_source_free(struct okta_source *s);

#endif
