/* Okta: credentials and scopes, applications and groups by name, the clock, the event hook. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cmd/doctor.h"
#include "cmd/hook_setup.h"
#include "okta/api.h"
#include "okta/read.h"
#include "text/time.h"

enum { CLOCK_TOLERATED_MS = 30 * 1000, DURATION_LIMIT = 64 };

struct okta_run {
    struct doctor *d;
    struct surroundings around;
    struct okta_api *api;
    enum err err;
    struct fail fail;
    size_t n_found, n_active;
};

/* ---- scopes ---- */

static void asked(void *arg, const struct okta_answer *answer)
{
    struct okta_run *r = arg;

    r->err = answer->err;
    if (answer->err != ERR_NONE)
        r->fail = *answer->fail;
    loop_stop(r->around.loop);
}

/* False: whatever else is asked would fail for the same reason. */
static bool look_at_scopes(struct okta_run *r)
{
    static const struct {
        const char *path, *scope;
    } rows[] = {{"/api/v1/users?limit=1", "okta.users.read"},
                {"/api/v1/groups?limit=1", "okta.groups.read"},
                {"/api/v1/apps?limit=1", "okta.apps.read"},
                {"/api/v1/logs?limit=1", "okta.logs.read"}};
    size_t n_good = 0;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void)okta_ask(r->api, &(struct okta_ask){.method = "GET", .path = span_of(rows[i].path)},
                       asked, r);
        loop_run(r->around.loop);
        n_good += r->err == ERR_NONE;
        if (r->err == ERR_NONE)
            continue;
        if (r->fail.status != 403) {
            doctor_tell(r->d, DOCTOR_WRONG, "Okta", "%s", r->fail.text);
            return false;
        }
        doctor_tell(r->d, DOCTOR_WRONG, "Okta", "%s (for %s)", r->fail.text, rows[i].scope);
    }
    if (n_good > 0)
        doctor_tell(r->d, DOCTOR_GOOD, "Okta",
                    "%s takes the %s, and users, groups, applications and the System Log can be "
                    "read%s",
                    okta_api_origin(r->api),
                    secret_is_set(&r->d->o.settings->api_token) ? "API token" : "service app's key",
                    n_good < sizeof(rows) / sizeof(rows[0]) ? " in part" : "");
    return n_good > 0;
}

static void look_at_clock(struct okta_run *r)
{
    int64_t ahead_ms = okta_api_now_ms(r->api) - clock_wall_ms();
    struct buf text;

    if (ahead_ms > -CLOCK_TOLERATED_MS && ahead_ms < CLOCK_TOLERATED_MS)
        return;
    buf_init(&text, DURATION_LIMIT);
    time_add_duration(&text, ahead_ms < 0 ? -ahead_ms : ahead_ms);
    doctor_tell(r->d, DOCTOR_WRONG, "clock",
                "this machine's is %s %s Okta's: set it (timedatectl set-ntp true)", text.p,
                ahead_ms < 0 ? "ahead of" : "behind");
    buf_done(&text);
}

/* ---- applications and groups ---- */

static void found(void *arg, const struct okta_result *result)
{
    struct okta_run *r = arg;

    r->err = result->err;
    if (result->err != ERR_NONE)
        r->fail = *result->fail;
    r->n_found += result->n_apps + result->n_groups;
    for (size_t i = 0; i < result->n_apps; i++)
        r->n_active += result->apps[i].is_active;
    r->n_active += result->n_groups;
    if (result->is_last)
        loop_stop(r->around.loop);
}

static void look_for(struct okta_run *r, enum test_kind kind, struct span name)
{
    const char *what = kind == TEST_APP ? "application" : "group";
    struct span id;

    if (name_is_id(kind == TEST_APP ? NAME_OKTA_APP : NAME_OKTA_GROUP, name, &id))
        return;
    r->n_found = r->n_active = 0;
    if (kind == TEST_APP)
        (void)okta_find_app(r->api, name, found, r);
    else
        (void)okta_find_group(r->api, name, found, r);
    loop_run(r->around.loop);
    if (r->err != ERR_NONE)
        doctor_tell(r->d, DOCTOR_NOTE, "names", "%s", r->fail.text);
    else if (r->n_found == 0)
        doctor_tell(r->d, DOCTOR_WRONG, "names",
                    "Okta has no %s '%.*s': compare the name, it counts to the letter", what,
                    SPAN_ARG(name));
    else if (r->n_found > 1)
        doctor_tell(r->d, DOCTOR_NOTE, "names", "Okta has %zu %ss '%.*s': all of them count",
                    r->n_found, what, SPAN_ARG(name));
    else if (r->n_active == 0)
        doctor_tell(r->d, DOCTOR_WRONG, "names",
                    "the application '%.*s' is inactive in Okta: activate it", SPAN_ARG(name));
    else
        doctor_tell(r->d, DOCTOR_GOOD, "names", "Okta has the %s '%.*s'", what, SPAN_ARG(name));
}

