/* The messages of one invocation, by the people whom they concern, and what becomes of them. Pure:
 * no I/O, no clock. */
#ifndef ROSTER_LAMBDA_BATCH_H
#define ROSTER_LAMBDA_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "lambda/message.h"
#include "lambda/records.h"
#include "model/membership.h"
#include "model/person.h"

enum batch_fate {
    BATCH_OPEN,  /* not decided: in the end, they come again */
    BATCH_DONE,  /* over */
    BATCH_AGAIN, /* they come again, after a while */
    BATCH_SWEEP, /* over, once a sweep is asked for */
    BATCH_DEAD,  /* never: among the dead letters */
};

struct batch_end {
    enum batch_fate fate;
    int64_t wait_ms;          /* AGAIN: at least; 0 = by how often it was received */
    struct span code, reason; /* AGAIN and DEAD, for people */
};

struct batch_person {
    /* What the messages say: source, id, names; cause is the first message's event. The newest of
     * each statement counts. */
    struct person told;
    struct membership *memberships;
    size_t n_memberships;
    int64_t published_ns; /* the newest message's */
    int64_t profile_ns;   /* of the newest that tells of a change of their profile; 0 = none */
    int64_t n_received;   /* the most often received one's */
    struct batch_end end;
};

struct batch_item {
    const struct record *record;
    struct event event;          /* when it could be read */
    struct batch_person *person; /* NULL: it is none, or concerns no person */
    struct batch_end end;        /* of an item without a person; and of all, after batch_close */
};

struct batch {
    struct record *records;
    struct batch_item *items; /* in the order in which they are to be worked on */
    size_t n;
    struct batch_person *people;
    size_t n_people;
};

/* All of it is in a, or a part of event. Messages that are none are DEAD ("bad_message"); those of
 * groups, applications and the whole scope are left OPEN without a person. ERR_INPUT: the event is
 * not of SQS. */
enum err batch_read(struct arena *a, struct span event, struct batch *out,
                    struct fail *fail) WARN_UNUSED;
/* Gives each item the end of its person; what is OPEN comes again. Within a group the order is
 * kept: behind what comes again all come again. Once more, when something could not be buried. */
void batch_close(struct batch *b);
/* How long a message stays hidden that comes again: wait_ms at least, else longer each time it is
 * received, up to 15 minutes; spread by `random` (any number). In seconds, at least 1. */
unsigned batch_hide_s(const struct batch_item *item, uint64_t random);
/* What is answered: the items that come again. */
void batch_add_answer(struct buf *out, const struct batch *b);

#endif
