/* `roster audit ACTION`: the log of all that was done. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/audit_print.h"
#include "cmd/commands.h"
#include "cmd/deed.h"
#include "cmd/instant.h"
#include "text/time.h"

enum { LINE_LIMIT = 4 * 1024 * 1024, LISTED = 50, LISTED_MAX = 10000, FINDINGS_SHOWN = 20 };

static const struct option_row options[] = {
    {"user", "USER", "with a list or export: only rows about that person"},
    {"since", "T", "with a list or export: from then on: " INSTANT_FORM},
    {"limit", "NUMBER", "with a list: the newest so many, 1 to 10000 (default 50)"},
    {"format", "FORMAT", "with export: json (default; one object a line) or csv"},
    {"head", "HEAD", "with verify: a head that was noted before, which must still be there"},
    {NULL, NULL, NULL},
};

struct audit_run {
    const struct invocation *i;
    struct opened o;
    struct audit_ask ask;
    size_t n, max;
    struct table table;
    struct buf line;
    bool is_csv, has_failed;
};

static enum exit_code failed(const struct audit_run *r, const struct fail *fail)
{
    command_complain(r->i, "%s", fail->text);
    return EXIT_FAILED;
}

/* The person whom the word names: as the store knows them, else as the log may. */
static enum exit_code find_person(struct audit_run *r, const char *word, struct span *source,
                                  struct span *id, struct span *user)
{
    struct person *people = NULL, p;
    struct fail fail;
    size_t n = 0;

    if (store_people_find(r->o.store, &r->o.arena, span_of(word), &people, &n, &fail) != ERR_NONE)
        return failed(r, &fail);
    *source =
        span_starts(span_of(word), SPAN(IMPORT_ID_PREFIX)) ? SPAN(SOURCE_IMPORT) : SPAN("okta");
    *id = *user = span_of(word);
    if (n == 0)
        return EXIT_DONE;
    if (open_person(r->i, &r->o, word, &p) != EXIT_DONE)
        return EXIT_FAILED;
    *source = p.source;
    *id = p.id;
    *user = p.agent_user_name.n > 0 ? p.agent_user_name : open_user_name(&r->o, &p, &r->o.arena);
    return EXIT_DONE;
}

static enum exit_code read_ask(struct audit_run *r)
{
    const char *since = options_value(&r->i->options, "since");
    const char *user = options_value(&r->i->options, "user");
    struct span unused;

    if (since != NULL && !instant_parse(span_of(since), clock_wall_ms(), &r->ask.since_ms))
        return command_misused(r->i, "--since is " INSTANT_FORM ", not '%s'", since);
    if (user == NULL)
        return EXIT_DONE;
    return find_person(r, user, &r->ask.source, &r->ask.user_id, &unused);
}

/* ---- list ---- */

static bool list_row(void *arg, const struct audit_row *row)
{
    struct audit_run *r = arg;

    audit_print_row(&r->table, row);
    return ++r->n < r->max;
}

static enum exit_code list(struct audit_run *r)
{
    const char *limit = options_value(&r->i->options, "limit");
    enum exit_code code = read_ask(r);
    struct fail fail;
    enum err err;
    char *end;
    long n = LISTED;

    if (code != EXIT_DONE)
        return code;
    if (limit != NULL)
        n = strtol(limit, &end, 10);
    if (limit != NULL &&
        (limit[0] < '0' || limit[0] > '9' || *end != '\0' || n < 1 || n > LISTED_MAX))
        return command_misused(r->i, "--limit is a number from 1 to 10000, not '%s'", limit);
    r->max = (size_t)n;
    r->ask.is_newest_first = true;
    table_init(&r->table, "", audit_print_titles);
    err = store_audit_each(r->o.store, &r->ask, list_row, r, &fail);
    if (err == ERR_NONE && r->n == 0)
        (void)fputs("no rows\n", r->i->out);
    else if (err == ERR_NONE)
        table_print(&r->table, r->i->out, &r->i->style);
    table_done(&r->table);
    return err == ERR_NONE ? EXIT_DONE : failed(r, &fail);
}

/* ---- verify ---- */

static void print_finding(void *arg, int64_t id, const char *what)
{
    struct audit_run *r = arg;

    if (++r->n > FINDINGS_SHOWN)
        return;
    if (id > 0)
        (void)fprintf(r->i->out, "row %" PRId64 ": %s\n", id, what);
    else
        (void)fprintf(r->i->out, "%s\n", what);
}

