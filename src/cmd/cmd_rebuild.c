#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/deed.h"
#include "cmd/open.h"
#include "cmd/rebuild.h"
#include "cmd/table.h"
#include "store/audit.h"

enum { PATH_LIMIT = 8192 };

static const struct option_row options[] = {
    {"dry-run", NULL, "only shows what would be done; nothing is written"},
    {"into", NULL, "adds to the store that is there what it does not know"},
    {NULL, NULL, NULL},
};

/* The store as this command needs it. */
struct target {
    struct settings *settings;
    char *file;
    bool is_dry, is_into;
    struct store *store; /* NULL: a new one, not made yet */
    int lock_fd;         /* -1 = not locked */
};

/* A running daemon has the same lock, and keeps what it knows in mind. */
static enum err lock(struct target *t, struct fail *fail)
{
    char *slash = strrchr(t->file, '/');
    enum err err = ERR_NONE;
    struct buf path;

    if (slash != NULL && slash != t->file) {
        *slash = '\0';
        err = fs_make_folder(t->file, fail);
        *slash = '/';
    }
    buf_init(&path, PATH_LIMIT);
    buf_printf(&path, "%s.lock", t->file);
    if (err == ERR_NONE)
        err = fs_lock(path.p, &t->lock_fd, fail);
    if (err == ERR_CONFLICT)
        err = fail_set(fail, ERR_CONFLICT,
                       "a daemon works on the store %s; stop it first: a store is rebuilt at rest",
                       t->file);
    buf_done(&path);
    return err;
}

/* Of another instance nothing in the store would be true. */
static enum err check_instance(const struct target *t, struct fail *fail)
{
    struct arena a = {0};
    struct span instance;
    enum err err = store_note_get(t->store, &a, "instance", &instance, fail);

    if (err == ERR_NONE && instance.n > 0 && !span_eq(instance, t->settings->instance_id))
        err = fail_set(fail, ERR_CONFLICT,
                       "the store %s is of the instance %.*s, and [Connect] INSTANCE_ID is %.*s",
                       t->file, SPAN_ARG(instance), SPAN_ARG(t->settings->instance_id));
    arena_done(&a);
    return err;
}

static enum err prepare(struct target *t, struct fail *fail)
{
    enum err err = t->is_dry ? ERR_NONE : lock(t, fail);

    if (err != ERR_NONE)
        return err;
    if (!t->is_into && fs_exists(t->file))
        return fail_set(fail, ERR_CONFLICT,
                        "the store %s is there; move it away to make a new one, or say --into to "
                        "add to it what it does not know",
                        t->file);
    if (!t->is_into)
        return ERR_NONE;
    /* One that was cut off may have left a file without anything in it. */
    err = store_open(t->file,
                     t->is_dry            ? STORE_READ
                     : fs_exists(t->file) ? STORE_CREATE
                                          : STORE_WRITE,
                     &t->store, fail);
    return err == ERR_NONE ? check_instance(t, fail) : err;
}

static enum err record(const struct invocation *i, struct target *t, const struct rebuild *r,
                       struct fail *fail)
{
    struct arena a = {0};
    struct audit_row row = {
        .at_ms = clock_wall_ms(),
        .actor = deed_actor(i->environment, &a),
        .operation = SPAN("rebuild"),
        .cause = SPAN(REBUILD_CAUSE),
        .instance = t->settings->instance_id,
        .detail = span_of(arena_printf(&a, "%zu agents bound", r->count[REBUILD_BIND]))};
    enum err err = store_audit_action(t->store, &row, fail);

    arena_done(&a);
    return err;
}

static enum err write_all(const struct invocation *i, struct target *t, const struct rebuild *r,
                          struct fail *fail)
{
    enum err err = ERR_NONE;

    if (t->store == NULL)
        err = store_open(t->file, STORE_CREATE, &t->store, fail);
    if (err == ERR_NONE)
        err = store_begin(t->store, fail);
    if (err != ERR_NONE)
        return err;
    err = rebuild_write(r, t->store, t->settings, clock_wall_ms(), fail);
    if (err == ERR_NONE)
        err = record(i, t, r, fail);
    if (err == ERR_NONE)
        return store_commit(t->store, fail);
    store_rollback(t->store);
    return err;
}

