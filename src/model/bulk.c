/* Rows and columns; what stands in the cells is bulk_cells.c's. */
#include "model/bulk.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "model/bulk_private.h"
#include "text/closest.h"
#include "text/csv.h"

enum { TEXT_LIMIT = 1000, SHOWN = 60 };

/* ---- faults ---- */

const char *bulk_shown(struct bulk *b, struct span text)
{
    struct span cut = utf8_is_valid(text) ? utf8_prefix(text, SHOWN) : SPAN("");
    char *copy = arena_dup(&b->arena, cut);

    for (char *p = copy; *p != '\0'; p++)
        if (*p == '\n' || *p == '\r' || *p == '\t')
            *p = ' ';
    return copy;
}

static void bulk_add_fault(struct bulk *b, unsigned line, struct span column, const char *text)
{
    if (b->n_faults == BULK_FAULTS) {
        b->n_more_faults++;
        return;
    }
    if (b->faults == NULL)
        b->faults = arena_new(&b->arena, BULK_FAULTS, sizeof(*b->faults));
    b->faults[b->n_faults++] = (struct bulk_fault){line, column, text};
}

void bulk_fault(struct bulk_reading *r, enum bulk_column column, const char *format, ...)
{
    struct buf text;
    va_list args;

    if (r->bulk->n_faults == BULK_FAULTS) {
        r->bulk->n_more_faults++;
        return;
    }
    buf_init(&text, TEXT_LIMIT);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    bulk_add_fault(r->bulk, r->line,
                   r->bulk->titles[column].p == NULL ? span_of(bulk_title(column))
                                                     : r->bulk->titles[column],
                   arena_dup(&r->bulk->arena, buf_span(&text)));
    buf_done(&text);
}

/* Those of one line stay in their order. */
void bulk_sort_faults(struct bulk *b)
{
    for (size_t i = 1; i < b->n_faults; i++) {
        struct bulk_fault fault = b->faults[i];
        size_t at = i;

        for (; at > 0 && b->faults[at - 1].line > fault.line; at--)
            b->faults[at] = b->faults[at - 1];
        b->faults[at] = fault;
    }
}

/* ---- titles ---- */

/* Which column each field is; BULK_COLUMNS = none. */
struct layout {
    enum bulk_column of[CSV_FIELDS];
    size_t n;
};

static void refuse_title(struct bulk *b, unsigned line, struct span title)
{
    struct closest closest;

    closest_init(&closest, title);
    for (int c = 0; c < BULK_COLUMNS; c++)
        (void)closest_offer(&closest, bulk_title((enum bulk_column)c));
    if (title.n == 0)
        bulk_add_fault(b, line, title, "a column has no title");
    else if (closest.best != NULL)
        bulk_add_fault(
            b, line, title,
            arena_printf(&b->arena, "there is no such column; did you mean '%s'?", closest.best));
    else
        bulk_add_fault(b, line, title,
                       "there is no such column; take it out, or give it the title that the "
                       "console's template has");
}

static void check_required(struct bulk *b, unsigned line)
{
    static const enum bulk_column required[] = {BULK_USER_NAME, BULK_FIRST_NAME, BULK_LAST_NAME,
                                                BULK_ROUTING_PROFILE, BULK_SECURITY_PROFILES};

    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
        if (b->titles[required[i]].p == NULL)
            bulk_add_fault(b, line, span_of(bulk_title(required[i])), "this column is missing");
}

static void read_titles(struct bulk *b, const struct csv_row *row, struct layout *layout)
{
    layout->n = row->n;
    for (size_t i = 0; i < row->n; i++) {
        struct span title = span_trim(row->fields[i]);
        enum bulk_column column;

        layout->of[i] = BULK_COLUMNS;
        /* A spreadsheet leaves empty columns behind the last one. */
        if (title.n == 0 && i + 1 == layout->n)
            continue;
        if (!bulk_find_column(title, &column)) {
            if (title.n > 0)
                refuse_title(b, row->line, title);
            continue;
        }
        if (b->titles[column].p != NULL) {
            bulk_add_fault(b, row->line, title, "this column is there twice");
            continue;
        }
        layout->of[i] = column;
        b->titles[column] = title;
    }
    check_required(b, row->line);
}

/* ---- rows ---- */

static struct entitlement *add_row(struct bulk *b, unsigned line, size_t *room)
{
    if (b->n == *room) {
        size_t larger = *room == 0 ? 256 : 2 * *room;
        struct bulk_row *rows = arena_new(&b->arena, larger, sizeof(*rows));

        if (b->n > 0)
            memcpy(rows, b->rows, b->n * sizeof(*rows));
        b->rows = rows;
        *room = larger;
    }
    b->rows[b->n] = (struct bulk_row){.line = line};
    return &b->rows[b->n++].wanted;
}

