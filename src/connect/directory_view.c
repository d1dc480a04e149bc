#include "connect/directory_view.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "text/closest.h"

enum { KINDS_READ = 3, CLOSEST = 3 };

/* ---- lists and pins ---- */

void directory_list_add(struct directory_list *list, struct arena *a, const struct named *named)
{
    if (list->n == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        struct named *items = arena_new(a, room, sizeof(*items));

        if (list->n > 0)
            memcpy(items, list->items, list->n * sizeof(*items));
        list->items = items;
        list->room = room;
    }
    list->items[list->n++] = (struct named){.id = arena_span(a, named->id),
                                            .arn = arena_span(a, named->arn),
                                            .name = arena_span(a, named->name)};
}

const struct directory_pin *directory_pins_add(struct directory_pins *pins, enum name_kind kind,
                                               struct span name, struct span id)
{
    pins->pins = mem_grow(pins->pins, pins->n + 1, sizeof(*pins->pins));
    pins->pins[pins->n] =
        (struct directory_pin){kind, arena_span(&pins->arena, name), arena_span(&pins->arena, id)};
    return &pins->pins[pins->n++];
}

static const struct directory_pin *find_pin(const struct directory_pin *pins, size_t n,
                                            enum name_kind kind, struct span name)
{
    for (size_t i = 0; i < n; i++)
        if (pins[i].kind == kind && utf8_eq_nfc(pins[i].name, name))
            return &pins[i];
    return NULL;
}

const struct directory_pin *directory_pins_find(const struct directory_pins *pins,
                                                enum name_kind kind, struct span name)
{
    return find_pin(pins->pins, pins->n, kind, name);
}

void directory_pins_done(struct directory_pins *pins)
{
    free(pins->pins);
    arena_done(&pins->arena);
}

/* ---- what was read ---- */

static const struct directory_list *list_of(const struct directory_view *view, enum name_kind kind)
{
    return view->lists == NULL || (unsigned)kind >= KINDS_READ ? NULL : &view->lists[kind];
}

enum name_answer directory_view_by_name(const struct directory_view *view, enum name_kind kind,
                                        struct span name, struct span *id)
{
    const struct directory_list *list = list_of(view, kind);
    enum name_answer answer = NAME_UNKNOWN;

    if (list == NULL)
        return NAME_NOT_READ;
    for (size_t i = 0; i < list->n; i++) {
        if (!utf8_eq_nfc(list->items[i].name, name))
            continue;
        if (answer == NAME_KNOWN)
            return NAME_AMBIGUOUS;
        *id = list->items[i].id;
        answer = NAME_KNOWN;
    }
    return answer;
}

bool directory_view_has_other(const struct directory_view *view, enum name_kind kind,
                              struct span name, struct span id)
{
    const struct directory_list *list = list_of(view, kind);

    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (utf8_eq_nfc(list->items[i].name, name) && !span_eq(list->items[i].id, id))
            return true;
    return false;
}

struct span directory_view_name(const struct directory_view *view, enum name_kind kind,
                                struct span id)
{
    const struct directory_list *list = list_of(view, kind);

    for (size_t i = 0; list != NULL && i < list->n; i++)
        if (span_eq(list->items[i].id, id))
            return list->items[i].name;
    return (struct span){NULL, 0};
}

/* ---- the names ---- */

static const struct directory_view *of(const struct names *names)
{
    return (const struct directory_view *)names;
}

static enum name_answer find(const struct names *names, enum name_kind kind, struct span ref,
                             struct span *id)
{
    const struct directory_view *view = of(names);
    const struct directory_pin *pinned;

    if (name_is_id(kind, ref, id))
        return NAME_KNOWN;
    pinned = find_pin(view->pins, view->n_pins, kind, ref);
    if (pinned != NULL &&
        (list_of(view, kind) == NULL || directory_view_name(view, kind, pinned->id).p != NULL)) {
        *id = pinned->id;
        return NAME_KNOWN;
    }
    /* Whatever bears the name of a pinned thing that is gone, nobody has said that it is meant. */
    if (pinned != NULL)
        return NAME_UNKNOWN;
    return directory_view_by_name(view, kind, ref, id);
}

static struct span name_of(const struct names *names, enum name_kind kind, struct span id)
{
    const struct directory_view *view = of(names);
    struct span name = directory_view_name(view, kind, id);

    for (size_t i = 0; name.p == NULL && i < view->n_pins; i++)
        if (view->pins[i].kind == kind && span_eq(view->pins[i].id, id))
            name = view->pins[i].name;
    return name;
}

static const char *closest(const struct names *names, enum name_kind kind, struct span ref,
                           struct arena *a)
{
    const struct directory_list *list = list_of(of(names), kind);
    const char *told = "", *best[CLOSEST];
    struct closest c;

    /* One after the other: each time the closest of those that are left. */
    for (size_t n = 0; list != NULL && n < CLOSEST; n++) {
        closest_init(&c, ref);
        for (size_t i = 0; i < list->n; i++) {
            const char *candidate = list->items[i].name.p;
            bool is_told = false;

            for (size_t k = 0; k < n; k++)
                is_told |= strcmp(best[k], candidate) == 0;
            if (!is_told)
                (void)closest_offer(&c, candidate);
        }
        if (c.best == NULL)
            break;
        best[n] = c.best;
        told = arena_printf(a, "%s%s'%s'", told, n == 0 ? "" : ", ", c.best);
    }
    return told;
}

/* ---- life ---- */

struct directory_view *directory_view_new(struct arena *read, const struct directory_list *lists,
                                          const struct directory_pins *pins,
                                          struct directory_view *before)
{
    struct directory_view *view = mem_new(1, sizeof(*view));

    view->names = (struct names){find, name_of, closest};
    view->before = before;
    view->lists = lists;
    if (read != NULL) {
        struct directory_list *kept;

        view->arena = *read;
        *read = (struct arena){0};
        kept = arena_new(&view->arena, KINDS_READ, sizeof(*kept));
        memcpy(kept, lists, KINDS_READ * sizeof(*kept));
        view->lists = kept;
    }
    view->pins = arena_new(&view->arena, pins->n, sizeof(*view->pins));
    for (size_t i = 0; i < pins->n; i++)
        view->pins[i] =
            (struct directory_pin){pins->pins[i].kind, arena_span(&view->arena, pins->pins[i].name),
                                   arena_span(&view->arena, pins->pins[i].id)};
    view->n_pins = pins->n;
    return view;
}

void directory_view_free(struct directory_view *view)
{
    while (view != NULL) {
        struct directory_view *before = view->before;

        arena_done(&view->arena);
        free(view);
        view = before;
    }
}
