/* jansson because it alone of the packaged libraries refused every document that RFC 8259 forbids;
 * its price, speed, is paid only for answers of services. */
#include "text/json_tree.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

/* jansson has macros of these two names. */
#undef json_is_object
#undef json_is_array

static struct json *part_of(json_t *node)
{
    return (struct json *)node;
}

/* jansson counts references in nodes, so that some of its readers take them without const. */
static json_t *node_of(const struct json *part)
{
    union {
        const struct json *part;
        json_t *node;
    } both = {part};

    return both.node;
}

enum err json_parse(struct span text, struct json **out, struct fail *fail)
{
    size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY;
    json_error_t error = {0};
    json_t *root;

    /* jansson 2.14 passes over a NUL behind a number. */
    if (span_find(text, '\0') < text.n)
        return fail_set(fail, ERR_INPUT, "no JSON: there is a NUL byte in it");
    root = json_loadb(text.p == NULL ? "" : text.p, text.n, flags, &error);

    /* RFC 8259 6 allows integers of any size; one that nobody asks for must not cost the whole
     * answer. */
    if (root == NULL && json_error_code(&error) == json_error_numeric_overflow)
        root = json_loadb(text.p, text.n, flags | JSON_DECODE_INT_AS_REAL, &error);
    if (root == NULL) {
        /* What stands near the offence may be a credential. */
        char *near = strstr(error.text, " near ");

        return fail_set(
            fail, ERR_INPUT, "no JSON: line %d, column %d: %.*s", error.line, error.column,
            (int)(near == NULL ? strlen(error.text) : (size_t)(near - error.text)), error.text);
    }
    *out = part_of(root);
    return ERR_NONE;
}

void json_free(struct json *root)
{
    json_decref((json_t *)root);
}

const struct json *json_get(const struct json *part, const char *path)
{
    json_t *node = node_of(part);
    struct span rest = span_of(path), key;

    if (rest.n > 0)
        while (node != NULL && span_split(&rest, '.', &key))
            node = json_object_getn(node, key.p, key.n);
    return node == NULL || json_is_null(node) ? NULL : part_of(node);
}

struct span json_str(const struct json *part, const char *path)
{
    json_t *node = node_of(json_get(part, path));

    return (struct span){json_string_value(node), json_string_length(node)};
}

int64_t json_int(const struct json *part, const char *path, int64_t otherwise)
{
    json_t *node = node_of(json_get(part, path));

    if (json_is_integer(node))
        return json_integer_value(node);
    /* A cast of a real outside the range would be undefined. */
    if (json_is_real(node) && fabs(json_real_value(node)) < 9.2e18)
        return (int64_t)json_real_value(node);
    return otherwise;
}

double json_double(const struct json *part, const char *path, double otherwise)
{
    json_t *node = node_of(json_get(part, path));

    return json_is_number(node) ? json_number_value(node) : otherwise;
}

bool json_bool(const struct json *part, const char *path, bool otherwise)
{
    json_t *node = node_of(json_get(part, path));

    return json_is_boolean(node) ? json_is_true(node) : otherwise;
}

size_t json_count(const struct json *part, const char *path)
{
    return json_array_size(node_of(json_get(part, path)));
}

const struct json *json_item(const struct json *part, const char *path, size_t i)
{
    return part_of(json_array_get(node_of(json_get(part, path)), i));
}

bool json_each(const struct json *object, void **state, const char **key, const struct json **value)
{
    json_t *node = node_of(object);
    void *next = *state == NULL ? json_object_iter(node) : json_object_iter_next(node, *state);

    if (next == NULL)
        return false;
    *state = next;
    *key = json_object_iter_key(next);
    *value = part_of(json_object_iter_value(next));
    return true;
}

bool json_is_object(const struct json *part)
{
    return part != NULL && json_typeof(node_of(part)) == JSON_OBJECT;
}

bool json_is_array(const struct json *part)
{
    return part != NULL && json_typeof(node_of(part)) == JSON_ARRAY;
}
