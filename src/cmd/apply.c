#include "cmd/apply.h"

#include <inttypes.h>

#include "base/clock.h"
#include "cmd/deed.h"
#include "engine/handover.h"

enum { AT_ONCE = 50 /* handed over in one transaction */, LINE_LIMIT = 64 * 1024 };

/* Access is taken before it is given, and what somebody waits for comes before what is new. */
static const enum drift_action order[] = {DRIFT_DELETE, DRIFT_PARK, DRIFT_UPDATE, DRIFT_ADOPT,
                                          DRIFT_CREATE};
enum { ORDERS = sizeof(order) / sizeof(order[0]) };

struct applying {
    const struct apply_options *options;
    struct apply_result result;
    struct arena arena;
    struct span cause;
    struct drift_options drift;
    size_t at; /* in order */
    bool is_walking, is_recorded;
};

/* ---- one person ---- */

static void tell_moved(struct applying *a, struct span user, const char *why)
{
    struct buf line;

    a->result.moved++;
    buf_init(&line, LINE_LIMIT);
    style_add(&line, user);
    command_complain(a->options->inspect->invocation, "%s is left as they are: %s", line.p, why);
    buf_done(&line);
}

/* A plan that was broken off goes on where it has begun. The engine takes up whoever is due by
 * itself: when it was done with somebody before their turn came here, the reading is older than
 * that. */
struct begun {
    bool is_under_way, is_over;
};

static enum err has_begun(struct applying *a, struct span user_id, struct begun *out,
                          struct fail *fail)
{
    struct inspect *r = a->options->inspect;
    int64_t read_ms = inspection_proposal(r->inspection)->options.now_ms;
    struct arena arena = {0};
    struct person p;
    enum err err = store_person_get(r->opened.store, &arena, SPAN("okta"), user_id, &p, fail);
    bool is_ours = err == ERR_NONE && span_eq(p.cause, a->cause);

    *out = (struct begun){.is_under_way = is_ours && p.state == PERSON_DUE,
                          .is_over = is_ours && p.state != PERSON_DUE && p.since_ms >= read_ms};
    arena_done(&arena);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

/* *out_is_meant: the change is a part of what is applied, and that is what it must be like. */
static enum err is_meant(struct applying *a, const struct scan_change *change, struct arena *arena,
                         bool *out_is_meant, struct span *out_digest, struct fail *fail)
{
    struct scan_saved saved;
    bool has;
    enum err err;

    *out_is_meant = true;
    *out_digest = change->digest;
    if (!a->options->is_saved)
        return ERR_NONE;
    err = scan_saved_get(a->options->inspect->scan, arena, change->user_id, &saved, &has, fail);
    *out_is_meant = err == ERR_NONE && has;
    if (*out_is_meant)
        *out_digest = saved.digest;
    return err;
}

static enum err hand_over(struct applying *a, struct carry *c, const struct scan_change *change,
                          size_t *n, struct fail *fail)
{
    struct inspect *r = a->options->inspect;
    struct handover handover = {.drift = &a->drift,
                                .proposal = inspection_proposal(r->inspection),
                                .store = r->opened.store};
    enum handover_verdict verdict = HANDOVER_IN_STEP;
    struct arena arena = {0};
    struct begun begun = {0};
    bool meant = false;
    enum err err = is_meant(a, change, &arena, &meant, &handover.digest, fail);

    if (err == ERR_NONE && meant)
        err = has_begun(a, change->user_id, &begun, fail);
    handover.may_go_on = begun.is_under_way;
    if (err == ERR_NONE && meant && !begun.is_over)
        err = handover_person(&handover, change->user_id, &arena, &verdict, fail);
    if (err == ERR_NONE && meant && (begun.is_over || verdict == HANDOVER_DUE)) {
        carry_add(c, SPAN("okta"), change->user_id);
        (*n)++;
    } else if (err == ERR_NONE && meant && verdict == HANDOVER_MOVED) {
        tell_moved(a, change->user,
                   "something has changed since the plan was made; plan again to see it");
    } else if (err == ERR_NONE && meant) {
        a->result.in_step++;
    }
    arena_done(&arena);
    return err;
}

/* ---- many ---- */

static enum err next_change(struct applying *a, struct arena *arena, struct scan_change *out,
                            bool *out_has, struct fail *fail)
{
    struct scan *scan = a->options->inspect->scan;
    enum err err = ERR_NONE;

    *out_has = false;
    while (err == ERR_NONE && !*out_has && a->at < ORDERS) {
        if (!a->is_walking)
            err = scan_changes_first(scan, order[a->at], fail);
        a->is_walking = true;
        if (err == ERR_NONE)
            err = scan_changes_next(scan, arena, out, out_has, fail);
        if (err == ERR_NONE && !*out_has) {
            a->is_walking = false;
            a->at++;
        }
    }
    return err;
}

/* What an operator did is in the audit log before anything comes of it. */
static enum err record(struct applying *a, struct fail *fail)
{
    struct inspect *r = a->options->inspect;
    enum err err = ERR_NONE;

