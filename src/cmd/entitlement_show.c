#include "cmd/entitlement_show.h"

#include "cmd/person_json.h"

enum { TEXT_LIMIT = 1024 };

static void put_value(struct json_out *out, int64_t value, bool is_time)
{
    if (value == CHANNEL_UNSET)
        json_out_null(out);
    else if (is_time)
        json_out_int(out, value);
    else
        json_out_bool(out, value != 0);
}

/* One value for all channels, or an object of those that are set. */
static void put_channels(struct json_out *out, const char *key, const struct phone *phone,
                         const int64_t values[static CHANNELS], bool is_time)
{
    json_out_key(out, key);
    if (!phone->is_per_channel) {
        put_value(out, values[0], is_time);
        return;
    }
    json_out_begin(out, '{');
    for (size_t i = 0; i < CHANNELS; i++) {
        if (values[i] == CHANNEL_UNSET)
            continue;
        json_out_key(out, channel_name((enum channel)i));
        put_value(out, values[i], is_time);
    }
    json_out_end(out, '}');
}

static void put_tags(struct json_out *out, const struct entitlement *e)
{
    json_out_key(out, "tags");
    json_out_begin(out, '[');
    for (size_t i = 0; i < e->n_tags; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "key", e->tags[i].key);
        json_put_str(out, "value", e->tags[i].value);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_proficiencies(struct json_out *out, const struct entitlement *e)
{
    json_out_key(out, "proficiencies");
    json_out_begin(out, '[');
    for (size_t i = 0; i < e->n_proficiencies; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "attribute", e->proficiencies[i].attribute);
        json_put_str(out, "value", e->proficiencies[i].value);
        json_out_key(out, "level");
        json_out_real(out, e->proficiencies[i].level);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

void entitlement_show_members(struct json_out *out, const struct entitlement *e)
{
    json_put_str(out, "user", e->user_name);
    json_put_str(out, "first_name", e->first_name);
    json_put_str(out, "last_name", e->last_name);
    json_out_key(out, "security_profiles");
    json_out_begin(out, '[');
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        json_out_str(out, e->security_profile_ids[i]);
    json_out_end(out, ']');
    json_put_str(out, "routing_profile", e->routing_profile_id);
    person_json_text(out, "hierarchy_group", e->hierarchy_group_id);
    json_put_str(out, "phone_type",
                 e->phone.has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE"));
    person_json_text(out, "desk_phone", e->phone.desk_number);
    put_channels(out, "auto_accept", &e->phone, e->phone.auto_accept, false);
    put_channels(out, "after_contact_work_s", &e->phone, e->phone.after_contact_work_s, true);
    put_tags(out, e);
    put_proficiencies(out, e);
}

/* ---- for people ---- */

struct span entitlement_show_channels(const struct phone *phone,
                                      const int64_t values[static CHANNELS], bool is_time,
                                      struct arena *a)
{
    size_t n = phone->is_per_channel ? CHANNELS : 1;
    struct span text;
    struct buf b;

    buf_init(&b, TEXT_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (values[i] == CHANNEL_UNSET)
            continue;
        if (phone->is_per_channel)
            buf_printf(&b, "%s%s:", b.n > 0 ? ", " : "", channel_name((enum channel)i));
        if (is_time)
            buf_printf(&b, "%llds", (long long)values[i]);
        else
            buf_add_str(&b, values[i] != 0 ? "yes" : "no");
    }
    text = arena_span(a, buf_span(&b));
    buf_done(&b);
    return text;
}

struct span entitlement_show_proficiency(const struct proficiency *p, struct arena *a)
{
    return span_of(
        arena_printf(a, "%.*s:%.*s=%g", SPAN_ARG(p->attribute), SPAN_ARG(p->value), p->level));
}
