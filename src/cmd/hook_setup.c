#include "cmd/hook_setup.h"

#include <string.h>

#include "text/url.h"

enum { URL_MAX = 1024 };

/* ---- one request after the other ---- */

enum err hook_setup_open(const struct settings *s, const char *const *environment, FILE *to,
                         struct hook_setup *out, struct fail *fail)
{
    enum err err;

    *out = (struct hook_setup){.n = 0};
    if (s->org_url.n == 0)
        return fail_set(
            fail, ERR_INPUT,
            "this needs Okta's API: set [OKTA] ORG_URL, and API_TOKEN_FILE or CLIENT_ID "
            "and PRIVATE_KEY_FILE");
    err = surroundings_open(s, environment, false, &out->around, fail);
    return err == ERR_NONE ? surroundings_okta(&out->around, s, true, to, &out->api, fail) : err;
}

void hook_setup_done(struct hook_setup *h)
{
    okta_api_free(h->api);
    surroundings_done(&h->around);
    arena_done(&h->arena);
}

static struct okta_event_hook copy_hook(struct arena *a, const struct okta_event_hook *hook)
{
    struct span *types = arena_new(a, hook->n_types, sizeof(*types));
    struct okta_event_hook copy = *hook;

    for (size_t i = 0; i < hook->n_types; i++)
        types[i] = arena_span(a, hook->types[i]);
    copy.id = arena_span(a, hook->id);
    copy.name = arena_span(a, hook->name);
    copy.url = arena_span(a, hook->url);
    copy.header = arena_span(a, hook->header);
    copy.types = types;
    return copy;
}

static void answered(void *arg, const struct okta_event_hooks *answer)
{
    struct hook_setup *h = arg;
    struct okta_event_hook *hooks = arena_new(&h->arena, answer->n, sizeof(*hooks));

    h->err = answer->err;
    if (answer->err != ERR_NONE && h->fail != NULL)
        *h->fail = *answer->fail;
    for (size_t i = 0; answer->err == ERR_NONE && i < answer->n; i++)
        hooks[i] = copy_hook(&h->arena, &answer->hooks[i]);
    h->hooks = hooks;
    h->n = answer->err == ERR_NONE ? answer->n : 0;
    loop_stop(h->around.loop);
}

static enum err wait_for_answer(struct hook_setup *h, struct fail *fail)
{
    h->fail = fail;
    loop_run(h->around.loop);
    return h->err;
}

enum err hook_setup_list(struct hook_setup *h, struct fail *fail)
{
    (void)okta_event_hooks_list(h->api, answered, h); /* it ends before the command does */
    return wait_for_answer(h, fail);
}

enum err hook_setup_put(struct hook_setup *h, struct span id,
                        const struct okta_event_hook_wanted *wanted, struct fail *fail)
{
    enum err err;

    if (id.n > 0)
        (void)okta_event_hooks_replace(h->api, id, wanted, answered, h);
    else
        (void)okta_event_hooks_create(h->api, wanted, answered, h);
    err = wait_for_answer(h, fail);
    return err == ERR_NONE && h->n == 0
               ? fail_set(fail, ERR_UNCLEAR, "Okta: the answer has no event hook")
               : err;
}

enum err hook_setup_do(struct hook_setup *h, struct span id, enum okta_event_hook_deed deed,
                       struct fail *fail)
{
    (void)okta_event_hooks_do(h->api, id, deed, answered, h);
    return wait_for_answer(h, fail);
}

/* ---- pure ---- */

struct span hook_setup_name(const struct settings *s, struct arena *a)
{
    return span_of(arena_printf(a, "Roster %.*s", SPAN_ARG(s->name)));
}

const struct okta_event_hook *hook_setup_find(const struct okta_event_hook *hooks, size_t n,
                                              struct span name, struct span url)
{
    for (size_t i = 0; i < n; i++)
        if (span_eq(hooks[i].name, name))
            return &hooks[i];
    for (size_t i = 0; url.n > 0 && i < n; i++)
        if (span_eq(hooks[i].url, url))
            return &hooks[i];
    return NULL;
}

enum err hook_setup_url(struct span text, struct arena *a, struct span *out, struct fail *fail)
{
    struct url url;

    if (url_parse(text, &url, NULL) != ERR_NONE || text.n > URL_MAX)
        return fail_set(fail, ERR_INPUT,
                        "'%.*s' is no URL; give the one at which Okta reaches this daemon, as "
                        "https://roster.example.com/okta/events",
                        SPAN_ARG(text));
    if (!span_eq_nocase(url.scheme, SPAN("https")) && !url_is_loopback(&url))
        return fail_set(fail, ERR_INPUT, "'%.*s': Okta delivers to https only", SPAN_ARG(text));
    if (url.query.n > 0 || url.path.n > 1)
        *out = arena_span(a, text);
    else
        *out = span_of(
            arena_printf(a, "%.*s/okta/events", (int)(text.n - (url.path.n == 1 ? 1 : 0)), text.p));
    return ERR_NONE;
}

static bool has_type(const struct okta_event_hook *hook, const char *type)
{
    for (size_t i = 0; i < hook->n_types; i++)
        if (span_eq(hook->types[i], span_of(type)))
            return true;
    return false;
}

size_t hook_setup_lacks(const struct okta_event_hook *hook)
{
    size_t n = 0;

    for (const char *const *type = okta_event_hook_types; *type != NULL; type++)
        n += !has_type(hook, *type);
    return n;
}
