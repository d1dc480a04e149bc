/* Fills the played org from JSON: a seed file, and what the control interface adds. The forms are
 * described in README.md. */
#ifndef SANDBOX_OKTA_SEED_H
#define SANDBOX_OKTA_SEED_H

#include "okta_org.h"

/* The group that everybody is in. */
void okta_seed_everyone(struct okta_side *side);

/* By id, or by login or name; ERR_NOT_FOUND. */
enum err okta_find_user(const struct okta_side *side, const char *text, struct okta_user **out,
                        struct fail *fail) WARN_UNUSED;
enum err okta_find_container(const struct okta_side *side, enum okta_kind kind, const char *text,
                             struct okta_container **out, struct fail *fail) WARN_UNUSED;

/* Makes a person with all that the person is in. */
enum err okta_seed_user(struct okta_tx *tx, const json_t *from, struct okta_user **out,
                        struct fail *fail) WARN_UNUSED;
/* Each makes one, empty. */
enum err okta_seed_group(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                         struct fail *fail) WARN_UNUSED;
enum err okta_seed_app(struct okta_tx *tx, const json_t *from, struct okta_container **out,
                       struct fail *fail) WARN_UNUSED;
/* Puts in what "users", "groups" and "apps" say. */
enum err okta_seed_group_fill(struct okta_tx *tx, struct okta_container *group, const json_t *from,
                              struct fail *fail) WARN_UNUSED;
enum err okta_seed_app_fill(struct okta_tx *tx, struct okta_container *app, const json_t *from,
                            struct fail *fail) WARN_UNUSED;
/* {"users": n, "from", "login", "first", "last", "profile", "status", "groups", "apps"} */
enum err okta_seed_generate(struct okta_tx *tx, const json_t *from, struct fail *fail) WARN_UNUSED;
/* A group, or {"group", "priority", "profile"}, assigned to app. */
enum err okta_seed_grouping(struct okta_tx *tx, struct okta_container *app, const json_t *from,
                            struct fail *fail) WARN_UNUSED;
/* {"uri", "secret", "header", "name", "events", "headers", "verified"} */
enum err okta_seed_hook(struct okta_side *side, const json_t *from, struct okta_hook **out,
                        struct fail *fail) WARN_UNUSED;
/* {"read_ms", "list_ms", "search_ms", "log_ms", "log_jitter_ms"} */
enum err okta_seed_delays(struct okta_side *side, const json_t *from,
                          struct fail *fail) WARN_UNUSED;
/* {"renaming", "retention_s", "token_life_s", "resource_nonce"} */
enum err okta_seed_settings(struct okta_side *side, const json_t *from,
                            struct fail *fail) WARN_UNUSED;

#endif
