#include "cmd/decide.h"

#include "base/clock.h"

enum { NAME_LIMIT = 16 * 1024 };

static enum err change(struct opened *o, struct person *p, decide_fn *fn, bool *is_changed,
                       struct fail *fail)
{
    struct membership *memberships;
    struct scope scope;
    size_t n;
    enum err err = store_person_get(o->store, &o->arena, p->source, p->id, p, fail);

    if (err == ERR_NONE)
        err = store_memberships(o->store, &o->arena, p->source, p->id, &memberships, &n, fail);
    if (err != ERR_NONE)
        return err;
    scope = rules_scope(&o->rules, memberships, n);
    err = fn(p, &o->rules, &scope, clock_wall_ms(), &o->arena, is_changed, fail);
    return err == ERR_NONE && *is_changed ? store_person_put(o->store, p, fail) : err;
}

enum exit_code decide(const struct invocation *i, struct opened *o, const char *word, decide_fn *fn,
                      struct person *out, bool *is_changed)
{
    struct fail fail;
    enum exit_code code = open_person(i, o, word, out);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = store_begin(o->store, &fail);
    if (err == ERR_NONE) {
        err = change(o, out, fn, is_changed, &fail);
        if (err == ERR_NONE)
            err = store_commit(o->store, &fail);
        else
            store_rollback(o->store);
    }
    if (err == ERR_NONE)
        return EXIT_DONE;
    if (err == ERR_BUSY)
        command_complain(i, "%s; nothing was changed, try again", fail.text);
    else if (err == ERR_CONFLICT)
        command_complain(i, "%s: %s", decide_name(o, out), fail.text);
    else
        command_complain(i, "%s", fail.text);
    return EXIT_FAILED;
}

const char *decide_name(struct opened *o, const struct person *p)
{
    struct span user_name = person_user_name(p);
    struct buf text;
    const char *copy;

    buf_init(&text, NAME_LIMIT);
    if (user_name.n > 0) {
        look_add(&text, user_name);
        buf_add_str(&text, " (");
    }
    look_add(&text, p->id);
    if (user_name.n > 0)
        buf_add_char(&text, ')');
    copy = arena_dup(&o->arena, buf_span(&text));
    buf_done(&text);
    return copy;
}
