/* The form in which the store keeps what was applied. Its member names are part of the schema. */
#include "model/entitlement.h"

#include <stdlib.h>
#include <string.h>

#include "text/json.h"

static void put_text(struct json_out *o, const char *key, struct span s)
{
    if (s.n > 0)
        json_put_str(o, key, s);
}

static void put_channels(struct json_out *o, const char *key, const struct phone *phone,
                         const int64_t values[static CHANNELS])
{
    size_t n = phone->is_per_channel ? CHANNELS : 1;

    json_out_key(o, key);
    json_out_begin(o, '[');
    for (size_t i = 0; i < n; i++)
        json_out_int(o, values[i]);
    json_out_end(o, ']');
}

static void put_lists(struct json_out *o, const struct entitlement *e)
{
    json_out_key(o, "security_profiles");
    json_out_begin(o, '[');
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        json_out_str(o, e->security_profile_ids[i]);
    json_out_end(o, ']');
    json_out_key(o, "tags");
    json_out_begin(o, '[');
    for (size_t i = 0; i < e->n_tags; i++) {
        json_out_str(o, e->tags[i].key);
        json_out_str(o, e->tags[i].value);
    }
    json_out_end(o, ']');
    json_out_key(o, "proficiencies");
    json_out_begin(o, '[');
    for (size_t i = 0; i < e->n_proficiencies; i++) {
        json_out_str(o, e->proficiencies[i].attribute);
        json_out_str(o, e->proficiencies[i].value);
        json_out_real(o, e->proficiencies[i].level);
    }
    json_out_end(o, ']');
}

void entitlement_add_json(struct buf *out, const struct entitlement *e)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    put_text(&o, "user_name", e->user_name);
    put_text(&o, "first_name", e->first_name);
    put_text(&o, "last_name", e->last_name);
    put_text(&o, "email", e->email);
    put_text(&o, "secondary_email", e->secondary_email);
    put_text(&o, "mobile", e->mobile);
    put_text(&o, "routing_profile", e->routing_profile_id);
    put_text(&o, "hierarchy_group", e->hierarchy_group_id);
    json_put_bool(&o, "desk_phone", e->phone.has_desk_phone);
    put_text(&o, "desk_number", e->phone.desk_number);
    json_put_int(&o, "persistent", e->phone.persistent_connection);
    json_put_bool(&o, "per_channel", e->phone.is_per_channel);
    put_channels(&o, "auto_accept", &e->phone, e->phone.auto_accept);
    put_channels(&o, "after_contact_work_s", &e->phone, e->phone.after_contact_work_s);
    put_lists(&o, e);
    json_out_end(&o, '}');
}

/* ---- and back ---- */

enum { DEPTH = 4, LIST_MAX = 4096 };

/* A text that is none counts as empty. */
static struct span text_of(struct arena *a, struct json_value value)
{
    struct span text;

    if (value.kind != JSON_STRING || !json_text(a, value, &text))
        return SPAN("");
    return arena_span(a, text);
}

static double number_of(struct json_value value, double otherwise)
{
    char digits[64];

    if (value.kind != JSON_NUMBER || value.text.n >= sizeof(digits))
        return otherwise;
    memcpy(digits, value.text.p, value.text.n);
    digits[value.text.n] = '\0';
    return strtod(digits, NULL);
}

static int64_t int_of(struct json_value value)
{
    double number = number_of(value, CHANNEL_UNSET);

    return number < -1e15 || number > 1e15 ? CHANNEL_UNSET : (int64_t)number;
}

static void read_channels(struct json_value list, int64_t values[static CHANNELS])
{
    struct json_iter it = json_iter(list);
    struct json_value item;

    for (size_t i = 0; list.kind == JSON_ARRAY && i < CHANNELS && json_next_item(&it, &item); i++)
        values[i] = int_of(item);
}

static size_t count(struct json_value list)
{
    struct json_iter it = json_iter(list);
    struct json_value item;
    size_t n = 0;

    while (list.kind == JSON_ARRAY && n < LIST_MAX && json_next_item(&it, &item))
        n++;
    return n;
}

static void read_profiles(struct arena *a, struct json_value list, struct entitlement *e)
{
    struct json_iter it = json_iter(list);
    struct json_value item;
    size_t n = count(list);
    struct span *ids = arena_new(a, n, sizeof(*ids));

    for (size_t i = 0; i < n && json_next_item(&it, &item); i++)
        ids[i] = text_of(a, item);
    e->security_profile_ids = ids;
    e->n_security_profile_ids = n;
}

static void read_tags(struct arena *a, struct json_value list, struct entitlement *e)
{
    struct json_iter it = json_iter(list);
    struct json_value key, value;
    size_t n = count(list) / 2;
    struct tag *tags = arena_new(a, n, sizeof(*tags));

    for (size_t i = 0; i < n && json_next_item(&it, &key) && json_next_item(&it, &value); i++)
        tags[i] = (struct tag){text_of(a, key), text_of(a, value)};
    e->tags = tags;
    e->n_tags = n;
}

