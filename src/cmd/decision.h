/* What an operator decides about a person: retry, adopt. Pure: what follows for the person's row,
 * as data. What is held at a bound is decided elsewhere (engine/release.h). */
#ifndef ROSTER_CMD_DECISION_H
#define ROSTER_CMD_DECISION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/person.h"
#include "model/rules.h"

#define DECISION_RETRY_CAUSE "operator retry"
#define DECISION_ADOPT_CAUSE "operator adopt"

/* Makes a person who is held, failed or waiting due at once; *is_changed is false, with nothing
 * changed, when there is nothing to retry. ERR_CONFLICT, and nothing was changed: what they wait
 * for is not to be hurried, a decision about a removal or a change, or REMOVAL_GRACE. */
enum err decision_retry(struct person *p, const struct rules *rules, const struct scope *scope,
                        int64_t now_ms, bool *is_changed, struct fail *fail) WARN_UNUSED;
/* Lets a person who is held for an existing agent take it over. ERR_CONFLICT: they are
 * not, and nothing was changed. */
enum err decision_adopt(struct person *p, const struct rules *rules, const struct scope *scope,
                        int64_t now_ms, struct arena *a, struct fail *fail) WARN_UNUSED;

#endif
