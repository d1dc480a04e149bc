#include "cmd/pinned_names.h"

#include "base/utf8.h"

static const struct pinned_names *of(const struct names *names)
{
    return (const struct pinned_names *)names;
}

static enum name_answer find(const struct names *names, enum name_kind kind, struct span ref,
                             struct span *id)
{
    const struct pinned_names *view = of(names);

    if (name_is_id(kind, ref, id))
        return NAME_KNOWN;
    for (size_t i = 0; i < view->n; i++)
        if (view->pins[i].kind == (int64_t)kind && utf8_eq_nfc(view->pins[i].name, ref)) {
            *id = view->pins[i].id;
            return NAME_KNOWN;
        }
    return NAME_NOT_READ;
}

static struct span name_of(const struct names *names, enum name_kind kind, struct span id)
{
    const struct pinned_names *view = of(names);

    for (size_t i = 0; i < view->n; i++)
        if (view->pins[i].kind == (int64_t)kind && span_eq(view->pins[i].id, id))
            return view->pins[i].name_now.n > 0 ? view->pins[i].name_now : view->pins[i].name;
    return (struct span){NULL, 0};
}

static const char *closest(const struct names *names, enum name_kind kind, struct span ref,
                           struct arena *a)
{
    (void)names;
    (void)kind;
    (void)ref;
    (void)a;
    return "";
}

struct pinned_names pinned_names(const struct pin *pins, size_t n)
{
    return (struct pinned_names){{find, name_of, closest}, pins, n};
}

struct span pinned_names_label(const struct names *names, enum name_kind kind, struct span id,
                               struct arena *a)
{
    struct span name = names->name_of(names, kind, id);

    return name.n == 0 ? id : span_of(arena_printf(a, "%.*s (%.*s)", SPAN_ARG(name), SPAN_ARG(id)));
}
