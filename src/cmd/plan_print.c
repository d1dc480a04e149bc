#include "cmd/plan_print.h"

#include <inttypes.h>

#include "base/buf.h"
#include "text/json.h"

enum { LINE_LIMIT = 1024 * 1024, NAME_WIDTH = 22 };

static const struct group {
    enum drift_action action;
    enum colour colour;
    const char *sign, *title;
} groups[] = {
    {DRIFT_CREATE, COLOUR_GOOD, "+", "to be created"},
    {DRIFT_ADOPT, COLOUR_GOOD, "<", "to be adopted"},
    {DRIFT_UPDATE, COLOUR_BUSY, "~", "to be changed"},
    {DRIFT_PARK, COLOUR_BUSY, "=", "to be parked"},
    {DRIFT_DELETE, COLOUR_BAD, "-", "to be deleted"},
    {DRIFT_HELD, COLOUR_BAD, "!", "held: a person has to look"},
    {DRIFT_UNMANAGED, COLOUR_FAINT, "?", "not managed by Roster, and never changed"},
    {DRIFT_UNCHANGED, COLOUR_FAINT, " ", "left as they are"},
};

struct printing {
    struct proposal *p;
    FILE *to;
    const struct style *style;
    struct buf line;
};

/* ---- durations ---- */

void plan_add_duration(struct buf *out, double seconds)
{
    int64_t s = (int64_t)(seconds + 0.999);

    if (s >= 3600)
        buf_printf(out, "%" PRId64 " h %" PRId64 " min", s / 3600, s % 3600 / 60);
    else if (s >= 60)
        buf_printf(out, "%" PRId64 " min %" PRId64 " s", s / 60, s % 60);
    else
        buf_printf(out, "%" PRId64 " s", s);
}

/* ---- one change ---- */

static void add_value(struct buf *out, struct span value)
{
    if (value.p == NULL)
        buf_add_str(out, "none");
    else
        style_add(out, value);
}

static void print_field(struct printing *w, const struct json *field)
{
    struct span name = json_str(field, "name"), from = json_str(field, "from");

    buf_clear(&w->line);
    buf_add_str(&w->line, "        ");
    style_add(&w->line, name);
    for (size_t i = name.n; i < NAME_WIDTH; i++)
        buf_add_char(&w->line, ' ');
    buf_add_char(&w->line, ' ');
    if (from.p != NULL) {
        add_value(&w->line, from);
        buf_add_str(&w->line, " → ");
    }
    add_value(&w->line, json_str(field, "to"));
    if (json_bool(field, "not_read", false))
        buf_add_str(&w->line, "  (not read: as it was last applied)");
    (void)fprintf(w->to, "%s\n", w->line.p);
}

static void print_change(struct printing *w, const struct group *g, const struct scan_change *c)
{
    struct json *fields;

    buf_clear(&w->line);
    buf_printf(&w->line, "  %s%s%s ", style_begin(w->style, g->colour), g->sign,
               style_end(w->style, g->colour));
    style_add(&w->line, c->user);
    if (c->because.n > 0) {
        buf_add_str(&w->line, "  ");
        buf_add_str(&w->line, style_begin(w->style, COLOUR_FAINT));
        style_add(&w->line, c->because);
        buf_add_str(&w->line, style_end(w->style, COLOUR_FAINT));
    }
    if (c->not_before_ms != 0) {
        buf_add_str(&w->line, "; not before ");
        style_add_time(&w->line, c->not_before_ms);
        buf_add_str(&w->line, " ([Connect] REMOVAL_GRACE)");
    }
    (void)fprintf(w->to, "%s\n", w->line.p);
    if (g->action == DRIFT_HELD || json_parse(c->body, &fields, NULL) != ERR_NONE)
        return;
    for (size_t i = 0; i < json_count(fields, ""); i++)
        print_field(w, json_item(fields, "", i));
    json_free(fields);
}

/* ---- groups ---- */

static enum err print_group(struct printing *w, const struct group *g, int64_t most,
                            struct fail *fail)
{
    int64_t n = w->p->count[g->action], shown = 0;
    bool has = true;
    enum err err = scan_changes_first(w->p->options.scan, g->action, fail);

    if (g->action == DRIFT_UNCHANGED) /* most of them have nothing to tell */
        n -= w->p->unchanged;
    if (n == 0)
        return err;
    (void)fprintf(w->to, "%s%" PRId64 " %s%s\n", style_begin(w->style, COLOUR_BOLD), n, g->title,
                  style_end(w->style, COLOUR_BOLD));
    while (err == ERR_NONE && has && shown < most) {
        struct scan_change change;
        struct arena a = {0};

        err = scan_changes_next(w->p->options.scan, &a, &change, &has, fail);
        if (err == ERR_NONE && has) {
            print_change(w, g, &change);
            shown++;
        }
        arena_done(&a);
    }
    if (shown < n)
        (void)fprintf(w->to, "    … and %" PRId64 " more; --json tells all of them\n", n - shown);
    (void)fputc('\n', w->to);
    return err;
}

static void print_guards(struct printing *w)
{
    for (size_t i = 0; i < w->p->n_guards; i++) {
        const struct proposal_guard *g = &w->p->guards[i];

        buf_clear(&w->line);
        style_add(&w->line, g->message);
        (void)fprintf(w->to, "%s%s%s: %s\n", style_begin(w->style, COLOUR_BAD), g->name,
                      style_end(w->style, COLOUR_BAD), w->line.p);
    }
    if (w->p->n_guards > 0)
        (void)fputc('\n', w->to);
}

