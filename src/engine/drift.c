#include "engine/drift_private.h"

#include "model/plan_facts.h"
#include "model/seen.h"
#include "model/standing.h"

enum { OWN_WRITE_MS = 10 * 60 * 1000 };

const char *drift_action_name(enum drift_action action)
{
    static const char *const names[DRIFT_ACTIONS + 1] = {
        [DRIFT_CREATE] = "create",       [DRIFT_UPDATE] = "update",
        [DRIFT_PARK] = "park",           [DRIFT_DELETE] = "delete",
        [DRIFT_ADOPT] = "adopt",         [DRIFT_HELD] = "held",
        [DRIFT_UNMANAGED] = "unmanaged", [DRIFT_UNCHANGED] = "unchanged",
        [DRIFT_NOTHING] = "nothing"};

    return (unsigned)action <= DRIFT_ACTIONS ? names[action] : "";
}

/* ---- what Amazon Connect says ---- */

static bool read_agent(struct inquiry *l, const struct scan_agent *row, struct agent *agent,
                       struct entitlement *found)
{
    if (entitlement_parse(l->a, row->entitlement, found, l->fail) != ERR_NONE) {
        l->err = fail_within(l->fail, ERR_IO, "the scan");
        return false;
    }
    *agent = (struct agent){.id = row->id,
                            .arn = row->arn,
                            .user_name = row->user_name,
                            .tags = found->tags,
                            .n_tags = found->n_tags};
    return true;
}

static bool find(void *arg, struct span user_name, struct arena *a, struct agent *out)
{
    struct inquiry *l = arg;
    struct entitlement found;
    struct scan_agent row;
    bool has = false;

    if (l->err == ERR_NONE)
        l->err = scan_agent_of_name(l->options->scan, a, user_name, &row, &has, l->fail);
    return l->err == ERR_NONE && has && read_agent(l, &row, out, &found);
}

static bool look_at(void *arg, const struct agent *agent, struct arena *a, struct entitlement *out)
{
    struct inquiry *l = arg;
    struct entitlement found;
    struct scan_agent row;
    struct agent same;
    bool has = false;

    if (l->err == ERR_NONE)
        l->err = scan_agent_get(l->options->scan, a, agent->id, &row, &has, l->fail);
    if (l->err != ERR_NONE || !has || row.entitlement.n == 0 || !read_agent(l, &row, &same, &found))
        return false;
    *out = seen_merge(&found, row.is_described ? SEEN_DESCRIBED : SEEN_LISTED, NULL, l->wanted, a);
    return true;
}

/* The agent that the ledger binds, or, when it binds none, one that bears the person's id. */
static enum err choose_agent(struct inquiry *l, bool *out_is_gone)
{
    const struct person *p = &l->out->person;
    bool has = false;
    enum err err;

    *out_is_gone = false;
    for (size_t i = 0; i < l->facts->n_owned; i++)
        if (p->agent_id.n == 0 || span_eq(l->facts->owned[i].id, p->agent_id)) {
            l->out->agent = l->facts->owned[i];
            return ERR_NONE;
        }
    if (p->agent_id.n == 0)
        return ERR_NONE;
    err = scan_agent_get(l->options->scan, l->a, p->agent_id, &l->out->agent, &has, l->fail);
    if (err == ERR_NONE && !has)
        l->out->agent = (struct scan_agent){0};
    *out_is_gone = has && l->out->agent.entitlement.n == 0;
    return err;
}

/* Searches may show for minutes what was before. */
static int64_t young_ms(const struct inquiry *l)
{
    return l->options->now_ms - OWN_WRITE_MS;
}

/* What the agent was seen to have. Mostly that is what was applied, to the byte, and is not parsed
 * twice. */
static bool read_found(struct inquiry *l, const struct entitlement *applied,
                       struct entitlement *found)
{
    const struct scan_agent *row = &l->out->agent;
    struct agent agent;

    if (applied == NULL || !span_eq(row->entitlement, l->out->person.applied))
        return read_agent(l, row, &agent, found);
    *found = *applied;
    return true;
}

