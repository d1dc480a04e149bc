/* The looker: takes the looks that are due (store/store.h) and asks Okta. Users are read here, a
 * few at a time; groups, applications and the whole scope are handed on (engine/scope_look.h). On
 * the loop only. */
#ifndef ROSTER_ENGINE_LOOKER_H
#define ROSTER_ENGINE_LOOKER_H

#include <stdbool.h>

#include "engine/handback.h"
#include "engine/judge.h"
#include "engine/okta_pause.h"
#include "net/loop.h"
#include "okta/api.h"

enum { LOOKER_AT_ONCE = 4 };

struct looker;

struct looker_options {
    struct loop *loop;
    struct okta_api *api;
    struct store *reader;
    struct handback *handback;
    const struct judge *judge;
    struct okta_pause *pause;
    /* Takes a look at a group, an application or the scope over; false: one is under way. */
    bool (*look)(void *arg, const struct look *look);
    /* Somebody is due. */
    void (*due)(void *arg);
    /* Somebody cannot be read for a reason of their own. */
    void (*told)(void *arg, struct span user_id, const struct fail *fail);
    void *arg;
};

/* Begins with what is due already. */
struct looker *looker_new(const struct looker_options *options);
/* Looks have been asked for, or there is room for one. */
void looker_kick(struct looker *l);
/* Gives up what is being read; it stays due. */
void looker_stop(struct looker *l);
/* After the committer has stopped. NULL is fine. */
void looker_free(struct looker *l);
/* When a look that failed for a reason of its own is tried again. */
int64_t looker_again_ms(int64_t tries);

#endif
