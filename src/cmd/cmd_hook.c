/* `roster hook ACTION`: this deployment's event hook in Okta, by Okta's API. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/deed.h"
#include "cmd/hook_setup.h"
#include "cmd/open.h"
#include "cmd/person_json.h"
#include "cmd/table.h"
#include "okta/hook.h"
#include "text/url.h"

enum { LINE_LIMIT = 256 * 1024 };

static const struct option_row options[] = {
    {"json", NULL, "with list: one JSON object a line"},
    {NULL, NULL, NULL},
};

/* One run: everything that the actions need. */
struct hook_run {
    const struct invocation *i;
    const struct settings *settings;
    struct hook_setup setup;
    struct span name; /* of this deployment's hook */
};

/* What Okta sends, made fit to be shown. */
static const char *shown(struct hook_run *r, struct span text)
{
    struct buf line;
    const char *copy;

    buf_init(&line, LINE_LIMIT);
    style_add(&line, text);
    copy = arena_dup(&r->setup.arena, buf_span(&line));
    buf_done(&line);
    return copy;
}

static enum exit_code failed(const struct hook_run *r, const struct fail *fail)
{
    command_complain(r->i, "%s", fail->text);
    return EXIT_FAILED;
}

/* ---- list ---- */

static void print_json(const struct hook_run *r)
{
    struct json_out out;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < r->setup.n; i++) {
        const struct okta_event_hook *h = &r->setup.hooks[i];

        buf_clear(&line);
        out = json_out(&line);
        json_out_begin(&out, '{');
        json_put_str(&out, "id", h->id);
        json_put_str(&out, "name", h->name);
        json_put_bool(&out, "is_ours", span_eq(h->name, r->name));
        json_put_bool(&out, "is_active", h->is_active);
        json_put_bool(&out, "is_verified", h->is_verified);
        json_put_str(&out, "url", h->url);
        json_put_str(&out, "header", h->header);
        json_put_int(&out, "types", (int64_t)h->n_types);
        json_put_int(&out, "types_lacking", (int64_t)hook_setup_lacks(h));
        json_out_end(&out, '}');
        (void)fprintf(r->i->out, "%s\n", line.p);
    }
    buf_done(&line);
}

static void print_table(const struct hook_run *r)
{
    static const char *const titles[] = {"NAME",     "ID",           "OURS",     "ACTIVE",
                                         "VERIFIED", "#EVENT TYPES", "#LACKING", "URL"};
    const char *columns[TABLE_COLUMNS + 1] = {NULL};
    struct table table;

    if (r->setup.n == 0) {
        (void)fputs("there is no event hook in Okta\n", r->i->out);
        return;
    }
    memcpy(columns, titles, sizeof(titles));
    table_init(&table, "", columns);
    for (size_t i = 0; i < r->setup.n; i++) {
        const struct okta_event_hook *h = &r->setup.hooks[i];
        bool is_ours = span_eq(h->name, r->name);

        table_add(&table, h->name, COLOUR_NONE);
        table_add(&table, h->id, COLOUR_NONE);
        table_add(&table, is_ours ? SPAN("yes") : SPAN("no"), COLOUR_NONE);
        table_add(&table, h->is_active ? SPAN("yes") : SPAN("no"),
                  h->is_active ? COLOUR_GOOD : COLOUR_BAD);
        table_add(&table, h->is_verified ? SPAN("yes") : SPAN("no"),
                  h->is_verified ? COLOUR_GOOD : COLOUR_BAD);
        table_add_int(&table, (int64_t)h->n_types);
        table_add_int(&table, is_ours ? (int64_t)hook_setup_lacks(h) : 0);
        table_add(&table, h->url, COLOUR_NONE);
    }
    table_print(&table, r->i->out, &r->i->style);
    table_done(&table);
}

static enum exit_code list(struct hook_run *r)
{
    struct fail fail;

    if (hook_setup_list(&r->setup, &fail) != ERR_NONE)
        return failed(r, &fail);
    if (options_has(&r->i->options, "json"))
        print_json(r);
    else
        print_table(r);
    return EXIT_DONE;
}

/* ---- the others ---- */