static bool was_looked_for(const struct rules *rules, size_t rule, size_t test, size_t value)
{
    const struct rule_test *wanted = &rules->rules[rule].tests[test];

    for (size_t r = 0; r <= rule; r++)
        for (size_t t = 0; t < rules->rules[r].n_tests; t++)
            for (size_t v = 0; v < rules->rules[r].tests[t].n; v++) {
                const struct rule_test *one = &rules->rules[r].tests[t];

                if (r == rule && t == test && v == value)
                    return false;
                if (one->kind == wanted->kind && span_eq(one->values[v], wanted->values[value]))
                    return true;
            }
    return false;
}

static void look_at_containers(struct okta_run *r)
{
    const struct rules *rules = &r->d->o.settings->rules;

    for (size_t i = 0; i < rules->n; i++)
        for (size_t t = 0; t < rules->rules[i].n_tests; t++) {
            const struct rule_test *test = &rules->rules[i].tests[t];

            for (size_t v = 0; test->kind != TEST_ATTRIBUTE && v < test->n; v++)
                if (!was_looked_for(rules, i, t, v))
                    look_for(r, test->kind, test->values[v]);
        }
}

/* ---- the hook ---- */

static void judge_hook(struct doctor *d, const struct okta_event_hook *hook, struct span name)
{
    size_t lacks = hook == NULL ? 0 : hook_setup_lacks(hook);

    if (hook == NULL)
        doctor_tell(d, DOCTOR_WRONG, "hook",
                    "Okta has no event hook '%.*s': 'roster hook register URL' makes it",
                    SPAN_ARG(name));
    else if (!hook->is_active || !hook->is_verified)
        doctor_tell(d, DOCTOR_WRONG, "hook",
                    "the event hook '%.*s' is %s, so Okta delivers nothing: 'roster hook verify', "
                    "while 'roster serve' runs",
                    SPAN_ARG(name), !hook->is_active ? "inactive" : "not verified");
    else if (lacks > 0)
        doctor_tell(d, DOCTOR_WRONG, "hook",
                    "the event hook '%.*s' lacks %zu event types: 'roster hook register %.*s' adds "
                    "them",
                    SPAN_ARG(name), lacks, SPAN_ARG(hook->url));
    else
        doctor_tell(d, DOCTOR_GOOD, "hook", "'%.*s' is active and verified, at %.*s",
                    SPAN_ARG(name), SPAN_ARG(hook->url));
}

static void look_at_hook(struct doctor *d)
{
    struct hook_setup setup;
    struct fail fail;
    enum err err;

    if (!d->o.settings->has_hook)
        return;
    err = hook_setup_open(d->o.settings, d->i->environment, d->i->err, &setup, &fail);
    if (err == ERR_NONE)
        err = hook_setup_list(&setup, &fail);
    if (err == ERR_NONE) {
        struct span name = hook_setup_name(d->o.settings, &d->o.arena);

        judge_hook(d, hook_setup_find(setup.hooks, setup.n, name, SPAN("")), name);
    } else {
        doctor_tell(d, DOCTOR_NOTE, "hook", "whether the event hook is active cannot be told: %s",
                    fail.text);
    }
    hook_setup_done(&setup);
}

/* What the store knows of it when Okta cannot be asked. */
static void look_at_last_event(struct doctor *d)
{
    int64_t last_ms = 0;
    struct fail fail;
    struct buf text;

    if (d->o.store == NULL || store_last_event(d->o.store, &last_ms, &fail) != ERR_NONE)
        return;
    buf_init(&text, DURATION_LIMIT);
    time_add_duration(&text, clock_wall_ms() - last_ms);
    if (last_ms == 0)
        doctor_tell(d, DOCTOR_NOTE, "hook",
                    "no event has come yet: is the event hook verified in Okta?");
    else
        doctor_tell(d, DOCTOR_GOOD, "hook", "the last event came %s ago", text.p);
    buf_done(&text);
}

void doctor_look_at_okta(struct doctor *d)
{
    const struct settings *s = d->o.settings;
    struct okta_run r = {.d = d};
    enum err err;

    if (s->org_url.n == 0) {
        doctor_tell(d, DOCTOR_NOTE, "Okta",
                    "its API is not used: what the event hook does not deliver is not known; set "
                    "[OKTA] ORG_URL");
        look_at_last_event(d);
        return;
    }
    err = surroundings_open(s, d->i->environment, false, &r.around, &r.fail);
    if (err == ERR_NONE)
        err = surroundings_okta(&r.around, s, false, d->i->err, &r.api, &r.fail);
    if (err != ERR_NONE)
        doctor_tell(d, DOCTOR_WRONG, "Okta", "%s", r.fail.text);
    else if (look_at_scopes(&r)) {
        look_at_clock(&r);
        look_at_containers(&r);
        look_at_hook(d);
    }
    okta_api_free(r.api);
    surroundings_done(&r.around);
}
