#include "engine/user_reading.h"

#include <stdlib.h>

#include "base/buf.h"
#include "model/profile.h"
#include "text/json.h"

static const int64_t NS_PER_MS = 1000000;

/* ---- the profile ---- */

struct ordered {
    const struct okta_attribute *attribute;
    size_t i;
};

static int compare_names(const void *a, const void *b)
{
    const struct ordered *p = a, *q = b;
    int by_name = span_cmp(p->attribute->name, q->attribute->name);

    return by_name != 0 ? by_name : p->i < q->i ? -1 : p->i > q->i;
}

/* One attribute with all its items, from i on; returns where the next one begins. */
static size_t write_attribute(struct json_out *o, struct arena *a, const struct ordered *of,
                              size_t n, size_t i, size_t value_max)
{
    const struct okta_attribute *first = of[i].attribute;

    if (!first->is_item) {
        if (first->value.n <= value_max)
            json_put_str(o, arena_dup(a, first->name), first->value);
        return i + 1;
    }
    json_out_key(o, arena_dup(a, first->name));
    json_out_begin(o, '[');
    for (; i < n && of[i].attribute->is_item && span_eq(of[i].attribute->name, first->name); i++)
        if (of[i].attribute->value.n <= value_max)
            json_out_str(o, of[i].attribute->value);
    json_out_end(o, ']');
    return i;
}

struct span user_profile(struct arena *a, const struct okta_user *user)
{
    struct ordered *of = arena_new(a, user->n_attributes, sizeof(*of));
    struct span profile;
    struct buf out;

    for (size_t i = 0; i < user->n_attributes; i++)
        of[i] = (struct ordered){&user->attributes[i], i};
    if (user->n_attributes > 0)
        qsort(of, user->n_attributes, sizeof(*of), compare_names);
    buf_init(&out, PROFILE_LIMIT);
    for (size_t value_max = OKTA_VALUE_MAX; value_max > 0; value_max /= 4) {
        struct json_out o = json_out(&out);

        json_out_begin(&o, '{');
        for (size_t i = 0; i < user->n_attributes;)
            i = write_attribute(&o, a, of, user->n_attributes, i, value_max);
        json_out_end(&o, '}');
        if (!out.full)
            break;
        buf_clear(&out);
    }
    profile = arena_span(a, buf_span(&out));
    buf_done(&out);
    return profile;
}

struct span user_display_name(struct arena *a, const struct okta_user *user)
{
    struct span first = okta_user_attribute(user, SPAN("firstName")),
                last = okta_user_attribute(user, SPAN("lastName"));

    return span_of(arena_printf(a, "%.*s%s%.*s", SPAN_ARG(first),
                                first.n > 0 && last.n > 0 ? " " : "", SPAN_ARG(last)));
}

/* ---- making ---- */

static void add_membership(struct user_reading *r, struct membership *list,
                           enum membership_kind kind, struct span id, struct span name)
{
    list[r->reading.n_memberships++] =
        (struct membership){kind, id, name, true, r->reading.read_ns};
}

static void take_apps(struct arena *a, const struct names *names, const struct okta_person *person,
                      size_t n_apps, struct user_reading *r, struct membership *list)
{
    for (size_t i = 0; i < n_apps; i++) {
        const struct okta_container *app = &person->apps[i];
        struct span id = arena_span(a, app->id);
        struct span name =
            names->name_of == NULL ? SPAN("") : names->name_of(names, NAME_OKTA_APP, id);

        if (!app->is_member || app->is_gone)
            continue;
        add_membership(r, list, MEMBERSHIP_APP, id, name.p == NULL ? SPAN("") : name);
        if (r->reading.app_user_name.n == 0)
            r->reading.app_user_name = arena_span(a, app->user_name);
    }
}

static void take_gone(struct arena *a, const struct okta_person *person,
                      const struct okta_interest *interest, struct user_reading *r)
{
    struct span *gone = arena_new(a, interest->n_apps + interest->n_groups, sizeof(*gone));

    for (size_t i = 0; i < interest->n_apps; i++)
        if (person->apps[i].is_gone)
            gone[r->n_gone++] = arena_span(a, person->apps[i].id);
    for (size_t i = 0; i < interest->n_groups; i++)
        if (person->groups[i].is_gone)
            gone[r->n_gone++] = arena_span(a, person->groups[i].id);
    r->gone = gone;
}

void user_reading_make(struct arena *a, const struct rules *rules, const struct names *names,
                       const struct okta_person *person, const struct okta_interest *interest,
                       struct span user_id, int64_t read_ms, struct user_reading *out)
{
    const struct okta_user *user = &person->user;
    struct user_reading r = {.reading = {.source = SPAN("okta"),
                                         .user_id = arena_span(a, user_id),
                                         .read_ms = read_ms,
                                         .read_ns = read_ms * NS_PER_MS,
                                         .status = SPAN(STATUS_GONE),
                                         .profile = SPAN(""),
                                         .login = SPAN(""),
                                         .display_name = SPAN(""),
                                         .app_user_name = SPAN("")}};
    struct membership *list = arena_new(a, interest->n_apps + person->n_all_groups, sizeof(*list));

    r.reading.memberships = list;
    if (person->is_gone) {
        *out = r;
        return;
    }
    r.reading.status = arena_span(a, user->status_text);
    r.reading.profile = user_profile(a, user);
    r.reading.login = arena_span(a, user->login);
    r.reading.display_name = user_display_name(a, user);
    r.updated_ns = user->updated_ns;
    take_apps(a, names, person, interest->n_apps, &r, list);
    for (size_t i = 0; i < person->n_all_groups; i++) {
        const struct okta_group *group = &person->all_groups[i];

        if (rules_name_container(rules, names, MEMBERSHIP_GROUP, group->id, group->name))
            add_membership(&r, list, MEMBERSHIP_GROUP, arena_span(a, group->id),
                           arena_span(a, group->name));
    }
    take_gone(a, person, interest, &r);
    *out = r;
}
