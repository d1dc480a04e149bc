/* floor: model — any bytes as a name: cleaned once is clean, and its parts fit Amazon Connect. */
#include <assert.h>

#include "base/utf8.h"
#include "model/rules.h"

static void check_clean(struct span bytes)
{
    struct buf once, twice;

    buf_init(&once, bytes.n * 4 + 16);
    buf_init(&twice, bytes.n * 4 + 16);
    if (utf8_add_clean_name(&once, bytes)) {
        struct span clean = buf_span(&once);

        assert(utf8_is_valid(bytes) && utf8_is_valid(clean) && utf8_eq_nfc(clean, clean));
        assert(span_trim(clean).n == clean.n && utf8_length(clean) <= clean.n);
        for (size_t i = 0; i < clean.n; i++)
            assert((unsigned char)clean.p[i] >= 0x20 && clean.p[i] != 0x7f &&
                   !(clean.p[i] == ' ' && clean.p[i + 1] == ' '));
        assert(utf8_add_clean_name(&twice, clean) && span_eq(buf_span(&twice), clean));
    } else {
        assert(!utf8_is_valid(bytes) && once.n == 0);
    }
    buf_done(&once);
    buf_done(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_n(data, size), first = {0}, last = {0};
    struct arena a = {0};

    check_clean(bytes);
    if (utf8_is_valid(bytes))
        for (size_t max = 0; max < 4; max++)
            assert(utf8_is_valid(utf8_prefix(bytes, max)) &&
                   utf8_length(utf8_prefix(bytes, max)) <= max);
    if (rules_split_name(&a, bytes, &first, &last)) {
        assert(first.n > 0 && utf8_is_valid(first) && utf8_length(first) <= 255 &&
               span_find(first, ' ') == first.n);
        assert(last.n > 0 && utf8_is_valid(last) && utf8_length(last) <= 300);
    }
    if (rules_user_name_fault(bytes, IDENTITY_SAML) == NULL)
        assert(size >= 2 && size <= 64);
    arena_done(&a);
    return 0;
}
