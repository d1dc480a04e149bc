/* The roster: who is due, and what becomes of them. One of the engine's three views of its
 * surroundings. Reads are at once; changes are made on a fresh copy of the person, so that facts
 * which arrived meanwhile are never overwritten. On the loop only. */
#ifndef ROSTER_ENGINE_ROSTER_H
#define ROSTER_ENGINE_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/person.h"
#include "model/rules.h"
#include "store/store.h"

/* What else is known of a person. */
struct roster_facts {
    struct membership *memberships;
    size_t n_memberships;
    struct scope scope;
    bool is_looked_at; /* they are to be read in Okta again: `look` */
    struct look look;
};

/* One change, durable when done is called. The caller owns it until roster->change and again from
 * done on. */
struct roster_change {
    struct arena arena; /* owns every text below */
    struct span source, user_id;
    /* Changes the fresh person; scope is theirs at that moment. NULL = nobody's row changes. Not on
     * the loop's thread: it may use only its arguments. May be called twice, each time with the row
     * as it is. */
    void (*apply)(struct person *p, const struct scope *scope, struct roster_change *change);
    void *applied; /* for apply: lives in the arena */
    bool adds_step;
    struct step_record step; /* to add, or (with step_id) the answer to record */
    int64_t step_id; /* set by the roster when it adds a step; given when an answer is recorded */
    enum { PAUSE_SAME, PAUSE_PUT, PAUSE_REMOVE } pause_change;
    struct pause pause;
    struct span rival_id; /* somebody else who is to be looked at, since both claim one name */
    bool forgets;         /* set by apply: once all is written, the person's row goes */
    struct person after;  /* set by the roster: the person as written, texts in arena */
    void (*done)(struct roster_change *change, enum err err, const struct fail *fail);
    void *owner;
};

struct roster {
    /* People of that priority who are due at now_ms, longest first; texts in a. */
    enum err (*due)(struct roster *r, struct arena *a, int64_t now_ms, int64_t priority,
                    size_t skip, size_t max, struct person **out, size_t *n, struct fail *fail);
    enum err (*next_due)(struct roster *r, int64_t *out_ms, struct fail *fail);
    enum err (*facts)(struct roster *r, struct arena *a, const struct person *p,
                      struct roster_facts *out, struct fail *fail);
    /* Somebody else whose agent has that user name, or who is held because they claim it, too;
     * *is_claimed tells whether there is one. */
    enum err (*claims)(struct roster *r, struct arena *a, const struct person *p,
                       struct span user_name, struct person *out, bool *is_claimed,
                       struct fail *fail);
    enum err (*pauses)(struct roster *r, struct arena *a, struct pause **out, size_t *n,
                       struct fail *fail);
    /* Has somebody else (the command line) changed something since the last call? */
    bool (*has_moved)(struct roster *r);
    void (*change)(struct roster *r, struct roster_change *change);
};

#endif