/* What is planned against: the ledger, with what the agent was seen to have now. */
static void take_agent(struct inquiry *l, bool is_gone, struct actual *actual)
{
    struct person *p = &l->out->person;
    struct scan_agent *row = &l->out->agent;
    const struct entitlement *applied;
    struct entitlement found;

    if (p->agent_id.n == 0 && row->id.n > 0) { /* it bears their id: it is theirs */
        p->agent_id = row->id;
        p->agent_arn = row->arn;
        p->agent_user_name = row->user_name;
        p->create_sent_ms = p->name_taken_ms = 0;
        p->create_sent_name = p->applied = SPAN("");
    }
    *actual = plan_actual(p, l->a);
    if (is_gone) {
        l->out->is_gone = true;
        *actual = (struct actual){.kind = ACTUAL_ABSENT};
        *row = (struct scan_agent){0};
        return;
    }
    applied = actual->seen;
    l->out->is_doubtful = p->agent_id.n > 0 && row->id.n == 0 && !actual->is_deleted;
    if (row->id.n == 0 || actual->is_deleted || !read_found(l, applied, &found))
        return;
    l->out->seen = seen_merge(&found, row->is_described ? SEEN_DESCRIBED : SEEN_LISTED, applied,
                              l->wanted, l->a);
    l->out->has_seen = true;
    if (!row->is_described && (applied == NULL || plan_facts_look_first(p, false))) {
        actual->seen = NULL; /* it is described first */
        return;
    }
    actual->seen = &l->out->seen;
    l->out->changes_by_hand = applied != NULL && entitlement_diff(applied, &l->out->seen) != 0;
    l->out->is_doubtful =
        l->out->changes_by_hand && !row->is_described && p->applied_ms > young_ms(l);
}

/* ---- what follows ---- */

static bool has_agent(const struct person *p)
{
    return p->agent_id.n > 0 || p->old_agent_id.n > 0;
}

static void say(struct inquiry *l, struct span text)
{
    l->out->because = text;
}

static void hold(struct inquiry *l, struct span because)
{
    l->out->action = DRIFT_HELD;
    l->out->bound = GATE_NONE;
    say(l, because);
}

/* Why they are no longer in scope. */
static struct span why_left(const struct inquiry *l)
{
    const struct person *p = &l->out->person;

    if (span_eq(p->status, SPAN("DEPROVISIONED")))
        return SPAN("deactivated in Okta");
    if (span_eq(p->status, SPAN("GONE")))
        return SPAN("deleted in Okta");
    if (l->lost.n > 0)
        return span_of(arena_printf(l->a, "no longer in %.*s", SPAN_ARG(l->lost)));
    if (l->facts->person.left_ms != 0 && p->left_why.n > 0)
        return span_of(arena_printf(l->a, "left scope (%.*s)", SPAN_ARG(p->left_why)));
    return SPAN("no longer in scope");
}

static enum drift_action action_of(const struct course *c)
{
    if (c->state == PERSON_HELD || c->state == PERSON_FAILED)
        return DRIFT_HELD;
    if (c->deletes)
        return DRIFT_DELETE;
    if (c->state == PERSON_PARKED && c->n > 0)
        return DRIFT_PARK;
    if (c->makes && !c->deletes_former)
        return DRIFT_CREATE;
    if (c->takes_over || c->binds)
        return DRIFT_ADOPT;
    return c->n > 0 ? DRIFT_UPDATE : DRIFT_UNCHANGED;
}

