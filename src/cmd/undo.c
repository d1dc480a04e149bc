#include "cmd/undo.h"

#include "base/buf.h"
#include "cmd/decide.h"
#include "model/standing.h"
#include "store/audit.h"

struct search {
    struct opened *o;
    int64_t step; /* 0 = the newest run of changes */
    bool is_found, is_erased, made_it;
    struct span cause, user_id, source, before, operation, agent;
    int64_t first_step;
};

static bool is_change(const struct audit_row *row)
{
    if (!span_eq(row->kind, SPAN(AUDIT_STEP)) || row->step == 0)
        return false;
    if (row->is_redacted)
        return true;
    return !span_eq(row->outcome, SPAN("failed")) && !span_eq(row->outcome, SPAN("throttled")) &&
           row->before.n > 0 &&
           (span_eq(row->operation, SPAN("DeleteUser")) ||
            (row->after.n > 0 && !span_eq(row->after, row->before)));
}

/* From the newest on: all changes of one run, so that what was before the first of them counts. */
static bool take_row(void *arg, const struct audit_row *row)
{
    struct search *s = arg;
    struct arena *a = &s->o->arena;

    if (s->step != 0 && span_eq(row->operation, SPAN("CreateUser")) && row->before.n == 0 &&
        !row->is_redacted)
        s->made_it = true;
    if (!is_change(row))
        return true;
    if (s->is_found && !span_eq(row->cause, s->cause))
        return false;
    s->is_found = true;
    s->is_erased = row->is_redacted;
    s->cause = arena_span(a, row->cause);
    s->source = arena_span(a, row->source);
    s->user_id = arena_span(a, row->user_id);
    s->before = arena_span(a, row->before);
    s->operation = arena_span(a, row->operation);
    s->first_step = row->step;
    return s->step == 0;
}

static enum err search_log(struct search *s, const struct person *p, struct fail *fail)
{
    struct audit_ask ask = {.step = s->step, .is_newest_first = true};
    enum err err;

    if (p != NULL) {
        ask.source = p->source;
        ask.user_id = p->id;
    }
    err = store_audit_each(s->o->store, &ask, take_row, s, fail);
    if (err != ERR_NONE)
        return err;
    if (s->made_it && !s->is_found)
        return fail_set(fail, ERR_CONFLICT,
                        "the step %lld made the agent, so there is nothing before it to go back "
                        "to; take the person out of the application or group in Okta, or, of an "
                        "import, delete the agent in Amazon Connect",
                        (long long)s->step);
    if (!s->is_found && s->step != 0)
        return fail_set(fail, ERR_NOT_FOUND,
                        "the audit log has no step %lld that changed or deleted an agent; 'roster "
                        "why USER' lists the steps",
                        (long long)s->step);
    if (!s->is_found)
        return fail_set(fail, ERR_NOT_FOUND,
                        "the audit log has no change of theirs that could be undone");
    if (s->is_erased)
        return fail_set(fail, ERR_CONFLICT,
                        "what the agent was was erased from the audit log ('roster audit redact')");
    return ERR_NONE;
}

static enum err read_states(struct undo *u, const struct search *s, struct fail *fail)
{
    const struct person *p = &u->person;
    struct arena *a = &s->o->arena;
    /* What it had when it was taken away is known best from the ledger: all of it was read then. */
    bool has_best = u->was_deleted && p->before_removal.n > 0;
    enum err err = entitlement_parse(a, has_best ? p->before_removal : s->before, &u->then, fail);

    if (err != ERR_NONE)
        return err;
    u->has_now = !u->was_deleted && p->applied.n > 0 &&
                 entitlement_parse(a, p->applied, &u->now, NULL) == ERR_NONE;
    if (!u->was_deleted && p->agent_user_name.n > 0)
        u->then.user_name = p->agent_user_name; /* it cannot be renamed */
    return ERR_NONE;
}

enum err undo_find(struct opened *o, const struct person *p, int64_t step, struct undo *out,
                   struct fail *fail)
{
    struct search s = {.o = o, .step = step};
    enum err err = search_log(&s, p, fail);

    if (err != ERR_NONE)
        return err;
    *out = (struct undo){.step = s.first_step, .operation = s.operation};
    err = store_person_get(o->store, &o->arena, s.source, s.user_id, &out->person, fail);
    if (err == ERR_NOT_FOUND)
        return fail_set(fail, ERR_NOT_FOUND,
                        "the person of that step is not in the store any more");
    if (err != ERR_NONE)
        return err;
    out->was_deleted = out->person.agent_id.n == 0;
    if (out->was_deleted && !span_eq(s.operation, SPAN("DeleteUser")) && step != 0)
        return fail_set(fail, ERR_CONFLICT,
                        "their agent does not exist any more; undo its deletion: 'roster undo "
                        "%.*s'",
                        SPAN_ARG(out->person.id));
    return read_states(out, &s, fail);
}

enum err undo_write(struct opened *o, const struct undo *u, struct span cause, int64_t now_ms,
                    struct person *out, struct fail *fail)
{
    struct person before, p;
    struct span restore;
    struct buf json;
    enum err err = store_person_get(o->store, &o->arena, u->person.source, u->person.id, &p, fail);

    if (err != ERR_NONE)
        return err;
    before = p;
    buf_init(&json, ENTITLEMENT_JSON_LIMIT);
    entitlement_add_json(&json, &u->then);
    restore = arena_span(&o->arena, buf_span(&json));
    buf_done(&json);
    /* The same may be under way since it was broken off: then it goes on. */
    if (p.state == PERSON_DUE && !span_eq(p.restore, restore))
        return fail_set(fail, ERR_CONFLICT,
                        "something else is being done for them; wait for it ('roster show')");
    p.restore = restore;
    p.cause = cause;
    p.attempts = 0;
    p.needs_gate = false;
    p.passed_changes = true; /* an operator has decided */
    p.removal = REMOVAL_NONE;
    p.priority = p.agent_id.n > 0 ? PRIORITY_CHANGE : PRIORITY_NEW;
    p.judged_n++;
    standing_set(&p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
    p.due_ms = p.due_since_ms = now_ms;
    err = decide_write(o, &before, &p, now_ms, fail);
    if (err == ERR_NONE)
        *out = p;
    return err;
}
