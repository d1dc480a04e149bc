#include "cmd/decide.h"

#include "base/clock.h"
#include "cmd/deed.h"
#include "engine/judge.h"

enum { NAME_LIMIT = 16 * 1024 };

enum err decide_write(struct opened *o, const struct person *before, const struct person *after,
                      int64_t now_ms, struct fail *fail)
{
    struct current_names names;
    struct judge judge = {o->rules, &names};
    enum err err = store_person_put(o->store, after, fail);

    current_names_set(&names, &o->pinned.names);
    return err == ERR_NONE
               ? judge_free_names(&judge, o->store, &o->arena, before, after, now_ms, fail)
               : err;
}

static enum err change(const struct invocation *i, struct opened *o, struct person *p,
                       decide_fn *fn, bool *is_changed, struct fail *fail)
{
    int64_t now_ms = clock_wall_ms();
    struct membership *memberships;
    struct person before;
    struct scope scope;
    size_t n;
    enum err err = store_person_get(o->store, &o->arena, p->source, p->id, p, fail);

    if (err == ERR_NONE)
        err = store_memberships(o->store, &o->arena, p->source, p->id, &memberships, &n, fail);
    if (err != ERR_NONE)
        return err;
    before = *p;
    scope = rules_scope(o->rules, &o->pinned.names, p, memberships, n, &o->arena);
    err = fn(p, o->rules, &scope, now_ms, &o->arena, is_changed, fail);
    if (err != ERR_NONE || !*is_changed)
        return err;
    err = decide_write(o, &before, p, now_ms, fail);
    return err == ERR_NONE ? deed_record(i, o, p, SPAN(""), fail) : err;
}

enum exit_code decide_complain(const struct invocation *i, struct opened *o, enum err err,
                               const struct person *p, const struct fail *fail)
{
    if (err == ERR_BUSY)
        command_complain(i, "%s; nothing was changed, try again", fail->text);
    else if (err == ERR_CONFLICT && p != NULL)
        command_complain(i, "%s: %s", decide_name(o, p), fail->text);
    else
        command_complain(i, "%s", fail->text);
    return EXIT_FAILED;
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
        err = change(i, o, out, fn, is_changed, &fail);
        if (err == ERR_NONE)
            err = store_commit(o->store, &fail);
        else
            store_rollback(o->store);
    }
    return err == ERR_NONE ? EXIT_DONE : decide_complain(i, o, err, out, &fail);
}

const char *decide_name(struct opened *o, const struct person *p)
{
    struct span user_name = open_user_name(o, p, &o->arena);
    struct buf text;
    const char *copy;

    buf_init(&text, NAME_LIMIT);
    if (user_name.n > 0) {
        style_add(&text, user_name);
        buf_add_str(&text, " (");
    }
    style_add(&text, p->id);
    if (user_name.n > 0)
        buf_add_char(&text, ')');
    copy = arena_dup(&o->arena, buf_span(&text));
    buf_done(&text);
    return copy;
}
