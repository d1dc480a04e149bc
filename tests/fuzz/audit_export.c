/* floor: cmd — any words in a row of the audit log: its export is one line of JSON, and one row of
 * comma separated values with as many fields as there are titles. Words are parted by NUL. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cmd/audit_print.h"
#include "text/csv.h"
#include "text/json.h"

enum { LINE_LIMIT = 64 * 1024 * 1024, DEPTH = 32 };

static size_t fields_of(const struct buf *text, struct arena *a, bool *is_formula)
{
    struct csv csv;
    struct csv_row row;
    size_t n;

    csv_init(&csv, buf_span(text));
    row = csv_next(&csv, a);
    assert(row.kind == CSV_ROW);
    n = row.n;
    for (size_t i = 0; i < n; i++)
        /* A number and a phone number may begin with a sign. */
        if (row.fields[i].n > 0 && strchr("=@", row.fields[i].p[0]) != NULL)
            *is_formula = true;
    assert(csv_next(&csv, a).kind == CSV_END);
    return n;
}

static void check(const struct audit_row *row)
{
    struct buf line, titles, fields;
    struct arena a = {0};
    struct json_value value;
    bool is_formula = false;
    size_t n;

    buf_init(&line, LINE_LIMIT);
    buf_init(&titles, LINE_LIMIT);
    buf_init(&fields, LINE_LIMIT);
    audit_print_json(&line, row);
    assert(!line.full && span_find(buf_span(&line), '\n') == line.n);
    assert(json_scan(buf_span(&line), DEPTH, &value, NULL) == ERR_NONE);
    audit_print_csv_titles(&titles);
    n = fields_of(&titles, &a, &is_formula);
    audit_print_csv(&fields, row);
    assert(fields_of(&fields, &a, &is_formula) == n);
    assert(!is_formula);
    arena_done(&a);
    buf_done(&fields);
    buf_done(&titles);
    buf_done(&line);
}

/* Our own reader refuses control characters, which a quoted field may have. */
static bool can_be_read(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if ((c < ' ' && c != '\0' && c != '\t' && c != '\r' && c != '\n') || c == 0x7f)
            return false;
    }
    return utf8_is_valid(text) && text.n <= CSV_FIELD_SIZE;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct audit_row row = {.id = 1, .at_ms = 1777881601000, .step = 7, .status = 200};
    struct span *const words[] = {&row.user,      &row.text,       &row.before,  &row.after,
                                  &row.cause,     &row.code,       &row.user_id, &row.actor,
                                  &row.operation, &row.request_id, &row.detail,  &row.outcome,
                                  &row.kind,      &row.source,     &row.instance};
    struct span rest = span_n(data, size);

    if (!can_be_read(rest))
        return 0;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!span_split(&rest, '\0', words[i]))
            *words[i] = SPAN("");
    }
    row.is_redacted = row.user.n == 0;
    check(&row);
    return 0;
}
