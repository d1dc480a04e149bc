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
/* Reads between the two see one instant, and cost less. Not inside a transaction; short, since the
 * WAL grows meanwhile. */
enum err store_read_begin(struct store *s, struct fail *fail) WARN_UNUSED;
void store_read_end(struct store *s);
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
/* All memberships of users of that source whose ids are behind `after`, up to `last`, in the order
 * of ids. */
struct user_membership {
    struct span user_id;
    struct membership membership;
};
enum err store_memberships_page(struct store *s, struct arena *a, struct span source,
                                struct span after, struct span last, struct user_membership **out,
                                size_t *out_n, struct fail *fail) WARN_UNUSED;
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
/* Removes events received before that instant, but none about a person who is due or to be looked
 * at, or that may have asked for another look that is outstanding; at most max of them, oldest
 * first. */
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
/* The person, and all that is known of their memberships, goes; nothing happens when there is none.
 */
enum err store_person_remove(struct store *s, struct span source, struct span id,
                             struct fail *fail) WARN_UNUSED;
/* People of that priority who are due at now_ms and wait before no gate, longest due first, at most
 * max, skipping the first `skip`. */
enum err store_people_due(struct store *s, struct arena *a, int64_t now_ms, int64_t priority,
                          size_t skip, size_t max, struct person **out, size_t *out_n,
                          struct fail *fail) WARN_UNUSED;
/* The same, only those of that cause. */
enum err store_people_due_for(struct store *s, struct arena *a, struct span cause, int64_t now_ms,
                              int64_t priority, size_t skip, size_t max, struct person **out,
                              size_t *out_n, struct fail *fail) WARN_UNUSED;
/* When the next one is due; INT64_MAX when nobody is. */
enum err store_next_due(struct store *s, int64_t *out_ms, struct fail *fail) WARN_UNUSED;
enum err store_next_due_for(struct store *s, struct span cause, int64_t *out_ms,
                            struct fail *fail) WARN_UNUSED;
/* Calls fn for each person in the order of login (all states when state is PERSON_STATES); fn
 * returns false to stop. */
enum err store_people_each(struct store *s, enum person_state state,
                           bool (*fn)(void *arg, const struct person *p), void *arg,
                           struct fail *fail) WARN_UNUSED;
/* People of that source in the order of ids, behind `after`, at most max. */
enum err store_people_page(struct store *s, struct arena *a, struct span source, struct span after,
                           size_t max, struct person **out, size_t *out_n,
                           struct fail *fail) WARN_UNUSED;
/* Everybody whose id, login, application user name or agent user name is `word` (ASCII case ignored
 * for names). */
enum err store_people_find(struct store *s, struct arena *a, struct span word, struct person **out,
                           size_t *out_n, struct fail *fail) WARN_UNUSED;
/* For when the clock went back: whoever is due, and every look that is, later than latest_ms, is
 * due at now_ms; a REMOVAL_GRACE that began later than that begins now. How many that were. */
enum err store_hurry(struct store *s, int64_t now_ms, int64_t latest_ms, int64_t *out_n,
                     struct fail *fail) WARN_UNUSED;
/* Makes everybody in that state due at now_ms with attempts 0 and that cause, but for those whose
 * removal is held (`roster release` decides on them); returns how many. */
enum err store_people_make_due(struct store *s, enum person_state state, int64_t now_ms,
                               struct span cause, int64_t *out_n, struct fail *fail) WARN_UNUSED;
/* The same for those of that reason; "" = any. */
enum err store_people_make_due_for(struct store *s, enum person_state state,
                                   struct span reason_code, int64_t now_ms, struct span cause,
                                   int64_t *out_n, struct fail *fail) WARN_UNUSED;
/* Those in that state for that reason, at most max, in the order in which they became known. */
enum err store_people_by_reason(struct store *s, struct arena *a, enum person_state state,
                                struct span reason_code, size_t max, struct person **out,
                                size_t *out_n, struct fail *fail) WARN_UNUSED;
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
    struct span before, after; /* of an answer, for the audit log alone: what the agent had, and has
                                  now, as JSON (model/entitlement.h); empty = not known, or the same
                                  as before */
};
/* Writes one; *out_id is its number. Counts it as sent. */
enum err store_step_add(struct store *s, const struct step_record *step, int64_t *out_id,
                        struct fail *fail) WARN_UNUSED;
/* Fills in the answer: outcome, answered_ms, status, code, request_id, text of `answer`; counts
 * throttled and failed; adds the step to the audit log (store/audit.h). */
enum err store_step_answer(struct store *s, int64_t id, const struct step_record *answer,
                           struct fail *fail) WARN_UNUSED;
/* At a start: steps that were sent and never answered, because the program ended meanwhile, are
 * unclear from now on, and come into the audit log; *out_n of them. */
