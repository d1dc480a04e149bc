/* Which quick connects lead to an agent: they are not deleted with the agent, and only reading each
 * one tells whose it is. So what was read is kept for a while. Holds no connection: it says what is
 * to be asked next, and is told the answers. On the loop only.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_DeleteUser.html */
#ifndef ROSTER_ENGINE_QUICK_CONNECTS_H
#define ROSTER_ENGINE_QUICK_CONNECTS_H

#include <stdint.h>

#include "connect/connect.h"

struct quick_connects;

enum quick_ask {
    QUICK_NONE,     /* the agent has none (any more) */
    QUICK_LIST,     /* a page of the list, from *what on */
    QUICK_DESCRIBE, /* whose is *what? */
    QUICK_DELETE,   /* *what is the agent's */
    QUICK_WAIT,     /* somebody else is asking what must be known first */
};

struct quick_connects *quick_connects_new(void);
/* NULL is fine. */
void quick_connects_free(struct quick_connects *q);
/* What is to be asked next for the quick connects of that agent to go. *what is borrowed until the
 * next call. What is handed out is not handed to anybody else for a minute. now_ms: clock_mono_ms.
 */
enum quick_ask quick_connects_next(struct quick_connects *q, struct span agent_id, int64_t now_ms,
                                   struct span *what);
/* A page of the list; next_token p == NULL on the last one. */
void quick_connects_listed(struct quick_connects *q, const struct named *named, size_t n,
                           struct span next_token, int64_t now_ms);
/* user_id empty = nobody's. */
void quick_connects_described(struct quick_connects *q, struct span id, struct span user_id);
/* It does not exist (any more). */
void quick_connects_gone(struct quick_connects *q, struct span id);
/* The question came to nothing: it may be asked again at once. */
void quick_connects_failed(struct quick_connects *q, enum quick_ask ask, struct span id);

#endif
