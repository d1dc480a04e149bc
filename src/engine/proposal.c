#include "engine/proposal.h"

#include "base/buf.h"
#include "crypt/digest.h"
#include "engine/fields.h"
#include "engine/release.h"
#include "model/guard.h"
#include "text/json.h"

enum { BODY_LIMIT = 256 * 1024, DIGEST_HEX = 32 };

void proposal_init(struct proposal *p, const struct proposal_options *options)
{
    *p = (struct proposal){.options = *options};
}

void proposal_done(struct proposal *p)
{
    arena_done(&p->arena);
    *p = (struct proposal){.n_guards = 0};
}

void proposal_guard(struct proposal *p, const char *name, struct span message)
{
    if (p->n_guards < PROPOSAL_GUARDS)
        p->guards[p->n_guards++] = (struct proposal_guard){name, arena_span(&p->arena, message)};
}

/* ---- one change ---- */

struct writing {
    struct json_out out;
    bool is_listed;
};

static void write_field(void *arg, const struct field *field)
{
    struct writing *w = arg;

    json_out_begin(&w->out, '{');
    json_put_str(&w->out, "name", span_of(field->name));
    json_put_str(&w->out, "from", field->from);
    json_put_str(&w->out, "to", field->to);
    if (w->is_listed && field->is_hidden)
        json_put_bool(&w->out, "not_read", true);
    json_out_end(&w->out, '}');
}

/* The fields, as an array. */
static void write_fields(const struct proposal *p, const struct drift *d, struct arena *a,
                         struct buf *body)
{
    const struct course *c = &d->course;
    struct writing w = {json_out(body), d->agent.id.n > 0 && !d->agent.is_described};
    bool has_fields = d->has_course && c->has_after && !c->deletes && d->action != DRIFT_HELD &&
                      (c->has_before || c->makes);

    json_out_begin(&w.out, '[');
    if (has_fields)
        fields_each(c->has_before ? &c->before : NULL, &c->after, p->options.names, a, write_field,
                    &w);
    json_out_end(&w.out, ']');
}

static void add_fact(struct buf *b, struct span text)
{
    buf_printf(b, "%zu:", text.n);
    buf_add(b, text);
}

/* What a saved plan relies on for this person: what Okta says, what the agent has, what was
 * decided, and what is to come of it. */
static struct span digest_of(const struct drift *d, const struct scan_change *change,
                             struct arena *a)
{
    const struct person *p = &d->person;
    char hex[SHA256_HEX];
    struct buf b;

    buf_init(&b, 1024 * 1024);
    add_fact(&b, p->id);
    add_fact(&b, p->login);
    add_fact(&b, p->display_name);
    add_fact(&b, p->app_user_name);
    add_fact(&b, p->status);
    add_fact(&b, p->profile);
    for (size_t i = 0; i < d->n_memberships; i++) {
        buf_printf(&b, "%c%d", (int)d->memberships[i].kind, d->memberships[i].is_member);
        add_fact(&b, d->memberships[i].container);
    }
    add_fact(&b, p->applied);
    add_fact(&b, d->agent.id);
    if (d->has_seen)
        entitlement_add_json(&b, &d->seen);
    add_fact(&b, p->old_agent_id);
    buf_printf(&b, "%d %d %d", (int)d->action, (int)p->removal, p->may_adopt);
    add_fact(&b, change->steps);
    add_fact(&b, change->body);
    sha256_hex(buf_span(&b), hex);
    buf_done(&b);
    return arena_span(a, span_n(hex, DIGEST_HEX));
}

static enum proposal_bound bound_of(const struct drift *d)
{
    if (d->bound == GATE_REMOVALS)
        return d->is_absent ? BOUND_ABSENT : BOUND_REMOVALS;
    return d->bound == GATE_CHANGES ? BOUND_CHANGES : BOUND_NONE;
}

static bool has_profile(const struct entitlement *e, struct span id)
{
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        if (span_eq(e->security_profile_ids[i], id))
            return true;
    return false;
}

