/* The roster on disk: one SQLite file in WAL mode with synchronous=FULL. One struct store is one
 * connection and belongs to one thread; several processes may have one open at the same time. Spans
 * in results live in the arena that is given.
 *
 * Facts: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous */
#ifndef ROSTER_STORE_STORE_H
#define ROSTER_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "model/event.h"
#include "model/person.h"

struct store;

enum store_mode {
    STORE_CREATE, /* makes folder, file and schema when missing; migrates forward */
    STORE_WRITE,  /* ERR_NOT_FOUND when there is none */
    STORE_READ,   /* the same; never writes */
};

/* ERR_CONFLICT: the schema is newer than this program (nothing was touched). ERR_IO: everything
 * else. */
enum err store_open(const char *file, enum store_mode mode, struct store **out,
                    struct fail *fail) WARN_UNUSED;
void store_close(struct store *s);

/* One transaction at a time; begin takes the write lock (waits up to 5 s for another process).
 * Every writing function below must stand between begin and commit; ERR_BUSY and ERR_IO say that
 * the transaction cannot go on: roll back. */
enum err store_begin(struct store *s, struct fail *fail) WARN_UNUSED;
enum err store_commit(struct store *s, struct fail *fail) WARN_UNUSED;
void store_rollback(struct store *s);
/* Changes when another connection, of this or another process, has committed (PRAGMA
 * data_version). */
enum err store_version(struct store *s, int64_t *out, struct fail *fail) WARN_UNUSED;

/* ---- inbox ---- */

/* Stores the event unless its (source, uuid) is there already; *is_new tells. */
enum err store_event_add(struct store *s, const struct event *e, bool *is_new,
                         struct fail *fail) WARN_UNUSED;
/* Puts the membership unless the one that is stored is newer (membership_replaces); *is_changed
 * tells. */
enum err store_membership_put(struct store *s, struct span source, struct span user_id,
                              const struct membership *m, bool *is_changed,
                              struct fail *fail) WARN_UNUSED;
/* All memberships of one user. */
enum err store_memberships(struct store *s, struct arena *a, struct span source,
                           struct span user_id, struct membership **out, size_t *out_n,
                           struct fail *fail) WARN_UNUSED;
/* A body that was authenticated and is no JSON: kept, the newest 20, each cut at 64 KiB. */
enum err store_kept_body_add(struct store *s, int64_t received_ms, struct span body,
                             const char *why, struct fail *fail) WARN_UNUSED;
struct kept_body {
    int64_t id, received_ms;
    struct span body, why;
    int64_t size; /* before cutting */
};
enum err store_kept_bodies(struct store *s, struct arena *a, struct kept_body **out, size_t *out_n,
                           struct fail *fail) WARN_UNUSED;
/* Removes events received before that instant, but none about a person who is due; at most max of
 * them, oldest first. */
enum err store_prune_events(struct store *s, int64_t received_before_ms, int64_t max,
                            int64_t *out_removed, struct fail *fail) WARN_UNUSED;

/* ---- people ---- */

/* ERR_NOT_FOUND when there is none. */
enum err store_person_get(struct store *s, struct arena *a, struct span source, struct span id,
                          struct person *out, struct fail *fail) WARN_UNUSED;
/* Is anything known of that id, a person or memberships? */
enum err store_is_mentioned(struct store *s, struct span source, struct span id, bool *out,
                            struct fail *fail) WARN_UNUSED;
/* Inserts or replaces the whole row. */
enum err store_person_put(struct store *s, const struct person *p, struct fail *fail) WARN_UNUSED;
/* People who are due at now_ms, longest due first, at most max, skipping the first `skip`. */
enum err store_people_due(struct store *s, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                          struct person **out, size_t *out_n, struct fail *fail) WARN_UNUSED;
/* When the next one is due; INT64_MAX when nobody is. */
enum err store_next_due(struct store *s, int64_t *out_ms, struct fail *fail) WARN_UNUSED;
/* Calls fn for each person in the order of login (all states when state is PERSON_STATES); fn
 * returns false to stop. */
enum err store_people_each(struct store *s, enum person_state state,
                           bool (*fn)(void *arg, const struct person *p), void *arg,
                           struct fail *fail) WARN_UNUSED;
/* Everybody whose id, login, application user name or agent user name is `word` (ASCII case ignored
 * for names). */
