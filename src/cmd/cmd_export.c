#include <string.h>

#include "cmd/commands.h"
#include "cmd/connect_line.h"
#include "cmd/open.h"
#include "model/bulk.h"

enum { ROW_LIMIT = 1024 * 1024 };

static const struct option_row options[] = {
    {"format", "FORMAT", "console-2026 (default), console-2023 or roster, which has all"},
    {"offline", NULL, "does not ask Amazon Connect for the names of profiles and groups"},
    {NULL, NULL, NULL},
};

struct export_run {
    const struct invocation *i;
    struct opened o;
    struct connect_line line;
    const struct names *names;
    enum bulk_format format;
    struct buf row;
    size_t n_unknown;
    bool has_failed;
};

static bool export_person(void *arg, const struct person *p)
{
    struct export_run *r = arg;
    const struct bulk_about about = {p->id, p->agent_id, span_of(person_state_name(p->state))};
    struct entitlement e;
    struct arena a = {0};

    if (p->agent_id.n == 0 || person_is_import(p))
        return true;
    if (p->applied.n == 0 || entitlement_parse(&a, p->applied, &e, NULL) != ERR_NONE) {
        r->n_unknown++;
        e = (struct entitlement){.phone = {.persistent_connection = CHANNEL_UNSET,
                                           .auto_accept = {CHANNEL_UNSET},
                                           .after_contact_work_s = {CHANNEL_UNSET}}};
    }
    e.user_name = p->agent_user_name;
    buf_clear(&r->row);
    bulk_add_agent(&r->row, r->format, &e, &about, r->names);
    r->has_failed = r->row.full || fwrite(r->row.p, 1, r->row.n, r->i->out) != r->row.n;
    arena_done(&a);
    return !r->has_failed;
}

/* Ids are no good to whoever reads the file, but better than nothing. */
static void read_names(struct export_run *r)
{
    struct fail fail;

    r->names = &r->o.pinned.names;
    if (options_has(&r->i->options, "offline"))
        return;
    if (connect_line_open(r->o.settings, r->i->environment, &r->line, &fail) != ERR_NONE ||
        connect_line_names(&r->line, &r->o.pinned, &r->names, &fail) != ERR_NONE)
        command_complain(r->i, "ids stand where names could not be read: %s", fail.text);
}

static enum exit_code export_all(struct export_run *r)
{
    struct fail fail;
    enum err err;

    buf_init(&r->row, ROW_LIMIT);
    bulk_add_titles(&r->row, r->format);
    (void)fputs(r->row.p, r->i->out); /* flushing tells */
    err = store_people_each(r->o.store, PERSON_STATES, export_person, r, &fail);
    buf_done(&r->row);
    if (err != ERR_NONE) {
        command_complain(r->i, "%s", fail.text);
        return EXIT_FAILED;
    }
    if (r->has_failed) {
        command_complain(r->i, "the output could not be written");
        return EXIT_FAILED;
    }
    if (r->n_unknown > 0)
        command_complain(r->i,
                         "note: of %zu %s it is not known what they have; 'roster retry USER' has "
                         "them looked at",
                         r->n_unknown, r->n_unknown == 1 ? "agent" : "agents");
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    const char *format = options_value(&i->options, "format");
    struct export_run r = {.i = i, .format = BULK_CONSOLE_2026};
    enum exit_code code;

    if (format != NULL && !bulk_format_parse(span_of(format), &r.format))
        return command_misused(i, "--format is console-2026, console-2023 or roster, not '%s'",
                               format);
    code = open_store(i, STORE_READ, &r.o);
    if (code != EXIT_DONE)
        return code;
    read_names(&r);
    code = export_all(&r);
    connect_line_done(&r.line);
    open_done(&r.o);
    return code;
}

const struct command cmd_export = {
    .name = "export",
    .help = "prints the agents in the form of the console's bulk template",
    .arguments = "",
    .about =
        "One row for each agent that Roster looks after, as it was last made or seen to be. The "
        "form\n"
        "'roster' has all that an agent can have, and what 'roster import' needs to make it again; "
        "the\n"
        "console's have what its template has. Passwords are in none.\n"
        "\n"
        "What a spreadsheet would take for a formula gets an apostrophe, which 'roster import' "
        "takes\n"
        "off again.",
    .options = options,
    .run = run,
};
