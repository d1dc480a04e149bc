/* The control interface of the Amazon Connect side: looking, making trouble, making things. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_rules.h"
#include "connect_seed.h"
#include "connect_user.h"
#include "text/url.h"

static void reply_fail(struct http_exchange *x, const struct fail *fail)
{
    int status = fail->err == ERR_NOT_FOUND ? 404 : fail->err == ERR_CONFLICT ? 409 : 400;

    sandbox_reply_error(x, status, err_name(fail->err), fail->text);
}

static void reply_done(struct http_exchange *x, enum err err, const struct fail *fail)
{
    if (err == ERR_NONE)
        sandbox_reply_json(x, 200, json_pack("{s:b}", "done", 1), NULL);
    else
        reply_fail(x, fail);
}

/* ---- looking ---- */

static json_t *names_of(const json_t *things, const json_t *ids)
{
    json_t *names = json_array(), *id;
    size_t i;

    json_array_foreach(ids, i, id)
    {
        json_t *name = json_object_get(thing_find(things, "Id", json_string_value(id)), "Name");

        json_array_append(names, name == NULL ? id : name);
    }
    return names;
}

static json_t *show(const struct connect_side *side, const struct agent *agent)
{
    const json_t *doc = agent->newest->doc;
    json_t *out = user_show(side, agent, agent->newest);
    const char *routing = json_string_value(json_object_get(doc, "RoutingProfileId"));
    const char *group = json_string_value(json_object_get(doc, "HierarchyGroupId"));

    json_object_set_new(
        out, "SecurityProfileNames",
        names_of(side->security_profiles, json_object_get(doc, "SecurityProfileIds")));
    json_object_set(out, "RoutingProfileName",
                    json_object_get(thing_find(side->routing_profiles, "Id", routing), "Name"));
    if (group != NULL)
        json_object_set(out, "HierarchyGroupName",
                        json_object_get(thing_find(side->groups, "Id", group), "Name"));
    if (json_object_get(doc, "UserProficiencies") != NULL)
        json_object_set(out, "UserProficiencies", json_object_get(doc, "UserProficiencies"));
    if (agent->status_id != NULL)
        json_object_set(
            out, "Status",
            json_object_get(thing_find(side->statuses, "Id", agent->status_id), "Name"));
    return out;
}

static int by_name(const void *a, const void *b)
{
    const struct agent *const *x = a, *const *y = b;

    return strcmp((*x)->name, (*y)->name);
}

static void get_agents(struct connect_side *side, struct http_exchange *x)
{
    const struct agent **sorted;
    json_t *all;
    size_t n = 0;

    if (span_eq(url_query_get(http_query(x), SPAN("gone")), SPAN("1"))) {
        sandbox_reply_json(x, 200, json_pack("{s:O}", "agents", side->agents.gone), NULL);
        return;
    }
    sorted = mem_new(side->agents.n_slots + 1, sizeof *sorted);
    all = json_array();
    for (size_t i = 0; i < side->agents.n_slots; i++)
        if (side->agents.slots[i].agent != NULL && !side->agents.slots[i].agent->newest->is_gone)
            sorted[n++] = side->agents.slots[i].agent;
    qsort(sorted, n, sizeof *sorted, by_name);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(all, show(side, sorted[i]));
    free(sorted);
    sandbox_reply_json(x, 200, json_pack("{s:o}", "agents", all), NULL);
}

static void get_calls(struct connect_side *side, struct http_exchange *x)
{
    bool has_log = span_eq(url_query_get(http_query(x), SPAN("log")), SPAN("1"));

    sandbox_reply_json(x, 200,
                       has_log ? json_pack("{s:o}", "calls", calls_log(&side->calls))
                               : calls_summary(&side->calls),
                       NULL);
}

