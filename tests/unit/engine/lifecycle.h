/* One person of a small world, for the tests of movers and leavers. */
#ifndef ROSTER_TESTS_ENGINE_LIFECYCLE_H
#define ROSTER_TESTS_ENGINE_LIFECYCLE_H

#include "fake_world.h"

enum { HOUR = 60 * MINUTE };

#define DELETED "GetCurrentUserData DeleteUser ListQuickConnects"

static struct world *now; /* the world of the test, for callbacks that get none */

static inline int set_up(void **state)
{
    if (world_new(state) != 0)
        return -1;
    now = *state;
    now->rules.on_remove = REMOVE_DELETE;
    now->rules.on_rename = RENAME_REPLACE;
    now->rules.parked_security_profile = SPAN("00000000-0000-4000-8000-000000000001");
    now->rules.parked_routing_profile = SPAN("00000000-0000-4000-8000-000000000002");
    return 0;
}

/* Somebody whose agent was made an hour ago. */
static inline struct fake_person *settled(void)
{
    struct fake_person *p = world_one(now, 1000);

    assert_made(p, "ada@x.org");
    sim_run(HOUR);
    fake_connect_forget();
    return p;
}

static inline void say(struct fake_person *p)
{
    fake_roster_tell(now->roster, p);
    converge_kick(now->converge);
}

static inline void leave(struct fake_person *p)
{
    p->is_in_scope = false;
    say(p);
}

static inline void come_back(struct fake_person *p)
{
    p->is_in_scope = true;
    say(p);
}

static inline void expect_calls(const char *text)
{
    char found[1024] = "";
    size_t n = 0;

    for (int i = 0; i < fake.n_calls; i++)
        n += (size_t)snprintf(found + n, sizeof(found) - n, "%s%s", i == 0 ? "" : " ",
                              fake.calls[i].operation);
    if (strcmp(found, text) != 0)
        fail_msg("calls: %s\n  not: %s", found, text);
}

#endif
