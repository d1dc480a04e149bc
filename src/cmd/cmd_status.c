#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/status.h"

enum { JSON_LIMIT = 64 * 1024 * 1024 };

static const struct option_row options[] = {
    {"check", NULL, "exits 1, and says why, when a person is needed; else says nothing"},
    {"json", NULL, "one JSON object"},
    {"kept", NULL, "with --json: the bodies that were kept aside, whole"},
    {NULL, NULL, NULL},
};

static void print_json(const struct status *s, bool with_bodies, FILE *to)
{
    struct json_out out;
    struct buf text;

    buf_init(&text, JSON_LIMIT);
    out = json_out(&text);
    status_json(s, with_bodies, &out);
    (void)fprintf(to, "%s\n", text.p);
    buf_done(&text);
}

static enum exit_code run(struct invocation *i)
{
    struct status status;
    struct opened o;
    struct fail fail;
    enum exit_code code;

    if (options_has(&i->options, "kept") && !options_has(&i->options, "json"))
        return command_misused(i, "--kept goes with --json");
    code = open_store(i, STORE_READ, &o);
    if (code != EXIT_DONE)
        return code;
    if (status_read(&o, clock_wall_ms(), &status, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        open_done(&o);
        return EXIT_FAILED;
    }
    if (options_has(&i->options, "json"))
        print_json(&status, options_has(&i->options, "kept"), i->out);
    else if (options_has(&i->options, "check"))
        status_print_needs(&status, i->out, &i->style);
    else
        status_print(&status, o.settings, i->out, &i->style);
    if (options_has(&i->options, "check") && status.n_needs > 0)
        code = EXIT_FAILED;
    open_done(&o);
    return code;
}

const struct command cmd_status = {
    .name = "status",
    .help = "shows how things stand: people by state, queue, calls, pauses, errors",
    .arguments = "",
    .about =
        "With --check the exit code is 1 when a person is needed: somebody is held or has failed, "
        "an\n"
        "operation is paused, or the queue does not move (its oldest has waited longer than ten\n"
        "minutes and twice the time that its length takes at [Connect] RATE). Works beside a "
        "running\n"
        "daemon and without one.",
    .options = options,
    .run = run,
};
