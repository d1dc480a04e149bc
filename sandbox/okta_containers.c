/* Groups and applications: few compared with people, so their states are JSON values. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_links.h"

enum { FIRST_ROOM = 64 };

static void states_free(struct okta_container_state *state)
{
    while (state != NULL) {
        struct okta_container_state *older = state->older;

        json_decref(state->doc);
        free(state);
        state = older;
    }
}

static void container_free(struct okta_container *c)
{
    while (c->kind == OKTA_APP && c->groupings != NULL) {
        struct okta_grouping *grouping = c->groupings;

        c->groupings = grouping->next_of_app;
        json_decref(grouping->profile);
        free(grouping);
    }
    for (size_t i = 0; i < c->n_links; i++) {
        free(c->links[i]->user_name);
        free(c->links[i]->profile);
        free(c->links[i]);
    }
    states_free(c->newest);
    free(c->links);
    free(c->touches);
    free(c);
}

void okta_containers_done(struct okta_containers *all)
{
    for (size_t i = 0; i < all->n; i++)
        container_free(all->slots[i]);
    free(all->slots);
    okta_index_done(&all->by_id);
    *all = (struct okta_containers){0};
}

static void push(const struct okta_containers *all, struct okta_container *c, json_t *doc)
{
    struct okta_container_state *state = mem_new(1, sizeof *state), *last;
    int64_t now_ms = clock_mono_ms();

    *state = (struct okta_container_state){.older = c->newest, .since_ms = now_ms, .doc = doc};
    c->newest = state;
    for (last = state; last != NULL && last->since_ms > now_ms - all->keep_ms;)
        last = last->older;
    if (last != NULL) {
        states_free(last->older);
        last->older = NULL;
    }
}

struct okta_container *okta_containers_add(struct okta_containers *all, enum okta_kind kind,
                                           const char *id, json_t *doc)
{
    struct okta_container *c = mem_new(1, sizeof *c);

    if (all->n == all->room) {
        all->room = all->room == 0 ? FIRST_ROOM : all->room * 2;
        all->slots = mem_grow(all->slots, all->room, sizeof(struct okta_container *));
    }
    c->kind = kind;
    c->number = (uint32_t)all->n;
    if (id == NULL)
        okta_id(c->id, kind == OKTA_GROUP ? "00g" : "0oa", c->number);
    else
        memcpy(c->id, id, strlen(id) + 1);
    push(all, c, doc);
    all->slots[all->n++] = c;
    okta_index_add(&all->by_id, span_of(c->id), c);
    return c;
}

void okta_container_change(const struct okta_containers *all, struct okta_container *c, json_t *doc)
{
    push(all, c, doc);
}

void okta_container_remove(struct okta_containers *all, struct okta_container *c)
{
    struct okta_grouping *g = c->groupings;

    for (size_t i = 0; i < c->n_links; i++)
        if (c->links[i]->until_ms == INT64_MAX)
            okta_link_end(all, c->links[i]);
    for (; g != NULL; g = c->kind == OKTA_APP ? g->next_of_app : g->next_of_group)
        if (g->until_ms == INT64_MAX)
            okta_grouping_end(g);
    push(all, c, NULL);
}

static bool has_id(const void *item, struct span id)
{
    const struct okta_container *c = item;

    return span_eq(span_of(c->id), id);
}

struct okta_container *okta_containers_with_id(const struct okta_containers *all,
                                               enum okta_kind kind, struct span id)
{
    struct okta_container *c = okta_index_find(&all->by_id, id, has_id);

    return c == NULL || c->kind != kind || c->newest->doc == NULL ? NULL : c;
}

const char *okta_doc_name(enum okta_kind kind, const json_t *doc)
{
    return kind == OKTA_APP ? okta_member(doc, "label")
                            : okta_member(json_object_get(doc, "profile"), "name");
}

const char *okta_container_name(const struct okta_container *c)
{
    const struct okta_container_state *state = c->newest;

    return okta_doc_name(c->kind, state->doc == NULL ? state->older->doc : state->doc);
}

struct okta_container *okta_containers_named(const struct okta_containers *all, enum okta_kind kind,
                                             struct span name)
{
    for (size_t i = 0; i < all->n; i++) {
        struct okta_container *c = all->slots[i];

        if (c->kind == kind && c->newest->doc != NULL &&
            span_eq(span_of(okta_container_name(c)), name))
            return c;
    }
    return NULL;
}

const json_t *okta_container_at(const struct okta_container *c, int64_t at_ms)
{
    const struct okta_container_state *state = c->newest;

    while (state != NULL && state->since_ms > at_ms)
        state = state->older;
    return state == NULL ? NULL : state->doc;
}

uint32_t okta_container_touched_s(const struct okta_container *c, int64_t at_ms)
{
    size_t n = c->n_touches;

    while (n > 1 && c->touches[n - 1].since_ms > at_ms)
        n--;
    return n == 0 ? 0 : c->touches[n - 1].wall_s;
}

/* One entry for each second with a change, and none that is too old to be seen. */
void okta_container_touch(const struct okta_containers *all, struct okta_container *c,
                          uint32_t wall_s)
{
    int64_t now_ms = clock_mono_ms();
    size_t past = 0;

    if (c->n_touches > 0 && c->touches[c->n_touches - 1].wall_s == wall_s)
        return;
    while (past + 1 < c->n_touches && c->touches[past + 1].since_ms <= now_ms - all->keep_ms)
        past++;
    if (past > 0) {
        c->n_touches -= past;
        memmove(c->touches, c->touches + past, c->n_touches * sizeof *c->touches);
    }
    c->touches = mem_grow(c->touches, c->n_touches + 1, sizeof *c->touches);
    c->touches[c->n_touches++] = (struct okta_touch){now_ms, wall_s};
}
