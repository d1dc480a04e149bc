/* `roster dlq ACTION`: the dead letters of a deployment on AWS Lambda. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/letters.h"
#include "cmd/open.h"
#include "cmd/person_json.h"
#include "cmd/table.h"

enum { LINE_LIMIT = 8 * SQS_BODY_MAX };

static const struct option_row options[] = {
    {"queue", "URL", "of the queue that they fell out of, instead of [Queue] URL"},
    {"all", NULL, "with redrive and drop: every dead letter"},
    {"yes", NULL, "with drop: without asking"},
    {"json", NULL, "with list and show: one JSON object a line"},
    {NULL, NULL, NULL},
};

/* One run. */
struct dlq_run {
    const struct invocation *i;
    struct letters letters;
};

static enum exit_code failed(const struct dlq_run *r, const struct fail *fail)
{
    command_complain(r->i, "%s", fail->text);
    return EXIT_FAILED;
}

static struct span reason_of(const struct letter *letter)
{
    if (letter->reason.n > 0)
        return letter->reason;
    return letter->type.n > 0 ? SPAN("it came back too often; the log of 'converge' says why")
                              : SPAN("it is no message of Roster's");
}

/* ---- list and show ---- */

static void print_json(const struct dlq_run *r, const struct letter *letter, bool with_body)
{
    struct json_out out;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    out = json_out(&line);
    json_out_begin(&out, '{');
    json_put_str(&out, "id", letter->id);
    json_put_str(&out, "group", letter->group);
    person_json_text(&out, "okta_id", letter->user);
    person_json_text(&out, "type", letter->type);
    person_json_text(&out, "code", letter->code);
    person_json_text(&out, "reason", letter->reason);
    json_put_int(&out, "received", letter->n_received);
    person_json_time(&out, "since", letter->sent_ms);
    if (with_body)
        json_put_str(&out, "body", letter->body);
    json_out_end(&out, '}');
    (void)fprintf(r->i->out, "%s\n", line.p);
    buf_done(&line);
}

static void print_table(const struct dlq_run *r)
{
    static const char *const titles[] = {"GROUP", "SINCE", "#RECEIVED", "ID", "REASON"};
    const char *columns[TABLE_COLUMNS + 1] = {NULL};
    struct table table;

    memcpy(columns, titles, sizeof(titles));
    table_init(&table, "", columns);
    for (size_t i = 0; i < r->letters.n; i++) {
        const struct letter *letter = &r->letters.of[i];

        table_add(&table, letter->group, COLOUR_NONE);
        table_add_time(&table, letter->sent_ms);
        table_add_int(&table, letter->n_received);
        table_add(&table, letter->id, COLOUR_NONE);
        table_add(&table, reason_of(letter), COLOUR_NONE);
    }
    table_print(&table, r->i->out, &r->i->style);
    table_done(&table);
}

/* What the list cannot have. */
static void tell_rest(const struct dlq_run *r)
{
    int64_t rest = r->letters.n_there - (int64_t)r->letters.n;

    if (rest > 0)
        command_complain(
            r->i, "%" PRId64 " more are there: behind these, or in other hands for a moment", rest);
}

static enum exit_code list(struct dlq_run *r)
{
    struct letters *l = &r->letters;

    if (options_has(&r->i->options, "json"))
        for (size_t i = 0; i < l->n; i++)
            print_json(r, &l->of[i], false);
    else if (l->n == 0 && l->n_there == 0)
        (void)fputs("there are no dead letters\n", r->i->out);
    else if (l->n > 0)
        print_table(r);
    tell_rest(r);
    return EXIT_DONE;
}

static void print_line(const struct dlq_run *r, const char *what, struct span text)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    style_add(&line, text);
    (void)fprintf(r->i->out, "%-9s %s\n", what, line.p);
    buf_done(&line);
}

