/* The org's settings, and a whole seed. */
#include <stdlib.h>

#include "base/clock.h"
#include "okta_ask.h"
#include "okta_seed.h"

static json_t *usual_events(void)
{
    static const char *const types[] = {"application.user_membership.add",
                                        "application.user_membership.remove",
                                        "application.user_membership.update",
                                        "group.user_membership.add",
                                        "group.user_membership.remove",
                                        "group.application_assignment.add",
                                        "group.application_assignment.remove",
                                        "group.application_assignment.update",
                                        "group.lifecycle.create",
                                        "group.lifecycle.delete",
                                        "group.profile.update",
                                        "application.lifecycle.update",
                                        "application.lifecycle.activate",
                                        "application.lifecycle.deactivate",
                                        "application.lifecycle.delete",
                                        "user.lifecycle.create",
                                        "user.lifecycle.activate",
                                        "user.lifecycle.reactivate",
                                        "user.lifecycle.deactivate",
                                        "user.lifecycle.suspend",
                                        "user.lifecycle.unsuspend",
                                        "user.lifecycle.delete.initiated",
                                        "user.account.update_profile"};
    json_t *all = json_array();

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        json_array_append_new(all, json_string(types[i]));
    return all;
}

/* The body of POST /api/v1/eventHooks. */
static json_t *hook_body(const json_t *from)
{
    const char *name = okta_member(from, "name"), *header = okta_member(from, "header"),
               *secret = okta_member(from, "secret");
    json_t *events = json_object_get(from, "events"), *headers = json_array(), *value;
    json_t *config = json_object();
    const char *key;

    json_object_foreach(json_object_get(from, "headers"), key, value)
    {
        json_array_append_new(headers, json_pack("{s:s, s:O}", "key", key, "value", value));
    }
    json_object_set(config, "uri", json_object_get(from, "uri"));
    json_object_set_new(config, "headers", headers);
    if (secret != NULL)
        json_object_set_new(config, "authScheme",
                            json_pack("{s:s, s:s, s:s}", "type", "HEADER", "key",
                                      header == NULL ? "Authorization" : header, "value", secret));
    return json_pack("{s:s, s:{s:s, s:o}, s:{s:s, s:s, s:o}}", "name",
                     name == NULL ? "roster" : name, "events", "type", "EVENT_TYPE", "items",
                     events == NULL ? usual_events() : json_incref(events), "channel", "type",
                     "HTTP", "version", "1.0.0", "config", config);
}

enum err okta_seed_hook(struct okta_side *side, const json_t *from, struct okta_hook **out,
                        struct fail *fail)
{
    static const char *const names[] = {"uri",    "secret",  "header",   "name",
                                        "events", "headers", "verified", NULL};
    json_t *body;
    enum err err = sandbox_only(from, names, fail);

    if (err != ERR_NONE)
        return err;
    body = hook_body(from);
    *out = okta_hooks_named(&side->hooks, okta_member(body, "name"));
    err = okta_hook_set(side, out, body, fail);
    json_decref(body);
    if (err == ERR_NONE && json_is_true(json_object_get(from, "verified")))
        (*out)->is_verified = true;
    return err;
}

/* Sets the numbers that are given, none of which is below 0. */
static enum err set_numbers(const json_t *from, const char *const *names, int64_t *const *fields,
                            struct fail *fail)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        const json_t *value = json_object_get(from, names[i]);

        if (value == NULL || fields[i] == NULL)
            continue;
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return fail_set(fail, ERR_INPUT, "%s is a number", names[i]);
        *fields[i] = json_integer_value(value);
    }
    return ERR_NONE;
}

enum err okta_seed_delays(struct okta_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"read_ms", "list_ms",       "search_ms",
                                        "log_ms",  "log_jitter_ms", NULL};
    int64_t *const fields[] = {&side->read_delay_ms, &side->list_delay_ms, &side->search_delay_ms,
                               &side->log.delay_ms, &side->log.jitter_ms};
    enum err err = sandbox_only(from, names, fail);

    if (err == ERR_NONE)
        err = set_numbers(from, names, fields, fail);
    okta_keep_past(side);
    return err;
}

enum err okta_seed_settings(struct okta_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"retention_s", "token_life_s", "renaming", "resource_nonce",
                                        NULL};
    static const char *const renamings[] = {"change", "remove_add", "keep"};
    int64_t *const fields[] = {&side->log.retention_s, &side->auth.life_s, NULL, NULL};
    const char *renaming = okta_member(from, "renaming");
    const json_t *nonce = json_object_get(from, "resource_nonce");
    size_t i = 0;
    enum err err = sandbox_only(from, names, fail);

    if (err == ERR_NONE)
        err = set_numbers(from, names, fields, fail);
    if (err != ERR_NONE)
        return err;
    if (nonce != NULL)
        side->auth.needs_nonce = json_is_true(nonce);
    if (renaming == NULL)
        return ERR_NONE;
    while (i < sizeof renamings / sizeof *renamings && strcmp(renamings[i], renaming) != 0)
        i++;
    if (i == sizeof renamings / sizeof *renamings)
        return fail_set(fail, ERR_INPUT, "renaming is change, remove_add or keep");
    side->renaming = (enum okta_renaming)i;
    return ERR_NONE;
}

