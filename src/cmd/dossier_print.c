#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd/dossier.h"
#include "cmd/table.h"
#include "text/time.h"

enum { LINE_LIMIT = 64 * 1024, KEY_WIDTH = 18 };

/* Where the dossier is written, and how. */
struct page {
    FILE *to;
    const struct look *look;
    int64_t now_ms;
};

static void heading(const struct page *page, const char *text)
{
    (void)fprintf(page->to, "\n%s%s%s\n", look_begin(page->look, COLOUR_BOLD), text,
                  look_end(page->look, COLOUR_BOLD));
}

/* A line "key  value"; none for an empty value. */
static void put(const struct page *page, const char *key, struct span value)
{
    struct buf line;

    if (value.n == 0)
        return;
    buf_init(&line, LINE_LIMIT);
    look_add(&line, value);
    (void)fprintf(page->to, "  %-*s  %s\n", KEY_WIDTH, key, line.p);
    buf_done(&line);
}

static void put_ago(const struct page *page, const char *key, int64_t ms)
{
    struct buf line;

    if (ms <= 0)
        return;
    buf_init(&line, LINE_LIMIT);
    look_add_ago(&line, ms, page->now_ms);
    put(page, key, buf_span(&line));
    buf_done(&line);
}

static void put_state(const struct page *page, const struct person *p)
{
    enum colour colour = look_of_state(p->state);
    struct buf since;

    buf_init(&since, LINE_LIMIT);
    look_add_ago(&since, p->since_ms, page->now_ms);
    (void)fprintf(page->to, "  %-*s  %s%s%s since %s\n", KEY_WIDTH, "State",
                  look_begin(page->look, colour), person_state_name(p->state),
                  look_end(page->look, colour), since.p);
    buf_done(&since);
}

static void put_person(const struct page *page, const struct person *p)
{
    char attempts[24];
    struct buf title;

    buf_init(&title, LINE_LIMIT);
    look_add(&title, person_user_name(p).n > 0 ? person_user_name(p) : p->id);
    (void)fprintf(page->to, "%s%s%s\n", look_begin(page->look, COLOUR_BOLD), title.p,
                  look_end(page->look, COLOUR_BOLD));
    buf_done(&title);
    put(page, "Okta id", p->id);
    put(page, "Login", p->login);
    put(page, "Application name", p->app_user_name);
    put(page, "Display name", p->display_name);
    put_state(page, p);
    put(page, "Code", p->reason_code);
    put(page, "Reason", p->reason);
    put(page, "Cause", p->cause);
    if (p->state != PERSON_DUE)
        return;
    put_ago(page, "Due", p->due_ms);
    if (p->attempts > 0) {
        (void)snprintf(attempts, sizeof(attempts), "%" PRId64 " in a row", p->attempts);
        put(page, "Failed attempts", span_of(attempts));
    }
}

static void put_profiles(const struct page *page, const struct entitlement *e)
{
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        put(page, i == 0 ? "Security profiles" : "", e->security_profile_ids[i]);
}

