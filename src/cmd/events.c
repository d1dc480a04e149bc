#include "cmd/events.h"

#include <inttypes.h>

#include "cmd/person_json.h"

enum { SUBJECTS_SHOWN = 3 };

/* ---- reading ---- */

static bool is_caused_by(const struct step_record *step, struct span uuid)
{
    const struct span event = SPAN("event ");

    return span_starts(step->cause, event) &&
           span_eq((struct span){step->cause.p + event.n, step->cause.n - event.n}, uuid);
}

static enum err read_calls(struct opened *o, struct span uuid, struct event_subject_fate *s,
                           struct fail *fail)
{
    struct step_record *steps = NULL;
    size_t n = 0;
    enum err err =
        store_steps(o->store, &o->arena, SPAN("okta"), s->id, EVENT_CALLS, &steps, &n, fail);

    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        if (is_caused_by(&steps[i], uuid))
            steps[s->n_calls++] = steps[i];
    s->calls = steps;
    return err;
}

static enum err read_subject(struct opened *o, struct span uuid, struct event_subject_fate *s,
                             struct fail *fail)
{
    struct person p;
    enum err err = store_person_get(o->store, &o->arena, SPAN("okta"), s->id, &p, fail);

    if (err == ERR_NOT_FOUND)
        return ERR_NONE;
    if (err != ERR_NONE)
        return err;
    s->is_known = true;
    s->state = p.state;
    s->user = open_user_name(o, &p, &o->arena);
    return read_calls(o, uuid, s, fail);
}

static enum err read_fate(struct opened *o, struct event_fate *e, struct fail *fail)
{
    struct span rest = e->event.subjects, id;
    enum err err = ERR_NONE;

    e->subjects = arena_new(&o->arena, EVENT_SUBJECTS, sizeof(*e->subjects));
    while (err == ERR_NONE && span_split(&rest, ' ', &id)) {
        if (id.n == 0)
            continue;
        if (e->n_subjects == EVENT_SUBJECTS) {
            e->n_more++;
            continue;
        }
        e->subjects[e->n_subjects] = (struct event_subject_fate){.id = id, .user = SPAN("")};
        err = read_subject(o, e->event.uuid, &e->subjects[e->n_subjects++], fail);
    }
    return err;
}

enum err events_read(struct opened *o, const struct events_ask *ask, struct event_fate **out,
                     size_t *out_n, struct fail *fail)
{
    struct event_row *rows = NULL;
    struct event_fate *events;
    size_t n = 0;
    enum err err = store_events(o->store, &o->arena, ask->user_id, ask->only_skipped, ask->max,
                                &rows, &n, fail);

    if (err != ERR_NONE)
        return err;
    events = arena_new(&o->arena, n, sizeof(*events));
    for (size_t i = 0; err == ERR_NONE && i < n; i++) {
        events[i].event = rows[i];
        err = read_fate(o, &events[i], fail);
    }
    if (err != ERR_NONE)
        return err;
    *out = events;
    *out_n = n;
    return ERR_NONE;
}

/* ---- for people ---- */

static void add_subject(struct buf *out, const struct event_subject_fate *s)
{
    style_add(out, s->user.n > 0 ? s->user : s->id);
    if (!s->is_known)
        return;
    buf_printf(out, ": %s", person_state_name(s->state));
    for (size_t i = s->n_calls; i > 0; i--) {
        buf_add_str(out, ", ");
        style_add(out, s->calls[i - 1].operation);
        buf_add_char(out, ' ');
        style_add(out, s->calls[i - 1].outcome);
    }
}

void events_add_fate(struct buf *out, const struct event_fate *e)
{
    if (e->event.skip_reason.n > 0) {
        buf_add_str(out, "skipped: ");
        style_add(out, e->event.skip_reason);
        buf_add_str(out, e->event.skip_detail.n > 0 ? ": " : "");
        style_add(out, e->event.skip_detail);
        return;
    }
    if (e->n_subjects == 0)
        buf_add_str(out, "taken");
    for (size_t i = 0; i < e->n_subjects && i < SUBJECTS_SHOWN; i++) {
        buf_add_str(out, i == 0 ? "" : "; ");
        add_subject(out, &e->subjects[i]);
    }
    if (e->n_subjects > SUBJECTS_SHOWN)
        buf_printf(out, "; and %zu more", e->n_subjects - SUBJECTS_SHOWN + e->n_more);
}

/* ---- for programs ---- */

static void put_calls(struct json_out *out, const struct event_subject_fate *s)
{
    json_out_key(out, "calls");
    json_out_begin(out, '[');
    for (size_t i = s->n_calls; i > 0; i--) {
        json_out_begin(out, '{');
        json_put_str(out, "operation", s->calls[i - 1].operation);
        json_put_str(out, "outcome", s->calls[i - 1].outcome);
        person_json_time(out, "sent", s->calls[i - 1].sent_ms);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_subject(struct json_out *out, const struct event_subject_fate *s)
{
    json_out_begin(out, '{');
    json_put_str(out, "id", s->id);
    person_json_text(out, "user", s->user);
    person_json_text(out, "state", s->is_known ? span_of(person_state_name(s->state)) : SPAN(""));
    put_calls(out, s);
    json_out_end(out, '}');
}

void events_json(const struct event_fate *e, struct json_out *out)
{
    json_out_begin(out, '{');
    json_put_str(out, "uuid", e->event.uuid);
    json_put_str(out, "type", e->event.type);
    json_put_str(out, "via", e->event.via);
    person_json_time(out, "received", e->event.received_ms);
    person_json_time(out, "published", e->event.published_ns / 1000000);
    person_json_text(out, "skipped", e->event.skip_reason);
    person_json_text(out, "detail", e->event.skip_detail);
    json_out_key(out, "subjects");
    json_out_begin(out, '[');
    for (size_t i = 0; i < e->n_subjects; i++)
        put_subject(out, &e->subjects[i]);
    json_out_end(out, ']');
    json_put_int(out, "more_subjects", (int64_t)e->n_more);
    json_out_end(out, '}');
}
