/* Changes of users. A document is never changed in place: searches and lists may still see the old
 * one. */
#include "connect_operations.h"
#include "connect_rules.h"

static void finish(struct call *call, struct agent *agent, json_t *doc)
{
    agents_change(&call->side->agents, agent, doc);
    call_ok(call, NULL);
}

static void set(struct call *call, struct agent *agent, const char *member, json_t *value)
{
    json_t *doc = json_copy(agent->newest->doc);

    if (value == NULL)
        json_object_del(doc, member);
    else
        json_object_set(doc, member, value);
    finish(call, agent, doc);
}

void update_user_identity_info(struct call *call)
{
    struct agent *agent = call_agent(call);
    json_t *identity = json_object_get(call->input, "IdentityInfo");

    if (agent != NULL && rules_identity(call, identity, false))
        set(call, agent, "IdentityInfo", identity);
}

/* One list of settings per channel, the same for all four channels. */
static json_t *flat(const char *member, const json_t *setting)
{
    static const char *const channels[] = {"VOICE", "CHAT", "TASK", "EMAIL"};
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof channels / sizeof *channels; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:O}", "Channel", channels[i], member, setting));
    return list;
}

/* API_UpdateUserPhoneConfig writes one setting to all channels and so flattens those made by
 * UpdateUserConfig. */
static void flatten(json_t *doc, const json_t *phone)
{
    const json_t *accept = json_object_get(phone, "AutoAccept");
    json_t *limit = json_object_get(phone, "AfterContactWorkTimeLimit");

    if (accept != NULL && json_object_get(doc, "AutoAcceptConfigs") != NULL)
        json_object_set_new(doc, "AutoAcceptConfigs", flat("AutoAccept", accept));
    if (limit != NULL && json_object_get(doc, "AfterContactWorkConfigs") != NULL) {
        json_t *config = json_pack("{s:O}", "AfterContactWorkTimeLimit", limit);

        json_object_set_new(doc, "AfterContactWorkConfigs", flat("AfterContactWorkConfig", config));
        json_decref(config);
    }
    json_object_del(doc, "PhoneNumberConfigs");
    json_object_del(doc, "PersistentConnectionConfigs");
}

void update_user_phone_config(struct call *call)
{
    struct agent *agent = call_agent(call);
    json_t *phone = json_object_get(call->input, "PhoneConfig"), *doc;

    if (agent == NULL || !rules_phone(call, phone))
        return;
    doc = json_copy(agent->newest->doc);
    json_object_set(doc, "PhoneConfig", phone);
    flatten(doc, phone);
    finish(call, agent, doc);
}

void update_user_routing_profile(struct call *call)
{
    struct agent *agent = call_agent(call);

    if (agent != NULL && rules_routing_profile(call, call_text(call, "RoutingProfileId")))
        set(call, agent, "RoutingProfileId", json_object_get(call->input, "RoutingProfileId"));
}

void update_user_security_profiles(struct call *call)
{
    struct agent *agent = call_agent(call);
    json_t *ids = json_object_get(call->input, "SecurityProfileIds");

    if (agent != NULL && rules_security_profiles(call, ids))
        set(call, agent, "SecurityProfileIds", ids);
}

/* Without a group the user leaves the hierarchy. */
void update_user_hierarchy(struct call *call)
{
    struct agent *agent = call_agent(call);

    if (agent != NULL && rules_group(call, call_text(call, "HierarchyGroupId")))
        set(call, agent, "HierarchyGroupId", json_object_get(call->input, "HierarchyGroupId"));
}

void update_user_config(struct call *call)
{
    struct agent *agent = call_agent(call);
    json_t *doc;

    if (agent == NULL || !rules_channels(call))
        return;
    doc = json_copy(agent->newest->doc);
    for (size_t i = 0; rules_lists[i] != NULL; i++)
        if (json_object_get(call->input, rules_lists[i]) != NULL)
            json_object_set(doc, rules_lists[i], json_object_get(call->input, rules_lists[i]));
    finish(call, agent, doc);
}
