#include "engine/interest.h"

static bool each_of_test(const struct rule_test *test, const struct names *names,
                         bool (*fn)(void *arg, enum name_kind kind, struct span value,
                                    struct span id),
                         void *arg)
{
    enum name_kind kind = test->kind == TEST_APP ? NAME_OKTA_APP : NAME_OKTA_GROUP;

    for (size_t i = 0; test->kind != TEST_ATTRIBUTE && i < test->n; i++) {
        struct span id;

        if (names->find(names, kind, test->values[i], &id) != NAME_KNOWN)
            id = SPAN("");
        if (!fn(arg, kind, test->values[i], id))
            return false;
    }
    return true;
}

void interest_each(const struct rules *rules, const struct names *names,
                   bool (*fn)(void *arg, enum name_kind kind, struct span value, struct span id),
                   void *arg)
{
    for (size_t i = 0; i < rules->n; i++)
        for (size_t j = 0; j < rules->rules[i].n_tests; j++)
            if (!each_of_test(&rules->rules[i].tests[j], names, fn, arg))
                return;
}

struct ids {
    struct arena *a;
    struct span *apps;
    size_t n_apps, room;
};

static void add_id(struct span *list, size_t *n, struct span id)
{
    for (size_t i = 0; i < *n; i++)
        if (span_eq(list[i], id))
            return;
    list[(*n)++] = id;
}

static bool count_app(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct ids *ids = arg;

    (void)value;
    ids->room += kind == NAME_OKTA_APP && id.n > 0;
    return true;
}

static bool take_app(void *arg, enum name_kind kind, struct span value, struct span id)
{
    struct ids *ids = arg;

    (void)value;
    if (kind == NAME_OKTA_APP && id.n > 0)
        add_id(ids->apps, &ids->n_apps, id);
    return true;
}

struct okta_interest interest_of(const struct rules *rules, const struct names *names,
                                 const struct membership *memberships, size_t n, struct arena *a)
{
    struct span *groups = arena_new(a, n, sizeof(*groups));
    struct ids ids = {.a = a};
    size_t n_groups = 0;

    interest_each(rules, names, count_app, &ids);
    ids.apps = arena_new(a, ids.room + n, sizeof(*ids.apps));
    interest_each(rules, names, take_app, &ids);
    for (size_t i = 0; i < n; i++) {
        const struct membership *m = &memberships[i];

        if (!okta_is_id(m->container) ||
            !rules_name_container(rules, names, m->kind, m->container, m->name))
            continue;
        if (m->kind == MEMBERSHIP_APP)
            add_id(ids.apps, &ids.n_apps, m->container);
        else if (m->is_member)
            add_id(groups, &n_groups, m->container);
    }
    return (struct okta_interest){.app_ids = ids.apps,
                                  .n_apps = ids.n_apps,
                                  .group_ids = groups,
                                  .n_groups = n_groups,
                                  .wants_all_groups = rules_name_kind(rules, TEST_GROUP)};
}