static void say_why(struct inquiry *l, const struct scope *scope, bool is_gone)
{
    struct drift *d = l->out;
    const struct person *before = &l->facts->person;

    switch (d->action) {
    case DRIFT_CREATE:
        say(l, is_gone ? span_of(arena_printf(l->a, "%.*s; somebody else deleted the agent %.*s",
                                              SPAN_ARG(scope->because), SPAN_ARG(before->agent_id)))
                       : scope->because);
        break;
    case DRIFT_DELETE:
    case DRIFT_PARK:
        say(l, scope->is_in ? SPAN("suspended in Okta") : why_left(l));
        break;
    case DRIFT_ADOPT:
        say(l, d->course.takes_over
                   ? span_of(arena_printf(l->a, "%.*s; an agent of that user name exists",
                                          SPAN_ARG(scope->because)))
               : before->create_sent_ms != 0
                   ? SPAN("it was made, and the answer to that was never read")
                   : SPAN("it bears this Okta id, and the store does not know it"));
        break;
    case DRIFT_UPDATE:
        say(l, before->state == PERSON_PARKED && before->agent_id.n > 0 ? SPAN("back in scope")
               : d->changes_by_hand ? SPAN("changed in Amazon Connect by somebody else")
               : d->is_news         ? SPAN("Okta says something else than before")
                                    : SPAN("differs from what the rules give"));
        break;
    default:
        say(l, arena_span(l->a, span_of(d->course.reason)));
        break;
    }
}

/* A removal may have to wait, or must not be. */
static void bound_removal(struct inquiry *l)
{
    struct drift *d = l->out;
    const struct person *p = &d->person;
    const char *stops = l->options->stops_removals;

    if (d->course.waits_for_removals)
        d->bound = GATE_REMOVALS;
    else if (d->course.waits_for_changes)
        d->bound = GATE_CHANGES;
    if (d->bound == GATE_REMOVALS && stops != NULL) {
        hold(l, span_of(arena_printf(l->a, "%.*s; but %s", SPAN_ARG(d->because), stops)));
    } else if (d->bound == GATE_REMOVALS && p->removal == REMOVAL_WAITS &&
               p->due_ms > l->options->now_ms && span_eq(p->reason_code, SPAN(REASON_GRACE))) {
        d->bound = GATE_NONE;
        d->not_before_ms = p->due_ms;
    }
}

/* An agent that bears their id and needs no change, of which the store does not know yet: it was
 * made, and whoever made it did not live to write that down. */
static bool is_to_be_bound(const struct inquiry *l)
{
    return l->out->action == DRIFT_UNCHANGED && l->facts->person.agent_id.n == 0 &&
           l->out->person.agent_id.n > 0;
}

static void classify(struct inquiry *l, const struct scope *scope, bool is_gone)
{
    struct drift *d = l->out;

    d->action = action_of(&d->course);
    if (is_to_be_bound(l))
        d->action = DRIFT_ADOPT;
    if (d->action == DRIFT_UNCHANGED && !has_agent(&d->person)) {
        d->action = DRIFT_NOTHING;
        return;
    }
    say_why(l, scope, is_gone);
    if (d->action == DRIFT_HELD)
        return;
    if (d->course.makes)
        d->claim = d->course.after.user_name;
    bound_removal(l);
}

static struct span label(const struct person *p)
{
    struct span login = span_trim(p->login);

    return login.n > 0 ? login : person_label(p);
}

/* Somebody out of scope without an agent that the store knows: an agent may bear their id. */
static void judge_stranger(struct inquiry *l)
{
    struct drift *d = l->out;

    if (l->facts->n_owned == 0) {
        d->action = DRIFT_NOTHING;
        return;
    }
    d->agent = l->facts->owned[0];
    d->user = d->person.login.n > 0 ? label(&d->person) : d->agent.user_name;
    hold(l, SPAN("it bears this deployment's tags and an Okta id that the store does not know and "
                 "no rule takes in; `roster rebuild` binds it, or take its tags away"));
}

static enum err follow(struct inquiry *l, const struct scope *scope)
{
    const struct drift_options *o = l->options;
    struct course_world world = {find, look_at, l};
    struct plan_facts facts = {.rules = o->rules,
                               .names = o->names,
                               .person = &l->out->person,
                               .memberships = l->out->memberships,
                               .n_memberships = l->out->n_memberships,
                               .scope = scope,
                               .now_ms = o->now_ms,
                               .max_wait_ms = o->max_wait_ms};
    struct plan_wants *wants = arena_new(l->a, 1, sizeof(*wants));
    struct fail refused;
    struct plan_ask ask;
    bool is_gone;
    enum err err = choose_agent(l, &is_gone);

