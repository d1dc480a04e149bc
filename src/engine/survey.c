#include "engine/survey_private.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum { TOKEN_LIMIT = 64 * 1024 };

static void end(struct survey *s)
{
    struct fail fail = s->fail;
    bool is_failed = s->is_failed;

    s->result.containers = s->containers;
    s->options.done(s->options.arg, is_failed ? &fail : NULL);
}

void survey_part_ended(struct survey *s)
{
    if (--s->n_under_way == 0)
        end(s);
}

void survey_fail(struct survey *s, const struct fail *fail)
{
    if (!s->is_failed)
        s->fail = *fail;
    s->is_failed = true;
}

void survey_trouble(struct survey *s, const char *text)
{
    const char **list;
    char *copy;

    if (s->result.n_troubles == TROUBLES_MAX)
        return;
    copy = arena_dup(&s->arena, span_of(text));
    list = arena_new(&s->arena, s->result.n_troubles + 1, sizeof(*list));
    for (size_t i = 0; i < s->result.n_troubles; i++)
        list[i] = s->result.troubles[i];
    list[s->result.n_troubles++] = copy;
    s->result.troubles = list;
    if (s->result.stops_removals == NULL)
        s->result.stops_removals = copy;
}

int64_t survey_pause_ms(int tries)
{
    int64_t ms = SURVEY_AGAIN_MS;

    for (int i = 1; i < tries && ms < SURVEY_AGAIN_MAX_MS; i++)
        ms *= 2;
    return ms < SURVEY_AGAIN_MAX_MS ? ms : SURVEY_AGAIN_MAX_MS;
}

void survey_called(struct survey *s, const char *operation)
{
    pace_succeeded(s->options.pace, operation);
    /* Else each page of a survey would take the probe of a pause, and teach nobody anything. */
    pace_proved(s->options.pace, operation);
}

struct survey *survey_new(const struct survey_options *options)
{
    struct survey *s = mem_new(1, sizeof(*s));

    s->options = *options;
    buf_init(&s->token, TOKEN_LIMIT);
    s->last_owner = s->last_id = SPAN("");
    survey_workers_init(s);
    return s;
}

void survey_free(struct survey *s)
{
    if (s == NULL)
        return;
    survey_okta_cancel(s);
    survey_workers_done(s);
    pace_give_up(s->options.pace, OP_SEARCH_USERS, &s->waiter);
    connect_cancel(s->call);
    loop_timer_free(s->timer);
    buf_done(&s->token);
    arena_done(&s->walk);
    arena_done(&s->arena);
    free(s);
}

void survey_begin(struct survey *s)
{
    struct okta_api *okta = s->options.okta;

    s->result.read_ms = okta == NULL ? clock_wall_ms() : okta_api_now_ms(okta);
    s->n_under_way = okta == NULL ? 1 : 2;
    if (okta != NULL)
        survey_okta_begin(s);
    survey_agents_begin(s);
}

void survey_begin_one(struct survey *s, struct span word)
{
    s->word = arena_span(&s->arena, word);
    s->result.read_ms =
        s->options.okta == NULL ? clock_wall_ms() : okta_api_now_ms(s->options.okta);
    s->n_under_way = 1;
    s->waiter = (struct pace_waiter){.arg = s, .priority = s->options.priority};
    if (s->options.okta != NULL)
        survey_okta_begin(s);
    else
        survey_one_go(s);
}

struct span survey_user_id(const struct survey *s)
{
    return s->one;
}

void survey_ask(struct survey *s, const struct span *users, size_t n_users,
                const struct span *agents, size_t n_agents)
{
    s->users = users;
    s->n_users = n_users;
    s->agents = agents;
    s->n_agents = n_agents;
    s->users_at = s->agents_at = 0;
    s->is_walking = false;
    s->n_under_way = 1;
    survey_workers_go(s);
}

const struct survey_result *survey_result(const struct survey *s)
{
    return &s->result;
}
