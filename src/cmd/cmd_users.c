#include <stdlib.h>

#include "cmd/commands.h"
#include "cmd/open.h"
#include "cmd/person_json.h"
#include "cmd/table.h"

enum { LINE_LIMIT = 64 * 1024 };

static const struct option_row options[] = {
    {"state", "STATE",
     "only those who are due, in_step, held, failed, parked, removed or out_of_scope"},
    {"json", NULL, "one JSON object a line"},
    {NULL, NULL, NULL},
};

struct listing {
    struct invocation *i;
    const struct opened *o;
    struct table table;
    struct buf line;
    size_t n;
};

static bool add_row(void *arg, const struct person *p)
{
    struct listing *l = arg;
    struct arena a = {0};

    table_add(&l->table, open_user_name(l->o, p, &a), COLOUR_NONE);
    table_add(&l->table, p->id, COLOUR_NONE);
    table_add(&l->table, span_of(person_state_name(p->state)), style_of_state(p->state));
    table_add_time(&l->table, p->since_ms);
    /* Who has an agent seldom has a reason, and the other way round. */
    table_add(&l->table, p->reason.n > 0 ? p->reason : p->agent_id, COLOUR_NONE);
    l->n++;
    arena_done(&a);
    return true;
}

static bool print_json(void *arg, const struct person *p)
{
    struct listing *l = arg;
    struct json_out out;

    buf_clear(&l->line);
    out = json_out(&l->line);
    json_out_begin(&out, '{');
    person_json_members(&out, l->o, p);
    json_out_end(&out, '}');
    buf_add_char(&l->line, '\n');
    return fwrite(l->line.p, 1, l->line.n, l->i->out) == l->line.n;
}

static void print_table(struct listing *l)
{
    if (l->n == 0)
        (void)fputs("nobody\n", l->i->out);
    else
        table_print(&l->table, l->i->out, &l->i->style);
}

static enum exit_code run(struct invocation *i)
{
    static const char *const titles[] = {"USER",  "OKTA ID",       "STATE",
                                         "SINCE", "AGENT, OR WHY", NULL};
    const char *state_name = options_value(&i->options, "state");
    bool is_json = options_has(&i->options, "json");
    enum person_state state = PERSON_STATES;
    struct opened o;
    struct listing l = {.i = i, .o = &o};
    struct fail fail;
    enum exit_code code;

    if (state_name != NULL && !person_state_parse(span_of(state_name), &state))
        return command_misused(i,
                               "there is no state '%s'; the states are due, in_step, held, failed, "
                               "parked, removed and out_of_scope",
                               state_name);
    code = open_store(i, STORE_READ, &o);
    if (code != EXIT_DONE)
        return code;
    table_init(&l.table, "", titles);
    buf_init(&l.line, LINE_LIMIT);
    if (store_people_each(o.store, state, is_json ? print_json : add_row, &l, &fail) != ERR_NONE) {
        command_complain(i, "%s", fail.text);
        code = EXIT_FAILED;
    } else if (!is_json) {
        print_table(&l);
    }
    buf_done(&l.line);
    table_done(&l.table);
    open_done(&o);
    return code;
}

const struct command cmd_users = {
    .name = "users",
    .help = "lists the people whom Roster knows, and where they stand",
    .arguments = "",
    .about = "Everybody of whom Okta has said something that concerns the rules: user name, Okta "
             "id, where\n"
             "they stand and since when, and the agent in Amazon Connect, or why there is none or "
             "why it\n"
             "waits. 'roster show USER' tells more about one of them.",
    .options = options,
    .run = run,
};
