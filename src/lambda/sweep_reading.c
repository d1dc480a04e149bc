#include "lambda/sweep_reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/attribute_search.h"
#include "engine/interest.h"
#include "engine/user_reading.h"
#include "okta/read.h"

enum {
    TOKEN_LIMIT = 64 * 1024,
    PAGES_MAX = 100000,
    CONTAINERS_MAX = 4096,
    TRIES = 8, /* of a page of Amazon Connect's */
    AGAIN_MS = 500,
    AGAIN_MAX_MS = 15000
};

struct sweep_reading {
    struct sweep_reading_options options;
    struct sweep_readings result;
    struct arena arena;
    bool is_prepared; /* what is to be listed is known */
    bool is_okta_over, are_agents_over;
    /* Okta */
    struct sweep_container *containers;
    struct span *searches;
    size_t n_searches, at;
    struct okta_read *read;
    uint64_t broken_before;
    /* Amazon Connect */
    struct pace_waiter waiter;
    struct connect_call *call;
    struct loop_timer *timer;
    struct buf token;
    int tries;
};

static void list_next(struct sweep_reading *r);

static void trouble(struct sweep_reading *r, const char *text)
{
    if (r->result.n_troubles < SWEEP_TROUBLES_MAX)
        r->result.troubles[r->result.n_troubles++] = arena_dup(&r->arena, span_of(text));
}

static void end_part(struct sweep_reading *r)
{
    r->result.containers = r->containers;
    if (r->is_okta_over && r->are_agents_over)
        r->options.done(r->options.arg, NULL);
}

/* ---- what is to be listed ---- */

static void add_container(struct sweep_reading *r, enum name_kind kind, struct span id,
                          struct span value)
{
    enum membership_kind of = kind == NAME_OKTA_APP ? MEMBERSHIP_APP : MEMBERSHIP_GROUP;
    const struct names *names = current_names_get(r->options.sides->judge.names);
    struct span name = names->name_of(names, kind, id);
    size_t n = r->result.n_containers;

    for (size_t i = 0; i < n; i++)
        if (r->containers[i].kind == of && span_eq(r->containers[i].id, id))
            return;
    if (n == CONTAINERS_MAX) {
        trouble(r, "the rules name more applications and groups than can be read at once");
        return;
    }
    r->containers = mem_grow(r->containers, n + 1, sizeof(*r->containers));
    r->containers[n] = (struct sweep_container){of, arena_span(&r->arena, id),
                                                arena_span(&r->arena, name.n > 0 ? name : value)};
    r->result.n_containers = n + 1;
}

static bool take_container(void *arg, enum name_kind kind, struct span value, struct span id)
{
    if (id.n > 0)
        add_container(arg, kind, id, value);
    return true;
}

static void prepare(struct sweep_reading *r)
{
    const struct both_sides *sides = r->options.sides;
    const struct names *names = current_names_get(sides->judge.names);

    if (r->is_prepared)
        return;
    r->is_prepared = true;
    r->result.read_ms = okta_api_now_ms(sides->okta);
    r->broken_before = okta_api_health(sides->okta)->broken;
    if (name_search_has_unknown(sides->search))
        trouble(r, "the rules name an application or a group that Okta does not have");
    interest_each(&sides->rules, names, take_container, r);
    for (size_t i = 0; i < sides->n_shared; i++)
        add_container(r, sides->shared[i].kind, sides->shared[i].id, SPAN(""));
    r->searches = attribute_searches(&sides->rules, &r->arena, &r->n_searches);
}

/* ---- Okta ---- */

static void okta_ended(struct sweep_reading *r)
{
    uint64_t broken = okta_api_health(r->options.sides->okta)->broken - r->broken_before;

    if (broken > 0)
        trouble(r, "Okta failed while it was read (with 5xx, or without an answer)");
    r->is_okta_over = true;
    end_part(r);
}

static const struct sweep_container *container_now(const struct sweep_reading *r)
{
    return r->at < r->n_searches ? NULL : &r->containers[r->at - r->n_searches];
}

static void put_user(struct sweep_reading *r, const struct okta_user *user, struct span id,
                     struct span app_user_name, const uint16_t *number)
{
    struct sweep_row row = {.id = id, .app_user_name = app_user_name};
    struct arena a = {0};

    if (user != NULL && user->fault == NULL) {
        row.status = user->status_text;
        row.login = user->login;
        row.display_name = user_display_name(&a, user);
        row.profile = user_profile(&a, user);
    }
    sweep_people_show(r->options.people, &row, number);
    arena_done(&a);
}

static void put_page(struct sweep_reading *r, const struct okta_result *page,
                     const uint16_t *number)
{
    for (size_t i = 0; i < page->n_users; i++)
        put_user(r, &page->users[i], page->users[i].id, SPAN(""), number);
    for (size_t i = 0; i < page->n_app_users; i++) {
        const struct okta_app_user *of = &page->app_users[i];

        if (of->is_assigned)
            put_user(r, of->user, of->user_id, of->user_name, number);
    }
}

static void listing_failed(struct sweep_reading *r, const struct sweep_container *c,
                           const char *why)
{
    char *text = c == NULL
                     ? mem_printf("a search of Okta's for people by their attributes: %s", why)
                     : mem_printf("the %s '%.*s' of Okta's: %s",
                                  c->kind == MEMBERSHIP_APP ? "application" : "group",
                                  SPAN_ARG(c->name.n > 0 ? c->name : c->id), why);

    trouble(r, text);
    free(text);
}

