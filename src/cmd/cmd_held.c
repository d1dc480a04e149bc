#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/held.h"

enum { JSON_LIMIT = 256 * 1024 * 1024 };

static const struct option_row options[] = {
    {"json", NULL, "one JSON object"},
    {NULL, NULL, NULL},
};

static void print_json(const struct held *h, const struct opened *o, FILE *to)
{
    struct json_out out;
    struct buf text;

    buf_init(&text, JSON_LIMIT);
    out = json_out(&text);
    held_json(h, o, &out);
    (void)fprintf(to, "%s\n", text.p);
    buf_done(&text);
}

static enum exit_code run(struct invocation *i)
{
    struct held held;
    struct opened o;
    struct fail fail;
    enum exit_code code = open_store(i, STORE_READ, &o);

    if (code != EXIT_DONE)
        return code;
    if (held_read(&o, clock_wall_ms(), &held, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        code = EXIT_FAILED;
    } else if (options_has(&i->options, "json")) {
        print_json(&held, &o, i->out);
    } else {
        held_print(&held, &o, i->out, &i->style);
    }
    open_done(&o);
    return code;
}

const struct command cmd_held = {
    .name = "held",
    .help = "shows who is held at which bound, why and since when",
    .arguments = "",
    .about =
        "Removals (parking and deleting) are judged as one set against [Connect] MAX_REMOVALS,\n"
        "changes of security and routing profiles against MAX_CHANGES. A set that exceeds its "
        "bound\n"
        "is held whole, and nothing more passes there until a person decides: 'roster release'\n"
        "lets it happen, 'roster reject' does not. Who falls out of scope because the "
        "configuration\n"
        "changed, or a name in it no longer means anything, is held whatever the number.\n"
        "\n"
        "People who are held for other reasons are listed by 'roster users --state held'.",
    .options = options,
    .run = run,
};
