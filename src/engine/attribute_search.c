#include "engine/attribute_search.h"

#include "base/buf.h"

enum { EXPRESSION_LIMIT = 4096 };

static bool is_by_attribute(const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_tests; i++)
        if ((rule->tests[i].kind == TEST_ATTRIBUTE) == rule->is_any)
            return rule->is_any;
    return rule->n_tests > 0 && !rule->is_any;
}

static void add_quoted(struct buf *out, struct span text)
{
    buf_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '"' || text.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, text.p[i]);
    }
    buf_add_char(out, '"');
}

/* 'profile.department sw "Claims"' for "Claims*". */
static struct span search_of(struct arena *a, struct span attribute, struct span pattern)
{
    size_t star = span_find(pattern, '*');
    struct span text;
    struct buf out;

    buf_init(&out, EXPRESSION_LIMIT);
    buf_printf(&out, "profile.%.*s ", SPAN_ARG(attribute));
    if (star == 0) {
        buf_add_str(&out, "pr");
    } else {
        buf_add_str(&out, star == pattern.n ? "eq " : "sw ");
        add_quoted(&out, (struct span){pattern.p, star});
    }
    text = arena_span(a, buf_span(&out));
    buf_done(&out);
    return text;
}

/* Of a rule that one test is enough for, every attribute test; else the first. */
static size_t each_search(const struct rules *rules, struct arena *a, struct span *out)
{
    size_t n = 0;

    for (size_t i = 0; i < rules->n; i++) {
        const struct rule *rule = &rules->rules[i];

        if (!is_by_attribute(rule))
            continue;
        for (size_t j = 0; j < rule->n_tests && (rule->is_any || j == 0); j++)
            for (size_t k = 0; rule->tests[j].kind == TEST_ATTRIBUTE && k < rule->tests[j].n;
                 k++, n++)
                if (out != NULL)
                    out[n] = search_of(a, rule->tests[j].attribute, rule->tests[j].values[k]);
    }
    return n;
}

struct span *attribute_searches(const struct rules *rules, struct arena *a, size_t *n)
{
    struct span *searches = arena_new(a, each_search(rules, a, NULL), sizeof(*searches));

    *n = each_search(rules, a, searches);
    return searches;
}
