/* A line from a command to Amazon Connect: one call after the other, at the pace that the settings
 * allow, each waited for. Not thread-safe. */
#ifndef ROSTER_CMD_CONNECT_LINE_H
#define ROSTER_CMD_CONNECT_LINE_H

#include "base/arena.h"
#include "cmd/pinned_names.h"
#include "cmd/surroundings.h"
#include "connect/connect.h"
#include "connect/directory.h"
#include "engine/pace.h"

struct connect_line {
    struct surroundings around;
    const struct settings *settings;
    struct pace *pace;
    struct connect *connect;
    struct directory *directory; /* NULL until names were asked for */
    struct loop_timer *timer;
    struct pace_waiter waiter;
    /* the call under way */
    const char *operation;
    void (*begin)(struct connect_line *line, void *arg);
    void *arg;
    enum err err;
    struct fail *fail;
};

/* ERR_INPUT: region or endpoint. Makes no request. *out does not move until connect_line_done,
 * which releases it in any case. */
enum err connect_line_open(const struct settings *s, const char *const *environment,
                           struct connect_line *out, struct fail *fail) WARN_UNUSED;
void connect_line_done(struct connect_line *line);

/* Waits for its turn, calls begin (which makes the call), and runs until connect_line_end is
 * called. */
enum err connect_line_run(struct connect_line *line, const char *operation,
                          void (*begin)(struct connect_line *line, void *arg), void *arg,
                          struct fail *fail) WARN_UNUSED;
/* From the call's callback: keeps the failure, tells the pace, and ends the waiting. */
void connect_line_end(struct connect_line *line, const struct connect_answer *answer);

/* How users sign in to the instance (DescribeInstance). */
enum err connect_line_identity(struct connect_line *line, enum identity_type *out,
                               struct fail *fail) WARN_UNUSED;
/* Lists all agents of the instance, page by page, and calls fn for each, whose texts are borrowed.
 * Any failure is one of the whole. */
enum err connect_line_agents(struct connect_line *line,
                             void (*fn)(void *arg, const struct agent *agent), void *arg,
                             struct fail *fail) WARN_UNUSED;
/* Reads the names of the instance, several times when that fails in passing. *out is borrowed from
 * the line; pins (may be NULL) count as in the daemon. */
enum err connect_line_names(struct connect_line *line, const struct pinned_names *pins,
                            const struct names **out, struct fail *fail) WARN_UNUSED;

#endif
