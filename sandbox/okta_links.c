#include "okta_links.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { FIRST_ROOM = 16, FEW_ENDED = 1024 };

bool okta_link_is_at(const struct okta_link *link, int64_t at_ms)
{
    return link->from_ms <= at_ms && link->until_ms > at_ms;
}

bool okta_grouping_is_at(const struct okta_grouping *grouping, int64_t at_ms)
{
    return grouping->from_ms <= at_ms && grouping->until_ms > at_ms;
}

static void link_free(struct okta_link *link)
{
    struct okta_link **p = &link->user->links;

    while (*p != link)
        p = &(*p)->next_of_user;
    *p = link->next_of_user;
    free(link->user_name);
    free(link->profile);
    free(link);
}

/* Forgets those that no delay can show any more. */
static void sweep(struct okta_containers *all, struct okta_container *c)
{
    int64_t then_ms = clock_mono_ms() - all->keep_ms;
    size_t n = 0;

    if (c->n_ended < FEW_ENDED || c->n_ended < c->n_links / 2)
        return;
    c->n_ended = 0;
    for (size_t i = 0; i < c->n_links; i++) {
        if (c->links[i]->until_ms <= then_ms) {
            link_free(c->links[i]);
            continue;
        }
        c->n_ended += c->links[i]->until_ms != INT64_MAX;
        c->links[n++] = c->links[i];
    }
    c->n_links = n;
}

void okta_links_sweep(struct okta_containers *all)
{
    for (size_t i = 0; i < all->n; i++)
        sweep(all, all->slots[i]);
}

static void append(struct okta_containers *all, struct okta_container *c, struct okta_link *link)
{
    if (c->n_links == c->room) {
        c->room = c->room == 0 ? FIRST_ROOM : c->room * 2;
        c->links = mem_grow(c->links, c->room, sizeof(struct okta_link *));
    }
    link->number = all->next_link++;
    link->from_ms = clock_mono_ms();
    link->until_ms = INT64_MAX;
    link->next_of_user = link->user->links;
    link->user->links = link;
    c->links[c->n_links++] = link;
}

struct okta_link *okta_link_add(struct okta_containers *all, struct okta_container *c,
                                struct okta_user *user, uint32_t now_s)
{
    struct okta_link *link = mem_new(1, sizeof *link);

    *link = (struct okta_link){.user = user, .of = c, .created_s = now_s, .updated_s = now_s};
    append(all, c, link);
    link->id_number = link->number;
    return link;
}

void okta_link_end(struct okta_containers *all, struct okta_link *link)
{
    (void)all;
    link->until_ms = clock_mono_ms();
    link->of->n_ended++;
}

struct okta_link *okta_link_renew(struct okta_containers *all, struct okta_link *link,
                                  uint32_t now_s)
{
    struct okta_link *copy = mem_new(1, sizeof *copy);

    *copy = *link;
    copy->user_name = mem_dup_str(link->user_name);
    copy->profile = mem_dup_str(link->profile);
    copy->updated_s = now_s;
    okta_link_end(all, link);
    append(all, copy->of, copy);
    return copy;
}

struct okta_link *okta_link_at(const struct okta_user *user, const struct okta_container *c,
                               int64_t at_ms)
{
    struct okta_link *link = user->links;

    while (link != NULL && (link->of != c || !okta_link_is_at(link, at_ms)))
        link = link->next_of_user;
    return link;
}

size_t okta_links_from(const struct okta_container *c, uint64_t number)
{
    size_t low = 0, high = c->n_links;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (c->links[middle]->number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* ---- groups of applications ---- */

struct okta_grouping *okta_grouping_add(struct okta_container *app, struct okta_container *group,
                                        int priority, json_t *profile, uint32_t now_s)
{
    struct okta_grouping *grouping = mem_new(1, sizeof *grouping);

    *grouping = (struct okta_grouping){.group = group,
                                       .app = app,
                                       .next_of_group = group->groupings,
                                       .next_of_app = app->groupings,
                                       .from_ms = clock_mono_ms(),
                                       .until_ms = INT64_MAX,
                                       .updated_s = now_s,
                                       .priority = priority,
                                       .profile = profile == NULL ? json_object() : profile};
    group->groupings = grouping;
    app->groupings = grouping;
    return grouping;
}

void okta_grouping_end(struct okta_grouping *grouping)
{
    grouping->until_ms = clock_mono_ms();
}

struct okta_grouping *okta_grouping_at(const struct okta_container *app,
                                       const struct okta_container *group, int64_t at_ms)
{
    struct okta_grouping *grouping = app->groupings;

    while (grouping != NULL && (grouping->group != group || !okta_grouping_is_at(grouping, at_ms)))
        grouping = grouping->next_of_app;
    return grouping;
}
