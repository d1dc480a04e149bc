#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/connect_line.h"
#include "cmd/deed.h"
#include "cmd/import.h"
#include "cmd/table.h"
#include "text/csv.h"
#include "text/time.h"

enum { FAULTS_SHOWN = 200, ROWS_SHOWN = 100, LINE_LIMIT = 16 * 1024, ANSWER_SIZE = 16 };

static const struct option_row options[] = {
    {"yes", NULL, "hands the import over without asking"},
    {"dry-run", NULL, "only checks and shows; nothing is asked and nothing is written"},
    {NULL, NULL, NULL},
};

struct import_run {
    const struct invocation *i;
    struct opened o;
    struct connect_line line;
    struct buf text;
    struct bulk bulk;
    struct import import;
};

/* ---- reading ---- */

/* An import that is not carried out makes no store: without one there is nothing to compare with.
 */
static enum exit_code open_all(struct import_run *r)
{
    enum exit_code code = open_settings(r->i, &r->o.settings);
    char *file;
    bool has_store;

    if (code != EXIT_DONE)
        return code;
    file = mem_dup(r->o.settings->store_file);
    has_store = fs_exists(file);
    free(file);
    if (has_store) {
        open_done(&r->o);
        return open_store(r->i, STORE_READ, &r->o);
    }
    r->o.rules = &r->o.settings->rules;
    r->o.pinned = pinned_names(NULL, 0);
    return EXIT_DONE;
}

/* All that is wrong is found before anything is told: with the file, and with names in it. */
static enum exit_code read_all(struct import_run *r)
{
    enum identity_type identity = r->o.settings->rules.identity;
    const struct names *names = &r->o.pinned.names;
    struct fail fail;
    enum err err = fs_read(r->i->options.arguments[0], &r->text, &fail);

    if (err == ERR_NONE)
        err = connect_line_open(r->o.settings, r->i->environment, &r->line, &fail);
    if (err != ERR_NONE) {
        command_complain(r->i, "%s", fail.text);
        return EXIT_FAILED;
    }
    /* Without the right to ask, what the store has noted counts, else SAML. */
    err = connect_line_identity(&r->line, &identity, &fail);
    if (err == ERR_NONE || err == ERR_DENIED)
        err = connect_line_names(&r->line, &r->o.pinned, &names, &fail);
    if (err != ERR_NONE)
        command_complain(r->i, "the names in the file cannot be compared with the instance's: %s",
                         fail.text);
    bulk_read(buf_span(&r->text), identity, &r->bulk);
    bulk_resolve(&r->bulk, names);
    return err == ERR_NONE ? EXIT_DONE : EXIT_FAILED;
}

/* ---- showing ---- */

static void print_faults(const struct import_run *r)
{
    const struct bulk *b = &r->bulk;
    size_t shown = b->n_faults < FAULTS_SHOWN ? b->n_faults : FAULTS_SHOWN;
    size_t n = b->n_faults + b->n_more_faults;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < shown; i++) {
        buf_clear(&line);
        style_add(&line, span_of(r->i->options.arguments[0]));
        buf_printf(&line, ":%u: ", b->faults[i].line);
        if (b->faults[i].column.n > 0) {
            buf_add_char(&line, '\'');
            style_add(&line, b->faults[i].column);
            buf_add_str(&line, "': ");
        }
        style_add(&line, span_of(b->faults[i].text));
        command_complain(r->i, "%s", line.p);
    }
    buf_done(&line);
    if (n > shown)
        command_complain(r->i, "… and %zu more", n - shown);
    command_complain(r->i, "%zu %s in the file; nothing was done. Mend them and say it again", n,
                     n == 1 ? "mistake" : "mistakes");
}

static void add_profiles(struct table *table, const struct import_run *r,
                         const struct entitlement *e)
{
    struct buf text;

    buf_init(&text, LINE_LIMIT);
    for (size_t i = 0; i < e->n_security_profile_ids; i++) {
        struct span id = e->security_profile_ids[i], name;

        name = r->line.directory == NULL
                   ? id
                   : directory_names(r->line.directory)
                         ->name_of(directory_names(r->line.directory), NAME_SECURITY_PROFILE, id);
        buf_add_str(&text, i == 0 ? "" : ", ");
        buf_add(&text, name.n > 0 ? name : id);
    }
    table_add(table, buf_span(&text), COLOUR_NONE);
    buf_done(&text);
}

static struct span routing_name(const struct import_run *r, struct span id)
{
    const struct names *names = directory_names(r->line.directory);
    struct span name = names->name_of(names, NAME_ROUTING_PROFILE, id);

    return name.n > 0 ? name : id;
}

static void print_rows(const struct import_run *r)
{
    static const char *const titles[] = {
        "#LINE", "USER", "NAME", "ROUTING PROFILE", "WHAT", "SECURITY PROFILES", NULL};
    static const char *const what[] = {[IMPORT_NEW] = "create",
                                       [IMPORT_KNOWN] = "left alone: is there",
                                       [IMPORT_WAITING] = "left alone: is under way"};
    struct table table;

    table_init(&table, "", titles);
    for (size_t i = 0; i < r->bulk.n && i < ROWS_SHOWN; i++) {
        const struct entitlement *e = &r->bulk.rows[i].wanted;
        enum import_verdict verdict = r->import.verdicts[i];
        struct buf name;

        buf_init(&name, LINE_LIMIT);
        buf_printf(&name, "%.*s %.*s", SPAN_ARG(e->first_name), SPAN_ARG(e->last_name));
        table_add_int(&table, r->bulk.rows[i].line);
        table_add(&table, e->user_name, COLOUR_NONE);
        table_add(&table, buf_span(&name), COLOUR_NONE);
        table_add(&table, routing_name(r, e->routing_profile_id), COLOUR_NONE);
        table_add(&table, span_of(what[verdict]),
                  verdict == IMPORT_NEW ? COLOUR_GOOD : COLOUR_FAINT);
        add_profiles(&table, r, e);
        buf_done(&name);
    }
    table_print(&table, r->i->out, &r->i->style);
    table_done(&table);
    if (r->bulk.n > ROWS_SHOWN)
        (void)fprintf(r->i->out, "… and %zu more\n", r->bulk.n - ROWS_SHOWN);
}

