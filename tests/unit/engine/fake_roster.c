#include "fake_roster.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "model/standing.h"

static struct fake_roster *of(struct roster *r)
{
    return (struct fake_roster *)r;
}

static bool is_before(const struct person *a, const struct person *b)
{
    return a->due_ms < b->due_ms;
}

/* Longest due first, of equals in the order of adding. */
static enum err due(struct roster *r, struct arena *a, int64_t now_ms, int64_t priority,
                    size_t skip, size_t max, struct person **out, size_t *n, struct fail *fail)
{
    struct fake_roster *f = of(r);
    const struct person *found[FAKE_PEOPLE];
    size_t n_found = 0;

    (void)fail;
    for (int i = 0; i < f->n_people; i++) {
        const struct person *p = &f->people[i].p;
        size_t at = n_found;

        if (p->state != PERSON_DUE || p->due_ms > now_ms || p->needs_gate ||
            p->priority != priority)
            continue;
        for (n_found++; at > 0 && is_before(p, found[at - 1]); at--)
            found[at] = found[at - 1];
        found[at] = p;
    }
    *out = arena_new(a, max, sizeof(**out));
    *n = 0;
    for (size_t i = skip; i < n_found && *n < max; i++)
        (*out)[(*n)++] = person_copy(a, found[i]);
    return ERR_NONE;
}

static enum err next_due(struct roster *r, int64_t *out_ms, struct fail *fail)
{
    (void)fail;
    *out_ms = INT64_MAX;
    for (int i = 0; i < of(r)->n_people; i++) {
        const struct person *p = &of(r)->people[i].p;

        if (p->state == PERSON_DUE && !p->needs_gate && p->due_ms < *out_ms)
            *out_ms = p->due_ms;
    }
    return ERR_NONE;
}

static struct fake_person *find(struct fake_roster *f, struct span id)
{
    for (int i = 0; i < f->n_people; i++)
        if (span_eq(f->people[i].p.id, id))
            return &f->people[i];
    return NULL;
}

static size_t memberships_of(const struct fake_person *p, struct arena *a, struct membership **out)
{
    struct membership *m = arena_new(a, FAKE_GROUPS + 2, sizeof(*m));
    size_t n = 0;

    m[n++] = (struct membership){.kind = MEMBERSHIP_APP,
                                 .container = SPAN("0oa1"),
                                 .name = SPAN("Amazon Connect"),
                                 .is_member = p->is_in_scope};
    if (p->is_suspended)
        m[n++] = (struct membership){.kind = MEMBERSHIP_SUSPENSION,
                                     .container = SPAN(""),
                                     .name = SPAN(""),
                                     .is_member = true};
    for (int i = 0; i < FAKE_GROUPS; i++)
        if (p->is_in[i] || p->was_in[i])
            m[n++] = (struct membership){.kind = MEMBERSHIP_GROUP,
                                         .container = span_of(arena_printf(a, "00g%d", i)),
                                         .name = span_of(arena_printf(a, "Group %d", i)),
                                         .is_member = p->is_in[i]};
    *out = m;
    return n;
}

static struct scope scope_of(const struct fake_roster *f, const struct fake_person *p,
                             struct arena *a)
{
    struct membership *m;
    size_t n = memberships_of(p, a, &m);

    return rules_scope(f->rules, &names_unread, &p->p, m, n, a);
}

static enum err facts(struct roster *r, struct arena *a, const struct person *p,
                      struct roster_facts *out, struct fail *fail)
{
    const struct fake_person *person = find(of(r), p->id);

    (void)fail;
    *out = (struct roster_facts){.scope = scope_of(of(r), person, a),
                                 .is_looked_at = person->is_looked_at,
                                 .look = {.due_ms = clock_wall_ms() + 1000}};
    out->n_memberships = memberships_of(person, a, &out->memberships);
    return ERR_NONE;
}

static enum err claims(struct roster *r, struct arena *a, const struct person *p,
                       struct span user_name, struct person *out, bool *is_claimed,
                       struct fail *fail)
{
    (void)fail;
    *is_claimed = false;
    for (int i = 0; i < of(r)->n_people && !*is_claimed; i++) {
        const struct person *other = &of(r)->people[i].p;

        if (span_eq(other->id, p->id))
            continue;
        *is_claimed =
            span_eq(other->agent_user_name, user_name) ||
            (other->state == PERSON_HELD && span_eq(other->reason_code, SPAN(REASON_TWO_CLAIM)) &&
             span_eq(rules_user_name(of(r)->rules, other, a), user_name));
        *out = *other;
    }
    return ERR_NONE;
}

static enum err pauses(struct roster *r, struct arena *a, struct pause **out, size_t *n,
                       struct fail *fail)
{
    (void)a;
    (void)fail;
    *out = of(r)->pauses;
    *n = (size_t)of(r)->n_pauses;
    return ERR_NONE;
}

static bool has_moved(struct roster *r)
{
    bool moved = of(r)->has_moved;

    of(r)->has_moved = false;
    return moved;
}