static void print_totals(struct printing *w)
{
    const int64_t *n = w->p->count;

    buf_clear(&w->line);
    buf_printf(&w->line,
               "%" PRId64 " to create, %" PRId64 " to change, %" PRId64 " to park, %" PRId64
               " to delete, %" PRId64 " to adopt; %" PRId64 " held, %" PRId64 " unchanged, %" PRId64
               " unmanaged",
               n[DRIFT_CREATE], n[DRIFT_UPDATE], n[DRIFT_PARK], n[DRIFT_DELETE], n[DRIFT_ADOPT],
               n[DRIFT_HELD], n[DRIFT_UNCHANGED], n[DRIFT_UNMANAGED]);
    (void)fprintf(w->to, "%s%s%s\n", style_begin(w->style, COLOUR_BOLD), w->line.p,
                  style_end(w->style, COLOUR_BOLD));
    if (!proposal_has_changes(w->p)) {
        (void)fputs("Nothing is to be done.\n", w->to);
        return;
    }
    buf_clear(&w->line);
    buf_printf(&w->line, "%" PRId64 " call%s, ", w->p->calls, w->p->calls == 1 ? "" : "s");
    plan_add_duration(&w->line, w->p->seconds);
    (void)fprintf(w->to, "%s\n", w->line.p);
}

enum err plan_print(struct proposal *p, FILE *to, const struct style *style, bool is_short,
                    struct fail *fail)
{
    struct printing w = {.p = p, .to = to, .style = style};
    enum err err = ERR_NONE;

    buf_init(&w.line, LINE_LIMIT);
    for (size_t i = 0; err == ERR_NONE && i < sizeof(groups) / sizeof(groups[0]); i++)
        err = print_group(&w, &groups[i], is_short ? PLAN_SHOWN_MOST : INT64_MAX, fail);
    if (err == ERR_NONE) {
        print_guards(&w);
        print_totals(&w);
    }
    buf_done(&w.line);
    return err;
}

/* ---- for programs ---- */

static void put_text(struct json_out *out, const char *key, struct span text)
{
    json_put_str(out, key, text.n > 0 ? text : (struct span){NULL, 0});
}

static void put_time(struct json_out *out, int64_t ms)
{
    struct buf text;

    buf_init(&text, 64);
    style_add_time(&text, ms);
    json_out_str(out, buf_span(&text));
    buf_done(&text);
}

static void json_change(struct buf *line, const struct scan_change *c)
{
    const char *steps[COURSE_STEPS];
    struct json_out out = json_out(line);
    size_t n = proposal_steps(c, steps);

    json_out_begin(&out, '{');
    put_text(&out, "user", c->user);
    put_text(&out, "okta_id", c->user_id);
    put_text(&out, "agent_id", c->agent_id);
    json_put_str(&out, "action", span_of(drift_action_name((enum drift_action)c->action)));
    json_put_str(&out, "because", c->because);
    json_out_key(&out, "fields");
    json_out_raw(&out, c->body);
    json_out_key(&out, "steps");
    json_out_begin(&out, '[');
    for (size_t i = 0; i < n; i++)
        json_out_str(&out, span_of(steps[i]));
    json_out_end(&out, ']');
    if (c->not_before_ms != 0) {
        json_out_key(&out, "not_before");
        put_time(&out, c->not_before_ms);
    }
    json_out_end(&out, '}');
}

static enum err json_changes(struct proposal *p, FILE *to, struct buf *line, struct fail *fail)
{
    bool is_first = true;
    enum err err = ERR_NONE;

    for (int action = 0; err == ERR_NONE && action < DRIFT_UNCHANGED; action++) {
        bool has = true;

        err = scan_changes_first(p->options.scan, action, fail);
        while (err == ERR_NONE && has) {
            struct scan_change change;
            struct arena a = {0};

            err = scan_changes_next(p->options.scan, &a, &change, &has, fail);
            if (err == ERR_NONE && has) {
                buf_clear(line);
                json_change(line, &change);
                (void)fprintf(to, "%s\n%s", is_first ? "" : ",", line->p);
                is_first = false;
            }
            arena_done(&a);
        }
    }
    return err;
}

static void json_head(const struct proposal *p, struct buf *line, int64_t read_us,
                      int64_t compare_us)
{
    struct json_out out = json_out(line);

    json_out_begin(&out, '{');
    json_out_key(&out, "summary");
    json_out_begin(&out, '{');
    for (int action = 0; action < DRIFT_ACTIONS; action++)
        json_put_int(&out, drift_action_name((enum drift_action)action), p->count[action]);
    json_out_end(&out, '}');
    json_put_int(&out, "calls", p->calls);
    json_out_key(&out, "seconds");
    json_out_real(&out, p->seconds);
    json_out_key(&out, "cpu_ms");
    json_out_begin(&out, '{');
    json_put_int(&out, "read", read_us / 1000);
    json_put_int(&out, "compare", compare_us / 1000);
    json_out_end(&out, '}');
    json_out_key(&out, "guards");
    json_out_begin(&out, '[');
    for (size_t i = 0; i < p->n_guards; i++) {
        json_out_begin(&out, '{');
        json_put_str(&out, "name", span_of(p->guards[i].name));
        json_put_str(&out, "message", p->guards[i].message);
        json_out_end(&out, '}');
    }
    json_out_end(&out, ']');
    json_out_key(&out, "changes");
}

enum err plan_print_json(struct proposal *p, FILE *to, int64_t read_us, int64_t compare_us,
                         struct fail *fail)
{
    struct buf line;
    enum err err;

    buf_init(&line, LINE_LIMIT);
    json_head(p, &line, read_us, compare_us);
    (void)fprintf(to, "%s[", line.p);
    err = json_changes(p, to, &line, fail);
    (void)fputs("]}\n", to);
    buf_done(&line);
    return err;
}
