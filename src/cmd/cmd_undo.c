#include <inttypes.h>

#include "base/clock.h"
#include "cmd/carry.h"
#include "cmd/commands.h"
#include "cmd/decide.h"
#include "cmd/deed.h"
#include "cmd/undo.h"
#include "engine/fields.h"

enum { LINE_LIMIT = 64 * 1024, NUMBER_DIGITS = 15, NAME_WIDTH = 22 };

static const struct option_row options[] = {
    {"dry-run", NULL, "only shows what would be done"},
    {NULL, NULL, NULL},
};

struct undoing {
    struct invocation *i;
    struct opened o;
    struct surroundings around;
    struct undo undo;
    struct span cause;
};

static bool read_number(const char *text, int64_t *out)
{
    int64_t n = 0;
    size_t digits = 0;

    for (; text[digits] >= '0' && text[digits] <= '9' && digits < NUMBER_DIGITS; digits++)
        n = n * 10 + (text[digits] - '0');
    *out = n;
    return digits > 0 && text[digits] == '\0';
}

/* ---- showing ---- */

static void add_value(struct buf *line, struct span value)
{
    if (value.p == NULL)
        buf_add_str(line, "none");
    else
        style_add(line, value);
}

static void print_field(void *arg, const struct field *field)
{
    struct undoing *u = arg;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    buf_printf(&line, "  %-*s ", NAME_WIDTH, field->name);
    if (u->undo.has_now) {
        add_value(&line, field->from);
        buf_add_str(&line, " → ");
    }
    add_value(&line, field->to);
    (void)fprintf(u->i->out, "%s\n", line.p);
    buf_done(&line);
}

static void print_limits(const struct undoing *u)
{
    FILE *out = u->i->out;

    if (!u->undo.was_deleted) {
        (void)fputs("Until Okta says something new of them, or 'roster retry', the rules do not "
                    "change it again.\n",
                    out);
        return;
    }
    (void)fputs("Amazon Connect makes it as another agent: with another id, without its quick "
                "connects, its state and its\npassword. What it did before, in contact records and "
                "reports, stays under the old id.\n",
                out);
    if (u->undo.person.left_ms != 0)
        (void)fputs("They are not in scope: the agent stays until Okta says something new of "
                    "them, or 'roster retry'.\n",
                    out);
}

static void print(struct undoing *u)
{
    (void)fprintf(u->i->out, "%s: %s what it was before step %" PRId64 " (%.*s)\n",
                  decide_name(&u->o, &u->undo.person),
                  u->undo.was_deleted ? "an agent is made again as" : "the agent becomes again",
                  u->undo.step, SPAN_ARG(u->undo.operation));
    fields_each(u->undo.has_now ? &u->undo.now : NULL, &u->undo.then, &u->o.pinned.names,
                &u->o.arena, print_field, u);
    print_limits(u);
}

/* ---- doing ---- */

static enum err write(struct undoing *u, struct fail *fail)
{
    struct span detail = span_of(arena_printf(&u->o.arena, "step %" PRId64, u->undo.step));
    struct person p;
    enum err err = undo_write(&u->o, &u->undo, u->cause, clock_wall_ms(), &p, fail);

    return err == ERR_NONE ? deed_record(u->i, &u->o, &p, detail, fail) : err;
}

static enum err feed(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail)
{
    struct undoing *u = arg;
    enum err err;

    (void)room;
    *out_is_all = false;
    err = store_begin(u->o.store, fail);
    if (err != ERR_NONE)
        return err;
    err = write(u, fail);
    if (err == ERR_NONE)
        err = store_commit(u->o.store, fail);
    else
        store_rollback(u->o.store);
    if (err != ERR_NONE)
        return err;
    carry_add(c, u->undo.person.source, u->undo.person.id);
    *out_is_all = true;
    return ERR_NONE;
}

/* Held as undone is what it was to come to. */
static enum exit_code tell(struct undoing *u, struct fail *fail)
{
    struct person p;

    if (store_person_get(u->o.store, &u->o.arena, u->undo.person.source, u->undo.person.id, &p,
                         fail) != ERR_NONE) {
        command_complain(u->i, "%s", fail->text);
        return EXIT_FAILED;
    }
    if (!span_eq(p.reason_code, SPAN(REASON_UNDONE)))
        return EXIT_FAILED;
    (void)fprintf(u->i->out, "%s: undone\n", decide_name(&u->o, &p));
    return EXIT_DONE;
}

static enum exit_code carry(struct undoing *u)
{
    struct carry_options options_of = {.invocation = u->i,
                                       .opened = &u->o,
                                       .around = &u->around,
                                       .total = 1,
                                       .feed = feed,
                                       .arg = u};
    struct carry_result result;
    struct fail fail;
    enum err err = surroundings_open(u->o.settings, u->i->environment, true, &u->around, &fail);

    u->cause = span_of(arena_printf(&u->o.arena, "operator undo of step %" PRId64, u->undo.step));
    options_of.cause = u->cause;
    if (err == ERR_NONE)
        err = carry_out(&options_of, &result, &fail);
    if (err == ERR_NONE)
        return tell(u, &fail);
    command_complain(u->i, "%s", fail.text);
    return err == ERR_CONFLICT ? EXIT_STOPPED : EXIT_FAILED;
}

/* ---- the whole ---- */

static enum exit_code find(struct undoing *u)
{
    const char *word = u->i->options.arguments[0];
    struct person person;
    int64_t step;
    struct fail fail;
    enum err err;

    if (read_number(word, &step)) {
        err = undo_find(&u->o, NULL, step, &u->undo, &fail);
    } else {
        enum exit_code code = open_person(u->i, &u->o, word, &person);

        if (code != EXIT_DONE)
            return code;
        err = undo_find(&u->o, &person, 0, &u->undo, &fail);
    }
    if (err == ERR_NONE)
        return EXIT_DONE;
    command_complain(u->i, "%s", fail.text);
    return EXIT_FAILED;
}

static enum exit_code run(struct invocation *i)
{
    bool is_dry = options_has(&i->options, "dry-run");
    struct undoing u = {.i = i};
    enum exit_code code = open_store(i, is_dry ? STORE_READ : STORE_WRITE, &u.o);

    if (code != EXIT_DONE)
        return code;
    code = find(&u);
    if (code == EXIT_DONE)
        print(&u);
    if (code == EXIT_DONE && !is_dry)
        code = carry(&u);
    surroundings_done(&u.around);
    open_done(&u.o);
    return code;
}

const struct command cmd_undo = {
    .name = "undo",
    .help = "has an agent be again what it was before a step",
    .arguments = "STEP | USER",
    .about =
        "STEP is a step's number ('roster why USER' and 'roster audit export' tell it): the agent "
        "becomes\n"
        "what it was before. USER is an Okta id, a login or a user name: all that was last done "
        "for them\n"
        "for one cause is undone.\n"
        "\n"
        "What an agent was is taken from the audit log. A deleted agent is made again, as far as "
        "Amazon\n"
        "Connect allows: under another id, without its quick connects, and its history stays under "
        "the old\n"
        "one. The rules do not change it again until Okta says something new of the person, or\n"
        "'roster retry'. A running daemon does the work, else this command does.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
