#include <inttypes.h>

#include "cmd/person_json.h"
#include "cmd/story.h"
#include "model/person.h"

enum { LINE_LIMIT = 1024 * 1024, NAME_WIDTH = 22 };

struct telling {
    const struct story *story;
    FILE *to;
    const struct style *style;
    int64_t now_ms;
    struct buf line;
};

static void heading(const struct telling *t, const char *text)
{
    (void)fprintf(t->to, "\n%s%s%s\n", style_begin(t->style, COLOUR_BOLD), text,
                  style_end(t->style, COLOUR_BOLD));
}

static void end_line(struct telling *t)
{
    (void)fprintf(t->to, "%s\n", t->line.p);
    buf_clear(&t->line);
}

static void add_coloured(struct telling *t, enum colour colour, struct span text)
{
    buf_add_str(&t->line, style_begin(t->style, colour));
    style_add(&t->line, text);
    buf_add_str(&t->line, style_end(t->style, colour));
}

static void add_value(struct buf *out, struct span value)
{
    if (value.p == NULL)
        buf_add_str(out, "none");
    else
        style_add(out, value);
}

static void print_fields(struct telling *t, const struct field *fields, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_printf(&t->line, "      %-*s ", NAME_WIDTH, fields[i].name);
        if (fields[i].from.p != NULL) {
            add_value(&t->line, fields[i].from);
            buf_add_str(&t->line, " → ");
        }
        add_value(&t->line, fields[i].to);
        end_line(t);
    }
}

/* A line "      because of: event …"; none for an empty value. */
static void print_more(struct telling *t, const char *what, struct span value)
{
    if (value.n == 0)
        return;
    buf_printf(&t->line, "      %s: ", what);
    style_add(&t->line, value);
    end_line(t);
}

/* ---- what was ---- */

static void print_event(struct telling *t, const struct event_row *e)
{
    buf_add_str(&t->line, "Okta: ");
    style_add(&t->line, e->type);
    if (e->skip_reason.n > 0) {
        buf_add_str(&t->line, ", ");
        add_coloured(t, COLOUR_FAINT, SPAN("skipped: "));
        add_coloured(t, COLOUR_FAINT, e->skip_reason);
    }
    end_line(t);
    print_more(t, "event", e->uuid);
    print_more(t, "skipped because", e->skip_detail);
}

static enum colour outcome_colour(struct span outcome)
{
    if (span_eq(outcome, SPAN("done")))
        return COLOUR_GOOD;
    return span_eq(outcome, SPAN("failed")) ? COLOUR_BAD : COLOUR_BUSY;
}

static void print_step(struct telling *t, const struct story_entry *e)
{
    const struct audit_row *row = &e->row;

    buf_printf(&t->line, "step %" PRId64 ", ", row->step);
    style_add(&t->line, row->operation);
    buf_add_str(&t->line, ": ");
    add_coloured(t, outcome_colour(row->outcome), row->outcome);
    if (row->status != 0)
        buf_printf(&t->line, ", %" PRId64, row->status);
    buf_add_str(&t->line, row->code.n > 0 ? " " : "");
    style_add(&t->line, row->code);
    end_line(t);
    print_more(t, "because of", row->cause);
    print_more(t, "request id", row->request_id);
    print_more(t, "answer", row->text);
    print_fields(t, e->fields, e->n_fields);
}

static void print_action(struct telling *t, const struct audit_row *row)
{
    style_add(&t->line, row->actor);
    buf_add_str(&t->line, ": ");
    style_add(&t->line, row->operation);
    if (row->outcome.n > 0 && !span_eq(row->outcome, SPAN("done"))) {
        buf_add_str(&t->line, ": ");
        add_coloured(t, COLOUR_BAD, row->outcome);
    }
    end_line(t);
    print_more(t, "about", row->detail);
}

static void print_past(struct telling *t)
{
    const struct story *s = t->story;

    heading(t, "What happened, oldest first");
    if (s->is_cut)
        (void)fprintf(t->to, "  … what was before is in 'roster audit export' and 'roster "
                             "events'\n");
    if (s->n == 0)
        (void)fputs("  nothing that is still kept\n", t->to);
    for (size_t i = 0; i < s->n; i++) {
        const struct story_entry *e = &s->entries[i];

        buf_add_str(&t->line, "  ");
        style_add_time(&t->line, e->at_ms);
        buf_add_str(&t->line, "  ");
        if (e->is_event)
            print_event(t, &e->event);
        else if (span_eq(e->row.kind, SPAN(AUDIT_STEP)))
            print_step(t, e);
        else
            print_action(t, &e->row);
    }
}

/* ---- what is to be ---- */

static void print_waits(struct telling *t)
{
    const struct person *p = &t->story->dossier->person;
    const char *bound = dossier_bound(p);

    if (t->story->dossier->has_look) {
        buf_add_str(&t->line, "  they are read in Okta again, from ");
        style_add_ago(&t->line, t->story->dossier->look.due_ms, t->now_ms);
        buf_add_str(&t->line, " on");
        end_line(t);
    }
    if (p->state != PERSON_DUE)
        return;
    buf_printf(&t->line, "  %s",
               dossier_grace_ends_ms(p) > 0 ? "[Connect] REMOVAL_GRACE ends " : "due ");
    style_add_ago(&t->line, p->due_ms, t->now_ms);
    if (p->attempts > 0)
        buf_printf(&t->line, ", after %" PRId64 " failed attempts in a row", p->attempts);
    if (bound[0] != '\0')
        buf_printf(&t->line, "; [Connect] %s is asked before", bound);
    end_line(t);
}

