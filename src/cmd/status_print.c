#include <inttypes.h>

#include "base/utf8.h"
#include "cmd/status.h"
#include "cmd/table.h"
#include "text/time.h"

enum { LINE_LIMIT = 8192, EXCERPT = 200, KEPT_SHOWN = 3 };

static void heading(FILE *to, const struct style *style, const char *text)
{
    (void)fprintf(to, "\n%s%s%s\n", style_begin(style, COLOUR_BOLD), text,
                  style_end(style, COLOUR_BOLD));
}

static void print_states(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"STATE", "#PEOPLE", "", NULL};
    struct table table;
    struct buf note;

    buf_init(&note, LINE_LIMIT);
    if (s->n_after_failure > 0)
        buf_printf(&note, "%" PRId64 " of them wait after a failure", s->n_after_failure);
    if (s->n_in_grace > 0)
        buf_printf(&note, "%s%" PRId64 " have left, and REMOVAL_GRACE runs", note.n > 0 ? "; " : "",
                   s->n_in_grace);
    table_init(&table, "", titles);
    for (int i = 0; i < PERSON_STATES; i++) {
        enum person_state state = (enum person_state)i;

        table_add(&table, span_of(person_state_name(state)),
                  s->counts.by_state[i] > 0 ? style_of_state(state) : COLOUR_FAINT);
        table_add_int(&table, s->counts.by_state[i]);
        table_add(&table, state == PERSON_DUE ? buf_span(&note) : SPAN(""), COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
    buf_done(&note);
}

static void print_line(FILE *to, const char *key, struct span value)
{
    (void)fprintf(to, "%-12s  %.*s\n", key, SPAN_ARG(value));
}

static void print_summary(const struct status *s, FILE *to)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    if (s->counts.oldest_due_since_ms == 0) {
        buf_add_str(&line, "nobody has to wait");
    } else {
        buf_add_str(&line, "the oldest has waited for ");
        time_add_duration(&line, s->now_ms - s->counts.oldest_due_since_ms);
    }
    (void)fputc('\n', to);
    print_line(to, "Queue", buf_span(&line));
    buf_clear(&line);
    style_add_ago(&line, s->counts.last_event_ms, s->now_ms);
    buf_printf(&line, "; %" PRId64 " in the store", s->counts.events);
    print_line(to, "Last event", buf_span(&line));
    buf_clear(&line);
    if (s->n_looks > 0) {
        buf_printf(&line, "%zu%s to be read in Okta", s->n_looks,
                   s->n_looks == STATUS_LOOKS ? " or more" : "");
        print_line(to, "Looks", buf_span(&line));
        buf_clear(&line);
    }
    if (s->engine_pid != 0) {
        buf_printf(&line, "runs as process %ld since ", s->engine_pid);
        style_add_ago(&line, s->engine_since_ms, s->now_ms);
    } else {
        buf_add_str(&line, "is not seen running here; what is due waits for 'roster serve'");
    }
    print_line(to, "Daemon", buf_span(&line));
    buf_done(&line);
}

static void print_ago(const struct status *s, FILE *to, const char *key, int64_t ms,
                      const char *before, const char *behind, struct span detail)
{
    struct buf line;

    if (ms <= 0)
        return;
    buf_init(&line, LINE_LIMIT);
    buf_add_str(&line, before);
    style_add_ago(&line, ms, s->now_ms);
    buf_add_str(&line, behind);
    style_add(&line, detail);
    print_line(to, key, buf_span(&line));
    buf_done(&line);
}

static void print_okta(const struct status *s, FILE *to)
{
    const struct okta_health *h = &s->okta;
    char count[64];

    if (h->has_hook && h->delivered_ms == 0)
        print_line(to, "Event hook", SPAN("has not delivered anything yet"));
    else if (h->has_hook)
        print_ago(s, to, "Event hook", h->delivered_ms, "delivered ", "", SPAN(""));
    (void)snprintf(count, sizeof(count), "%" PRId64 " deliveries failed, the last ", h->failed);
    print_ago(s, to, "", h->failed_ms, count, ": ", h->failed_reason);
    (void)snprintf(count, sizeof(count), "%" PRId64 " events came by the log alone, the last ",
                   h->missed);
    print_ago(s, to, "", h->missed_ms, count, ": ", h->missed_type);
    print_ago(s, to, "System Log", h->log_read_ms, "read ", "", SPAN(""));
    print_ago(s, to, "Rate limit", h->limited_ms, "Okta warned ", ": ", h->limited_reason);
}

