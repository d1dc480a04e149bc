/* What came in, and what became of it: what `roster events` shows, as data. */
#ifndef ROSTER_CMD_EVENTS_H
#define ROSTER_CMD_EVENTS_H

#include "cmd/open.h"
#include "text/json.h"

enum { EVENT_SUBJECTS = 100, EVENT_CALLS = 50, EVENTS_DEFAULT = 50, EVENTS_MAX = 10000 };

/* Somebody, or something, that an event was about. */
struct event_subject_fate {
    struct span id, user;    /* user: empty for a group, an application, or nobody who is known */
    bool is_known;           /* a person of the store */
    enum person_state state; /* theirs now */
    const struct step_record
        *calls; /* that this event caused for them, of their last EVENT_CALLS */
    size_t n_calls;
};

struct event_fate {
    struct event_row event;
    struct event_subject_fate *subjects; /* the first EVENT_SUBJECTS */
    size_t n_subjects, n_more;
};

struct events_ask {
    struct span user_id; /* only about them; empty = all */
    bool only_skipped;
    size_t max;
};

/* Newest first; texts are in o->arena. */
enum err events_read(struct opened *o, const struct events_ask *ask, struct event_fate **out,
                     size_t *out_n, struct fail *fail) WARN_UNUSED;
/* "skipped: foreign_group: …", "ann@acme.com: in_step, CreateUser done": what became of it. */
void events_add_fate(struct buf *out, const struct event_fate *e);
void events_json(const struct event_fate *e, struct json_out *out);

#endif
