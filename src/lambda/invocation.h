/* One invocation of the function: an event, to which a part of the program (receive, …) gives one
 * answer. Whatever hands out the events (the Runtime API, the command line) makes them. On the loop
 * only. */
#ifndef ROSTER_LAMBDA_INVOCATION_H
#define ROSTER_LAMBDA_INVOCATION_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"

struct invocation {
    struct arena arena;  /* owns the event, and whatever the part puts there */
    const char *id;      /* AWS's request id */
    struct span event;   /* JSON, not checked */
    int64_t deadline_ms; /* clock_wall_ms; then the process is killed */
    /* One of the two, once; the invocation is gone afterwards. */
    void (*answer)(struct invocation *invocation, struct span json); /* copied */
    /* type: "Function.UnknownEvent", …: it matches (Runtime|Function)\.[A-Z][a-zA-Z]+, or AWS
     * replaces it. */
    void (*fail)(struct invocation *invocation, const char *type, const char *message);
    void *owner; /* of whoever handed it out */
    void *data;  /* the part's */
};

/* Who works on invocations, one at a time. */
struct worker {
    void (*begin)(void *arg, struct invocation *invocation);
    /* The deadline is near: answer now. Not called when it is answered. */
    void (*expire)(void *arg, struct invocation *invocation);
    void *arg;
};

#endif
