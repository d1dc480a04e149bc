/* The journal: where events become durable. One of the engine's three views of its surroundings;
 * the store is behind it in the daemon, a queue in Lambda. On the loop only. */
#ifndef ROSTER_ENGINE_JOURNAL_H
#define ROSTER_ENGINE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/event.h"

/* What an event says that is not about one person. */
struct journal_notice {
    const struct event *event;
    const struct event_subject *subject;
    struct journal_notice *next;
};

/* What came in at once and is answered as one. Owned by the journal from journal_append until done
 * is called. */
struct journal_entry {
    struct arena arena; /* owns the events; released by whoever done gives the entry to */
    const struct event *events;
    size_t n;
    struct span kept_body; /* instead of events: an authenticated body that is none */
    const char *kept_why;
    int64_t received_ms;
    bool *is_new; /* the caller's, for n events, or NULL: the journal sets which were not known */
    const char *note; /* a note of the store's that is written with the events; NULL = none */
    struct span note_value;
    int64_t n_new;              /* set by the journal: events that were not known before */
    int64_t n_due;              /* set by the journal: people whom it made due */
    int64_t n_looks;            /* set by the journal: looks in Okta that it asked for */
    int64_t n_taken, n_skipped; /* of the new ones */
    /* Set by the journal, of the new ones: what a person should hear of, and applications and
     * groups whose names are not known by their ids yet, or have changed. */
    struct journal_notice *alarms, *containers;
    void (*done)(struct journal_entry *entry, enum err err, const struct fail *fail);
    void *owner; /* the caller's */
};

struct journal {
    /* False when the journal is full: the entry stays the caller's. */
    bool (*append)(struct journal *journal, struct journal_entry *entry);
};

#endif
