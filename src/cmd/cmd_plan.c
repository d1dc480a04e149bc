#include "cmd/commands.h"
#include "cmd/inspect.h"
#include "cmd/plan_print.h"

static const struct option_row options[] = {
    {"json", NULL, "one JSON object"},
    {"out", "FILE", "also writes the plan there, for 'roster apply FILE'"},
    {"user", "USER", "only this one: an Okta id, a login or a user name"},
    {"deep", NULL, "also reads what listings hide, agent by agent: e-mail, proficiencies, times"},
    {"detailed-exitcode", NULL, "ends with 2 when something would be done"},
    {NULL, NULL, NULL},
};

static enum exit_code show(struct inspect *r)
{
    const struct invocation *i = r->invocation;
    struct proposal *p = inspection_proposal(r->inspection);
    struct fail fail;
    enum err err;

    if (r->stand_in != NULL && !options_has(&i->options, "json"))
        (void)fputs("There is no store yet: this is as for a new one.\n\n", i->out);
    err = options_has(&i->options, "json")
              ? plan_print_json(p, i->out, r->read_cpu_us, r->compare_cpu_us, &fail)
              : plan_print(p, i->out, &i->style, i->style.width > 0, &fail);
    if (err != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    return options_has(&i->options, "detailed-exitcode") && proposal_has_changes(p) ? EXIT_CHANGES
                                                                                    : EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    struct inspect_options inspect = {.mode = STORE_READ,
                                      .is_deep = options_has(&i->options, "deep"),
                                      .user = options_value(&i->options, "user"),
                                      .cause = "plan"};
    struct inspect r;
    enum exit_code code = inspect_open(i, &inspect, &r);

    if (code != EXIT_DONE)
        return code;
    code = inspect_run(&r);
    if (code == EXIT_DONE)
        code = show(&r);
    inspect_done(&r);
    return code;
}

const struct command cmd_plan = {
    .name = "plan",
    .help = "shows what would be done to bring Amazon Connect in line with Okta, and does nothing",
    .arguments = "",
    .about =
        "Reads all of Okta that the rules speak of and all agents of the instance, and shows who\n"
        "would be created, changed, parked, deleted and adopted, who is held and why, what bounds\n"
        "stand in the way, how many calls it takes, and how long at the rates of the settings.\n"
        "\n"
        "What listings hide (e-mail addresses, proficiencies, times of after-contact work) is\n"
        "compared with what was last applied, and marked; --deep reads it, one agent a call.\n"
        "Without Okta's API ([OKTA] ORG_URL) the memberships are those that events have told.\n"
        "\n"
        "Nothing is written, neither to Amazon Connect nor to the store. 'roster apply' carries a\n"
        "plan out.",
    .options = options,
    .run = run,
};
