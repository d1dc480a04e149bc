#include <stdlib.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/carry.h"
#include "cmd/commands.h"
#include "cmd/connect_line.h"
#include "cmd/deed.h"
#include "cmd/import_show.h"
#include "cmd/plan_file.h"
#include "text/csv.h"

enum { AT_ONCE = 50 /* handed over in one transaction */ };

static const struct option_row options[] = {
    {"yes", NULL, "creates them without asking"},
    {"dry-run", NULL, "only checks and shows; nothing is asked and nothing is written"},
    {NULL, NULL, NULL},
};

struct import_run {
    const struct invocation *i;
    struct opened o;
    struct connect_line line;
    struct buf text;
    struct bulk bulk;
    struct import_agents agents;
    struct import import;
    struct import_show show;
    size_t at;           /* the next row to be handed over */
    size_t n_left_alone; /* since it was shown, somebody else has made them */
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
static enum exit_code read_file(struct import_run *r)
{
    enum identity_type identity = r->o.settings->rules.identity;
    struct fail fail;
    enum err err = fs_read(r->i->options.arguments[0], &r->text, &fail);

    r->show = (struct import_show){.i = r->i,
                                   .settings = r->o.settings,
                                   .file = r->i->options.arguments[0],
                                   .bulk = &r->bulk,
                                   .names = &r->o.pinned.names};
    if (err == ERR_NONE)
        err = connect_line_open(r->o.settings, r->i->environment, &r->line, &fail);
    if (err != ERR_NONE) {
        command_complain(r->i, "%s", fail.text);
        return EXIT_FAILED;
    }
    /* Without the right to ask, what the store has noted counts, else SAML. */
    err = connect_line_identity(&r->line, &identity, &fail);
    if (err == ERR_NONE || err == ERR_DENIED)
        err = connect_line_names(&r->line, &r->o.pinned, &r->show.names, &fail);
    if (err != ERR_NONE)
        command_complain(r->i, "the names in the file cannot be compared with the instance's: %s",
                         fail.text);
    bulk_read(buf_span(&r->text), identity, &r->bulk);
    bulk_resolve(&r->bulk, r->show.names);
    return err == ERR_NONE ? EXIT_DONE : EXIT_FAILED;
}

static void keep_agent(void *arg, const struct agent *agent)
{
    import_agents_add(arg, agent->user_name);
}

static enum exit_code judge(struct import_run *r)
{
    struct fail fail;
    enum err err = connect_line_agents(&r->line, keep_agent, &r->agents, &fail);

    import_agents_sort(&r->agents);
    r->import = (struct import){
        .bulk = &r->bulk,
        .agents = &r->agents,
        .actor = deed_actor(r->i->environment, &r->o.arena),
        .cause =
            span_of(arena_printf(&r->o.arena, "import %.*s", SPAN_ARG(plan_file_id(&r->o.arena))))};
    if (err == ERR_NONE)
        err = import_judge(&r->o, &r->import, &fail);
    if (err == ERR_NONE)
        return EXIT_DONE;
    command_complain(r->i, "%s; nothing was done", fail.text);
    return EXIT_FAILED;
}

/* ---- asking ---- */

/* On a terminal it is asked for; a script says --yes. */
static bool is_wanted(const struct import_run *r)
{
    return !options_has(&r->i->options, "dry-run") &&
           command_confirm(r->i, "\nOnly 'yes' creates these users. Create them? ");
}

/* ---- carrying out ---- */

static enum err open_for_writing(struct import_run *r, struct fail *fail)
{
    char *file = mem_dup(r->o.settings->store_file);
    char *slash = strrchr(file, '/');
    enum err err = ERR_NONE;

    store_close(r->o.store); /* it could only be read */
    r->o.store = NULL;
    if (slash != NULL && slash != file) {
        *slash = '\0';
        err = fs_make_folder(file, fail);
        *slash = '/';
    }
    if (err == ERR_NONE)
        err = store_open(file, STORE_CREATE, &r->o.store, fail);
    free(file);
    return err;
}

/* Somebody may have imported the same meanwhile, so each row is judged again under the lock. */
static enum err hand_over(struct import_run *r, struct carry *c, size_t *n, struct fail *fail)
{
    enum import_verdict verdict;
    enum err err = import_hand_over(&r->o, &r->import, r->at, clock_wall_ms(), &verdict, fail);

