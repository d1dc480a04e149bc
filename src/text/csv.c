#include "text/csv.h"

#include <string.h>

#include "base/utf8.h"

#define BOM "\xef\xbb\xbf"

/* ---- reading ---- */

static void advance(struct span *s, size_t n)
{
    s->p += n;
    s->n -= n;
}

/* The length of the line end that s begins with, 0 when it does not. */
static size_t line_end(struct span s)
{
    if (s.n >= 2 && s.p[0] == '\r' && s.p[1] == '\n')
        return 2;
    return s.n >= 1 && (s.p[0] == '\r' || s.p[0] == '\n') ? 1 : 0;
}

static char find_separator(struct span text)
{
    static const char separators[] = ",;\t"; /* of equally many the first */
    size_t counts[sizeof(separators)] = {0}, best = 0;
    bool is_quoted = false;

    for (size_t i = 0; i < text.n && (is_quoted || (text.p[i] != '\n' && text.p[i] != '\r')); i++) {
        const char *found = text.p[i] == '\0' ? NULL : strchr(separators, text.p[i]);

        if (text.p[i] == '"')
            is_quoted = !is_quoted;
        else if (!is_quoted && found != NULL)
            counts[found - separators]++;
    }
    for (size_t i = 1; i < sizeof(separators) - 1; i++)
        best = counts[i] > counts[best] ? i : best;
    return separators[best];
}

/* "sep=;": some spreadsheets write it, and all read it. */
static bool read_separator_line(struct csv *csv)
{
    struct span rest = csv->rest;
    char separator;

    if (rest.n < 5 || !span_eq_nocase((struct span){rest.p, 4}, SPAN("sep=")))
        return false;
    separator = rest.p[4];
    if (separator != ',' && separator != ';' && separator != '\t' && separator != '|')
        return false;
    advance(&rest, 5);
    if (rest.n > 0 && line_end(rest) == 0)
        return false;
    advance(&rest, line_end(rest));
    csv->rest = rest;
    csv->separator = separator;
    csv->line = 2;
    return true;
}

void csv_init(struct csv *csv, struct span text)
{
    if (span_starts(text, SPAN(BOM)))
        advance(&text, 3);
    *csv = (struct csv){.rest = text, .line = 1};
    if (!read_separator_line(csv))
        csv->separator = find_separator(text);
}

/* A row while it is read. */
struct reading {
    struct csv *csv;
    struct arena *arena;
    struct span *fields;
    size_t n, room;
    const char *error;
    size_t error_field;
};

static void go_wrong(struct reading *r, const char *error)
{
    if (r->error != NULL)
        return;
    r->error = error;
    r->error_field = r->n;
}

static void take_field(struct reading *r, struct span field)
{
    if (field.n > CSV_FIELD_SIZE) {
        go_wrong(r, "it is longer than 32 KiB");
        field.n = 0;
    }
    if (!utf8_is_valid(field))
        go_wrong(r, "it is no UTF-8; save the file as 'CSV UTF-8'");
    for (size_t i = 0; i < field.n; i++)
        if (((unsigned char)field.p[i] < 0x20 && strchr("\t\r\n", field.p[i]) == NULL) ||
            field.p[i] == '\0' || field.p[i] == 0x7f)
            go_wrong(r, "it has a control character");
    if (r->n == CSV_FIELDS) {
        go_wrong(r, "the row has more than 256 fields");
        return;
    }
    if (r->n == r->room) {
        struct span *larger = arena_new(r->arena, r->room == 0 ? 16 : 2 * r->room, sizeof(*larger));

        if (r->n > 0)
            memcpy(larger, r->fields, r->n * sizeof(*larger));
        r->fields = larger;
        r->room = r->room == 0 ? 16 : 2 * r->room;
    }
    r->fields[r->n++] = field;
}

static struct span read_plain(struct csv *csv)
{
    struct span field = {csv->rest.p, 0};

    while (field.n < csv->rest.n && csv->rest.p[field.n] != csv->separator &&
           csv->rest.p[field.n] != '\r' && csv->rest.p[field.n] != '\n')
        field.n++;
    advance(&csv->rest, field.n);
    return field;
}

/* Doubled quotes made single ones, in place of a copy. */
static struct span halve_quotes(struct arena *a, struct span text)
{
    char *copy = arena_dup(a, text);
    size_t n = 0;

    for (size_t i = 0; i < text.n; i++) {
        copy[n++] = text.p[i];
        if (text.p[i] == '"')
            i++;
    }
    return (struct span){copy, n};
}

/* Behind the first quote, to behind the last one. */
static struct span read_quoted(struct reading *r)
{
    struct csv *csv = r->csv;
    struct span field = {csv->rest.p + 1, 0};
    bool has_doubled = false;
    size_t i = 1;