/* Would an administrator be none any more? */
static bool loses_admin(const struct proposal *p, const struct drift *d)
{
    struct span id = p->options.admin_profile_id;
    const struct course *c = &d->course;

    if (id.n == 0 || d->action == DRIFT_HELD || !d->has_course || !c->has_before ||
        !has_profile(&c->before, id))
        return false;
    return c->deletes || !has_profile(&c->after, id);
}

static bool is_told(const struct drift *d)
{
    return d->action != DRIFT_UNCHANGED || d->because.n > 0;
}

/* What waits for its grace, or is held, is not done now. */
static struct span letters(const struct drift *d, char out[static COURSE_STEPS])
{
    size_t n = 0;

    if (!d->has_course || d->action == DRIFT_HELD || d->not_before_ms != 0)
        return SPAN("");
    for (; n < d->course.n; n++)
        out[n] = (char)('A' + (int)d->course.steps[n]);
    return span_n(out, n);
}

static enum err hold_rivals(struct proposal *p, const struct scan_change *change, int64_t rival,
                            struct fail *fail)
{
    struct arena a = {0};
    struct span because = span_of(
        arena_printf(&a, "two claim the user name '%.*s'; give one of them another one in Okta",
                     SPAN_ARG(change->claim)));
    enum err err = scan_change_move(p->options.scan, change->number, DRIFT_HELD, because, fail);

    if (err == ERR_NONE)
        err = scan_change_move(p->options.scan, rival, DRIFT_HELD, because, fail);
    arena_done(&a);
    return err;
}

/* steps: room for their letters. Texts of *out are borrowed, or in a and body. */
static void make_change(const struct proposal *p, const struct drift *d, struct arena *a,
                        char steps[static COURSE_STEPS], struct buf *body, struct scan_change *out)
{
    *out = (struct scan_change){.action = d->action,
                                .bound = bound_of(d),
                                .user_id = d->person.id,
                                .agent_id = d->agent.id,
                                .user = d->user,
                                .because = d->because,
                                .claim = d->claim,
                                .steps = letters(d, steps),
                                .is_marked = loses_admin(p, d),
                                .not_before_ms = d->not_before_ms};
    write_fields(p, d, a, body);
    out->body = buf_span(body);
    out->digest = digest_of(d, out, a);
}

struct span proposal_digest(const struct proposal *p, const struct drift *d, struct arena *a)
{
    char steps[COURSE_STEPS];
    struct scan_change change;
    struct buf body;

    buf_init(&body, BODY_LIMIT);
    make_change(p, d, a, steps, &body, &change);
    buf_done(&body);
    return change.digest;
}

enum err proposal_take(void *arg, const struct drift *d, struct fail *fail)
{
    struct proposal *p = arg;
    char steps[COURSE_STEPS];
    struct scan_change change;
    struct arena a = {0};
    struct buf body;
    int64_t rival = 0;
    enum err err;

    if (!is_told(d)) {
        p->unchanged++;
        return ERR_NONE;
    }
    buf_init(&body, BODY_LIMIT);
    make_change(p, d, &a, steps, &body, &change);
    err = scan_change_add(p->options.scan, &change, &rival, fail);
    if (err == ERR_NONE && rival != 0)
        err = hold_rivals(p, &change, rival, fail);
    buf_done(&body);
    arena_done(&a);
    return err;
}

/* ---- all of them ---- */

static const enum drift_action doing[] = {DRIFT_CREATE, DRIFT_UPDATE, DRIFT_PARK, DRIFT_DELETE,
                                          DRIFT_ADOPT};

static enum err count_bound(struct proposal *p, enum proposal_bound bound, int64_t *out,
                            struct fail *fail)
{
    enum err err = ERR_NONE;
    int64_t n;

    *out = 0;
    for (size_t i = 0; err == ERR_NONE && i < sizeof(doing) / sizeof(doing[0]); i++) {
        err = scan_changes_count(p->options.scan, doing[i], (int64_t)bound, &n, fail);
        *out += err == ERR_NONE ? n : 0;
    }
    return err;
}

