/* `roster names`: the names that are pinned to ids, and having one of them resolved anew. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "cmd/commands.h"
#include "cmd/deed.h"
#include "cmd/person_json.h"
#include "cmd/table.h"
#include "engine/instance.h"
#include "model/names.h"

enum {
    JSON_LIMIT = 16 * 1024 * 1024,
    NOTICED_MS = 5000, /* by then a running daemon has dropped the name, too */
};
#define FORGET_CAUSE "operator names forget"

static const struct option_row options[] = {
    {"kind", "KIND", "with forget: security-profile, routing-profile, hierarchy-group, …"},
    {"json", NULL, "with a list: one JSON object a line"},
    {NULL, NULL, NULL},
};

/* ---- list ---- */

static void print_table(const struct pin *pins, size_t n, const struct invocation *i)
{
    static const char *const titles[] = {"KIND", "IN THE RULES", "ID", "CALLED NOW", "SINCE", NULL};
    struct table table;

    table_init(&table, "", titles);
    for (size_t k = 0; k < n; k++) {
        const struct pin *pin = &pins[k];
        bool is_renamed = pin->name_now.n > 0;

        table_add(&table, span_of(name_kind_word((enum name_kind)pin->kind)), COLOUR_NONE);
        table_add(&table, pin->name, COLOUR_NONE);
        table_add(&table, pin->id, COLOUR_NONE);
        table_add(&table, is_renamed ? pin->name_now : SPAN("so"),
                  is_renamed ? COLOUR_BAD : COLOUR_FAINT);
        table_add_time(&table, pin->since_ms);
    }
    table_print(&table, i->out, &i->style);
    table_done(&table);
}

static void print_json(const struct pin *pins, size_t n, FILE *to)
{
    struct buf text;

    buf_init(&text, JSON_LIMIT);
    for (size_t k = 0; k < n; k++) {
        const struct pin *pin = &pins[k];
        struct json_out out = json_out(&text);

        json_out_begin(&out, '{');
        json_put_str(&out, "kind", span_of(name_kind_word((enum name_kind)pin->kind)));
        json_put_str(&out, "name", pin->name);
        json_put_str(&out, "id", pin->id);
        person_json_text(&out, "name_now", pin->name_now);
        person_json_time(&out, "since", pin->since_ms);
        json_out_end(&out, '}');
        buf_add_char(&text, '\n');
    }
    (void)fputs(text.n > 0 ? text.p : "", to);
    buf_done(&text);
}

static enum exit_code list(struct invocation *i, struct opened *o)
{
    if (options_has(&i->options, "json"))
        print_json(o->pinned.pins, o->pinned.n, i->out);
    else if (o->pinned.n == 0)
        (void)fputs("no name is pinned\n", i->out);
    else
        print_table(o->pinned.pins, o->pinned.n, i);
    return EXIT_DONE;
}

/* ---- forget ---- */

/* "routing-profile" and "routing profile" alike. */
static bool is_of_kind(int64_t kind, const char *word)
{
    const char *whole = name_kind_word((enum name_kind)kind);
    size_t n = strlen(whole);

    for (size_t i = 0; i < n; i++)
        if (word[i] != whole[i] && !(word[i] == '-' && whole[i] == ' '))
            return false;
    return word[n] == '\0';
}

static bool is_kind(const char *word)
{
    bool found = false;

    for (int64_t kind = 0; kind < NAME_KINDS; kind++)
        found = found || is_of_kind(kind, word);
    return found;
}

/* The pin that is meant; otherwise complains. */
static const struct pin *find_pin(const struct invocation *i, const struct opened *o)
{
    const char *name = i->options.arguments[1], *kind = options_value(&i->options, "kind");
    const struct pin *found = NULL;

    for (size_t k = 0; k < o->pinned.n; k++) {
        const struct pin *pin = &o->pinned.pins[k];

        if (!utf8_eq_nfc(pin->name, span_of(name)) ||
            (kind != NULL && !is_of_kind(pin->kind, kind)))
            continue;
        if (found != NULL) {
            command_complain(i, "'%s' is the name of a %s and of a %s; say which by --kind", name,
                             name_kind_word((enum name_kind)found->kind),
                             name_kind_word((enum name_kind)pin->kind));
            return NULL;
        }
        found = pin;
    }
    if (found == NULL)
        command_complain(i, "no %s '%s' is pinned; 'roster names' lists those that are",
                         kind != NULL ? "such name" : "name", name);
    return found;
}

static enum err change_note(struct opened *o, struct fail *fail)
{
    struct span note;
    enum err err = store_note_get(o->store, &o->arena, NAMES_FORGOTTEN_NOTE, &note, fail);
    int64_t n =
        err == ERR_NONE && note.p != NULL ? strtoll(arena_dup(&o->arena, note), NULL, 10) : 0;

    return err != ERR_NONE
               ? err
               : store_note_put(o->store, NAMES_FORGOTTEN_NOTE,
                                span_of(arena_printf(&o->arena, "%" PRId64, n + 1)), fail);
}

