/* Between a user as the interface has it and an agent as it is kept. */
#ifndef SANDBOX_CONNECT_USER_H
#define SANDBOX_CONNECT_USER_H

#include "connect_side.h"

/* A new document for agents_add of the input of CreateUser. */
json_t *user_doc(struct connect_side *side, const json_t *input);
/* A new "User" as DescribeUser gives it. */
json_t *user_show(const struct connect_side *side, const struct agent *agent,
                  const struct agent_version *version);
/* NULL logs the user out. */
void user_set_status(struct agent *agent, const char *status_id);

#endif