static void on_page(void *arg, const struct okta_result *page)
{
    struct sweep_reading *r = arg;
    const struct sweep_container *c = container_now(r);
    uint16_t number = c == NULL ? 0 : (uint16_t)(c - r->containers);

    if (page->is_last)
        r->read = NULL;
    if (page->err != ERR_NONE) {
        listing_failed(r, c, page->fail->text);
    } else {
        r->result.okta_pages++;
        put_page(r, page, c == NULL ? NULL : &number);
    }
    if (!page->is_last)
        return;
    r->at++;
    list_next(r);
}

static void list_next(struct sweep_reading *r)
{
    struct okta_api *okta = r->options.sides->okta;
    const struct sweep_container *c = container_now(r);

    if (r->at == r->n_searches + r->result.n_containers)
        okta_ended(r);
    else if (c == NULL)
        r->read = okta_search_users(okta, r->searches[r->at], on_page, r);
    else if (c->kind == MEMBERSHIP_APP)
        r->read = okta_list_app_users(okta, c->id, true, on_page, r);
    else
        r->read = okta_list_group_members(okta, c->id, on_page, r);
}

/* ---- Amazon Connect ---- */

/* Whoever may tag agents may write anything there. */
static struct span owner_of(const struct sweep_reading *r, const struct agent *agent)
{
    struct span manager = agent_tag(agent, SPAN(TAG_MANAGED_BY));
    struct span id = agent_tag(agent, SPAN(TAG_OKTA_ID));

    return manager.p != NULL && span_eq(manager, r->options.sides->rules.managed_by) &&
                   okta_is_id(id)
               ? id
               : SPAN("");
}

static void wait_for_pace(void *arg)
{
    struct sweep_reading *r = arg;

    pace_wait(r->options.sides->pace, OP_SEARCH_USERS, &r->waiter);
}

static void fail_with(struct sweep_reading *r, const struct fail *fail)
{
    struct fail why = *fail;

    (void)fail_within(&why, fail->err, "%s", OP_SEARCH_USERS);
    sweep_reading_pause(r);
    r->options.done(r->options.arg, &why);
}

static void again(struct sweep_reading *r, const struct connect_answer *answer)
{
    int64_t ms = AGAIN_MS;

    if (answer->err == ERR_BUSY)
        pace_throttled(r->options.sides->pace, OP_SEARCH_USERS, answer->fail->retry_ms);
    if (++r->tries == TRIES) {
        fail_with(r, answer->fail);
        return;
    }
    for (int i = 1; i < r->tries && ms < AGAIN_MAX_MS; i++)
        ms *= 2;
    loop_timer_set(r->timer, ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS);
}

static void take_page(struct sweep_reading *r, const struct connect_answer *answer)
{
    struct fail fail;

    for (size_t i = 0; i < answer->n_agents; i++)
        sweep_people_take_agent(r->options.people, owner_of(r, &answer->agents[i]),
                                &answer->agents[i], &answer->entitlements[i]);
    r->result.connect_pages++;
    if (answer->next_token.n == 0) {
        r->are_agents_over = true;
        end_part(r);
    } else if (r->result.connect_pages == PAGES_MAX ||
               span_eq(answer->next_token, buf_span(&r->token))) {
        (void)fail_set(&fail, ERR_UNCLEAR, "the pages do not end");
        fail_with(r, &fail);
    } else {
        buf_clear(&r->token);
        buf_add(&r->token, answer->next_token);
        wait_for_pace(r);
    }
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct sweep_reading *r = arg;

    r->call = NULL;
    if (answer->err == ERR_NONE) {
        r->tries = 0;
        pace_succeeded(r->options.sides->pace, OP_SEARCH_USERS);
        take_page(r, answer);
    } else if (answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) {
        again(r, answer);
    } else {
        fail_with(r, answer->fail);
    }
}

static void granted(void *arg)
{
    struct sweep_reading *r = arg;

    r->call = connect_list_agents(r->options.sides->connect, buf_span(&r->token), answered, r);
}

/* ---- life ---- */

struct sweep_reading *sweep_reading_new(const struct sweep_reading_options *options)
{
    struct sweep_reading *r = mem_new(1, sizeof(*r));

    r->options = *options;
    r->waiter = (struct pace_waiter){.grant = granted, .arg = r, .priority = PRIORITY_CHANGE};
    r->timer = loop_timer_new(options->loop, wait_for_pace, r);
    buf_init(&r->token, TOKEN_LIMIT);
    return r;
}

void sweep_reading_free(struct sweep_reading *r)
{
    if (r == NULL)
        return;
    sweep_reading_pause(r);
    loop_timer_free(r->timer);
    buf_done(&r->token);
    free(r->containers);
    arena_done(&r->arena);
    free(r);
}

void sweep_reading_pause(struct sweep_reading *r)
{
    okta_read_cancel(r->read);
    r->read = NULL;
    pace_give_up(r->options.sides->pace, OP_SEARCH_USERS, &r->waiter);
    connect_cancel(r->call);
    r->call = NULL;
    loop_timer_clear(r->timer);
}

void sweep_reading_begin(struct sweep_reading *r)
{
    prepare(r);
    r->tries = 0;
    if (!r->are_agents_over)
        wait_for_pace(r);
    if (!r->is_okta_over)
        list_next(r);
}

const struct sweep_readings *sweep_reading_result(const struct sweep_reading *r)
{
    return &r->result;
}
