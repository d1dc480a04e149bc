/* GET /readyz: 200 while deliveries can be stored, else 503; all else is told in its JSON and never
 * changes the status. On the loop only. */
#ifndef ROSTER_SERVE_READY_H
#define ROSTER_SERVE_READY_H

#include "aws/aws.h"
#include "engine/engine.h"
#include "net/http_server.h"

struct ready;

struct ready *ready_new(struct engine *engine, struct aws *aws);
void ready_free(struct ready *r);
/* Answers after a trial write; whoever asks meanwhile shares it, and of one that worked the next
 * second lives. */
void ready_reply(struct ready *r, struct http_exchange *x);

#endif
