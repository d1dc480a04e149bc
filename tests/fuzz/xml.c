/* floor: text — any bytes as an answer of AWS STS. */
#include <assert.h>

#include "base/utf8.h"
#include "text/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"Credentials/AccessKeyId", "Code", "a"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct arena a = {0};
        struct fail fail = {0};
        struct span text = {0};
        enum err err = xml_text(&a, span_n(data, size), paths[i], &text, &fail);

        if (err == ERR_NONE)
            assert(text.p != NULL && utf8_is_valid(text) && text.n <= size * 2);
        else
            assert((err == ERR_INPUT || err == ERR_NOT_FOUND) && fail.text[0] != '\0');
        arena_done(&a);
    }
    return 0;
}
