/* Following what an operator has just decided: the people whom it concerns, and nobody else, until
 * each has come to an end, or waits for what nobody here can change (cmd/carry.h). Without a daemon
 * the command itself does the work. */
#ifndef ROSTER_CMD_FOLLOW_H
#define ROSTER_CMD_FOLLOW_H

#include "cmd/open.h"

/* Of every command that follows. */
#define FOLLOW_OPTION                                                                              \
    {                                                                                              \
        "no-wait", NULL, "returns at once: a running daemon carries it out, or the next one"       \
    }
#define FOLLOW_ABOUT                                                                               \
    "A running daemon carries it out; the command follows, and without a daemon does the work\n"   \
    "itself. It ends when everybody concerned has come to an end, or waits: for a contact, an\n"   \
    "operation that is paused, a next try that is not soon. They are told, with the reason, and\n" \
    "stay due. Ctrl-C beside a daemon ends only the following. The exit code is 1 when somebody\n" \
    "came to nothing, 3 when a bound holds them."

struct follow {
    struct span *sources, *ids; /* in the arena of what was opened */
    size_t n, room, at;
    int64_t since_ms;      /* of clock_wall_ms: when it was decided */
    struct opened *opened; /* of follow_run */
    struct span cause;
};

/* Does this invocation follow? */
bool follow_wanted(const struct invocation *i);
void follow_add(struct follow *f, struct opened *o, struct span source, struct span user_id);
/* Everybody whom a decision of that cause made due at just that instant, inside the transaction
 * that did it. */
enum err follow_add_all(struct follow *f, struct opened *o, struct span cause, int64_t due_ms,
                        struct fail *fail) WARN_UNUSED;
/* After the transaction; complains itself. EXIT_FAILED: some came to nothing, or it was
 * interrupted; EXIT_STOPPED: a bound holds some. */
enum exit_code follow_run(struct follow *f, const struct invocation *i, struct opened *o,
                          struct span cause);

#endif