/* ---- a whole seed ---- */

static enum err one_user(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    struct okta_user *user;

    return okta_seed_user(tx, from, &user, fail);
}

static enum err one_group(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    struct okta_container *group;

    return okta_seed_group(tx, from, &group, fail);
}

static enum err one_app(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    struct okta_container *app;

    return okta_seed_app(tx, from, &app, fail);
}

/* Those that fill them come later in the seed. */
static enum err fill_group(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    const char *id = okta_member(from, "id"), *name = okta_member(from, "name");
    struct okta_container *group;
    enum err err =
        okta_find_container(tx->side, OKTA_GROUP,
                            id != NULL     ? id
                            : name != NULL ? name
                                           : okta_member(json_object_get(from, "profile"), "name"),
                            &group, fail);

    return err == ERR_NONE ? okta_seed_group_fill(tx, group, from, fail) : err;
}

static enum err fill_app(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    const char *id = okta_member(from, "id");
    struct okta_container *app;
    enum err err = okta_find_container(tx->side, OKTA_APP,
                                       id != NULL ? id : okta_member(from, "label"), &app, fail);

    return err == ERR_NONE ? okta_seed_app_fill(tx, app, from, fail) : err;
}

static enum err one_token(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_auth_add_token(&tx->side->auth, from, okta_wall_ms(tx->side), fail);
}

static enum err one_client(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_auth_add_client(&tx->side->auth, from, fail);
}

static enum err one_hook(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    struct okta_hook *hook;

    return okta_seed_hook(tx->side, from, &hook, fail);
}

static enum err one_rate(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_rates_set(&tx->side->rates, from, fail);
}

static enum err one_fault(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    const char *operation = okta_member(from, "operation");

    if (operation != NULL && !okta_operation_is_known(operation))
        return fail_set(fail, ERR_INPUT, "unknown operation '%s'", operation);
    return faults_set(&tx->side->faults, from, fail);
}

static enum err delays(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_seed_delays(tx->side, from, fail);
}

static enum err deliveries(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_deliveries_set(tx->side, from, fail);
}

static enum err settings(struct okta_tx *tx, const json_t *from, struct fail *fail)
{
    return okta_seed_settings(tx->side, from, fail);
}

/* In the order in which one needs another. */
static const struct {
    const char *name;
    enum err (*fn)(struct okta_tx *tx, const json_t *from, struct fail *fail);
} parts[] = {
    {"settings", settings},
    {"groups", one_group},
    {"apps", one_app},
    {"users", one_user},
    {"generate", okta_seed_generate},
    {"groups", fill_group},
    {"apps", fill_app},
    {"tokens", one_token},
    {"clients", one_client},
    {"hooks", one_hook},
    {"rates", one_rate},
    {"faults", one_fault},
    {"delays", delays},
    {"deliveries", deliveries},
};

enum { N_PARTS = sizeof parts / sizeof *parts };

static enum err check_names(const json_t *seed, struct fail *fail)
{
    const char *names[N_PARTS + 1] = {NULL};

    for (size_t i = 0; i < N_PARTS; i++)
        names[i] = parts[i].name;
    return sandbox_only(seed, names, fail);
}

/* The value itself, or each item of a list. */
static enum err seed_part(struct okta_tx *tx, size_t part, const json_t *value, struct fail *fail)
{
    enum err err = ERR_NONE;
    size_t i = 0;

    if (value != NULL && !json_is_array(value))
        err = parts[part].fn(tx, value, fail);
    for (; i < json_array_size(value) && err == ERR_NONE; i++)
        err = parts[part].fn(tx, json_array_get(value, i), fail);
    return err == ERR_NONE
               ? ERR_NONE
               : fail_within(fail, err, "okta.%s[%zu]", parts[part].name, i == 0 ? 0 : i - 1);
}

enum err okta_side_seed(struct okta_side *side, const json_t *seed, struct fail *fail)
{
    struct okta_tx tx;
    enum err err;

    if (seed == NULL)
        return ERR_NONE;
    err = check_names(seed, fail);
    okta_tx_begin(&tx, side, NULL);
    tx.is_quiet = true;
    for (size_t i = 0; i < N_PARTS && err == ERR_NONE; i++)
        err = seed_part(&tx, i, json_object_get(seed, parts[i].name), fail);
    okta_tx_end(&tx);
    return err;
}