static void print_verdict(const struct audit_run *r, const struct audit_verdict *v)
{
    char head[96], *blank;

    audit_head_format(&v->head, head);
    blank = strchr(head, ' ');
    if (blank != NULL)
        *blank = ':'; /* one word for whoever gives it back to --head */
    if (v->findings > FINDINGS_SHOWN)
        (void)fprintf(r->i->out, "… and %" PRId64 " more\n", v->findings - FINDINGS_SHOWN);
    if (v->findings > 0) {
        (void)fprintf(r->i->out,
                      "the audit log is not as it was written: %" PRId64
                      " %s. Compare with a backup or an export\n",
                      v->findings, v->findings == 1 ? "finding" : "findings");
        return;
    }
    (void)fprintf(r->i->out, "the audit log is intact: %" PRId64 " %s", v->rows,
                  v->rows == 1 ? "row" : "rows");
    if (v->redacted > 0)
        (void)fprintf(r->i->out, ", %" PRId64 " of them redacted", v->redacted);
    if (v->start.id > 0)
        (void)fprintf(r->i->out, ", those up to %" PRId64 " pruned", v->start.id);
    (void)fprintf(r->i->out, "\nhead %s\n", head);
}

static enum exit_code verify(struct audit_run *r)
{
    const char *noted = options_value(&r->i->options, "head");
    struct audit_verdict verdict = {.rows = 0};
    struct audit_head anchor;
    struct fail fail;

    if (noted != NULL && !audit_head_parse(span_of(noted), &anchor))
        return command_misused(r->i,
                               "--head is what 'roster audit verify' printed: a number, a colon "
                               "and 64 hexadecimal digits, not '%s'",
                               noted);
    if (store_audit_verify(r->o.store, noted == NULL ? NULL : &anchor, print_finding, r, &verdict,
                           &fail) != ERR_NONE) {
        command_complain(r->i, "the audit log cannot be read to its end: %s", fail.text);
        return EXIT_FAILED;
    }
    print_verdict(r, &verdict);
    return verdict.findings > 0 ? EXIT_FAILED : EXIT_DONE;
}

/* ---- export ---- */

static bool export_row(void *arg, const struct audit_row *row)
{
    struct audit_run *r = arg;

    buf_clear(&r->line);
    if (r->is_csv) {
        audit_print_csv(&r->line, row);
    } else {
        audit_print_json(&r->line, row);
        buf_add_char(&r->line, '\n');
    }
    r->has_failed = r->line.full || fwrite(r->line.p, 1, r->line.n, r->i->out) != r->line.n;
    return !r->has_failed;
}

static enum exit_code export_rows(struct audit_run *r)
{
    const char *format = options_value(&r->i->options, "format");
    enum exit_code code = read_ask(r);
    struct fail fail;
    enum err err;

    r->is_csv = format != NULL && strcmp(format, "csv") == 0;
    if (format != NULL && !r->is_csv && strcmp(format, "json") != 0)
        return command_misused(r->i, "--format is json or csv, not '%s'", format);
    if (code != EXIT_DONE)
        return code;
    buf_init(&r->line, LINE_LIMIT);
    if (r->is_csv) {
        audit_print_csv_titles(&r->line);
        (void)fputs(r->line.p, r->i->out); /* flushing tells */
    }
    err = store_audit_each(r->o.store, &r->ask, export_row, r, &fail);
    buf_done(&r->line);
    if (err != ERR_NONE)
        return failed(r, &fail);
    if (r->has_failed)
        command_complain(r->i, "the output could not be written");
    return r->has_failed ? EXIT_FAILED : EXIT_DONE;
}

/* ---- redact ---- */

static enum err redact_in_store(struct audit_run *r, struct span source, struct span id,
                                struct span user, int64_t *n, struct fail *fail)
{
    struct store *s = r->o.store;
    enum err err = store_begin(s, fail);

    if (err != ERR_NONE)
        return err;
    err = store_audit_redact(s, source, id, user, deed_actor(r->i->environment, &r->o.arena),
                             clock_wall_ms(), n, fail);
    if (err == ERR_NONE)
        return store_commit(s, fail);
    store_rollback(s);
    return err;
}

