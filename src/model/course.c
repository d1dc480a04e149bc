#include "model/course.h"

#include "model/step.h"

struct walk {
    struct plan_ask ask;
    const struct course_world *world;
    struct arena *a;
    struct course *course;
};

static void set_seen(struct walk *w, const struct entitlement *e)
{
    struct entitlement *seen = arena_new(w->a, 1, sizeof(*seen));

    *seen = *e;
    w->ask.actual.seen = seen;
    w->course->after = *seen;
    w->course->has_after = true;
}

static void note_before(struct walk *w)
{
    if (w->course->has_before || w->course->makes || w->ask.actual.seen == NULL)
        return;
    w->course->before = *w->ask.actual.seen;
    w->course->has_before = true;
}

/* What was bound becomes the former agent. */
static void bind(struct walk *w, const struct agent *agent)
{
    struct actual *actual = &w->ask.actual;

    if (actual->kind == ACTUAL_BOUND)
        w->ask.old_agent_id = actual->agent.id;
    *actual = (struct actual){.kind = ACTUAL_BOUND, .agent = *agent};
    w->course->agent = *agent;
}

static void do_find(struct walk *w)
{
    struct actual *actual = &w->ask.actual;
    struct agent agent;
    bool is_there = w->ask.wanted != NULL && w->world->find != NULL &&
                    w->world->find(w->world->arg, w->ask.wanted->user_name, w->a, &agent);

    if (actual->kind == ACTUAL_BOUND) {
        actual->is_making = false;
        if (is_there && !span_eq(agent.id, actual->agent.id) &&
            plan_owner(&agent, w->ask.managed_by, w->ask.okta_id) == OWNER_OURS)
            bind(w, &agent);
        return;
    }
    *actual = (struct actual){.kind = is_there ? ACTUAL_FOUND : ACTUAL_ABSENT};
    if (is_there)
        actual->agent = w->course->agent = agent;
}

static bool do_look(struct walk *w)
{
    struct entitlement seen;

    if (w->world->look == NULL || !w->world->look(w->world->arg, &w->ask.actual.agent, w->a, &seen))
        return false;
    w->ask.actual.seen = &seen;
    note_before(w);
    if (w->course->takes_over) { /* the world shows it as it was before that */
        struct entitlement tagged = {.tags = w->ask.actual.agent.tags,
                                     .n_tags = w->ask.actual.agent.n_tags};

        seen = step_applied(STEP_TAG_USER, &tagged, &seen, w->a);
    }
    w->ask.in_doubt = 0;
    set_seen(w, &seen);
    return true;
}

static void do_create(struct walk *w, const struct plan *plan)
{
    struct entitlement made = step_applied(STEP_CREATE_USER, &plan->target, NULL, w->a);

    bind(w, &(struct agent){.id = SPAN(COURSE_NEW_AGENT), .user_name = plan->target.user_name});
    set_seen(w, &made);
    w->course->makes = true;
}

static void do_tag(struct walk *w, const struct plan *plan)
{
    struct entitlement has;

    if (w->ask.actual.kind == ACTUAL_FOUND) { /* taken over: from now on its tags say so */
        struct tag *tags = arena_new(w->a, 2, sizeof(*tags));

        tags[0] = (struct tag){SPAN(TAG_MANAGED_BY), w->ask.managed_by};
        tags[1] = (struct tag){SPAN(TAG_OKTA_ID), w->ask.okta_id};
        w->ask.actual.agent.tags = tags;
        w->ask.actual.agent.n_tags = 2;
        w->course->takes_over = true;
        return;
    }
    has = step_applied(STEP_TAG_USER, &plan->target, w->ask.actual.seen, w->a);
    set_seen(w, &has);
}

static void do_delete(struct walk *w, const struct plan *plan)
{
    w->ask.actual.is_deleted = true;
    if (plan->is_on_old)
        w->course->deletes_former = true;
    else
        w->course->deletes = true;
}

static void do_delete_quick(struct walk *w, const struct plan *plan)
{
    w->ask.actual.is_deleted = false;
    if (plan->is_on_old)
        w->ask.old_agent_id = SPAN("");
    else
        w->ask.actual = (struct actual){.kind = ACTUAL_ABSENT};
}

/* False when what comes after it is not to be known. */
static bool do_step(struct walk *w, const struct plan *plan, enum step_op op)
{
    struct entitlement has;

    switch (op) {
    case STEP_FIND_USER:
        do_find(w);
        return true;
    case STEP_DESCRIBE_USER:
        return do_look(w);
    case STEP_CREATE_USER:
        do_create(w, plan);
        return true;
    case STEP_TAG_USER:
        do_tag(w, plan);
        return true;
    case STEP_LOOK_FOR_CONTACTS:
        w->ask.is_contact_free = true;
        return true;
    case STEP_DELETE_USER:
        do_delete(w, plan);
        return true;
    case STEP_DELETE_QUICK_CONNECTS:
        do_delete_quick(w, plan);
        return true;
    default:
        if (plan->is_on_old) {
            w->ask.old_agent_parked |= 1U << step_aspect(op);
            return true;
        }
        has = step_applied(op, &plan->target, w->ask.actual.seen, w->a);
        w->ask.in_doubt &= ~(1U << step_aspect(op));
        set_seen(w, &has);
        return true;
    }
}

static void pass_gate(struct walk *w, enum gate gate)
{
    if (gate == GATE_REMOVALS) {
        w->course->waits_for_removals = true;
        w->ask.removal = REMOVAL_PASSED;
    } else if (gate == GATE_CHANGES) {
        w->course->waits_for_changes = true;
        w->ask.has_passed_changes = true;
    }
}

static void end(struct walk *w, const struct plan *plan)
{
    w->course->state = plan->state;
    w->course->reason_code = plan->reason_code;
    w->course->reason = plan->reason;
}

void course_make(const struct plan_ask *ask, const struct course_world *world, struct arena *a,
                 struct course *out)
{
    struct walk w = {.ask = *ask, .world = world, .a = a, .course = out};
    bool is_removed = false;

    *out = (struct course){.state = PERSON_DUE, .reason_code = "", .agent = ask->actual.agent};
    out->reason = arena_dup(a, SPAN(""));
    if (ask->actual.kind == ACTUAL_BOUND && ask->actual.seen != NULL) {
        out->after = *ask->actual.seen;
        out->has_after = true;
    }
    for (;;) {
        struct plan plan = plan_make(&w.ask, a);

        note_before(&w);
        pass_gate(&w, plan.gate);
        if (plan.n == 0 && plan.binds) {
            out->binds = true;
            bind(&w, &w.ask.actual.agent);
            continue;
        }
        end(&w, &plan);
        if (plan.n == 0 || out->n == COURSE_STEPS)
            break;
        out->steps[out->n++] = plan.steps[0];
        is_removed = is_removed || (plan.steps[0] == STEP_DELETE_USER && !plan.is_on_old);
        if (!do_step(&w, &plan, plan.steps[0]))
            break;
    }
    if (is_removed && w.ask.wanted == NULL)
        out->state = PERSON_REMOVED;
}
