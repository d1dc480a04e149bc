#include "connect/directory.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "connect/directory_view.h"

enum { PAGES_MAX = 200, KINDS_READ = 3 };

struct use {
    enum name_kind kind;
    char *name;
};

struct directory {
    struct directory_options options;
    struct directory_view *view; /* the newest; older ones hang on it */
    struct directory_pins pins;
    struct use *uses;
    size_t n_uses;
    int64_t read_ms;

    /* a reading under way */
    struct connect_call *call;
    bool is_reading, is_waiting;
    enum name_kind kind;
    struct arena arena; /* of what has been read so far */
    struct directory_list lists[KINDS_READ];
    struct span token;
    unsigned pages;
};

static const char *operation_of(enum name_kind kind)
{
    return kind == NAME_SECURITY_PROFILE  ? OP_LIST_SECURITY_PROFILES
           : kind == NAME_ROUTING_PROFILE ? OP_LIST_ROUTING_PROFILES
                                          : OP_SEARCH_HIERARCHY_GROUPS;
}

static void tell(struct directory *d, int kind, const struct directory_pin *pin,
                 struct span name_now)
{
    d->options.news(d->options.arg,
                    &(struct directory_news){.kind = kind, .pin = *pin, .name_now = name_now});
}

/* ---- pins ---- */

static void pin(struct directory *d, enum name_kind kind, struct span name, struct span id)
{
    const struct directory_pin *made = directory_pins_add(&d->pins, kind, name, id);

    tell(d, DIRECTORY_PINNED, made, made->name);
}

/* What has become of the thing that a name is pinned to, and whether something else is called so
 * now. A rename and a new bearer of the name may come together: that is a swap. */
static void check_pin(struct directory *d, const struct directory_pin *pinned)
{
    struct span name_now = directory_view_name(d->view, pinned->kind, pinned->id);

    if (name_now.p == NULL)
        tell(d, DIRECTORY_GONE, pinned, SPAN(""));
    else if (!utf8_eq_nfc(name_now, pinned->name))
        tell(d, DIRECTORY_RENAMED, pinned, name_now);
    if (directory_view_has_other(d->view, pinned->kind, pinned->name, pinned->id))
        tell(d, DIRECTORY_TAKEN, pinned, name_now.p == NULL ? SPAN("") : name_now);
}

/* What of the names in use the new view resolves is pinned; what has changed about pins is told. */
static void settle(struct directory *d)
{
    struct span id;

    for (size_t i = 0; i < d->n_uses; i++) {
        enum name_kind kind = d->uses[i].kind;
        struct span name = span_of(d->uses[i].name);
        const struct directory_pin *pinned = directory_pins_find(&d->pins, kind, name);

        if ((int)kind >= KINDS_READ || name_is_id(kind, name, &id))
            continue;
        if (pinned != NULL)
            check_pin(d, pinned);
        else if (directory_view_by_name(d->view, kind, name, &id) == NAME_KNOWN)
            pin(d, kind, name, id);
    }
}

/* ---- reading ---- */

static void ask(struct directory *d)
{
    d->is_waiting = true;
    d->options.wait(d->options.arg, operation_of(d->kind));
}

static bool are_equal(const struct directory_list *a, const struct directory_list *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!span_eq(a->items[i].id, b->items[i].id) ||
            !span_eq(a->items[i].name, b->items[i].name))
            return false;
    return true;
}

/* Views are kept, so one that says the same is not made. */
static bool is_as_before(const struct directory *d)
{
    if (d->view->lists == NULL)
        return false;
    for (size_t i = 0; i < KINDS_READ; i++)
        if (!are_equal(&d->view->lists[i], &d->lists[i]))
            return false;
    return true;
}

static int by_id(const void *a, const void *b)
{
    return span_cmp(((const struct named *)a)->id, ((const struct named *)b)->id);
}

/* An instance always has profiles of both kinds, so an empty list is none. */
static enum err check_lists(const struct directory *d, struct fail *fail)
{
    for (int i = NAME_SECURITY_PROFILE; i <= NAME_ROUTING_PROFILE; i++)
        if (d->lists[i].n == 0)
            return fail_set(fail, ERR_IO,
                            "Amazon Connect answered %s with an empty list; what was read before "
                            "stays, and Roster reads again",
                            operation_of((enum name_kind)i));
    return ERR_NONE;
}

static void reading_end(struct directory *d, enum err err, const struct fail *fail)
{
    size_t n_pins = d->pins.n;

    for (size_t i = 0; err == ERR_NONE && i < KINDS_READ; i++)
        if (d->lists[i].n > 0)
            qsort(d->lists[i].items, d->lists[i].n, sizeof(*d->lists[i].items), by_id);
    if (err == ERR_NONE && !is_as_before(d))
        d->view = directory_view_new(&d->arena, d->lists, &d->pins, d->view);
    else
        arena_done(&d->arena);
    if (err == ERR_NONE) {
        d->read_ms = clock_wall_ms();
        settle(d);
        if (d->pins.n != n_pins)
            d->view = directory_view_new(NULL, d->view->lists, &d->pins, d->view);
    }
    d->is_reading = false;
    d->options.read(d->options.arg, err, fail);
}

