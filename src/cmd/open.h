/* What nearly every command begins with: the settings and the store, with the exit codes and texts
 * of the contract when they are not to be had. */
#ifndef ROSTER_CMD_OPEN_H
#define ROSTER_CMD_OPEN_H

#include "base/arena.h"
#include "cmd/command.h"
#include "cmd/pinned_names.h"
#include "config/settings.h"
#include "model/rules.h"
#include "store/store.h"

struct opened {
    struct settings *settings;
    const struct rules *rules; /* the settings' */
    bool has_identity;         /* how the instance's users sign in is known, and stands there */
    struct store *store;
    struct pinned_names pinned; /* as they were when the store was opened */
    struct arena arena;         /* for results */
};

/* Reads the settings, with --config and --set. On failure each mistake was complained about. The
 * caller frees *out. */
enum exit_code open_settings(const struct invocation *i, struct settings **out);
/* Settings and store. On failure everything is released and was complained about. */
enum exit_code open_store(const struct invocation *i, enum store_mode mode, struct opened *out);
/* The store in another file than the settings say. settings are taken over in any case. */
enum exit_code open_store_file(const struct invocation *i, struct settings *settings,
                               const char *file, enum store_mode mode, struct opened *out);
void open_done(struct opened *o);
/* The person whom the command's argument names: by Okta id, login, application user name or agent's
 * user name. Otherwise complains, with a list when there are several. */
enum exit_code open_person(const struct invocation *i, struct opened *o, const char *word,
                           struct person *out);
/* As what people know the person: the user name that the agent should have, else what
 * person_label says, but never the id; empty when nothing is known. In the arena or borrowed. */
struct span open_user_name(const struct opened *o, const struct person *p, struct arena *a);

#endif