/* Whoever may get something else by it is planned anew. What a name of Okta's means now is only
 * known when Okta has been asked, and nobody is judged before. */
static enum err ask_anew(struct opened *o, const struct pin *pin, int64_t *out_n, struct fail *fail)
{
    bool is_okta = pin->kind == NAME_OKTA_APP || pin->kind == NAME_OKTA_GROUP;
    int64_t now_ms = clock_wall_ms(), n = 0;
    struct look look = {.source = SPAN("okta"),
                        .id = SPAN(""),
                        .kind = LOOK_SCOPE,
                        .due_ms = now_ms,
                        .cause = SPAN(FORGET_CAUSE)};
    enum err err;

    *out_n = 0;
    if (is_okta)
        return o->rules->reads_okta ? store_look_put(o->store, &look, fail) : ERR_NONE;
    err = store_people_make_due_for(o->store, PERSON_IN_STEP, SPAN(""), now_ms + NOTICED_MS,
                                    SPAN(FORGET_CAUSE), out_n, fail);
    if (err == ERR_NONE)
        err = store_people_make_due_for(o->store, PERSON_FAILED, SPAN(REASON_UNKNOWN_NAME),
                                        now_ms + NOTICED_MS, SPAN(FORGET_CAUSE), &n, fail);
    *out_n += n;
    return err;
}

static enum err forget_in_store(const struct invocation *i, struct opened *o, const struct pin *pin,
                                int64_t *out_n, struct fail *fail)
{
    enum err err = store_begin(o->store, fail);

    if (err != ERR_NONE)
        return err;
    err = store_pin_remove(o->store, pin->kind, pin->name, fail);
    if (err == ERR_NONE)
        err = change_note(o, fail);
    if (err == ERR_NONE)
        err = ask_anew(o, pin, out_n, fail);
    if (err == ERR_NONE)
        err = deed_record(i, o, NULL,
                          span_of(arena_printf(&o->arena, "forget the %s '%.*s', which was %.*s",
                                               name_kind_word((enum name_kind)pin->kind),
                                               SPAN_ARG(pin->name), SPAN_ARG(pin->id))),
                          fail);
    if (err == ERR_NONE)
        return store_commit(o->store, fail);
    store_rollback(o->store);
    return err;
}

static enum exit_code forget(struct invocation *i, struct opened *o)
{
    const struct pin *pin = find_pin(i, o);
    struct fail fail;
    int64_t n;

    if (pin == NULL)
        return EXIT_FAILED;
    if (forget_in_store(i, o, pin, &n, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        return EXIT_FAILED;
    }
    (void)fprintf(i->out, "the %s '%.*s' no longer means %.*s, but what bears the name",
                  name_kind_word((enum name_kind)pin->kind), SPAN_ARG(pin->name),
                  SPAN_ARG(pin->id));
    if (n > 0)
        (void)fprintf(i->out, "; %" PRId64 " %s looked at because of that", n,
                      n == 1 ? "person is" : "people are");
    (void)fputc('\n', i->out);
    return EXIT_DONE;
}

/* ---- which ---- */

static enum exit_code check_usage(const struct invocation *i)
{
    const char *kind = options_value(&i->options, "kind");
    bool is_list = i->options.n_arguments == 0;

    if (!is_list && strcmp(i->options.arguments[0], "forget") != 0)
        return command_misused(i, "names takes forget NAME, not '%s'", i->options.arguments[0]);
    if (i->options.n_arguments == 1)
        return command_misused(i, "names forget needs a NAME");
    if (is_list && kind != NULL)
        return command_misused(i, "--kind goes with forget");
    if (!is_list && options_has(&i->options, "json"))
        return command_misused(i, "--json goes with a list");
    if (kind != NULL && !is_kind(kind))
        return command_misused(i,
                               "--kind is security-profile, routing-profile, hierarchy-group, "
                               "application or group, not '%s'",
                               kind);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    bool is_list = i->options.n_arguments == 0;
    struct opened o;
    enum exit_code code = check_usage(i);

    if (code != EXIT_DONE)
        return code;
    code = open_store(i, is_list ? STORE_READ : STORE_WRITE, &o);
    if (code != EXIT_DONE)
        return code;
    code = is_list ? list(i, &o) : forget(i, &o);
    open_done(&o);
    return code;
}

const struct command cmd_names = {
    .name = "names",
    .help = "lists the names that are pinned to ids, and has one of them resolved anew",
    .arguments = "[forget NAME]",
    .about = "A name in the rules that was found once goes on meaning that one thing, whatever is "
             "called so\n"
             "later. Without an action the list of them: what each means, and what that is called "
             "now.\n"
             "\n"
             "forget NAME   from now on the name means what bears it: for a thing that was\n"
             "              deleted and made anew, or a name that was given to another one on\n"
             "              purpose. Whom that concerns is changed, or leaves, below [Connect]\n"
             "              MAX_CHANGES and MAX_REMOVALS. A running daemon takes it up within\n"
             "              seconds",
    .options = options,
    .max_arguments = 2,
    .run = run,
};
