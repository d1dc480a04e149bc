#include "okta_hooks.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_events.h"
#include "text/url.h"

enum { MOST_HOOKS = 25, MOST_TYPES = 300, NAME = 255, URI = 1024 };

static void hook_free(struct okta_hook *hook)
{
    okta_batch_free(hook->batch);
    json_decref(hook->doc);
    free(hook->secret);
    free(hook);
}

void okta_hooks_done(struct okta_hooks *hooks)
{
    okta_hooks_drop_verifying(hooks);
    while (hooks->first != NULL) {
        struct okta_hook *hook = hooks->first;

        hooks->first = hook->next;
        hook_free(hook);
    }
}

struct okta_hook *okta_hooks_find(const struct okta_hooks *hooks, const char *id)
{
    struct okta_hook *hook = hooks->first;

    while (hook != NULL && strcmp(hook->id, id) != 0)
        hook = hook->next;
    return hook;
}

struct okta_hook *okta_hooks_named(const struct okta_hooks *hooks, const char *name)
{
    struct okta_hook *hook = hooks->first;

    while (hook != NULL && strcmp(okta_member(hook->doc, "name"), name) != 0)
        hook = hook->next;
    return hook;
}

bool okta_hook_asks(const struct okta_hook *hook, const char *type)
{
    const json_t *items = json_object_get(json_object_get(hook->doc, "events"), "items");

    if (!hook->is_active || !hook->is_verified)
        return false;
    for (size_t i = 0; i < json_array_size(items); i++)
        if (strcmp(json_string_value(json_array_get(items, i)), type) == 0)
            return true;
    return false;
}

char *okta_hooks_asking(const struct okta_hooks *hooks, const char *type)
{
    const struct okta_event_type *known = okta_event_type(type);
    char *ids = NULL;

    if (known != NULL && !known->is_for_hooks)
        return NULL;
    for (const struct okta_hook *hook = hooks->first; hook != NULL; hook = hook->next) {
        char *more;

        if (!okta_hook_asks(hook, type))
            continue;
        more = ids == NULL ? mem_dup_str(hook->id) : mem_printf("%s,%s", ids, hook->id);
        free(ids);
        ids = more;
    }
    return ids;
}

/* ---- what a body may say ---- */

static enum err check_uri(const char *uri, struct fail *fail)
{
    struct url url;

    if (uri == NULL || strlen(uri) > URI || url_parse(span_of(uri), &url, NULL) != ERR_NONE)
        return fail_set(fail, ERR_INPUT, "uri: the field must be a valid URL");
    /* Okta takes https only. What the sandbox can reach is loopback, where http is as good. */
    if (!span_eq(url.scheme, SPAN("https")) && !url_is_loopback(&url))
        return fail_set(fail, ERR_INPUT, "uri: only HTTPS is supported");
    return ERR_NONE;
}

static enum err check_headers(const json_t *headers, struct fail *fail)
{
    static const char *const reserved[] = {"accept", "content-type", "content-length", "host"};
    size_t i;
    json_t *header;

    json_array_foreach(headers, i, header)
    {
        const char *key = okta_member(header, "key");

        if (key == NULL || okta_member(header, "value") == NULL)
            return fail_set(fail, ERR_INPUT, "headers: key and value are needed");
        for (size_t k = 0; k < sizeof reserved / sizeof *reserved; k++)
            if (span_eq_nocase(span_of(key), span_of(reserved[k])))
                return fail_set(fail, ERR_INPUT, "headers: '%s' is a reserved header", key);
    }
    return ERR_NONE;
}

static enum err check_channel(const json_t *channel, struct fail *fail)
{
    const json_t *config = json_object_get(channel, "config"),
                 *scheme = json_object_get(config, "authScheme");
    const char *type = okta_member(channel, "type");

    if (type == NULL || strcmp(type, "HTTP") != 0 || okta_member(channel, "version") == NULL)
        return fail_set(fail, ERR_INPUT, "channel: type HTTP and a version are needed");
    if (scheme != NULL &&
        (okta_member(scheme, "type") == NULL ||
         strcmp(okta_member(scheme, "type"), "HEADER") != 0 || okta_member(scheme, "key") == NULL))
        return fail_set(fail, ERR_INPUT, "authScheme: type HEADER and a key are needed");
    if (check_uri(okta_member(config, "uri"), fail) != ERR_NONE)
        return ERR_INPUT;
    return check_headers(json_object_get(config, "headers"), fail);
}

