/* Is what Okta has just said to be believed yet? Its answers may be older than the events that it
 * has sent. Pure. */
#ifndef ROSTER_LAMBDA_DOUBT_H
#define ROSTER_LAMBDA_DOUBT_H

#include <stdbool.h>
#include <stdint.h>

#include "lambda/batch.h"
#include "lambda/both_sides.h"
#include "lambda/look_up.h"

enum { DOUBT_TRIES = 2 };

/* How long to wait before the person is read again; 0 = believe it. Events of the last 15 minutes
 * that say something else are a reason, the first DOUBT_TRIES times that a message is received. */
int64_t doubt_ms(const struct both_sides *sides, const struct batch_person *p,
                 const struct looked_up *found, int64_t now_ms);

#endif
