/* floor: text — any bytes as an instant or a duration; what is read is written and read again as
 * the same. */
#include <assert.h>

#include "text/time.h"

static void check_instant(int64_t ms)
{
    struct buf b;
    int64_t ns = -1;

    buf_init(&b, 100);
    time_add_ms(&b, ms);
    assert(time_parse(buf_span(&b), &ns) && ns == ms * 1000000);
    buf_clear(&b);
    time_add_basic(&b, ms);
    assert(b.n == 16);
    buf_done(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_n(data, size);
    int64_t value = -1;
    struct buf b;

    /* An offset may lead into the next year, which is not read again. */
    if (time_parse(text, &value) && value < 7289654400000000000)
        check_instant(value / 1000000);
    value = -1;
    if (time_parse_http(text, &value))
        check_instant(value);
    value = -1;
    if (time_parse_duration(text, &value)) {
        assert(value >= 0 && value <= (int64_t)3653 * 86400 * 1000);
        buf_init(&b, 100);
        time_add_duration(&b, value);
        assert(b.n > 0 && !b.full);
        buf_done(&b);
    }
    if (size >= sizeof(value)) {
        memcpy(&value, data, sizeof(value));
        buf_init(&b, 200);
        time_add_ms(&b, value);
        time_add_basic(&b, value);
        time_add_duration(&b, value);
        assert(!b.full);
        buf_done(&b);
    }
    return 0;
}
