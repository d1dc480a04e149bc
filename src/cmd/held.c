#include "cmd/held.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/person_json.h"
#include "cmd/table.h"

enum { LINE_LIMIT = 8192, REASON_LIMIT = 16 * 1024 };

/* ---- reading ---- */

struct gathering {
    struct opened *o;
    struct held *held;
    struct person *people;
    size_t room;
};

static bool add(void *arg, const struct person *p)
{
    struct gathering *r = arg;
    struct held *h = r->held;
    enum gate gate = release_gate_of(p);

    if (gate == GATE_NONE) {
        h->n_elsewhere++;
        return true;
    }
    if (h->n == r->room) {
        r->room = r->room == 0 ? 64 : 2 * r->room;
        r->people = mem_grow(r->people, r->room, sizeof(*r->people));
    }
    r->people[h->n++] = person_copy(&r->o->arena, p);
    if (span_eq(p->reason_code, SPAN(REASON_UNSURE)))
        h->n_unsure++;
    else
        h->bounds[gate == GATE_CHANGES].n_held++;
    return true;
}

static bool add_grace(void *arg, const struct person *p)
{
    struct held *h = arg;

    if (!span_eq(p->reason_code, SPAN(REASON_GRACE)))
        return true;
    h->n_in_grace++;
    if (h->grace_ends_ms == 0 || p->due_ms < h->grace_ends_ms)
        h->grace_ends_ms = p->due_ms;
    return true;
}

static enum err read_bound(struct opened *o, enum gate gate, int64_t now_ms, struct held_bound *out,
                           struct fail *fail)
{
    struct held_bound b = {.gate = gate,
                           .bound = gate == GATE_CHANGES ? o->settings->max_changes
                                                         : o->settings->max_removals};
    enum err err = store_passages(o->store, gate, now_ms - GUARD_WINDOW_MS, &b.passed, fail);

    if (err == ERR_NONE)
        err = store_managed_count(o->store, &b.managed, fail);
    if (err == ERR_NONE)
        err = store_note_get(o->store, &o->arena, release_note_name(gate), &b.why, fail);
    b.allowed = guard_allowed(&b.bound, b.managed);
    *out = b;
    return err;
}

/* Removals first, then those that are unsure, then changes; within them by login. */
static int rank(const struct person *p)
{
    if (release_gate_of(p) == GATE_CHANGES)
        return 2;
    return span_eq(p->reason_code, SPAN(REASON_UNSURE)) ? 1 : 0;
}

static int by_rank(const void *a, const void *b)
{
    const struct person *p = a, *q = b;
    int difference = rank(p) - rank(q);

    if (difference == 0)
        difference = span_cmp(p->login, q->login);
    return difference != 0 ? difference : span_cmp(p->id, q->id);
}

enum err held_read(struct opened *o, int64_t now_ms, struct held *out, struct fail *fail)
{
    static const enum gate gates[HELD_BOUNDS] = {GATE_REMOVALS, GATE_CHANGES};
    struct held h = {.n = 0};
    struct gathering r = {.o = o, .held = &h};
    enum err err = ERR_NONE;

    for (size_t i = 0; err == ERR_NONE && i < HELD_BOUNDS; i++)
        err = read_bound(o, gates[i], now_ms, &h.bounds[i], fail);
    if (err == ERR_NONE)
        err = store_people_each(o->store, PERSON_HELD, add, &r, fail);
    if (err == ERR_NONE)
        err = store_people_each(o->store, PERSON_DUE, add_grace, &h, fail);
    if (err == ERR_NONE && h.n > 0) {
        struct person *kept = arena_new(&o->arena, h.n, sizeof(*kept));

        memcpy(kept, r.people, h.n * sizeof(*kept));
        qsort(kept, h.n, sizeof(*kept), by_rank);
        h.people = kept;
    }
    free(r.people);
    if (err == ERR_NONE)
        *out = h;
    return err;
}

/* What would happen to the person if it passed: "delete the agent", … */
static const char *held_deed(const struct person *p, const struct rules *rules)
{
    if (release_gate_of(p) == GATE_CHANGES)
        return "change the agent's profiles";
    if (p->left_ms == 0)
        return p->old_agent_id.n > 0 ? "delete the former agent" : "park the agent";
    switch (rules->on_remove) {
    case REMOVE_DELETE:
        return "delete the agent";
    case REMOVE_DISABLE:
        return "park the agent";
    case REMOVE_KEEP:
        break;
    }
    return "keep the agent";
}

/* ---- for people ---- */

static const char *noun(const struct held_bound *b)
{
    return b->gate == GATE_CHANGES ? "changes of profiles" : "removals";
}

static void add_numbers(struct buf *line, const struct held_bound *b)
{
    buf_printf(line, "[Connect] %s: ", release_setting(b->gate));
    if (b->allowed == INT64_MAX)
        buf_add_str(line, "no bound");
    else
        buf_printf(line, "at most %" PRId64 " %s an hour with %" PRId64 " agents", b->allowed,
                   noun(b), b->managed);
    buf_printf(line, "; %" PRId64 " in the last hour, %" PRId64 " held", b->passed, b->n_held);
}

