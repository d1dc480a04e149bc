#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/inspect.h"
#include "cmd/plan_file.h"
#include "cmd/plan_print.h"
#include "text/time.h"

static const struct option_row options[] = {
    {"json", NULL, "one JSON object"},
    {"out", "FILE", "also writes the plan there, for 'roster apply FILE'"},
    {"valid", "DURATION", "how long the plan in FILE holds: 1h unless it is said"},
    {"user", "USER", "only this one: an Okta id, a login or a user name"},
    {"trust-listings", NULL,
     "takes listings of Okta's for whole though they have lost many people"},
    {"deep", NULL, "also reads what listings hide, agent by agent: e-mail, proficiencies, times"},
    {"detailed-exitcode", NULL, "ends with 2 when something would be done"},
    {NULL, NULL, NULL},
};

static enum err save(struct inspect *r, int64_t valid_ms, struct fail *fail)
{
    const struct invocation *i = r->invocation;
    const char *file = options_value(&i->options, "out");
    struct plan_head head;
    enum err err = ERR_NONE;

    if (file == NULL)
        return ERR_NONE;
    err = plan_file_write(file, inspection_proposal(r->inspection), r->opened.settings, valid_ms,
                          clock_wall_ms(), &r->opened.arena, &head, fail);
    if (err == ERR_NONE && !options_has(&i->options, "json"))
        (void)fprintf(i->out, "\nThe plan %.*s is in %s; 'roster apply %s' carries it out.\n",
                      SPAN_ARG(head.id), file, file);
    return err;
}

static enum exit_code show(struct inspect *r, int64_t valid_ms)
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
    if (err == ERR_NONE)
        err = save(r, valid_ms, &fail);
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
                                      .trusts_listings = options_has(&i->options, "trust-listings"),
                                      .user = options_value(&i->options, "user"),
                                      .cause = "plan"};
    const char *valid = options_value(&i->options, "valid");
    int64_t valid_ms = PLAN_VALID_MS;
    struct inspect r;
    enum exit_code code;

    if (valid != NULL && (!time_parse_duration(span_of(valid), &valid_ms) || valid_ms <= 0))
        return command_misused(i, "--valid is a duration as 90s, 15m, 1h or 7d, not '%s'", valid);
    code = inspect_open(i, &inspect, &r);
    if (code != EXIT_DONE)
        return code;
    code = inspect_run(&r);
    if (code == EXIT_DONE)
        code = show(&r, valid_ms);
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
