/* Requests about an agent that exists. They set what is named to what is given, so that the same
 * once more does no harm: after a lost answer they are simply repeated. */
#include "connect/request.h"

#include <assert.h>

#include "text/json.h"

static struct request agent_request(const char *method, struct span instance_id,
                                    struct span user_id, const char *what)
{
    struct request r = request_to(method, "/users/", instance_id);

    request_add_segment(&r, user_id);
    buf_add_str(&r.path, what);
    r.is_read = true;
    return r;
}

struct request request_describe_user(struct span instance_id, struct span user_id)
{
    return request_sealed(agent_request("GET", instance_id, user_id, ""));
}

struct request request_delete_user(struct span instance_id, struct span user_id)
{
    return request_sealed(agent_request("DELETE", instance_id, user_id, ""));
}

/* ---- phone ---- */

static struct span phone_type(const struct phone *phone)
{
    return phone->has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE");
}

static void put_phone_config(struct json_out *out, const struct phone *phone)
{
    json_out_key(out, "PhoneConfig");
    json_out_begin(out, '{');
    json_put_str(out, "PhoneType", phone_type(phone));
    if (phone->auto_accept[0] != CHANNEL_UNSET)
        json_put_bool(out, "AutoAccept", phone->auto_accept[0] != 0);
    if (phone->after_contact_work_s[0] != CHANNEL_UNSET)
        json_put_int(out, "AfterContactWorkTimeLimit", phone->after_contact_work_s[0]);
    if (phone->desk_number.n > 0)
        json_put_str(out, "DeskPhoneNumber", phone->desk_number);
    if (phone->persistent_connection != CHANNEL_UNSET)
        json_put_bool(out, "PersistentConnection", phone->persistent_connection != 0);
    json_out_end(out, '}');
}

static bool has_any(const int64_t values[static CHANNELS])
{
    for (size_t i = 0; i < CHANNELS; i++)
        if (values[i] != CHANNEL_UNSET)
            return true;
    return false;
}

static void begin_channel(struct json_out *out, enum channel channel)
{
    json_out_begin(out, '{');
    json_put_str(out, "Channel", span_of(channel_name(channel)));
}

static void put_auto_accept(struct json_out *out, const struct phone *phone)
{
    json_out_key(out, "AutoAcceptConfigs");
    json_out_begin(out, '[');
    for (int i = 0; i < CHANNELS; i++)
        if (phone->auto_accept[i] != CHANNEL_UNSET) {
            begin_channel(out, (enum channel)i);
            json_put_bool(out, "AutoAccept", phone->auto_accept[i] != 0);
            json_out_end(out, '}');
        }
    json_out_end(out, ']');
}

static void put_after_contact_work(struct json_out *out, const struct phone *phone)
{
    json_out_key(out, "AfterContactWorkConfigs");
    json_out_begin(out, '[');
    for (int i = 0; i < CHANNELS; i++)
        if (phone->after_contact_work_s[i] != CHANNEL_UNSET) {
            begin_channel(out, (enum channel)i);
            json_out_key(out, "AfterContactWorkConfig");
            json_out_begin(out, '{');
            json_put_int(out, "AfterContactWorkTimeLimit", phone->after_contact_work_s[i]);
            json_out_end(out, '}');
            json_out_end(out, '}');
        }
    json_out_end(out, ']');
}

/* All lists, all channels that are set: nothing says whether an absent one is kept. */
static void put_channels(struct json_out *out, const struct phone *phone)
{
    if (has_any(phone->auto_accept))
        put_auto_accept(out, phone);
    if (has_any(phone->after_contact_work_s))
        put_after_contact_work(out, phone);
    json_out_key(out, "PhoneNumberConfigs");
    json_out_begin(out, '[');
    begin_channel(out, CHANNEL_VOICE);
    json_put_str(out, "PhoneType", phone_type(phone));
    if (phone->desk_number.n > 0)
        json_put_str(out, "PhoneNumber", phone->desk_number);
    json_out_end(out, '}');
    json_out_end(out, ']');
    if (phone->persistent_connection == CHANNEL_UNSET)
        return;
    json_out_key(out, "PersistentConnectionConfigs");
    json_out_begin(out, '[');
    begin_channel(out, CHANNEL_VOICE);
    json_put_bool(out, "PersistentConnection", phone->persistent_connection != 0);
    json_out_end(out, '}');
    json_out_end(out, ']');
}

