#include "cmd/status.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "connect/connect.h"
#include "engine/catch_up.h"
#include "engine/container_state.h"
#include "engine/hook_health.h"
#include "engine/release.h"
#include "text/time.h"

/* STATUS_PINS: as many renamed or deleted things are told one by one. */
enum { PATIENCE_MS = 10 * 60 * 1000, PATH_MAX_BYTES = 64, STATUS_PINS = 2 };

static bool look_at_due(void *arg, const struct person *p)
{
    struct status *s = arg;
    bool is_in_grace = span_eq(p->reason_code, SPAN(REASON_GRACE));

    s->n_in_grace += is_in_grace;
    s->n_after_failure += p->attempts > 0;
    /* These wait for what takes its time. */
    if (is_in_grace || span_eq(p->reason_code, SPAN(REASON_ON_CONTACT)))
        return true;
    if (s->oldest_due_since_ms == 0 ||
        (p->due_since_ms != 0 && p->due_since_ms < s->oldest_due_since_ms))
        s->oldest_due_since_ms = p->due_since_ms;
    return true;
}

static bool look_at_held(void *arg, const struct person *p, enum gate gate)
{
    struct status *s = arg;

    if (span_eq(p->reason_code, SPAN(REASON_UNSURE)))
        s->n_unsure++;
    else if (gate == GATE_CHANGES)
        s->n_changes++;
    else
        s->n_removals++;
    return true;
}

static enum err read_gates(struct opened *o, struct status *s, struct fail *fail)
{
    enum err err = release_each(o->store, look_at_held, s, fail);

    if (err == ERR_NONE)
        err = store_note_get(o->store, &o->arena, NOTE_REMOVALS_HELD, &s->removals_why, fail);
    if (err == ERR_NONE)
        err = store_note_get(o->store, &o->arena, NOTE_CHANGES_HELD, &s->changes_why, fail);
    return err;
}

static enum err read_okta(struct opened *o, struct status *s, struct fail *fail)
{
    struct span hook, log, things;
    struct arena *a = &o->arena;
    enum err err = store_note_get(o->store, a, HOOK_HEALTH_NOTE, &hook, fail);

    if (err == ERR_NONE)
        err = store_note_get(o->store, a, CATCH_UP_NOTE, &log, fail);
    if (err == ERR_NONE)
        err = store_note_get(o->store, a, CONTAINERS_NOTE, &things, fail);
    if (err == ERR_NONE)
        s->okta = okta_health_read(a, hook, log, things);
    return err;
}

static void read_pins(const struct opened *o, struct status *s, struct arena *a)
{
    struct pin *pins = arena_new(a, o->pinned.n, sizeof(*pins));

    for (size_t i = 0; i < o->pinned.n; i++)
        if (o->pinned.pins[i].name_now.n > 0)
            pins[s->n_pins++] = o->pinned.pins[i];
    s->pins = pins;
}

/* Is that process there, and a roster? Numbers of processes are used again. */
static bool is_roster(long pid)
{
    char path[PATH_MAX_BYTES];
    struct buf name;
    bool is_one;

    if (kill((pid_t)pid, 0) != 0 && errno != EPERM)
        return false;
    (void)snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    buf_init(&name, PATH_MAX_BYTES);
    /* Where /proc does not tell, the number has to do. */
    is_one = fs_read(path, &name, NULL) != ERR_NONE ||
             span_eq(span_trim(buf_span(&name)), SPAN("roster"));
    buf_done(&name);
    return is_one;
}

static void read_engine(struct status *s)
{
    char text[80];
    long pid = 0;

    (void)snprintf(text, sizeof(text), "%.*s", SPAN_ARG(s->engine));
    /* NOLINTNEXTLINE(cert-err34-c): the daemon wrote it; what is out of range is no process */
    if (sscanf(text, "pid %ld since %" SCNd64, &pid, &s->engine_since_ms) == 2 && pid > 0 &&
        is_roster(pid))
        s->engine_pid = pid;
}

static enum err read_lists(struct opened *o, struct status *s, struct fail *fail)
{
    struct call_count *calls = NULL;
    struct pause *pauses = NULL;
    struct step_record *errors = NULL;
    struct skip_count *skips = NULL;
    struct kept_body *kept = NULL;
    struct look *looks;
    struct arena *a = &o->arena;
    enum err err;

    err = store_call_counts(o->store, a, &calls, &s->n_calls, fail);
    if (err == ERR_NONE)
        err = store_pauses(o->store, a, &pauses, &s->n_pauses, fail);
    if (err == ERR_NONE)
        err = store_steps(o->store, a, SPAN(""), SPAN(""), STATUS_ERRORS, &errors, &s->n_errors,
                          fail);
    if (err == ERR_NONE)
        err = store_skip_counts(o->store, a, &skips, &s->n_skips, fail);
    if (err == ERR_NONE)
        err = store_kept_bodies(o->store, a, &kept, &s->n_kept, fail);
    if (err == ERR_NONE)
        err = store_looks_due(o->store, a, INT64_MAX, 0, STATUS_LOOKS, &looks, &s->n_looks, fail);
    s->calls = calls;
    s->pauses = pauses;
    s->errors = errors;
    s->skips = skips;
    s->kept = kept;
    return err;
}