static void get_instance(struct connect_side *side, struct http_exchange *x)
{
    const struct instance *in = &side->instance;

    sandbox_reply_json(
        x, 200,
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:I, s:I}", "id", in->id,
                  "arn", in->arn, "alias", in->alias, "account", in->account, "region", in->region,
                  "identity", in->identity, "exists", (int)in->exists, "users",
                  (json_int_t)side->agents.n_live, "quota", (json_int_t)side->quota, "search_ms",
                  (json_int_t)side->search_delay_ms, "list_ms", (json_int_t)side->list_delay_ms,
                  "read_ms", (json_int_t)side->read_delay_ms),
        NULL);
}

static void get_profiles(struct connect_side *side, struct http_exchange *x)
{
    sandbox_reply_json(x, 200,
                       json_pack("{s:O, s:O, s:O, s:O, s:O, s:O}", "security_profiles",
                                 side->security_profiles, "routing_profiles",
                                 side->routing_profiles, "hierarchy_groups", side->groups,
                                 "agent_statuses", side->statuses, "predefined_attributes",
                                 side->attributes, "quick_connects", side->quick_connects),
                       NULL);
}

static void get_faults(struct connect_side *side, struct http_exchange *x)
{
    sandbox_reply_json(x, 200, json_pack("{s:o}", "faults", faults_show(&side->faults)), NULL);
}

/* ---- changing ---- */

static enum err post_calls_reset(struct connect_side *side, const json_t *body, struct fail *fail)
{
    (void)fail;
    calls_reset(&side->calls);
    side->calls.keeps_inputs = json_is_true(json_object_get(body, "inputs"));
    return ERR_NONE;
}

static enum err post_faults(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const char *operation = json_string_value(json_object_get(body, "operation"));

    if (operation != NULL && strcmp(operation, "*") != 0 &&
        model_find(side->model, operation) == NULL)
        return fail_set(fail, ERR_INPUT, "unknown operation '%s'", operation);
    return faults_set(&side->faults, body, fail);
}

static enum err post_clock(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const json_t *offset = json_object_get(body, "offset_s");

    if (!json_is_number(offset))
        return fail_set(fail, ERR_INPUT, "offset_s is a number of seconds");
    side->clock_offset_ms = (int64_t)(json_number_value(offset) * MS_PER_S);
    return ERR_NONE;
}

static enum err post_quota(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const json_t *users = json_object_get(body, "users");

    if (!json_is_integer(users) || json_integer_value(users) < 0)
        return fail_set(fail, ERR_INPUT, "users is a number");
    side->quota = (size_t)json_integer_value(users);
    return ERR_NONE;
}

static enum err post_profile(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const char *kind = json_string_value(json_object_get(body, "kind"));
    json_t *thing;
    enum err err;

    if (kind == NULL)
        return fail_set(fail, ERR_INPUT,
                        "kind is security_profiles, routing_profiles, hierarchy_groups, "
                        "agent_statuses, predefined_attributes or quick_connects");
    thing = json_copy((json_t *)(uintptr_t)body);
    json_object_del(thing, "kind");
    err = seed_thing(side, kind, thing, fail);
    json_decref(thing);
    return err;
}

/* {"expire": true} ends all temporary ones; {"lifetime_s": n} sets how long new ones live; else one
 * is added. */
static enum err post_keys(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const json_t *lifetime = json_object_get(body, "lifetime_s");

    if (json_is_true(json_object_get(body, "expire"))) {
        keys_expire(&side->keys);
        return ERR_NONE;
    }
    if (lifetime == NULL)
        return seed_key(side, body, fail);
    if (!json_is_integer(lifetime))
        return fail_set(fail, ERR_INPUT, "lifetime_s is a number of seconds");
    side->keys.lifetime_s = json_integer_value(lifetime);
    return ERR_NONE;
}

/* An agent is logged in and on so many contacts; with 0 they are logged in and free. */
static enum err post_contacts(struct connect_side *side, const json_t *body, struct fail *fail)
{
    const char *name = json_string_value(json_object_get(body, "agent"));
    const json_t *contacts = json_object_get(body, "contacts"),
                 *status = json_array_get(side->statuses, 0);
    struct agent *agent = name == NULL ? NULL : agents_named(&side->agents, name);

