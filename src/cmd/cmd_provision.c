#include "cmd/apply.h"
#include "cmd/commands.h"
#include "cmd/plan_file.h"
#include "cmd/plan_print.h"

static const struct option_row options[] = {
    {"dry-run", NULL, "only shows what would be done"},
    {NULL, NULL, NULL},
};

/* Nobody would be created, changed or taken away: why not? */
static enum exit_code tell_nothing(const struct inspect *r, const struct proposal *p)
{
    const struct invocation *i = r->invocation;

    if (p->count[DRIFT_HELD] > 0)
        return p->n_guards > 0 ? EXIT_STOPPED : EXIT_FAILED;
    if (p->count[DRIFT_UNCHANGED] == 0)
        (void)fputs("No rule takes them in.\n", i->out);
    return EXIT_DONE;
}

static enum exit_code provision(struct inspect *r)
{
    const struct invocation *i = r->invocation;
    struct proposal *p = inspection_proposal(r->inspection);
    struct arena *a = &r->opened.arena;
    struct apply_options apply = {.inspect = r, .id = plan_file_id(a)};
    struct apply_result result;
    struct fail fail;

    if (plan_print(p, i->out, &i->style, false, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    if (!proposal_has_changes(p))
        return tell_nothing(r, p);
    if (options_has(&i->options, "dry-run"))
        return EXIT_DONE;
    (void)fputc('\n', i->out);
    (void)fflush(i->out); /* the lines of steps follow */
    apply.detail = span_of(arena_printf(a, "plan %.*s", SPAN_ARG(apply.id)));
    return apply_run(&apply, &result);
}

static enum exit_code run(struct invocation *i)
{
    bool is_dry = options_has(&i->options, "dry-run");
    struct inspect_options inspect = {.mode = is_dry ? STORE_READ : STORE_CREATE,
                                      .user = i->options.arguments[0],
                                      .cause = "provision"};
    struct inspect r;
    enum exit_code code = inspect_open(i, &inspect, &r);

    if (code != EXIT_DONE)
        return code;
    code = inspect_run(&r);
    if (code == EXIT_DONE)
        code = provision(&r);
    inspect_done(&r);
    return code;
}

const struct command cmd_provision = {
    .name = "provision",
    .help = "brings one person in line with Okta now",
    .arguments = "USER",
    .about = "Reads this one person in Okta and their agent in Amazon Connect, shows what is to be "
             "done,\n"
             "and does it: by a running daemon, else by itself. --dry-run only shows.\n"
             "\n"
             "USER is an Okta id, a login or a user name. The bounds on removals and changes, and\n"
             "[Connect] REMOVAL_GRACE, count as everywhere.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
