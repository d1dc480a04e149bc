/* Catching up: the System Log is read from a stored cursor, at start and again and again, so that
 * whatever the event hook lost arrives anyway. The same events with the same uuids go the way of
 * all events; the cursor is written with them, in one transaction. On the loop only. */
#ifndef ROSTER_ENGINE_CATCH_UP_H
#define ROSTER_ENGINE_CATCH_UP_H

#include "engine/hook_health.h"
#include "engine/journal.h"
#include "engine/judge.h"
#include "engine/okta_pause.h"
#include "net/loop.h"
#include "okta/api.h"

/* The note: {"cursor", "published_ms" (of the newest event seen), "read_ms"}, times by Okta's
 * clock. */
#define CATCH_UP_NOTE "catch_up"

enum {
    CATCH_UP_MARGIN_MS = 10 * 60 * 1000, /* events are stored in the log later than published */
};

struct catch_up;

struct catch_up_options {
    struct loop *loop;
    struct okta_api *api;
    struct journal *journal;
    const struct judge *judge;
    struct okta_pause *pause;
    struct hook_health *health;
    int64_t every_ms;
    /* Events may be missing for good: the whole scope has to be compared. */
    void (*lost)(void *arg, const char *code, const char *text);
    /* People have become due. */
    void (*due)(void *arg);
    void *arg;
};

/* Reads the note. */
enum err catch_up_new(const struct catch_up_options *options, struct store *reader,
                      struct catch_up **out, struct fail *fail) WARN_UNUSED;
void catch_up_start(struct catch_up *c);
/* Gives up what is being read. */
void catch_up_stop(struct catch_up *c);
/* No page is on its way to the disk. */
bool catch_up_is_idle(const struct catch_up *c);
/* After the committer has stopped. NULL is fine. */
void catch_up_free(struct catch_up *c);

#endif
