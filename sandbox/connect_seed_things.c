/* Agents and other things, from their short forms to those of the service. */
#include <stdint.h>
#include <stdlib.h>

#include "connect_pattern.h"
#include "connect_rules.h"
#include "connect_seed.h"
#include "connect_user.h"
#include "fill.h"

enum { FILLED_LIMIT = 64 * 1024 };

static const char *text_of(const json_t *from, const char *key)
{
    return json_string_value(json_object_get(from, key));
}

json_t **seed_list(struct connect_side *side, const char *kind)
{
    const struct {
        const char *kind;
        json_t **list;
    } lists[] = {
        {"security_profiles", &side->security_profiles},
        {"routing_profiles", &side->routing_profiles},
        {"hierarchy_groups", &side->groups},
        {"agent_statuses", &side->statuses},
        {"predefined_attributes", &side->attributes},
        {"quick_connects", &side->quick_connects},
    };

    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (strcmp(lists[i].kind, kind) == 0)
            return lists[i].list;
    return NULL;
}

static const json_t *by_id_or_name(const json_t *things, const char *text)
{
    const json_t *thing = thing_find(things, "Id", text);

    return thing != NULL ? thing : thing_find(things, "Name", text);
}

static json_t *quick_connect_config(const struct connect_side *side, const json_t *from,
                                    const char *type)
{
    const char *user = text_of(from, "user"), *number = text_of(from, "phone_number");
    const struct agent *agent = user == NULL ? NULL : agents_named(&side->agents, user);
    json_t *config = json_pack("{s:s}", "QuickConnectType", type);

    if (user != NULL)
        json_object_set_new(config, "UserConfig",
                            json_pack("{s:s, s:s}", "UserId", agent != NULL ? agent->id : user,
                                      "ContactFlowId", "44444444-aaaa-4bbb-8ccc-000000000001"));
    if (number != NULL)
        json_object_set_new(config, "PhoneConfig", json_pack("{s:s}", "PhoneNumber", number));
    return config;
}

static void put_thing(json_t *list, json_t *thing)
{
    const char *key = text_of(thing, "Id") == NULL ? "Name" : "Id";

    for (size_t i = 0; i < json_array_size(list); i++)
        if (json_equal(json_object_get(json_array_get(list, i), key),
                       json_object_get(thing, key))) {
            json_array_set_new(list, i, thing);
            return;
        }
    json_array_append_new(list, thing);
}

enum err seed_thing(struct connect_side *side, const char *kind, const json_t *from,
                    struct fail *fail)
{
    static const char *const names[] = {
        "id",   "name",   "description", "tags", "access_control_tags", "parent",
        "type", "values", "purposes",    "user", "phone_number",        NULL};
    static const char *const copied[][2] = {
        {"name", "Name"},        {"description", "Description"},
        {"tags", "Tags"},        {"access_control_tags", "AllowedAccessControlTags"},
        {"type", "Type"},        {"values", "Values"},
        {"purposes", "Purposes"}};
    json_t **list = seed_list(side, kind), *thing;
    const char *parent = text_of(from, "parent"), *type = text_of(from, "type");
    const json_t *above = parent == NULL ? NULL : by_id_or_name(side->groups, parent);
    char id[UUID_TEXT + 1];

    if (list == NULL)
        return fail_set(fail, ERR_INPUT, "unknown kind '%s'", kind);
    if (sandbox_only(from, names, fail) != ERR_NONE)
        return fail_within(fail, ERR_INPUT, "%s", kind);
    if (text_of(from, "name") == NULL || (parent != NULL && above == NULL))
        return fail_set(fail, ERR_INPUT, "%s: a name is needed, and a parent that is there before",
                        kind);
    uuid_random(id);
    thing = json_object();
    if (strcmp(kind, "predefined_attributes") != 0)
        json_object_set_new(thing, "Id",
                            json_string(text_of(from, "id") == NULL ? id : text_of(from, "id")));
    for (size_t i = 0; i < sizeof copied / sizeof *copied; i++)
        if (json_object_get(from, copied[i][0]) != NULL)
            json_object_set(thing, copied[i][1], json_object_get(from, copied[i][0]));
    if (above != NULL)
        json_object_set(thing, "ParentId", json_object_get(above, "Id"));
    if (strcmp(kind, "quick_connects") == 0)
        json_object_set_new(thing, "Config",
                            quick_connect_config(side, from, type == NULL ? "USER" : type));
    if (strcmp(kind, "predefined_attributes") == 0 && json_object_get(thing, "Values") == NULL)
        json_object_set_new(thing, "Values", json_array());
    json_object_set_new(thing, "ModifiedMs", json_integer(side_wall_ms(side)));
    put_thing(*list, thing);
    return ERR_NONE;
}

