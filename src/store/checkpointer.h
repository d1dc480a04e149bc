/* Private to store/: checkpoints beside the committer. A thread with a connection of its own copies
 * what stands in the WAL into the file while the committer goes on committing; see checkpointer.c
 * for why that needs care. */
#ifndef ROSTER_STORE_CHECKPOINTER_H
#define ROSTER_STORE_CHECKPOINTER_H

#include "base/err.h"
#include "store/store.h"

struct checkpointer;

struct checkpointer_limits {
    int copy_pages;    /* so many in the WAL are worth a checkpoint */
    int restart_pages; /* from here on the WAL should begin anew */
    int rest_pages;    /* few enough to be copied between two commits */
};
extern const struct checkpointer_limits checkpointer_limits;

/* `s` is the committer's connection, which makes no checkpoints by itself from here on; it must
 * live longer. */
enum err checkpointer_start(struct store *s, const struct checkpointer_limits *limits,
                            struct checkpointer **out, struct fail *fail) WARN_UNUSED;
/* By the thread of `s`, after commits, when nobody waits for it: does or asks for what is to be
 * done now. */
void checkpointer_tend(struct checkpointer *c);
/* By the same thread, when there is nothing else to do: has the rest copied, too. */
void checkpointer_rest(struct checkpointer *c);
/* Waits for the checkpoint under way. NULL is fine. */
void checkpointer_stop(struct checkpointer *c);

#endif
