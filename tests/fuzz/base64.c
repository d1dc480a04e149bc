/* floor: base — any bytes to Base64 and back, and any text from it. */
#include <assert.h>
#include <stdint.h>

#include "base/base64.h"

static void there_and_back(struct span bytes, void (*add)(struct buf *out, struct span bytes))
{
    struct buf text, back;

    buf_init(&text, bytes.n * 2 + 4);
    buf_init(&back, bytes.n);
    add(&text, bytes);
    assert(!text.full && base64_add_decoded(&back, buf_span(&text)));
    assert(span_eq(buf_span(&back), bytes));
    buf_done(&text);
    buf_done(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_n(data, size);
    struct buf decoded, again;

    there_and_back(bytes, base64_add);
    there_and_back(bytes, base64url_add);
    buf_init(&decoded, size);
    buf_init(&again, size + 4);
    if (base64_add_decoded(&decoded, bytes)) {
        /* Bytes have one text in each alphabet, padding aside: this one begins it. */
        if (span_find(bytes, '-') < size || span_find(bytes, '_') < size)
            base64url_add(&again, buf_span(&decoded));
        else
            base64_add(&again, buf_span(&decoded));
        for (size_t i = 0; i < again.n && i < size; i++)
            assert(again.p[i] == bytes.p[i] || again.p[i] == '=');
    } else {
        assert(decoded.n == 0);
    }
    buf_done(&decoded);
    buf_done(&again);
    return 0;
}
