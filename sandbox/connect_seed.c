#include "connect_seed.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_pattern.h"
#include "connect_rules.h"
#include "connect_user.h"

enum { PAST_MS = 60000 };

extern const unsigned char connect_default_json[];
extern const size_t connect_default_json_size;

static const char *text_of(const json_t *from, const char *key)
{
    return json_string_value(json_object_get(from, key));
}

/* Every member of from is one of names (ended by NULL), so that a slip of the pen is not silently
 * nothing. */
static enum err only(const json_t *from, const char *const *names, struct fail *fail)
{
    const char *key;
    json_t *value;

    if (!json_is_object(from))
        return fail_set(fail, ERR_INPUT, "a JSON object is needed");
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        size_t i = 0;

        while (names[i] != NULL && strcmp(names[i], key) != 0)
            i++;
        if (names[i] == NULL)
            return fail_set(fail, ERR_INPUT, "unknown member '%s'", key);
    }
    return ERR_NONE;
}

enum err seed_instance(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"id",       "alias",  "account", "region",
                                        "identity", "exists", NULL};
    const char *id = text_of(from, "id"), *identity = text_of(from, "identity"),
               *alias = text_of(from, "alias");
    const json_t *exists = json_object_get(from, "exists");

    if (only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (id != NULL && (*id == '\0' || strlen(id) > 100))
        return fail_set(fail, ERR_INPUT, "id has 1 to 100 characters");
    if (identity != NULL && strcmp(identity, "SAML") != 0 &&
        strcmp(identity, "CONNECT_MANAGED") != 0 && strcmp(identity, "EXISTING_DIRECTORY") != 0)
        return fail_set(fail, ERR_INPUT, "identity is SAML, CONNECT_MANAGED or EXISTING_DIRECTORY");
    if (identity != NULL) {
        free(side->instance.identity);
        side->instance.identity = mem_dup_str(identity);
    }
    if (alias != NULL) {
        free(side->instance.alias);
        side->instance.alias = mem_dup_str(alias);
    }
    if (exists != NULL)
        side->instance.exists = json_is_true(exists);
    side_set_instance(side, id, text_of(from, "region"), text_of(from, "account"));
    return ERR_NONE;
}

enum err seed_key(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"id", "secret", "token", "expires_in_s", NULL};
    const json_t *expires = json_object_get(from, "expires_in_s");

    if (only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (text_of(from, "id") == NULL || text_of(from, "secret") == NULL)
        return fail_set(fail, ERR_INPUT, "a key needs id and secret");
    keys_add(&side->keys, text_of(from, "id"), text_of(from, "secret"), text_of(from, "token"),
             expires == NULL
                 ? 0
                 : side_wall_ms(side) + (int64_t)(json_number_value(expires) * MS_PER_S));
    return ERR_NONE;
}

enum err seed_throttle(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"operation", "rate", "burst", NULL};
    const char *name = text_of(from, "operation");
    const json_t *rate = json_object_get(from, "rate"), *burst = json_object_get(from, "burst");
    double per_s = json_number_value(rate),
           most = burst == NULL ? per_s * 2.5 : json_number_value(burst);

    if (only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (!json_is_number(rate) || per_s < 0 || (per_s > 0 && most < 1))
        return fail_set(fail, ERR_INPUT,
                        "rate is calls a second, 0 for no limit; burst at least 1");
    if (name != NULL && strcmp(name, "*") != 0 && model_find(side->model, name) == NULL)
        return fail_set(fail, ERR_INPUT, "unknown operation '%s'", name);
    for (size_t i = 0; i < model_count(side->model); i++)
        if (name == NULL || strcmp(name, "*") == 0 ||
            strcmp(name, model_at(side->model, i)->name) == 0)
            throttle_set(&side->throttle, i, per_s, most);
    return ERR_NONE;
}

