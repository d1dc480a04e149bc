#include "fake_roster.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

static struct fake_roster *of(struct roster *r)
{
    return (struct fake_roster *)r;
}

static bool is_before(const struct person *a, const struct person *b)
{
    return a->due_ms < b->due_ms;
}

/* Longest due first, of equals in the order of adding. */
static enum err due(struct roster *r, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                    struct person **out, size_t *n, struct fail *fail)
{
    struct fake_roster *f = of(r);
    const struct person *found[FAKE_PEOPLE];
    size_t n_found = 0;

    (void)fail;
    for (int i = 0; i < f->n_people; i++) {
        const struct person *p = &f->people[i].p;
        size_t at = n_found;

        if (p->state != PERSON_DUE || p->due_ms > now_ms)
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
    for (int i = 0; i < of(r)->n_people; i++)
        if (of(r)->people[i].p.state == PERSON_DUE && of(r)->people[i].p.due_ms < *out_ms)
            *out_ms = of(r)->people[i].p.due_ms;
    return ERR_NONE;
}

static struct fake_person *find(struct fake_roster *f, struct span id)
{
    for (int i = 0; i < f->n_people; i++)
        if (span_eq(f->people[i].p.id, id))
            return &f->people[i];
    return NULL;
}

static struct scope scope_of(const struct fake_person *p)
{
    return (struct scope){.is_in = p->is_in_scope, .is_by_app = p->is_in_scope};
}

static enum err scope(struct roster *r, struct arena *a, const struct person *p, struct scope *out,
                      struct fail *fail)
{
    (void)a;
    (void)fail;
    *out = scope_of(find(of(r), p->id));
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
        struct scope now = scope_of(person);

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

struct fake_roster *fake_roster_new(struct loop *loop)
{
    struct fake_roster *f = mem_new(1, sizeof(*f));

    f->roster = (struct roster){.due = due,
                                .next_due = next_due,
                                .scope = scope,
                                .pauses = pauses,
                                .has_moved = has_moved,
                                .change = change};
    f->loop = loop;
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
                           .due_ms = clock_wall_ms(),
                           .due_since_ms = clock_wall_ms(),
                           .since_ms = clock_wall_ms()};
    p->is_in_scope = true;
    return p;
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