/* What an operator does is in the audit log before anything comes of it; false: it cannot be, and
 * was complained about. A hook may be registered before the daemon has made a store. */
static bool record(struct hook_run *r, struct span url)
{
    const char *word = r->i->options.arguments[0];
    struct fail fail;
    enum err err = deed_record_apart(r->i, r->settings,
                                     span_of(arena_printf(&r->setup.arena, "%s%s%.*s", word,
                                                          url.n > 0 ? " " : "", SPAN_ARG(url))),
                                     &fail);

    if (err == ERR_NOT_FOUND)
        command_complain(r->i, "note: %s, so the audit log does not tell of this", fail.text);
    else if (err != ERR_NONE)
        command_complain(r->i, "%s; nothing was done", fail.text);
    return err == ERR_NONE || err == ERR_NOT_FOUND;
}

/* Ours by its name, or complains. */
static const struct okta_event_hook *find_ours(struct hook_run *r)
{
    const struct okta_event_hook *ours = NULL;
    struct fail fail;

    if (hook_setup_list(&r->setup, &fail) != ERR_NONE) {
        (void)failed(r, &fail);
        return NULL;
    }
    ours = hook_setup_find(r->setup.hooks, r->setup.n, r->name, SPAN(""));
    if (ours == NULL)
        command_complain(r->i,
                         "Okta has no event hook '%.*s'; 'roster hook register URL' makes one, "
                         "'roster hook list' shows those that are there",
                         SPAN_ARG(r->name));
    return ours;
}

static enum exit_code verify_it(struct hook_run *r, const struct okta_event_hook *hook)
{
    struct fail fail;
    enum err err = ERR_NONE;

    if (!hook->is_active)
        err = hook_setup_do(&r->setup, hook->id, EVENT_HOOK_ACTIVATE, &fail);
    if (err == ERR_NONE)
        err = hook_setup_do(&r->setup, hook->id, EVENT_HOOK_VERIFY, &fail);
    if (err == ERR_NONE) {
        (void)fprintf(r->i->out, "the event hook '%.*s' is active and verified: Okta delivers\n",
                      SPAN_ARG(r->name));
        return EXIT_DONE;
    }
    command_complain(r->i,
                     "the event hook '%.*s' is not verified, so Okta delivers nothing: %s. Okta "
                     "asks %s while this command waits: 'roster serve' must run and be reached "
                     "there; then say 'roster hook verify'",
                     SPAN_ARG(r->name), fail.text, shown(r, hook->url));
    return EXIT_FAILED;
}

static enum exit_code verify(struct hook_run *r)
{
    const struct okta_event_hook *ours = find_ours(r);

    return ours == NULL || !record(r, SPAN("")) ? EXIT_FAILED : verify_it(r, ours);
}

static enum exit_code remove_it(struct hook_run *r)
{
    const struct okta_event_hook *ours = find_ours(r);
    struct fail fail;
    enum err err = ERR_NONE;

    if (ours == NULL || !record(r, SPAN("")))
        return EXIT_FAILED;
    if (ours->is_active)
        err = hook_setup_do(&r->setup, ours->id, EVENT_HOOK_DEACTIVATE, &fail);
    if (err == ERR_NONE)
        err = hook_setup_do(&r->setup, ours->id, EVENT_HOOK_DELETE, &fail);
    if (err != ERR_NONE)
        return failed(r, &fail);
    (void)fprintf(r->i->out, "the event hook '%.*s' is removed from Okta\n", SPAN_ARG(r->name));
    return EXIT_DONE;
}

/* A proxy may lead another path to the daemon, so this is only said. */
static void warn_of_path(const struct hook_run *r, struct span text)
{
    struct url url;

    if (url_parse(text, &url, NULL) == ERR_NONE && !hook_owns(url.path))
        command_complain(
            r->i,
            "note: this daemon takes deliveries at /okta/events, not at '%.*s', unless "
            "a proxy in front leads one to the other",
            SPAN_ARG(url.path));
}

