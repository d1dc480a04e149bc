/* Reconciling: every RECONCILE_EVERY the whole of Okta is compared with the whole of Amazon Connect
 * (engine/inspection.h), and who differs is handed over as any other work, under the same bounds.
 * It comes behind whatever events ask for: few people are due for it at a time, and its own calls
 * are the last in the pace. On the loop only. */
#ifndef ROSTER_ENGINE_RECONCILE_H
#define ROSTER_ENGINE_RECONCILE_H

#include "config/settings.h"
#include "connect/connect.h"
#include "engine/handback.h"
#include "engine/judge.h"
#include "engine/pace.h"
#include "net/loop.h"
#include "okta/api.h"

/* The note about the last one: {"n", "began_ms", "ended_ms", "users", "agents", "handed_over"}. */
#define RECONCILE_NOTE "reconcile"

struct reconcile;

struct reconcile_options {
    struct loop *loop;
    struct handback *handback;
    struct store *reader;
    const struct judge *judge;
    const struct settings *settings;
    struct okta_api *okta; /* NULL: its API is not used */
    struct connect *connect;
    struct pace *pace;
    /* A name in the rules means that id. */
    void (*seen)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* A person should hear of it: the name of a guard (engine/proposal.h). */
    void (*told)(void *arg, const char *code, const char *text);
    /* People are due. */
    void (*due)(void *arg);
    void *arg;
};

struct reconcile *reconcile_new(const struct reconcile_options *options);
/* What is needed of the instance is known: from now on it comes round. */
void reconcile_start(struct reconcile *r);
/* Gives up what is under way. */
void reconcile_stop(struct reconcile *r);
/* Nothing of it is on its way to the disk. */
bool reconcile_is_idle(const struct reconcile *r);
/* After the committer has stopped. NULL is fine. */
void reconcile_free(struct reconcile *r);

#endif