    if (err != ERR_NONE)
        return err;
    err = plan_facts_ask(&facts, wants, l->a, &ask, &refused);
    l->wanted = err == ERR_NONE && scope->is_in && !scope->is_suspended ? &wants->wanted : NULL;
    take_agent(l, is_gone, &ask.actual);
    if (l->out->agent.is_described)
        ask.in_doubt = 0;
    else if (!l->out->has_seen && plan_facts_look_first(&l->out->person, false))
        ask.actual.seen = NULL;
    if (err != ERR_NONE) {
        hold(l, arena_span(l->a, span_of(refused.text)));
        return l->err;
    }
    /* What the ledger does not know is looked for before it is made. */
    if (ask.actual.kind == ACTUAL_ABSENT && l->wanted != NULL) {
        struct agent agent;

        if (find(l, l->wanted->user_name, l->a, &agent))
            ask.actual.kind = ACTUAL_UNKNOWN;
    }
    course_make(&ask, &world, l->a, &l->out->course);
    l->out->has_course = true;
    classify(l, scope, is_gone);
    return l->err;
}

static bool is_undone(const struct person *p)
{
    return p->state == PERSON_HELD && span_eq(p->reason_code, SPAN(REASON_UNDONE));
}

enum err drift_of_person(const struct drift_options *options, const struct drift_facts *facts,
                         struct arena *a, struct drift *out, struct fail *fail)
{
    struct inquiry l = {.options = options, .facts = facts, .a = a, .out = out, .fail = fail};
    struct scope scope;
    enum err err;

    *out = (struct drift){.person = facts->person, .is_known = facts->is_known, .bound = GATE_NONE};
    out->because = out->claim = SPAN("");
    if (options->has_users) {
        drift_take_memberships(&l);
        drift_take_user(&l);
        out->is_absent = facts->user == NULL;
    } else {
        out->memberships = facts->memberships;
        out->n_memberships = facts->n_memberships;
    }
    out->user = label(&out->person);
    scope = rules_scope(options->rules, options->names, &out->person, out->memberships,
                        out->n_memberships, a);
    if (!scope.is_in && !has_agent(&out->person) && out->person.create_sent_ms == 0 &&
        out->person.name_taken_ms == 0) {
        judge_stranger(&l);
        return ERR_NONE;
    }
    scope.is_unsure = scope.is_unsure || (!scope.is_in && options->has_other_rules);
    standing_judge(&out->person, options->rules, &scope, out->is_news, options->now_ms,
                   options->cause);
    if (is_undone(&out->person)) {
        hold(&l, out->person.reason);
        return ERR_NONE;
    }
    err = follow(&l, &scope);
    if (err == ERR_NONE && out->agent.id.n == 0 && out->person.agent_id.n > 0)
        out->agent = (struct scan_agent){.id = out->person.agent_id,
                                         .arn = out->person.agent_arn,
                                         .user_name = out->person.agent_user_name};
    return err;
}

enum err drift_of_agent(const struct drift_options *options, const struct scan_agent *agent,
                        struct arena *a, struct drift *out, struct fail *fail)
{
    struct inquiry l = {.options = options, .a = a, .out = out, .fail = fail};
    struct entitlement found;
    struct agent parts;
    enum owner owner;

    *out = (struct drift){.action = DRIFT_UNMANAGED, .agent = *agent, .user = agent->user_name};
    out->claim = SPAN("");
    if (!read_agent(&l, agent, &parts, &found))
        return l.err;
    owner = plan_owner(&parts, options->rules->managed_by, SPAN(""));
    if (owner == OWNER_IMPORTED)
        say(&l, SPAN("made by `roster import`; adopted when Okta claims its user name"));
    else if (owner == OWNER_OTHER_DEPLOYMENT)
        say(&l, span_of(arena_printf(a, "managed by the Roster deployment '%.*s'",
                                     SPAN_ARG(agent_tag(&parts, SPAN(TAG_MANAGED_BY))))));
    else
        say(&l, SPAN("made by hand or by another tool; `roster adopt` takes it in when Okta "
                     "claims its user name"));
    return ERR_NONE;
}
