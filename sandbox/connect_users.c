/* Users: made, looked at, removed, listed, at work. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_operations.h"
#include "connect_page.h"
#include "connect_rules.h"
#include "connect_user.h"

static const char *const kept[] = {
    "Username",           "IdentityInfo",     "PhoneConfig",      "DirectoryUserId",
    "SecurityProfileIds", "RoutingProfileId", "HierarchyGroupId", "Tags",
};

/* Thousands of agents have the same profiles and the same phone settings: equal values become one.
 */
static json_t *share(struct connect_side *side, json_t *value)
{
    for (size_t i = 0; i < SIDE_SHARED; i++)
        if (side->shared[i] != NULL && json_equal(side->shared[i], value))
            return side->shared[i];
    json_decref(side->shared[side->next_shared]);
    side->shared[side->next_shared] = json_incref(value);
    side->next_shared = (side->next_shared + 1) % SIDE_SHARED;
    return value;
}

json_t *user_doc(struct connect_side *side, const json_t *input)
{
    json_t *doc = json_object();

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        json_t *value = json_object_get(input, kept[i]);

        if (value != NULL)
            json_object_set(doc, kept[i], i >= 2 && i < 7 ? share(side, value) : value);
    }
    for (size_t i = 0; rules_lists[i] != NULL; i++)
        if (json_object_get(input, rules_lists[i]) != NULL)
            json_object_set(doc, rules_lists[i],
                            share(side, json_object_get(input, rules_lists[i])));
    return doc;
}

json_t *user_show(const struct connect_side *side, const struct agent *agent,
                  const struct agent_version *version)
{
    json_t *user = json_copy(version->doc);

    json_object_set_new(user, "Id", json_string(agent->id));
    json_object_set_new(user, "Arn", side_arn(side, "agent", agent->id));
    json_object_del(user, "UserProficiencies");
    if (json_object_get(user, "Tags") == NULL)
        json_object_set_new(user, "Tags", json_object());
    side_stamp(side, user, version->wall_ms + side->clock_offset_ms);
    return user;
}

/* The input breaks a rule for new users; true after call_fail. */
static bool user_is_refused(struct call *call)
{
    const json_t *phone = json_object_get(call->input, "PhoneConfig");

    return !rules_login(call) ||
           !rules_identity(call, json_object_get(call->input, "IdentityInfo"), true) ||
           !rules_phone(call, phone) || !rules_channels(call) || !rules_either(call, phone) ||
           !rules_security_profiles(call, json_object_get(call->input, "SecurityProfileIds")) ||
           !rules_routing_profile(call, call_text(call, "RoutingProfileId")) ||
           !rules_group(call, call_text(call, "HierarchyGroupId"));
}

void create_user(struct call *call)
{
    struct connect_side *side = call->side;
    const char *name = call_text(call, "Username");
    struct agent *agent;

    if (user_is_refused(call))
        return;
    if (agents_named(&side->agents, name) != NULL) {
        call_fail(call, "DuplicateResourceException", "A user with the username %s already exists",
                  name);
        return;
    }
    if (side->agents.n_live >= side->quota) {
        call_fail(call, "LimitExceededException",
                  "The limit of %zu users for this instance is reached", side->quota);
        return;
    }
    agent = agents_add(&side->agents, NULL, user_doc(side, call->input));
    call_ok(call, json_pack("{s:s, s:o}", "UserId", agent->id, "UserArn",
                            side_arn(side, "agent", agent->id)));
}

void describe_user(struct call *call)
{
    const char *id = call_text(call, "UserId");
    struct agent *agent = agents_ever_with_id(&call->side->agents, id);
    const struct agent_version *version =
        agent == NULL ? NULL : agent_seen(agent, call->side->read_delay_ms);

    if (version == NULL)
        call_fail(call, NOT_FOUND, "User with id %s not found", id);
    else
        call_ok(call, json_pack("{s:o}", "User", user_show(call->side, agent, version)));
}

void delete_user(struct call *call)
{
    struct agent *agent = call_agent(call);

    if (agent == NULL)
        return;
    agents_remove(&call->side->agents, agent);
    call_ok(call, NULL);
}

