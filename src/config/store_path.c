#include "config/store_path.h"

#include "config/given.h"

bool store_path_usual(const char *const *environment, bool is_root, struct arena *a,
                      struct span *out)
{
    struct span state = span_of(given_variable(environment, "STATE_DIRECTORY"));
    const char *xdg = given_variable(environment, "XDG_STATE_HOME");
    const char *home = given_variable(environment, "HOME");
    struct span first = {0};

    (void)span_split(&state, ':', &first);
    if (first.n > 0)
        *out = arena_span(a, first);
    else if (is_root)
        *out = SPAN("/var/lib/roster");
    else if (xdg != NULL && xdg[0] == '/')
        *out = span_of(arena_printf(a, "%s/roster", xdg));
    else if (home != NULL)
        *out = span_of(arena_printf(a, "%s/.local/state/roster", home));
    else
        return false;
    return true;
}

struct span store_path_file(struct span folder, struct arena *a)
{
    while (folder.n > 0 && folder.p[folder.n - 1] == '/')
        folder.n--;
    return span_of(arena_printf(a, "%.*s/roster.db", SPAN_ARG(folder)));
}