    for (; i < csv->rest.n; i++) {
        if (csv->rest.p[i] == '"') {
            if (i + 1 == csv->rest.n || csv->rest.p[i + 1] != '"')
                break;
            has_doubled = true;
            i++;
        } else if (csv->rest.p[i] == '\n' ||
                   (csv->rest.p[i] == '\r' &&
                    (i + 1 == csv->rest.n || csv->rest.p[i + 1] != '\n'))) {
            csv->line++;
        }
    }
    field.n = i - 1;
    if (i == csv->rest.n) {
        go_wrong(r, "its quotation mark is not closed before the end of the file");
        advance(&csv->rest, i);
        return (struct span){field.p, 0};
    }
    advance(&csv->rest, i + 1);
    if (csv->rest.n > 0 && csv->rest.p[0] != csv->separator && line_end(csv->rest) == 0) {
        go_wrong(r, "text stands behind the closing quotation mark; one within a field is doubled");
        (void)read_plain(csv);
    }
    return has_doubled && field.n <= 2 * (size_t)CSV_FIELD_SIZE ? halve_quotes(r->arena, field)
                                                                : field;
}

static struct csv_row read_row(struct csv *csv, struct arena *a, bool *is_nothing)
{
    struct reading r = {.csv = csv, .arena = a};
    struct csv_row row = {.kind = CSV_ROW, .line = csv->line};
    bool has_quotes = false;

    for (;;) {
        has_quotes = has_quotes || (csv->rest.n > 0 && csv->rest.p[0] == '"');
        take_field(&r,
                   csv->rest.n > 0 && csv->rest.p[0] == '"' ? read_quoted(&r) : read_plain(csv));
        if (csv->rest.n == 0 || csv->rest.p[0] != csv->separator)
            break;
        advance(&csv->rest, 1);
    }
    if (csv->rest.n > 0) {
        advance(&csv->rest, line_end(csv->rest));
        csv->line++;
    }
    *is_nothing = r.error == NULL && r.n == 1 && !has_quotes && span_trim(r.fields[0]).n == 0;
    row.fields = r.fields;
    row.n = r.n;
    if (r.error != NULL)
        row = (struct csv_row){
            .kind = CSV_ERROR, .line = row.line, .field = r.error_field, .error = r.error};
    return row;
}

struct csv_row csv_next(struct csv *csv, struct arena *a)
{
    while (csv->rest.n > 0) {
        bool is_nothing;
        struct csv_row row = read_row(csv, a, &is_nothing);

        if (!is_nothing)
            return row;
    }
    return (struct csv_row){.kind = CSV_END, .line = csv->line};
}

/* ---- writing ---- */

static bool is_number(struct span field)
{
    size_t i = field.n > 0 && (field.p[0] == '+' || field.p[0] == '-') ? 1 : 0;

    if (i == field.n)
        return false;
    for (; i < field.n; i++)
        if ((field.p[i] < '0' || field.p[i] > '9') && field.p[i] != '.')
            return false;
    return true;
}

static bool is_formula(struct span field)
{
    return field.n > 0 && field.p[0] != '\0' && strchr("=+-@\t\r", field.p[0]) != NULL &&
           !is_number(field);
}

struct span csv_plain(struct span field)
{
    struct span rest = field;

    while (rest.n > 0 && rest.p[0] == '\'')
        advance(&rest, 1);
    if (rest.n < field.n && is_formula(rest))
        advance(&field, 1);
    return field;
}

static bool needs_apostrophe(struct span field)
{
    while (field.n > 0 && field.p[0] == '\'')
        advance(&field, 1);
    return is_formula(field);
}

/* Also for what is a separator elsewhere, so that whoever counts them in the first line finds the
 * right one, and for what means something at the beginning of a file. */
static bool needs_quotes(struct span field)
{
    if (field.n == 0)
        return false;
    for (size_t i = 0; i < field.n; i++)
        if (field.p[i] != '\0' && strchr(",;\t\"\r\n", field.p[i]) != NULL)
            return true;
    /* Outer blanks are lost on the way through some programs. */
    return field.p[0] == ' ' || field.p[field.n - 1] == ' ' || span_starts(field, SPAN(BOM)) ||
           (field.n >= 4 && span_eq_nocase((struct span){field.p, 4}, SPAN("sep=")));
}

static void add_quoted(struct buf *out, struct span field)
{
    for (size_t i = 0; i < field.n; i++) {
        buf_add_char(out, field.p[i]);
        if (field.p[i] == '"')
            buf_add_char(out, '"');
    }
}

static void add_field(struct buf *out, struct span field, bool is_quoted, bool has_formulas)
{
    buf_add_str(out, is_quoted ? "\"" : "");
    buf_add_str(out, !has_formulas && needs_apostrophe(field) ? "'" : "");
    if (is_quoted)
        add_quoted(out, field);
    else
        buf_add(out, field);
    buf_add_str(out, is_quoted ? "\"" : "");
}

void csv_add_row(struct buf *out, char separator, const struct span *fields, size_t n,
                 bool has_formulas)
{
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(out, separator);
        /* A row of one empty field must not look like a line without anything. */
        add_field(out, fields[i],
                  needs_quotes(fields[i]) || (n == 1 && span_trim(fields[i]).n == 0), has_formulas);
    }
    buf_add_str(out, "\r\n");
}
