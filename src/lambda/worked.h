/* One person of a batch: read in Okta and found in Amazon Connect, then handed to the engine, or
 * tagged as gone, or nobody's concern. On the loop only. */
#ifndef ROSTER_LAMBDA_WORKED_H
#define ROSTER_LAMBDA_WORKED_H

#include "lambda/batch.h"
#include "lambda/both_sides.h"
#include "lambda/look_up.h"
#include "lambda/memory_roster.h"

/* What all people of a batch have in common. */
struct worked_batch {
    struct both_sides *sides;
    struct memory_roster *roster;
    struct arena *arena; /* of the invocation */
    size_t n_open;       /* people who are being looked up or tagged */
    bool is_stopping;    /* nothing more is begun */
    bool doubts_okta;    /* its credentials were refused */
    /* Somebody has got ahead: is in the roster, or settled. Not from inside worked_begin. */
    void (*moved)(void *arg);
    void *arg;
};

struct worked {
    struct worked_batch *batch;
    struct batch_person *person;
    struct look_up *look_up;
    struct person seed; /* texts in the arena */
    struct agent agent; /* found by its tags; id empty = none */
    const struct membership *memberships;
    size_t n_memberships;
    bool tags_gone; /* else the tag is taken away */
    bool goes_on;   /* to the engine, behind that */
    const char *operation;
    struct pace_waiter waiter;
    struct connect_call *call;
    bool is_in_roster;
    size_t number; /* there */
};

/* w: zeroed. */
void worked_begin(struct worked *w, struct worked_batch *batch, struct batch_person *person);
/* Gives up what waits for its turn. */
void worked_stop(struct worked *w);
/* Drops what is under way. */
void worked_cancel(struct worked *w);
/* The engine has ended: what it came to is the person's end. names_are_old: what a name means may
 * have changed since it was read, so that nobody fails for one. */
void worked_take_end(struct worked *w, bool names_are_old);

#endif
