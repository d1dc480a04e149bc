/* Looks at a group, an application, or the whole scope: lists who is in it, compares with the
 * store, and asks for looks at those who differ (engine/scope_compare.h). It never removes anybody:
 * a listing that failed changes nothing, what is missing in one is only looked at, and an
 * application or group that is switched off or deleted is told. One look at a time. On the loop
 * only. */
#ifndef ROSTER_ENGINE_SCOPE_LOOK_H
#define ROSTER_ENGINE_SCOPE_LOOK_H

#include <stdbool.h>

#include "engine/handback.h"
#include "engine/judge.h"
#include "engine/okta_pause.h"
#include "net/loop.h"
#include "okta/api.h"

/* The note that says for which rules the whole scope was compared. */
#define SCOPE_NOTE "scope_compared"

enum {
    LISTING_CHUNK = 100, /* are compared in one transaction, so that deliveries need not wait */
};

struct scope_look;

struct scope_look_options {
    struct loop *loop;
    struct okta_api *api;
    struct handback *handback;
    const struct judge *judge;
    struct okta_pause *pause;
    struct span digest; /* of the rules: what SCOPE_NOTE says when all was compared by them */
    /* One that a name means was found, or is called otherwise now. */
    void (*seen)(void *arg, enum name_kind kind, struct span name, struct span id);
    /* A person should hear of it: "unknown_name", "ambiguous_name", "container_inactive",
     * "container_deleted", "container_well", "listing_failed", "listing_empty", "listing_short". */
    void (*told)(void *arg, const char *code, const char *text);
    /* Looks at users were asked for, or the next look may come. */
    void (*kick)(void *arg);
    void *arg;
};

struct scope_look *scope_look_new(const struct scope_look_options *options);
/* Begins; false when one is under way. */
bool scope_look_begin(struct scope_look *s, const struct look *look);
/* Gives up what is under way; it stays due. */
void scope_look_stop(struct scope_look *s);
/* After the committer has stopped. NULL is fine. */
void scope_look_free(struct scope_look *s);

#endif