void request_put_phone(struct json_out *out, const struct phone *phone)
{
    if (phone->is_per_channel)
        put_channels(out, phone);
    else
        put_phone_config(out, phone);
}

/* ---- updates ---- */

static const char *update_path(enum aspect aspect, const struct entitlement *wanted)
{
    switch (aspect) {
    case ASPECT_IDENTITY:
        return "/identity-info";
    case ASPECT_SECURITY_PROFILES:
        return "/security-profiles";
    case ASPECT_ROUTING_PROFILE:
        return "/routing-profile";
    case ASPECT_HIERARCHY:
        return "/hierarchy";
    case ASPECT_PHONE:
        return wanted->phone.is_per_channel ? "/config" : "/phone-config";
    default:
        break;
    }
    assert(false); /* tags and proficiencies have requests of their own */
    return "";
}

struct request request_update(struct span instance_id, struct span user_id, enum aspect aspect,
                              const struct entitlement *wanted)
{
    struct request r = agent_request("POST", instance_id, user_id, update_path(aspect, wanted));
    struct json_out out = json_out(&r.body);

    r.has_body = true;
    json_out_begin(&out, '{');
    if (aspect == ASPECT_IDENTITY)
        request_put_identity(&out, wanted);
    else if (aspect == ASPECT_SECURITY_PROFILES)
        request_put_ids(&out, "SecurityProfileIds", wanted->security_profile_ids,
                        wanted->n_security_profile_ids);
    else if (aspect == ASPECT_ROUTING_PROFILE)
        json_put_str(&out, "RoutingProfileId", wanted->routing_profile_id);
    else if (aspect == ASPECT_HIERARCHY && wanted->hierarchy_group_id.n > 0)
        json_put_str(&out, "HierarchyGroupId", wanted->hierarchy_group_id); /* absent: removed */
    else if (aspect == ASPECT_PHONE)
        request_put_phone(&out, &wanted->phone);
    json_out_end(&out, '}');
    return request_sealed(r);
}

/* ---- proficiencies ---- */

struct request request_list_proficiencies(struct span instance_id, struct span user_id,
                                          struct span token)
{
    struct request r = agent_request("GET", instance_id, user_id, "/proficiencies");

    request_add_query(&r, "maxResults", SPAN("100"));
    if (token.n > 0)
        request_add_query(&r, "nextToken", token);
    return request_sealed(r);
}

struct request request_change_proficiencies(struct span instance_id, struct span user_id,
                                            enum proficiency_change change,
                                            const struct proficiency *p, size_t n)
{
    static const char *const paths[] = {[PROFICIENCY_ASSOCIATE] = "/associate-proficiencies",
                                        [PROFICIENCY_UPDATE] = "/proficiencies",
                                        [PROFICIENCY_DISASSOCIATE] = "/disassociate-proficiencies"};
    struct request r = agent_request("POST", instance_id, user_id, paths[change]);
    struct json_out out = json_out(&r.body);

    r.has_body = true;
    json_out_begin(&out, '{');
    json_out_key(&out, "UserProficiencies");
    json_out_begin(&out, '[');
    for (size_t i = 0; i < n; i++) {
        json_out_begin(&out, '{');
        json_put_str(&out, "AttributeName", p[i].attribute);
        json_put_str(&out, "AttributeValue", p[i].value);
        if (change != PROFICIENCY_DISASSOCIATE) {
            json_out_key(&out, "Level");
            json_out_real(&out, p[i].level);
        }
        json_out_end(&out, '}');
    }
    json_out_end(&out, ']');
    json_out_end(&out, '}');
    return request_sealed(r);
}

/* ---- contacts ---- */

struct request request_current_user_data(struct span instance_id, struct span user_id)
{
    struct request r = request_to("POST", "/metrics/userdata/", instance_id);
    struct json_out out = json_out(&r.body);

    r.has_body = r.is_read = true;
    json_out_begin(&out, '{');
    json_out_key(&out, "Filters");
    json_out_begin(&out, '{');
    request_put_ids(&out, "Agents", &user_id, 1);
    json_out_end(&out, '}');
    json_out_end(&out, '}');
    return request_sealed(r);
}