enum err status_read(struct opened *o, int64_t now_ms, struct status *out, struct fail *fail)
{
    struct status s = {.now_ms = now_ms};
    enum err err = store_counts(o->store, now_ms, &s.counts, fail);

    if (err == ERR_NONE)
        err = store_people_each(o->store, PERSON_DUE, look_at_due, &s, fail);
    if (err == ERR_NONE)
        err = read_gates(o, &s, fail);
    if (err == ERR_NONE)
        err = read_okta(o, &s, fail);
    if (err == ERR_NONE)
        err = read_lists(o, &s, fail);
    if (err == ERR_NONE)
        err = store_note_get(o->store, &o->arena, "engine", &s.engine, fail);
    if (err != ERR_NONE)
        return err;
    read_engine(&s);
    read_pins(o, &s, &o->arena);
    status_judge(&s, rate_limits_for(&o->settings->rate, SPAN(OP_CREATE_USER)), &o->arena);
    *out = s;
    return ERR_NONE;
}

static void need(struct status *s, const char *line)
{
    if (s->n_needs < STATUS_NEEDS)
        s->needs[s->n_needs++] = line;
}

static void judge_queue(struct status *s, double per_second, struct arena *a)
{
    int64_t n = s->counts.by_state[PERSON_DUE], age_ms = s->now_ms - s->oldest_due_since_ms;
    double fair_ms = PATIENCE_MS + 2 * 1000 * (double)n / per_second;
    struct buf age;

    if (n == 0 || s->oldest_due_since_ms == 0 || (double)age_ms <= fair_ms)
        return;
    buf_init(&age, 64);
    time_add_duration(&age, age_ms);
    need(s, arena_printf(a,
                         "the queue does not move: somebody has been due for %s; see 'roster users "
                         "--state due', and whether 'roster serve' runs",
                         age.p));
    buf_done(&age);
}

static void judge_held(struct status *s, struct arena *a)
{
    int64_t at_bounds = s->n_removals + s->n_changes + s->n_unsure;
    int64_t elsewhere = s->counts.by_state[PERSON_HELD] - at_bounds;

    if (s->n_removals > 0 || s->removals_why.n > 0)
        need(s, arena_printf(a,
                             "removals are held by [Connect] MAX_REMOVALS, %" PRId64
                             ": see 'roster held', then 'roster release' or 'roster reject'",
                             s->n_removals));
    if (s->n_changes > 0 || s->changes_why.n > 0)
        need(s, arena_printf(a,
                             "changes of profiles are held by [Connect] MAX_CHANGES, %" PRId64
                             ": see 'roster held', then 'roster release' or 'roster reject'",
                             s->n_changes));
    if (s->n_unsure > 0)
        need(s, arena_printf(a,
                             "%" PRId64 " fell out of scope and Okta did not say so: see 'roster "
                             "held', then 'roster release' or 'roster reject'",
                             s->n_unsure));
    if (elsewhere > 0)
        need(s, arena_printf(a, "%" PRId64 " held: see 'roster users --state held'", elsewhere));
}

/* A name that means another thing than it says is obeyed as it was pinned, and a person should put
 * it right. */
static void judge_pins(struct status *s, struct arena *a)
{
    for (size_t i = 0; i < s->n_pins && i < STATUS_PINS; i++)
        need(s, arena_printf(a,
                             "the %s '%.*s' is now called '%.*s': the rules go on to mean that "
                             "one; put the name right in the configuration",
                             name_kind_word((enum name_kind)s->pins[i].kind),
                             SPAN_ARG(s->pins[i].name), SPAN_ARG(s->pins[i].name_now)));
}

static void judge_okta(struct status *s, struct arena *a)
{
    const struct okta_health *h = &s->okta;

    if (okta_health_hook_fails(h, s->now_ms))
        need(s, arena_printf(
                    a,
                    "the event hook does not deliver, so all comes later, by the System "
                    "Log: %.*s; see 'roster hook list', and whether its URL reaches "
                    "'roster serve'",
                    SPAN_ARG(h->failed_ms >= h->missed_ms ? h->failed_reason : h->missed_type)));
    for (size_t i = 0; i < h->n_things && i < STATUS_PINS; i++)
        need(s, arena_printf(a,
                             "the %.*s '%.*s' is %.*s in Okta: nobody is removed because of that; "
                             "put it right there, or in the rules",
                             SPAN_ARG(h->things[i].kind), SPAN_ARG(h->things[i].name),
                             SPAN_ARG(h->things[i].state)));
}

void status_judge(struct status *s, double per_second, struct arena *a)
{
    const int64_t *n = s->counts.by_state;

    s->n_needs = 0;
    judge_held(s, a);
    if (n[PERSON_FAILED] > 0)
        need(s, arena_printf(a,
                             "%" PRId64 " failed: see 'roster users --state failed', and 'roster "
                             "retry' when the cause is gone",
                             n[PERSON_FAILED]));
    judge_okta(s, a);
    judge_pins(s, a);
    for (size_t i = 0; i < s->n_pauses && s->n_needs + 1 < STATUS_NEEDS; i++)
        need(s, arena_printf(a, "%.*s is paused for everybody: %.*s: %.*s",
                             SPAN_ARG(s->pauses[i].operation), SPAN_ARG(s->pauses[i].code),
                             SPAN_ARG(s->pauses[i].reason)));
    judge_queue(s, per_second, a);
}
