#include "engine/okta_pause.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

enum {
    DENIED_MS = 60 * 1000,
    FIRST_MS = 2000,
    LAST_MS = 5 * 60 * 1000,
    TOLD_AFTER = 3, /* failures in passing; the API's client has tried each of them several times */
};

struct okta_pause {
    struct handback_job job; /* first: writes how it is now */
    struct okta_pause_options options;
    int64_t quiet_until_ms; /* of clock_mono_ms */
    unsigned failures;
    bool is_told;
    struct fail fail; /* what for */
    struct pause row;
    bool is_writing, has_moved; /* moved while it was being written */
    bool puts;                  /* the write under way */
};

struct okta_pause *okta_pause_new(const struct okta_pause_options *options)
{
    struct okta_pause *p = mem_new(1, sizeof(*p));

    p->options = *options;
    p->is_told = options->was_paused;
    return p;
}

void okta_pause_free(struct okta_pause *p)
{
    free(p);
}

int64_t okta_pause_wait_ms(const struct okta_pause *p)
{
    int64_t wait_ms = p->quiet_until_ms - clock_mono_ms();

    return wait_ms > 0 ? wait_ms : 0;
}

/* ---- the row ---- */

static enum err write_row(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct okta_pause *p = (struct okta_pause *)job;

    return p->puts ? store_pause_put(store, &p->row, fail)
                   : store_pause_remove(store, SPAN(OKTA_OPERATION), fail);
}

static void write_now(struct okta_pause *p);

static void row_ended(struct handback_job *job)
{
    struct okta_pause *p = (struct okta_pause *)job;

    p->is_writing = false;
    if (p->has_moved)
        write_now(p);
}

/* A row that could not be written is written with the next change; it is for people to see. */
static void write_now(struct okta_pause *p)
{
    if (p->is_writing) {
        p->has_moved = true;
        return;
    }
    p->has_moved = false;
    p->puts = p->is_told;
    p->row = (struct pause){.operation = SPAN(OKTA_OPERATION),
                            .code = span_of(p->fail.code),
                            .reason = span_of(p->fail.text),
                            .since_ms = clock_wall_ms(),
                            .probe_ms = clock_wall_ms() + okta_pause_wait_ms(p)};
    p->job = (struct handback_job){.write = write_row, .ended = row_ended};
    p->is_writing = handback_submit(p->options.handback, &p->job);
}

/* ---- what came of asking ---- */

static void tell(struct okta_pause *p, const struct fail *fail)
{
    p->is_told = fail != NULL;
    if (fail != NULL && !p->is_writing) { /* the row under way borrows it */
        p->fail = *fail;
        if (p->fail.code[0] == '\0')
            (void)snprintf(p->fail.code, sizeof(p->fail.code), "%s", err_name(fail->err));
    }
    write_now(p);
    p->options.told(p->options.arg, fail == NULL ? NULL : &p->fail);
}

static int64_t quiet_ms(const struct okta_pause *p, const struct fail *fail)
{
    int64_t ms = FIRST_MS;

    if (fail->err == ERR_DENIED)
        return DENIED_MS;
    for (unsigned i = 1; i < p->failures && ms < LAST_MS; i++)
        ms *= 2;
    if (fail->err == ERR_BUSY && fail->retry_ms > ms)
        ms = fail->retry_ms;
    return ms > LAST_MS ? LAST_MS : ms;
}

void okta_pause_answered(struct okta_pause *p, const struct fail *fail)
{
    bool is_answer = fail == NULL || (fail->err != ERR_DENIED && fail->err != ERR_BUSY &&
                                      fail->err != ERR_IO && fail->err != ERR_UNCLEAR);

    if (is_answer) {
        p->failures = 0;
        p->quiet_until_ms = 0;
        if (p->is_told)
            tell(p, NULL);
        return;
    }
    /* Those that were under way together count as one. */
    if (okta_pause_wait_ms(p) > 0)
        return;
    p->failures++;
    p->quiet_until_ms = clock_mono_ms() + quiet_ms(p, fail);
    if (!p->is_told && (fail->err == ERR_DENIED || p->failures >= TOLD_AFTER))
        tell(p, fail);
}

void okta_pause_try_again(struct okta_pause *p)
{
    p->quiet_until_ms = 0;
}
