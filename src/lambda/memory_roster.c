#include "lambda/memory_roster.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

enum { PAUSES_MAX = 64 };

struct member {
    struct arena arena; /* of the person as written last */
    struct person person;
    struct arena own; /* of the memberships */
    struct membership *memberships;
    size_t n_memberships;
    char operation[64]; /* of the step under way */
};

struct waiting {
    struct roster_change *change;
    struct waiting *next;
};

struct memory_roster {
    struct roster roster; /* first */
    struct memory_roster_options options;
    const struct rules *rules;
    const struct current_names *names;
    struct member **members;
    size_t n, room;
    struct arena pauses_arena;
    struct pause pauses[PAUSES_MAX];
    size_t n_pauses;
    struct loop_timer *timer;
    struct waiting *first, **last;
    int64_t n_steps;
};

static struct memory_roster *of(struct roster *r)
{
    return (struct memory_roster *)r;
}

static struct member *member_of(struct memory_roster *r, struct span source, struct span id)
{
    for (size_t i = 0; i < r->n; i++)
        if (span_eq(r->members[i]->person.id, id) && span_eq(r->members[i]->person.source, source))
            return r->members[i];
    return NULL;
}

/* ---- reading ---- */

static int compare_due(const void *a, const void *b)
{
    const struct person *p = a, *q = b;

    return p->due_since_ms != q->due_since_ms ? (p->due_since_ms < q->due_since_ms ? -1 : 1)
                                              : span_cmp(p->id, q->id);
}

static enum err due(struct roster *roster, struct arena *a, int64_t now_ms, int64_t priority,
                    size_t skip, size_t max, struct person **out, size_t *n, struct fail *fail)
{
    struct memory_roster *r = of(roster);
    struct person *list = arena_new(a, r->n, sizeof(*list));
    size_t count = 0;

    (void)fail;
    for (size_t i = 0; i < r->n; i++) {
        const struct person *p = &r->members[i]->person;

        if (p->state == PERSON_DUE && p->due_ms <= now_ms && p->priority == priority)
            list[count++] = person_copy(a, p);
    }
    if (count > 0)
        qsort(list, count, sizeof(*list), compare_due);
    skip = skip < count ? skip : count;
    *out = list + skip;
    *n = count - skip < max ? count - skip : max;
    return ERR_NONE;
}

static enum err next_due(struct roster *roster, int64_t *out_ms, struct fail *fail)
{
    const struct memory_roster *r = of(roster);

    (void)fail;
    *out_ms = INT64_MAX;
    for (size_t i = 0; i < r->n; i++) {
        const struct person *p = &r->members[i]->person;

        if (p->state == PERSON_DUE && p->due_ms < *out_ms)
            *out_ms = p->due_ms;
    }
    return ERR_NONE;
}

static struct scope scope_of(const struct memory_roster *r, const struct member *m,
                             const struct person *p, struct arena *a)
{
    return rules_scope(r->rules, current_names_get(r->names), p, m->memberships, m->n_memberships,
                       a);
}

static enum err facts(struct roster *roster, struct arena *a, const struct person *p,
                      struct roster_facts *out, struct fail *fail)
{
    const struct member *m = member_of(of(roster), p->source, p->id);

    if (m == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "there is nobody of that id");
    *out = (struct roster_facts){.memberships = m->memberships,
                                 .n_memberships = m->n_memberships,
                                 .scope = scope_of(of(roster), m, p, a)};
    return ERR_NONE;
}

/* Whose a user name is can only be told by the agent that has it: CreateUser says that it is taken,
 * and its tags say the rest. */
static enum err claims(struct roster *roster, struct arena *a, const struct person *p,
                       struct span user_name, struct person *out, bool *is_claimed,
                       struct fail *fail)
{
    (void)roster;
    (void)a;
    (void)p;
    (void)user_name;
    (void)out;
    (void)fail;
    *is_claimed = false;
    return ERR_NONE;
}

static enum err pauses(struct roster *roster, struct arena *a, struct pause **out, size_t *n,
                       struct fail *fail)
{
    struct memory_roster *r = of(roster);

    (void)a;
    (void)fail;
    *out = r->pauses;
    *n = r->n_pauses;
    return ERR_NONE;
}

static bool has_moved(struct roster *roster)
{
    (void)roster;
    return false;
}

/* ---- changing ---- */

/* The lines in CloudWatch are the audit log of whoever has no store. */
static void tell_audit(const struct roster_change *change, const struct member *m)
{
    const struct step_record *step = &change->step;

    log_info("Amazon Connect called", LOG_STR("operation", m->operation),
             LOG_SPAN("okta_id", m->person.id), LOG_SPAN("agent_id", m->person.agent_id),
             LOG_SPAN("cause", m->person.cause), LOG_SPAN("outcome", step->outcome),
             LOG_INT("status", step->status), LOG_SPAN("request_id", step->request_id));
}

static void write_step(struct memory_roster *r, struct member *m, struct roster_change *change)
{
    struct span operation = change->step.operation;

    if (change->adds_step) {
        change->step_id = ++r->n_steps;
        if (operation.n < sizeof(m->operation)) {
            memcpy(m->operation, operation.p, operation.n);
            m->operation[operation.n] = '\0';
        }
    } else if (change->step_id != 0) {
        tell_audit(change, m);
    }
}

