#include "engine/housekeeping.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/rules_digest.h"
#include "model/standing.h"
#include "store/audit.h"

/* Pruning holds the deliveries up, so it comes in pieces, and not in the first moments. */
enum {
    PRUNE_EVERY_MS = 3600 * 1000,
    PRUNE_FIRST_MS = 1000,
    PRUNE_AGAIN_MS = 50,
    PRUNE_AT_ONCE = 500,
    PRUNE_AUDIT_AT_ONCE = 2000,
    CLOCK_EVERY_MS = 1000,
    CLOCK_BACK_MS = 10 * 1000, /* so far back is no drift that is being mended */
    WAIT_MAX_MS = 3600 * 1000, /* nobody is put off for longer, but by SETTLE */
};

struct chore {
    struct handback_job job;
    struct housekeeping *owner;
    int64_t number; /* what was pruned, or made due */
    int64_t audit;  /* rows of the audit log that were pruned */
    bool is_under_way;
};

struct housekeeping {
    struct loop *loop;
    struct handback *handback;
    const struct settings *settings;
    const struct judge *judge;
    struct loop_timer *prune_timer, *clock_timer;
    int64_t clock_ahead_ms; /* of clock_mono_ms */
    struct chore start, prune, probe, hurry;
    void (*hurried)(void *arg); /* NULL: nobody asks */
    void *hurried_arg;
    void (*probed)(void *arg, const struct fail *fail);
    void *probed_arg;
};

/* ---- judging anew ---- */

struct people {
    struct arena *arena;
    bool takes_imports;
    struct person *p;
    size_t n, room;
};

/* Also those who are due: they may have fallen out of scope meanwhile, and nobody has said so. */
static bool list_person(void *arg, const struct person *p)
{
    struct people *people = arg;

    if (person_is_import(p) && !people->takes_imports)
        return true;
    if (people->n == people->room) {
        people->room = people->room == 0 ? 64 : 2 * people->room;
        people->p = mem_grow(people->p, people->room, sizeof(*people->p));
    }
    people->p[people->n++] = person_copy(people->arena, p);
    return true;
}

static void forget_agent(struct person *p)
{
    p->agent_id = p->agent_arn = p->agent_user_name = p->create_sent_name = SPAN("");
    p->create_sent = SPAN("");
    p->old_agent_id = p->old_agent_arn = p->old_agent_name = SPAN("");
    p->applied = p->before_removal = SPAN("");
    p->agent_since_ms = p->create_sent_ms = p->name_taken_ms = 0;
    p->in_doubt = 0;
    p->applied_ms = p->delete_sent_ms = p->agent_deleted_ms = p->contact_since_ms = 0;
    p->removal = REMOVAL_NONE;
    p->needs_gate = false;
}

static enum err judge_anew(struct chore *chore, struct store *store, const struct person *before,
                           bool has_other_instance, struct fail *fail)
{
    struct judge_ask ask = {
        .is_unsure = true, .now_ms = clock_wall_ms(), .cause = SPAN("configuration changed")};
    struct person p = *before;
    struct arena arena;
    enum err err;

    arena_init(&arena);
    if (has_other_instance)
        forget_agent(&p);
    if (person_is_import(&p)) { /* only then: profiles and groups in it are the former one's */
        standing_set(&p, PERSON_FAILED, SPAN(REASON_REFUSED),
                     SPAN("the file was for another instance; say 'roster import' again"),
                     ask.now_ms);
        err = store_person_put(store, &p, fail);
    } else {
        err = judge_person(chore->owner->judge, store, &arena, &p, &ask, fail);
    }
    chore->number += p.state == PERSON_DUE;
    arena_done(&arena);
    return err;
}

/* Names stand for things of the instance that they were read from. */
static enum err forget_pins(struct store *store, struct fail *fail)
{
    struct arena arena;
    struct pin *pins;
    enum err err;
    size_t n;

    arena_init(&arena);
    err = store_pins(store, &arena, &pins, &n, fail);
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        if (pins[i].kind != NAME_OKTA_APP && pins[i].kind != NAME_OKTA_GROUP)
            err = store_pin_remove(store, pins[i].kind, pins[i].name, fail);
    arena_done(&arena);
    return err;
}

static enum err judge_all_anew(struct chore *chore, struct store *store, bool has_other_instance,
                               struct fail *fail)
{
    struct arena arena;
    struct people people = {.arena = &arena, .takes_imports = has_other_instance};
    enum err err;

