#include "cmd/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/compare.h"

struct recall {
    struct opened *o;
    struct story *story;
    size_t room, rows;
    struct field *fields;
    size_t n_fields, fields_room;
};

/* ---- fields ---- */

static struct span keep(struct arena *a, struct span text)
{
    return text.p == NULL ? text : arena_span(a, text);
}

static void take_field(void *arg, const struct field *field)
{
    struct recall *r = arg;
    struct arena *a = &r->o->arena;

    if (r->n_fields == r->fields_room) {
        size_t room = r->fields_room == 0 ? 8 : 2 * r->fields_room;
        struct field *more = arena_new(a, room, sizeof(*more));

        if (r->n_fields > 0)
            memcpy(more, r->fields, r->n_fields * sizeof(*more));
        r->fields = more;
        r->fields_room = room;
    }
    r->fields[r->n_fields++] = (struct field){.name = arena_dup(a, span_of(field->name)),
                                              .from = keep(a, field->from),
                                              .to = keep(a, field->to),
                                              .is_hidden = field->is_hidden};
}

static const struct field *compare_states(struct recall *r, const struct entitlement *before,
                                          const struct entitlement *after, size_t *out_n)
{
    r->fields = NULL;
    r->n_fields = r->fields_room = 0;
    fields_each(before, after, &r->o->pinned.names, &r->o->arena, take_field, r);
    *out_n = r->n_fields;
    return r->fields;
}

/* ---- what was ---- */

static struct story_entry *add_entry(struct recall *r, int64_t at_ms)
{
    struct story *s = r->story;

    if (s->n == r->room) {
        size_t room = r->room == 0 ? 64 : 2 * r->room;
        struct story_entry *more = arena_new(&r->o->arena, room, sizeof(*more));

        if (s->n > 0)
            memcpy(more, s->entries, s->n * sizeof(*more));
        s->entries = more;
        r->room = room;
    }
    s->entries[s->n] = (struct story_entry){.at_ms = at_ms};
    return &s->entries[s->n++];
}

static struct audit_row row_copy(struct arena *a, const struct audit_row *row)
{
    struct audit_row copy = *row;
    struct span *const texts[] = {&copy.kind,       &copy.actor,  &copy.source,  &copy.instance,
                                  &copy.operation,  &copy.cause,  &copy.outcome, &copy.code,
                                  &copy.request_id, &copy.detail, &copy.user_id, &copy.user,
                                  &copy.text};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        *texts[i] = arena_span(a, *texts[i]);
    copy.before = copy.after = SPAN("");
    return copy;
}

static bool take_row(void *arg, const struct audit_row *row)
{
    struct recall *r = arg;
    struct arena *a = &r->o->arena;
    struct entitlement before, after;
    struct story_entry *e;

    if (r->rows++ == STORY_MOST) {
        r->story->is_cut = true;
        return false;
    }
    e = add_entry(r, row->at_ms);
    e->row = row_copy(a, row);
    if (row->after.n > 0 && entitlement_parse(a, row->after, &after, NULL) == ERR_NONE &&
        (row->before.n == 0 || entitlement_parse(a, row->before, &before, NULL) == ERR_NONE))
        e->fields = compare_states(r, row->before.n > 0 ? &before : NULL, &after, &e->n_fields);
    return true;
}

static enum err read_events(struct recall *r, struct fail *fail)
{
    struct event_row *events = NULL;
    size_t n = 0;
    enum err err = store_events(r->o->store, &r->o->arena, r->story->dossier->person.id, false,
                                STORY_MOST, &events, &n, fail);

    if (n == STORY_MOST)
        r->story->is_cut = true;
    for (size_t i = 0; i < n; i++) {
        struct story_entry *e = add_entry(r, events[i].received_ms);

        e->is_event = true;
        e->event = events[i];
    }
    return err;
}