static enum exit_code redact(struct audit_run *r)
{
    const char *word = r->i->options.arguments[1];
    struct span source, id, user;
    struct fail fail;
    int64_t n = 0;

    if (find_person(r, word, &source, &id, &user) != EXIT_DONE)
        return EXIT_FAILED;
    if (redact_in_store(r, source, id, user, &n, &fail) != ERR_NONE)
        return failed(r, &fail);
    if (n == 0) {
        command_complain(r->i,
                         "the audit log says nothing of '%s' that could be erased; 'roster audit "
                         "--user USER' lists what it says of somebody",
                         word);
        return EXIT_FAILED;
    }
    (void)fprintf(r->i->out,
                  "%" PRId64 " %s no longer %s whom or what %s about; the chain holds. Backups and "
                  "exports still do\n",
                  n, n == 1 ? "row" : "rows", n == 1 ? "says" : "say",
                  n == 1 ? "it was" : "they were");
    if (store_audit_purge(r->o.store, &fail) != ERR_NONE)
        command_complain(r->i, "what was erased leaves the store's '-wal' file a little later: %s",
                         fail.text);
    return EXIT_DONE;
}

/* ---- which ---- */

static const struct action {
    const char *name;
    size_t n_arguments; /* with the name */
    enum store_mode mode;
    enum exit_code (*run)(struct audit_run *r);
    const char *options[4];
} actions[] = {
    {"list", 0, STORE_READ, list, {"user", "since", "limit"}},
    {"verify", 1, STORE_READ, verify, {"head"}},
    {"export", 1, STORE_READ, export_rows, {"user", "since", "format"}},
    {"redact", 2, STORE_WRITE, redact, {NULL}},
};

static const struct action *find_action(const struct invocation *i)
{
    if (i->options.n_arguments == 0)
        return &actions[0];
    for (size_t k = 1; k < sizeof(actions) / sizeof(actions[0]); k++)
        if (strcmp(actions[k].name, i->options.arguments[0]) == 0)
            return &actions[k];
    return NULL;
}

static bool takes(const struct action *action, const char *option)
{
    for (size_t i = 0; action->options[i] != NULL; i++)
        if (strcmp(action->options[i], option) == 0)
            return true;
    return false;
}

static enum exit_code check_usage(const struct invocation *i, const struct action *action)
{
    if (i->options.n_arguments != action->n_arguments)
        return command_misused(i, "audit %s %s", action->name,
                               action->n_arguments == 2 ? "needs a USER" : "takes nothing more");
    for (const struct option_row *row = options; row->name != NULL; row++)
        if (options_has(&i->options, row->name) && !takes(action, row->name))
            return command_misused(i, "audit%s%s does not take --%s",
                                   action->n_arguments == 0 ? "" : " ",
                                   action->n_arguments == 0 ? "" : action->name, row->name);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    const struct action *action = find_action(i);
    struct audit_run r = {.i = i};
    enum exit_code code;

    if (action == NULL)
        return command_misused(i, "audit takes verify, export or redact USER, not '%s'",
                               i->options.arguments[0]);
    code = check_usage(i, action);
    if (code != EXIT_DONE)
        return code;
    code = open_store(i, action->mode, &r.o);
    if (code != EXIT_DONE)
        return code;
    code = action->run(&r);
    open_done(&r.o);
    return code;
}

const struct command cmd_audit = {
    .name = "audit",
    .help = "lists, verifies, exports or redacts the log of all that was done",
    .arguments = "[verify | export | redact USER]",
    .about =
        "Without an action it lists the newest rows: one for each call to Amazon Connect, and one "
        "for\n"
        "each thing that an operator did.\n"
        "\n"
        "verify        finds rows that were changed or taken out, and a cut end; exit code 1 then. "
        "It\n"
        "              prints the head of the log: noted elsewhere and given back by --head, it "
        "also\n"
        "              shows a log that was written anew as a whole\n"
        "export        prints rows, oldest first, with their hashes\n"
        "redact USER   erases what the log says of one person, for good; that they are redacted, "
        "by\n"
        "              whom and when stays, and the log can still be verified\n"
        "\n"
        "The log is kept for [Store] KEEP_AUDIT.",
    .options = options,
    .max_arguments = 2,
    .run = run,
};