    if (agent == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "no agent '%s'", name == NULL ? "" : name);
    if (!json_is_integer(contacts) || json_integer_value(contacts) < 0 ||
        json_integer_value(contacts) > 10)
        return fail_set(fail, ERR_INPUT, "contacts is a number from 0 to 10");
    agent->contacts = (int)json_integer_value(contacts);
    user_set_status(agent, json_string_value(json_object_get(status, "Id")));
    return ERR_NONE;
}

static enum err delete_agent(struct connect_side *side, struct span encoded, struct fail *fail)
{
    struct buf name;
    struct agent *agent;
    enum err err = ERR_NONE;

    buf_init(&name, 512);
    agent = url_add_decoded(&name, encoded) ? agents_named(&side->agents, name.p) : NULL;
    if (agent == NULL)
        err = fail_set(fail, ERR_NOT_FOUND, "no agent '%s'", name.p);
    else
        agents_remove(&side->agents, agent);
    buf_done(&name);
    return err;
}

static enum err delete_profile(struct connect_side *side, struct span id, struct fail *fail)
{
    json_t *lists[] = {side->security_profiles, side->routing_profiles, side->groups,
                       side->statuses,          side->attributes,       side->quick_connects};

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++)
        for (size_t i = 0; i < json_array_size(lists[k]); i++)
            if (span_eq(id, span_of(json_string_value(
                                json_object_get(json_array_get(lists[k], i), "Id"))))) {
                json_array_remove(lists[k], i);
                return ERR_NONE;
            }
    return fail_set(fail, ERR_NOT_FOUND, "nothing has the id '%.*s'", SPAN_ARG(id));
}

static const struct {
    const char *path;
    void (*get)(struct connect_side *side, struct http_exchange *x);
    enum err (*post)(struct connect_side *side, const json_t *body, struct fail *fail);
} controls[] = {
    {"agents", get_agents, seed_agents},
    {"calls", get_calls, NULL},
    {"calls/reset", NULL, post_calls_reset},
    {"faults", get_faults, post_faults},
    {"throttle", NULL, seed_throttle},
    {"clock", NULL, post_clock},
    {"delays", NULL, seed_delays},
    {"agent", NULL, seed_agent},
    {"agent/change", NULL, seed_agent_change},
    {"contacts", NULL, post_contacts},
    {"quota", NULL, post_quota},
    {"instance", get_instance, seed_instance},
    {"profile", NULL, post_profile},
    {"profiles", get_profiles, NULL},
    {"keys", NULL, post_keys},
};

static bool control_delete(struct connect_side *side, struct http_exchange *x, const char *path)
{
    struct span agent = SPAN("agent/"), profile = SPAN("profile/"), rest = span_of(path);
    struct fail fail = {0};

    if (span_starts(rest, agent))
        reply_done(x, delete_agent(side, span_n(rest.p + agent.n, rest.n - agent.n), &fail), &fail);
    else if (span_starts(rest, profile))
        reply_done(x, delete_profile(side, span_n(rest.p + profile.n, rest.n - profile.n), &fail),
                   &fail);
    else
        return false;
    return true;
}

bool connect_side_control(struct connect_side *side, struct http_exchange *x, const char *path,
                          const json_t *body)
{
    struct fail fail = {0};

    if (span_eq(http_method(x), SPAN("DELETE")))
        return control_delete(side, x, path);
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) {
        if (strcmp(controls[i].path, path) != 0)
            continue;
        if (span_eq(http_method(x), SPAN("GET")) && controls[i].get != NULL)
            controls[i].get(side, x);
        else if (span_eq(http_method(x), SPAN("POST")) && controls[i].post != NULL)
            reply_done(x, controls[i].post(side, body, &fail), &fail);
        else
            sandbox_reply_error(x, 405, "method", "this path takes another method");
        return true;
    }
    return false;
}