enum err store_steps_close(struct store *s, int64_t now_ms, int64_t *out_n,
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

/* ---- looks: who, or what, is to be read in Okta again ---- */

enum look_kind { LOOK_USER = 'u', LOOK_GROUP = 'g', LOOK_APP = 'a', LOOK_SCOPE = 's' };

struct look {
    struct span source, id; /* id: of the user, group or application; "" for the whole scope */
    enum look_kind kind;
    int64_t due_ms;
    int64_t tries;    /* readings so far that contradicted what asked for them, or failed */
    int64_t asked_ns; /* published instant of the newest event that asked; 0 = no event did */
    struct span cause;
};
/* Asks for a look. One that waits already keeps the earlier due_ms (so a steady stream does not put
 * it off), and takes the newer asked_ns and cause; one that was put off for a later reading becomes
 * due again, with tries 0, when asked_ns is newer. */
enum err store_look_put(struct store *s, const struct look *look, struct fail *fail) WARN_UNUSED;
/* The looks that are due at now_ms, those that events asked for before all others, longest due
 * first; and when the next one is (INT64_MAX: none). */
enum err store_looks_due(struct store *s, struct arena *a, int64_t now_ms, size_t skip, size_t max,
                         struct look **out, size_t *out_n, struct fail *fail) WARN_UNUSED;
enum err store_next_look(struct store *s, int64_t *out_ms, struct fail *fail) WARN_UNUSED;
/* Is a look at this user outstanding? */
enum err store_look_get(struct store *s, struct arena *a, struct span source, enum look_kind kind,
                        struct span id, bool *out_is_there, struct look *out,
                        struct fail *fail) WARN_UNUSED;
/* The look was carried out: it goes, or, with again_ms != 0, is put off until then with tries + 1.
 * When it was asked for again meanwhile (asked_ns differs) it stays as it is. */
enum err store_look_done(struct store *s, const struct look *look, int64_t again_ms,
                         struct fail *fail) WARN_UNUSED;

/* What a reading of the source said of one user. */
struct reading {
    struct span source, user_id;
    int64_t read_ms, read_ns;    /* when it began */
    struct span status, profile; /* as in struct person */
    struct span login, display_name, app_user_name;
    const struct membership *memberships; /* those that are; an absent one is not */
    size_t n_memberships;
};
/* Puts its memberships in the place of all that events said before it began, also of the account
 * and of suspension, which its status tells; what was published since stays. Nothing of the
 * person's own row is written. */
enum err store_reading_put(struct store *s, const struct reading *r, struct fail *fail) WARN_UNUSED;
/* How many are members of it. */
enum err store_members_count(struct store *s, struct span source, enum membership_kind kind,
                             struct span container, int64_t *out, struct fail *fail) WARN_UNUSED;
/* Calls fn for each user who is a member of the container, in the order of user ids; fn returns
 * false to stop. Everybody's memberships are looked up: there is no index of containers, which each
 * new membership would have to pay for. */
enum err store_members_each(struct store *s, struct span source, enum membership_kind kind,
                            struct span container, bool (*fn)(void *arg, struct span user_id),
                            void *arg, struct fail *fail) WARN_UNUSED;

/* ---- names that were resolved, pinned to their ids ---- */

struct pin {
    int64_t kind; /* enum name_kind */
    struct span name, id;
    int64_t since_ms;
    struct span name_now; /* what the id was last seen to be called; "" = the same */
};
enum err store_pin_put(struct store *s, const struct pin *pin, struct fail *fail) WARN_UNUSED;
enum err store_pin_remove(struct store *s, int64_t kind, struct span name,
                          struct fail *fail) WARN_UNUSED;
enum err store_pins(struct store *s, struct arena *a, struct pin **out, size_t *out_n,
                    struct fail *fail) WARN_UNUSED;

/* ---- gates: who passed a bound (model/guard.h) ---- */

enum err store_passage_add(struct store *s, int64_t gate, struct span source, struct span user_id,
                           int64_t at_ms, struct fail *fail) WARN_UNUSED;
/* Different people who passed the gate since that instant. */
enum err store_passages(struct store *s, int64_t gate, int64_t since_ms, int64_t *out_n,
                        struct fail *fail) WARN_UNUSED;
/* People who wait before the gate of removals, or else of changes (person.needs_gate), longest
 * first. */
enum err store_gate_waiting(struct store *s, struct arena *a, bool is_removal, size_t max,
                            struct person **out, size_t *out_n, struct fail *fail) WARN_UNUSED;
/* Agents that are bound to people. */
enum err store_managed_count(struct store *s, int64_t *out_n, struct fail *fail) WARN_UNUSED;
/* Another person whose agent bears that user name; imports claim none. ERR_NOT_FOUND when there is
 * none. */
enum err store_person_of_name(struct store *s, struct arena *a, struct span source,
                              struct span user_name, struct span but_user_id, struct person *out,
                              struct fail *fail) WARN_UNUSED;

/* ---- what came in ---- */

struct event_row {
    struct span uuid, type, via, skip_reason, skip_detail;
    struct span subjects; /* ids of users, groups and applications, a blank between them */
    int64_t received_ms, published_ns;
};
/* The newest events first; of one user when user_id is not empty; only skipped ones. */
enum err store_events(struct store *s, struct arena *a, struct span user_id, bool only_skipped,
                      size_t max, struct event_row **out, size_t *out_n,
                      struct fail *fail) WARN_UNUSED;

/* ---- whole file ---- */

/* Copies the live store to a new file (SQLite's online backup), complete and synced when it
 * returns. ERR_CONFLICT when the file exists. */
enum err store_backup(struct store *s, const char *to_file, struct fail *fail) WARN_UNUSED;
/* PRAGMA quick_check; ERR_IO with the first finding. */
enum err store_check(struct store *s, struct fail *fail) WARN_UNUSED;

#endif
