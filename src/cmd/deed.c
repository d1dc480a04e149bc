#include "cmd/deed.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/audit.h"

static const char *variable(const char *const *environment, struct span name)
{
    for (; environment != NULL && *environment != NULL; environment++)
        if (span_starts(span_of(*environment), name) && (*environment)[name.n] == '=')
            return *environment + name.n + 1;
    return NULL;
}

/* The name of who runs this, else their number: there may be no line for them, as in a container.
 */
static const char *own_name(struct arena *a)
{
    const struct passwd *entry = getpwuid(getuid());

    if (entry == NULL || entry->pw_name[0] == '\0')
        return arena_printf(a, "uid %ld", (long)getuid());
    return arena_dup(a, span_of(entry->pw_name));
}

struct span deed_actor(const char *const *environment, struct arena *a)
{
    const char *own = own_name(a);
    /* sudo sets it (sudo(8)); of others than root it could be anything. */
    const char *sudo = getuid() == 0 ? variable(environment, SPAN("SUDO_USER")) : NULL;

    if (sudo != NULL && sudo[0] != '\0' && !span_eq(span_of(sudo), span_of(own)))
        return span_of(arena_printf(a, "operator %s as %s", sudo, own));
    return span_of(arena_printf(a, "operator %s", own));
}

enum err deed_record(const struct invocation *i, struct opened *o, const struct person *p,
                     struct span detail, struct fail *fail)
{
    struct audit_row row = {.at_ms = clock_wall_ms(),
                            .actor = deed_actor(i->environment, &o->arena),
                            .operation = span_of(i->command->name),
                            .detail = detail};

    if (p != NULL) {
        row.source = p->source;
        row.user_id = p->id;
        row.user = open_user_name(o, p, &o->arena);
        row.cause = p->cause;
        row.before = p->applied;
    }
    return store_audit_action(o->store, &row, fail);
}

static enum err record_in(const struct invocation *i, struct store *store, struct span detail,
                          struct fail *fail)
{
    struct opened o = {.store = store};
    enum err err = store_begin(store, fail);

    if (err != ERR_NONE)
        return err;
    err = deed_record(i, &o, NULL, detail, fail);
    arena_done(&o.arena);
    if (err == ERR_NONE)
        return store_commit(store, fail);
    store_rollback(store);
    return err;
}

enum err deed_record_apart(const struct invocation *i, const struct settings *s, struct span detail,
                           struct fail *fail)
{
    char *file = mem_dup(s->store_file);
    struct store *store = NULL;
    enum err err = fs_exists(file)
                       ? store_open(file, STORE_WRITE, &store, fail)
                       : fail_set(fail, ERR_NOT_FOUND, "there is no store %s yet", file);

    if (err == ERR_NONE)
        err = record_in(i, store, detail, fail);
    store_close(store);
    free(file);
    return err;
}
