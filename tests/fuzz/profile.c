/* floor: model; a profile, an attribute's name, a template and a pattern, a line each (the profile
 * is what is left). */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "model/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

struct values {
    struct span pattern;
    size_t n;
};

static bool take_value(void *arg, struct span value)
{
    struct values *values = arg;

    must(value.n > 0 && value.p != NULL && utf8_is_valid(value));
    must(pattern_matches(SPAN("*"), value));
    if (span_find(value, '*') == value.n)
        must(pattern_matches(value, value));
    if (pattern_matches(values->pattern, value))
        must(utf8_is_valid(values->pattern));
    return ++values->n < PROFILE_VALUES;
}

static void fill(struct arena *a, struct span text, struct span profile)
{
    bool is_good = template_check(text, true, NULL) == ERR_NONE;
    struct span filled = template_fill(a, text, profile, SPAN("ann"));

    must(is_good || filled.p == NULL);
    if (template_has_attributes(text))
        must(span_find(text, '$') < text.n);
    else if (is_good)
        must(span_eq(filled, template_fill(a, text, SPAN(""), SPAN("ann"))));
    if (filled.p != NULL)
        must(filled.n > 0 && utf8_is_valid(filled) && span_eq(span_trim(filled), filled));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest = span_n(data, size), attribute, text, pattern;
    struct values values = {0};
    struct arena a = {0};
    struct span first;

    if (!span_split(&rest, '\n', &attribute) || !span_split(&rest, '\n', &text) ||
        !span_split(&rest, '\n', &pattern) || rest.p == NULL)
        return 0;
    values.pattern = pattern;
    profile_each(&a, rest, attribute, take_value, &values);
    must(values.n == 0 || profile_is_readable(rest));
    first = profile_text(&a, rest, attribute);
    must((first.p != NULL) == (values.n > 0));
    fill(&a, text, rest);
    (void)pattern_matches(pattern, attribute); /* whatever comes out */
    arena_done(&a);
    return 0;
}