static enum err hold_bound(struct proposal *p, enum proposal_bound bound, struct span because,
                           struct fail *fail)
{
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < sizeof(doing) / sizeof(doing[0]); i++)
        err =
            scan_changes_move(p->options.scan, doing[i], (int64_t)bound, DRIFT_HELD, because, fail);
    return err;
}

static enum err judge_bound(struct proposal *p, enum gate gate, int64_t waiting, const char *name,
                            bool *out_passes, struct fail *fail)
{
    const struct proposal_options *o = &p->options;
    struct guard_ask ask = {.bound = gate == GATE_REMOVALS ? o->settings->max_removals
                                                           : o->settings->max_changes,
                            .waiting = waiting};
    struct guard_verdict verdict;
    struct span note;
    enum err err;

    *out_passes = true;
    if (waiting == 0 || o->leaves_bounds)
        return ERR_NONE;
    err = store_note_get(o->store, &p->arena, release_note_name(gate), &note, fail);
    if (err == ERR_NONE)
        err =
            store_passages(o->store, (int64_t)gate, o->now_ms - GUARD_WINDOW_MS, &ask.passed, fail);
    if (err == ERR_NONE)
        err = store_managed_count(o->store, &ask.managed, fail);
    if (err != ERR_NONE)
        return err;
    ask.is_held = note.n > 0;
    verdict = guard_judge(release_setting(gate), &ask, &p->arena);
    *out_passes = verdict.passes;
    if (verdict.passes)
        return ERR_NONE;
    proposal_guard(p, name, span_of(verdict.reason));
    err = hold_bound(p, gate == GATE_REMOVALS ? BOUND_REMOVALS : BOUND_CHANGES,
                     span_of(verdict.reason), fail);
    return err == ERR_NONE && gate == GATE_REMOVALS
               ? hold_bound(p, BOUND_ABSENT, span_of(verdict.reason), fail)
               : err;
}

static enum err judge_removals(struct proposal *p, struct fail *fail)
{
    struct span unasked = SPAN("Okta did not show them, and could not be asked for them alone; "
                               "nobody is removed because of that");
    int64_t told = 0, absent = 0;
    bool passes = false;
    enum err err = count_bound(p, BOUND_REMOVALS, &told, fail);

    if (err == ERR_NONE)
        err = count_bound(p, BOUND_ABSENT, &absent, fail);
    if (err == ERR_NONE)
        err = judge_bound(p, GATE_REMOVALS, told + absent, "removals", &passes, fail);
    if (err != ERR_NONE || !passes || absent == 0)
        return err;
    return hold_bound(p, BOUND_ABSENT, unasked, fail);
}

static enum err judge_changes(struct proposal *p, struct fail *fail)
{
    int64_t waiting;
    bool passes;
    enum err err = count_bound(p, BOUND_CHANGES, &waiting, fail);

    return err == ERR_NONE ? judge_bound(p, GATE_CHANGES, waiting, "changes", &passes, fail) : err;
}

/* Of the administrators one stays, whatever else is to be done. */
static enum err judge_admins(struct proposal *p, struct fail *fail)
{
    static const enum drift_action losing[] = {DRIFT_DELETE, DRIFT_PARK, DRIFT_UPDATE};
    const struct proposal_options *o = &p->options;
    int64_t all = 0, last = 0, admins = 0;
    struct span message;
    enum err err = ERR_NONE;

    if (o->is_of_one)
        return ERR_NONE;
    for (size_t i = 0; err == ERR_NONE && i < sizeof(losing) / sizeof(losing[0]); i++) {
        int64_t n, number;

        err = scan_changes_marked(o->scan, losing[i], &n, &number, fail);
        if (err != ERR_NONE || n == 0)
            continue;
        all += n;
        last = number > last ? number : last;
    }
    if (err == ERR_NONE && all > 0)
        err = scan_agents_holding(o->scan, o->admin_profile_id, &admins, fail);
    if (err != ERR_NONE || all == 0 || all < admins)
        return err;
    message = span_of(arena_printf(
        &p->arena,
        "%lld agents have the administrators' security profile, and all of them would lose it; the "
        "last one is left as it is. Give it to somebody else first",
        (long long)admins));
    proposal_guard(p, "last_administrator", message);
    return scan_change_move(o->scan, last, DRIFT_HELD, message, fail);
}

