#include "okta_events.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "okta_show.h"
#include "text/uuid.h"

enum { NAME = 1024 };

/* Messages and old names as in captures where there are some. What hooks may get is facts of
 * Okta's catalogue of event types, release 2026.08.1. */
static const struct okta_event_type types[] = {
    {"application.user_membership.add", "Add user to application membership",
     "app.generic.provision.assign_user_to_app", true},
    {"application.user_membership.remove", "Remove user's application membership", NULL, true},
    {"application.user_membership.update", "Updated user application property", NULL, true},
    {"application.user_membership.change_username", "Change user's application username", NULL,
     false},
    {"group.user_membership.add", "Add user to group membership", "core.user_group_member.user_add",
     true},
    {"group.user_membership.remove", "Remove user from group membership",
     "core.user_group_member.user_remove", true},
    {"group.application_assignment.add", "Add assigned application to group", NULL, true},
    {"group.application_assignment.remove", "Remove assigned application from group", NULL, true},
    {"group.application_assignment.update", "Update assigned application of group", NULL, true},
    {"group.lifecycle.create", "Create Okta group", NULL, true},
    {"group.lifecycle.delete", "Delete Okta group", NULL, true},
    {"group.profile.update", "Okta group profile updated", NULL, true},
    {"application.lifecycle.create", "Create application", "app.app_editor.app.create", true},
    {"application.lifecycle.update", "Update application", "app.generic.config.app_updated", true},
    {"application.lifecycle.activate", "Activate application", "app.generic.config.app_activated",
     true},
    {"application.lifecycle.deactivate", "Deactivate application",
     "app.generic.config.app_deactivated", true},
    {"application.lifecycle.delete", "Delete application", NULL, true},
    {"user.lifecycle.create", "Create okta user", "core.user.config.user_creation.success", true},
    {"user.lifecycle.activate", "Activate Okta user", "core.user.config.user_activated", true},
    {"user.lifecycle.reactivate", "Reactivate Okta user", NULL, true},
    {"user.lifecycle.deactivate", "Deactivate Okta User", "core.user.config.user_deactivated",
     true},
    {"user.lifecycle.suspend", "Suspend Okta user", "core.user.config.user_status.suspended", true},
    {"user.lifecycle.unsuspend", "Unsuspend Okta user", NULL, true},
    {"user.lifecycle.delete.initiated", "Delete Okta user initiated",
     "core.user.config.user_status.delete.initiated", true},
    {"user.lifecycle.delete.completed", "Delete Okta user completed", NULL, false},
    {"user.account.update_profile", "Update user profile for Okta",
     "core.user.config.profile_update.success", true},
    {"user.account.update_primary_email", "Update primary email for user", NULL, false},
    {"user.account.lock", "Max sign in attempts exceeded", NULL, true},
    {"user.account.unlock", "Unlock user account", NULL, true},
    {"user.account.expire_password", "Expire user password", NULL, false},
    {"user.account.reset_password", "Fired when the user's Okta password is reset", NULL, true},
    {"user.account.update_password", "User update password for Okta",
     "core.user.config.password_update.success", true},
    {"user.session.clear", "Clear user session", "core.user_auth.session_clear", false},
    {"event_hook.created", "Event hook created", NULL, false},
    {"event_hook.updated", "Event hook updated", NULL, false},
    {"event_hook.deleted", "Event hook deleted", NULL, false},
    {"event_hook.activated", "Event hook activated", NULL, false},
    {"event_hook.deactivated", "Event hook deactivated", NULL, false},
    {"event_hook.verified", "Event hook verified", NULL, false},
    {"event_hook.delivery", "Event hook delivery failed", NULL, false},
};

const struct okta_event_type *okta_event_type(const char *type)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].type, type) == 0)
            return &types[i];
    return NULL;
}

/* ---- targets ---- */

json_t *okta_target(const char *type, const char *id, const char *alternate, const char *display)
{
    return json_pack("{s:s, s:s, s:s?, s:s?, s:n}", "id", id, "type", type, "alternateId",
                     alternate, "displayName", display, "detailEntry");
}

static void add_word(struct buf *out, const char *word)
{
    if (word != NULL && *word != '\0')
        buf_printf(out, "%s%s", out->n > 0 ? " " : "", word);
}

/* "First Last". */
static void okta_add_display_name(struct buf *out, const json_t *profile)
{
    add_word(out, okta_member(profile, "firstName"));
    add_word(out, okta_member(profile, "lastName"));
    if (out->n == 0)
        add_word(out, okta_member(profile, "login"));
}

