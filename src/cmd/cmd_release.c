/* `roster release` and `roster reject`: the two answers to what is held at a bound. */
#include <inttypes.h>

#include "base/clock.h"
#include "cmd/commands.h"
#include "cmd/decide.h"
#include "cmd/deed.h"
#include "cmd/follow.h"
#include "engine/release.h"

static const struct option_row options[] = {
    {"all", NULL, "everybody who is held at a bound"},
    {NULL, NULL, NULL},
};
static const struct option_row release_options[] = {
    {"all", NULL, "everybody who is held at a bound"},
    FOLLOW_OPTION,
    {NULL, NULL, NULL},
};

struct answer {
    enum release_decision decision;
    const char *one, *all; /* what is said of one person, of n people */
};

static const struct answer release_answer = {RELEASE_PASS,
                                             "is due; 'roster show' tells what became of it",
                                             "due; 'roster status' tells what became of it"};
static const struct answer reject_answer = {RELEASE_REJECT,
                                            "stays as it is until Okta says something new",
                                            "left as they are until Okta says something new"};

/* Whoever is working on it sees that it has gone, and records what was sent already. */
static enum err give_up(struct opened *o, struct person *p, bool *is_changed, struct fail *fail)
{
    enum err err = store_person_get(o->store, &o->arena, p->source, p->id, p, fail);

    *is_changed = err == ERR_NONE;
    return err == ERR_NONE ? store_person_remove(o->store, p->source, p->id, fail) : err;
}

static enum err write_one(const struct invocation *i, struct opened *o, const struct answer *answer,
                          struct person *p, bool *is_changed, struct fail *fail)
{
    bool gives_up = answer->decision == RELEASE_REJECT && person_is_import(p);
    enum err err = store_begin(o->store, fail);

    if (err != ERR_NONE)
        return err;
    if (gives_up)
        err = give_up(o, p, is_changed, fail);
    else
        err = release_one(o->store, &o->arena, p->source, p->id, answer->decision, clock_wall_ms(),
                          p, is_changed, fail);
    if (err == ERR_NONE && *is_changed)
        err = deed_record(i, o, p, SPAN(""), fail);
    if (err == ERR_NONE)
        return store_commit(o->store, fail);
    store_rollback(o->store);
    return err;
}

static enum exit_code decide_one(const struct invocation *i, struct opened *o,
                                 const struct answer *answer)
{
    struct follow follow = {.since_ms = clock_wall_ms()};
    struct person p;
    struct fail fail;
    bool is_changed = false;
    enum exit_code code = open_person(i, o, i->options.arguments[0], &p);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = write_one(i, o, answer, &p, &is_changed, &fail);
    if (err == ERR_NONE && !is_changed)
        err = fail_set(&fail, ERR_CONFLICT,
                       "nothing is held at a bound; the state is %s%s%.*s. 'roster held' lists who "
                       "is",
                       person_state_name(p.state), p.reason_code.n > 0 ? ", for " : "",
                       SPAN_ARG(p.reason_code));
    if (err != ERR_NONE)
        return decide_complain(i, o, err, &p, &fail);
    if (answer->decision == RELEASE_PASS && follow_wanted(i)) {
        follow_add(&follow, o, p.source, p.id);
        return follow_run(&follow, i, o, SPAN(RELEASE_CAUSE));
    }
    (void)fprintf(i->out, "%s %s\n", decide_name(o, &p),
                  answer->decision == RELEASE_REJECT && person_is_import(&p)
                      ? "is given up; say 'roster import' again to have it made"
                      : answer->one);
    return EXIT_DONE;
}

static enum exit_code decide_all(const struct invocation *i, struct opened *o,
                                 const struct answer *answer)
{
    int64_t now_ms = clock_wall_ms(), n = 0;
    struct follow follow = {.since_ms = now_ms};
    struct fail fail;
    enum err err = store_begin(o->store, &fail);

    if (err == ERR_NONE) {
        err = release_all(o->store, answer->decision, now_ms, &n, &fail);
        if (err == ERR_NONE && n > 0)
            err = deed_record(
                i, o, NULL, span_of(arena_printf(&o->arena, "all: %" PRId64 " people", n)), &fail);
        if (err == ERR_NONE && answer->decision == RELEASE_PASS && follow_wanted(i))
            err = follow_add_all(&follow, o, SPAN(RELEASE_CAUSE), now_ms, &fail);
        if (err == ERR_NONE)
            err = store_commit(o->store, &fail);
        else
            store_rollback(o->store);
    }
    if (err != ERR_NONE)
        return decide_complain(i, o, err, NULL, &fail);
    if (follow.n > 0)
        return follow_run(&follow, i, o, SPAN(RELEASE_CAUSE));
    if (n == 0)
        (void)fputs("nobody is held at a bound\n", i->out);
    else
        (void)fprintf(i->out, "%" PRId64 " %s %s\n", n, n == 1 ? "person is" : "people are",
                      answer->all);
    return EXIT_DONE;
}

static enum exit_code answer_held(struct invocation *i, const struct answer *answer)
{
    bool is_all = options_has(&i->options, "all");
    struct opened o;
    enum exit_code code;

    if (is_all == (i->options.n_arguments == 1))
        return command_misused(i, "%s needs either a USER or --all", i->command->name);
    code = open_store(i, STORE_WRITE, &o);
    if (code != EXIT_DONE)
        return code;
    code = is_all ? decide_all(i, &o, answer) : decide_one(i, &o, answer);
    open_done(&o);
    return code;
}

static enum exit_code run_release(struct invocation *i)
{
    return answer_held(i, &release_answer);
}

static enum exit_code run_reject(struct invocation *i)
{
    return answer_held(i, &reject_answer);
}

const struct command cmd_release = {
    .name = "release",
    .help = "lets happen what is held at a bound",
    .arguments = "USER | --all",
    .about =
        "Who is held because a set of removals or of changes exceeded its bound, or because it is "
        "not\n"
        "sure that they left, is carried out: look at 'roster held' first. When nobody is held by "
        "a\n"
        "bound any more, later ones are judged by it again; those that are released count.\n"
        "\n"
        "USER is an Okta id, a login or a user name.\n"
        "\n" FOLLOW_ABOUT,
    .options = release_options,
    .max_arguments = 1,
    .run = run_release,
};

const struct command cmd_reject = {
    .name = "reject",
    .help = "keeps agents as they are that are held at a bound",
    .arguments = "USER | --all",
    .about =
        "The agents stay as they are, until Okta says something new of these people: then it is\n"
        "judged again. Somebody who left, and whose REMOVAL_GRACE still runs, may be rejected, "
        "too,\n"
        "by name. A row of an import is given up by name, too.\n"
        "\n"
        "USER is an Okta id, a login or a user name. Works beside a running daemon and without "
        "one.",
    .options = options,
    .max_arguments = 1,
    .run = run_reject,
};
