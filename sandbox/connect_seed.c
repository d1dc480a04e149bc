#include "connect_seed.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { PAST_MS = 60000 };

extern const unsigned char connect_default_json[];
extern const size_t connect_default_json_size;

static const char *text_of(const json_t *from, const char *key)
{
    return json_string_value(json_object_get(from, key));
}

enum err seed_instance(struct connect_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"id",       "alias",  "account", "region",
                                        "identity", "exists", NULL};
    const char *id = text_of(from, "id"), *identity = text_of(from, "identity"),
               *alias = text_of(from, "alias");
    const json_t *exists = json_object_get(from, "exists");

    if (sandbox_only(from, names, fail) != ERR_NONE)
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

    if (sandbox_only(from, names, fail) != ERR_NONE)
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

    if (sandbox_only(from, names, fail) != ERR_NONE)
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

    if (sandbox_only(from, names, fail) != ERR_NONE)
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
        json_t **list = seed_list(side, kinds[k]);
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
                                        "generate",
                                        "predefined_attributes",
                                        "quick_connects",
                                        "quota",
                                        "empty_each",
                                        "delays",
                                        "throttle",
                                        "faults",
                                        NULL};
    const json_t *instance = json_object_get(seed, "instance"),
                 *delays = json_object_get(seed, "delays");
    const json_t *quota = json_object_get(seed, "quota"),
                 *generate = json_object_get(seed, "generate"),
                 *empty = json_object_get(seed, "empty_each");
    enum err err = sandbox_only(seed, names, fail);

    if (err == ERR_NONE && instance != NULL)
        err = seed_instance(side, instance, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "keys"), seed_key, fail);
    if (err == ERR_NONE)
        err = seed_things(side, seed, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "agents"), seed_agent, fail);
    if (err == ERR_NONE && generate != NULL)
        err = seed_generate(side, generate, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "throttle"), seed_throttle, fail);
    if (err == ERR_NONE)
        err = each(side, json_object_get(seed, "faults"), one_fault, fail);
    if (err == ERR_NONE && delays != NULL)
        err = seed_delays(side, delays, fail);
    if (err == ERR_NONE && quota != NULL)
        side->quota = (size_t)json_integer_value(quota);
    if (err == ERR_NONE && empty != NULL)
        side->empty_each = (uint64_t)json_integer_value(empty);
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