static void print_unbound(const struct invocation *i, const struct rebuild *r)
{
    static const char *const titles[] = {"NOT BOUND", "AGENT", "OKTA ID", "WHY", NULL};
    struct table table;

    if (rebuild_troubles(r) + r->count[REBUILD_LEFT_ALONE] == 0)
        return;
    (void)fputc('\n', i->out);
    table_init(&table, "", titles);
    for (size_t k = 0; k < r->n; k++) {
        const struct rebuild_agent *a = &r->agents[k];

        if (rebuild_why(a->verdict)[0] == '\0')
            continue;
        table_add(&table, a->user_name, COLOUR_BAD);
        table_add(&table, a->id, COLOUR_NONE);
        table_add(&table, a->okta_id.n > 0 ? a->okta_id : SPAN("-"), COLOUR_NONE);
        table_add(&table, span_of(rebuild_why(a->verdict)), COLOUR_NONE);
    }
    table_print(&table, i->out, &i->style);
    table_done(&table);
}

static void report(const struct invocation *i, const struct target *t, const struct rebuild *r)
{
    (void)fprintf(i->out,
                  "%zu %s the tag " TAG_MANAGED_BY " = %.*s: %zu %s, %zu known already, %zu not "
                  "bound\n",
                  r->n, r->n == 1 ? "agent bears" : "agents bear", SPAN_ARG(t->settings->name),
                  r->count[REBUILD_BIND], t->is_dry ? "would be bound" : "bound",
                  r->count[REBUILD_KNOWN], rebuild_troubles(r) + r->count[REBUILD_LEFT_ALONE]);
    print_unbound(i, r);
    if (t->is_dry || r->count[REBUILD_BIND] == 0)
        return;
    (void)fputs(t->settings->rules.reads_okta
                    ? "\nThe next 'roster serve' reads these people in Okta and compares.\n"
                    : "\nThey stay as they are until Okta's events speak of them.\n",
                i->out);
}

static enum exit_code rebuild_now(const struct invocation *i, struct target *t, struct rebuild *r)
{
    struct fail fail;
    enum err err = prepare(t, &fail);

    if (err == ERR_NONE)
        err = rebuild_read(t->settings, i->environment, r, &fail);
    if (err == ERR_NONE)
        err = rebuild_judge(r, t->store, &fail);
    if (err == ERR_NONE && !t->is_dry)
        err = write_all(i, t, r, &fail);
    if (err != ERR_NONE) {
        command_complain(i, "%s; nothing was written", fail.text);
        return err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
    }
    report(i, t, r);
    return rebuild_troubles(r) > 0 ? EXIT_FAILED : EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    struct target t = {.is_dry = options_has(&i->options, "dry-run"),
                       .is_into = options_has(&i->options, "into"),
                       .lock_fd = -1};
    struct rebuild r = {.n = 0};
    enum exit_code code = open_settings(i, &t.settings);

    if (code != EXIT_DONE)
        return code;
    t.file = mem_dup(t.settings->store_file);
    code = rebuild_now(i, &t, &r);
    rebuild_done(&r);
    store_close(t.store);
    if (t.lock_fd >= 0)
        (void)close(t.lock_fd); /* nothing was written to it */
    free(t.file);
    settings_free(t.settings);
    return code;
}

const struct command cmd_rebuild = {
    .name = "rebuild",
    .help = "makes a lost store anew from the agents in Amazon Connect",
    .arguments = "",
    .about =
        "Lists the agents that bear this deployment's tag and binds each to the person whose Okta "
        "id\n"
        "it bears. What an agent has is looked at before it is changed; nobody is removed because "
        "a\n"
        "store was lost. Two agents that bear one Okta id are told, and neither is bound: the exit "
        "code\n"
        "is 1 then.\n"
        "\n"
        "The store must not be there yet, unless --into is given: then only people are added whom "
        "it\n"
        "does not know. Refused while a daemon runs.",
    .options = options,
    .run = run,
};
