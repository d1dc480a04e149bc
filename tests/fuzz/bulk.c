/* floor: model — any bytes as a table of users: read within bounds; what has no faults is written
 * and read again as it was. */
#include <assert.h>

#include "base/utf8.h"
#include "model/bulk.h"

enum { WRITTEN_LIMIT = 64 * 1024 * 1024 };

static void check(const struct bulk *b)
{
    unsigned line = 0;

    assert(b->n <= BULK_ROWS && b->n_faults <= BULK_FAULTS && b->n_notes <= BULK_COLUMNS);
    for (size_t i = 0; i < b->n_faults; i++) {
        assert(b->faults[i].line >= line && b->faults[i].text[0] != '\0');
        assert(utf8_is_valid(span_of(b->faults[i].text)) && utf8_is_valid(b->faults[i].column));
        line = b->faults[i].line;
    }
    for (size_t i = 0; i < b->n; i++) {
        const struct entitlement *e = &b->rows[i].wanted;

        assert(e->n_security_profile_ids <= ENTITLEMENT_SECURITY_PROFILES);
        assert(e->n_tags < ENTITLEMENT_TAGS);
        assert(e->n_proficiencies <= ENTITLEMENT_PROFICIENCIES || b->n_faults > 0);
    }
}

static void check_again(const struct bulk *b)
{
    struct buf written;
    struct bulk again;

    buf_init(&written, WRITTEN_LIMIT);
    bulk_add_titles(&written, BULK_ROSTER);
    for (size_t i = 0; i < b->n; i++)
        bulk_add_agent(&written, BULK_ROSTER, &b->rows[i].wanted,
                       &(struct bulk_about){SPAN(""), SPAN(""), SPAN("")}, &names_unread);
    assert(!written.full);
    bulk_read(buf_span(&written), IDENTITY_MANAGED, &again);
    assert(again.n == b->n && again.n_faults == 0);
    for (size_t i = 0; i < b->n; i++)
        assert(entitlement_diff(&b->rows[i].wanted, &again.rows[i].wanted) == 0);
    bulk_done(&again);
    buf_done(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bulk b;

    bulk_read(span_n(data, size), IDENTITY_MANAGED, &b);
    check(&b);
    if (b.n_faults == 0)
        check_again(&b);
    bulk_resolve(&b, &names_unread);
    check(&b);
    bulk_done(&b);
    return 0;
}
