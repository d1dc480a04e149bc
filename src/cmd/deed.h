/* What an operator does, as the audit log tells it. */
#ifndef ROSTER_CMD_DEED_H
#define ROSTER_CMD_DEED_H

#include "cmd/open.h"

/* "operator jane"; "operator jane as root" through sudo. In a. */
struct span deed_actor(const char *const *environment, struct arena *a);
/* Adds the row of this command to the audit log, inside the caller's transaction: about p as they
 * stand now, or, NULL, about nobody in particular. detail: for people, and nothing about a
 * person. */
enum err deed_record(const struct invocation *i, struct opened *o, const struct person *p,
                     struct span detail, struct fail *fail) WARN_UNUSED;
/* The same of a command that has no store open: in a transaction of its own. ERR_NOT_FOUND: there
 * is no store yet. */
enum err deed_record_apart(const struct invocation *i, const struct settings *s, struct span detail,
                           struct fail *fail) WARN_UNUSED;

#endif
