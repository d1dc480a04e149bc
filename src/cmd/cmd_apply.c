#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cmd/apply.h"
#include "cmd/commands.h"
#include "cmd/plan_file.h"
#include "cmd/plan_print.h"
#include "text/time.h"

static const struct option_row options[] = {
    {"yes", NULL, "carries it out without asking"},
    {"valid", "DURATION", "refuses a saved plan that is older, as 1h"},
    {"user", "USER", "only this one: an Okta id, a login or a user name"},
    {"trust-listings", NULL,
     "takes listings of Okta's for whole though they have lost many people"},
    {"deep", NULL, "also reads what listings hide, agent by agent"},
    {NULL, NULL, NULL},
};

static const char *plan_of(const struct invocation *i)
{
    return i->options.n_arguments == 1 ? i->options.arguments[0] : NULL;
}

/* ---- a saved plan ---- */

static enum exit_code check_saved(struct inspect *r, int64_t max_age_ms, struct plan_head *head)
{
    const struct invocation *i = r->invocation;
    struct fail fail;
    enum err err;

    if (plan_of(i) == NULL)
        return EXIT_DONE;
    err = plan_file_read(plan_of(i), r->scan, &r->opened.arena, head, &fail);
    if (err == ERR_NONE)
        err = plan_file_check(head, r->opened.settings, max_age_ms, clock_wall_ms(), &fail);
    if (err == ERR_NONE)
        return EXIT_DONE;
    command_complain(i, "%s; nothing was done", fail.text);
    return err == ERR_CONFLICT ? EXIT_STOPPED : EXIT_FAILED;
}

/* ---- asking ---- */

static enum exit_code show_and_ask(struct inspect *r, bool *out_is_wanted)
{
    const struct invocation *i = r->invocation;
    struct proposal *p = inspection_proposal(r->inspection);
    struct fail fail;

    *out_is_wanted = true;
    if (plan_of(i) != NULL)
        return EXIT_DONE; /* it was shown when it was made */
    if (plan_print(p, i->out, &i->style, i->style.width > 0, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    if (!proposal_has_changes(p)) {
        *out_is_wanted = false;
        return p->n_guards > 0 ? EXIT_STOPPED : EXIT_DONE;
    }
    *out_is_wanted = command_confirm(i, "\nOnly 'yes' does this. Do it? ");
    if (*out_is_wanted)
        (void)fputc('\n', i->out);
    (void)fflush(i->out); /* the lines of steps follow */
    return EXIT_DONE;
}

/* ---- the whole ---- */

static void tell(const struct inspect *r, const struct apply_result *result)
{
    FILE *out = r->invocation->out;

    if (result->in_step > 0)
        (void)fprintf(out, "%" PRId64 " were as planned already\n", result->in_step);
    if (result->moved > 0)
        (void)fprintf(out, "%" PRId64 " left as they are, since they have moved since the plan\n",
                      result->moved);
}

static enum exit_code apply(struct inspect *r, const struct plan_head *head)
{
    struct apply_options what = {.inspect = r, .id = head->id, .is_saved = true};
    struct arena *a = &r->opened.arena;
    struct apply_result result;
    bool is_wanted_now;
    enum exit_code code = show_and_ask(r, &is_wanted_now);

    if (code != EXIT_DONE || !is_wanted_now)
        return code;
    if (plan_of(r->invocation) == NULL) {
        what.id = plan_file_id(a);
        what.is_saved = false;
    }
    what.detail = span_of(arena_printf(a, "plan %.*s", SPAN_ARG(what.id)));
    code = apply_run(&what, &result);
    tell(r, &result);
    return code;
}

static enum exit_code run(struct invocation *i)
{
    struct inspect_options inspect = {.mode = STORE_CREATE,
                                      .is_deep = options_has(&i->options, "deep"),
                                      .trusts_listings = options_has(&i->options, "trust-listings"),
                                      .user = options_value(&i->options, "user"),
                                      .cause = "apply"};
    const char *valid = options_value(&i->options, "valid");
    struct plan_head head = {.changes = 0};
    int64_t max_age_ms = 0;
    struct inspect r;
    enum exit_code code;

    if (valid != NULL && (!time_parse_duration(span_of(valid), &max_age_ms) || max_age_ms <= 0))
        return command_misused(i, "--valid is a duration as 90s, 15m, 1h or 7d, not '%s'", valid);
    if (plan_of(i) != NULL && inspect.user != NULL)
        return command_misused(i, "--user is for a plan that is made now");
    code = inspect_open(i, &inspect, &r);
    if (code != EXIT_DONE)
        return code;
    code = check_saved(&r, max_age_ms, &head);
    if (code == EXIT_DONE)
        code = inspect_run(&r);
    if (code == EXIT_DONE)
        code = apply(&r, &head);
    inspect_done(&r);
    return code;
}

const struct command cmd_apply = {
    .name = "apply",
    .help = "brings Amazon Connect in line with Okta: by a saved plan, or by one that it makes now",
    .arguments = "[PLAN]",
    .about =
        "Without PLAN it plans, shows ('roster plan'), and asks; a script says --yes.\n"
        "\n"
        "A saved plan ('roster plan --out PLAN') is carried out as it is. It is refused whole when "
        "the\n"
        "configuration has changed or the plan has expired; of somebody who has moved since, in "
        "Okta or\n"
        "in Amazon Connect, it is refused for them alone. Then the exit code is 3.\n"
        "\n"
        "A running daemon does the work, else this command does; either at the rates of the "
        "settings.\n"
        "Ctrl-C ends it: calls under way are finished. Said again, it goes on. Some who fail do "
        "not\n"
        "stop the rest; they are told at the end, and the exit code is 1.",
    .options = options,
    .max_arguments = 1,
    .run = run,
};