static void print_sent(struct telling *t)
{
    for (size_t i = 0; i < t->story->n_sent; i++) {
        const struct step_record *step = &t->story->sent[i];

        buf_printf(&t->line, "  step %" PRId64 ", ", step->id);
        style_add(&t->line, step->operation);
        buf_add_str(&t->line, " was sent ");
        style_add_ago(&t->line, step->sent_ms, t->now_ms);
        buf_add_str(&t->line, " and is not answered yet");
        end_line(t);
    }
}

static void print_calls(struct telling *t)
{
    const struct story *s = t->story;

    if (s->n_operations == 0)
        return;
    buf_add_str(&t->line, "  ");
    for (size_t i = 0; i < s->n_operations; i++)
        buf_printf(&t->line, "%s%s", i == 0 ? "" : ", ", s->operations[i]);
    end_line(t);
    print_more(t, "because", s->because);
    print_fields(t, s->fields, s->n_fields);
}

static void print_next(struct telling *t)
{
    const struct story *s = t->story;

    heading(t, "What is still to happen");
    print_sent(t);
    print_waits(t);
    print_calls(t);
    if (s->held.n > 0) {
        buf_add_str(&t->line, "  nothing by itself: ");
        style_add(&t->line, s->held);
        end_line(t);
    } else if (s->n_operations == 0 && s->n_sent == 0 && !s->dossier->has_look &&
               s->dossier->person.state != PERSON_DUE) {
        (void)fputs("  nothing, until Okta says something new\n", t->to);
    }
}

void story_print(const struct story *s, FILE *to, const struct style *style, int64_t now_ms)
{
    struct telling t = {.story = s, .to = to, .style = style, .now_ms = now_ms};

    buf_init(&t.line, LINE_LIMIT);
    dossier_print_facts(s->dossier, to, style, now_ms);
    print_past(&t);
    print_next(&t);
    buf_done(&t.line);
}

/* ---- for programs ---- */

static void put_value(struct json_out *out, const char *key, struct span value)
{
    json_out_key(out, key);
    if (value.p == NULL)
        json_out_null(out);
    else
        json_out_str(out, value);
}

static void put_fields(struct json_out *out, const struct field *fields, size_t n)
{
    json_out_key(out, "fields");
    json_out_begin(out, '[');
    for (size_t i = 0; i < n; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "name", span_of(fields[i].name));
        put_value(out, "from", fields[i].from);
        put_value(out, "to", fields[i].to);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_event(struct json_out *out, const struct event_row *e)
{
    json_put_str(out, "kind", SPAN("event"));
    person_json_text(out, "type", e->type);
    person_json_text(out, "uuid", e->uuid);
    person_json_text(out, "via", e->via);
    person_json_text(out, "skipped", e->skip_reason);
    person_json_text(out, "detail", e->skip_detail);
}

static void put_row(struct json_out *out, const struct story_entry *e)
{
    const struct audit_row *row = &e->row;

    json_put_str(out, "kind", row->kind);
    json_put_int(out, "row", row->id);
    person_json_text(out, "actor", row->actor);
    person_json_text(out, "operation", row->operation);
    person_json_text(out, "detail", row->detail);
    if (!span_eq(row->kind, SPAN(AUDIT_STEP)))
        return;
    json_put_int(out, "step", row->step);
    person_json_text(out, "cause", row->cause);
    person_json_text(out, "outcome", row->outcome);
    json_put_int(out, "status", row->status);
    person_json_text(out, "code", row->code);
    person_json_text(out, "request_id", row->request_id);
    person_json_text(out, "text", row->text);
    put_fields(out, e->fields, e->n_fields);
}

static void put_next(struct json_out *out, const struct story *s)
{
    const struct person *p = &s->dossier->person;

    json_out_key(out, "next");
    json_out_begin(out, '{');
    json_out_key(out, "operations");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_operations; i++)
        json_out_str(out, span_of(s->operations[i]));
    json_out_end(out, ']');
    person_json_text(out, "because", s->because);
    put_fields(out, s->fields, s->n_fields);
    person_json_text(out, "held", s->held);
    person_json_time(out, "due", p->state == PERSON_DUE ? p->due_ms : 0);
    person_json_text(out, "bound", span_of(dossier_bound(p)));
    person_json_time(out, "look", s->dossier->has_look ? s->dossier->look.due_ms : 0);
    json_out_end(out, '}');
}

void story_json(const struct story *s, struct json_out *out)
{
    json_out_begin(out, '{');
    json_out_key(out, "person");
    dossier_json(s->dossier, out);
    json_out_key(out, "story");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n; i++) {
        json_out_begin(out, '{');
        person_json_time(out, "at", s->entries[i].at_ms);
        if (s->entries[i].is_event)
            put_event(out, &s->entries[i].event);
        else
            put_row(out, &s->entries[i]);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
    json_put_bool(out, "is_cut", s->is_cut);
    put_next(out, s);
    json_out_end(out, '}');
}