/* ---- agents ---- */

static enum err add_ids(json_t *ids, const json_t *things, const json_t *wanted, struct fail *fail)
{
    size_t i;
    json_t *item;

    json_array_foreach(wanted, i, item)
    {
        const json_t *thing = by_id_or_name(things, json_string_value(item));

        if (thing == NULL)
            return fail_set(fail, ERR_NOT_FOUND, "no security profile '%s'",
                            json_string_value(item));
        json_array_append(ids, json_object_get(thing, "Id"));
    }
    if (json_array_size(ids) == 0)
        json_array_append(ids, json_object_get(json_array_get(things, 0), "Id"));
    return ERR_NONE;
}

static enum err set_id(json_t *input, const char *member, const json_t *things, const char *wanted,
                       struct fail *fail)
{
    const json_t *thing = by_id_or_name(things, wanted);

    if (thing == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "%s: nothing is called '%s'", member,
                        wanted == NULL ? "" : wanted);
    json_object_set(input, member, json_object_get(thing, "Id"));
    return ERR_NONE;
}

static json_t *identity_of(const json_t *from)
{
    const char *first = text_of(from, "first"), *last = text_of(from, "last");
    json_t *identity = json_pack("{s:s, s:s}", "FirstName", first == NULL ? "Sandbox" : first,
                                 "LastName", last == NULL ? "Agent" : last);

    if (text_of(from, "secondary_email") != NULL)
        json_object_set(identity, "SecondaryEmail", json_object_get(from, "secondary_email"));
    return identity;
}

/* The same members as CreateUser's input. */
static enum err agent_input(struct connect_side *side, const json_t *from, json_t *input,
                            struct fail *fail)
{
    json_t *ids = json_array();
    const char *routing = text_of(from, "routing_profile"),
               *group = text_of(from, "hierarchy_group");

    json_object_set(input, "Username", json_object_get(from, "name"));
    json_object_set_new(input, "IdentityInfo", identity_of(from));
    json_object_set_new(input, "PhoneConfig", json_pack("{s:s}", "PhoneType", "SOFT_PHONE"));
    json_object_set_new(input, "SecurityProfileIds", ids);
    if (json_object_get(from, "phone") != NULL)
        json_object_set(input, "PhoneConfig", json_object_get(from, "phone"));
    if (json_object_get(from, "tags") != NULL)
        json_object_set(input, "Tags", json_object_get(from, "tags"));
    if (routing == NULL)
        routing = text_of(json_array_get(side->routing_profiles, 0), "Id");
    if (add_ids(ids, side->security_profiles, json_object_get(from, "security_profiles"), fail) !=
            ERR_NONE ||
        set_id(input, "RoutingProfileId", side->routing_profiles, routing, fail) != ERR_NONE ||
        (group != NULL && set_id(input, "HierarchyGroupId", side->groups, group, fail) != ERR_NONE))
        return ERR_NOT_FOUND;
    return ERR_NONE;
}

enum err seed_agent(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"name",
                                        "id",
                                        "first",
                                        "last",
                                        "secondary_email",
                                        "security_profiles",
                                        "routing_profile",
                                        "hierarchy_group",
                                        "tags",
                                        "phone",
                                        "status",
                                        "contacts",
                                        NULL};
    const char *name = text_of(from, "name"), *id = text_of(from, "id"),
               *status = text_of(from, "status");
    const json_t *state = by_id_or_name(side->statuses, status);
    struct agent *agent;
    json_t *input;
    enum err err;

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (name == NULL || !pattern_is_username(span_of(name), 1, 64) ||
        (id != NULL && strlen(id) > UUID_TEXT))
        return fail_set(fail, ERR_INPUT,
                        "name is 1 to 64 characters of [A-Za-z0-9_.@-]; id at most 36 characters");
    if (agents_named(&side->agents, name) != NULL ||
        (id != NULL && agents_ever_with_id(&side->agents, id) != NULL))
        return fail_set(fail, ERR_CONFLICT, "an agent '%s' is there already", name);
    if (status != NULL && state == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "no agent status '%s'", status);
    input = json_object();
    err = agent_input(side, from, input, fail);
    if (err == ERR_NONE) {
        agent = agents_add(&side->agents, id, user_doc(side, input));
        agent->contacts = (int)json_integer_value(json_object_get(from, "contacts"));
        if (state != NULL)
            user_set_status(agent, text_of(state, "Id"));
    }
    json_decref(input);
    return err;
}

