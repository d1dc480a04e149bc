/* floor: text — any bytes as a URL, a query and something to encode. */
#include <assert.h>
#include <stdint.h>

#include "text/url.h"

static void check_parsed(struct span text)
{
    struct fail fail = {0};
    struct url u;

    if (url_parse(text, &u, &fail) != ERR_NONE) {
        assert(fail.text[0] != '\0');
        return;
    }
    assert(u.host.n > 0 && u.port > 0 && u.port <= 65535);
    assert(u.path.n == 0 || u.path.p[0] == '/');
    assert(u.path.n + u.query.n < text.n);
    (void)url_is_loopback(&u);
    (void)url_query_get(u.query, SPAN("a"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_n(data, size), value;
    struct buf encoded, decoded;

    check_parsed(bytes);
    value = url_query_get(bytes, SPAN("a"));
    assert(value.p == NULL || value.n <= size);
    buf_init(&encoded, size * 3);
    buf_init(&decoded, size * 3);
    (void)url_add_decoded(&decoded, bytes);
    buf_clear(&decoded);
    url_add_encoded(&encoded, bytes);
    assert(!encoded.full);
    assert(url_add_decoded(&decoded, buf_span(&encoded)) == (span_find(bytes, '\0') == size));
    assert(span_find(bytes, '\0') < size || span_eq(buf_span(&decoded), bytes));
    buf_done(&encoded);
    buf_done(&decoded);
    return 0;
}
