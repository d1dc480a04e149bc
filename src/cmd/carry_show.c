#include "cmd/carry_show.h"

#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "cmd/plan_print.h"

enum { STEPS_MOST = 50, LINE_LIMIT = 64 * 1024, BAR_WIDTH = 30, BAR_EVERY_MS = 200 };

void carry_show_init(struct carry_show *s, const struct carry_options *options)
{
    *s = (struct carry_show){.options = options, .began_ms = clock_mono_ms()};
    s->has_bar = isatty(fileno(options->invocation->err)) == 1;
    buf_init(&s->troubles, 1024 * 1024);
}

static void clear_bar(struct carry_show *s)
{
    if (s->has_bar)
        (void)fputs("\r\033[K", s->options->invocation->err);
}

/* ---- steps ---- */

static void print_step(struct carry_show *s, const struct person *p, const struct step_record *step)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    style_add(&line, person_label(p));
    buf_add_str(&line, "  ");
    style_add(&line, step->operation);
    buf_add_char(&line, ' ');
    style_add(&line, step->outcome);
    if (step->text.n > 0) {
        buf_add_str(&line, ": ");
        style_add(&line, step->text);
    }
    if (step->request_id.n > 0) {
        buf_add_str(&line, "  request ");
        style_add(&line, step->request_id);
    }
    (void)fprintf(s->options->invocation->out, "%s\n", line.p);
    buf_done(&line);
}

/* Those of this work, the oldest first. */
static void print_steps(struct carry_show *s, const struct person *p)
{
    struct step_record *steps;
    struct arena a = {0};
    size_t n = 0;

    if (store_steps(s->options->opened->store, &a, p->source, p->id, STEPS_MOST, &steps, &n,
                    NULL) != ERR_NONE)
        n = 0; /* it is only shown */
    while (n-- > 0)
        if (span_eq(steps[n].cause, s->options->cause) && steps[n].sent_ms >= s->options->since_ms)
            print_step(s, p, &steps[n]);
    arena_done(&a);
}

/* ---- people ---- */

static void add_until(struct buf *out, const char *before, int64_t until_ms)
{
    if (until_ms <= 0)
        return;
    buf_add_str(out, before);
    style_add_ago(out, until_ms, clock_wall_ms());
}

static void add_trouble(struct carry_show *s, const struct person *p,
                        const struct carry_trouble *trouble)
{
    if (s->n_troubles++ >= CARRY_TOLD_MOST)
        return;
    buf_add_str(&s->troubles, "  ");
    style_add(&s->troubles, person_label(p));
    buf_printf(&s->troubles, "  %s", trouble->state);
    if (p->reason.n > 0) {
        buf_add_str(&s->troubles, ": ");
        style_add(&s->troubles, p->reason);
    } else if (trouble->why != NULL) {
        buf_printf(&s->troubles, " %s", trouble->why);
    }
    add_until(&s->troubles, "; not before ", trouble->until_ms);
    buf_add_char(&s->troubles, '\n');
}

void carry_show_person(struct carry_show *s, const struct person *p,
                       const struct carry_trouble *trouble)
{
    clear_bar(s);
    if (!s->has_bar)
        print_steps(s, p);
    if (trouble->state != NULL)
        add_trouble(s, p, trouble);
}

void carry_show_pause(struct carry_show *s, const struct pause *pause)
{
    struct buf line;

    if (s->pauses++ > 0)
        return;
    clear_bar(s);
    buf_init(&line, LINE_LIMIT);
    style_add(&line, pause->operation);
    buf_add_str(&line, " is paused: ");
    style_add(&line, pause->reason);
    add_until(&line, "; tried again at ", pause->probe_ms);
    command_complain(s->options->invocation, "%s", line.p);
    buf_done(&line);
}

/* ---- the bar ---- */

static double left_s(const struct carry_show *s, int64_t over)
{
    double total = (double)s->options->total;
    double took = (double)(clock_mono_ms() - s->began_ms) / MS_PER_S;

    if (over == 0)
        return s->options->seconds;
    /* The first calls go at once, by the burst: the plan's estimate counts until there is enough to
     * go by. */
    if ((double)over < total / 20 && s->options->seconds > took)
        return s->options->seconds - took;
    return took * (total - (double)over) / (double)over;
}

void carry_show_progress(struct carry_show *s, const struct carry_result *r)
{
    int64_t over = r->done + r->failed + r->waits, total = s->options->total;
    int64_t filled = total <= 0 ? 0 : over * BAR_WIDTH / total;
    struct buf line;

    if (!s->has_bar || clock_mono_ms() - s->shown_ms < BAR_EVERY_MS)
        return;
    s->shown_ms = clock_mono_ms();
    buf_init(&line, LINE_LIMIT);
    buf_add_str(&line, "\r\033[K[");
    for (int64_t i = 0; i < BAR_WIDTH; i++)
        buf_add_char(&line, i < filled ? '#' : '.');
    buf_printf(&line, "] %" PRId64 " of %" PRId64 ", ", over, total);
    plan_add_duration(&line, left_s(s, over));
    buf_add_str(&line, " left");
    (void)fputs(line.p, s->options->invocation->err);
    (void)fflush(s->options->invocation->err); /* it is only shown */
    buf_done(&line);
}

void carry_show_end(struct carry_show *s, const struct carry_result *r, bool is_well)
{
    FILE *out = s->options->invocation->out;
    struct buf took;

    clear_bar(s);
    if (s->n_troubles > 0)
        (void)fprintf(out, "\nNot done, or not yet:\n%s", s->troubles.p);
    if (s->n_troubles > CARRY_TOLD_MOST)
        (void)fprintf(out, "  … and %" PRId64 " more; 'roster users' lists them\n",
                      s->n_troubles - CARRY_TOLD_MOST);
    if (is_well) {
        buf_init(&took, LINE_LIMIT);
        plan_add_duration(&took, (double)(clock_mono_ms() - s->began_ms) / MS_PER_S);
        (void)fprintf(out,
                      "\n%" PRId64 " done, %" PRId64 " failed or held, %" PRId64 " wait; took %s\n",
                      r->done, r->failed, r->waits, took.p);
        buf_done(&took);
    }
    buf_done(&s->troubles);
}
