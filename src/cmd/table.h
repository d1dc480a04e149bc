/* Tables for people: columns aligned, the last one as long as it is (on a terminal, cut at its
 * edge). Not thread-safe. */
#ifndef ROSTER_CMD_TABLE_H
#define ROSTER_CMD_TABLE_H

#include <stdint.h>
#include <stdio.h>

#include "base/arena.h"
#include "cmd/style.h"

enum { TABLE_COLUMNS = 8 };

struct table_cell;

struct table {
    struct arena arena;
    const char *indent; /* before each line */
    const char *titles[TABLE_COLUMNS];
    bool is_number[TABLE_COLUMNS]; /* aligned to the right */
    size_t n_columns;
    size_t width[TABLE_COLUMNS];
    struct table_cell *cells;
    size_t n_cells;
};

/* titles: each column's, a leading '#' for one of numbers; ends with NULL; borrowed. All titles
 * empty: no line of titles. */
void table_init(struct table *t, const char *indent, const char *const *titles);
/* The next cell, row by row. text is copied and made fit to be shown. */
void table_add(struct table *t, struct span text, enum colour colour);
void table_add_int(struct table *t, int64_t number);
/* RFC 3339 in UTC, to the second; "-" for 0. */
void table_add_time(struct table *t, int64_t ms);
/* The last row must be complete. */
void table_print(const struct table *t, FILE *to, const struct style *style);
void table_done(struct table *t);

#endif
