#include "engine/catch_up.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "okta/log.h"
#include "text/json.h"

enum {
    NOTE_LIMIT = 32 * 1024,
    NOTE_EVERY_MS = 10 * 60 * 1000, /* also when nothing happens: a gap is measured from it */
    FULL_MS = 1000,                 /* when the journal is full */
};
static const int64_t NS_PER_MS = 1000000, MS_PER_DAY = 24 * 3600 * (int64_t)1000;

/* How far the log has been read. */
struct place {
    char *cursor; /* NULL: from since_ms on */
    int64_t since_ms, published_ms, read_ms;
};

struct catch_up {
    struct catch_up_options options;
    struct loop_timer *timer;
    struct okta_log_read *read;
    struct place place;
    int64_t noted_ms; /* clock_mono_ms() of the last note; 0 = none yet */
    bool is_stopping;

    /* A page on its way to the disk. */
    struct journal_entry entry;
    bool is_writing, has_more;
    struct place next;
};

/* ---- the place ---- */

static void place_set(struct place *to, const struct place *from)
{
    char *cursor = mem_dup_str(from->cursor);

    free(to->cursor);
    *to = *from;
    to->cursor = cursor;
}

static struct span place_note(struct arena *a, const struct place *p)
{
    struct buf out;
    struct json_out o;
    struct span note;

    buf_init(&out, NOTE_LIMIT);
    o = json_out(&out);
    json_out_begin(&o, '{');
    json_put_str(&o, "cursor", span_of(p->cursor));
    json_put_int(&o, "published_ms", p->published_ms);
    json_put_int(&o, "read_ms", p->read_ms);
    json_out_end(&o, '}');
    note = arena_span(a, buf_span(&out));
    buf_done(&out);
    return note;
}

static void place_take_up(struct place *p, struct span note)
{
    struct json *root;
    struct span cursor;

    if (json_parse(note, &root, NULL) != ERR_NONE)
        return;
    cursor = json_str(root, "cursor");
    p->cursor = cursor.n > 0 ? mem_dup(cursor) : NULL;
    p->published_ms = json_int(root, "published_ms", 0);
    p->read_ms = json_int(root, "read_ms", 0);
    json_free(root);
}

/* ---- one page ---- */

static void read_next(void *arg);

static void later(struct catch_up *c, int64_t wait_ms)
{
    if (!c->is_stopping)
        loop_timer_set(c->timer, wait_ms);
}

static struct event_subject *subjects_copy(struct arena *a, const struct event *e)
{
    struct event_subject *subjects = arena_new(a, e->n_subjects, sizeof(*subjects));

    for (size_t i = 0; i < e->n_subjects; i++) {
        struct event_subject *s = &subjects[i];

        *s = e->subjects[i];
        s->user_id = arena_span(a, s->user_id);
        s->login = arena_span(a, s->login);
        s->display_name = arena_span(a, s->display_name);
        s->app_user_name = arena_span(a, s->app_user_name);
        s->membership.container = arena_span(a, s->membership.container);
        s->membership.name = arena_span(a, s->membership.name);
    }
    return subjects;
}

/* The page is borrowed for its callback only. */
static struct event *events_copy(struct arena *a, const struct delivery *page)
{
    struct event *events = arena_new(a, page->n, sizeof(*events));

    for (size_t i = 0; i < page->n; i++) {
        struct event *e = &events[i];

        *e = page->events[i];
        e->uuid = arena_span(a, e->uuid);
        e->type = arena_span(a, e->type);
        e->skip_detail = arena_span(a, e->skip_detail);
        e->subjects = subjects_copy(a, e);
    }
    return events;
}

static void stored(struct journal_entry *entry, enum err err, const struct fail *fail)
{
    struct catch_up *c = entry->owner;

    c->is_writing = false;
    if (err == ERR_NONE) {
        place_set(&c->place, &c->next);
        c->noted_ms = clock_mono_ms();
        hook_health_logged(c->options.health, entry, clock_wall_ms());
        if (entry->n_taken > 0)
            log_info("caught up with Okta's System Log", LOG_INT("events", entry->n),
                     LOG_INT("new", entry->n_new), LOG_INT("taken", entry->n_taken));
        if (entry->n_due > 0)
            c->options.due(c->options.arg);
    } else {
        log_error("the store did not take what the System Log says; it is read again",
                  LOG_STR("error", fail->text));
    }
    arena_done(&c->entry.arena);
    later(c, err != ERR_NONE ? FULL_MS : c->has_more ? 0 : c->options.every_ms);
}

static void write_page(struct catch_up *c, const struct okta_log_page *page)
{
    struct journal_entry *e = &c->entry;

    *e = (struct journal_entry){.received_ms = clock_wall_ms(), .done = stored, .owner = c};
    e->n = page->events.n;
    e->events = events_copy(&e->arena, &page->events);
    e->is_new = arena_new(&e->arena, e->n, sizeof(*e->is_new));
    e->note = CATCH_UP_NOTE;
    e->note_value = place_note(&e->arena, &c->next);
    c->is_writing = true;
    if (c->options.journal->append(c->options.journal, e))
        return;
    c->is_writing = false;
    arena_done(&e->arena);
    later(c, FULL_MS);
}