static bool take_cells(struct bulk_reading *r, const struct csv_row *row,
                       const struct layout *layout)
{
    bool has_some = false;

    for (size_t i = 0; i < row->n; i++) {
        struct span cell = span_trim(csv_plain(row->fields[i]));

        has_some = has_some || cell.n > 0;
        if (i < layout->n && layout->of[i] != BULK_COLUMNS)
            r->cells[layout->of[i]] = cell;
        else if (cell.n > 0 && i >= layout->n)
            bulk_add_fault(r->bulk, row->line, SPAN(""),
                           "it has more cells than there are titles; one with a separator in it "
                           "must stand in quotation marks");
    }
    return has_some;
}

static void refuse_row(struct bulk *b, const struct csv_row *row, const struct layout *layout)
{
    struct span column = SPAN("");

    if (row->field < layout->n && layout->of[row->field] != BULK_COLUMNS)
        column = b->titles[layout->of[row->field]];
    bulk_add_fault(b, row->line, column, row->error);
}

static void read_rows(struct bulk *b, struct csv *csv, enum identity_type identity,
                      const struct layout *layout)
{
    size_t room = 0;

    for (;;) {
        struct bulk_reading r = {.bulk = b, .identity = identity};
        struct csv_row row = csv_next(csv, &b->arena);

        r.line = row.line;
        for (int c = 0; c < BULK_COLUMNS; c++)
            r.cells[c] = SPAN("");
        if (row.kind == CSV_END)
            return;
        if (row.kind == CSV_ERROR) {
            refuse_row(b, &row, layout);
            continue;
        }
        if (!take_cells(&r, &row, layout))
            continue;
        if (b->n == BULK_ROWS) {
            bulk_add_fault(b, row.line, SPAN(""), "a file may have 100000 users; split it");
            return;
        }
        r.e = add_row(b, row.line, &room);
        bulk_read_cells(&r);
    }
}

/* ---- user names that are there twice ---- */

static int compare_names(const void *a, const void *b)
{
    const struct bulk_row *one = *(const struct bulk_row *const *)a,
                          *other = *(const struct bulk_row *const *)b;
    struct span x = one->wanted.user_name, y = other->wanted.user_name;
    size_t n = x.n < y.n ? x.n : y.n;

    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)x.p[i], d = (unsigned char)y.p[i];

        c = c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
        d = d >= 'A' && d <= 'Z' ? (unsigned char)(d + 32) : d;
        if (c != d)
            return c < d ? -1 : 1;
    }
    if (x.n != y.n)
        return x.n < y.n ? -1 : 1;
    return one->line < other->line ? -1 : one->line > other->line;
}

/* Whether Amazon Connect would tell names apart by their case is not known: nobody wants to find
 * out by an import. */
static void find_repeated(struct bulk *b)
{
    const struct bulk_row **sorted = mem_new(b->n, sizeof(*sorted));

    for (size_t i = 0; i < b->n; i++)
        sorted[i] = &b->rows[i];
    if (b->n > 1)
        qsort(sorted, b->n, sizeof(*sorted), compare_names);
    for (size_t i = 1; i < b->n; i++) {
        struct span name = sorted[i]->wanted.user_name;
        struct bulk_reading r = {.bulk = b, .line = sorted[i]->line};

        if (name.n > 0 && span_eq_nocase(name, sorted[i - 1]->wanted.user_name))
            bulk_fault(&r, BULK_USER_NAME, "'%s' stands in line %u already", bulk_shown(b, name),
                       sorted[i - 1]->line);
    }
    free(sorted);
}

void bulk_read(struct span text, enum identity_type identity, struct bulk *out)
{
    struct layout layout;
    struct csv_row titles;
    struct csv csv;

    *out = (struct bulk){.n = 0};
    if (span_starts(text, SPAN("\xff\xfe")) || span_starts(text, SPAN("\xfe\xff"))) {
        bulk_add_fault(out, 1, SPAN(""), "the file is UTF-16; save it as 'CSV UTF-8'");
        return;
    }
    csv_init(&csv, text);
    titles = csv_next(&csv, &out->arena);
    if (titles.kind != CSV_ROW) {
        bulk_add_fault(out, titles.line, SPAN(""),
                       titles.kind == CSV_END ? "the file is empty" : titles.error);
        return;
    }
    read_titles(out, &titles, &layout);
    read_rows(out, &csv, identity, &layout);
    find_repeated(out);
    if (out->n == 0 && out->n_faults == 0)
        bulk_add_fault(out, titles.line, SPAN(""), "there is no user in the file");
    bulk_sort_faults(out);
}

void bulk_done(struct bulk *b)
{
    arena_done(&b->arena);
    *b = (struct bulk){.n = 0};
}
