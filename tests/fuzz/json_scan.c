/* floor: text — any bytes as JSON: scanned and walked to the last value; what jansson takes is
 * taken, too. */
#include <assert.h>

#include "base/utf8.h"
#include "text/json.h"

enum { DEPTH = 64 };

static void walk(struct arena *a, struct json_value value)
{
    struct json_iter it = json_iter(value);
    struct json_value inner;
    struct span key, text;

    assert(value.kind != JSON_NONE && value.text.n > 0);
    if (json_text(a, value, &text))
        assert(value.kind == JSON_STRING && utf8_is_valid(text) && span_find(text, '\0') == text.n);
    if (value.kind == JSON_OBJECT)
        while (json_next_member(&it, &key, &inner)) {
            bool is_repeated;

            assert(json_member(value, key, &is_repeated).text.p != NULL);
            walk(a, inner);
        }
    else if (value.kind == JSON_ARRAY)
        while (json_next_item(&it, &inner))
            walk(a, inner);
    else
        assert(!json_next_item(&it, &inner) && !json_next_member(&it, &key, &inner));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span bytes = span_n(data, size);
    struct json_value root = {0};
    struct json *tree = NULL;
    struct arena a = {0};
    struct fail fail = {0};

    if (json_scan(bytes, DEPTH, &root, &fail) == ERR_NONE && size <= 4096)
        walk(&a, root);
    arena_done(&a);
    /* Shorter than jansson may nest, so that depth is no reason to differ. */
    if (size < JSON_DEPTH_MAX && json_parse(bytes, &tree, NULL) == ERR_NONE)
        assert(json_scan(bytes, JSON_DEPTH_MAX, &root, &fail) == ERR_NONE);
    json_free(tree);
    return 0;
}