static void take_page(struct catch_up *c, const struct okta_log_page *page)
{
    bool has_moved = page->cursor.p != NULL &&
                     (c->place.cursor == NULL || !span_eq(page->cursor, span_of(c->place.cursor)));
    char *cursor = page->cursor.p != NULL ? mem_dup(page->cursor) : mem_dup_str(c->place.cursor);

    place_set(&c->next, &c->place);
    free(c->next.cursor);
    c->next.cursor = cursor;
    c->next.read_ms = okta_api_now_ms(c->options.api);
    for (size_t i = 0; i < page->events.n; i++)
        if (page->events.events[i].published_ns / NS_PER_MS > c->next.published_ms)
            c->next.published_ms = page->events.events[i].published_ns / NS_PER_MS;
    c->has_more = page->has_more && has_moved;
    if (page->events.n > 0 || c->noted_ms == 0 ||
        (has_moved && page->cursor.p != NULL && c->place.cursor == NULL) ||
        clock_mono_ms() - c->noted_ms >= NOTE_EVERY_MS) {
        write_page(c, page);
        return;
    }
    /* Nothing has happened: what is on disk reads the same. */
    place_set(&c->place, &c->next);
    later(c, c->options.every_ms);
}

/* ---- gaps ---- */

static void begin_anew(struct catch_up *c, const char *code, const char *text)
{
    int64_t now_ms = okta_api_now_ms(c->options.api);
    int64_t from_ms = c->place.published_ms > c->place.read_ms || c->place.published_ms == 0
                          ? c->place.read_ms
                          : c->place.published_ms;

    free(c->place.cursor);
    c->place.cursor = NULL;
    if (from_ms == 0 || from_ms < now_ms - OKTA_LOG_RETENTION_DAYS * MS_PER_DAY)
        from_ms = now_ms;
    c->place.since_ms = from_ms - CATCH_UP_MARGIN_MS;
    c->options.lost(c->options.arg, code, text);
}

/* Older than what Okta keeps: events between are gone, without anybody telling. */
static void check_gap(struct catch_up *c)
{
    int64_t now_ms = okta_api_now_ms(c->options.api);

    if (c->place.read_ms != 0 && c->place.read_ms < now_ms - OKTA_LOG_RETENTION_DAYS * MS_PER_DAY)
        begin_anew(c, "log_gap",
                   "Okta's System Log was read last before the time that Okta keeps: events may be "
                   "missing, so all people are compared with Okta");
    else if (c->place.cursor == NULL && c->place.since_ms == 0)
        c->place.since_ms = now_ms - CATCH_UP_MARGIN_MS;
}

/* ---- reading ---- */

static void on_page(void *arg, const struct okta_log_page *page)
{
    struct catch_up *c = arg;

    c->read = NULL;
    if (page->is_cursor_lost) {
        log_warn("Okta does not know the place in its System Log any more",
                 LOG_STR("error", page->fail->text));
        begin_anew(c, "log_cursor_lost",
                   "Okta does not know the place any more up to which its System Log was read: it "
                   "is read again from a little before, and all people are compared with Okta");
        later(c, 0);
        return;
    }
    okta_pause_answered(c->options.pause, page->fail);
    if (page->err != ERR_NONE) {
        log_warn("Okta's System Log could not be read", LOG_STR("reaction", err_name(page->err)),
                 LOG_STR("error", page->fail->text));
        later(c, c->options.every_ms);
        return;
    }
    take_page(c, page);
}

static void read_next(void *arg)
{
    struct catch_up *c = arg;
    const struct judge *judge = c->options.judge;
    const struct delivery_rules by = {.rules = judge->rules,
                                      .names = current_names_get(judge->names)};
    int64_t quiet_ms = okta_pause_wait_ms(c->options.pause);

    if (c->is_stopping || c->read != NULL || c->is_writing)
        return;
    hook_health_tick(c->options.health, clock_wall_ms());
    if (quiet_ms > 0) {
        later(c, quiet_ms);
        return;
    }
    check_gap(c);
    c->read = okta_log_read(c->options.api, &by,
                            c->place.cursor == NULL ? SPAN("") : span_of(c->place.cursor),
                            c->place.since_ms, on_page, c);
}

/* ---- life ---- */

enum err catch_up_new(const struct catch_up_options *options, struct store *reader,
                      struct catch_up **out, struct fail *fail)
{
    struct catch_up *c;
    struct arena a = {0};
    struct span note;
    enum err err = store_note_get(reader, &a, CATCH_UP_NOTE, &note, fail);

    if (err == ERR_NONE) {
        c = mem_new(1, sizeof(*c));
        c->options = *options;
        if (note.p != NULL)
            place_take_up(&c->place, note);
        c->timer = loop_timer_new(options->loop, read_next, c);
        *out = c;
    }
    arena_done(&a);
    return err;
}

void catch_up_start(struct catch_up *c)
{
    later(c, 0);
}

void catch_up_stop(struct catch_up *c)
{
    c->is_stopping = true;
    loop_timer_clear(c->timer);
    okta_log_cancel(c->read);
    c->read = NULL;
}

bool catch_up_is_idle(const struct catch_up *c)
{
    return !c->is_writing;
}

void catch_up_free(struct catch_up *c)
{
    if (c == NULL)
        return;
    catch_up_stop(c);
    loop_timer_free(c->timer);
    arena_done(&c->entry.arena);
    free(c->place.cursor);
    free(c->next.cursor);
    free(c);
}