    if (err != ERR_NONE)
        return err;
    if (verdict == IMPORT_NEW || verdict == IMPORT_GOES_ON) {
        struct arena a = {0};

        carry_add(c, SPAN(SOURCE_IMPORT), import_id(&a, &r->bulk.rows[r->at]));
        arena_done(&a);
        (*n)++;
    } else if (r->import.verdicts[r->at] != verdict) {
        r->import.verdicts[r->at] = verdict;
        r->n_left_alone++;
    }
    r->at++;
    return ERR_NONE;
}

static enum err feed_some(struct import_run *r, struct carry *c, size_t most, size_t *n,
                          struct fail *fail)
{
    enum err err = store_begin(r->o.store, fail);

    *n = 0;
    if (err != ERR_NONE)
        return err;
    while (err == ERR_NONE && *n < most && r->at < r->bulk.n)
        err = hand_over(r, c, n, fail);
    if (err == ERR_NONE)
        err = store_commit(r->o.store, fail);
    else
        store_rollback(r->o.store);
    /* Whoever was handed over in it is lost to this run. */
    return err == ERR_BUSY ? fail_within(fail, ERR_IO, "the store") : err;
}

static enum err feed(void *arg, struct carry *c, size_t room, bool *out_is_all, struct fail *fail)
{
    struct import_run *r = arg;
    enum err err = ERR_NONE;

    while (err == ERR_NONE && room > 0 && r->at < r->bulk.n) {
        size_t n = 0;

        err = feed_some(r, c, room < AT_ONCE ? room : AT_ONCE, &n, fail);
        room -= n;
    }
    *out_is_all = r->at == r->bulk.n;
    return err;
}

static enum exit_code tell(const struct import_run *r, const struct carry_result *result)
{
    if (r->n_left_alone > 0)
        (void)fprintf(r->i->out, "%zu left alone: somebody else has made them meanwhile\n",
                      r->n_left_alone);
    if (result->is_interrupted)
        command_complain(r->i, "interrupted: what was begun is gone on with by a running daemon or "
                               "the next one; say this again to go on with the rest");
    return result->failed > 0 || result->is_interrupted ? EXIT_FAILED : EXIT_DONE;
}

static enum exit_code carry(struct import_run *r)
{
    struct carry_options carry_options = {.invocation = r->i,
                                          .opened = &r->o,
                                          .around = &r->line.around,
                                          .cause = r->import.cause,
                                          .total = import_n(&r->import),
                                          .seconds = import_seconds(&r->import, r->o.settings),
                                          .feed = feed,
                                          .arg = r};
    struct carry_result result;
    struct fail fail;
    enum err err = open_for_writing(r, &fail);

    if (err == ERR_NONE) {
        (void)fputc('\n', r->i->out);
        (void)fflush(r->i->out); /* the lines of steps follow */
        err = carry_out(&carry_options, &result, &fail);
    }
    if (err == ERR_NONE)
        return tell(r, &result);
    command_complain(r->i, "%s", fail.text);
    return err == ERR_CONFLICT ? EXIT_STOPPED : EXIT_FAILED;
}

static enum exit_code carry_out_all(struct import_run *r)
{
    enum exit_code code = judge(r);
    int64_t beyond;

    if (code != EXIT_DONE)
        return code;
    import_show_rows(&r->show, &r->import);
    (void)fflush(r->i->out); /* complaints follow */
    import_show_left_alone(&r->show, &r->import);
    beyond = import_beyond(&r->import, r->o.settings);
    if (beyond > 0) {
        import_show_beyond(&r->show, &r->import, beyond);
        return EXIT_STOPPED;
    }
    return import_n(&r->import) > 0 && is_wanted(r) ? carry(r) : EXIT_DONE;
}

/* ---- the whole ---- */

static enum exit_code run(struct invocation *i)
{
    struct import_run r = {.i = i};
    enum exit_code code;

    if (options_has(&i->options, "yes") && options_has(&i->options, "dry-run"))
        return command_misused(i, "--yes and --dry-run contradict each other");
    buf_init(&r.text, CSV_SIZE_LIMIT);
    code = open_all(&r);
    if (code == EXIT_DONE) {
        code = read_file(&r);
        if (r.bulk.n_faults > 0) {
            import_show_faults(&r.show);
            code = EXIT_FAILED;
        } else if (code == EXIT_DONE) {
            code = carry_out_all(&r);
        }
        import_agents_done(&r.agents);
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
        "alone, and told row by row. A running daemon makes the others, else this command does; "
        "either\n"
        "at the rates of the settings. Ctrl-C ends it; said again, it goes on. Some who fail do "
        "not "
        "stop\n"
        "the rest: they are told at the end, and the exit code is 1; 'roster retry USER' tries "
        "again,\n"
        "'roster reject USER' gives up.\n"
        "\n"
        "Agents that are made bear the tag roster:managed-by = import: they are left as they are "
        "until\n"
        "Okta claims their user name, and then looked after as all others.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
