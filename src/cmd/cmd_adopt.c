#include "cmd/commands.h"
#include "cmd/decide.h"
#include "cmd/decision.h"

static const struct option_row options[] = {{NULL, NULL, NULL}};

static enum err adopt(struct person *p, const struct rules *rules, const struct scope *scope,
                      int64_t now_ms, struct arena *a, bool *is_changed, struct fail *fail)
{
    *is_changed = true;
    return decision_adopt(p, rules, scope, now_ms, a, fail);
}

static enum exit_code run(struct invocation *i)
{
    const char *word = i->options.arguments[0];
    struct person person;
    struct opened o;
    bool is_changed;
    enum exit_code code = open_store(i, STORE_WRITE, &o);

    if (code != EXIT_DONE)
        return code;
    code = decide(i, &o, word, adopt, &person, &is_changed);
    if (code == EXIT_DONE)
        (void)fprintf(
            i->out,
            "%s is due: the agent of that name is taken over, unless it is another Okta "
            "user's or another\ndeployment's. 'roster show %.*s' tells what became of it.\n",
            decide_name(&o, &person), SPAN_ARG(person.id));
    open_done(&o);
    return code;
}

const struct command cmd_adopt = {
    .name = "adopt",
    .help = "lets a held person take over the agent that bears their user name",
    .arguments = "USER",
    .about = "For somebody who is held with the code 'exists': the agent of their user name was "
             "not made\n"
             "by Roster. It gets this deployment's tags and belongs to that person from then on; "
             "nothing\n"
             "else about it is changed. An agent of another Roster deployment or of another Okta "
             "user is\n"
             "never taken over.\n"
             "\n"
             "USER is an Okta id, a login or a user name. A running daemon carries it out within "
             "seconds,\n"
             "else the next 'roster serve' does.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
