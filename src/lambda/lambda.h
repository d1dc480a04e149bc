/* Roster as a function of AWS Lambda. From main's thread, which each call keeps until it is over.
 */
#ifndef ROSTER_LAMBDA_LAMBDA_H
#define ROSTER_LAMBDA_LAMBDA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* Does the environment say that this process is a function's? environment ends with NULL. */
bool lambda_is_asked_for(const char *const *environment);
/* Works on invocations until that is not possible any more; returns the exit code (78: the
 * settings are wrong, which AWS was told; 1: anything else). */
int lambda_run(const char *const *environment);
/* Works on one event as the function with that handler ("receive", …) would, without AWS Lambda:
 * for the command line. limit_ms is the function's time-out. Appends the answer, or an object with
 * errorType and errorMessage; 0 = answered, else as above. */
int lambda_invoke(const char *const *environment, const char *handler, struct span event,
                  int64_t limit_ms, struct buf *out);

#endif
