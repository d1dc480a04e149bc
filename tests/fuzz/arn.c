/* floor: text — any bytes as an ARN: its parts make it up again. */
#include <assert.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/arn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_n(data, size);
    struct fail fail = {0};
    struct arn arn;
    struct buf b;

    if (arn_parse(text, &arn, &fail) != ERR_NONE) {
        assert(fail.text[0] != '\0');
        return 0;
    }
    buf_init(&b, size);
    buf_add_str(&b, "arn");
    for (const struct span *part = &arn.partition; part <= &arn.resource; part++) {
        buf_add_char(&b, ':');
        buf_add(&b, *part);
    }
    assert(!b.full && span_eq(buf_span(&b), text));
    buf_done(&b);
    return 0;
}
