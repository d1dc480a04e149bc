#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "cmd/dossier.h"
#include "cmd/entitlement_show.h"
#include "cmd/table.h"
#include "text/time.h"

enum { LINE_LIMIT = 64 * 1024, KEY_WIDTH = 18 };

/* Where the dossier is written, and how. */
struct page {
    FILE *to;
    const struct style *style;
    int64_t now_ms;
    struct arena *arena;
};

static void heading(const struct page *page, const char *text)
{
    (void)fprintf(page->to, "\n%s%s%s\n", style_begin(page->style, COLOUR_BOLD), text,
                  style_end(page->style, COLOUR_BOLD));
}

/* A line "key  value"; none for an empty value. */
static void put(const struct page *page, const char *key, struct span value)
{
    struct buf line;

    if (value.n == 0)
        return;
    buf_init(&line, LINE_LIMIT);
    style_add(&line, value);
    (void)fprintf(page->to, "  %-*s  %s\n", KEY_WIDTH, key, line.p);
    buf_done(&line);
}

static void put_ago(const struct page *page, const char *key, int64_t ms)
{
    struct buf line;

    if (ms <= 0)
        return;
    buf_init(&line, LINE_LIMIT);
    style_add_ago(&line, ms, page->now_ms);
    put(page, key, buf_span(&line));
    buf_done(&line);
}

static void put_state(const struct page *page, const struct person *p)
{
    enum colour colour = style_of_state(p->state);
    struct buf since;

    buf_init(&since, LINE_LIMIT);
    style_add_ago(&since, p->since_ms, page->now_ms);
    (void)fprintf(page->to, "  %-*s  %s%s%s since %s\n", KEY_WIDTH, "State",
                  style_begin(page->style, colour), person_state_name(p->state),
                  style_end(page->style, colour), since.p);
    buf_done(&since);
}

static void put_due(const struct page *page, const struct person *p)
{
    char attempts[24];

    if (p->state != PERSON_DUE)
        return;
    put_ago(page, dossier_grace_ends_ms(p) > 0 ? "Grace ends" : "Due", p->due_ms);
    if (p->attempts > 0) {
        (void)snprintf(attempts, sizeof(attempts), "%" PRId64 " in a row", p->attempts);
        put(page, "Failed attempts", span_of(attempts));
    }
}

static void put_leaving(const struct page *page, const struct person *p)
{
    const char *bound = dossier_bound(p);

    put_ago(page, "Left", p->left_ms);
    put(page, "Left because of", p->left_why);
    if (p->removal != REMOVAL_NONE)
        put(page, "Removal", span_of(dossier_removal(p->removal)));
    if (bound[0] != '\0')
        (void)fprintf(page->to, "  %-*s  [Connect] %s\n", KEY_WIDTH,
                      p->state == PERSON_HELD ? "Held at" : "Waits before", bound);
    put_ago(page, "On a contact since", p->contact_since_ms);
}

static void put_person(const struct page *page, const struct dossier *d)
{
    const struct person *p = &d->person;
    struct span name = open_user_name(d->o, p, page->arena);
    struct buf title;

    buf_init(&title, LINE_LIMIT);
    style_add(&title, name.n > 0 ? name : p->id);
    (void)fprintf(page->to, "%s%s%s\n", style_begin(page->style, COLOUR_BOLD), title.p,
                  style_end(page->style, COLOUR_BOLD));
    buf_done(&title);
    put(page, "Okta id", p->id);
    put(page, "Login", p->login);
    put(page, "Application name", p->app_user_name);
    put(page, "Display name", p->display_name);
    put(page, "Status in Okta", p->status);
    put_ago(page, "Read", p->read_ms);
    put_state(page, p);
    put(page, "Code", p->reason_code);
    put(page, "Reason", p->reason);
    put(page, "Cause", p->cause);
    put_due(page, p);
    put_leaving(page, p);
    if (!d->has_look)
        return;
    put_ago(page, "To be read again", d->look.due_ms);
    put(page, "Because of", d->look.cause);
}

/* ---- wanted ---- */

