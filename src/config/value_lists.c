#include "text/closest.h"
#include "config/mistakes.h"
#include "config/values.h"
#include "text/ini.h"

enum { LIMITS_MAX = 64 }; /* there are fewer operations */

/* The operations of Amazon Connect that may get a ceiling of their own: a mistyped one would have
 * no effect and nobody would see it. */
static const char *const operations[] = {
    "AssociateUserProficiencies",
    "CreateUser",
    "DeleteQuickConnect",
    "DeleteUser",
    "DescribeInstance",
    "DescribeInstanceAttribute",
    "DescribePredefinedAttribute",
    "DescribeQuickConnect",
    "DescribeRoutingProfile",
    "DescribeSecurityProfile",
    "DescribeUser",
    "DescribeUserHierarchyGroup",
    "DescribeUserHierarchyStructure",
    "DisassociateUserProficiencies",
    "GetCurrentUserData",
    "ListAgentStatuses",
    "ListInstanceAttributes",
    "ListInstances",
    "ListPredefinedAttributes",
    "ListQuickConnects",
    "ListRoutingProfiles",
    "ListSecurityProfiles",
    "ListTagsForResource",
    "ListUserHierarchyGroups",
    "ListUserProficiencies",
    "ListUsers",
    "PutUserStatus",
    "SearchPredefinedAttributes",
    "SearchResourceTags",
    "SearchRoutingProfiles",
    "SearchSecurityProfiles",
    "SearchUserHierarchyGroups",
    "SearchUsers",
    "TagResource",
    "UntagResource",
    "UpdateUserConfig",
    "UpdateUserHierarchy",
    "UpdateUserIdentityInfo",
    "UpdateUserPhoneConfig",
    "UpdateUserProficiencies",
    "UpdateUserRoutingProfile",
    "UpdateUserSecurityProfiles",
};
enum { N_OPERATIONS = sizeof(operations) / sizeof(operations[0]) };

static enum err bad_quotes(struct fail *fail)
{
    return fail_set(fail, ERR_INPUT, "its quotes are not closed, or stand in the middle");
}

enum err value_ids(struct arena *a, struct span raw, struct span out[ENTITLEMENT_SECURITY_PROFILES],
                   size_t *out_n, struct fail *fail)
{
    struct span found[ENTITLEMENT_SECURITY_PROFILES], rest = raw, element;
    bool is_bad = false;
    char buffer[SHOWN_SIZE];
    size_t n = 0;

    while (ini_list_next(a, &rest, &element, &is_bad)) {
        enum err err = is_bad ? bad_quotes(fail) : value_id(element, fail);

        if (err != ERR_NONE)
            return err;
        if (n == ENTITLEMENT_SECURITY_PROFILES)
            return fail_set(fail, ERR_INPUT, "there are more than %d",
                            ENTITLEMENT_SECURITY_PROFILES);
        for (size_t i = 0; i < n; i++)
            if (span_eq(found[i], element))
                return fail_set(fail, ERR_INPUT, "'%s' is there twice", shown(element, buffer));
        found[n++] = element;
    }
    for (size_t i = 0; i < n; i++)
        out[i] = arena_span(a, found[i]);
    *out_n = n;
    return ERR_NONE;
}

static enum err find_operation(struct span name, struct span *out, struct fail *fail)
{
    struct closest closest;
    char buffer[SHOWN_SIZE];

    closest_init(&closest, name);
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        if (span_eq_nocase(name, span_of(operations[i]))) {
            *out = span_of(operations[i]);
            return ERR_NONE;
        }
        (void)closest_offer(&closest, operations[i]);
    }
    if (closest.best == NULL)
        return fail_set(fail, ERR_INPUT, "'%s' is no operation of Amazon Connect that Roster calls",
                        shown(name, buffer));
    return fail_set(fail, ERR_INPUT, "'%s' is no operation of Amazon Connect; did you mean %s?",
                    shown(name, buffer), closest.best);
}

