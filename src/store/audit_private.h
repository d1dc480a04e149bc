/* Private to audit*.c and steps.c: rows of the audit log as they are hashed, written and read. */
#ifndef ROSTER_STORE_AUDIT_PRIVATE_H
#define ROSTER_STORE_AUDIT_PRIVATE_H

#include "base/buf.h"
#include "store/audit.h"
#include "store/db.h"

/* The columns that audit_read_row reads. */
#define AUDIT_COLUMNS                                                                              \
    "id, at_ms, kind, actor, step, source, instance, operation, cause, outcome, status, code,"     \
    " request_id, detail, personal, chain, salt, user_id, user, text, state_before, state_after"

#define AUDIT_NOTE_HEAD "audit_head"
#define AUDIT_NOTE_START "audit_start"

/* ---- audit_hash.c: pure ---- */

/* What the row says of a person, salted. */
void audit_personal(const struct audit_row *row, uint8_t out[static AUDIT_HASH]);
/* The chain of the row behind the one of that chain; row->personal is used as it is. */
void audit_chain(const uint8_t before[static AUDIT_HASH], const struct audit_row *row,
                 uint8_t out[static AUDIT_HASH]);
/* Numbers of rows as "3,7-9". list: the numbers, ascending. */
void audit_add_ranges(struct buf *out, const int64_t *list, size_t n);
/* Is the number in such a text? */
bool audit_ranges_have(struct span ranges, int64_t id);

/* ---- audit.c ---- */

/* Numbers, salts, hashes and writes the row, and moves the head; sets row->id. */
enum err audit_append(struct store *s, struct audit_row *row, struct fail *fail) WARN_UNUSED;
/* False, with *out as far as it is readable: salt or a hash has a wrong length. */
bool audit_read_row(sqlite3_stmt *rows, struct arena *a, struct audit_row *out);
enum err audit_note_get(struct store *s, const char *note, struct audit_head *out,
                        struct fail *fail) WARN_UNUSED;
enum err audit_note_put(struct store *s, const char *note, const struct audit_head *head,
                        struct fail *fail) WARN_UNUSED;
/* The row of a step that has come to an end. */
enum err audit_add_step(struct store *s, const struct step_record *step,
                        struct fail *fail) WARN_UNUSED;

#endif
