/* The form in which the store keeps what was applied. Its member names are part of the schema. */
#include "model/entitlement.h"

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

static struct span text_at(struct arena *a, const struct json *root, const char *path)
{
    struct span s = json_str(root, path);

    return s.p == NULL ? SPAN("") : arena_span(a, s);
}

static void read_channels(const struct json *root, const char *path,
                          int64_t values[static CHANNELS])
{
    size_t n = json_count(root, path);

    for (size_t i = 0; i < CHANNELS; i++)
        values[i] = i < n ? json_int(json_item(root, path, i), "", CHANNEL_UNSET) : CHANNEL_UNSET;
}

static void read_lists(struct arena *a, const struct json *root, struct entitlement *e)
{
    size_t n_ids = json_count(root, "security_profiles"), n_tags = json_count(root, "tags") / 2,
           n_proficiencies = json_count(root, "proficiencies") / 3;
    struct span *ids = arena_new(a, n_ids, sizeof(*ids));
    struct tag *tags = arena_new(a, n_tags, sizeof(*tags));
    struct proficiency *p = arena_new(a, n_proficiencies, sizeof(*p));

    for (size_t i = 0; i < n_ids; i++)
        ids[i] = text_at(a, json_item(root, "security_profiles", i), "");
    for (size_t i = 0; i < n_tags; i++)
        tags[i] = (struct tag){text_at(a, json_item(root, "tags", 2 * i), ""),
                               text_at(a, json_item(root, "tags", 2 * i + 1), "")};
    for (size_t i = 0; i < n_proficiencies; i++)
        p[i] =
            (struct proficiency){text_at(a, json_item(root, "proficiencies", 3 * i), ""),
                                 text_at(a, json_item(root, "proficiencies", 3 * i + 1), ""),
                                 json_double(json_item(root, "proficiencies", 3 * i + 2), "", 0)};
    e->security_profile_ids = ids;
    e->n_security_profile_ids = n_ids;
    e->tags = tags;
    e->n_tags = n_tags;
    e->proficiencies = p;
    e->n_proficiencies = n_proficiencies;
}

enum err entitlement_parse(struct arena *a, struct span json, struct entitlement *out,
                           struct fail *fail)
{
    struct json *root;
    struct entitlement e = {0};
    enum err err = json_parse(json, &root, fail);

    if (err != ERR_NONE)
        return err;
    if (!json_is_object(root)) {
        json_free(root);
        return fail_set(fail, ERR_INPUT, "what was applied is no JSON object");
    }
    e.user_name = text_at(a, root, "user_name");
    e.first_name = text_at(a, root, "first_name");
    e.last_name = text_at(a, root, "last_name");
    e.email = text_at(a, root, "email");
    e.secondary_email = text_at(a, root, "secondary_email");
    e.mobile = text_at(a, root, "mobile");
    e.routing_profile_id = text_at(a, root, "routing_profile");
    e.hierarchy_group_id = text_at(a, root, "hierarchy_group");
    e.phone.has_desk_phone = json_bool(root, "desk_phone", false);
    e.phone.desk_number = text_at(a, root, "desk_number");
    e.phone.persistent_connection = json_int(root, "persistent", CHANNEL_UNSET);
    e.phone.is_per_channel = json_bool(root, "per_channel", false);
    read_channels(root, "auto_accept", e.phone.auto_accept);
    read_channels(root, "after_contact_work_s", e.phone.after_contact_work_s);
    read_lists(a, root, &e);
    json_free(root);
    *out = e;
    return ERR_NONE;
}