enum err seed_delays(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"search_ms", "list_ms", "read_ms", NULL};
    int64_t *const fields[] = {&side->search_delay_ms, &side->list_delay_ms, &side->read_delay_ms};

    if (only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    for (size_t i = 0; i < 3; i++) {
        const json_t *value = json_object_get(from, names[i]);

        if (value != NULL && (!json_is_integer(value) || json_integer_value(value) < 0))
            return fail_set(fail, ERR_INPUT, "%s is a number of milliseconds", names[i]);
        if (value != NULL)
            *fields[i] = json_integer_value(value);
        if (*fields[i] + PAST_MS > side->agents.keep_ms)
            side->agents.keep_ms = *fields[i] + PAST_MS;
    }
    return ERR_NONE;
}

/* ---- things ---- */

static json_t **list_of(struct connect_side *side, const char *kind)
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
    json_t **list = list_of(side, kind), *thing;
    const char *parent = text_of(from, "parent"), *type = text_of(from, "type");
    const json_t *above = parent == NULL ? NULL : by_id_or_name(side->groups, parent);
    char id[UUID_TEXT + 1];

    if (list == NULL)
        return fail_set(fail, ERR_INPUT, "unknown kind '%s'", kind);
    if (only(from, names, fail) != ERR_NONE)
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

    if (only(from, names, fail) != ERR_NONE)
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

/* ---- a whole seed ---- */

static enum err each(struct connect_side *side, const json_t *list,
                     enum err (*fn)(struct connect_side *side, const json_t *from,
                                    struct fail *fail),
                     struct fail *fail)
{
    size_t i;
    json_t *item;

    json_array_foreach(list, i, item)
    {
        enum err err = fn(side, item, fail);

        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static enum err one_fault(struct connect_side *side, const json_t *from, struct fail *fail)
{
    return faults_set(&side->faults, from, fail);
}

static enum err seed_things(struct connect_side *side, const json_t *seed, struct fail *fail)
{
    static const char *const kinds[] = {"security_profiles",     "routing_profiles",
                                        "hierarchy_groups",      "agent_statuses",
                                        "predefined_attributes", "quick_connects"};

    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        json_t **list = list_of(side, kinds[k]);
        const json_t *given = json_object_get(seed, kinds[k]);
        size_t i;
        json_t *item;

        if (given == NULL)
            continue;
        json_decref(*list);
        *list = json_array();
        json_array_foreach(given, i, item)
        {
            enum err err = seed_thing(side, kinds[k], item, fail);

            if (err != ERR_NONE)
                return err;
        }
    }
    return ERR_NONE;
}

static enum err seed_all(struct connect_side *side, const json_t *seed, struct fail *fail)
{
    static const char *const names[] = {"instance",
                                        "keys",
                                        "security_profiles",
                                        "routing_profiles",
                                        "hierarchy_groups",
                                        "agent_statuses",
                                        "agents",
                                        "predefined_attributes",
                                        "quick_connects",
                                        "quota",
                                        "delays",
                                        "throttle",
                                        "faults",
                                        NULL};
    const json_t *instance = json_object_get(seed, "instance"),
                 *delays = json_object_get(seed, "delays");
    const json_t *quota = json_object_get(seed, "quota");
    enum err err = only(seed, names, fail);

    if (err == ERR_NONE && instance != NULL)
        err = seed_instance(side, instance, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "keys"), seed_key, fail);
    if (err == ERR_NONE)
        err = seed_things(side, seed, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "agents"), seed_agent, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "throttle"), seed_throttle, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "faults"), one_fault, fail);
    if (err == ERR_NONE && delays != NULL)
        err = seed_delays(side, delays, fail);
    if (err == ERR_NONE && quota != NULL)
        side->quota = (size_t)json_integer_value(quota);
    return err;
}

void seed_defaults(struct connect_side *side)
{
    json_t *seed =
        json_loadb((const char *)connect_default_json, connect_default_json_size, 0, NULL);
    struct fail fail;
    enum err err = seed_all(side, seed, &fail);

    assert(err == ERR_NONE);
    (void)err;
    side->instance.created_ms = clock_wall_ms();
    json_decref(seed);
}

enum err connect_side_seed(struct connect_side *side, const json_t *seed, struct fail *fail)
{
    return seed == NULL ? ERR_NONE : seed_all(side, seed, fail);
}
