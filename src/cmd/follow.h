/* Following what an operator has just decided: people who are due for one cause, until each has
 * come to an end (cmd/carry.h). */
#ifndef ROSTER_CMD_FOLLOW_H
#define ROSTER_CMD_FOLLOW_H

#include "cmd/open.h"

#define FOLLOW_OPTION                                                                              \
    {                                                                                              \
        "wait", NULL,                                                                              \
            "follows until each has come to an end; without a daemon, does the work itself"        \
    }

struct follow {
    struct span *sources, *ids; /* in the arena of what was opened */
    size_t n, at;
};

void follow_add(struct follow *f, struct opened *o, struct span source, struct span user_id);
/* Everybody who is due for that cause, inside the caller's transaction. */
enum err follow_add_all(struct follow *f, struct opened *o, struct span cause,
                        struct fail *fail) WARN_UNUSED;
/* After the transaction; complains itself. EXIT_FAILED: some came to nothing. */
enum exit_code follow_run(struct follow *f, const struct invocation *i, struct opened *o,
                          struct span cause);

#endif
