/* Child processes: one command, input given, output collected within bounds, killed when its time
 * is up. On the loop only. */
#ifndef ROSTER_NET_CHILD_H
#define ROSTER_NET_CHILD_H

#include "base/err.h"
#include "base/span.h"
#include "net/loop.h"

struct child;

struct child_options {
    const char *const *argv; /* ends with NULL; argv[0] is searched in PATH; no shell */
    struct span input;       /* written to its standard input, copied */
    size_t output_limit;     /* of standard output; more is a failure */
    int64_t timeout_ms;      /* then SIGKILL to its process group */
};

struct child_result {
    enum err err;       /* ERR_NONE: it ran and ended; else text says why not */
    int exit_status;    /* 0-255, or 128 + signal */
    struct span output; /* borrowed for the callback */
    const char *text;
};

/* done is called once on the loop. Standard error goes to ours. */
enum err child_start(struct loop *loop, const struct child_options *options,
                     void (*done)(void *arg, const struct child_result *result), void *arg,
                     struct child **out, struct fail *fail) WARN_UNUSED;
/* Kills it; no callback comes. NULL is fine. */
void child_kill(struct child *child);

#endif