/* "Claims (8765…), now called 'Claims EU'" */
static struct span given_value(const struct page *page, const struct dossier_given *g)
{
    if (g->id.n == 0)
        return g->value;
    if (g->name_now.n == 0)
        return span_of(
            arena_printf(page->arena, "%.*s (%.*s)", SPAN_ARG(g->value), SPAN_ARG(g->id)));
    return span_of(arena_printf(page->arena, "%.*s (%.*s), now called '%.*s'", SPAN_ARG(g->value),
                                SPAN_ARG(g->id), SPAN_ARG(g->name_now)));
}

static void put_given(const struct page *page, const struct dossier *d)
{
    static const char *const titles[] = {"BY THE RULE", "KEY", "VALUE", NULL};
    struct table table;

    if (d->n_given == 0)
        return;
    table_init(&table, "  ", titles);
    for (size_t i = 0; i < d->n_given; i++) {
        const struct dossier_given *g = &d->given[i];

        table_add(&table, g->rule.n > 0 ? g->rule : SPAN("(the plain keys)"), COLOUR_NONE);
        table_add(&table, span_of(g->key), COLOUR_NONE);
        table_add(&table, given_value(page, g), g->name_now.n > 0 ? COLOUR_BAD : COLOUR_NONE);
    }
    table_print(&table, page->to, page->style);
    table_done(&table);
}

static void put_wanted(const struct page *page, const struct dossier *d)
{
    heading(page, "Wanted");
    if (!d->scope.is_in) {
        (void)fputs(d->scope.is_unsure
                        ? "  not known: Okta has not said what puts them in scope, nor that they "
                          "left\n"
                        : "  no agent: no rule matches, or the account is switched off\n",
                    page->to);
        return;
    }
    put(page, "Because of", d->scope.because);
    if (d->scope.is_suspended)
        (void)fputs("  suspended in Okta: no new agent, and one that is there is parked or kept\n",
                    page->to);
    if (d->is_wanted) {
        put(page, "User name", d->wanted.user_name);
        put(page, "First name", d->wanted.first_name);
        put(page, "Last name", d->wanted.last_name);
        put(page, "E-mail", d->wanted.email);
    } else if (span_eq(span_of(d->refusal.code), SPAN(REASON_NAMES_UNREAD))) {
        (void)fputs("  names below without an id have not been read from the instance yet\n",
                    page->to);
    } else {
        put(page, "Not possible", span_of(d->refusal.text));
    }
    put_given(page, d);
}

/* ---- there is ---- */

static void put_id(const struct page *page, const struct dossier *d, const char *key,
                   enum name_kind kind, struct span id)
{
    put(page, key, pinned_names_label(&d->o->pinned.names, kind, id, page->arena));
}

