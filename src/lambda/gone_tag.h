/* The tag by which functions remember who has left, since they have no store: `converge` puts it on
 * the agent of who is out of scope, and takes it off when they are back; `sweep` counts the grace
 * from its time. Pure. */
#ifndef ROSTER_LAMBDA_GONE_TAG_H
#define ROSTER_LAMBDA_GONE_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/agent.h"

#define TAG_GONE "roster:gone"

/* Does the agent bear it? *out_ms (clock_wall_ms) is when they were first seen to be out of scope;
 * 0 when the value is no time: somebody has edited it, and nothing may be concluded from it. */
bool gone_tag_read(const struct agent *agent, int64_t *out_ms);
/* For TagResource: the value is RFC 3339 in UTC. */
struct tag gone_tag(struct arena *a, int64_t now_ms);

#endif
