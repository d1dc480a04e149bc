#include "connect_criteria.h"

#include "base/utf8.h"

enum { DEEPEST = 8, CONTAINS_MIN = 2, CONTAINS_MAX = 25 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

bool criteria_text_fits(const char *value, const char *pattern, const char *type)
{
    struct span text = span_of(value), wanted = span_of(pattern);

    if (strcmp(type, "STARTS_WITH") == 0)
        return text.n >= wanted.n && span_eq_nocase(span_n(text.p, wanted.n), wanted);
    if (strcmp(type, "CONTAINS") != 0)
        return span_eq_nocase(text, wanted);
    for (size_t i = 0; i + wanted.n <= text.n; i++)
        if (span_eq_nocase(span_n(text.p + i, wanted.n), wanted))
            return true;
    return false;
}

static size_t field_of(const struct criteria *c, const char *name)
{
    size_t i = 0;

    while (c->fields[i] != NULL && strcmp(c->fields[i], name) != 0)
        i++;
    return i;
}

static bool check_string(const struct criteria *c, const json_t *condition)
{
    size_t n = utf8_length(span_of(text_of(condition, "Value")));
    const char *field = text_of(condition, "FieldName");

    if (c->fields[field_of(c, field)] == NULL) {
        call_fail(c->call, BAD_PARAMETER, "SearchCriteria: unknown FieldName '%s'", field);
        return false;
    }
    if (json_object_get(condition, "Value") == NULL) {
        call_fail(c->call, BAD_PARAMETER, "SearchCriteria: Value is required");
        return false;
    }
    if (strcmp(text_of(condition, "ComparisonType"), "CONTAINS") == 0 &&
        (n < CONTAINS_MIN || n > CONTAINS_MAX)) {
        call_fail(c->call, BAD_PARAMETER,
                  "SearchCriteria: CONTAINS needs a value of 2 to 25 characters");
        return false;
    }
    return true;
}

static bool check_at(const struct criteria *c, const json_t *criteria, unsigned depth)
{
    static const char *const lists[] = {"OrConditions", "AndConditions"};
    const json_t *condition = json_object_get(criteria, "StringCondition");
    size_t i;
    json_t *item;

    if (depth > DEEPEST) {
        call_fail(c->call, BAD_PARAMETER, "SearchCriteria is nested too deeply");
        return false;
    }
    if (condition != NULL && !check_string(c, condition))
        return false;
    for (size_t k = 0; k < 2; k++) {
        json_array_foreach(json_object_get(criteria, lists[k]), i, item)
        {
            if (!check_at(c, item, depth + 1))
                return false;
        }
    }
    return true;
}

bool criteria_check(const struct criteria *c, const json_t *criteria)
{
    return criteria == NULL || check_at(c, criteria, 0);
}

static bool string_holds(const struct criteria *c, const json_t *condition, const void *thing)
{
    size_t field = field_of(c, text_of(condition, "FieldName"));

    /* A user has several security profiles: text() gives them one by one, each under its own
     * number. */
    for (size_t turn = 0; turn < 16; turn++) {
        const char *value = c->text(c, thing, field + turn * 256);

        if (value == NULL)
            return false;
        if (criteria_text_fits(value, text_of(condition, "Value"),
                               text_of(condition, "ComparisonType")))
            return true;
    }
    return false;
}

bool criteria_hold(const struct criteria *c, const json_t *criteria, const void *thing)
{
    const json_t *text = json_object_get(criteria, "StringCondition");
    const json_t *list = json_object_get(criteria, "ListCondition");
    const json_t *group = json_object_get(criteria, "HierarchyGroupCondition");
    const json_t * or = json_object_get(criteria, "OrConditions");
    size_t i;
    json_t *item;
    bool any = json_array_size(or) == 0;

    if ((text != NULL && !string_holds(c, text, thing)) ||
        (list != NULL && (c->list == NULL || !c->list(c, thing, list))) ||
        (group != NULL && (c->group == NULL || !c->group(c, thing, group))))
        return false;
    json_array_foreach(json_object_get(criteria, "AndConditions"), i, item)
    {
        if (!criteria_hold(c, item, thing))
            return false;
    }
    json_array_foreach(or, i, item)
    {
        any = any || criteria_hold(c, item, thing);
    }
    return any;
}

bool criteria_tag_holds(const json_t *condition, const json_t *tags)
{
    const char *value = json_string_value(json_object_get(tags, text_of(condition, "TagKey")));
    const char *wanted = json_string_value(json_object_get(condition, "TagValue"));

    return value != NULL && (wanted == NULL || strcmp(value, wanted) == 0);
}

static bool tags_all_hold(const json_t *conditions, const json_t *tags)
{
    size_t i;
    json_t *item;

    json_array_foreach(conditions, i, item)
    {
        if (!criteria_tag_holds(item, tags))
            return false;
    }
    return true;
}

bool criteria_tags_hold(const json_t *filter, const json_t *tags)
{
    const json_t *one = json_object_get(filter, "TagCondition");
    const json_t * or = json_object_get(filter, "OrConditions");
    bool any = json_array_size(or) == 0;
    size_t i;
    json_t *item;

    if (one != NULL && !criteria_tag_holds(one, tags))
        return false;
    if (!tags_all_hold(json_object_get(filter, "AndConditions"), tags))
        return false;
    json_array_foreach(or, i, item)
    {
        any = any || tags_all_hold(item, tags);
    }
    return any;
}