static enum exit_code register_it(struct hook_run *r)
{
    struct okta_event_hook_wanted wanted = {.name = r->name,
                                            .header = r->settings->hook_header,
                                            .secret = secret_span(&r->settings->hook_secret),
                                            .types = okta_event_hook_types};
    const struct okta_event_hook *there;
    struct fail fail;

    if (hook_setup_url(span_of(r->i->options.arguments[1]), &r->setup.arena, &wanted.url, &fail) !=
        ERR_NONE)
        return command_misused(r->i, "%s", fail.text);
    if (!secret_is_set(&r->settings->hook_secret)) {
        command_complain(r->i, "there is no hook secret to register: set [OKTA] HOOK_SECRET_FILE");
        return EXIT_BAD_CONFIG;
    }
    warn_of_path(r, wanted.url);
    if (hook_setup_list(&r->setup, &fail) != ERR_NONE)
        return failed(r, &fail);
    there = hook_setup_find(r->setup.hooks, r->setup.n, r->name, wanted.url);
    if (!record(r, wanted.url))
        return EXIT_FAILED;
    if (hook_setup_put(&r->setup, there == NULL ? SPAN("") : there->id, &wanted, &fail) != ERR_NONE)
        return failed(r, &fail);
    (void)fprintf(r->i->out, "the event hook '%.*s' is %s, for %zu event types at %s\n",
                  SPAN_ARG(r->name), there == NULL ? "made" : "set anew", r->setup.hooks[0].n_types,
                  shown(r, r->setup.hooks[0].url));
    return verify_it(r, &r->setup.hooks[0]);
}

/* ---- which ---- */

static const struct action {
    const char *name;
    size_t n_arguments; /* behind the name */
    enum exit_code (*run)(struct hook_run *r);
} actions[] = {{"register", 1, register_it},
               {"verify", 0, verify},
               {"list", 0, list},
               {"remove", 0, remove_it}};

static const struct action *find_action(const struct invocation *i)
{
    for (size_t k = 0; k < sizeof(actions) / sizeof(actions[0]); k++)
        if (strcmp(actions[k].name, i->options.arguments[0]) == 0)
            return &actions[k];
    return NULL;
}

static enum exit_code act(const struct invocation *i, const struct settings *settings,
                          const struct action *action)
{
    struct hook_run r = {.i = i, .settings = settings};
    enum exit_code code;
    struct fail fail;
    enum err err = hook_setup_open(settings, i->environment, i->err, &r.setup, &fail);

    r.name = hook_setup_name(settings, &r.setup.arena);
    if (err == ERR_NONE)
        code = action->run(&r);
    else
        command_complain(i, "%s", fail.text);
    hook_setup_done(&r.setup);
    if (err == ERR_NONE)
        return code;
    return err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
}

static enum exit_code run(struct invocation *i)
{
    const struct action *action = find_action(i);
    struct settings *settings;
    enum exit_code code;

    if (action == NULL)
        return command_misused(i, "hook needs register URL, verify, list or remove, not '%s'",
                               i->options.arguments[0]);
    if (i->options.n_arguments != 1 + action->n_arguments)
        return command_misused(i, "hook %s %s", action->name,
                               action->n_arguments == 1 ? "needs a URL" : "takes nothing more");
    code = open_settings(i, &settings);
    if (code != EXIT_DONE)
        return code;
    code = act(i, settings, action);
    settings_free(settings);
    return code;
}

const struct command cmd_hook = {
    .name = "hook",
    .help = "sets the event hook up in Okta by its API: register, verify, list, remove",
    .arguments = "register URL | verify | list | remove",
    .about =
        "register URL  makes this deployment's event hook in Okta ('Roster' and [Roster] NAME), or "
        "sets\n"
        "              it anew: the URL, all event types that Roster acts on, and the hook secret; "
        "and\n"
        "              verifies it. Without a path, the URL is completed by /okta/events\n"
        "verify        has Okta ask the URL: until it was answered once, nothing is delivered\n"
        "list          shows all event hooks of the org\n"
        "remove        removes this deployment's\n"
        "\n"
        "Needs [OKTA] ORG_URL and credentials that may manage event hooks. Okta asks the URL while "
        "the\n"
        "command waits, so 'roster serve' has to run, and to be reached there.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run,
};
