#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/events.h"
#include "cmd/table.h"

enum { LINE_LIMIT = 1024 * 1024 };

static const struct option_row options[] = {
    {"user", "USER", "only those about that person"},
    {"skipped", NULL, "only those that were skipped"},
    {"limit", "NUMBER", "the newest so many, 1 to 10000 (default 50)"},
    {"json", NULL, "one JSON object a line"},
    {NULL, NULL, NULL},
};

static bool read_limit(const char *text, size_t *out)
{
    char *end;
    long n;

    *out = EVENTS_DEFAULT;
    if (text == NULL)
        return true;
    n = strtol(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 || n > EVENTS_MAX)
        return false;
    *out = (size_t)n;
    return true;
}

/* Events also tell of people whom the store does not know: their ids are taken as they are. */
static enum exit_code find_user(const struct invocation *i, struct opened *o, const char *word,
                                struct span *out)
{
    struct person *people = NULL, p;
    struct fail fail;
    size_t n = 0;

    if (store_people_find(o->store, &o->arena, span_of(word), &people, &n, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    *out = span_of(word);
    if (n == 0 && span_starts(*out, SPAN("00u")))
        return EXIT_DONE;
    if (open_person(i, o, word, &p) != EXIT_DONE)
        return EXIT_FAILED;
    *out = p.id;
    return EXIT_DONE;
}

static void print_json(const struct event_fate *events, size_t n, FILE *to)
{
    struct json_out out;
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < n; i++) {
        buf_clear(&line);
        out = json_out(&line);
        events_json(&events[i], &out);
        (void)fprintf(to, "%s\n", line.p);
    }
    buf_done(&line);
}

static void print_table(const struct event_fate *events, size_t n, const struct invocation *i)
{
    static const char *const titles[] = {"RECEIVED",          "VIA", "TYPE", "UUID",
                                         "WHAT BECAME OF IT", NULL};
    struct table table;
    struct buf fate;

    if (n == 0) {
        (void)fputs("no events\n", i->out);
        return;
    }
    table_init(&table, "", titles);
    buf_init(&fate, LINE_LIMIT);
    for (size_t k = 0; k < n; k++) {
        const struct event_row *e = &events[k].event;

        buf_clear(&fate);
        events_add_fate(&fate, &events[k]);
        table_add_time(&table, e->received_ms);
        table_add(&table, e->via, COLOUR_NONE);
        table_add(&table, e->type, COLOUR_NONE);
        table_add(&table, e->uuid, COLOUR_NONE);
        table_add(&table, buf_span(&fate), e->skip_reason.n > 0 ? COLOUR_FAINT : COLOUR_NONE);
    }
    table_print(&table, i->out, &i->style);
    buf_done(&fate);
    table_done(&table);
}

static enum exit_code show(const struct invocation *i, struct opened *o, struct events_ask *ask)
{
    const char *word = options_value(&i->options, "user");
    struct event_fate *events = NULL;
    struct fail fail;
    size_t n = 0;

    if (word != NULL && find_user(i, o, word, &ask->user_id) != EXIT_DONE)
        return EXIT_FAILED;
    if (events_read(o, ask, &events, &n, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    if (options_has(&i->options, "json"))
        print_json(events, n, i->out);
    else
        print_table(events, n, i);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    struct events_ask ask = {.user_id = SPAN(""),
                             .only_skipped = options_has(&i->options, "skipped")};
    struct opened o;
    enum exit_code code;

    if (!read_limit(options_value(&i->options, "limit"), &ask.max))
        return command_misused(i, "--limit is a number from 1 to 10000, not '%s'",
                               options_value(&i->options, "limit"));
    code = open_store(i, STORE_READ, &o);
    if (code != EXIT_DONE)
        return code;
    code = show(i, &o, &ask);
    open_done(&o);
    return code;
}

const struct command cmd_events = {
    .name = "events",
    .help = "lists what came in from Okta and what became of it",
    .arguments = "",
    .about =
        "The newest first, from the event hook and from the System Log alike, each once. What was\n"
        "taken tells whom it was about, where they stand now, and the calls to Amazon Connect "
        "that it\n"
        "caused; what was skipped tells why ('roster status' counts them).\n"
        "\n"
        "Events are kept for [Store] KEEP_EVENTS.",
    .options = options,
    .run = run,
};
