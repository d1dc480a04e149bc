/* Listing the agents: page after page of SearchUsers, each at the pace. */
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/rebuild.h"
#include "cmd/surroundings.h"
#include "connect/connect.h"
#include "engine/pace.h"

/* A page that fails in passing is asked for again; a throttled one lowers the pace by itself. */
enum { TRIES = 8, AGAIN_MS = 500, AGAIN_MAX_MS = 15000, PAGES_MAX = 100000 };

struct listing {
    const struct settings *settings;
    struct rebuild *rebuild;
    struct surroundings around;
    struct pace *pace;
    struct pace_waiter waiter;
    struct connect *connect;
    struct loop_timer *timer;
    struct buf token; /* of the page that is asked for */
    int tries, pages;
    enum err err;
    struct fail *fail;
};

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct listing *l = arg;

    *out_rate = rate_limits_for(&l->settings->rate, span_of(operation));
    *out_burst = rate_limits_for(&l->settings->burst, span_of(operation));
}

static void end(struct listing *l, enum err err)
{
    l->err = err;
    loop_stop(l->around.loop);
}

static void wait_for_pace(void *arg)
{
    struct listing *l = arg;

    pace_wait(l->pace, OP_SEARCH_USERS, &l->waiter);
}

static void again(struct listing *l, const struct connect_answer *answer)
{
    int64_t wait_ms = AGAIN_MS;

    if (++l->tries >= TRIES) {
        *l->fail = *answer->fail;
        end(l, fail_within(l->fail, answer->err, "%s, %d times", OP_SEARCH_USERS, l->tries));
        return;
    }
    for (int i = 1; i < l->tries && wait_ms < AGAIN_MAX_MS; i++)
        wait_ms *= 2;
    if (answer->err == ERR_BUSY)
        pace_throttled(l->pace, OP_SEARCH_USERS, answer->fail->retry_ms);
    loop_timer_set(l->timer, wait_ms < AGAIN_MAX_MS ? wait_ms : AGAIN_MAX_MS);
}

static void take_page(struct listing *l, const struct connect_answer *answer)
{
    for (size_t i = 0; i < answer->n_agents; i++)
        if (answer->agents[i].id.n > 0 && answer->agents[i].arn.n > 0)
            rebuild_add(l->rebuild, &answer->agents[i]);
        else {
            end(l,
                fail_set(l->fail, ERR_UNCLEAR, "%s: an agent has no Id and Arn", OP_SEARCH_USERS));
            return;
        }
    if (answer->next_token.n == 0) {
        end(l, ERR_NONE);
        return;
    }
    if (++l->pages == PAGES_MAX || span_eq(answer->next_token, buf_span(&l->token))) {
        end(l, fail_set(l->fail, ERR_UNCLEAR, "%s: the pages do not end", OP_SEARCH_USERS));
        return;
    }
    buf_clear(&l->token);
    buf_add(&l->token, answer->next_token);
    wait_for_pace(l);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct listing *l = arg;

    if (answer->err == ERR_NONE) {
        l->tries = 0;
        pace_succeeded(l->pace, OP_SEARCH_USERS);
        take_page(l, answer);
    } else if (answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) {
        again(l, answer);
    } else {
        *l->fail = *answer->fail;
        end(l, fail_within(l->fail, answer->err, "%s", OP_SEARCH_USERS));
    }
}

static void granted(void *arg)
{
    struct listing *l = arg;

    (void)connect_search_managed(l->connect, l->settings->rules.managed_by, buf_span(&l->token),
                                 answered, l);
}

enum err rebuild_read(const struct settings *s, const char *const *environment, struct rebuild *out,
                      struct fail *fail)
{
    struct listing l = {.settings = s, .rebuild = out, .fail = fail};
    enum err err = surroundings_open(s, environment, true, &l.around, fail);

    if (err == ERR_NONE) {
        l.pace = pace_new(l.around.loop, ceiling, &l);
        l.waiter = (struct pace_waiter){.grant = granted, .arg = &l};
        l.connect = connect_new(l.around.aws, s->instance_id);
        l.timer = loop_timer_new(l.around.loop, wait_for_pace, &l);
        buf_init(&l.token, 64 * 1024);
        wait_for_pace(&l);
        loop_run(l.around.loop);
        err = l.err;
        buf_done(&l.token);
        loop_timer_free(l.timer);
        connect_free(l.connect);
        pace_free(l.pace);
    }
    surroundings_done(&l.around);
    return err;
}