    if (a->is_recorded)
        return ERR_NONE;
    err = deed_record(r->invocation, &r->opened, NULL, a->options->detail, fail);
    if (err == ERR_NONE)
        err = survey_sizes_write(r->opened.store, inspection_survey(r->inspection), fail);
    a->is_recorded = err == ERR_NONE;
    return err;
}

static enum err feed_some(struct applying *a, struct carry *c, size_t most, size_t *n,
                          bool *out_is_all, struct fail *fail)
{
    enum err err = record(a, fail);

    *n = 0;
    *out_is_all = false;
    for (size_t i = 0; err == ERR_NONE && i < most && !*out_is_all; i++) {
        struct scan_change change;
        struct arena arena = {0};
        bool has;

        err = next_change(a, &arena, &change, &has, fail);
        *out_is_all = err == ERR_NONE && !has;
        if (err == ERR_NONE && has)
            err = hand_over(a, c, &change, n, fail);
        arena_done(&arena);
    }
    return err;
}

static enum err feed(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail)
{
    struct applying *a = arg;
    struct store *store = a->options->inspect->opened.store;
    enum err err = ERR_NONE;

    *out_is_all = false;
    while (err == ERR_NONE && room > 0 && !*out_is_all) {
        size_t most = room < AT_ONCE ? room : AT_ONCE, n = 0;

        err = store_begin(store, fail);
        if (err != ERR_NONE)
            break;
        a->drift.now_ms = clock_wall_ms();
        err = feed_some(a, c, most, &n, out_is_all, fail);
        if (err == ERR_NONE)
            err = store_commit(store, fail);
        else
            store_rollback(store);
        /* Whoever was handed over in it is lost to this run. */
        if (err == ERR_BUSY)
            err = fail_within(fail, ERR_IO, "the store");
        room -= n;
    }
    return err;
}

/* ---- the whole ---- */

/* Of a saved plan: who is held by now, or is not to be changed any more. */
static enum err tell_rest(struct applying *a, struct fail *fail)
{
    struct scan *scan = a->options->inspect->scan;
    int64_t rest = 0;
    bool has = true;
    enum err err = a->options->is_saved ? scan_changes_first(scan, DRIFT_HELD, fail) : ERR_NONE;

    while (a->options->is_saved && err == ERR_NONE && has) {
        struct scan_change change;
        struct scan_saved saved;
        struct arena arena = {0};
        bool is_saved = false;

        err = scan_changes_next(scan, &arena, &change, &has, fail);
        if (err == ERR_NONE && has)
            err = scan_saved_get(scan, &arena, change.user_id, &saved, &is_saved, fail);
        if (err == ERR_NONE && is_saved)
            tell_moved(a, change.user, arena_dup(&arena, change.because));
        arena_done(&arena);
    }
    if (a->options->is_saved && err == ERR_NONE)
        err = scan_saved_rest(scan, &rest, fail);
    a->result.in_step += rest;
    return err;
}

static int64_t total(const struct applying *a, const struct proposal *p)
{
    int64_t n = 0;

    for (size_t i = 0; i < ORDERS; i++)
        n += p->count[order[i]];
    (void)a;
    return n;
}

static enum exit_code code_of(const struct applying *a, const struct proposal *p)
{
    const struct apply_result *r = &a->result;

    if (r->carried.failed > 0)
        return EXIT_FAILED;
    if (r->moved > 0 || (p->n_guards > 0 && !a->options->is_saved))
        return EXIT_STOPPED;
    return r->carried.is_interrupted ? EXIT_FAILED : EXIT_DONE;
}

static void tell_interrupted(const struct applying *a)
{
    const struct invocation *i = a->options->inspect->invocation;

    if (a->result.carried.is_interrupted)
        command_complain(i,
                         "interrupted: who was begun with is gone on with by a running daemon or "
                         "the next one; say this again to go on with the rest");
}

enum exit_code apply_run(const struct apply_options *options, struct apply_result *out)
{
    struct inspect *r = options->inspect;
    struct proposal *p = inspection_proposal(r->inspection);
    struct applying a = {.options = options, .drift = *inspection_drift(r->inspection)};
    struct carry_options carry = {.invocation = r->invocation,
                                  .opened = &r->opened,
                                  .around = &r->around,
                                  .seconds = p->seconds,
                                  .feed = feed,
                                  .arg = &a};
    enum exit_code code;
    struct fail fail;
    enum err err;

    a.cause = span_of(arena_printf(&a.arena, "plan %.*s", SPAN_ARG(options->id)));
    a.drift.cause = a.cause;
    carry.cause = a.cause;
    carry.total = total(&a, p);
    err = carry_out(&carry, &a.result.carried, &fail);
    if (err == ERR_NONE && !a.result.carried.is_interrupted)
        err = tell_rest(&a, &fail);
    tell_interrupted(&a);
    if (err != ERR_NONE)
        command_complain(r->invocation, "%s", fail.text);
    code = err == ERR_NONE ? code_of(&a, p) : err == ERR_CONFLICT ? EXIT_STOPPED : EXIT_FAILED;
    *out = a.result;
    arena_done(&a.arena);
    return code;
}