void list_users(struct call *call)
{
    struct connect_side *side = call->side;
    struct agent *agent;
    struct page page;
    json_t *items;

    if (!page_begin(call, &page))
        return;
    items = json_array();
    agent = agents_from(&side->agents, page.from);
    while (agent != NULL && json_array_size(items) < page.limit) {
        const struct agent_version *version = agent_seen(agent, side->list_delay_ms);

        page.from = agent->number + 1;
        if (version != NULL) {
            json_t *row = json_pack("{s:s, s:o, s:s}", "Id", agent->id, "Arn",
                                    side_arn(side, "agent", agent->id), "Username", agent->name);

            side_stamp(side, row, version->wall_ms + side->clock_offset_ms);
            json_array_append_new(items, row);
        }
        agent = agents_from(&side->agents, page.from);
    }
    page_end(call, &page, items, json_array_size(items) == page.limit, page.from);
}

/* ---- at work ---- */

void user_set_status(struct agent *agent, const char *status_id)
{
    char *copy = mem_dup_str(status_id);

    free(agent->status_id);
    agent->status_id = copy;
    agent->status_wall_ms = clock_wall_ms();
}

void put_user_status(struct call *call)
{
    struct agent *agent = call_agent(call);
    const char *status = call_text(call, "AgentStatusId");

    if (agent == NULL)
        return;
    if (thing_find(call->side->statuses, "Id", status) == NULL) {
        call_fail(call, NOT_FOUND, "Agent status with id %s not found", status);
        return;
    }
    if (agent->status_id == NULL) {
        call_fail(call, BAD_REQUEST, "the user is not logged in");
        return;
    }
    user_set_status(agent, status);
    call_ok(call, json_object());
}

static json_t *current_data(const struct connect_side *side, const struct agent *agent)
{
    const json_t *doc = agent->newest->doc;
    const json_t *status = thing_find(side->statuses, "Id", agent->status_id);
    const char *routing = json_string_value(json_object_get(doc, "RoutingProfileId"));
    json_t *contacts = json_array();

    for (int i = 0; i < agent->contacts; i++)
        json_array_append_new(contacts, json_pack("{s:o, s:s, s:s}", "ContactId",
                                                  json_sprintf("%s-%d", agent->id, i), "Channel",
                                                  "VOICE", "AgentContactState", "CONNECTED"));
    return json_pack("{s:{s:s, s:o}, s:{s:s, s:o}, s:{s:f, s:o, s:O?}, s:o}", "User", "Id",
                     agent->id, "Arn", side_arn(side, "agent", agent->id), "RoutingProfile", "Id",
                     routing, "Arn", side_arn(side, "routing-profile", routing), "Status",
                     "StatusStartTimestamp", (double)agent->status_wall_ms / MS_PER_S, "StatusArn",
                     side_arn(side, "agent-state", agent->status_id), "StatusName",
                     json_object_get(status, "Name"), "Contacts", contacts);
}

static bool list_has(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        if (text != NULL && strcmp(json_string_value(item), text) == 0)
            return true;
    }
    return false;
}

static bool is_asked_for(const json_t *filters, const struct agent *agent)
{
    const json_t *doc = agent->newest->doc;

    return list_has(json_object_get(filters, "Agents"), agent->id) ||
           list_has(json_object_get(filters, "RoutingProfiles"),
                    json_string_value(json_object_get(doc, "RoutingProfileId"))) ||
           list_has(json_object_get(filters, "UserHierarchyGroups"),
                    json_string_value(json_object_get(doc, "HierarchyGroupId")));
}

void get_current_user_data(struct call *call)
{
    const json_t *filters = json_object_get(call->input, "Filters");
    struct agents *agents = &call->side->agents;
    json_t *all, *out;
    size_t n_filters =
        json_object_size(filters) - (json_object_get(filters, "ContactFilter") != NULL ? 1 : 0);

    if (n_filters != 1) {
        call_fail(call, BAD_PARAMETER,
                  "exactly one of Queues, RoutingProfiles, Agents, UserHierarchyGroups is needed");
        return;
    }
    all = json_array();
    for (struct agent *a = agents_from(agents, 0); a != NULL;
         a = agents_from(agents, a->number + 1))
        if (!a->newest->is_gone && a->status_id != NULL && is_asked_for(filters, a))
            json_array_append_new(all, current_data(call->side, a));
    out = page_of(call, all);
    if (out != NULL)
        json_object_set_new(out, "ApproximateTotalCount",
                            json_integer((json_int_t)json_array_size(all)));
    json_decref(all);
}
