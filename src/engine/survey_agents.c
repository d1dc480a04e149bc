/* Amazon Connect's half of a survey: all agents, page by page, at the pace. */
#include "engine/survey_private.h"
#include "model/agent.h"
#include "okta/directory.h"

enum { PAGES_MAX = 100000 };

/* Whoever may tag agents may write anything there. */
static struct span owner_of(const struct survey *s, const struct agent *agent)
{
    struct span manager = agent_tag(agent, SPAN(TAG_MANAGED_BY));
    struct span id = agent_tag(agent, SPAN(TAG_OKTA_ID));

    if (!span_eq(manager, s->options.judge->rules->managed_by) || manager.p == NULL || id.n == 0 ||
        id.n > OKTA_ID_MAX)
        return SPAN("");
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return SPAN("");
    return id;
}

enum err survey_put_agent(struct survey *s, const struct agent *agent,
                          const struct entitlement *found, bool is_described, struct fail *fail)
{
    struct scan_agent row = {.id = agent->id,
                             .arn = agent->arn,
                             .user_name = agent->user_name,
                             .owner = owner_of(s, agent),
                             .is_described = is_described};
    struct buf json;
    enum err err;

    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&json, found);
    row.entitlement = buf_span(&json);
    err = json.full ? fail_set(fail, ERR_INPUT, "the agent '%.*s' has more than can be kept",
                               SPAN_ARG(agent->user_name))
                    : scan_agent_put(s->options.scan, &row, fail);
    buf_done(&json);
    return err;
}

static void ended(struct survey *s, const struct fail *fail)
{
    if (fail != NULL)
        survey_fail(s, fail);
    if (fail == NULL && s->options.is_deep && !s->is_failed) {
        s->is_walking = true;
        survey_workers_go(s);
        return;
    }
    survey_part_ended(s);
}

static void wait_for_pace(void *arg)
{
    struct survey *s = arg;

    pace_wait(s->options.pace, OP_SEARCH_USERS, &s->waiter);
}

static void again(struct survey *s, const struct connect_answer *answer)
{
    struct fail fail = *answer->fail;

    if (answer->err == ERR_BUSY)
        pace_throttled(s->options.pace, OP_SEARCH_USERS, answer->fail->retry_ms);
    if (++s->tries < SURVEY_TRIES) {
        loop_timer_set(s->timer, survey_pause_ms(s->tries));
        return;
    }
    (void)fail_within(&fail, answer->err, "%s, %d times", OP_SEARCH_USERS, s->tries);
    ended(s, &fail);
}

static void take_page(struct survey *s, const struct connect_answer *answer)
{
    struct fail fail;

    for (size_t i = 0; i < answer->n_agents; i++)
        if (survey_put_agent(s, &answer->agents[i], &answer->entitlements[i], false, &fail) !=
            ERR_NONE) {
            ended(s, &fail);
            return;
        }
    s->result.agents += (int64_t)answer->n_agents;
    s->result.connect_pages++;
    if (s->options.moved != NULL)
        s->options.moved(s->options.arg);
    if (answer->next_token.n == 0) {
        ended(s, NULL);
        return;
    }
    if (s->result.connect_pages == PAGES_MAX || span_eq(answer->next_token, buf_span(&s->token))) {
        (void)fail_set(&fail, ERR_UNCLEAR, "%s: the pages do not end", OP_SEARCH_USERS);
        ended(s, &fail);
        return;
    }
    buf_clear(&s->token);
    buf_add(&s->token, answer->next_token);
    wait_for_pace(s);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct survey *s = arg;
    struct fail fail;

    s->call = NULL;
    if (answer->err == ERR_NONE) {
        s->tries = 0;
        survey_called(s, OP_SEARCH_USERS);
        take_page(s, answer);
    } else if (answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) {
        again(s, answer);
    } else {
        fail = *answer->fail;
        (void)fail_within(&fail, answer->err, "%s", OP_SEARCH_USERS);
        ended(s, &fail);
    }
}

static void granted(void *arg)
{
    struct survey *s = arg;

    s->call = connect_list_agents(s->options.connect, buf_span(&s->token), answered, s);
}

void survey_agents_begin(struct survey *s)
{
    s->waiter = (struct pace_waiter){.grant = granted, .arg = s, .priority = s->options.priority};
    s->timer = loop_timer_new(s->options.loop, wait_for_pace, s);
    wait_for_pace(s);
}
