#include "model/profile.h"

#include "base/utf8.h"
#include "text/json.h"

#define USER_PREFIX "user."
#define APP_USER_NAME "app.userName"
#define OTHERWISE ":-"

/* ---- attributes ---- */

static bool scalar_text(struct arena *a, struct json_value value, struct span *out)
{
    switch (value.kind) {
    case JSON_STRING:
        return json_text(a, value, out) && out->n > 0;
    case JSON_NUMBER:
    case JSON_TRUE:
    case JSON_FALSE:
        *out = value.text;
        return true;
    default:
        return false;
    }
}

static bool read_object(struct span profile, struct json_value *out)
{
    return profile.n > 0 && profile.n <= PROFILE_LIMIT &&
           json_scan(profile, PROFILE_DEPTH, out, NULL) == ERR_NONE && out->kind == JSON_OBJECT;
}

bool profile_is_readable(struct span profile)
{
    struct json_value root;

    return read_object(profile, &root);
}

void profile_each(struct arena *a, struct span profile, struct span attribute,
                  bool (*fn)(void *arg, struct span value), void *arg)
{
    struct json_value root, value, item;
    struct json_iter it;
    struct span text;

    if (!read_object(profile, &root))
        return;
    value = json_member(root, attribute, NULL);
    if (value.kind != JSON_ARRAY) {
        if (scalar_text(a, value, &text))
            (void)fn(arg, text); /* there is nothing to stop */
        return;
    }
    it = json_iter(value);
    for (int n = 0; n < PROFILE_VALUES && json_next_item(&it, &item); n++)
        if (scalar_text(a, item, &text) && !fn(arg, text))
            return;
}

static bool keep_first(void *arg, struct span value)
{
    *(struct span *)arg = value;
    return false;
}

struct span profile_text(struct arena *a, struct span profile, struct span attribute)
{
    struct span found = {NULL, 0};

    profile_each(a, profile, attribute, keep_first, &found);
    return found;
}

/* ---- templates ---- */

struct part {
    struct span plain; /* before the reference */
    bool has_reference;
    bool is_app_user_name; /* else attribute */
    struct span attribute;
    bool has_otherwise;
    struct span otherwise;
};

static size_t find_text(struct span s, struct span what)
{
    for (size_t i = 0; i + what.n <= s.n; i++)
        if (memcmp(s.p + i, what.p, what.n) == 0)
            return i;
    return s.n;
}

static bool is_attribute_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return name.n > 0;
}

static enum err read_reference(struct span inner, struct part *part, struct fail *fail)
{
    size_t at = find_text(inner, SPAN(OTHERWISE));
    struct span name = {inner.p, at};

    if (at < inner.n) {
        part->has_otherwise = true;
        part->otherwise =
            (struct span){inner.p + at + strlen(OTHERWISE), inner.n - at - strlen(OTHERWISE)};
    }
    part->is_app_user_name = span_eq(name, SPAN(APP_USER_NAME));
    if (part->is_app_user_name)
        return ERR_NONE;
    if (!span_starts(name, SPAN(USER_PREFIX)))
        return fail_set(fail, ERR_INPUT,
                        "'${%.*s}' is no attribute; write ${user.NAME} or ${user.NAME:-otherwise}",
                        SPAN_ARG(inner));
    part->attribute = (struct span){name.p + strlen(USER_PREFIX), name.n - strlen(USER_PREFIX)};
    if (!is_attribute_name(part->attribute))
        return fail_set(fail, ERR_INPUT,
                        "'%.*s' is no name of an attribute: letters, digits, '_' and '-'",
                        SPAN_ARG(part->attribute));
    return ERR_NONE;
}

/* Cuts the next part off *rest; a lone "$$" is a part without reference whose plain text ends with
 * one dollar sign. */
static enum err next_part(struct span *rest, struct part *part, struct fail *fail)
{
    size_t dollar = span_find(*rest, '$'), end;

