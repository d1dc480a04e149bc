/* floor: text — any bytes as a service's answer: what is parsed is written again and read back as
 * the same. */
#include <assert.h>

#include "text/json.h"

enum { DEPTH = 100 };

static void write(struct json_out *out, const struct json *part, int depth)
{
    void *state = NULL;
    const char *key;
    const struct json *value;

    if (depth == DEPTH || part == NULL) {
        json_out_null(out);
    } else if (json_is_object(part)) {
        json_out_begin(out, '{');
        while (json_each(part, &state, &key, &value)) {
            json_out_key(out, key);
            write(out, json_get(value, ""), depth + 1);
        }
        json_out_end(out, '}');
    } else if (json_is_array(part)) {
        json_out_begin(out, '[');
        for (size_t i = 0; i < json_count(part, ""); i++)
            write(out, json_get(json_item(part, "", i), ""), depth + 1);
        json_out_end(out, ']');
    } else if (json_str(part, "").p != NULL) {
        json_out_str(out, json_str(part, ""));
    } else if (json_bool(part, "", true) == json_bool(part, "", false)) {
        json_out_bool(out, json_bool(part, "", false));
    } else {
        json_out_int(out, json_int(part, "", 0));
        out->needs_comma = true;
    }
}

static void write_all(struct buf *b, const struct json *root)
{
    struct json_out out = json_out(b);

    write(&out, json_get(root, ""), 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const paths[] = {"", "a", "a.b", "User.IdentityInfo.FirstName", ".", "a..b"};
    struct json *tree = NULL, *again = NULL;
    struct buf once, twice;
    struct fail fail = {0};

    if (json_parse(span_n(data, size), &tree, &fail) != ERR_NONE) {
        assert(fail.err == ERR_INPUT && fail.text[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        (void)json_str(tree, paths[i]);
        (void)json_int(tree, paths[i], 7);
        (void)json_double(tree, paths[i], 7);
        (void)json_item(tree, paths[i], json_count(tree, paths[i]));
    }
    buf_init(&once, size * 64 + 64);
    buf_init(&twice, size * 64 + 64);
    write_all(&once, tree);
    assert(!once.full && json_parse(buf_span(&once), &again, &fail) == ERR_NONE);
    write_all(&twice, again);
    assert(span_eq(buf_span(&once), buf_span(&twice)));
    buf_done(&once);
    buf_done(&twice);
    json_free(tree);
    json_free(again);
    return 0;
}
