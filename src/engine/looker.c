#include "engine/looker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/interest.h"
#include "engine/roll.h"
#include "engine/user_reading.h"

enum {
    LOOKS_PAGE = 64,      /* more than can be under way */
    LOOKS_SCANNED = 4096, /* behind groups and applications, which go one by one */
    KICK_MIN_MS = 20,     /* under load each commit kicks */
    RETRY_MS = 1000,      /* when the store could not be read */
    WATCH_MS = 60000,
    AGAIN_FIRST_MS = 10 * 1000,
    AGAIN_LAST_MS = 3600 * 1000,
};

/* One user being read, then written. */
struct slot {
    struct handback_job job; /* first */
    struct looker *looker;
    bool is_used;
    struct arena arena;
    struct look look;
    struct okta_interest interest;
    int64_t read_ms; /* by Okta's clock */
    struct okta_person_read *read;
    struct user_reading reading;
    int64_t again_ms; /* instead of the reading: the look is put off until then */
    bool is_due;
};

struct looker {
    struct looker_options options;
    struct loop_timer *timer;
    struct rolls *rolls;
    struct slot slots[LOOKER_AT_ONCE];
    size_t n_used;
    int64_t not_before_ms; /* of clock_mono_ms: it has just looked, or the store has just failed */
    bool is_stopping;
};

int64_t looker_again_ms(int64_t tries)
{
    int64_t ms = AGAIN_FIRST_MS;

    while (tries-- > 0 && ms < AGAIN_LAST_MS)
        ms *= 4;
    return ms < AGAIN_LAST_MS ? ms : AGAIN_LAST_MS;
}

/* ---- the end of a look ---- */

static void slot_free(struct slot *s)
{
    arena_done(&s->arena);
    s->is_used = false;
    s->looker->n_used--;
    looker_kick(s->looker);
}

static void store_failed(struct looker *l, const struct look *look, const char *error)
{
    log_error("the store did not take what Okta said; it is read again",
              LOG_SPAN("okta_id", look->id), LOG_STR("error", error));
    l->not_before_ms = clock_mono_ms() + RETRY_MS;
}

static enum err write_slot(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct slot *s = (struct slot *)job;

    if (s->again_ms != 0)
        return store_look_done(store, &s->look, s->again_ms, fail);
    return user_reading_write(s->looker->options.judge, store, &s->arena, &s->look, &s->reading,
                              clock_wall_ms(), &s->is_due, fail);
}

static void slot_ended(struct handback_job *job)
{
    struct slot *s = (struct slot *)job;
    struct looker *l = s->looker;
    bool is_due = job->err == ERR_NONE && s->is_due;

    if (job->err != ERR_NONE)
        store_failed(l, &s->look, job->fail.text);
    slot_free(s);
    if (is_due)
        l->options.due(l->options.arg);
}

static void slot_write(struct slot *s)
{
    s->job = (struct handback_job){.write = write_slot, .ended = slot_ended};
    /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): the job is not all of the slot */
    if (handback_submit(s->looker->options.handback, &s->job))
        return;
    store_failed(s->looker, &s->look, "its queue is full");
    slot_free(s);
}

/* ---- reading ---- */

static void failed(struct slot *s, const struct fail *fail)
{
    const struct looker_options *options = &s->looker->options;

    log_info("a user could not be read in Okta", LOG_SPAN("okta_id", s->look.id),
             LOG_STR("reaction", err_name(fail->err)), LOG_STR("error", fail->text));
    /* What concerns all is nobody's own: the look stays as it is. */
    if (fail->err == ERR_DENIED || fail->err == ERR_BUSY) {
        slot_free(s);
        return;
    }
    if (fail->err != ERR_IO)
        options->told(options->arg, s->look.id, fail);
    s->again_ms = clock_wall_ms() + looker_again_ms(s->look.tries);
    slot_write(s);
}

static void was_read(void *arg, const struct okta_person *person, const struct fail *fail)
{
    struct slot *s = arg;
    const struct looker_options *options = &s->looker->options;

    s->read = NULL;
    okta_pause_answered(options->pause, fail);
    if (fail != NULL) {
        failed(s, fail);
        return;
    }
    user_reading_make(&s->arena, options->judge->rules, current_names_get(options->judge->names),
                      person, &s->interest, s->look.id, s->read_ms, &s->reading);
    slot_write(s);
}

static struct look look_copy(struct arena *a, const struct look *look)
{
    struct look copy = *look;

    copy.source = arena_span(a, look->source);
    copy.id = arena_span(a, look->id);
    copy.cause = arena_span(a, look->cause);
    return copy;
}

static void read_user(struct looker *l, struct slot *s, const struct look *look)
{
    const struct looker_options *options = &l->options;
    struct membership *memberships;
    struct person person = {0};
    struct fail fail;
    enum err err;
    size_t n;

    *s = (struct slot){.looker = l, .is_used = true};
    s->look = look_copy(&s->arena, look);
    err = store_memberships(options->reader, &s->arena, look->source, look->id, &memberships, &n,
                            &fail);
    if (err == ERR_NONE)
        err = store_person_get(options->reader, &s->arena, look->source, look->id, &person, &fail);
    if (err != ERR_NONE && err != ERR_NOT_FOUND) {
        log_error("the store could not be read", LOG_STR("error", fail.text));
        arena_done(&s->arena);
        s->is_used = false;
        return;
    }
    l->n_used++;
    s->interest = interest_of(options->judge->rules, current_names_get(options->judge->names),
                              memberships, n, &s->arena);
    rolls_find(l->rolls, &s->look, person.read_ms, memberships, n, &s->arena, &s->interest);
    s->read_ms = okta_api_now_ms(options->api);
    s->read = okta_person_read(options->api, &s->interest, s->look.id, was_read, s);
}

