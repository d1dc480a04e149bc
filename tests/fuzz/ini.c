/* floor: text — any bytes as a configuration: read to the end, every item within the text. */
#include <assert.h>

#include "base/utf8.h"
#include "text/ini.h"

static void check_within(struct span whole, struct span part)
{
    assert(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
    assert(utf8_is_valid(part));
}

static void check_pair(struct arena *a, struct span whole, const struct ini_item *item)
{
    struct span value, rest = item->value, element;
    bool is_bad = false, is_value = ini_value(a, item->value, &value);
    size_t n = 0;

    check_within(whole, item->key);
    check_within(whole, item->value);
    assert(item->key.n > 0 && item->section.p != NULL);
    if (is_value)
        assert(utf8_is_valid(value) && value.n <= item->value.n);
    while (ini_list_next(a, &rest, &element, &is_bad))
        n++;
    assert(n > 0 && n <= item->value.n + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span whole = span_n(data, size);
    struct ini_item item;
    struct arena a = {0};
    struct ini ini;
    unsigned line = 0;

    ini_init(&ini, whole);
    for (item = ini_next(&ini); item.kind != INI_END; item = ini_next(&ini)) {
        assert(item.line > line);
        line = item.line;
        check_within(whole, item.section.n == 0 ? (struct span){0} : item.section);
        if (item.kind == INI_PAIR)
            check_pair(&a, whole, &item);
        else
            assert((item.kind == INI_ERROR) == (item.error != NULL));
    }
    assert(ini_next(&ini).kind == INI_END);
    arena_done(&a);
    return 0;
}
