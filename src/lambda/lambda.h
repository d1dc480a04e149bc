/* Roster as a function of AWS Lambda. */
#ifndef ROSTER_LAMBDA_LAMBDA_H
#define ROSTER_LAMBDA_LAMBDA_H

#include <stdbool.h>

/* Does the environment say that this process is a function's? environment ends with NULL. */
bool lambda_is_asked_for(const char *const *environment);
/* Works on invocations until that is not possible any more; returns the exit code (78: the
 * settings are wrong, which AWS was told; 1: anything else). */
int lambda_run(const char *const *environment);

#endif
