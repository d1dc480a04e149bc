/* Rows of the audit log as they are exported and listed. */
#ifndef ROSTER_CMD_AUDIT_PRINT_H
#define ROSTER_CMD_AUDIT_PRINT_H

#include "base/buf.h"
#include "cmd/table.h"
#include "store/audit.h"

/* One JSON object, without a line's end. The hashes are in it, so that an export can be verified by
 * itself (docs/operations.md). */
void audit_print_json(struct buf *to, const struct audit_row *row);
/* The line of titles of the form with commas, and a row with the same content. What a spreadsheet
 * would take for a formula gets an apostrophe (text/csv.h). */
void audit_print_csv_titles(struct buf *out);
void audit_print_csv(struct buf *out, const struct audit_row *row);
/* For people. */
extern const char *const audit_print_titles[];
void audit_print_row(struct table *table, const struct audit_row *row);

#endif
