#include "engine/compare.h"

#include <stdlib.h>

#include "base/mem.h"

enum { PAGE = 256, OWNED_MAX = 8 };

struct compare {
    struct compare_options options;
    bool is_resting; /* all people are told, and the agents of nobody's are next */

    struct arena people_arena; /* of the page */
    struct person *people;
    size_t n_people, at;
    bool has_more;
    struct user_membership *memberships; /* of all on the page */
    size_t n_memberships, memberships_at;
    struct arena arena; /* of the person whose turn it is */

    struct arena user_arena;
    struct scan_user user;
    bool has_user;

    struct arena agent_arena;
    struct scan_agent agent;
    bool has_agent;
};

static struct span source(void)
{
    return SPAN("okta");
}

/* ---- one person ---- */

/* An agent that something was said of with a person is not told once more as nobody's. */
static enum err take_strangers_agent(const struct compare_options *o, const struct drift *d,
                                     struct fail *fail)
{
    struct span id = d->has_course ? d->course.agent.id : SPAN("");

    if (id.n == 0 || span_eq(id, d->person.agent_id) || span_eq(id, SPAN(COURSE_NEW_AGENT)))
        return ERR_NONE;
    return scan_agent_take(o->drift.scan, id, fail);
}

static enum err tell(const struct compare_options *o, const struct drift_facts *facts,
                     struct arena *a, struct fail *fail)
{
    struct drift d;
    enum err err = drift_of_person(&o->drift, facts, a, &d, fail);

    if (err == ERR_NONE)
        err = take_strangers_agent(o, &d, fail);
    if (err != ERR_NONE || d.action == DRIFT_NOTHING)
        return err;
    return o->found(o->arg, &d, fail);
}

/* A further agent that bears the id of somebody who has one. */
static enum err tell_surplus(const struct compare_options *o, const struct person *p,
                             const struct scan_agent *agent, struct arena *a, struct fail *fail)
{
    struct drift d = {.action = DRIFT_HELD, .person = *p, .agent = *agent, .claim = SPAN("")};

    if (span_eq(agent->id, p->agent_id) || span_eq(agent->id, p->old_agent_id))
        return ERR_NONE;
    d.user = agent->user_name;
    d.because =
        span_of(arena_printf(a,
                             "it bears the Okta id of '%.*s', who has another agent; delete "
                             "one of the two, or take its tags away",
                             SPAN_ARG(person_label(p))));
    return o->found(o->arg, &d, fail);
}

static enum err tell_one(const struct compare_options *o, struct drift_facts *facts,
                         const struct scan_agent *owned, struct arena *a, struct fail *fail)
{
    enum err err = tell(o, facts, a, fail);

    for (size_t i = 0; err == ERR_NONE && i < facts->n_owned; i++)
        if (facts->person.agent_id.n > 0 || i > 0)
            err = tell_surplus(o, &facts->person, &owned[i], a, fail);
    return err;
}

/* ---- the walks ---- */

static enum err next_person(struct compare *w, struct fail *fail)
{
    struct arena before;
    struct span after;
    enum err err;

    if (++w->at < w->n_people || !w->has_more)
        return ERR_NONE;
    after = w->n_people > 0 ? w->people[w->n_people - 1].id : SPAN("");
    before = w->people_arena;
    w->people_arena = (struct arena){0};
    w->at = 0;
    err = store_people_page(w->options.store, &w->people_arena, source(), after, PAGE, &w->people,
                            &w->n_people, fail);
    w->n_memberships = w->memberships_at = 0;
    if (err == ERR_NONE && w->n_people > 0)
        err = store_memberships_page(w->options.store, &w->people_arena, source(), after,
                                     w->people[w->n_people - 1].id, &w->memberships,
                                     &w->n_memberships, fail);
    arena_done(&before); /* `after` lives there */
    w->has_more = err == ERR_NONE && w->n_people == PAGE;
    return err;
}

static enum err next_user(struct compare *w, struct fail *fail)
{
    arena_clear(&w->user_arena);
    return scan_users_next(w->options.drift.scan, &w->user_arena, &w->user, &w->has_user, fail);
}

static enum err next_agent(struct compare *w, struct fail *fail)
{
    arena_clear(&w->agent_arena);
    return scan_agents_next(w->options.drift.scan, &w->agent_arena, &w->agent, &w->has_agent, fail);
}

static const struct person *person_now(const struct compare *w)
{
    return w->at < w->n_people ? &w->people[w->at] : NULL;
}

static void take_least(struct span id, struct span *least)
{
    if (least->p == NULL || span_cmp(id, *least) < 0)
        *least = id;
}

/* False when all walks are at their end. */
static bool least_id(const struct compare *w, struct arena *a, struct span *out)
{
    struct span least = {NULL, 0};

    if (person_now(w) != NULL)
        take_least(person_now(w)->id, &least);
    if (w->has_user)
        take_least(w->user.id, &least);
    if (w->has_agent)
        take_least(w->agent.owner, &least);
    *out = arena_span(a, least);
    return least.p != NULL;
}

static struct scan_agent agent_copy(struct arena *a, const struct scan_agent *agent)
{
    struct scan_agent copy = *agent;

    copy.id = arena_span(a, agent->id);
    copy.arn = arena_span(a, agent->arn);
    copy.user_name = arena_span(a, agent->user_name);
    copy.owner = arena_span(a, agent->owner);
    copy.entitlement = arena_span(a, agent->entitlement);
    return copy;
}