static void print_things(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"IN OKTA", "NAME", "IS", "SINCE", "ID", NULL};
    struct table table;

    if (s->okta.n_things == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->okta.n_things; i++) {
        table_add(&table, s->okta.things[i].kind, COLOUR_NONE);
        table_add(&table, s->okta.things[i].name, COLOUR_NONE);
        table_add(&table, s->okta.things[i].state, COLOUR_BAD);
        table_add_time(&table, s->okta.things[i].since_ms);
        table_add(&table, s->okta.things[i].id, COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
}

/* What is held at the bounds, and what is called otherwise than the rules say. */
static void print_bounds(const struct status *s, FILE *to)
{
    if (s->n_removals > 0 || s->removals_why.n > 0)
        (void)fprintf(to, "%-12s  shut, %" PRId64 " held: 'roster held'\n", "Removals",
                      s->n_removals);
    if (s->n_changes > 0 || s->changes_why.n > 0)
        (void)fprintf(to, "%-12s  shut, %" PRId64 " held: 'roster held'\n", "Changes",
                      s->n_changes);
    if (s->n_unsure > 0)
        (void)fprintf(to, "%-12s  %" PRId64 " held, not sure to have left: 'roster held'\n",
                      "Unsure", s->n_unsure);
}

static void print_pins(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"RENAMED", "IN THE RULES", "CALLED NOW", "ID", NULL};
    struct table table;

    if (s->n_pins == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->n_pins; i++) {
        table_add(&table, span_of(name_kind_word((enum name_kind)s->pins[i].kind)), COLOUR_NONE);
        table_add(&table, s->pins[i].name, COLOUR_NONE);
        table_add(&table, s->pins[i].name_now, COLOUR_BAD);
        table_add(&table, s->pins[i].id, COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
}

static void print_calls(const struct status *s, const struct settings *settings, FILE *to,
                        const struct style *style)
{
    static const char *const titles[] = {"CALLS",   "#SENT",   "#THROTTLED",
                                         "#FAILED", "CEILING", NULL};
    struct table table;

    if (s->n_calls == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->n_calls; i++) {
        const struct call_count *c = &s->calls[i];
        char ceiling[64];

        (void)snprintf(ceiling, sizeof(ceiling), "%g a second, burst %g",
                       rate_limits_for(&settings->rate, c->operation),
                       rate_limits_for(&settings->burst, c->operation));
        table_add(&table, c->operation, COLOUR_NONE);
        table_add_int(&table, c->sent);
        table_add_int(&table, c->throttled);
        table_add_int(&table, c->failed);
        table_add(&table, span_of(ceiling), COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
}

static void print_pauses(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"PAUSED", "SINCE", "NEXT PROBE", "CODE", NULL};
    struct table table;

    if (s->n_pauses == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->n_pauses; i++) {
        table_add(&table, s->pauses[i].operation, COLOUR_BAD);
        table_add_time(&table, s->pauses[i].since_ms);
        table_add_time(&table, s->pauses[i].probe_ms);
        table_add(&table, s->pauses[i].code, COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
}

static void print_errors(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"LAST ERRORS", "OPERATION", "OKTA ID",
                                         "CODE",        "ERROR",     NULL};
    struct table table;

    if (s->n_errors == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->n_errors; i++) {
        const struct step_record *e = &s->errors[i];

        table_add_time(&table, e->answered_ms);
        table_add(&table, e->operation, COLOUR_NONE);
        table_add(&table, e->user_id.n > 0 ? e->user_id : SPAN("-"), COLOUR_NONE);
        table_add(&table, e->code.n > 0 ? e->code : SPAN("-"), COLOUR_NONE);
        table_add(&table, e->text, COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
}

static void print_skips(const struct status *s, FILE *to, const struct style *style)
{
    static const char *const titles[] = {"EVENTS SKIPPED", "#EVENTS", NULL};
    struct table table;

    if (s->n_skips == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < s->n_skips; i++) {
        table_add(&table, s->skips[i].reason, COLOUR_NONE);
        table_add_int(&table, s->skips[i].n);
    }
    table_print(&table, to, style);
    table_done(&table);
}

static void print_kept_body(const struct kept_body *k, FILE *to)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    style_add_time(&line, k->received_ms);
    buf_printf(&line, "  %" PRId64 " bytes, ", k->size);
    style_add(&line, k->why);
    (void)fprintf(to, "%s\n", line.p);
    buf_clear(&line);
    style_add(&line, (struct span){k->body.p, k->body.n < EXCERPT ? k->body.n : EXCERPT});
    (void)fprintf(to, "    %s%s\n", line.p, k->body.n > EXCERPT ? " …" : "");
    buf_done(&line);
}

static void print_kept(const struct status *s, FILE *to, const struct style *style)
{
    if (s->n_kept == 0)
        return;
    heading(to, style, "Bodies kept aside (authenticated, and no delivery)");
    for (size_t i = 0; i < s->n_kept && i < KEPT_SHOWN; i++)
        print_kept_body(&s->kept[i], to);
    if (s->n_kept > KEPT_SHOWN)
        (void)fprintf(to, "… and %zu more\n", s->n_kept - KEPT_SHOWN);
    (void)fputs("'roster status --json --kept' shows them whole\n", to);
}

void status_print_needs(const struct status *s, FILE *to, const struct style *style)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < s->n_needs; i++) {
        buf_clear(&line);
        style_add(&line, span_of(s->needs[i]));
        (void)fprintf(to, "%s%s%s\n", style_begin(style, COLOUR_BAD), line.p,
                      style_end(style, COLOUR_BAD));
    }
    buf_done(&line);
}

void status_print(const struct status *s, const struct settings *settings, FILE *to,
                  const struct style *style)
{
    print_states(s, to, style);
    print_summary(s, to);
    print_okta(s, to);
    print_bounds(s, to);
    print_calls(s, settings, to, style);
    print_pauses(s, to, style);
    print_pins(s, to, style);
    print_things(s, to, style);
    print_errors(s, to, style);
    print_skips(s, to, style);
    print_kept(s, to, style);
    if (s->n_needs > 0)
        heading(to, style, "A person is needed");
    status_print_needs(s, to, style);
}