/* ---- which look is next ---- */

static bool is_under_way(const struct looker *l, const struct look *look)
{
    for (size_t i = 0; i < LOOKER_AT_ONCE; i++)
        if (l->slots[i].is_used && span_eq(l->slots[i].look.id, look->id) &&
            span_eq(l->slots[i].look.source, look->source))
            return true;
    return false;
}

static void begin_user(struct looker *l, const struct look *look)
{
    if (l->n_used == LOOKER_AT_ONCE || is_under_way(l, look))
        return;
    for (size_t i = 0; i < LOOKER_AT_ONCE; i++)
        if (!l->slots[i].is_used) {
            read_user(l, &l->slots[i], look);
            return;
        }
}

static bool is_uncovered(const struct looker *l, const struct look *look)
{
    return look->kind == LOOK_USER && look->tries == 0 && !is_under_way(l, look) &&
           !rolls_cover(l->rolls, look) && rolls_could_cover(l->rolls, look);
}

static void begin(struct looker *l, const struct look *looks, size_t n)
{
    size_t n_uncovered = 0;
    bool may_read;

    for (size_t i = 0; i < n; i++)
        n_uncovered += is_uncovered(l, &looks[i]);
    may_read = rolls_consider(l->rolls, n_uncovered);
    for (size_t i = 0; i < n; i++) {
        if (looks[i].kind != LOOK_USER)
            (void)l->options.look(l->options.arg,
                                  &looks[i]); /* refused: it kicks when it is free */
        else if (may_read || !is_uncovered(l, &looks[i]))
            begin_user(l, &looks[i]);
    }
}

static void set_timer(struct looker *l, bool could_read)
{
    int64_t next_ms = INT64_MAX, wait_ms;

    if (!could_read || store_next_look(l->options.reader, &next_ms, NULL) != ERR_NONE) {
        loop_timer_set(l->timer, RETRY_MS);
        return;
    }
    wait_ms = next_ms == INT64_MAX ? WATCH_MS : next_ms - clock_wall_ms();
    /* What is due now waits for one that is under way, whose end kicks. */
    if (wait_ms <= 0)
        wait_ms = RETRY_MS;
    loop_timer_set(l->timer, wait_ms < WATCH_MS ? wait_ms : WATCH_MS);
}

/* False when the store could not be read. */
static bool begin_due(struct looker *l)
{
    struct arena arena = {0};
    struct fail fail;
    bool could_read = true;
    size_t n = LOOKS_PAGE;

    for (size_t skip = 0;
         could_read && n == LOOKS_PAGE && skip < LOOKS_SCANNED && l->n_used < LOOKER_AT_ONCE;
         skip += n) {
        struct look *looks;

        could_read = store_looks_due(l->options.reader, &arena, clock_wall_ms(), skip, LOOKS_PAGE,
                                     &looks, &n, &fail) == ERR_NONE;
        if (!could_read)
            log_error("the store could not be read", LOG_STR("error", fail.text));
        if (could_read)
            begin(l, looks, n);
        arena_done(&arena);
    }
    return could_read;
}

static void pump(void *arg)
{
    struct looker *l = arg;
    int64_t quiet_ms = okta_pause_wait_ms(l->options.pause);

    if (l->is_stopping)
        return;
    if (quiet_ms > 0) {
        loop_timer_set(l->timer, quiet_ms);
        return;
    }
    l->not_before_ms = clock_mono_ms() + KICK_MIN_MS;
    set_timer(l, begin_due(l));
}

void looker_kick(struct looker *l)
{
    int64_t wait_ms = l->not_before_ms - clock_mono_ms();

    if (!l->is_stopping)
        loop_timer_set(l->timer, wait_ms > 0 ? wait_ms : 0);
}

/* ---- life ---- */

static void rolls_read(void *arg)
{
    looker_kick(arg);
}

struct looker *looker_new(const struct looker_options *options)
{
    struct looker *l = mem_new(1, sizeof(*l));
    struct rolls_options rolls = {.api = options->api,
                                  .judge = options->judge,
                                  .pause = options->pause,
                                  .read = rolls_read,
                                  .arg = l};

    l->options = *options;
    for (size_t i = 0; i < LOOKER_AT_ONCE; i++)
        l->slots[i].looker = l;
    l->rolls = rolls_new(&rolls);
    l->timer = loop_timer_new(options->loop, pump, l);
    loop_timer_set(l->timer, 0);
    return l;
}

void looker_stop(struct looker *l)
{
    l->is_stopping = true;
    loop_timer_clear(l->timer);
    rolls_stop(l->rolls);
    for (size_t i = 0; i < LOOKER_AT_ONCE; i++) {
        okta_person_cancel(l->slots[i].read);
        l->slots[i].read = NULL;
    }
}

void looker_free(struct looker *l)
{
    if (l == NULL)
        return;
    for (size_t i = 0; i < LOOKER_AT_ONCE; i++) {
        okta_person_cancel(l->slots[i].read);
        arena_done(&l->slots[i].arena);
    }
    rolls_free(l->rolls);
    loop_timer_free(l->timer);
    free(l);
}
