/* The places where AWS hands out temporary credentials, played: instance metadata (IMDSv2),
 * container credentials, STS. */
#ifndef SANDBOX_CONNECT_CREDENTIALS_H
#define SANDBOX_CONNECT_CREDENTIALS_H

#include "connect_side.h"

/* Answers when the request is one of these; false when it is not. */
bool credentials_request(struct connect_side *side, struct http_exchange *x);

#endif