static json_t *target_person(const char *type, const char *id, const char *alternate,
                             const struct okta_user *user)
{
    json_t *profile = okta_user_profile(user, &user->newest), *target;
    struct buf name;

    buf_init(&name, NAME);
    okta_add_display_name(&name, profile);
    target = okta_target(type, id, alternate == NULL ? okta_member(profile, "login") : alternate,
                         name.p);
    buf_done(&name);
    json_decref(profile);
    return target;
}

json_t *okta_target_user(const struct okta_user *user)
{
    return target_person("User", user->id, NULL, user);
}

json_t *okta_target_app_user(const struct okta_link *link)
{
    char id[OKTA_ID];
    struct buf name;
    json_t *target;

    okta_id(id, "0ua", link->id_number);
    buf_init(&name, NAME);
    okta_add_app_user_name(&name, link, OKTA_NOW);
    target = target_person("AppUser", id, name.p, link->user);
    buf_done(&name);
    return target;
}

json_t *okta_target_container(const struct okta_container *c)
{
    const char *name = okta_container_name(c);

    return c->kind == OKTA_APP ? okta_target("AppInstance", c->id, name, name)
                               : okta_target("UserGroup", c->id, "unknown", name);
}

/* ---- the event ---- */

static json_t *ip_chain(void)
{
    return json_pack("[{s:s, s:n, s:s, s:n}]", "ip", "198.51.100.7", "geographicalContext",
                     "version", "V4", "source");
}

static json_t *client_of(bool is_job)
{
    if (is_job)
        return json_pack("{s:n, s:s, s:s, s:n, s:n, s:n}", "userAgent", "zone", "null", "device",
                         "Unknown", "id", "ipAddress", "geographicalContext");
    return json_pack("{s:{s:s, s:s, s:s}, s:s, s:s, s:n, s:s, s:n}", "userAgent", "rawUserAgent",
                     "okta-sdk/1", "os", "Unknown", "browser", "UNKNOWN", "zone", "null", "device",
                     "Unknown", "id", "ipAddress", "198.51.100.7", "geographicalContext");
}

static json_t *actor_of(bool is_job)
{
    return is_job ? okta_target("SystemPrincipal", "00usystem00000000x7", "system@okta.com",
                                "Okta System")
                  : okta_target("User", "00uadmin0000000000x7", "admin@acme.com", "Ada Admin");
}

/* Everything that an event has besides what happened. */
static json_t *frame(bool is_job, const char *transaction)
{
    json_t *event = json_object();

    json_object_set_new(event, "actor", actor_of(is_job));
    json_object_set_new(event, "client", client_of(is_job));
    json_object_set_new(event, "device", json_null());
    json_object_set_new(event, "authenticationContext",
                        json_pack("{s:n, s:n, s:n, s:n, s:n, s:i, s:s}", "authenticationProvider",
                                  "credentialProvider", "credentialType", "issuer", "interface",
                                  "authenticationStep", 0, "externalSessionId",
                                  "trsSANDBOX0000000000000000"));
    json_object_set_new(
        event, "securityContext",
        json_pack("{s:n, s:n, s:n, s:n, s:n}", "asNumber", "asOrg", "isp", "domain", "isProxy"));
    json_object_set_new(event, "severity", json_string("INFO"));
    json_object_set_new(event, "legacyEventType", json_null());
    json_object_set_new(
        event, "transaction",
        json_pack("{s:s, s:s, s:{}}", "type", is_job ? "JOB" : "WEB", "id", transaction, "detail"));
    json_object_set_new(event, "version", json_string("0"));
    json_object_set_new(event, "request",
                        json_pack("{s:o}", "ipChain", is_job ? json_array() : ip_chain()));
    return event;
}

static void set_debug(json_t *event, const struct okta_side *side, json_t *debug)
{
    const char *type = okta_member(event, "eventType");
    json_t *data = debug == NULL ? json_object() : debug;
    char *hooks = okta_hooks_asking(&side->hooks, type == NULL ? "" : type);

    if (hooks != NULL)
        json_object_set_new(data, "targetEventHookIds", json_string(hooks));
    free(hooks);
    json_object_set_new(event, "debugContext", json_pack("{s:o}", "debugData", data));
}

static int64_t publish_time(const struct okta_side *side, struct okta_user *about)
{
    int64_t now_ms = okta_wall_ms(side);

    if (about == NULL)
        return now_ms;
    if (now_ms <= about->published_ms)
        now_ms = about->published_ms + 1;
    about->published_ms = now_ms;
    return now_ms;
}

