/* A plan in a file: one JSON object a line. First what it is bound to, then one line for each
 * person whom it touches, with the digest of what it relies on (engine/proposal.h), last the digest
 * of all lines before, so that a cut or changed file is found. */
#ifndef ROSTER_CMD_PLAN_FILE_H
#define ROSTER_CMD_PLAN_FILE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/settings.h"
#include "engine/proposal.h"
#include "store/scan.h"

enum { PLAN_VALID_MS = 3600 * 1000 /* without --valid */ };

struct plan_head {
    struct span id; /* eight letters and digits */
    int64_t created_ms, valid_until_ms;
    struct span instance, rules; /* the digest of the configuration (engine/rules_digest.h) */
    int64_t changes;
};

/* A new id, in a. */
struct span plan_file_id(struct arena *a);
/* Writes all that would be done, readable for the user alone. ERR_IO; a file that is there is
 * replaced. *out is what was written; texts in a. */
enum err plan_file_write(const char *path, struct proposal *p, const struct settings *s,
                         int64_t valid_ms, int64_t now_ms, struct arena *a, struct plan_head *out,
                         struct fail *fail) WARN_UNUSED;
/* Reads it into the scratch. ERR_INPUT: it is no plan, or not all of one. */
enum err plan_file_read(const char *path, struct scan *scan, struct arena *a, struct plan_head *out,
                        struct fail *fail) WARN_UNUSED;
/* ERR_CONFLICT: the configuration or the instance is another one now, or it has expired.
 * max_age_ms: 0 = not bounded besides. */
enum err plan_file_check(const struct plan_head *head, const struct settings *s, int64_t max_age_ms,
                         int64_t now_ms, struct fail *fail) WARN_UNUSED;

#endif