static enum err check_events(const json_t *events, struct fail *fail)
{
    const json_t *items = json_object_get(events, "items");
    size_t i;
    json_t *item;

    if (okta_member(events, "type") == NULL ||
        strcmp(okta_member(events, "type"), "EVENT_TYPE") != 0 || json_array_size(items) == 0 ||
        json_array_size(items) > MOST_TYPES)
        return fail_set(fail, ERR_INPUT, "events: type EVENT_TYPE and 1 to 300 items are needed");
    json_array_foreach(items, i, item)
    {
        const char *type = json_string_value(item);
        const struct okta_event_type *known = type == NULL ? NULL : okta_event_type(type);

        if (type == NULL || (known != NULL && !known->is_for_hooks))
            return fail_set(fail, ERR_INPUT, "events.items: '%s' is no event type for hooks",
                            type == NULL ? "" : type);
    }
    return ERR_NONE;
}

static enum err check(const struct okta_side *side, const struct okta_hook *hook,
                      const json_t *body, struct fail *fail)
{
    const char *name = okta_member(body, "name");
    const struct okta_hook *other = name == NULL ? NULL : okta_hooks_named(&side->hooks, name);
    size_t n = 0;

    if (name == NULL || *name == '\0' || strlen(name) > NAME)
        return fail_set(fail, ERR_INPUT, "name: the field has 1 to 255 characters");
    if (other != NULL && other != hook)
        return fail_set(fail, ERR_CONFLICT, "name: an event hook with this name exists already");
    for (other = side->hooks.first; other != NULL; other = other->next)
        n++;
    if (hook == NULL && n >= MOST_HOOKS)
        return fail_set(fail, ERR_CONFLICT, "the limit of 25 event hooks is reached");
    if (check_events(json_object_get(body, "events"), fail) != ERR_NONE)
        return ERR_INPUT;
    return check_channel(json_object_get(body, "channel"), fail);
}

/* ---- making and changing ---- */

/* The channel without its secret, which is never shown. */
static json_t *channel_of(const json_t *body)
{
    json_t *channel = json_deep_copy(json_object_get(body, "channel"));
    json_t *config = json_object_get(channel, "config");

    json_object_del(json_object_get(config, "authScheme"), "value");
    json_object_set_new(config, "method", json_string("POST"));
    if (json_object_get(config, "headers") == NULL)
        json_object_set_new(config, "headers", json_array());
    return channel;
}

static const char *secret_of(const json_t *body)
{
    return okta_member(
        json_object_get(json_object_get(json_object_get(body, "channel"), "config"), "authScheme"),
        "value");
}

static json_t *doc_of(const struct okta_side *side, const json_t *body, const json_t *old)
{
    json_t *now = okta_time((int64_t)okta_wall_s(side) * MS_PER_S);
    const json_t *created = json_object_get(old, "created");
    json_t *events = json_deep_copy(json_object_get(body, "events"));
    json_t *items = json_object_get(events, "items");
    size_t n = json_array_size(items);

    /* Items come back in another order than they were given in. */
    for (size_t i = 0; i + 1 < n; i++) {
        json_array_insert(items, i, json_array_get(items, n - 1));
        json_array_remove(items, n);
    }
    return json_pack("{s:O, s:O?, s:o, s:s, s:o, s:o, s:o}", "name", json_object_get(body, "name"),
                     "description", json_object_get(body, "description"), "created",
                     created == NULL ? json_incref(now) : json_incref(okta_unconst(created)),
                     "createdBy", "00uadmin0000000000x7", "lastUpdated", now, "events", events,
                     "channel", channel_of(body));
}

static void append(struct okta_hooks *hooks, struct okta_hook *hook)
{
    struct okta_hook **p = &hooks->first;

    while (*p != NULL)
        p = &(*p)->next;
    *p = hook;
}