static void write_step(struct fake_roster *f, struct roster_change *change)
{
    if (change->adds_step) {
        if (f->n_steps == FAKE_STEPS)
            abort();
        f->steps[f->n_steps] = change->step;
        f->steps[f->n_steps].operation = arena_span(&f->arena, change->step.operation);
        f->steps[f->n_steps].cause = arena_span(&f->arena, change->step.cause);
        f->steps[f->n_steps++].outcome = arena_span(&f->arena, change->step.outcome);
        change->step_id = f->n_steps;
    } else if (change->step_id != 0) {
        f->steps[change->step_id - 1].outcome = arena_span(&f->arena, change->step.outcome);
        f->steps[change->step_id - 1].code = arena_span(&f->arena, change->step.code);
    }
}

static void write_pause(struct fake_roster *f, const struct roster_change *change)
{
    int i = 0;

    while (i < f->n_pauses && !span_eq(f->pauses[i].operation, change->pause.operation))
        i++;
    if (change->pause_change == PAUSE_PUT) {
        f->pauses[i] = (struct pause){.operation = arena_span(&f->arena, change->pause.operation),
                                      .code = arena_span(&f->arena, change->pause.code),
                                      .reason = arena_span(&f->arena, change->pause.reason),
                                      .since_ms = change->pause.since_ms,
                                      .probe_ms = change->pause.probe_ms};
        f->n_pauses += i == f->n_pauses;
    } else if (change->pause_change == PAUSE_REMOVE && i < f->n_pauses) {
        f->pauses[i] = f->pauses[--f->n_pauses];
    }
}

struct waiting {
    struct fake_roster *roster;
    struct roster_change *change;
};

static void do_change(void *arg)
{
    struct waiting *w = arg;
    struct fake_roster *f = w->roster;
    struct roster_change *change = w->change;
    struct fake_person *person = find(f, change->user_id);
    struct fail fail = {0};

    free(w);
    f->n_changes++;
    if (f->n_failing > 0) {
        f->n_failing--;
        change->done(change, fail_set(&fail, ERR_IO, "the disk is full"), &fail);
        return;
    }
    if (f->before_change != NULL)
        f->before_change(person);
    change->after = person->p;
    if (change->apply != NULL) {
        struct scope now = scope_of(f, person, &change->arena);

        change->apply(&change->after, &now, change);
        person->p = person_copy(&f->arena, &change->after);
    }
    change->after = person_copy(&change->arena, &person->p);
    write_step(f, change);
    write_pause(f, change);
    change->done(change, ERR_NONE, &fail);
}

static void change(struct roster *r, struct roster_change *c)
{
    struct waiting *w = mem_new(1, sizeof(*w));

    *w = (struct waiting){of(r), c};
    loop_post(of(r)->loop, do_change, w);
}

struct fake_roster *fake_roster_new(struct loop *loop, const struct rules *rules)
{
    struct fake_roster *f = mem_new(1, sizeof(*f));

    f->roster = (struct roster){.due = due,
                                .next_due = next_due,
                                .facts = facts,
                                .claims = claims,
                                .pauses = pauses,
                                .has_moved = has_moved,
                                .change = change};
    f->loop = loop;
    f->rules = rules;
    return f;
}

void fake_roster_free(struct fake_roster *f)
{
    arena_done(&f->arena);
    free(f);
}

struct fake_person *fake_roster_add(struct fake_roster *f, const char *id, const char *login)
{
    struct fake_person *p = &f->people[f->n_people++];

    p->p = (struct person){.source = SPAN("okta"),
                           .id = arena_span(&f->arena, span_of(id)),
                           .login = arena_span(&f->arena, span_of(login)),
                           .display_name = SPAN("Ada Lovelace"),
                           .facts_ns = 1,
                           .cause = SPAN("event 1"),
                           .state = PERSON_DUE,
                           .priority = PRIORITY_NEW,
                           .due_ms = clock_wall_ms(),
                           .due_since_ms = clock_wall_ms(),
                           .since_ms = clock_wall_ms()};
    p->is_in_scope = true;
    return p;
}

void fake_roster_tell(struct fake_roster *f, struct fake_person *p)
{
    struct scope scope = scope_of(f, p, &f->arena);

    standing_judge(&p->p, f->rules, &scope, true, clock_wall_ms(), SPAN("event 1"));
}

int fake_roster_waiting(const struct fake_roster *f)
{
    int n = 0;

    for (int i = 0; i < f->n_people; i++)
        n += f->people[i].p.needs_gate;
    return n;
}

void fake_roster_gate(struct fake_roster *f, bool passes)
{
    for (int i = 0; i < f->n_people; i++) {
        struct person *p = &f->people[i].p;
        bool is_removal = p->removal == REMOVAL_WAITS;

        if (!p->needs_gate)
            continue;
        p->judged_n++;
        p->needs_gate = false;
        if (is_removal)
            p->removal = passes ? REMOVAL_PASSED : REMOVAL_HELD;
        else
            p->passed_changes = passes;
        if (!passes)
            standing_set(p, PERSON_HELD, is_removal ? SPAN(REASON_REMOVALS) : SPAN(REASON_CHANGES),
                         SPAN("too many"), clock_wall_ms());
    }
}

int fake_roster_count(const struct fake_roster *f, enum person_state state)
{
    int n = 0;

    for (int i = 0; i < f->n_people; i++)
        n += f->people[i].p.state == state;
    return n;
}

int fake_roster_steps(const struct fake_roster *f, const char *outcome)
{
    int n = 0;

    for (int i = 0; i < f->n_steps; i++)
        n += span_eq(f->steps[i].outcome, span_of(outcome));
    return n;
}