/* What is given replaces; the rest stays. */
enum err seed_agent_change(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"name",
                                        "first",
                                        "last",
                                        "secondary_email",
                                        "security_profiles",
                                        "routing_profile",
                                        "hierarchy_group",
                                        "tags",
                                        "phone",
                                        NULL};
    static const struct {
        const char *given, *member;
    } members[] = {{"first", "IdentityInfo"},
                   {"last", "IdentityInfo"},
                   {"secondary_email", "IdentityInfo"},
                   {"security_profiles", "SecurityProfileIds"},
                   {"routing_profile", "RoutingProfileId"},
                   {"hierarchy_group", "HierarchyGroupId"},
                   {"tags", "Tags"},
                   {"phone", "PhoneConfig"}};
    const char *name = text_of(from, "name");
    struct agent *agent = name == NULL ? NULL : agents_named(&side->agents, name);
    json_t *input, *doc;
    enum err err;

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (agent == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "no agent '%s'", name == NULL ? "" : name);
    input = json_object();
    err = agent_input(side, from, input, fail);
    if (err == ERR_NONE) {
        doc = json_copy(agent->newest->doc);
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            if (json_object_get(from, members[i].given) != NULL)
                json_object_set(doc, members[i].member, json_object_get(input, members[i].member));
        agents_change(&side->agents, agent, doc);
    }
    json_decref(input);
    return err;
}

/* One after the other: what is parsed for one is gone before the next. */
static enum err seed_filled(struct connect_side *side, const char *pattern, uint32_t n,
                            struct fail *fail)
{
    struct buf text;
    json_t *agent;
    enum err err;

    buf_init(&text, FILLED_LIMIT);
    fill_add(&text, pattern, n);
    agent = json_loadb(text.p, text.n, 0, NULL);
    err = agent == NULL ? fail_set(fail, ERR_INPUT, "a pattern is too long")
                        : seed_agent(side, agent, fail);
    json_decref(agent);
    buf_done(&text);
    return err;
}

enum err seed_generate(struct connect_side *side, const json_t *from, struct fail *fail)
{
    json_int_t n = json_integer_value(json_object_get(from, "agents"));
    const json_t *first = json_object_get(from, "from");
    uint32_t begin = first == NULL ? 1 : (uint32_t)json_integer_value(first);
    json_t *agent = json_copy((json_t *)(uintptr_t)from);
    enum err err = ERR_NONE;
    char *pattern;

    json_object_del(agent, "agents");
    json_object_del(agent, "from");
    pattern = json_dumps(agent, JSON_COMPACT);
    json_decref(agent);
    if (n < 1 || n > FILL_MOST || text_of(from, "name") == NULL ||
        !fill_is_pattern(text_of(from, "name")))
        err = fail_set(fail, ERR_INPUT, "agents is 1 to %d, and name needs {n}", FILL_MOST);
    for (uint32_t i = begin; err == ERR_NONE && i < begin + (uint32_t)n; i++)
        err = seed_filled(side, pattern, i, fail);
    free(pattern);
    return err;
}

enum err seed_agents(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"agents", "generate", NULL};
    enum err err = sandbox_only(from, names, fail);
    size_t i;
    json_t *item;

    if (err != ERR_NONE)
        return err;
    json_array_foreach(json_object_get(from, "agents"), i, item)
    {
        err = seed_agent(side, item, fail);
        if (err != ERR_NONE)
            return err;
    }
    if (json_object_get(from, "generate") != NULL)
        err = seed_generate(side, json_object_get(from, "generate"), fail);
    return err;
}
