#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/dossier.h"

enum { JSON_LIMIT = 64 * 1024 * 1024 };

static const struct option_row options[] = {
    {"json", NULL, "one JSON object"},
    {NULL, NULL, NULL},
};

static void print_json(const struct dossier *d, FILE *to)
{
    struct json_out out;
    struct buf text;

    buf_init(&text, JSON_LIMIT);
    out = json_out(&text);
    dossier_json(d, &out);
    (void)fprintf(to, "%s\n", text.p);
    buf_done(&text);
}

static enum exit_code run(struct invocation *i)
{
    struct person person;
    struct dossier d;
    struct opened o;
    struct fail fail;
    enum exit_code code = open_store(i, STORE_READ, &o);

    if (code != EXIT_DONE)
        return code;
    code = open_person(i, &o, i->options.arguments[0], &person);
    if (code == EXIT_DONE && dossier_read(&o, &person, &d, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        code = EXIT_FAILED;
    }
    if (code == EXIT_DONE && options_has(&i->options, "json"))
        print_json(&d, i->out);
    else if (code == EXIT_DONE)
        dossier_print(&d, i->out, &i->style, clock_wall_ms());
    open_done(&o);
    return code;
}

const struct command cmd_show = {
    .name = "show",
    .help = "shows all about one person: what is wanted, what is there, each step",
    .arguments = "USER",
    .about = "USER is an Okta id, a login, the application's user name or the agent's user name; "
             "the case\n"
             "of names does not matter.\n"
             "\n"
             "Each step is one call to Amazon Connect, with what caused it (the uuid of Okta's "
             "event, or\n"
             "an operator), when, what was answered, and the request id that AWS support asks for.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
