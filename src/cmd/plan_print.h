/* What a proposal (engine/proposal.h) looks like: for people, grouped and coloured as the plans
 * that operators know; and as one JSON object. */
#ifndef ROSTER_CMD_PLAN_PRINT_H
#define ROSTER_CMD_PLAN_PRINT_H

#include <stdint.h>
#include <stdio.h>

#include "cmd/style.h"
#include "engine/proposal.h"

enum { PLAN_SHOWN_MOST = 200 /* of one group, on a terminal */ };

/* is_short: of each group PLAN_SHOWN_MOST at most. ERR_IO: the scratch of the scan. */
enum err plan_print(struct proposal *p, FILE *to, const struct style *style, bool is_short,
                    struct fail *fail) WARN_UNUSED;
/* The form of docs/operations.md. */
enum err plan_print_json(struct proposal *p, FILE *to, int64_t read_us, int64_t compare_us,
                         struct fail *fail) WARN_UNUSED;
/* "3 min 26 s". */
void plan_add_duration(struct buf *out, double seconds);

#endif
