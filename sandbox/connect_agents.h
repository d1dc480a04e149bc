/* The agents of the played instance, with their past: searches and lists see the state of a moment
 * ago, as the real service is only eventually consistent. Found by id and by name in constant time;
 * in order of creation for paging. */
#ifndef SANDBOX_CONNECT_AGENTS_H
#define SANDBOX_CONNECT_AGENTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "text/uuid.h"

/* One state of an agent. doc has the members of DescribeUser's User but for Id, Arn and
 * LastModified…, and UserProficiencies (a list). It is never changed once it is here. */
struct agent_version {
    struct agent_version *older;
    int64_t since_ms; /* monotonic */
    int64_t wall_ms;
    bool is_gone;
    json_t *doc;
};

struct agent {
    uint64_t number; /* grows with each creation */
    char id[UUID_TEXT + 1];
    char *name;
    struct agent_version *newest;
    char *status_id; /* NULL: not logged in */
    int64_t status_wall_ms;
    int contacts; /* at work on so many */
    struct agent *next_by_id, *next_by_name, *next_gone;
};

struct agents {
    struct {
        uint64_t number;
        struct agent *agent; /* NULL: was removed */
    } * slots;
    size_t n_slots, room, n_holes;
    struct agent **by_id, **by_name;
    size_t n_buckets;
    size_t n_live;
    uint64_t next_number;
    int64_t keep_ms; /* how long the past is kept: the longest of the delays */
    struct agent *first_gone, *last_gone;
    json_t *gone; /* who was removed, in order: doc with Id and gone_ms (of clock_wall_ms) */
};

void agents_init(struct agents *agents);
void agents_done(struct agents *agents);
/* Takes doc. id NULL makes one. The name must be free (agents_named). */
struct agent *agents_add(struct agents *agents, const char *id, json_t *doc);
/* Takes doc, the new state. */
void agents_change(struct agents *agents, struct agent *agent, json_t *doc);
void agents_remove(struct agents *agents, struct agent *agent);
/* The one that exists now, NULL for none. Names are compared byte for byte. */
struct agent *agents_with_id(const struct agents *agents, const char *id);
struct agent *agents_named(const struct agents *agents, const char *name);
/* Also those gone a short while ago. */
struct agent *agents_ever_with_id(const struct agents *agents, const char *id);
/* Calls fn for all whose name is equal but for ASCII case, gone ones included. */
void agents_each_named(const struct agents *agents, const char *name,
                       void (*fn)(void *arg, struct agent *agent), void *arg);
/* The first with a number of at least `number`, gone ones included, NULL at the end. */
struct agent *agents_from(const struct agents *agents, uint64_t number);
/* The state that was the newest delay_ms ago; NULL when there was none or it was gone. */
const struct agent_version *agent_seen(const struct agent *agent, int64_t delay_ms);
/* Forgets what no delay can show any more. */
void agents_sweep(struct agents *agents);

#endif