static void read_proficiencies(struct arena *a, struct json_value list, struct entitlement *e)
{
    struct json_iter it = json_iter(list);
    struct json_value attribute, value, level;
    size_t n = count(list) / 3;
    struct proficiency *p = arena_new(a, n, sizeof(*p));

    for (size_t i = 0; i < n && json_next_item(&it, &attribute) && json_next_item(&it, &value) &&
                       json_next_item(&it, &level);
         i++)
        p[i] = (struct proficiency){text_of(a, attribute), text_of(a, value), number_of(level, 0)};
    e->proficiencies = p;
    e->n_proficiencies = n;
}

/* The members, by their places in the schema's form. */
enum member {
    MEMBER_USER_NAME,
    MEMBER_FIRST_NAME,
    MEMBER_LAST_NAME,
    MEMBER_EMAIL,
    MEMBER_SECONDARY_EMAIL,
    MEMBER_MOBILE,
    MEMBER_ROUTING_PROFILE,
    MEMBER_HIERARCHY_GROUP,
    MEMBER_DESK_NUMBER,
    MEMBER_DESK_PHONE,
    MEMBER_PER_CHANNEL,
    MEMBER_PERSISTENT,
    MEMBER_AUTO_ACCEPT,
    MEMBER_AFTER_CONTACT_WORK,
    MEMBER_SECURITY_PROFILES,
    MEMBER_TAGS,
    MEMBER_PROFICIENCIES,
    MEMBERS
};

/* likely: tried first. Members come in the order in which they were written, some left out. */
static enum member member_of(struct span key, unsigned likely)
{
    static const struct span names[MEMBERS] = {
        {"user_name", sizeof("user_name") - 1},
        {"first_name", sizeof("first_name") - 1},
        {"last_name", sizeof("last_name") - 1},
        {"email", sizeof("email") - 1},
        {"secondary_email", sizeof("secondary_email") - 1},
        {"mobile", sizeof("mobile") - 1},
        {"routing_profile", sizeof("routing_profile") - 1},
        {"hierarchy_group", sizeof("hierarchy_group") - 1},
        {"desk_number", sizeof("desk_number") - 1},
        {"desk_phone", sizeof("desk_phone") - 1},
        {"per_channel", sizeof("per_channel") - 1},
        {"persistent", sizeof("persistent") - 1},
        {"auto_accept", sizeof("auto_accept") - 1},
        {"after_contact_work_s", sizeof("after_contact_work_s") - 1},
        {"security_profiles", sizeof("security_profiles") - 1},
        {"tags", sizeof("tags") - 1},
        {"proficiencies", sizeof("proficiencies") - 1}};

    for (unsigned i = 0; i < MEMBERS; i++) {
        unsigned member = (likely + i) % MEMBERS;

        if (names[member].n == key.n && memcmp(names[member].p, key.p, key.n) == 0)
            return (enum member)member;
    }
    return MEMBERS;
}

static void read_member(struct arena *a, enum member member, struct json_value value,
                        struct entitlement *e)
{
    struct span *const texts[] = {
        &e->user_name,        &e->first_name, &e->last_name,          &e->email,
        &e->secondary_email,  &e->mobile,     &e->routing_profile_id, &e->hierarchy_group_id,
        &e->phone.desk_number};

    switch (member) {
    default:
        *texts[member] = text_of(a, value);
        break;
    case MEMBER_DESK_PHONE:
        e->phone.has_desk_phone = value.kind == JSON_TRUE;
        break;
    case MEMBER_PER_CHANNEL:
        e->phone.is_per_channel = value.kind == JSON_TRUE;
        break;
    case MEMBER_PERSISTENT:
        e->phone.persistent_connection = int_of(value);
        break;
    case MEMBER_AUTO_ACCEPT:
        read_channels(value, e->phone.auto_accept);
        break;
    case MEMBER_AFTER_CONTACT_WORK:
        read_channels(value, e->phone.after_contact_work_s);
        break;
    case MEMBER_SECURITY_PROFILES:
        read_profiles(a, value, e);
        break;
    case MEMBER_TAGS:
        read_tags(a, value, e);
        break;
    case MEMBER_PROFICIENCIES:
        read_proficiencies(a, value, e);
        break;
    case MEMBERS:
        break;
    }
}

enum err entitlement_parse(struct arena *a, struct span json, struct entitlement *out,
                           struct fail *fail)
{
    struct entitlement e = {.phone = {.persistent_connection = CHANNEL_UNSET}};
    struct json_value root, value;
    struct json_iter it;
    struct span key;
    unsigned had = 0, likely = 0;
    enum err err = json_scan(json, DEPTH, &root, fail);

    if (err != ERR_NONE)
        return err;
    if (root.kind != JSON_OBJECT)
        return fail_set(fail, ERR_INPUT, "what was applied is no JSON object");
    for (size_t i = 0; i < CHANNELS; i++)
        e.phone.auto_accept[i] = e.phone.after_contact_work_s[i] = CHANNEL_UNSET;
    for (int i = 0; i <= MEMBER_DESK_NUMBER; i++)
        read_member(a, (enum member)i, (struct json_value){0}, &e); /* absent = empty */
    for (it = json_iter(root); json_next_member(&it, &key, &value);) {
        enum member member = member_of(key, likely);

        if (member < MEMBERS && (had & 1U << member) != 0)
            return fail_set(fail, ERR_INPUT, "what was applied has '%.*s' twice", SPAN_ARG(key));
        had |= 1U << member;
        likely = (unsigned)member + 1;
        read_member(a, member, value, &e);
    }
    *out = e;
    return ERR_NONE;
}