static void put_wanted(const struct page *page, const struct dossier *d)
{
    heading(page, "Wanted");
    if (!d->scope.is_in) {
        (void)fputs(
            "  no agent: no membership that the rules name, or the account is switched off\n",
            page->to);
        return;
    }
    put(page, "Because of", d->scope.because);
    if (!d->is_wanted) {
        put(page, "Not possible", span_of(d->refusal.text));
        return;
    }
    put(page, "User name", d->wanted.user_name);
    put(page, "First name", d->wanted.first_name);
    put(page, "Last name", d->wanted.last_name);
    put_profiles(page, &d->wanted);
    put(page, "Routing profile", d->wanted.routing_profile_id);
    put(page, "Phone", d->wanted.has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE"));
}

static void put_actual(const struct page *page, const struct person *p)
{
    heading(page, "There is");
    if (p->agent_id.n > 0) {
        put(page, "Agent", p->agent_id);
        put(page, "User name", p->agent_user_name);
        put(page, "ARN", p->agent_arn);
        put_ago(page, "Bound since", p->agent_since_ms);
    } else if (p->create_sent_ms == 0 && p->name_taken_ms == 0) {
        (void)fputs("  no agent that is known to be theirs\n", page->to);
    } else {
        (void)fputs("  perhaps an agent; Roster looks for it before it makes one\n", page->to);
        put_ago(page, "Open since", p->create_sent_ms);
        put_ago(page, "Name taken since", p->name_taken_ms);
    }
}

static const char *kind_name(enum membership_kind kind)
{
    return kind == MEMBERSHIP_APP ? "application" : kind == MEMBERSHIP_GROUP ? "group" : "account";
}

static void put_memberships(const struct page *page, const struct dossier *d)
{
    static const char *const titles[] = {"KIND", "MEMBER", "SAID AT", "ID", "NAME", NULL};
    struct table table;

    heading(page, "Okta said");
    if (d->n_memberships == 0)
        (void)fputs("  nothing of an application or group that the rules name\n", page->to);
    if (d->n_memberships == 0)
        return;
    table_init(&table, "  ", titles);
    for (size_t i = 0; i < d->n_memberships; i++) {
        const struct membership *m = &d->memberships[i];

        table_add(&table, span_of(kind_name(m->kind)), COLOUR_NONE);
        table_add(&table, m->is_member ? SPAN("yes") : SPAN("no"),
                  m->is_member ? COLOUR_GOOD : COLOUR_BUSY);
        table_add_time(&table, m->published_ns / 1000000);
        table_add(&table, m->container.n > 0 ? m->container : SPAN("-"), COLOUR_NONE);
        table_add(&table, m->name, COLOUR_NONE);
    }
    table_print(&table, page->to, page->look);
    table_done(&table);
}

static enum colour outcome_colour(struct span outcome)
{
    if (span_eq(outcome, SPAN("done")))
        return COLOUR_GOOD;
    return span_eq(outcome, SPAN("failed")) ? COLOUR_BAD : COLOUR_BUSY;
}

/* "200 in 0.123 s", "409 DuplicateResourceException in 0.05 s" */
static void add_answer(struct buf *out, const struct step_record *s)
{
    if (s->answered_ms == 0) {
        buf_add_str(out, "no answer known");
        return;
    }
    if (s->status != 0)
        buf_printf(out, "%" PRId64 " ", s->status);
    look_add(out, s->code);
    if (s->code.n > 0)
        buf_add_char(out, ' ');
    buf_printf(out, "in %.3f s", (double)(s->answered_ms - s->sent_ms) / 1000);
}

static void put_step(const struct page *page, const struct step_record *s)
{
    enum colour colour = outcome_colour(s->outcome);
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    look_add_time(&line, s->sent_ms);
    buf_printf(&line, "  %.*s: %s", SPAN_ARG(s->operation), look_begin(page->look, colour));
    look_add(&line, s->outcome);
    buf_printf(&line, "%s, ", look_end(page->look, colour));
    add_answer(&line, s);
    (void)fprintf(page->to, "  %s\n", line.p);
    buf_clear(&line);
    buf_add_str(&line, "because of: ");
    look_add(&line, s->cause);
    if (s->request_id.n > 0)
        buf_add_str(&line, "; request id: ");
    look_add(&line, s->request_id);
    (void)fprintf(page->to, "    %s\n", line.p);
    buf_clear(&line);
    look_add(&line, s->text);
    if (line.n > 0)
        (void)fprintf(page->to, "    %s\n", line.p);
    buf_done(&line);
}

void dossier_print(const struct dossier *d, FILE *to, const struct look *look, int64_t now_ms)
{
    const struct page page = {to, look, now_ms};

    put_person(&page, &d->person);
    put_wanted(&page, d);
    put_actual(&page, &d->person);
    put_memberships(&page, d);
    heading(&page, "Steps, newest first");
    if (d->n_steps == 0)
        (void)fputs("  none\n", to);
    for (size_t i = 0; i < d->n_steps; i++)
        put_step(&page, &d->steps[i]);
    if (d->n_steps == DOSSIER_STEPS)
        (void)fputs("  … older ones are in the store\n", to);
}
