#include <inttypes.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/decide.h"
#include "cmd/decision.h"
#include "cmd/deed.h"
#include "cmd/follow.h"

static const struct option_row options[] = {
    {"all", NULL, "everybody who failed"},
    FOLLOW_OPTION,
    {NULL, NULL, NULL},
};

static enum err retry(struct person *p, const struct rules *rules, const struct scope *scope,
                      int64_t now_ms, struct arena *a, bool *is_changed, struct fail *fail)
{
    (void)a;
    return decision_retry(p, rules, scope, now_ms, is_changed, fail);
}

static enum exit_code retry_one(struct invocation *i, struct opened *o)
{
    struct follow follow = {.since_ms = clock_wall_ms()};
    struct person person;
    bool is_changed = false;
    enum exit_code code = decide(i, o, i->options.arguments[0], retry, &person, &is_changed);

    if (code != EXIT_DONE)
        return code;
    if (person.state == PERSON_DUE && follow_wanted(i)) {
        follow_add(&follow, o, person.source, person.id);
        return follow_run(&follow, i, o, SPAN(DECISION_RETRY_CAUSE));
    }
    if (person.state == PERSON_DUE)
        (void)fprintf(i->out, "%s is due; 'roster show %.*s' tells what became of it\n",
                      decide_name(o, &person), SPAN_ARG(person.id));
    else
        (void)fprintf(i->out, "%s: the state %s %s; there is nothing to retry\n",
                      decide_name(o, &person), is_changed ? "is now" : "is",
                      person_state_name(person.state));
    return EXIT_DONE;
}

static enum exit_code retry_all(struct invocation *i, struct opened *o)
{
    int64_t now_ms = clock_wall_ms(), n = 0;
    struct follow follow = {.since_ms = now_ms};
    struct fail fail;
    enum err err = store_begin(o->store, &fail);

    if (err == ERR_NONE) {
        err = store_people_make_due(o->store, PERSON_FAILED, now_ms, SPAN(DECISION_RETRY_CAUSE), &n,
                                    &fail);
        if (err == ERR_NONE && n > 0)
            err = deed_record(
                i, o, NULL, span_of(arena_printf(&o->arena, "all: %" PRId64 " people", n)), &fail);
        if (err == ERR_NONE && follow_wanted(i))
            err = follow_add_all(&follow, o, SPAN(DECISION_RETRY_CAUSE), now_ms, &fail);
        if (err == ERR_NONE)
            err = store_commit(o->store, &fail);
        else
            store_rollback(o->store);
    }
    if (err != ERR_NONE) {
        command_complain(i, "%s; nothing was changed", fail.text);
        return EXIT_FAILED;
    }
    if (follow.n > 0)
        return follow_run(&follow, i, o, SPAN(DECISION_RETRY_CAUSE));
    if (n == 0)
        (void)fputs("nobody has failed; there is nothing to retry\n", i->out);
    else
        (void)fprintf(i->out, "%" PRId64 " %s due; 'roster status' tells what became of it\n", n,
                      n == 1 ? "person is" : "people are");
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    bool is_all = options_has(&i->options, "all");
    struct opened o;
    enum exit_code code;

    if (is_all == (i->options.n_arguments == 1))
        return command_misused(i, "retry needs either a USER or --all");
    code = open_store(i, STORE_WRITE, &o);
    if (code != EXIT_DONE)
        return code;
    code = is_all ? retry_all(i, &o) : retry_one(i, &o);
    open_done(&o);
    return code;
}

const struct command cmd_retry = {
    .name = "retry",
    .help = "makes people who failed, are held or wait due again",
    .arguments = "USER | --all",
    .about =
        "Somebody who failed or is held stays so until Okta or the configuration says something "
        "new,\n"
        "or until this. Somebody who waits after passing failures is tried at once. What is "
        "refused\n"
        "again is failed again, with the reason.\n"
        "\n"
        "It lets nothing pass that is held at a bound ('roster release' does), and does not cut\n"
        "[Connect] REMOVAL_GRACE short.\n"
        "\n"
        "USER is an Okta id, a login or a user name.\n"
        "\n" FOLLOW_ABOUT,
    .options = options,
    .max_arguments = 1,
    .run = run,
};