enum err okta_hook_set(struct okta_side *side, struct okta_hook **hook, const json_t *body,
                       struct fail *fail)
{
    bool is_new = *hook == NULL, is_same;
    const char *secret = secret_of(body), *status = okta_member(body, "status");
    enum err err = check(side, *hook, body, fail);
    json_t *doc;

    if (err != ERR_NONE)
        return err;
    if (is_new) {
        *hook = mem_new(1, sizeof **hook);
        okta_id((*hook)->id, "who", side->hooks.n_made++);
        (*hook)->is_active = true;
        append(&side->hooks, *hook);
    }
    doc = doc_of(side, body, (*hook)->doc);
    /* A change of the channel, the secret included, has to be verified anew. */
    is_same =
        !is_new &&
        json_equal(json_object_get(doc, "channel"), json_object_get((*hook)->doc, "channel")) &&
        (secret == NULL || ((*hook)->secret != NULL && strcmp(secret, (*hook)->secret) == 0));
    (*hook)->is_verified = (*hook)->is_verified && is_same;
    if (!is_new && status != NULL)
        (*hook)->is_active = strcmp(status, "INACTIVE") != 0;
    json_decref((*hook)->doc);
    (*hook)->doc = doc;
    if (secret != NULL) {
        free((*hook)->secret);
        (*hook)->secret = mem_dup_str(secret);
    }
    okta_hook_tell(side, *hook, is_new ? "event_hook.created" : "event_hook.updated", "SUCCESS",
                   NULL);
    return ERR_NONE;
}

void okta_hook_activate(struct okta_side *side, struct okta_hook *hook, bool is_active)
{
    hook->is_active = is_active;
    json_object_set_new(hook->doc, "lastUpdated", okta_time((int64_t)okta_wall_s(side) * MS_PER_S));
    okta_hook_tell(side, hook, is_active ? "event_hook.activated" : "event_hook.deactivated",
                   "SUCCESS", NULL);
}

void okta_hook_delete(struct okta_side *side, struct okta_hook *hook)
{
    struct okta_hook **p = &side->hooks.first;

    okta_hook_tell(side, hook, "event_hook.deleted", "SUCCESS", NULL);
    while (*p != hook)
        p = &(*p)->next;
    *p = hook->next;
    hook_free(hook);
}

void okta_hook_tell(struct okta_side *side, const struct okta_hook *hook, const char *type,
                    const char *result, const char *reason)
{
    struct okta_tx tx;
    const char *name = okta_member(hook->doc, "name");

    okta_tx_begin(&tx, side, "/api/v1/eventHooks");
    okta_emit_outcome(&tx, type, NULL,
                      json_pack("[o]", okta_target("EventHook", hook->id, "unknown", name)),
                      json_pack("{s:s}", "eventHookId", hook->id), result, reason);
    okta_tx_end(&tx);
}

json_t *okta_hook_show(const struct okta_hook *hook, const char *base)
{
    json_t *doc = json_copy(hook->doc), *links = json_object();
    json_t *own = json_sprintf("%s/api/v1/eventHooks/%s", base, hook->id);
    const char *self = json_string_value(own);
    const char *toggle = hook->is_active ? "deactivate" : "activate";

    json_object_set_new(links, "self", json_pack("{s:O}", "href", own));
    json_object_set_new(links, toggle,
                        json_pack("{s:s++, s:{s:[s]}}", "href", self, "/lifecycle/", toggle,
                                  "hints", "allow", "POST"));
    if (hook->is_active)
        json_object_set_new(links, "verify",
                            json_pack("{s:s+, s:{s:[s]}}", "href", self, "/lifecycle/verify",
                                      "hints", "allow", "POST"));
    else
        json_object_set_new(links, "delete",
                            json_pack("{s:O, s:{s:[s]}}", "href", own, "hints", "allow", "DELETE"));
    json_decref(own);
    json_object_set_new(doc, "id", json_string(hook->id));
    json_object_set_new(doc, "status", json_string(hook->is_active ? "ACTIVE" : "INACTIVE"));
    json_object_set_new(doc, "verificationStatus",
                        json_string(hook->is_verified ? "VERIFIED" : "UNVERIFIED"));
    json_object_set_new(doc, "_links", links);
    return doc;
}