static void print_letter(const struct dlq_run *r, const struct letter *letter)
{
    struct buf text;

    buf_init(&text, 1024);
    print_line(r, "id", letter->id);
    print_line(r, "group", letter->group);
    if (letter->user.n > 0)
        print_line(r, "user", letter->user);
    if (letter->type.n > 0)
        print_line(r, "event", letter->type);
    style_add_ago(&text, letter->sent_ms, clock_wall_ms());
    print_line(r, "since", buf_span(&text));
    buf_clear(&text);
    buf_printf(&text, "%" PRId64 " times", letter->n_received);
    print_line(r, "received", buf_span(&text));
    if (letter->code.n > 0)
        print_line(r, "code", letter->code);
    print_line(r, "reason", reason_of(letter));
    print_line(r, "message", letter->body);
    buf_done(&text);
}

static struct letter *find(struct dlq_run *r)
{
    const char *id = r->i->options.arguments[1];
    struct letter *letter = letters_find(&r->letters, span_of(id));

    if (letter == NULL) {
        command_complain(r->i, "there is no dead letter '%s'; 'roster dlq list' shows them", id);
        tell_rest(r);
    }
    return letter;
}

static enum exit_code show(struct dlq_run *r)
{
    const struct letter *letter = find(r);

    if (letter == NULL)
        return EXIT_FAILED;
    if (options_has(&r->i->options, "json"))
        print_json(r, letter, true);
    else
        print_letter(r, letter);
    return EXIT_DONE;
}

/* ---- redrive and drop ---- */

struct deed {
    const char *done; /* "sent back" */
    enum err (*on)(struct letters *l, struct letter *letter, struct fail *fail);
};
static const struct deed redriving = {"sent back", letters_send_back},
                         dropping = {"dropped", letters_drop};

static enum err do_one(struct dlq_run *r, const struct deed *deed, struct letter *letter,
                       struct fail *fail)
{
    enum err err = deed->on(&r->letters, letter, fail);

    if (err == ERR_NONE)
        log_info("dead letter taken out of the queue", LOG_STR("what", deed->done),
                 LOG_SPAN("id", letter->id), LOG_SPAN("group", letter->group),
                 LOG_SPAN("type", letter->type));
    return err;
}

static enum exit_code end_deed(const struct dlq_run *r, const struct deed *deed, int64_t n,
                               enum err err, const struct fail *fail)
{
    if (n > 0 || err == ERR_NONE)
        (void)fprintf(r->i->out, "%" PRId64 " dead %s %s\n", n, n == 1 ? "letter" : "letters",
                      deed->done);
    return err == ERR_NONE ? EXIT_DONE : failed(r, fail);
}

/* Those that stand behind others of their group come once these are over. */
static enum exit_code do_all(struct dlq_run *r, const struct deed *deed)
{
    struct letters *l = &r->letters;
    int64_t n = 0;
    enum err err = ERR_NONE;
    struct fail fail;

    while (err == ERR_NONE && l->n > 0) {
        for (size_t i = 0; err == ERR_NONE && i < l->n; i++) {
            err = do_one(r, deed, &l->of[i], &fail);
            n += err == ERR_NONE;
        }
        if (err == ERR_NONE)
            err = letters_read(l, &fail);
    }
    return end_deed(r, deed, n, err, &fail);
}

static enum exit_code do_some(struct dlq_run *r, const struct deed *deed)
{
    struct letter *letter;
    struct fail fail;
    enum err err;

    if (r->i->options.n_arguments == 1)
        return do_all(r, deed);
    letter = find(r);
    if (letter == NULL)
        return EXIT_FAILED;
    err = do_one(r, deed, letter, &fail);
    return end_deed(r, deed, err == ERR_NONE, err, &fail);
}

static enum exit_code redrive(struct dlq_run *r)
{
    return do_some(r, &redriving);
}

static bool is_wanted(const struct invocation *i, int64_t n)
{
    return command_confirm(
        i, "%" PRId64 " dead %s would be lost for good. Only 'yes' does this. Do it? ", n,
        n == 1 ? "letter" : "letters");
}

static enum exit_code drop(struct dlq_run *r)
{
    bool is_one = r->i->options.n_arguments > 1;