    arena_init(&arena);
    err = store_people_each(store, PERSON_STATES, list_person, &people, fail);
    for (size_t i = 0; err == ERR_NONE && i < people.n; i++)
        err = judge_anew(chore, store, &people.p[i], has_other_instance, fail);
    free(people.p);
    arena_done(&arena);
    return err;
}

/* Puts the note; *is_other tells whether there was one that said something else. */
static enum err exchange_note(struct store *store, const char *name, struct span value,
                              bool *is_other, struct fail *fail)
{
    struct span known;
    struct arena arena;
    enum err err;

    arena_init(&arena);
    err = store_note_get(store, &arena, name, &known, fail);
    if (err == ERR_NONE)
        *is_other = known.p != NULL && !span_eq(known, value);
    arena_done(&arena);
    return err == ERR_NONE ? store_note_put(store, name, value, fail) : err;
}

static enum err write_start(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct chore *chore = (struct chore *)job;
    char digest[SHA256_HEX + 1], engine[80];
    bool has_other_rules = false, has_other_instance = false;
    int64_t n_closed, n_hurried, now_ms = clock_wall_ms();
    enum err err = store_steps_close(store, now_ms, &n_closed, fail);

    chore->number = 0;
    rules_digest(chore->owner->settings, digest);
    if (err == ERR_NONE)
        err = store_hurry(store, now_ms,
                          now_ms + WAIT_MAX_MS + chore->owner->settings->rules.settle_ms,
                          &n_hurried, fail);
    if (err == ERR_NONE)
        err = exchange_note(store, RULES_NOTE, span_of(digest), &has_other_rules, fail);
    if (err == ERR_NONE)
        err = exchange_note(store, "instance", chore->owner->settings->instance_id,
                            &has_other_instance, fail);
    if (err == ERR_NONE && has_other_instance)
        err = forget_pins(store, fail);
    if (err == ERR_NONE && (has_other_rules || has_other_instance))
        err = judge_all_anew(chore, store, has_other_instance, fail);
    (void)snprintf(engine, sizeof(engine), "pid %ld since %" PRId64, (long)getpid(), now_ms);
    return err == ERR_NONE ? store_note_put(store, "engine", span_of(engine), fail) : err;
}

static void start_ended(struct handback_job *job)
{
    struct chore *chore = (struct chore *)job;

    chore->is_under_way = false;
    if (job->err != ERR_NONE)
        log_error("the store did not take the start", LOG_STR("error", job->fail.text));
    else if (chore->number > 0)
        log_info("the configuration changed: people are due again",
                 LOG_INT("people", chore->number));
}

static enum err write_prune(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct chore *chore = (struct chore *)job;

    const struct settings *settings = chore->owner->settings;
    int64_t now_ms = clock_wall_ms();
    enum err err = store_prune_events(store, now_ms - settings->keep_events_ms, PRUNE_AT_ONCE,
                                      &chore->number, fail);

    return err != ERR_NONE ? err
                           : store_audit_prune(store, now_ms - settings->keep_audit_ms,
                                               PRUNE_AUDIT_AT_ONCE, now_ms, &chore->audit, fail);
}

static void prune_ended(struct handback_job *job)
{
    struct chore *chore = (struct chore *)job;

    chore->is_under_way = false;
    if (job->err != ERR_NONE)
        log_warn("old events could not be pruned", LOG_STR("error", job->fail.text));
    if (job->err == ERR_NONE && chore->number > 0)
        log_info("old events pruned", LOG_INT("events", chore->number));
    if (job->err == ERR_NONE && chore->audit > 0)
        log_info("the beginning of the audit log was pruned", LOG_INT("rows", chore->audit));
    loop_timer_set(chore->owner->prune_timer,
                   job->err == ERR_NONE && (chore->number == PRUNE_AT_ONCE || chore->audit > 0)
                       ? PRUNE_AGAIN_MS
                       : PRUNE_EVERY_MS);
}

static bool chore_submit(struct chore *chore, struct housekeeping *h,
                         enum err (*write)(struct handback_job *, struct store *, struct fail *),
                         void (*ended)(struct handback_job *))
{
    if (chore->is_under_way)
        return true;
    *chore =
        (struct chore){.job = {.write = write, .ended = ended}, .owner = h, .is_under_way = true};
    if (handback_submit(h->handback, &chore->job))
        return true;
    chore->is_under_way = false;
    return false;
}