static void tell(struct okta_side *side, const json_t *event, bool is_delivered)
{
    okta_log_add(&side->log, event, okta_wall_ms(side));
    if (is_delivered)
        okta_deliveries_offer(side, event);
}

void okta_emit_outcome(struct okta_tx *tx, const char *type, struct okta_user *about,
                       json_t *targets, json_t *debug, const char *result, const char *reason)
{
    const struct okta_event_type *known = okta_event_type(type);
    char uuid[UUID_TEXT + 1];
    json_t *event;

    if (tx->is_quiet) {
        json_decref(targets);
        json_decref(debug);
        return;
    }
    if (debug == NULL)
        debug = json_object();
    json_object_set_new(debug, "requestId", json_string(tx->id));
    if (tx->uri != NULL && !tx->is_job)
        json_object_set_new(debug, "requestUri", json_string(tx->uri));
    uuid_random(uuid);
    event = frame(tx->is_job, tx->id);
    json_object_set_new(event, "uuid", json_string(uuid));
    json_object_set_new(event, "published", okta_time(publish_time(tx->side, about)));
    json_object_set_new(event, "eventType", json_string(type));
    json_object_set_new(event, "displayMessage", json_string(known->message));
    if (known->legacy != NULL)
        json_object_set_new(event, "legacyEventType", json_string(known->legacy));
    json_object_set_new(event, "outcome",
                        json_pack("{s:s, s:s?}", "result", result, "reason", reason));
    json_object_set_new(event, "target", targets == NULL ? json_null() : targets);
    set_debug(event, tx->side, debug);
    if (tx->n_events++ < TX_UUIDS)
        json_array_append_new(tx->uuids, json_string(uuid));
    tell(tx->side, event, known->is_for_hooks);
    json_decref(event);
}

void okta_emit(struct okta_tx *tx, const char *type, struct okta_user *about, json_t *targets,
               json_t *debug)
{
    okta_emit_outcome(tx, type, about, targets, debug, "SUCCESS", NULL);
}

char *okta_emit_raw(struct okta_side *side, json_t *event, bool is_delivered)
{
    char transaction[OKTA_ID], uuid[UUID_TEXT + 1];
    json_t *base;

    okta_id(transaction, "Wsb", ++side->n_transactions);
    base = frame(false, transaction);
    uuid_random(uuid);
    json_object_set_new(base, "uuid", json_string(uuid));
    json_object_set_new(base, "published", okta_time(okta_wall_ms(side)));
    json_object_set_new(base, "displayMessage", json_string(""));
    json_object_set_new(base, "outcome", json_pack("{s:s, s:n}", "result", "SUCCESS", "reason"));
    json_object_set_new(base, "target", json_null());
    json_object_update(base, event);
    json_decref(event);
    if (json_object_get(base, "debugContext") == NULL)
        set_debug(base, side, NULL);
    tell(side, base, is_delivered);
    event = json_object_get(base, "uuid");
    memcpy(uuid, "", 1);
    if (json_is_string(event) && json_string_length(event) <= UUID_TEXT)
        memcpy(uuid, json_string_value(event), json_string_length(event) + 1);
    json_decref(base);
    return mem_dup_str(uuid);
}

/* ---- transactions ---- */

void okta_tx_begin(struct okta_tx *tx, struct okta_side *side, const char *uri)
{
    *tx = (struct okta_tx){.side = side, .uri = uri, .uuids = json_array()};
    okta_id(tx->id, "Wsb", ++side->n_transactions);
    okta_links_sweep(&side->containers);
}

void okta_tx_end(struct okta_tx *tx)
{
    json_decref(tx->uuids);
    tx->uuids = NULL;
}

/* ---- as hooks get it ---- */

static json_t *without_nulls(const json_t *value)
{
    json_t *out, *part;
    const char *key;
    size_t i;

    if (json_is_array(value)) {
        out = json_array();
        json_array_foreach(value, i, part)
        {
            json_array_append_new(out, without_nulls(part));
        }
        return out;
    }
    if (!json_is_object(value))
        return json_incref(okta_unconst(value));
    out = json_object();
    json_object_foreach(okta_unconst(value), key, part)
    {
        if (!json_is_null(part))
            json_object_set_new(out, key, without_nulls(part));
    }
    return out;
}

json_t *okta_hook_form(const json_t *event)
{
    json_t *out = without_nulls(event), *client = json_object_get(out, "client");

    if (json_is_object(client))
        json_object_set(client, "ipChain",
                        json_object_get(json_object_get(out, "request"), "ipChain"));
    json_object_del(out, "request");
    return out;
}