static struct pause pause_copy(struct arena *a, const struct pause *p)
{
    struct pause copy = *p;

    copy.operation = arena_span(a, p->operation);
    copy.code = arena_span(a, p->code);
    copy.reason = arena_span(a, p->reason);
    return copy;
}

/* Those that stay move to a new arena, so that what is replaced again and again does not pile up.
 */
static void write_pause(struct memory_roster *r, const struct roster_change *change)
{
    struct arena arena = {0};
    size_t n = 0;

    if (change->pause_change == PAUSE_SAME)
        return;
    for (size_t i = 0; i < r->n_pauses; i++)
        if (!span_eq(r->pauses[i].operation, change->pause.operation))
            r->pauses[n++] = pause_copy(&arena, &r->pauses[i]);
    if (change->pause_change == PAUSE_PUT && n < PAUSES_MAX)
        r->pauses[n++] = pause_copy(&arena, &change->pause);
    arena_done(&r->pauses_arena);
    r->pauses_arena = arena;
    r->n_pauses = n;
}

static void write_person(struct memory_roster *r, struct member *m, struct roster_change *change)
{
    struct arena arena = {0};
    struct scope scope = scope_of(r, m, &m->person, &change->arena);

    change->after = person_copy(&change->arena, &m->person);
    if (change->apply == NULL)
        return;
    change->apply(&change->after, &scope, change);
    m->person = person_copy(&arena, &change->after);
    arena_done(&m->arena);
    m->arena = arena;
}

static void write_change(struct memory_roster *r, struct roster_change *change)
{
    struct member *m = member_of(r, change->source, change->user_id);
    struct fail fail;

    if (m == NULL) {
        (void)fail_set(&fail, ERR_NOT_FOUND, "there is nobody of that id");
        change->done(change, ERR_NOT_FOUND, &fail);
        return;
    }
    write_person(r, m, change);
    write_step(r, m, change);
    write_pause(r, change);
    change->done(change, ERR_NONE, NULL);
}

static void write_changes(void *arg)
{
    struct memory_roster *r = arg;
    bool paused = false;

    while (r->first != NULL) {
        struct waiting *w = r->first;
        struct roster_change *change = w->change;

        r->first = w->next;
        if (r->first == NULL)
            r->last = &r->first;
        free(w);
        paused |= change->pause_change == PAUSE_PUT;
        write_change(r, change);
    }
    r->options.changed(r->options.arg, paused);
}

/* Never from inside: the engine expects done to come later. */
static void change(struct roster *roster, struct roster_change *change)
{
    struct memory_roster *r = of(roster);
    struct waiting *w = mem_new(1, sizeof(*w));

    *w = (struct waiting){.change = change};
    *r->last = w;
    r->last = &w->next;
    loop_timer_set(r->timer, 0);
}

/* ---- people ---- */

static void forget_changes(struct memory_roster *r)
{
    while (r->first != NULL) {
        struct waiting *w = r->first;

        r->first = w->next;
        free(w);
    }
    r->last = &r->first;
    loop_timer_clear(r->timer);
}

void memory_roster_clear(struct memory_roster *r, const struct rules *rules,
                         const struct current_names *names)
{
    forget_changes(r);
    for (size_t i = 0; i < r->n; i++) {
        arena_done(&r->members[i]->arena);
        arena_done(&r->members[i]->own);
        free(r->members[i]);
    }
    r->n = 0;
    r->rules = rules;
    r->names = names;
}

size_t memory_roster_add(struct memory_roster *r, const struct person *p,
                         const struct membership *memberships, size_t n)
{
    struct member *m = mem_new(1, sizeof(*m));

    *m = (struct member){.n_memberships = n};
    m->person = person_copy(&m->arena, p);
    m->memberships = arena_new(&m->own, n, sizeof(*m->memberships));
    for (size_t i = 0; i < n; i++) {
        m->memberships[i] = memberships[i];
        m->memberships[i].container = arena_span(&m->own, memberships[i].container);
        m->memberships[i].name = arena_span(&m->own, memberships[i].name);
    }
    if (r->n == r->room) {
        r->room = r->room == 0 ? 16 : 2 * r->room;
        r->members = mem_grow(r->members, r->room, sizeof(struct member *));
    }
    r->members[r->n] = m;
    return r->n++;
}

const struct person *memory_roster_person(const struct memory_roster *r, size_t number)
{
    return &r->members[number]->person;
}

size_t memory_roster_count(const struct memory_roster *r)
{
    return r->n;
}

/* ---- life ---- */

struct roster *memory_roster_of(struct memory_roster *r)
{
    return &r->roster;
}

struct memory_roster *memory_roster_new(const struct memory_roster_options *options)
{
    struct memory_roster *r = mem_new(1, sizeof(*r));

    *r = (struct memory_roster){.roster = {.due = due,
                                           .next_due = next_due,
                                           .facts = facts,
                                           .claims = claims,
                                           .pauses = pauses,
                                           .has_moved = has_moved,
                                           .change = change},
                                .options = *options};
    r->last = &r->first;
    r->timer = loop_timer_new(options->loop, write_changes, r);
    return r;
}

void memory_roster_free(struct memory_roster *r)
{
    if (r == NULL)
        return;
    memory_roster_clear(r, NULL, NULL);
    arena_done(&r->pauses_arena);
    loop_timer_free(r->timer);
    free(r->members);
    free(r);
}
