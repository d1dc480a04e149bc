#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/story.h"

enum { JSON_LIMIT = 64 * 1024 * 1024 };

static const struct option_row options[] = {
    {"json", NULL, "one JSON object"},
    {NULL, NULL, NULL},
};

static enum exit_code print_json(const struct invocation *i, const struct story *story)
{
    enum exit_code code = EXIT_DONE;
    struct json_out out;
    struct buf text;

    buf_init(&text, JSON_LIMIT);
    out = json_out(&text);
    story_json(story, &out);
    if (text.full) {
        command_complain(i, "their story is too long for one JSON object");
        code = EXIT_FAILED;
    } else {
        (void)fprintf(i->out, "%s\n", text.p);
    }
    buf_done(&text);
    return code;
}

static enum exit_code tell(const struct invocation *i, struct opened *o, const struct person *p)
{
    int64_t now_ms = clock_wall_ms();
    struct dossier d;
    struct story story;
    struct fail fail;
    enum err err = dossier_read(o, p, &d, &fail);

    if (err == ERR_NONE)
        err = story_read(o, &d, now_ms, &story, &fail);
    if (err != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    if (options_has(&i->options, "json"))
        return print_json(i, &story);
    story_print(&story, i->out, &i->style, now_ms);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    struct person person;
    struct opened o;
    enum exit_code code = open_store(i, STORE_READ, &o);

    if (code != EXIT_DONE)
        return code;
    code = open_person(i, &o, i->options.arguments[0], &person);
    if (code == EXIT_DONE)
        code = tell(i, &o, &person);
    open_done(&o);
    return code;
}

const struct command cmd_why = {
    .name = "why",
    .help = "tells the whole story of one person, and what is still to happen",
    .arguments = "USER",
    .about =
        "What Okta said, which rule gave which value, what the agent has, and then all that "
        "happened:\n"
        "Okta's events, each call to Amazon Connect with its cause, what it changed, its answer "
        "and AWS's\n"
        "request id, and what operators did; in the end, what is still to happen. Nothing is read "
        "but the\n"
        "store.\n"
        "\n"
        "USER is an Okta id, a login, the application's user name or the agent's user name. "
        "'roster undo\n"
        "STEP' has the agent be again what it was before a step.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
