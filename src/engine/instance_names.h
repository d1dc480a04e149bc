/* Which names of the instance the rules use, and what is said of them. Pure but for filling the
 * directory. For instance.c, and for `roster doctor`. */
#ifndef ROSTER_ENGINE_INSTANCE_NAMES_H
#define ROSTER_ENGINE_INSTANCE_NAMES_H

#include <stdbool.h>

#include "base/arena.h"
#include "connect/directory.h"
#include "model/names.h"
#include "model/rules.h"

/* Tells the directory which names are in use; true when there is one that must be looked up (not
 * only ids and ARNs). */
bool instance_names_use(const struct rules *rules, struct directory *directory);
/* Calls told for each name in the rules that means nothing, or several things. */
void instance_names_report(const struct rules *rules, const struct names *names,
                           void (*told)(void *arg, const char *code, const char *text), void *arg);
/* What is to be said; NULL = nothing. */
char *instance_names_news(const struct directory_news *news, struct arena *a);
const char *instance_names_code(const struct directory_news *news);

#endif