/* Creations beyond the instance's quota would only fail. */
static enum err judge_quota(struct proposal *p, struct fail *fail)
{
    const struct proposal_options *o = &p->options;
    int64_t creates, deletes, places, beyond;
    struct span message;
    enum err err = scan_changes_count(o->scan, DRIFT_CREATE, -1, &creates, fail);

    if (err == ERR_NONE)
        err = scan_changes_count(o->scan, DRIFT_DELETE, BOUND_REMOVALS, &deletes, fail);
    if (err != ERR_NONE || o->settings->max_agents == 0)
        return err;
    places = o->settings->max_agents - o->agents + deletes;
    beyond = creates - (places > 0 ? places : 0);
    if (beyond <= 0)
        return ERR_NONE;
    message = span_of(arena_printf(
        &p->arena,
        "%lld agents are to be made, and the instance has %lld of the %lld that [Connect] "
        "MAX_AGENTS allows: %lld are held. Have the quota of users raised, then MAX_AGENTS",
        (long long)creates, (long long)o->agents, (long long)o->settings->max_agents,
        (long long)beyond));
    proposal_guard(p, "max_agents", message);
    return scan_changes_move_last(o->scan, DRIFT_CREATE, beyond, DRIFT_HELD, message, fail);
}

static void count_steps(void *arg, struct span steps, int64_t n)
{
    struct proposal *p = arg;

    for (size_t i = 0; i < steps.n; i++)
        p->calls_of[steps.p[i] - 'A'] += n;
}

double proposal_seconds(int64_t calls, double rate, double burst)
{
    /* As engine/pace.h: one call of the burst is left to the server. */
    double at_once = burst > 2 ? burst - 1 : 1;

    return (double)calls <= at_once ? 0 : ((double)calls - at_once) / rate;
}

static void estimate(struct proposal *p)
{
    const struct proposal_options *o = &p->options;

    for (size_t i = 0; i < STEPS; i++) {
        const char *operation = step_operation((enum step_op)i);
        double seconds = proposal_seconds(p->calls_of[i], o->rate(o->rate_arg, operation),
                                          rate_limits_for(&o->settings->burst, span_of(operation)));

        p->calls += p->calls_of[i];
        p->seconds = seconds > p->seconds ? seconds : p->seconds;
    }
}

enum err proposal_judge(struct proposal *p, struct fail *fail)
{
    enum err err = judge_removals(p, fail);

    if (err == ERR_NONE)
        err = judge_changes(p, fail);
    if (err == ERR_NONE)
        err = judge_admins(p, fail);
    if (err == ERR_NONE)
        err = judge_quota(p, fail);
    for (int i = 0; err == ERR_NONE && i < DRIFT_ACTIONS; i++)
        err = scan_changes_count(p->options.scan, i, -1, &p->count[i], fail);
    p->count[DRIFT_UNCHANGED] += p->unchanged;
    for (size_t i = 0; err == ERR_NONE && i < sizeof(doing) / sizeof(doing[0]); i++)
        err = scan_changes_steps(p->options.scan, doing[i], count_steps, p, fail);
    if (err == ERR_NONE)
        estimate(p);
    return err;
}

size_t proposal_steps(const struct scan_change *change, const char *out[static COURSE_STEPS])
{
    bool is_done = change->action != DRIFT_HELD && change->action != DRIFT_UNMANAGED;
    size_t n = 0;

    for (; is_done && n < change->steps.n && n < COURSE_STEPS; n++)
        out[n] = step_operation((enum step_op)(change->steps.p[n] - 'A'));
    return n;
}

bool proposal_has_changes(const struct proposal *p)
{
    for (size_t i = 0; i < sizeof(doing) / sizeof(doing[0]); i++)
        if (p->count[doing[i]] > 0)
            return true;
    return false;
}