static void print_notes(const struct import_run *r)
{
    for (size_t i = 0; i < r->bulk.n_notes; i++) {
        const struct bulk_note *note = &r->bulk.notes[i];

        (void)fprintf(r->i->out, "note: '%s' %s (%zu %s, from line %u)\n", bulk_title(note->column),
                      note->text, note->n, note->n == 1 ? "row" : "rows", note->line);
    }
}

static void print_summary(const struct import_run *r)
{
    struct buf took;

    buf_init(&took, LINE_LIMIT);
    time_add_duration(&took, import_duration_ms(&r->import, r->o.settings));
    (void)fprintf(r->i->out, "\n%zu to create, %zu left alone; %lld %s, %s\n",
                  r->import.count[IMPORT_NEW],
                  r->import.count[IMPORT_KNOWN] + r->import.count[IMPORT_WAITING],
                  (long long)import_calls(&r->import),
                  import_calls(&r->import) == 1 ? "call" : "calls", took.p);
    buf_done(&took);
    print_notes(r);
}

/* ---- deciding and handing over ---- */

/* On a terminal it is asked for; a script says --yes. */
static bool is_wanted(const struct import_run *r)
{
    char answer[ANSWER_SIZE];

    if (options_has(&r->i->options, "dry-run"))
        return false;
    if (options_has(&r->i->options, "yes"))
        return true;
    if (isatty(STDIN_FILENO) == 0 || isatty(fileno(r->i->out)) == 0) {
        (void)fputs("nothing was done; with --yes it would be\n", r->i->out);
        return false;
    }
    (void)fputs("Only 'yes' creates these users. Create them? ", r->i->out);
    (void)fflush(r->i->out); /* what is asked must be seen before it is answered */
    return fgets(answer, sizeof(answer), stdin) != NULL && strcmp(answer, "yes\n") == 0;
}

/* Somebody may have imported the same meanwhile, so it is judged again under the lock. */
static enum err write_all(struct import_run *r, struct fail *fail)
{
    struct span actor = deed_actor(r->i->environment, &r->o.arena);
    enum err err = store_begin(r->o.store, fail);

    if (err != ERR_NONE)
        return err;
    err = import_judge(&r->o, &r->bulk, &r->import, fail);
    if (err == ERR_NONE)
        err = import_hand_over(&r->o, &r->import, actor, clock_wall_ms(), fail);
    if (err == ERR_NONE)
        return store_commit(r->o.store, fail);
    store_rollback(r->o.store);
    return err;
}

static enum err hand_over(struct import_run *r, struct fail *fail)
{
    char *file = mem_dup(r->o.settings->store_file);
    enum err err;

    store_close(r->o.store); /* it could only be read */
    r->o.store = NULL;
    err = store_open(file, STORE_CREATE, &r->o.store, fail);
    free(file);
    return err == ERR_NONE ? write_all(r, fail) : err;
}

static enum exit_code carry_out(struct import_run *r)
{
    struct fail fail;
    enum err err = import_judge(&r->o, &r->bulk, &r->import, &fail);

    if (err == ERR_NONE) {
        print_rows(r);
        print_summary(r);
        if (r->import.count[IMPORT_NEW] == 0 || !is_wanted(r))
            return EXIT_DONE;
        err = hand_over(r, &fail);
    }
    if (err != ERR_NONE) {
        command_complain(r->i, "%s; nothing was done", fail.text);
        return EXIT_FAILED;
    }
    (void)fprintf(
        r->i->out,
        "%zu handed over; this version keeps them in the store and does not create them yet\n",
        r->import.count[IMPORT_NEW]);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    struct import_run r = {.i = i};
    enum exit_code code;

    if (options_has(&i->options, "yes") && options_has(&i->options, "dry-run"))
        return command_misused(i, "--yes and --dry-run contradict each other");
    buf_init(&r.text, CSV_SIZE_LIMIT);
    code = open_all(&r);
    if (code == EXIT_DONE) {
        code = read_all(&r);
        if (r.bulk.n_faults > 0) {
            print_faults(&r);
            code = EXIT_FAILED;
        } else if (code == EXIT_DONE) {
            code = carry_out(&r);
        }
        bulk_done(&r.bulk);
        connect_line_done(&r.line);
    }
    open_done(&r.o);
    buf_done(&r.text);
    return code;
}

const struct command cmd_import = {
    .name = "import",
    .help = "creates agents from a file in the form of the console's bulk template",
    .arguments = "FILE.csv",
    .about =
        "Understands all generations of the template that Amazon Connect's console gives, and what "
        "a\n"
        "spreadsheet makes of it. Columns are known by their titles. Every cell is checked, and "
        "every\n"
        "name compared with the instance's, before anything is done: all mistakes are told at "
        "once, "
        "by\n"
        "line and column, and the exit code is 1.\n"
        "\n"
        "Then it shows what would be done, and asks; a script says --yes. Agents that are there "
        "are "
        "left\n"
        "alone. Those that are made bear the tag roster:managed-by = import: they are left as they "
        "are\n"
        "until Okta claims their user name, and then looked after as all others.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