/* What the agent was last made or seen to be. */
static void put_has(const struct page *page, const struct dossier *d)
{
    const struct entitlement *e = &d->applied;

    put_ago(page, "Known since", d->person.applied_ms);
    put(page, "First name", e->first_name);
    put(page, "Last name", e->last_name);
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        put_id(page, d, i == 0 ? "Security profiles" : "", NAME_SECURITY_PROFILE,
               e->security_profile_ids[i]);
    put_id(page, d, "Routing profile", NAME_ROUTING_PROFILE, e->routing_profile_id);
    put_id(page, d, "Hierarchy group", NAME_HIERARCHY_GROUP, e->hierarchy_group_id);
    put(page, "Phone", e->phone.has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE"));
    put(page, "Desk phone", e->phone.desk_number);
    put(page, "Auto accept",
        entitlement_show_channels(&e->phone, e->phone.auto_accept, false, page->arena));
    put(page, "After contact work",
        entitlement_show_channels(&e->phone, e->phone.after_contact_work_s, true, page->arena));
    for (size_t i = 0; i < e->n_tags; i++)
        put(page, i == 0 ? "Tags" : "",
            span_of(arena_printf(page->arena, "%.*s=%.*s", SPAN_ARG(e->tags[i].key),
                                 SPAN_ARG(e->tags[i].value))));
    for (size_t i = 0; i < e->n_proficiencies; i++)
        put(page, i == 0 ? "Proficiencies" : "",
            entitlement_show_proficiency(&e->proficiencies[i], page->arena));
}

static void put_actual(const struct page *page, const struct dossier *d)
{
    const struct person *p = &d->person;

    heading(page, "There is");
    if (p->agent_id.n > 0) {
        put(page, "Agent", p->agent_id);
        put(page, "User name", p->agent_user_name);
        put(page, "ARN", p->agent_arn);
        put_ago(page, "Bound since", p->agent_since_ms);
        if (d->is_applied_known)
            put_has(page, d);
        else
            (void)fputs("  what it has is not known yet; Roster looks before it changes anything\n",
                        page->to);
    } else if (p->create_sent_ms == 0 && p->name_taken_ms == 0) {
        (void)fputs("  no agent that is known to be theirs\n", page->to);
    } else {
        (void)fputs("  perhaps an agent; Roster looks for it before it makes one\n", page->to);
        put_ago(page, "Open since", p->create_sent_ms);
        put_ago(page, "Name taken since", p->name_taken_ms);
    }
    put(page, "Former agent", p->old_agent_name);
    put(page, "", p->old_agent_id);
    put_ago(page, "Deleted", p->agent_deleted_ms);
    if (p->before_removal.n > 0)
        (void)fputs("  what it had before it was taken away is kept: 'roster show --json'\n",
                    page->to);
}

static void put_memberships(const struct page *page, const struct dossier *d)
{
    static const char *const titles[] = {"KIND", "MEMBER", "SAID AT", "ID", "NAME", NULL};
    struct table table;

    heading(page, "Okta said");
    if (d->n_memberships == 0) {
        (void)fputs("  nothing of an application or group that the rules name\n", page->to);
        return;
    }
    table_init(&table, "  ", titles);
    for (size_t i = 0; i < d->n_memberships; i++) {
        const struct membership *m = &d->memberships[i];

        table_add(&table, span_of(dossier_kind(m->kind)), COLOUR_NONE);
        table_add(&table, m->is_member ? SPAN("yes") : SPAN("no"),
                  m->is_member ? COLOUR_GOOD : COLOUR_BUSY);
        table_add_time(&table, m->published_ns / 1000000);
        table_add(&table, m->container.n > 0 ? m->container : SPAN("-"), COLOUR_NONE);
        table_add(&table, m->name, COLOUR_NONE);
    }
    table_print(&table, page->to, page->style);
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
    style_add(out, s->code);
    if (s->code.n > 0)
        buf_add_char(out, ' ');
    buf_printf(out, "in %.3f s", (double)(s->answered_ms - s->sent_ms) / 1000);
}

static void put_step(const struct page *page, const struct step_record *s)
{
    enum colour colour = outcome_colour(s->outcome);
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    style_add_time(&line, s->sent_ms);
    buf_printf(&line, "  %.*s: %s", SPAN_ARG(s->operation), style_begin(page->style, colour));
    style_add(&line, s->outcome);
    buf_printf(&line, "%s, ", style_end(page->style, colour));
    add_answer(&line, s);
    (void)fprintf(page->to, "  %s\n", line.p);
    buf_clear(&line);
    buf_add_str(&line, "because of: ");
    style_add(&line, s->cause);
    if (s->request_id.n > 0)
        buf_add_str(&line, "; request id: ");
    style_add(&line, s->request_id);
    (void)fprintf(page->to, "    %s\n", line.p);
    buf_clear(&line);
    style_add(&line, s->text);
    if (line.n > 0)
        (void)fprintf(page->to, "    %s\n", line.p);
    buf_done(&line);
}

static void print_facts(const struct page *page, const struct dossier *d)
{
    put_person(page, d);
    put_wanted(page, d);
    put_actual(page, d);
    put_memberships(page, d);
}

void dossier_print_facts(const struct dossier *d, FILE *to, const struct style *style,
                         int64_t now_ms)
{
    struct arena arena = {0};
    const struct page page = {to, style, now_ms, &arena};

    print_facts(&page, d);
    arena_done(&arena);
}

void dossier_print(const struct dossier *d, FILE *to, const struct style *style, int64_t now_ms)
{
    struct arena arena = {0};
    const struct page page = {to, style, now_ms, &arena};

    print_facts(&page, d);
    heading(&page, "Steps, newest first");
    if (d->n_steps == 0)
        (void)fputs("  none\n", to);
    for (size_t i = 0; i < d->n_steps; i++)
        put_step(&page, &d->steps[i]);
    if (d->n_steps == DOSSIER_STEPS)
        (void)fputs("  … older ones are in the store\n", to);
    arena_done(&arena);
}