/* Of one instant: what came in is before what it caused, and rows are in their order. */
static int by_time(const void *left, const void *right)
{
    const struct story_entry *a = left, *b = right;

    if (a->at_ms != b->at_ms)
        return a->at_ms < b->at_ms ? -1 : 1;
    if (a->is_event != b->is_event)
        return a->is_event ? -1 : 1;
    return (a->row.id > b->row.id) - (a->row.id < b->row.id);
}

static enum err read_past(struct recall *r, struct fail *fail)
{
    const struct person *p = &r->story->dossier->person;
    const struct audit_ask ask = {.source = p->source, .user_id = p->id, .is_newest_first = true};
    enum err err = read_events(r, fail);

    if (err == ERR_NONE)
        err = store_audit_each(r->o->store, &ask, take_row, r, fail);
    if (err == ERR_NONE && r->story->n > 0)
        qsort(r->story->entries, r->story->n, sizeof(*r->story->entries), by_time);
    return err;
}

/* ---- what is to be ---- */

static enum err take_next(void *arg, const struct drift *d, struct fail *fail)
{
    struct recall *r = arg;
    struct story *s = r->story;
    const struct person *p = &s->dossier->person;
    struct arena *a = &r->o->arena;
    const char **operations;

    (void)fail;
    /* The engine leaves them alone until somebody says something. */
    if (p->state == PERSON_HELD || p->state == PERSON_FAILED) {
        s->held = p->reason.n > 0 ? p->reason : p->reason_code;
        return ERR_NONE;
    }
    if (d->action == DRIFT_HELD || d->action == DRIFT_UNCHANGED) {
        s->held = arena_span(a, d->because);
        return ERR_NONE;
    }
    if (!d->has_course)
        return ERR_NONE;
    s->because = arena_span(a, d->because);
    operations = arena_new(a, d->course.n, sizeof(*operations));
    for (size_t i = 0; i < d->course.n; i++)
        if (step_operation(d->course.steps[i]) != NULL)
            operations[s->n_operations++] = step_operation(d->course.steps[i]);
    s->operations = operations;
    if (!d->course.deletes && d->course.has_after)
        s->fields = compare_states(r, d->course.has_before ? &d->course.before : NULL,
                                   &d->course.after, &s->n_fields);
    return ERR_NONE;
}

/* The engine goes by what the store knows, and reads what it does not: so does this. */
static enum err read_next(struct recall *r, int64_t now_ms, struct fail *fail)
{
    const struct dossier *d = r->story->dossier;
    struct compare_options options = {.drift = {.rules = r->o->rules,
                                                .names = &r->o->pinned.names,
                                                .now_ms = now_ms,
                                                .read_ms = now_ms,
                                                .max_wait_ms = r->o->settings->max_wait_ms,
                                                .cause = SPAN("why")},
                                      .store = r->o->store,
                                      .found = take_next,
                                      .arg = r};
    char *file = mem_dup(r->o->settings->store_file);
    enum err err = scan_open(file, &options.drift.scan, fail);

    if (err == ERR_NONE)
        err = compare_one(&options, d->person.id, fail);
    scan_close(options.drift.scan);
    free(file);
    return err;
}

static void take_sent(struct recall *r)
{
    const struct dossier *d = r->story->dossier;
    struct step_record *sent = arena_new(&r->o->arena, d->n_steps, sizeof(*sent));

    for (size_t i = d->n_steps; i > 0; i--)
        if (span_eq(d->steps[i - 1].outcome, SPAN("sent")))
            sent[r->story->n_sent++] = d->steps[i - 1];
    r->story->sent = sent;
}

enum err story_read(struct opened *o, const struct dossier *d, int64_t now_ms, struct story *out,
                    struct fail *fail)
{
    struct recall r = {.o = o, .story = out};
    enum err err;

    *out = (struct story){.dossier = d, .because = SPAN(""), .held = SPAN("")};
    err = read_past(&r, fail);
    if (err == ERR_NONE)
        err = read_next(&r, now_ms, fail);
    take_sent(&r);
    return err;
}
