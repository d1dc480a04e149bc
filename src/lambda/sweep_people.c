#include "lambda/sweep_people.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "lambda/gone_tag.h"

enum { ROOM = 256, PLACES = 1024 /* a power of two */, HOLDERS_MAX = 4096 };

void sweep_people_done(struct sweep_people *people)
{
    arena_done(&people->arena);
    free(people->rows);
    free(people->places);
    free(people->holders);
    free(people->others);
    *people = (struct sweep_people){.n = 0};
}

/* ---- finding ---- */

/* FNV-1a. Ids are given out by Okta, names are an instance's own: who could choose them to collide
 * could as well do worse. Never 0. */
static uint64_t hash_of(struct span id)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < id.n; i++)
        hash = (hash ^ (unsigned char)id.p[i]) * 1099511628211U;
    hash ^= hash >> 32;
    return hash == 0 ? 1 : hash;
}

/* Where the id is, or the free place where it would be. */
static uint32_t *place_of(const struct sweep_people *people, struct span id)
{
    size_t i = (size_t)hash_of(id) & (people->n_places - 1);

    while (people->places[i] != 0 && !span_eq(people->rows[people->places[i] - 1].id, id))
        i = (i + 1) & (people->n_places - 1);
    return &people->places[i];
}

struct sweep_row *sweep_people_find(const struct sweep_people *people, struct span id)
{
    uint32_t place = people->n_places == 0 ? 0 : *place_of(people, id);

    return place == 0 ? NULL : &people->rows[place - 1];
}

static void make_room(struct sweep_people *people)
{
    if (people->n == people->room) {
        people->room = people->room == 0 ? ROOM : people->room * 2;
        people->rows = mem_grow(people->rows, people->room, sizeof(*people->rows));
    }
    if (people->n_places > 2 * people->n)
        return;
    free(people->places);
    people->n_places = people->n_places == 0 ? PLACES : people->n_places * 2;
    people->places = mem_new(people->n_places, sizeof(*people->places));
    for (size_t i = 0; i < people->n; i++)
        *place_of(people, people->rows[i].id) = (uint32_t)i + 1;
}

static struct sweep_row *row_of(struct sweep_people *people, struct span id)
{
    struct sweep_row *row = sweep_people_find(people, id);

    if (row != NULL)
        return row;
    make_room(people);
    row = &people->rows[people->n];
    *row = (struct sweep_row){.id = arena_span(&people->arena, id)};
    *place_of(people, id) = (uint32_t)++people->n;
    return row;
}

/* ---- Okta ---- */

static void take(struct sweep_people *people, struct span *held, struct span shown)
{
    if (held->n == 0 && shown.n > 0)
        *held = arena_span(&people->arena, shown);
}

static void add_container(struct sweep_people *people, struct sweep_row *row, uint16_t number)
{
    uint16_t *list;

    for (uint32_t i = 0; i < row->n_containers; i++)
        if (row->containers[i] == number)
            return;
    list = arena_new(&people->arena, row->n_containers + 1, sizeof(*list));
    if (row->n_containers > 0)
        memcpy(list, row->containers, row->n_containers * sizeof(*list));
    list[row->n_containers++] = number;
    row->containers = list;
}

void sweep_people_show(struct sweep_people *people, const struct sweep_row *shown,
                       const uint16_t *container)
{
    struct sweep_row *row = row_of(people, shown->id);

    row->is_shown = true;
    take(people, &row->status, shown->status);
    take(people, &row->login, shown->login);
    take(people, &row->display_name, shown->display_name);
    take(people, &row->app_user_name, shown->app_user_name);
    take(people, &row->profile, shown->profile);
    if (container != NULL)
        add_container(people, row, *container);
}

/* ---- Amazon Connect ---- */

static void count_holder(struct sweep_people *people, struct span profile_id)
{
    for (size_t i = 0; i < people->n_holders; i++)
        if (span_eq(people->holders[i].profile_id, profile_id)) {
            people->holders[i].n++;
            return;
        }
    if (people->n_holders == HOLDERS_MAX)
        return; /* whose number is not known has nobody: then nobody with it is removed */
    people->holders = mem_grow(people->holders, people->n_holders + 1, sizeof(*people->holders));
    people->holders[people->n_holders++] =
        (struct sweep_holders){arena_span(&people->arena, profile_id), 1};
}

static void keep_agent(struct sweep_people *people, struct sweep_row *row,
                       const struct agent *agent, const struct entitlement *found)
{
    struct buf json;

    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&json, found);
    row->agent_id = arena_span(&people->arena, agent->id);
    row->agent_name = arena_span(&people->arena, agent->user_name);
    row->found = json.full ? SPAN("") : arena_span(&people->arena, buf_span(&json));
    row->has_gone_tag = gone_tag_read(agent, &row->gone_ms);
    buf_done(&json);
}

static uint64_t *other_of(const struct sweep_people *people, uint64_t hash)
{
    size_t i = (size_t)hash & (people->n_other_places - 1);

    while (people->others[i] != 0 && people->others[i] != hash)
        i = (i + 1) & (people->n_other_places - 1);
    return &people->others[i];
}

static void add_other(struct sweep_people *people, const struct agent *agent)
{
    uint64_t *before = people->others;
    size_t n = people->n_other_places;

    if (agent_tag(agent, SPAN(TAG_MANAGED_BY)).p != NULL)
        return;
    if (n <= 2 * people->n_others) {
        people->n_other_places = n == 0 ? PLACES : n * 2;
        people->others = mem_new(people->n_other_places, sizeof(*people->others));
        for (size_t i = 0; i < n; i++)
            if (before[i] != 0)
                *other_of(people, before[i]) = before[i];
        free(before);
    }
    *other_of(people, hash_of(agent->user_name)) = hash_of(agent->user_name);
    people->n_others++;
}

bool sweep_people_has_other(const struct sweep_people *people, struct span user_name)
{
    return people->n_other_places > 0 && *other_of(people, hash_of(user_name)) != 0;
}

void sweep_people_take_agent(struct sweep_people *people, struct span owner,
                             const struct agent *agent, const struct entitlement *found)
{
    struct sweep_row *row = owner.n == 0 ? NULL : row_of(people, owner);

    if (row != NULL && span_eq(row->agent_id, agent->id))
        return;
    people->agents++;
    for (size_t i = 0; i < found->n_security_profile_ids; i++)
        count_holder(people, found->security_profile_ids[i]);
    if (row == NULL) {
        add_other(people, agent);
        return;
    }
    people->managed++;
    if (row->n_agents++ == 0)
        keep_agent(people, row, agent, found);
}

int64_t sweep_people_holders(const struct sweep_people *people, struct span profile_id)
{
    for (size_t i = 0; i < people->n_holders; i++)
        if (span_eq(people->holders[i].profile_id, profile_id))
            return people->holders[i].n;
    return 0;
}
