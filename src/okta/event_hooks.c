#include "okta/event_hooks.h"

#include <stdlib.h>

#include "base/mem.h"
#include "okta/directory.h"
#include "text/json.h"

enum { HOOKS_MAX = 1000, TYPES_MAX = 1000, BODY_MAX = 64 * 1024 };

const char *const okta_event_hook_types[] = {
    "application.user_membership.add",
    "application.user_membership.remove",
    "application.user_membership.update",
    "application.lifecycle.update",
    "application.lifecycle.activate",
    "application.lifecycle.deactivate",
    "application.lifecycle.delete",
    "app.user_management",
    "group.user_membership.add",
    "group.user_membership.remove",
    "group.application_assignment.add",
    "group.application_assignment.remove",
    "group.application_assignment.update",
    "group.lifecycle.delete",
    "group.profile.update",
    "user.lifecycle.activate",
    "user.lifecycle.reactivate",
    "user.lifecycle.deactivate",
    "user.lifecycle.suspend",
    "user.lifecycle.unsuspend",
    "user.lifecycle.delete.initiated",
    "user.account.update_profile",
    NULL,
};

struct okta_event_hooks_call {
    struct okta_call *call;
    bool is_list;
    okta_event_hooks_done *done;
    void *arg;
};

/* Decoding */

static struct span text_of(struct arena *a, struct json_value object, const char *name)
{
    struct span text;

    return json_text(a, json_member(object, span_of(name), NULL), &text) ? text : SPAN("");
}

static struct json_value part(struct json_value object, const char *name)
{
    return json_member(object, span_of(name), NULL);
}

/* How many items; 0 when it is no array. */
static size_t count(struct json_value array)
{
    struct json_iter it = json_iter(array);
    struct json_value item;
    size_t n = 0;

    while (array.kind == JSON_ARRAY && json_next_item(&it, &item))
        n++;
    return n;
}

static enum err types_decode(struct arena *a, struct json_value items, struct okta_event_hook *out,
                             struct fail *fail)
{
    struct json_iter it = json_iter(items);
    size_t n = count(items), n_types = 0;
    struct json_value item;
    struct span *types;

    if (n > TYPES_MAX)
        return fail_set(fail, ERR_INPUT, "Okta: an event hook has %zu event types", n);
    types = arena_new(a, n + 1, sizeof(*types));
    while (n_types < n && json_next_item(&it, &item))
        if (json_text(a, item, &types[n_types]))
            n_types++;
    out->types = types;
    out->n_types = n_types;
    return ERR_NONE;
}

static enum err hook_decode(struct arena *a, struct json_value object, struct okta_event_hook *out,
                            struct fail *fail)
{
    struct json_value config = part(part(object, "channel"), "config");
    struct okta_event_hook hook = {
        .id = text_of(a, object, "id"),
        .name = text_of(a, object, "name"),
        .url = text_of(a, config, "uri"),
        .header = text_of(a, part(config, "authScheme"), "key"),
        .is_active = span_eq(text_of(a, object, "status"), SPAN("ACTIVE")),
        .is_verified = span_eq(text_of(a, object, "verificationStatus"), SPAN("VERIFIED")),
    };
    enum err err;

    if (object.kind != JSON_OBJECT || !okta_is_id(hook.id))
        return fail_set(fail, ERR_INPUT, "Okta: what should be an event hook has no id");
    err = types_decode(a, part(part(object, "events"), "items"), &hook, fail);
    if (err == ERR_NONE)
        *out = hook;
    return err;
}

enum err okta_event_hooks_decode(struct arena *a, struct span body, struct okta_event_hooks *out,
                                 struct fail *fail)
{
    struct json_value root = {0}, item;
    struct okta_event_hook *hooks;
    struct json_iter it;
    size_t n, i = 0;
    enum err err = json_scan(body, OKTA_DEPTH, &root, fail);

    if (err != ERR_NONE)
        return fail_within(fail, err, "Okta: the answer is no JSON");
    n = root.kind == JSON_ARRAY ? count(root) : 1;
    if (n > HOOKS_MAX)
        return fail_set(fail, ERR_INPUT, "Okta: there are %zu event hooks", n);
    hooks = arena_new(a, n + 1, sizeof(*hooks));
    if (root.kind != JSON_ARRAY)
        err = hook_decode(a, root, &hooks[0], fail);
    for (it = json_iter(root);
         root.kind == JSON_ARRAY && err == ERR_NONE && i < n && json_next_item(&it, &item);)
        err = hook_decode(a, item, &hooks[i++], fail);
    if (err != ERR_NONE)
        return err;
    out->hooks = hooks;
    out->n = n;
    return ERR_NONE;
}

/* Requests */

