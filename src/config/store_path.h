/* Where the store is when [Store] PATH does not say it. */
#ifndef ROSTER_CONFIG_STORE_PATH_H
#define ROSTER_CONFIG_STORE_PATH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

/* The folder: the first of $STATE_DIRECTORY (systemd.exec(5): several are parted by colons), else
 * /var/lib/roster for root, else $XDG_STATE_HOME/roster when that is absolute, else
 * ~/.local/state/roster (XDG Base Directory Specification 0.8). False when nothing says where. */
bool store_path_usual(const char *const *environment, bool is_root, struct arena *a,
                      struct span *out);
/* The database file in a folder. */
struct span store_path_file(struct span folder, struct arena *a);

#endif
