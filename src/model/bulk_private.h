/* Private to bulk*.c: cells, and what is wrong with them. */
#ifndef ROSTER_MODEL_BULK_PRIVATE_H
#define ROSTER_MODEL_BULK_PRIVATE_H

#include "model/bulk.h"

/* A row while it is read. */
struct bulk_reading {
    struct bulk *bulk;
    enum identity_type identity;
    unsigned line;
    struct span cells[BULK_COLUMNS]; /* trimmed; empty when the column is not there */
    struct entitlement *e;
};

/* Adds a fault about that column's cell in the row that is read. */
void bulk_fault(struct bulk_reading *r, enum bulk_column column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* In the order of lines. */
void bulk_sort_faults(struct bulk *b);
/* A cell's text cut for a message, made fit to stand in it; in the arena. */
const char *bulk_shown(struct bulk *b, struct span text);

/* ---- bulk_cells.c ---- */

/* Fills r->e from the cells, with faults and notes for what is wrong. */
void bulk_read_cells(struct bulk_reading *r);

/* ---- bulk_lists.c ---- */

void bulk_read_tags(struct bulk_reading *r);
void bulk_read_proficiencies(struct bulk_reading *r);
/* The next part of a cell with "|" between, trimmed, empty ones passed over. */
bool bulk_next_part(struct span *rest, struct span *part);

#endif