    if (is_one && find(r) == NULL)
        return EXIT_FAILED;
    if (r->letters.n > 0 && !is_wanted(r->i, is_one ? 1 : r->letters.n_there))
        return EXIT_DONE;
    return do_some(r, &dropping);
}

/* ---- the command ---- */

static const struct action {
    const char *name;
    enum exit_code (*run)(struct dlq_run *r);
    bool takes_id, takes_all;
} actions[] = {{"list", list, false, false},
               {"show", show, true, false},
               {"redrive", redrive, true, true},
               {"drop", drop, true, true}};

static const struct action *find_action(const struct invocation *i)
{
    for (size_t k = 0; k < sizeof(actions) / sizeof(actions[0]); k++)
        if (strcmp(i->options.arguments[0], actions[k].name) == 0)
            return &actions[k];
    return NULL;
}

static enum exit_code check_words(const struct invocation *i, const struct action *action)
{
    bool has_id = i->options.n_arguments > 1, has_all = options_has(&i->options, "all");

    if (has_id && !action->takes_id)
        return command_misused(i, "dlq %s takes nothing more", action->name);
    if (has_all && !action->takes_all)
        return command_misused(i, "dlq %s does not take --all", action->name);
    if (has_id && has_all)
        return command_misused(i, "dlq %s takes either an ID or --all", action->name);
    if (action->takes_id && !has_id && !has_all)
        return command_misused(i, "dlq %s needs an ID%s", action->name,
                               action->takes_all ? " or --all" : "");
    return EXIT_DONE;
}

/* With the letters in hand. */
static enum exit_code act_on_all(struct dlq_run *r, const struct action *action)
{
    struct fail fail;
    enum exit_code code =
        letters_read(&r->letters, &fail) == ERR_NONE ? action->run(r) : failed(r, &fail);

    if (r->letters.n > 0 && letters_let_go(&r->letters, &fail) != ERR_NONE)
        command_complain(r->i, "%s; the others are shown again in two minutes", fail.text);
    return code;
}

static enum exit_code act(const struct invocation *i, struct span queue_url,
                          const struct action *action)
{
    struct dlq_run r = {.i = i};
    enum exit_code code;
    struct fail fail;
    enum err err = letters_open(queue_url, i->environment, &r.letters, &fail);

    if (err == ERR_NONE) {
        code = act_on_all(&r, action);
    } else {
        command_complain(i, "%s", fail.text);
        code = err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
    }
    letters_done(&r.letters);
    return code;
}

static enum exit_code run(struct invocation *i)
{
    const struct action *action = find_action(i);
    const char *queue = options_value(&i->options, "queue");
    struct settings *settings;
    enum exit_code code;

    if (action == NULL)
        return command_misused(i, "dlq needs list, show ID, redrive or drop, not '%s'",
                               i->options.arguments[0]);
    code = check_words(i, action);
    if (code != EXIT_DONE)
        return code;
    if (queue != NULL)
        return act(i, span_of(queue), action);
    code = open_settings(i, &settings);
    if (code != EXIT_DONE)
        return code;
    code = act(i, settings->queue_url, action);
    settings_free(settings);
    return code;
}

const struct command cmd_dlq = {
    .name = "dlq",
    .help = "on AWS Lambda: the dead letters, what could not be done: list, show, redrive, drop",
    .arguments = "list | show ID | redrive ID | redrive --all | drop ID | drop --all",
    .about =
        "list     shows the dead letters: whom each is about, since when it lies there, and why\n"
        "show     shows one, with its message\n"
        "redrive  sends one, or all, back into the queue: when what was wrong is right now\n"
        "drop     deletes one, or all; asks before\n"
        "\n"
        "Needs [Queue] URL or --queue (the stack's output QueueUrl), and the rights\n"
        "sqs:GetQueueAttributes and sqs:SendMessage on that queue, and sqs:ReceiveMessage,\n"
        "sqs:DeleteMessage, sqs:ChangeMessageVisibility and sqs:GetQueueAttributes on its "
        "dead-letter "
        "queue.\n"
        "While it is at work, it alone has the letters in hand.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run,
};