static void prune(void *arg)
{
    struct housekeeping *h = arg;

    if (!chore_submit(&h->prune, h, write_prune, prune_ended))
        loop_timer_set(h->prune_timer, PRUNE_EVERY_MS / 60);
}

/* ---- a clock that goes back ---- */

static enum err write_hurry(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct chore *chore = (struct chore *)job;
    int64_t now_ms = clock_wall_ms();

    /* What was put off rightly, by seconds or minutes, may come too early by that. */
    return store_hurry(store, now_ms, now_ms + CLOCK_BACK_MS, &chore->number, fail);
}

static void hurry_ended(struct handback_job *job)
{
    struct chore *chore = (struct chore *)job;

    chore->is_under_way = false;
    if (job->err != ERR_NONE) {
        chore->owner->clock_ahead_ms = INT64_MAX; /* again */
        return;
    }
    log_warn("the clock went back: what was due later by the former one is due now",
             LOG_INT("people_and_looks", chore->number));
    if (chore->owner->hurried != NULL)
        chore->owner->hurried(chore->owner->hurried_arg);
}

static void watch_clock(void *arg)
{
    struct housekeeping *h = arg;
    int64_t ahead_ms = clock_wall_ms() - clock_mono_ms();
    bool is_back = ahead_ms < h->clock_ahead_ms - CLOCK_BACK_MS;

    if (!is_back || chore_submit(&h->hurry, h, write_hurry, hurry_ended))
        h->clock_ahead_ms = ahead_ms;
    loop_timer_set(h->clock_timer, CLOCK_EVERY_MS);
}

/* ---- a trial ---- */

static enum err write_probe(struct handback_job *job, struct store *store, struct fail *fail)
{
    char now[24];

    (void)job;
    (void)snprintf(now, sizeof(now), "%" PRId64, clock_wall_ms());
    return store_note_put(store, "probe", span_of(now), fail);
}

static void probe_ended(struct handback_job *job)
{
    struct chore *chore = (struct chore *)job;
    struct housekeeping *h = chore->owner;

    chore->is_under_way = false;
    h->probed(h->probed_arg, job->err == ERR_NONE ? NULL : &job->fail);
}

void housekeeping_probe(struct housekeeping *h, void (*done)(void *arg, const struct fail *fail),
                        void *arg)
{
    struct fail fail;

    assert(!h->probe.is_under_way);
    h->probed = done;
    h->probed_arg = arg;
    if (chore_submit(&h->probe, h, write_probe, probe_ended))
        return;
    (void)fail_set(&fail, ERR_BUSY, "too many deliveries wait for the disk");
    done(arg, &fail);
}

void housekeeping_on_hurried(struct housekeeping *h, void (*hurried)(void *arg), void *arg)
{
    h->hurried = hurried;
    h->hurried_arg = arg;
}

struct housekeeping *housekeeping_new(struct loop *loop, struct handback *handback,
                                      const struct settings *settings, const struct judge *judge)
{
    struct housekeeping *h = mem_new(1, sizeof(*h));

    *h = (struct housekeeping){
        .loop = loop, .handback = handback, .settings = settings, .judge = judge};
    h->prune_timer = loop_timer_new(loop, prune, h);
    h->clock_timer = loop_timer_new(loop, watch_clock, h);
    h->clock_ahead_ms = clock_wall_ms() - clock_mono_ms();
    return h;
}

enum err housekeeping_start(struct housekeeping *h, struct fail *fail)
{
    if (!chore_submit(&h->start, h, write_start, start_ended))
        return fail_set(fail, ERR_BUSY, "the store takes no work");
    loop_timer_set(h->prune_timer, PRUNE_FIRST_MS);
    loop_timer_set(h->clock_timer, CLOCK_EVERY_MS);
    return ERR_NONE;
}

void housekeeping_stop(struct housekeeping *h)
{
    loop_timer_clear(h->prune_timer);
    loop_timer_clear(h->clock_timer);
}

void housekeeping_free(struct housekeeping *h)
{
    if (h == NULL)
        return;
    loop_timer_free(h->prune_timer);
    loop_timer_free(h->clock_timer);
    free(h);
}