static void take_page(struct directory *d, const struct connect_answer *answer)
{
    struct directory_list *list = &d->lists[d->kind];

    for (size_t i = 0; i < answer->n_named; i++)
        directory_list_add(list, &d->arena, &answer->named[i]);
    d->token = arena_span(&d->arena, answer->next_token);
}

static void answered(void *arg, const struct connect_answer *answer)
{
    struct directory *d = arg;
    struct fail fail;

    d->call = NULL;
    d->options.told(d->options.arg, operation_of(d->kind), answer);
    if (answer->err != ERR_NONE) {
        reading_end(d, answer->err, answer->fail);
        return;
    }
    take_page(d, answer);
    if (d->token.n > 0 && ++d->pages == PAGES_MAX) {
        reading_end(d,
                    fail_set(&fail, ERR_IO, "the list of %ss did not end after %d pages",
                             name_kind_word(d->kind), PAGES_MAX),
                    &fail);
        return;
    }
    if (d->token.n == 0) {
        d->pages = 0;
        if (d->kind + 1 == KINDS_READ) {
            enum err err = check_lists(d, &fail);

            reading_end(d, err, err == ERR_NONE ? NULL : &fail);
            return;
        }
        d->kind = (enum name_kind)(d->kind + 1);
    }
    ask(d);
}

void directory_read(struct directory *d, int64_t min_age_ms)
{
    if (d->is_reading || (d->read_ms != 0 && clock_wall_ms() - d->read_ms < min_age_ms))
        return;
    d->is_reading = true;
    d->kind = NAME_SECURITY_PROFILE;
    d->token = SPAN("");
    d->pages = 0;
    arena_init(&d->arena);
    for (size_t i = 0; i < KINDS_READ; i++)
        d->lists[i] = (struct directory_list){0};
    ask(d);
}

void directory_go(struct directory *d)
{
    if (!d->is_waiting)
        return;
    d->is_waiting = false;
    d->call = connect_list_names(d->options.connect, d->kind, d->token, answered, d);
}

/* ---- life ---- */

struct directory *directory_new(const struct directory_options *options,
                                const struct directory_pin *pins, size_t n_pins)
{
    struct directory *d = mem_new(1, sizeof(*d));

    d->options = *options;
    for (size_t i = 0; i < n_pins; i++)
        (void)directory_pins_add(&d->pins, pins[i].kind, pins[i].name, pins[i].id);
    d->view = directory_view_new(NULL, NULL, &d->pins, NULL);
    return d;
}

void directory_free(struct directory *d)
{
    if (d == NULL)
        return;
    connect_cancel(d->call);
    if (d->is_reading)
        arena_done(&d->arena);
    directory_view_free(d->view);
    directory_pins_done(&d->pins);
    for (size_t i = 0; i < d->n_uses; i++)
        free(d->uses[i].name);
    free(d->uses);
    free(d);
}

void directory_use(struct directory *d, enum name_kind kind, struct span name)
{
    for (size_t i = 0; i < d->n_uses; i++)
        if (d->uses[i].kind == kind && span_eq(span_of(d->uses[i].name), name))
            return;
    d->uses = mem_grow(d->uses, d->n_uses + 1, sizeof(*d->uses));
    d->uses[d->n_uses++] = (struct use){kind, mem_dup(name)};
}

void directory_learn(struct directory *d, enum name_kind kind, struct span name, struct span id)
{
    const struct directory_pin *pinned = directory_pins_find(&d->pins, kind, name);

    if (pinned != NULL && !span_eq(pinned->id, id))
        tell(d, DIRECTORY_TAKEN, pinned, name);
    if (pinned != NULL)
        return;
    pin(d, kind, name, id);
    d->view = directory_view_new(NULL, d->view->lists, &d->pins, d->view);
}

bool directory_keep_pins(struct directory *d,
                         bool (*is_kept)(void *arg, const struct directory_pin *pin), void *arg)
{
    struct directory_pins *pins = &d->pins;
    size_t n = 0;

    for (size_t i = 0; i < pins->n; i++)
        if (is_kept(arg, &pins->pins[i]))
            pins->pins[n++] = pins->pins[i];
    if (n == pins->n)
        return false;
    pins->n = n;
    d->view = directory_view_new(NULL, d->view->lists, pins, d->view);
    return true;
}

const struct names *directory_names(const struct directory *d)
{
    return &d->view->names;
}

int64_t directory_read_ms(const struct directory *d)
{
    return d->read_ms;
}