/* "2" or "DescribeUser:10". */
static enum err parse_limit(struct span element, const char *min, const char *max,
                            struct rate_limit *out, struct fail *fail)
{
    size_t colon = span_find(element, ':');
    struct rate_limit limit = {.operation = SPAN("")};
    struct span number = element;
    enum err err = ERR_NONE;

    if (colon < element.n) {
        err = find_operation(span_trim(span_n(element.p, colon)), &limit.operation, fail);
        number = span_trim(span_n(element.p + colon + 1, element.n - colon - 1));
    }
    if (err == ERR_NONE)
        err = value_number_within(number, min, max, &limit.per_second, fail);
    if (err == ERR_NONE)
        *out = limit;
    return err;
}

enum err value_rates(struct arena *a, struct span raw, const char *general, const char *min,
                     const char *max, struct rate_limits *out, struct fail *fail)
{
    struct rate_limit found[LIMITS_MAX], one = {0};
    struct span rest = raw, element;
    bool is_bad = false, has_general = false;
    size_t n = 1;
    enum err err = parse_limit(span_of(general), min, max, &found[0], fail);

    while (err == ERR_NONE && ini_list_next(a, &rest, &element, &is_bad)) {
        err = is_bad ? bad_quotes(fail) : parse_limit(element, min, max, &one, fail);
        if (err != ERR_NONE)
            return err;
        if (one.operation.n == 0 && has_general)
            return fail_set(fail, ERR_INPUT, "there are two numbers without an operation");
        for (size_t i = 1; i < n; i++)
            if (one.operation.n > 0 && span_eq(found[i].operation, one.operation))
                return fail_set(fail, ERR_INPUT, "%.*s is there twice", SPAN_ARG(one.operation));
        if (n == LIMITS_MAX)
            return fail_set(fail, ERR_INPUT, "the list is too long");
        has_general = has_general || one.operation.n == 0;
        found[one.operation.n == 0 ? 0 : n++] = one;
    }
    if (err != ERR_NONE)
        return err;
    *out = (struct rate_limits){arena_new(a, n, sizeof(*out->of)), n};
    for (size_t i = 0; i < n; i++)
        out->of[i] = found[i]; /* the names are static */
    return ERR_NONE;
}

/* "10%" or "20". */
static enum err parse_bound(struct span element, struct guard_bound *bound, struct fail *fail)
{
    bool is_percentage = span_ends(element, SPAN("%"));
    double number;
    char buffer[SHOWN_SIZE];
    enum err err;

    if (!is_percentage && span_find(element, '.') < element.n)
        return fail_set(fail, ERR_INPUT, "'%s' is no count", shown(element, buffer));
    err = value_number_within(is_percentage ? span_trim(span_n(element.p, element.n - 1)) : element,
                              "0", is_percentage ? "100" : "1000000", &number, fail);
    if (err != ERR_NONE)
        return err;
    if (is_percentage ? bound->percent >= 0 : bound->count >= 0)
        return fail_set(fail, ERR_INPUT, "there are two %s",
                        is_percentage ? "percentages" : "counts");
    if (is_percentage)
        bound->percent = number;
    else
        bound->count = (int64_t)number;
    return ERR_NONE;
}

enum err value_bound(struct arena *a, struct span raw, struct guard_bound *out, struct fail *fail)
{
    struct guard_bound bound = {.count = GUARD_UNSET, .percent = GUARD_UNSET};
    struct span rest = raw, element;
    bool is_bad = false, is_none;
    enum err err = ERR_NONE;

    if (!ini_value(a, raw, &element))
        return bad_quotes(fail);
    is_none = element.n == 0 || span_eq_nocase(element, SPAN("none"));
    while (!is_none && err == ERR_NONE && ini_list_next(a, &rest, &element, &is_bad))
        err = is_bad ? bad_quotes(fail) : parse_bound(element, &bound, fail);
    if (err != ERR_NONE)
        return err;
    out->count = bound.count;
    out->percent = bound.percent;
    return ERR_NONE;
}

double rate_limits_for(const struct rate_limits *limits, struct span operation)
{
    for (size_t i = 1; i < limits->n; i++)
        if (span_eq(limits->of[i].operation, operation))
            return limits->of[i].per_second;
    return limits->of[0].per_second;
}