static void print_bound(const struct held_bound *b, FILE *to, const struct style *style)
{
    struct buf line;

    buf_init(&line, REASON_LIMIT);
    add_numbers(&line, b);
    (void)fprintf(to, "%s\n", line.p);
    buf_clear(&line);
    if (b->why.n > 0) {
        style_add(&line, b->why);
        (void)fprintf(to, "  %sshut%s: %s\n", style_begin(style, COLOUR_BAD),
                      style_end(style, COLOUR_BAD), line.p);
    }
    buf_done(&line);
}

static const char *bound_word(const struct person *p)
{
    return span_eq(p->reason_code, SPAN(REASON_UNSURE)) ? "unsure"
                                                        : release_setting(release_gate_of(p));
}

static void print_people(const struct held *h, const struct opened *o, FILE *to,
                         const struct style *style)
{
    static const char *const titles[] = {"USER",     "OKTA ID", "HELD AT", "SINCE",
                                         "IT WOULD", "BECAUSE", NULL};
    struct arena a = {0};
    struct table table;

    if (h->n == 0)
        return;
    (void)fputc('\n', to);
    table_init(&table, "", titles);
    for (size_t i = 0; i < h->n; i++) {
        const struct person *p = &h->people[i];

        table_add(&table, open_user_name(o, p, &a), COLOUR_NONE);
        table_add(&table, p->id, COLOUR_NONE);
        table_add(&table, span_of(bound_word(p)), COLOUR_BAD);
        table_add_time(&table, p->since_ms);
        table_add(&table, span_of(held_deed(p, o->rules)), COLOUR_NONE);
        table_add(&table, p->left_why.n > 0 ? p->left_why : p->cause, COLOUR_NONE);
    }
    table_print(&table, to, style);
    table_done(&table);
    arena_done(&a);
    (void)fputs("\n'roster release USER' or '--all' lets it happen; 'roster reject USER' or "
                "'--all' does not.\n",
                to);
}

static void print_rest(const struct held *h, FILE *to)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    if (h->n_in_grace > 0) {
        buf_printf(&line,
                   "%" PRId64 " more %s left; [Connect] REMOVAL_GRACE runs, for the first "
                   "until ",
                   h->n_in_grace, h->n_in_grace == 1 ? "has" : "have");
        style_add_time(&line, h->grace_ends_ms);
        buf_add_char(&line, '\n');
    }
    if (h->n_elsewhere > 0)
        buf_printf(&line, "%" PRId64 " %s held for other reasons: 'roster users --state held'\n",
                   h->n_elsewhere, h->n_elsewhere == 1 ? "is" : "are");
    if (line.n > 0)
        (void)fprintf(to, "\n%s", line.p);
    buf_done(&line);
}

void held_print(const struct held *h, const struct opened *o, FILE *to, const struct style *style)
{
    for (size_t i = 0; i < HELD_BOUNDS; i++)
        print_bound(&h->bounds[i], to, style);
    if (h->n == 0)
        (void)fputs("nobody is held at a bound\n", to);
    else if (h->n_unsure > 0)
        (void)fprintf(to,
                      "held whatever the number, because Okta did not say that they left: "
                      "%" PRId64 "\n",
                      h->n_unsure);
    print_people(h, o, to, style);
    print_rest(h, to);
}

/* ---- for programs ---- */

static void put_bound(struct json_out *out, const struct held_bound *b)
{
    json_out_begin(out, '{');
    json_put_str(out, "setting", span_of(release_setting(b->gate)));
    json_put_int(out, "held", b->n_held);
    json_put_int(out, "passed_in_an_hour", b->passed);
    json_put_int(out, "agents", b->managed);
    json_out_key(out, "allowed_in_an_hour");
    if (b->allowed == INT64_MAX)
        json_out_null(out);
    else
        json_out_int(out, b->allowed);
    json_put_bool(out, "is_shut", b->why.n > 0);
    person_json_text(out, "why", b->why);
    json_out_end(out, '}');
}

static void put_person(struct json_out *out, const struct opened *o, const struct person *p)
{
    json_out_begin(out, '{');
    person_json_members(out, o, p);
    person_json_text(out, "reason_code", p->reason_code);
    person_json_text(out, "setting",
                     span_eq(p->reason_code, SPAN(REASON_UNSURE))
                         ? SPAN("")
                         : span_of(release_setting(release_gate_of(p))));
    json_put_str(out, "would", span_of(held_deed(p, o->rules)));
    person_json_time(out, "left", p->left_ms);
    person_json_text(out, "left_because", p->left_why);
    person_json_text(out, "cause", p->cause);
    json_out_end(out, '}');
}

void held_json(const struct held *h, const struct opened *o, struct json_out *out)
{
    json_out_begin(out, '{');
    json_out_key(out, "bounds");
    json_out_begin(out, '[');
    for (size_t i = 0; i < HELD_BOUNDS; i++)
        put_bound(out, &h->bounds[i]);
    json_out_end(out, ']');
    json_out_key(out, "held");
    json_out_begin(out, '[');
    for (size_t i = 0; i < h->n; i++)
        put_person(out, o, &h->people[i]);
    json_out_end(out, ']');
    json_put_int(out, "unsure", h->n_unsure);
    json_put_int(out, "held_elsewhere", h->n_elsewhere);
    json_put_int(out, "in_grace", h->n_in_grace);
    person_json_time(out, "grace_ends", h->grace_ends_ms);
    json_out_end(out, '}');
}
