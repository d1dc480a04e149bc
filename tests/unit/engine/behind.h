/* A store behind a committer's thread, and a loop in front, for one test. */
#ifndef ROSTER_TESTS_ENGINE_BEHIND_H
#define ROSTER_TESTS_ENGINE_BEHIND_H

#include "../store/fixture.h"

#include "base/log.h"
#include "engine/handback.h"

static struct behind {
    struct fixture *f;
    struct loop *loop;
    struct committer *committer;
    struct handback *handback;
} behind;

/* loop: one that is there already, or NULL. */
static inline void behind_open(void **state, struct loop *loop)
{
    memset(&behind, 0, sizeof(behind));
    log_setup(LOG_ERROR, LOG_LOGFMT);
    behind.f = *state;
    behind.loop = loop;
    if (loop == NULL)
        assert_ok(behind.f, loop_new(&behind.loop, &behind.f->fail));
    assert_ok(behind.f, committer_start(behind.f->file, &behind.committer, &behind.f->fail));
    behind.handback = handback_new(behind.loop, behind.committer);
}

/* The committer ends first; what the parts hold may be freed behind that. */
static inline void behind_stop(void)
{
    committer_stop(behind.committer);
}

static inline void behind_close(bool owns_loop)
{
    handback_free(behind.handback);
    if (owns_loop)
        loop_free(behind.loop);
}

static inline void behind_stop_loop(void *arg)
{
    loop_stop(arg);
}

static inline void behind_run_ms(int64_t ms)
{
    struct loop_timer *timer = loop_timer_new(behind.loop, behind_stop_loop, behind.loop);

    loop_timer_set(timer, ms);
    loop_run(behind.loop);
    loop_timer_free(timer);
}

/* The note, waiting until it holds `part`. */
static inline struct span behind_note(const char *name, const char *part)
{
    struct span note = {0};

    for (int i = 0; i < 2000; i++) {
        assert_ok(behind.f,
                  store_note_get(behind.f->store, &behind.f->arena, name, &note, &behind.f->fail));
        if (note.p != NULL && strstr(note.p, part) != NULL)
            return note;
        behind_run_ms(2);
    }
    fail_msg("%s: '%s' never holds '%s'", name, note.p == NULL ? "" : note.p, part);
    return note;
}

#endif