    *part = (struct part){.plain = {rest->p, dollar}};
    if (dollar == rest->n) {
        *rest = (struct span){rest->p + rest->n, 0};
        return ERR_NONE;
    }
    if (dollar + 1 < rest->n && rest->p[dollar + 1] == '$') {
        part->plain.n = dollar + 1;
        *rest = (struct span){rest->p + dollar + 2, rest->n - dollar - 2};
        return ERR_NONE;
    }
    if (dollar + 1 == rest->n || rest->p[dollar + 1] != '{')
        return fail_set(fail, ERR_INPUT,
                        "a '$' alone; write ${user.NAME} for an attribute, $$ for a dollar sign");
    *rest = (struct span){rest->p + dollar + 2, rest->n - dollar - 2};
    end = span_find(*rest, '}');
    if (end == rest->n)
        return fail_set(fail, ERR_INPUT, "'${%.*s' has no closing '}'", SPAN_ARG(*rest));
    part->has_reference = true;
    if (read_reference((struct span){rest->p, end}, part, fail) != ERR_NONE)
        return ERR_INPUT;
    *rest = (struct span){rest->p + end + 1, rest->n - end - 1};
    return ERR_NONE;
}

enum err template_check(struct span text, bool may_name_app, struct fail *fail)
{
    struct part part;
    enum err err;

    while (text.n > 0) {
        err = next_part(&text, &part, fail);
        if (err != ERR_NONE)
            return err;
        if (part.is_app_user_name && !may_name_app)
            return fail_set(fail, ERR_INPUT, "${" APP_USER_NAME "} can stand in USERNAME only");
    }
    return ERR_NONE;
}

bool template_has_attributes(struct span text)
{
    struct part part;

    while (text.n > 0) {
        if (next_part(&text, &part, NULL) != ERR_NONE)
            return false;
        if (part.has_reference && !part.is_app_user_name)
            return true;
    }
    return false;
}

/* As it may stand in a name: no control characters, no blanks at its ends. */
static struct span clean_value(struct arena *a, struct span value)
{
    struct span cleaned = {NULL, 0};
    struct buf b;

    buf_init(&b, 4 * PROFILE_LIMIT);
    if (value.n > 0 && utf8_add_clean_name(&b, value))
        cleaned = arena_span(a, buf_span(&b));
    buf_done(&b);
    return cleaned;
}

static bool fill_part(struct arena *a, const struct part *part, struct span profile,
                      struct span app_user_name, struct buf *out)
{
    struct span value;

    buf_add(out, part->plain);
    if (!part->has_reference)
        return true;
    value = clean_value(a, part->is_app_user_name ? app_user_name
                                                  : profile_text(a, profile, part->attribute));
    buf_add(out, value.n == 0 && part->has_otherwise ? part->otherwise : value);
    return value.n > 0 || part->has_otherwise;
}

struct span template_fill(struct arena *a, struct span text, struct span profile,
                          struct span app_user_name)
{
    struct span filled = {NULL, 0}, value;
    struct part part;
    struct buf b, nfc;
    bool is_given = true;

    buf_init(&b, PROFILE_LIMIT);
    buf_init(&nfc, 3 * PROFILE_LIMIT);
    while (is_given && text.n > 0)
        is_given = next_part(&text, &part, NULL) == ERR_NONE &&
                   fill_part(a, &part, profile, app_user_name, &b);
    value = span_trim(buf_span(&b));
    if (is_given && !b.full && value.n > 0 && utf8_add_nfc(&nfc, value))
        filled = arena_span(a, buf_span(&nfc));
    buf_done(&nfc);
    buf_done(&b);
    return filled;
}

/* ---- patterns ---- */

/* Both sides in NFC. The classic walk with one point to come back to: linear in memory, at most
 * quadratic in time. */
static bool matches(struct span pattern, struct span value)
{
    size_t p = 0, v = 0, star = SIZE_MAX, from = 0;

    while (v < value.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            from = v;
        } else if (p < pattern.n && pattern.p[p] == value.p[v]) {
            p++;
            v++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            v = ++from;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*')
        p++;
    return p == pattern.n;
}

bool pattern_matches(struct span pattern, struct span value)
{
    struct buf nfc_pattern, nfc_value;
    bool is_match;

    buf_init(&nfc_pattern, 3 * PROFILE_LIMIT);
    buf_init(&nfc_value, 3 * PROFILE_LIMIT);
    is_match = utf8_add_nfc(&nfc_pattern, pattern) && utf8_add_nfc(&nfc_value, value) &&
               matches(buf_span(&nfc_pattern), buf_span(&nfc_value));
    buf_done(&nfc_pattern);
    buf_done(&nfc_value);
    return is_match;
}
