/* One user alone: who is it? → what does Okta say of them? → their agent, by the ledger or by the
 * user name. */

#include "engine/survey_private.h"

enum { EXPRESSION_LIMIT = 1024 };

static void fail_with(struct survey *s, const struct fail *fail)
{
    survey_fail(s, fail);
    survey_part_ended(s);
}

/* ---- their agent ---- */

static void agent_read(struct survey *s)
{
    survey_part_ended(s);
}

static void read_agent(struct survey *s, struct span id)
{
    s->one_agent = arena_span(&s->arena, id);
    s->users = NULL;
    s->n_users = s->users_at = 0;
    s->agents = &s->one_agent;
    s->n_agents = 1;
    s->agents_at = 0;
    s->after = agent_read;
    survey_workers_go(s);
}

static void agent_found(void *arg, const struct connect_answer *answer)
{
    struct survey *s = arg;

    s->call = NULL;
    if (answer->err == ERR_NONE) {
        survey_called(s, OP_SEARCH_USERS);
        if (answer->n_agents > 0)
            read_agent(s, answer->agents[0].id);
        else
            survey_part_ended(s);
    } else if ((answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) &&
               ++s->tries < SURVEY_TRIES) {
        if (answer->err == ERR_BUSY)
            pace_throttled(s->options.pace, OP_SEARCH_USERS, answer->fail->retry_ms);
        pace_wait(s->options.pace, OP_SEARCH_USERS, &s->waiter);
    } else {
        fail_with(s, answer->fail);
    }
}

static void find_agent(void *arg)
{
    struct survey *s = arg;

    s->call = connect_find_user(s->options.connect, s->one_agent, agent_found, s);
}

/* What Okta says of them now, over what the store knows. */
static enum err know_person(struct survey *s, struct arena *a, struct person *out,
                            struct fail *fail)
{
    struct scan_user user;
    bool has;
    enum err err = store_person_get(s->options.store, a, SPAN("okta"), s->one, out, fail);

    if (err == ERR_NOT_FOUND)
        *out = (struct person){.source = SPAN("okta"), .id = s->one};
    else if (err != ERR_NONE)
        return err;
    err = scan_user_get(s->options.scan, a, s->one, &user, &has, fail);
    if (err != ERR_NONE || !has)
        return err;
    out->login = user.login.n > 0 ? user.login : out->login;
    out->app_user_name = user.app_user_name.n > 0 ? user.app_user_name : out->app_user_name;
    out->profile = user.profile.n > 0 ? user.profile : out->profile;
    return ERR_NONE;
}

static void look_for_agent(struct survey *s)
{
    struct arena a = {0};
    struct person p;
    struct fail fail;

    if (know_person(s, &a, &p, &fail) != ERR_NONE) {
        fail_with(s, &fail);
    } else if (p.agent_id.n > 0) {
        read_agent(s, p.agent_id);
    } else {
        s->one_agent = arena_span(&s->arena, rules_user_name(s->options.judge->rules, &p, &a));
        s->waiter.grant = find_agent;
        if (s->one_agent.n > 0)
            pace_wait(s->options.pace, OP_SEARCH_USERS, &s->waiter);
        else
            survey_part_ended(s);
    }
    arena_done(&a);
}

/* ---- what Okta says of them ---- */

static void user_read(struct survey *s)
{
    if (s->result.failed_asks > 0)
        survey_trouble(s, "they could not be read in Okta");
    look_for_agent(s);
}

static void read_user(struct survey *s)
{
    if (s->options.okta == NULL) {
        look_for_agent(s);
        return;
    }
    s->users = &s->one;
    s->n_users = 1;
    s->users_at = 0;
    s->n_agents = s->agents_at = 0;
    s->after = user_read;
    survey_workers_go(s);
}

/* ---- who is it? ---- */

static void nobody(struct survey *s)
{
    struct fail fail;

    (void)fail_set(&fail, ERR_NOT_FOUND, "nobody is known as '%.*s', neither in the store%s",
                   SPAN_ARG(s->word),
                   s->options.okta == NULL ? "; Okta's API is not used ([OKTA] ORG_URL)"
                                           : " nor in Okta, there by the login");
    fail_with(s, &fail);
}

static void searched(void *arg, const struct okta_result *result)
{
    struct survey *s = arg;

    if (result->is_last)
        s->read = NULL;
    for (size_t i = 0; i < result->n_users && s->one.n == 0; i++)
        if (span_eq_nocase(result->users[i].login, s->word) ||
            span_eq(result->users[i].id, s->word))
            s->one = arena_span(&s->arena, result->users[i].id);
    if (!result->is_last)
        return;
    if (result->err != ERR_NONE)
        fail_with(s, result->fail);
    else if (s->one.n == 0)
        nobody(s);
    else
        read_user(s);
}

static void search(struct survey *s)
{
    struct buf expression;

    buf_init(&expression, EXPRESSION_LIMIT);
    buf_add_str(&expression, okta_is_id(s->word) ? "id eq \"" : "profile.login eq \"");
    for (size_t i = 0; i < s->word.n; i++) {
        if (s->word.p[i] == '"' || s->word.p[i] == '\\')
            buf_add_char(&expression, '\\');
        buf_add_char(&expression, s->word.p[i]);
    }
    buf_add_char(&expression, '"');
    s->read = okta_search_users(s->options.okta, buf_span(&expression), searched, s);
    buf_done(&expression);
}

void survey_one_go(struct survey *s)
{
    struct arena a = {0};
    struct person *people;
    struct fail fail;
    size_t n;

    if (store_people_find(s->options.store, &a, s->word, &people, &n, &fail) != ERR_NONE) {
        fail_with(s, &fail);
    } else if (n > 1) {
        (void)fail_set(&fail, ERR_INPUT, "'%.*s' is the name of %zu people; say the Okta id",
                       SPAN_ARG(s->word), n);
        fail_with(s, &fail);
    } else if (n == 1) {
        s->one = arena_span(&s->arena, people[0].id);
        read_user(s);
    } else if (s->options.okta == NULL) {
        nobody(s);
    } else {
        search(s);
    }
    arena_done(&a);
}
