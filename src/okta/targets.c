#include "okta/targets.h"

#include "base/utf8.h"
#include "okta/delivery.h"

enum { ID_MAX = 100, TEXT_MAX = 1024 };

/* The members of a target that are needed, by one walk. */
enum { TYPE, ID, ALTERNATE_ID, DISPLAY_NAME, FIELDS };

struct fields {
    struct json_value value[FIELDS];
    bool is_repeated[FIELDS];
};

static void fields_read(struct json_value object, struct fields *out)
{
    static const struct span names[FIELDS] = {[TYPE] = {"type", 4},
                                              [ID] = {"id", 2},
                                              [ALTERNATE_ID] = {"alternateId", 11},
                                              [DISPLAY_NAME] = {"displayName", 11}};
    struct json_iter it = json_iter(object);
    struct json_value value;
    struct span key;

    *out = (struct fields){0};
    while (json_next_member(&it, &key, &value))
        for (size_t i = 0; i < FIELDS; i++)
            if (span_eq(key, names[i])) {
                out->is_repeated[i] = out->value[i].kind != JSON_NONE;
                out->value[i] = value;
            }
}

/* Absent and null are empty; false for anything else that is no usable text. */
static bool optional_text(struct arena *a, const struct fields *fields, size_t i, struct span *out)
{
    struct json_value value = fields->value[i];

    *out = SPAN("");
    if (value.kind == JSON_NONE || value.kind == JSON_NULL)
        return true;
    if (fields->is_repeated[i] || !json_text(a, value, out) || out->n > TEXT_MAX)
        return false;
    if (span_eq(*out, SPAN("unknown")))
        *out = SPAN("");
    return true;
}

static bool is_id(struct span s)
{
    if (s.n == 0 || s.n > ID_MAX)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return true;
}

static bool has_id(const struct target *targets, size_t n, struct span id)
{
    for (size_t i = 0; i < n; i++)
        if (span_eq(targets[i].id, id))
            return true;
    return false;
}

struct list {
    struct span type;
    struct target **of;
    size_t *n;
};

/* Room is doubled whenever n is a power of two, so memory follows what there is of each type. */
static void list_add(struct arena *a, const struct list *list, const struct target *t)
{
    struct target *grown;
    size_t n = *list->n;

    if ((n & (n - 1)) == 0) {
        grown = arena_new(a, n == 0 ? 1 : n * 2, sizeof(*grown));
        if (n > 0)
            memcpy(grown, *list->of, n * sizeof(*grown));
        *list->of = grown;
    }
    (*list->of)[(*list->n)++] = *t;
}

static const char *user_fault(const struct target *t)
{
    return t->id.n == 0 || is_id(t->id) ? NULL : SKIP_BAD_TEXT;
}

static const char *target_add(struct arena *a, struct json_value value, const struct list *lists,
                              size_t n_lists, struct targets *out)
{
    struct fields fields;
    struct target t;
    struct span type;

    fields_read(value, &fields);
    if (!optional_text(a, &fields, TYPE, &type))
        return SKIP_BAD_TEXT;
    for (size_t i = 0; i < n_lists; i++) {
        if (!span_eq(type, lists[i].type))
            continue;
        if (!optional_text(a, &fields, ID, &t.id) || t.id.n > ID_MAX ||
            !optional_text(a, &fields, ALTERNATE_ID, &t.alternate_id) ||
            !optional_text(a, &fields, DISPLAY_NAME, &t.display_name))
            return SKIP_BAD_TEXT;
        if (lists[i].of == &out->users && (!is_id(t.id) || has_id(out->users, out->n_users, t.id)))
            return user_fault(&t);
        list_add(a, &lists[i], &t);
    }
    return NULL;
}

const char *targets_read(struct arena *a, struct json_value array, struct targets *out)
{
    struct targets t = {0};
    const struct list lists[] = {{SPAN("User"), &t.users, &t.n_users},
                                 {SPAN("AppUser"), &t.app_users, &t.n_app_users},
                                 {SPAN("AppInstance"), &t.apps, &t.n_apps},
                                 {SPAN("UserGroup"), &t.groups, &t.n_groups},
                                 {SPAN("AppGroup"), &t.app_groups, &t.n_app_groups}};
    struct json_value value;
    struct json_iter it;
    const char *fault;
    size_t n = 0;

    if (array.kind != JSON_ARRAY)
        return SKIP_NO_TARGET;
    for (it = json_iter(array); json_next_item(&it, &value);)
        n += value.kind == JSON_OBJECT;
    if (n == 0)
        return SKIP_NO_TARGET;
    if (n > TARGETS_MAX)
        return SKIP_TOO_MANY;
    for (it = json_iter(array); json_next_item(&it, &value);) {
        fault = value.kind == JSON_OBJECT
                    ? target_add(a, value, lists, sizeof(lists) / sizeof(lists[0]), &t)
                    : NULL;
        if (fault != NULL)
            return fault;
    }
    *out = t;
    return NULL;
}

const struct target *targets_container(const struct targets *targets, enum membership_kind kind,
                                       const struct rules *rules, const struct names *names)
{
    struct target *list = kind == MEMBERSHIP_APP ? targets->apps : targets->groups;
    size_t n = kind == MEMBERSHIP_APP ? targets->n_apps : targets->n_groups;

    for (size_t i = 0; i < n; i++) {
        if (list[i].display_name.n == 0)
            list[i].display_name = list[i].alternate_id;
        if (rules_name_container(rules, names, kind, list[i].id, list[i].display_name))
            return &list[i];
    }
    return n == 0 ? NULL : &list[0];
}

/* With one user, every AppUser is theirs. */
static bool is_of_user(const struct targets *targets, const struct target *app_user,
                       const struct target *user)
{
    return targets->n_users == 1 || span_eq(app_user->alternate_id, user->alternate_id) ||
           (app_user->display_name.n > 0 && span_eq(app_user->display_name, user->display_name));
}

struct span targets_app_user_name(const struct targets *targets, size_t i)
{
    struct span found = {0};

    for (size_t k = 0; k < targets->n_app_users; k++) {
        const struct target *t = &targets->app_users[k];

        if (t->alternate_id.n == 0 || !is_of_user(targets, t, &targets->users[i]))
            continue;
        if (found.n > 0 && !span_eq(found, t->alternate_id))
            return (struct span){0};
        found = t->alternate_id;
    }
    return found;
}
