#include "okta/directory.h"

#include "text/time.h"

static const struct {
    struct span text;
    enum okta_status status;
} statuses[] = {
    {{"STAGED", 6}, OKTA_STAGED},
    {{"PROVISIONED", 11}, OKTA_PROVISIONED},
    {{"ACTIVE", 6}, OKTA_ACTIVE},
    {{"RECOVERY", 8}, OKTA_RECOVERY},
    {{"PASSWORD_EXPIRED", 16}, OKTA_PASSWORD_EXPIRED},
    {{"LOCKED_OUT", 10}, OKTA_LOCKED_OUT},
    {{"SUSPENDED", 9}, OKTA_SUSPENDED},
    {{"DEPROVISIONED", 13}, OKTA_DEPROVISIONED},
};

bool okta_is_id(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '-' || c == '_'))
            return false;
    }
    return text.n > 0 && text.n <= OKTA_ID_MAX;
}

enum okta_status okta_status_parse(struct span text)
{
    for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
        if (span_eq(statuses[i].text, text))
            return statuses[i].status;
    return OKTA_OTHER;
}

struct span okta_user_attribute(const struct okta_user *user, struct span name)
{
    for (size_t i = 0; i < user->n_attributes; i++)
        if (span_eq(user->attributes[i].name, name))
            return user->attributes[i].value;
    return (struct span){0};
}

/* Members */

/* The text of a member; empty when it is absent, null, no text or too long. */
static struct span text_of(struct arena *a, struct json_value object, const char *name)
{
    struct span text;

    if (!json_text(a, json_member(object, span_of(name), NULL), &text) || text.n > OKTA_VALUE_MAX)
        return SPAN("");
    return text;
}

static int64_t instant_of(struct arena *a, struct json_value object, const char *name)
{
    int64_t ns;

    return time_parse(text_of(a, object, name), &ns) ? ns : 0;
}

static enum err id_of(struct arena *a, struct json_value object, const char *kind, struct span *out,
                      struct fail *fail)
{
    struct span id = text_of(a, object, "id");

    if (object.kind != JSON_OBJECT || !okta_is_id(id))
        return fail_set(fail, ERR_INPUT, "Okta: what should be %s has no id", kind);
    *out = id;
    return ERR_NONE;
}

/* Profiles */

struct profile {
    struct arena *a;
    struct okta_attribute *list;
    size_t n, room;
    const char *fault;
};

static void profile_add(struct profile *p, struct span name, struct json_value value, bool is_item)
{
    struct okta_attribute attribute = {name, value.text, is_item};

    if (value.kind == JSON_NULL || value.kind == JSON_OBJECT || value.kind == JSON_ARRAY)
        return;
    if (value.kind == JSON_STRING && !json_text(p->a, value, &attribute.value)) {
        p->fault = "an attribute of the profile is not valid Unicode without NUL";
        return;
    }
    if (attribute.value.n > OKTA_VALUE_MAX || p->n == OKTA_ATTRIBUTES_MAX) {
        p->fault = "the profile has more attributes, or a longer one, than Roster takes";
        return;
    }
    if (p->n == p->room) {
        struct okta_attribute *list;

        p->room = p->room == 0 ? 32 : 2 * p->room;
        list = arena_new(p->a, p->room, sizeof(*list));
        if (p->n > 0)
            memcpy(list, p->list, p->n * sizeof(*list));
        p->list = list;
    }
    p->list[p->n++] = attribute;
}

/* A member's name as a value of its own, so that its escapes are resolved like any text's. */
static struct span name_of(struct profile *p, struct span key)
{
    struct json_value quoted = {JSON_STRING, {key.p - 1, key.n + 2}, NULL};
    struct span name;

    if (json_text(p->a, quoted, &name))
        return name;
    p->fault = "the name of an attribute is not valid Unicode without NUL";
    return SPAN("");
}

static void profile_read(struct profile *p, struct json_value object)
{
    struct json_value value, item;
    struct json_iter it, items;
    struct span key;

    if (object.kind != JSON_OBJECT) {
        p->fault = "the user has no profile";
        return;
    }
    for (it = json_iter(object); json_next_member(&it, &key, &value);) {
        struct span name = name_of(p, key);

        if (value.kind != JSON_ARRAY)
            profile_add(p, name, value, false);
        else
            for (items = json_iter(value); json_next_item(&items, &item);)
                profile_add(p, name, item, true);
    }
}

/* Objects */

enum err okta_user_decode(struct arena *a, struct json_value object, struct okta_user *out,
                          struct fail *fail)
{
    struct json_value profile;
    struct profile p = {.a = a};
    struct okta_user user = {0};
    bool is_repeated = false;
    enum err err = id_of(a, object, "a user", &user.id, fail);

    if (err != ERR_NONE)
        return err;
    user.status_text = text_of(a, object, "status");
    user.status = okta_status_parse(user.status_text);
    user.updated_ns = instant_of(a, object, "lastUpdated");
    profile = json_member(object, SPAN("profile"), &is_repeated);
    user.login = text_of(a, profile, "login");
    profile_read(&p, profile);
    user.attributes = p.list;
    user.n_attributes = p.n;
    user.fault = is_repeated ? "the user has two profiles" : p.fault;
    *out = user;
    return ERR_NONE;
}

enum err okta_group_decode(struct arena *a, struct json_value object, struct okta_group *out,
                           struct fail *fail)
{
    struct okta_group group = {0};
    enum err err = id_of(a, object, "a group", &group.id, fail);

    if (err != ERR_NONE)
        return err;
    group.type = text_of(a, object, "type");
    group.name = text_of(a, json_member(object, SPAN("profile"), NULL), "name");
    group.members_updated_ns = instant_of(a, object, "lastMembershipUpdated");
    *out = group;
    return ERR_NONE;
}

enum err okta_app_decode(struct arena *a, struct json_value object, struct okta_app *out,
                         struct fail *fail)
{
    struct okta_app app = {0};
    enum err err = id_of(a, object, "an application", &app.id, fail);

    if (err != ERR_NONE)
        return err;
    app.label = text_of(a, object, "label");
    app.name = text_of(a, object, "name");
    app.is_active = span_eq(text_of(a, object, "status"), SPAN("ACTIVE"));
    *out = app;
    return ERR_NONE;
}

/* Every other status belongs to an assignment that stands, or that is on its way there. */
static bool is_assigned(struct span status)
{
    static const char *const not [] = {"DEPROVISIONED", "IMPORTED", "INACTIVE", "REVOKED",
                                       "UNASSIGNED"};

    for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
        if (span_eq(status, span_of(not [i])))
            return false;
    return true;
}

enum err okta_app_user_decode(struct arena *a, struct json_value object, struct okta_app_user *out,
                              struct fail *fail)
{
    struct okta_app_user app_user = {0};
    struct json_value user;
    struct okta_user *expanded;
    enum err err = id_of(a, object, "a user of an application", &app_user.user_id, fail);

    if (err != ERR_NONE)
        return err;
    app_user.user_name = text_of(a, json_member(object, SPAN("credentials"), NULL), "userName");
    app_user.scope = text_of(a, object, "scope");
    app_user.status = text_of(a, object, "status");
    app_user.is_assigned = is_assigned(app_user.status);
    user = json_member(json_member(object, SPAN("_embedded"), NULL), SPAN("user"), NULL);
    if (user.kind == JSON_OBJECT) {
        expanded = arena_new(a, 1, sizeof(*expanded));
        err = okta_user_decode(a, user, expanded, fail);
        if (err != ERR_NONE)
            return err;
        app_user.user = expanded;
    }
    *out = app_user;
    return ERR_NONE;
}
