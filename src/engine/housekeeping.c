#include "engine/housekeeping.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypt/digest.h"

enum { PRUNE_EVERY_MS = 3600 * 1000, PRUNE_AT_ONCE = 5000, PROBES_MAX = 64 };

struct chore {
    struct handback_job job;
    struct housekeeping *owner;
    int64_t number; /* what was pruned, or made due */
    bool is_under_way;
};

struct housekeeping {
    struct loop *loop;
    struct handback *handback;
    const struct settings *settings;
    const struct rules *rules;
    struct loop_timer *prune_timer;
    struct chore start, prune, probe;
    struct {
        void (*done)(void *arg, bool works);
        void *arg;
    } probes[PROBES_MAX];
    size_t n_probes;
};

static void add_part(struct buf *b, struct span part)
{
    buf_printf(b, "%zu:", part.n);
    buf_add(b, part);
}

/* Everything that decides whether a refused person could succeed now. */
static void rules_digest(const struct housekeeping *h, char out[SHA256_HEX + 1])
{
    const struct rules *r = h->rules;
    struct buf b;

    buf_init(&b, 64 * 1024);
    add_part(&b, r->app_name);
    add_part(&b, r->group_name);
    for (size_t i = 0; i < r->n_security_profile_ids; i++)
        add_part(&b, r->security_profile_ids[i]);
    add_part(&b, r->routing_profile_id);
    add_part(&b, r->managed_by);
    add_part(&b, h->settings->instance_id);
    buf_printf(&b, "%d%d", r->has_desk_phone, r->adopts_existing);
    sha256_hex(buf_span(&b), out);
    out[SHA256_HEX] = '\0';
    buf_done(&b);
}

static enum err write_start(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct chore *chore = (struct chore *)job;
    struct span cause = SPAN("configuration changed"), known;
    int64_t now_ms = clock_wall_ms(), n = 0;
    char digest[SHA256_HEX + 1], engine[80];
    struct arena arena;
    enum err err;

    rules_digest(chore->owner, digest);
    chore->number = 0;
    arena_init(&arena);
    err = store_note_get(store, &arena, "rules_digest", &known, fail);
    if (err == ERR_NONE && known.p != NULL && !span_eq(known, span_of(digest))) {
        err = store_people_make_due(store, PERSON_FAILED, now_ms, cause, &n, fail);
        chore->number = n;
        if (err == ERR_NONE)
            err = store_people_make_due(store, PERSON_HELD, now_ms, cause, &n, fail);
        chore->number += n;
    }
    arena_done(&arena);
    if (err == ERR_NONE)
        err = store_note_put(store, "rules_digest", span_of(digest), fail);
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
        log_info("the configuration changed: held and failed people are due again",
                 LOG_INT("people", chore->number));
}

static enum err write_prune(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct chore *chore = (struct chore *)job;

    return store_prune_events(store, clock_wall_ms() - chore->owner->settings->keep_events_ms,
                              PRUNE_AT_ONCE, &chore->number, fail);
}

static void prune_ended(struct handback_job *job)
{
    struct chore *chore = (struct chore *)job;

    chore->is_under_way = false;
    if (job->err != ERR_NONE)
        log_warn("old events could not be pruned", LOG_STR("error", job->fail.text));
    if (job->err == ERR_NONE && chore->number > 0)
        log_info("old events pruned", LOG_INT("events", chore->number));
    loop_timer_set(chore->owner->prune_timer,
                   job->err == ERR_NONE && chore->number == PRUNE_AT_ONCE ? 50 : PRUNE_EVERY_MS);
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
    size_t n = h->n_probes;

    chore->is_under_way = false;
    h->n_probes = 0;
    for (size_t i = 0; i < n; i++)
        h->probes[i].done(h->probes[i].arg, job->err == ERR_NONE);
}

void housekeeping_probe(struct housekeeping *h, void (*done)(void *arg, bool works), void *arg)
{
    if (h->n_probes == PROBES_MAX || !chore_submit(&h->probe, h, write_probe, probe_ended)) {
        done(arg, false);
        return;
    }
    h->probes[h->n_probes].done = done;
    h->probes[h->n_probes++].arg = arg;
}

struct housekeeping *housekeeping_new(struct loop *loop, struct handback *handback,
                                      const struct settings *settings, const struct rules *rules)
{
    struct housekeeping *h = mem_new(1, sizeof(*h));

    *h = (struct housekeeping){
        .loop = loop, .handback = handback, .settings = settings, .rules = rules};
    h->prune_timer = loop_timer_new(loop, prune, h);
    return h;
}

enum err housekeeping_start(struct housekeeping *h, struct fail *fail)
{
    if (!chore_submit(&h->start, h, write_start, start_ended))
        return fail_set(fail, ERR_BUSY, "the store takes no work");
    loop_timer_set(h->prune_timer, 0);
    return ERR_NONE;
}

void housekeeping_stop(struct housekeeping *h)
{
    loop_timer_clear(h->prune_timer);
}

void housekeeping_free(struct housekeeping *h)
{
    if (h == NULL)
        return;
    loop_timer_free(h->prune_timer);
    free(h);
}