static void on_answer(void *arg, const struct okta_answer *answer)
{
    struct okta_event_hooks_call *c = arg;
    struct okta_event_hooks result = {.err = answer->err, .fail = answer->fail};
    struct fail fail = {0};
    struct arena a;

    arena_init(&a);
    if (answer->err == ERR_NONE && answer->status != 204) {
        result.err = okta_event_hooks_decode(&a, answer->body, &result, &fail);
        if (result.err != ERR_NONE) {
            /* It was done, for all that can be told. */
            fail.err = result.err = c->is_list ? ERR_INPUT : ERR_UNCLEAR;
            result.fail = &fail;
        }
    }
    c->done(c->arg, &result);
    arena_done(&a);
    free(c);
}

static struct okta_event_hooks_call *ask(struct okta_api *api, const char *method, struct span path,
                                         struct span body, okta_event_hooks_done *done, void *arg)
{
    struct okta_event_hooks_call *c = mem_new(1, sizeof(*c));
    struct okta_ask a = {.method = method, .path = path, .body = body};

    c->is_list = strcmp(method, "GET") == 0;
    c->done = done;
    c->arg = arg;
    c->call = okta_ask(api, &a, on_answer, c);
    return c;
}

static void body_write(struct buf *out, const struct okta_event_hook_wanted *wanted)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "name", wanted->name);
    json_out_key(&o, "events");
    json_out_begin(&o, '{');
    json_put_str(&o, "type", SPAN("EVENT_TYPE"));
    json_out_key(&o, "items");
    json_out_begin(&o, '[');
    for (const char *const *type = wanted->types; *type != NULL; type++)
        json_out_str(&o, span_of(*type));
    json_out_end(&o, ']');
    json_out_end(&o, '}');
    json_out_key(&o, "channel");
    json_out_begin(&o, '{');
    json_put_str(&o, "type", SPAN("HTTP"));
    json_put_str(&o, "version", SPAN("1.0.0"));
    json_out_key(&o, "config");
    json_out_begin(&o, '{');
    json_put_str(&o, "uri", wanted->url);
    json_out_key(&o, "authScheme");
    json_out_begin(&o, '{');
    json_put_str(&o, "type", SPAN("HEADER"));
    json_put_str(&o, "key", wanted->header);
    json_put_str(&o, "value", wanted->secret);
    json_out_end(&o, '}');
    json_out_end(&o, '}');
    json_out_end(&o, '}');
    json_out_end(&o, '}');
}

static struct okta_event_hooks_call *send_wanted(struct okta_api *api, const char *method,
                                                 struct span path,
                                                 const struct okta_event_hook_wanted *wanted,
                                                 okta_event_hooks_done *done, void *arg)
{
    struct okta_event_hooks_call *c;
    struct buf body;

    buf_init(&body, BODY_MAX);
    body_write(&body, wanted);
    c = ask(api, method, path, buf_span(&body), done, arg);
    explicit_bzero(body.p, body.n);
    buf_done(&body);
    return c;
}

struct okta_event_hooks_call *okta_event_hooks_list(struct okta_api *api,
                                                    okta_event_hooks_done *done, void *arg)
{
    return ask(api, "GET", SPAN("/api/v1/eventHooks"), SPAN(""), done, arg);
}

struct okta_event_hooks_call *okta_event_hooks_create(struct okta_api *api,
                                                      const struct okta_event_hook_wanted *wanted,
                                                      okta_event_hooks_done *done, void *arg)
{
    return send_wanted(api, "POST", SPAN("/api/v1/eventHooks"), wanted, done, arg);
}

/* The address of a hook; one that okta_ask refuses when the id is none. */
static char *path_of(struct span id, const char *rest)
{
    return okta_is_id(id) ? mem_printf("/api/v1/eventHooks/%.*s%s", SPAN_ARG(id), rest)
                          : mem_dup_str("");
}

struct okta_event_hooks_call *okta_event_hooks_replace(struct okta_api *api, struct span id,
                                                       const struct okta_event_hook_wanted *wanted,
                                                       okta_event_hooks_done *done, void *arg)
{
    char *path = path_of(id, "");
    struct okta_event_hooks_call *c = send_wanted(api, "PUT", span_of(path), wanted, done, arg);

    free(path);
    return c;
}

struct okta_event_hooks_call *okta_event_hooks_do(struct okta_api *api, struct span id,
                                                  enum okta_event_hook_deed deed,
                                                  okta_event_hooks_done *done, void *arg)
{
    static const char *const rests[] = {"/lifecycle/verify", "/lifecycle/activate",
                                        "/lifecycle/deactivate", ""};
    char *path = path_of(id, rests[deed]);
    struct okta_event_hooks_call *c =
        ask(api, deed == EVENT_HOOK_DELETE ? "DELETE" : "POST", span_of(path), SPAN(""), done, arg);

    free(path);
    return c;
}