enum err store_people_find(struct store *s, struct arena *a, struct span word, struct person **out,
                           size_t *out_n, struct fail *fail) WARN_UNUSED;
/* Makes everybody in that state due at now_ms with attempts 0 and that cause; returns how many. */
enum err store_people_make_due(struct store *s, enum person_state state, int64_t now_ms,
                               struct span cause, int64_t *out_n, struct fail *fail) WARN_UNUSED;
struct store_counts {
    int64_t by_state[PERSON_STATES];
    int64_t oldest_due_since_ms; /* of those whose due_ms has come; 0 = nobody waits */
    int64_t events, last_event_ms;
};
enum err store_counts(struct store *s, int64_t now_ms, struct store_counts *out,
                      struct fail *fail) WARN_UNUSED;
/* When the last event that is kept was received, 0 for none: store_counts looks at everybody, this
 * does not. */
enum err store_last_event(struct store *s, int64_t *out_ms, struct fail *fail) WARN_UNUSED;

/* ---- steps: each call to Amazon Connect with its cause ---- */

struct step_record {
    int64_t id;
    int64_t sent_ms, answered_ms; /* answered_ms 0 = not answered (yet, or never known) */
    struct span source, user_id;  /* "" for a step that concerns nobody in particular */
    struct span instance, operation, cause;
    struct span outcome; /* "sent", "done", "throttled", "failed", "unclear" */
    int64_t status;      /* HTTP, 0 = none */
    struct span code, request_id, text;
};
/* Writes one; *out_id is its number. Counts it as sent. */
enum err store_step_add(struct store *s, const struct step_record *step, int64_t *out_id,
                        struct fail *fail) WARN_UNUSED;
/* Fills in the answer: outcome, answered_ms, status, code, request_id, text of `answer`; counts
 * throttled and failed. */
enum err store_step_answer(struct store *s, int64_t id, const struct step_record *answer,
                           struct fail *fail) WARN_UNUSED;
/* The newest steps of one person (or, with user_id empty, those of all that failed), newest
 * first. */
enum err store_steps(struct store *s, struct arena *a, struct span source, struct span user_id,
                     size_t max, struct step_record **out, size_t *out_n,
                     struct fail *fail) WARN_UNUSED;
struct call_count {
    struct span operation;
    int64_t sent, throttled, failed;
};
enum err store_call_counts(struct store *s, struct arena *a, struct call_count **out, size_t *out_n,
                           struct fail *fail) WARN_UNUSED;

/* ---- skipped events, paused operations, notes ---- */

/* Adds n to the count of a skip reason. */
enum err store_skip_count_add(struct store *s, const char *reason, int64_t n,
                              struct fail *fail) WARN_UNUSED;
struct skip_count {
    struct span reason;
    int64_t n;
};
enum err store_skip_counts(struct store *s, struct arena *a, struct skip_count **out, size_t *out_n,
                           struct fail *fail) WARN_UNUSED;

struct pause {
    struct span operation, code, reason;
    int64_t since_ms, probe_ms; /* the next probe is due then */
};
/* since_ms of one that is paused already stays, as long as it is for the same code. */
enum err store_pause_put(struct store *s, const struct pause *p, struct fail *fail) WARN_UNUSED;
enum err store_pause_remove(struct store *s, struct span operation, struct fail *fail) WARN_UNUSED;
enum err store_pauses(struct store *s, struct arena *a, struct pause **out, size_t *out_n,
                      struct fail *fail) WARN_UNUSED;

/* Small values by name: "rules_digest", "engine" (what runs: pid, since, address), … p == NULL when
 * absent. */
enum err store_note_get(struct store *s, struct arena *a, const char *name, struct span *out,
                        struct fail *fail) WARN_UNUSED;
enum err store_note_put(struct store *s, const char *name, struct span value,
                        struct fail *fail) WARN_UNUSED;

/* ---- whole file ---- */

/* Copies the live store to a new file (SQLite's online backup), complete and synced when it
 * returns. ERR_CONFLICT when the file exists. */
enum err store_backup(struct store *s, const char *to_file, struct fail *fail) WARN_UNUSED;
/* PRAGMA quick_check; ERR_IO with the first finding. */
enum err store_check(struct store *s, struct fail *fail) WARN_UNUSED;

#endif
