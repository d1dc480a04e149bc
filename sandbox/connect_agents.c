#include "connect_agents.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { FIRST_BUCKETS = 1024, FIRST_ROOM = 256, FEW_HOLES = 1024 };

static uint64_t hash(const char *text)
{
    uint64_t h = 14695981039346656037U; /* FNV-1a, over lower case */

    for (; *text != '\0'; text++)
        h = (h ^ (uint64_t)tolower((unsigned char)*text)) * 1099511628211U;
    return h;
}

static bool same_nocase(const char *a, const char *b)
{
    return span_eq_nocase(span_of(a), span_of(b));
}

void agents_init(struct agents *agents)
{
    *agents = (struct agents){.n_buckets = FIRST_BUCKETS, .room = FIRST_ROOM, .next_number = 1};
    agents->by_id = mem_new(agents->n_buckets, sizeof(struct agent *));
    agents->by_name = mem_new(agents->n_buckets, sizeof(struct agent *));
    agents->slots = mem_new(agents->room, sizeof *agents->slots);
    agents->gone = json_array();
}

static void versions_free(struct agent_version *version)
{
    while (version != NULL) {
        struct agent_version *older = version->older;

        json_decref(version->doc);
        free(version);
        version = older;
    }
}

static void agent_free(struct agent *agent)
{
    if (agent == NULL)
        return;
    versions_free(agent->newest);
    free(agent->name);
    free(agent->status_id);
    free(agent);
}

void agents_done(struct agents *agents)
{
    for (size_t i = 0; i < agents->n_slots; i++)
        agent_free(agents->slots[i].agent);
    free(agents->slots);
    json_decref(agents->gone);
    free(agents->by_id);
    free(agents->by_name);
    *agents = (struct agents){0};
}

static void link_in(struct agents *agents, struct agent *agent)
{
    struct agent **id = &agents->by_id[hash(agent->id) % agents->n_buckets];
    struct agent **name = &agents->by_name[hash(agent->name) % agents->n_buckets];

    agent->next_by_id = *id;
    *id = agent;
    agent->next_by_name = *name;
    *name = agent;
}

static void link_out(struct agents *agents, struct agent *agent)
{
    struct agent **p;

    for (p = &agents->by_id[hash(agent->id) % agents->n_buckets]; *p != agent;)
        p = &(*p)->next_by_id;
    *p = agent->next_by_id;
    for (p = &agents->by_name[hash(agent->name) % agents->n_buckets]; *p != agent;)
        p = &(*p)->next_by_name;
    *p = agent->next_by_name;
}

static void make_room(struct agents *agents)
{
    if (agents->n_slots < agents->room)
        return;
    agents->room *= 2;
    agents->slots = mem_grow(agents->slots, agents->room, sizeof *agents->slots);
    if (agents->room <= agents->n_buckets)
        return;
    agents->n_buckets = agents->room;
    free(agents->by_id);
    free(agents->by_name);
    agents->by_id = mem_new(agents->n_buckets, sizeof(struct agent *));
    agents->by_name = mem_new(agents->n_buckets, sizeof(struct agent *));
    for (size_t i = 0; i < agents->n_slots; i++)
        if (agents->slots[i].agent != NULL)
            link_in(agents, agents->slots[i].agent);
}

/* Drops the states that are older than the one seen keep_ms ago. */
static void forget_past(const struct agents *agents, struct agent *agent, int64_t now_ms)
{
    struct agent_version *version = agent->newest;

    while (version != NULL && version->since_ms > now_ms - agents->keep_ms)
        version = version->older;
    if (version == NULL)
        return;
    versions_free(version->older);
    version->older = NULL;
}

static void push(struct agents *agents, struct agent *agent, json_t *doc, bool is_gone)
{
    struct agent_version *version = mem_new(1, sizeof *version);

    *version = (struct agent_version){.older = agent->newest,
                                      .since_ms = clock_mono_ms(),
                                      .wall_ms = clock_wall_ms(),
                                      .is_gone = is_gone,
                                      .doc = doc};
    agent->newest = version;
    forget_past(agents, agent, version->since_ms);
}

struct agent *agents_add(struct agents *agents, const char *id, json_t *doc)
{
    struct agent *agent = mem_new(1, sizeof *agent);