/* The page's memberships lie in the order of its people; of some there is no person yet. */
static void take_memberships(struct compare *w, struct arena *a, struct drift_facts *facts)
{
    struct membership *list;
    size_t from = w->memberships_at, to;

    while (from < w->n_memberships && span_cmp(w->memberships[from].user_id, facts->person.id) < 0)
        from++;
    for (to = from; to < w->n_memberships && span_eq(w->memberships[to].user_id, facts->person.id);)
        to++;
    list = arena_new(a, to - from, sizeof(*list));
    for (size_t i = from; i < to; i++)
        list[i - from] = w->memberships[i].membership;
    facts->memberships = list;
    facts->n_memberships = to - from;
    w->memberships_at = to;
}

/* Everything about the person whose turn it is. */
static enum err step(struct compare *w, struct span id, struct arena *a, struct fail *fail)
{
    struct scan_agent *owned = arena_new(a, OWNED_MAX, sizeof(*owned));
    struct drift_facts facts = {.person = {.source = source(), .id = id}, .owned = owned};
    bool is_persons = person_now(w) != NULL && span_eq(person_now(w)->id, id);
    bool is_users = w->has_user && span_eq(w->user.id, id);
    enum err err = ERR_NONE;

    if (is_persons) {
        facts.person = *person_now(w);
        facts.is_known = true;
        take_memberships(w, a, &facts);
    }
    if (is_users)
        facts.user = &w->user;
    while (err == ERR_NONE && w->has_agent && span_eq(w->agent.owner, id)) {
        if (facts.n_owned < OWNED_MAX)
            owned[facts.n_owned++] = agent_copy(a, &w->agent);
        err = next_agent(w, fail);
    }
    if (err == ERR_NONE)
        err = tell_one(&w->options, &facts, owned, a, fail);
    if (err == ERR_NONE && is_users)
        err = next_user(w, fail);
    return err == ERR_NONE && is_persons ? next_person(w, fail) : err;
}

static enum err tell_rest(struct compare *c, bool *out_is_done, struct fail *fail)
{
    const struct compare_options *o = &c->options;
    struct scan_agent agent;
    struct arena a = {0};
    struct drift d;
    bool has = false;
    enum err err = scan_agents_next(o->drift.scan, &a, &agent, &has, fail);

    if (err == ERR_NONE && has && !agent.is_taken && agent.entitlement.n > 0) {
        err = drift_of_agent(&o->drift, &agent, &a, &d, fail);
        if (err == ERR_NONE)
            err = o->found(o->arg, &d, fail);
    }
    arena_done(&a);
    *out_is_done = !has;
    return err;
}

static enum err tell_next(struct compare *c, bool *out_is_done, struct fail *fail)
{
    struct span id;

    arena_clear(&c->arena);
    if (c->is_resting)
        return tell_rest(c, out_is_done, fail);
    *out_is_done = false;
    if (least_id(c, &c->arena, &id))
        return step(c, id, &c->arena, fail);
    c->is_resting = true;
    return scan_agents_first(c->options.drift.scan, false, fail);
}

enum err compare_new(const struct compare_options *options, struct compare **out, struct fail *fail)
{
    struct compare *c = mem_new(1, sizeof(*c));
    enum err err = scan_users_first(options->drift.scan, fail);

    c->options = *options;
    c->has_more = true;
    if (err == ERR_NONE)
        err = scan_agents_first(options->drift.scan, true, fail);
    if (err == ERR_NONE)
        err = next_person(c, fail);
    if (err == ERR_NONE)
        err = next_user(c, fail);
    if (err == ERR_NONE)
        err = next_agent(c, fail);
    if (err == ERR_NONE)
        *out = c;
    else
        compare_free(c);
    return err;
}

void compare_free(struct compare *c)
{
    if (c == NULL)
        return;
    arena_done(&c->people_arena);
    arena_done(&c->arena);
    arena_done(&c->user_arena);
    arena_done(&c->agent_arena);
    free(c);
}

enum err compare_some(struct compare *c, size_t max, bool *out_is_done, struct fail *fail)
{
    enum err err = ERR_NONE;

    *out_is_done = false;
    for (size_t i = 0; err == ERR_NONE && i < max && !*out_is_done; i++)
        err = tell_next(c, out_is_done, fail);
    return err;
}

enum err compare_one(const struct compare_options *options, struct span user_id, struct fail *fail)
{
    struct scan_agent owned[OWNED_MAX];
    struct drift_facts facts = {.person = {.source = source(), .id = user_id}, .owned = owned};
    struct membership *memberships = NULL;
    struct scan_user user;
    struct arena a = {0};
    bool has_user = false;
    enum err err = store_person_get(options->store, &a, source(), user_id, &facts.person, fail);

    facts.is_known = err == ERR_NONE;
    if (err == ERR_NONE || err == ERR_NOT_FOUND)
        err = scan_user_get(options->drift.scan, &a, user_id, &user, &has_user, fail);
    if (err == ERR_NONE && has_user)
        facts.user = &user;
    if (err == ERR_NONE)
        err = scan_agents_of(options->drift.scan, &a, user_id, OWNED_MAX, owned, &facts.n_owned,
                             fail);
    if (err == ERR_NONE && facts.is_known) {
        err = store_memberships(options->store, &a, source(), user_id, &memberships,
                                &facts.n_memberships, fail);
        facts.memberships = memberships;
    }
    if (err == ERR_NONE)
        err = tell_one(options, &facts, owned, &a, fail);
    arena_done(&a);
    return err;
}
