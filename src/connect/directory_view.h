/* Private to directory.c: what the directory shows. A view is immutable once made and shares its
 * lists with the ones before; all are freed together. Made on the loop; read from any thread. */
#ifndef ROSTER_CONNECT_DIRECTORY_VIEW_H
#define ROSTER_CONNECT_DIRECTORY_VIEW_H

#include "base/arena.h"
#include "connect/directory.h"
#include "model/names.h"

struct directory_list {
    struct named *items;
    size_t n, room;
};
void directory_list_add(struct directory_list *list, struct arena *a, const struct named *named);

struct directory_pins {
    struct directory_pin *pins;
    size_t n;
    struct arena arena;
};
/* Borrowed until the next addition. */
const struct directory_pin *directory_pins_add(struct directory_pins *pins, enum name_kind kind,
                                               struct span name, struct span id);
const struct directory_pin *directory_pins_find(const struct directory_pins *pins,
                                                enum name_kind kind, struct span name);
void directory_pins_done(struct directory_pins *pins);

struct directory_view {
    struct names names;                 /* first: a view is its names */
    const struct directory_list *lists; /* by kind, the first three; NULL = never read */
    struct directory_pin *pins;
    size_t n_pins;
    struct arena arena; /* owns lists (when it was given them) and pins */
    struct directory_view *before;
};
/* Takes *read (may be NULL) with the lists in it; lists of an older view may be given instead. */
struct directory_view *directory_view_new(struct arena *read, const struct directory_list *lists,
                                          const struct directory_pins *pins,
                                          struct directory_view *before);
/* And all before it. */
void directory_view_free(struct directory_view *view);
/* By what was read alone, pins aside. */
enum name_answer directory_view_by_name(const struct directory_view *view, enum name_kind kind,
                                        struct span name, struct span *id);
/* Is anything but that id called so? */
bool directory_view_has_other(const struct directory_view *view, enum name_kind kind,
                              struct span name, struct span id);
/* {NULL, 0} when there is no such id. */
struct span directory_view_name(const struct directory_view *view, enum name_kind kind,
                                struct span id);

#endif