    make_room(agents);
    uuid_random(agent->id);
    if (id != NULL && strlen(id) <= UUID_TEXT)
        memcpy(agent->id, id, strlen(id) + 1);
    agent->name = mem_dup_str(json_string_value(json_object_get(doc, "Username")));
    assert(agent->name != NULL);
    agent->number = agents->next_number++;
    push(agents, agent, doc, false);
    agents->slots[agents->n_slots].number = agent->number;
    agents->slots[agents->n_slots++].agent = agent;
    link_in(agents, agent);
    agents->n_live++;
    return agent;
}

void agents_change(struct agents *agents, struct agent *agent, json_t *doc)
{
    push(agents, agent, doc, false);
}

void agents_remove(struct agents *agents, struct agent *agent)
{
    json_t *was = json_copy(agent->newest->doc);

    assert(!agent->newest->is_gone);
    json_object_set_new(was, "Id", json_string(agent->id));
    json_object_set_new(was, "gone_ms", json_integer((json_int_t)clock_wall_ms()));
    json_array_append_new(agents->gone, was);
    push(agents, agent, NULL, true);
    agents->n_live--;
    if (agents->last_gone == NULL)
        agents->first_gone = agent;
    else
        agents->last_gone->next_gone = agent;
    agents->last_gone = agent;
}

struct agent *agents_ever_with_id(const struct agents *agents, const char *id)
{
    struct agent *agent = agents->by_id[hash(id) % agents->n_buckets];

    while (agent != NULL && strcmp(agent->id, id) != 0)
        agent = agent->next_by_id;
    return agent;
}

struct agent *agents_with_id(const struct agents *agents, const char *id)
{
    struct agent *agent = agents_ever_with_id(agents, id);

    return agent == NULL || agent->newest->is_gone ? NULL : agent;
}

struct agent *agents_named(const struct agents *agents, const char *name)
{
    struct agent *agent = agents->by_name[hash(name) % agents->n_buckets];

    while (agent != NULL && (agent->newest->is_gone || strcmp(agent->name, name) != 0))
        agent = agent->next_by_name;
    return agent;
}

void agents_each_named(const struct agents *agents, const char *name,
                       void (*fn)(void *arg, struct agent *agent), void *arg)
{
    for (struct agent *agent = agents->by_name[hash(name) % agents->n_buckets]; agent != NULL;
         agent = agent->next_by_name)
        if (same_nocase(agent->name, name))
            fn(arg, agent);
}

static size_t slot_of(const struct agents *agents, uint64_t number)
{
    size_t low = 0, high = agents->n_slots;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (agents->slots[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct agent *agents_from(const struct agents *agents, uint64_t number)
{
    size_t i = slot_of(agents, number);

    while (i < agents->n_slots && agents->slots[i].agent == NULL)
        i++;
    return i < agents->n_slots ? agents->slots[i].agent : NULL;
}

const struct agent_version *agent_seen(const struct agent *agent, int64_t delay_ms)
{
    const struct agent_version *version = agent->newest;
    int64_t then_ms = clock_mono_ms() - delay_ms;

    while (version != NULL && version->since_ms > then_ms)
        version = version->older;
    return version == NULL || version->is_gone ? NULL : version;
}

static void close_holes(struct agents *agents)
{
    size_t n = 0;

    for (size_t i = 0; i < agents->n_slots; i++)
        if (agents->slots[i].agent != NULL)
            agents->slots[n++] = agents->slots[i];
    agents->n_slots = n;
    agents->n_holes = 0;
}

void agents_sweep(struct agents *agents)
{
    int64_t now_ms = clock_mono_ms();

    while (agents->first_gone != NULL &&
           agents->first_gone->newest->since_ms <= now_ms - agents->keep_ms) {
        struct agent *agent = agents->first_gone;

        agents->first_gone = agent->next_gone;
        if (agents->first_gone == NULL)
            agents->last_gone = NULL;
        link_out(agents, agent);
        agents->slots[slot_of(agents, agent->number)].agent = NULL;
        agents->n_holes++;
        agent_free(agent);
    }
    if (agents->n_holes > FEW_HOLES && agents->n_holes > agents->n_slots / 2)
        close_holes(agents);
}
