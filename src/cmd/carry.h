/* Carrying work out: people who were made due, all with one cause, are followed until each has come
 * to an end. Whoever runs the engine on this store does the work: a daemon, or, when there is none,
 * this process itself. Never two engines on one store. */
#ifndef ROSTER_CMD_CARRY_H
#define ROSTER_CMD_CARRY_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/open.h"
#include "cmd/surroundings.h"
#include "engine/engine.h"

enum {
    CARRY_AT_ONCE = 400,   /* people who are due at a time: what was not begun can still be left */
    CARRY_TOLD_MOST = 200, /* of those who came to nothing */
};

struct carry;

struct carry_options {
    const struct invocation *invocation;
    struct opened *opened;       /* its store open for writing */
    struct surroundings *around; /* with AWS */
    struct span cause;
    int64_t total;  /* people, for the progress */
    double seconds; /* what it will take; 0 = not known */
    /* All of them are due already, by a decision that stands in the store: a daemon of another
     * configuration may do it, too. */
    bool is_decided;
    int64_t since_ms; /* of clock_wall_ms: what was sent before is none of it, whatever its cause */
    /* When nobody has come to an end for so long, those who are left are told as waiting; 0 = only
     * an operation that is paused ends it. */
    int64_t patience_ms;
    /* Makes up to `room` more people due, in transactions of its own, and tells each by carry_add.
     * *out_is_all: nobody is left. */
    enum err (*feed)(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail);
    void *arg;
};

struct carry_result {
    int64_t done;
    int64_t failed;   /* or held */
    int64_t at_bound; /* of the failed: held at a bound */
    int64_t waits; /* for a grace, a contact, an operation that is paused: whoever runs the engine
                      goes on with them */
    bool is_interrupted;
    bool is_daemons; /* a daemon runs the engine */
};

/* Runs to the end and tells on the way: a bar on a terminal, else a line a step; at last who came
 * to nothing, and why. ERR_CONFLICT: a daemon with another configuration runs the engine. */
enum err carry_out(const struct carry_options *options, struct carry_result *out,
                   struct fail *fail) WARN_UNUSED;
/* From feed: that person is due. */
void carry_add(struct carry *c, struct span source, struct span user_id);
/* From feed: this process runs the engine, which has begun. */
bool carry_is_alone(const struct carry *c);

#endif
