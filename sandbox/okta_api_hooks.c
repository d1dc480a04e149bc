/* Event hooks by API. */
#include "okta_api.h"

#include "okta_hooks.h"

static struct okta_hook *hook_of(struct okta_ask *ask)
{
    struct okta_hook *hook = okta_hooks_find(&ask->side->hooks, ask->part[0]);

    if (hook == NULL)
        okta_fail_missing(ask, ask->part[0], "Webhook");
    return hook;
}

static void show(struct okta_ask *ask, const struct okta_hook *hook)
{
    okta_ask_json(ask, okta_hook_show(hook, ask->base));
}

void okta_list_hooks(struct okta_ask *ask)
{
    json_t *all = json_array();

    for (const struct okta_hook *hook = ask->side->hooks.first; hook != NULL; hook = hook->next)
        json_array_append_new(all, okta_hook_show(hook, ask->base));
    okta_ask_json(ask, all);
}

static void set(struct okta_ask *ask, struct okta_hook *hook)
{
    json_t *body = okta_ask_body(ask);
    struct fail fail = {0};

    if (body == NULL)
        return;
    if (okta_hook_set(ask->side, &hook, body, &fail) == ERR_NONE)
        show(ask, hook);
    else
        okta_fail(ask, 400, OKTA_VALIDATION, "Api validation failed: eventHook", fail.text);
    json_decref(body);
}

void okta_create_hook(struct okta_ask *ask)
{
    set(ask, NULL);
}

void okta_get_hook(struct okta_ask *ask)
{
    const struct okta_hook *hook = hook_of(ask);

    if (hook != NULL)
        show(ask, hook);
}

void okta_replace_hook(struct okta_ask *ask)
{
    struct okta_hook *hook = hook_of(ask);

    if (hook != NULL)
        set(ask, hook);
}

void okta_delete_hook(struct okta_ask *ask)
{
    struct okta_hook *hook = hook_of(ask);

    if (hook == NULL)
        return;
    if (hook->is_active) {
        okta_fail(ask, 400, OKTA_VALIDATION, "Api validation failed: eventHook",
                  "An event hook must be deactivated before deletion.");
        return;
    }
    okta_hook_delete(ask->side, hook);
    ask->status = 204;
}

static void toggle(struct okta_ask *ask, bool is_active)
{
    struct okta_hook *hook = hook_of(ask);

    if (hook == NULL)
        return;
    okta_hook_activate(ask->side, hook, is_active);
    show(ask, hook);
}

void okta_activate_hook(struct okta_ask *ask)
{
    toggle(ask, true);
}

void okta_deactivate_hook(struct okta_ask *ask)
{
    toggle(ask, false);
}

static void on_verified(void *arg, struct okta_hook *hook, bool is_verified, int status)
{
    struct okta_ask *ask = arg;

    (void)status;
    if (hook == NULL)
        okta_fail_missing(ask, ask->part[0], "Webhook");
    else if (is_verified)
        show(ask, hook);
    else
        okta_fail(ask, 400, OKTA_VALIDATION, "Api validation failed: eventHook",
                  arena_printf(&ask->arena, "Unable to verify event hook. Hook %s execution failed",
                               okta_member(hook->doc, "name")));
    okta_ask_end(ask);
}

void okta_verify_hook(struct okta_ask *ask)
{
    const struct okta_hook *hook = hook_of(ask);

    if (hook == NULL)
        return;
    ask->is_later = true;
    okta_hook_verify(ask->side, hook, on_verified, ask);
}
