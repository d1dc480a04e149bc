/* Converging: takes people who are due, plans, and carries the steps out until Amazon Connect is as
 * it should be. Each step is on disk before it is sent and its answer before anything follows from
 * it. On the loop only. */
#ifndef ROSTER_ENGINE_CONVERGE_H
#define ROSTER_ENGINE_CONVERGE_H

#include <stdbool.h>

#include "connect/connect.h"
#include "engine/current_names.h"
#include "engine/pace.h"
#include "engine/roster.h"
#include "model/plan.h"
#include "model/rules.h"
#include "net/loop.h"

/* What a person should hear of. Texts are borrowed for the call. */
struct converge_news {
    enum {
        NEWS_HELD,
        NEWS_FAILED,
        NEWS_PARKED, /* instead of deleted: on a contact for too long */
        NEWS_PAUSED,
        NEWS_RESUMED,
        NEWS_FULL
    } kind;
    const char *operation;       /* PAUSED, RESUMED, FULL */
    const struct person *person; /* HELD, FAILED, PARKED */
    const char *code, *text;
};

struct converge_options {
    struct loop *loop;
    struct roster *roster;
    struct pace *pace;
    struct connect *connect;
    const struct rules *rules;
    const struct current_names *names;
    struct span instance_id;
    int64_t max_wait_ms; /* for an agent who is on a contact */
    bool guards_admins;  /* the last administrator keeps their access (engine/admins.h) */
    void (*tell)(void *arg, const struct converge_news *news);
    /* Somebody needs a name that the instance does not have, or whose kind has not been read. */
    void (*lacks_name)(void *arg);
    /* A name that a person's attributes gave means that id now (those that stand in the rules are
     * known from the start). */
    void (*resolved)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* Somebody waits before that gate now. */
    void (*came_to_gate)(void *arg, enum gate gate);
    void *arg;
};

struct converge;

/* Takes up the pauses that are stored. Nobody is taken before converge_open. */
enum err converge_new(const struct converge_options *options, struct converge **out,
                      struct fail *fail) WARN_UNUSED;
/* What must be known of the instance is known. */
void converge_open(struct converge *c);
/* Looks for due people soon. */
void converge_kick(struct converge *c);
/* Is somebody under way, or was somebody due at since_ms (clock_mono_ms), of whom it is not known
 * yet whether they come to that gate? */
bool converge_has_unplanned(struct converge *c, enum gate gate, int64_t since_ms);
/* Starts nothing more and calls idle when the calls under way are answered and recorded. */
void converge_stop(struct converge *c, void (*idle)(void *arg), void *arg);
/* Drops what is under way: the ledger on disk tells the next start to look. NULL is fine. */
void converge_free(struct converge *c);

#endif
