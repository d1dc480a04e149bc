/* floor: text — any bytes as comma separated values: read to the end within bounds, and what is
 * written of them is read again as it was. */
#include <assert.h>

#include "base/utf8.h"
#include "text/csv.h"

enum { WRITTEN_LIMIT = 64 * 1024 * 1024, ROWS = 10000 };

static void check_fields(const struct csv_row *row)
{
    assert(row->n > 0 && row->n <= CSV_FIELDS);
    for (size_t i = 0; i < row->n; i++)
        assert(row->fields[i].n <= CSV_FIELD_SIZE && utf8_is_valid(row->fields[i]));
}

static void check_written(const struct buf *written, struct csv_row *rows, size_t n,
                          bool has_formulas)
{
    struct arena a = {0};
    struct csv csv;

    csv_init(&csv, buf_span(written));
    for (size_t i = 0; i < n; i++) {
        struct csv_row row = csv_next(&csv, &a);

        assert(row.kind == CSV_ROW && row.n == rows[i].n);
        for (size_t k = 0; k < row.n; k++)
            assert(span_eq(has_formulas ? row.fields[k] : csv_plain(row.fields[k]),
                           rows[i].fields[k]));
    }
    assert(csv_next(&csv, &a).kind == CSV_END);
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csv_row rows[ROWS];
    struct arena a = {0};
    struct buf plain, guarded;
    struct csv_row row;
    struct csv csv;
    unsigned line = 0;
    size_t n = 0;

    buf_init(&plain, WRITTEN_LIMIT);
    buf_init(&guarded, WRITTEN_LIMIT);
    csv_init(&csv, span_n(data, size));
    for (row = csv_next(&csv, &a); row.kind != CSV_END && n < ROWS; row = csv_next(&csv, &a)) {
        assert(row.line > line);
        line = row.line;
        if (row.kind == CSV_ERROR) {
            assert(row.error != NULL && row.field <= CSV_FIELDS);
            continue;
        }
        check_fields(&row);
        csv_add_row(&plain, ',', row.fields, row.n, true);
        csv_add_row(&guarded, ',', row.fields, row.n, false);
        rows[n++] = row;
    }
    assert(!plain.full && !guarded.full);
    check_written(&plain, rows, n, true);
    check_written(&guarded, rows, n, false);
    buf_done(&plain);
    buf_done(&guarded);
    arena_done(&a);
    return 0;
}
