/* What is hashed: each field with its length before it, so that no two rows give the same bytes.
 * Numbers are 8 bytes, the highest first. The form is released: it is never changed, only followed
 * by another one with a name of its own. */
#include <inttypes.h>

#include "crypt/digest.h"
#include "store/audit_private.h"

enum { NUMBER = 8, ROW_LIMIT = 4 * 1024 * 1024 };

#define FORM_PERSONAL "roster audit personal 1"
#define FORM_ROW "roster audit row 1"

static void add_number(struct buf *out, int64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_add_char(out, (char)((uint64_t)number >> shift & 0xff));
}

static void add_text(struct buf *out, struct span text)
{
    add_number(out, (int64_t)text.n);
    buf_add(out, text);
}

void audit_personal(const struct audit_row *row, uint8_t out[static AUDIT_HASH])
{
    struct buf b;

    buf_init(&b, ROW_LIMIT);
    add_text(&b, SPAN(FORM_PERSONAL));
    add_text(&b, span_n(row->salt, AUDIT_SALT));
    add_text(&b, row->user_id);
    add_text(&b, row->user);
    add_text(&b, row->text);
    add_text(&b, row->before);
    add_text(&b, row->after);
    sha256(buf_span(&b), out);
    buf_done(&b);
}

void audit_chain(const uint8_t before[static AUDIT_HASH], const struct audit_row *row,
                 uint8_t out[static AUDIT_HASH])
{
    struct buf b;

    buf_init(&b, ROW_LIMIT);
    add_text(&b, SPAN(FORM_ROW));
    add_text(&b, span_n(before, AUDIT_HASH));
    add_number(&b, row->id);
    add_number(&b, row->at_ms);
    add_text(&b, row->kind);
    add_text(&b, row->actor);
    add_number(&b, row->step);
    add_text(&b, row->source);
    add_text(&b, row->instance);
    add_text(&b, row->operation);
    add_text(&b, row->cause);
    add_text(&b, row->outcome);
    add_number(&b, row->status);
    add_text(&b, row->code);
    add_text(&b, row->request_id);
    add_text(&b, row->detail);
    add_text(&b, span_n(row->personal, AUDIT_HASH));
    sha256(buf_span(&b), out);
    buf_done(&b);
}

/* ---- ranges ---- */

void audit_add_ranges(struct buf *out, const int64_t *list, size_t n)
{
    for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && list[end] == list[end - 1] + 1)
            end++;
        buf_printf(out, "%s%" PRId64, i == 0 ? "" : ",", list[i]);
        if (end - i > 1)
            buf_printf(out, "-%" PRId64, list[end - 1]);
    }
}

static bool read_number(struct span *text, int64_t *out)
{
    int64_t number = 0;
    size_t n = 0;

    for (; n < text->n && n < 18 && text->p[n] >= '0' && text->p[n] <= '9'; n++)
        number = 10 * number + (text->p[n] - '0');
    *text = (struct span){text->p + n, text->n - n};
    *out = number;
    return n > 0;
}

bool audit_ranges_have(struct span ranges, int64_t id)
{
    struct span part;

    while (span_split(&ranges, ',', &part)) {
        int64_t first, last;

        if (!read_number(&part, &first))
            return false;
        last = first;
        if (part.n > 0 && part.p[0] == '-') {
            part = (struct span){part.p + 1, part.n - 1};
            if (!read_number(&part, &last))
                return false;
        }
        if (id >= first && id <= last)
            return true;
    }
    return false;
}
