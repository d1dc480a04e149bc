/* Comma separated values: RFC 4180, and what spreadsheets make of it. The reader takes a UTF-8 BOM;
 * CRLF, LF or CR as line ends; a comma, a semicolon or a tab as separator, whichever the first line
 * has most of outside quotes, or what a first line "sep=;" says; quoted fields with line ends and
 * doubled quotes in them; a quote within a field that does not begin with one stands for itself.
 * Lines without anything are passed over. Pure and thread-safe.
 * https://www.rfc-editor.org/rfc/rfc4180 */
#ifndef ROSTER_TEXT_CSV_H
#define ROSTER_TEXT_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"

enum {
    CSV_SIZE_LIMIT = 64 * 1024 * 1024, /* of a text: not held here, who reads a file does */
    CSV_FIELDS = 256,                  /* of a row */
    CSV_FIELD_SIZE = 32 * 1024,        /* bytes of a field: as much as a spreadsheet's cell has */
};

enum csv_kind { CSV_END, CSV_ROW, CSV_ERROR };

struct csv_row {
    enum csv_kind kind;
    unsigned line;             /* where it begins, from 1 */
    const struct span *fields; /* CSV_ROW; parts of the text, or in the arena */
    size_t n;
    size_t field;      /* CSV_ERROR: in which field, from 0 */
    const char *error; /* CSV_ERROR: a static text */
};

struct csv {
    struct span rest;
    char separator; /* may be read and set after csv_init */
    unsigned line;  /* of what comes next */
};

/* text must live as long as the rows; it may be anything. */
void csv_init(struct csv *csv, struct span text);
/* The next row; CSV_END at the end, again and again. After CSV_ERROR it goes on with the next line.
 * Fields are valid UTF-8 without control characters but tab, CR and LF. */
struct csv_row csv_next(struct csv *csv, struct arena *a);

/* Appends a row to out, with CRLF: fields are quoted when they must be. has_formulas = false puts
 * an apostrophe before what a spreadsheet would take for a formula (it begins with = + - @, tab or
 * CR, and is neither a number nor a phone number), and before an apostrophe that stands before
 * such. https://owasp.org/www-community/attacks/CSV_Injection */
void csv_add_row(struct buf *out, char separator, const struct span *fields, size_t n,
                 bool has_formulas);
/* Without the apostrophe that csv_add_row has put. */
struct span csv_plain(struct span field);

#endif
