/* Carries an operator's decision about people out: a short transaction beside a running daemon,
 * which notices it within a second. */
#ifndef ROSTER_CMD_DECIDE_H
#define ROSTER_CMD_DECIDE_H

#include "cmd/open.h"

/* Changes the fresh person; *is_changed: whether there is something to write. */
typedef enum err decide_fn(struct person *p, const struct rules *rules, const struct scope *scope,
                           int64_t now_ms, struct arena *a, bool *is_changed, struct fail *fail);

/* Applies fn to the person whom word names and writes them; *out is the person as they stand then.
 * On failure it was complained about. */
enum exit_code decide(const struct invocation *i, struct opened *o, const char *word, decide_fn *fn,
                      struct person *out, bool *is_changed);
/* Writes a person whom a command has changed, inside its transaction; who waited for what they have
 * given up is due then. Fails as the store does. */
enum err decide_write(struct opened *o, const struct person *before, const struct person *after,
                      int64_t now_ms, struct fail *fail) WARN_UNUSED;
/* Says why nothing was changed, of p when it is not NULL; returns EXIT_FAILED. */
enum exit_code decide_complain(const struct invocation *i, struct opened *o, enum err err,
                               const struct person *p, const struct fail *fail);
/* "ann@acme.com (00u1)", made fit to be shown, for messages; in the arena. */
const char *decide_name(struct opened *o, const struct person *p);

#endif
