/* The way of a request to the org: route, token, fault, rate limit, permission, the operation
 * itself. */
#include "okta_side.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_api.h"
#include "okta_control.h"
#include "okta_seed.h"
#include "text/url.h"

enum { PAST_MS = 60000, PART = 1024 };

struct okta_side *okta_side_new(struct sandbox *sandbox)
{
    struct okta_side *side = mem_new(1, sizeof *side);

    side->sandbox = sandbox;
    okta_ask_kinds(&side->faults);
    okta_log_init(&side->log);
    okta_auth_init(&side->auth);
    okta_rates_init(&side->rates);
    okta_deliveries_init(side);
    okta_keep_past(side);
    okta_seed_everyone(side);
    return side;
}

void okta_side_free(struct okta_side *side)
{
    if (side == NULL)
        return;
    okta_hooks_done(&side->hooks);
    okta_deliveries_done(side);
    while (side->asked != NULL)
        okta_ask_drop(side->asked);
    replies_drop(&side->waiting);
    okta_control_drop(side);
    okta_log_done(&side->log);
    okta_auth_done(&side->auth);
    okta_rates_done(&side->rates);
    okta_containers_done(&side->containers);
    okta_users_done(&side->users);
    faults_done(&side->faults);
    calls_done(&side->calls);
    free(side);
}

int64_t okta_wall_ms(const struct okta_side *side)
{
    return clock_wall_ms() + side->clock_offset_ms;
}

uint32_t okta_wall_s(const struct okta_side *side)
{
    return (uint32_t)(okta_wall_ms(side) / MS_PER_S);
}

int64_t okta_seen_at(int64_t delay_ms)
{
    return delay_ms == 0 ? OKTA_NOW : clock_mono_ms() - delay_ms;
}

void okta_keep_past(struct okta_side *side)
{
    int64_t most_ms = side->read_delay_ms;

    if (side->list_delay_ms > most_ms)
        most_ms = side->list_delay_ms;
    if (side->search_delay_ms > most_ms)
        most_ms = side->search_delay_ms;
    side->users.keep_ms = side->containers.keep_ms = most_ms + PAST_MS;
}

/* ---- routes ---- */

static void get_org(struct okta_ask *ask)
{
    okta_ask_json(ask,
                  json_pack("{s:s, s:s, s:s, s:s, s:n}", "id", "00osandbox000000x5d7", "subdomain",
                            "sandbox", "companyName", "Acme", "status", "ACTIVE", "website"));
}

static const struct okta_route routes[] = {
    {"getUser", "GET", "/api/v1/users/{}", "okta.users.read", false, okta_get_user},
    {"listUsers", "GET", "/api/v1/users", "okta.users.read", false, okta_list_users},
    {"listUserGroups", "GET", "/api/v1/users/{}/groups", "okta.users.read", false,
     okta_list_user_groups},
    {"listAppLinks", "GET", "/api/v1/users/{}/appLinks", "okta.users.read", false,
     okta_list_app_links},
    {"userLifecycle", "POST", "/api/v1/users/{}/lifecycle/{}", "okta.users.manage", true,
     okta_do_to_user},
    {"getGroup", "GET", "/api/v1/groups/{}", "okta.groups.read", false, okta_get_group},
    {"listGroups", "GET", "/api/v1/groups", "okta.groups.read", false, okta_list_groups},
    {"listGroupUsers", "GET", "/api/v1/groups/{}/users", "okta.groups.read", false,
     okta_list_group_users},
    {"assignUserToGroup", "PUT", "/api/v1/groups/{}/users/{}", "okta.groups.manage", true,
     okta_add_group_user},
    {"unassignUserFromGroup", "DELETE", "/api/v1/groups/{}/users/{}", "okta.groups.manage", true,
     okta_remove_group_user},
    {"listAssignedApplicationsForGroup", "GET", "/api/v1/groups/{}/apps", "okta.groups.read", false,
     okta_list_group_apps},
    {"getApplication", "GET", "/api/v1/apps/{}", "okta.apps.read", false, okta_get_app},
    {"listApplications", "GET", "/api/v1/apps", "okta.apps.read", false, okta_list_apps},
    {"listApplicationUsers", "GET", "/api/v1/apps/{}/users", "okta.apps.read", false,
     okta_list_app_users},
    {"getApplicationUser", "GET", "/api/v1/apps/{}/users/{}", "okta.apps.read", false,
     okta_get_app_user},
    {"listApplicationGroupAssignments", "GET", "/api/v1/apps/{}/groups", "okta.apps.read", false,
     okta_list_app_groups},
    {"getApplicationGroupAssignment", "GET", "/api/v1/apps/{}/groups/{}", "okta.apps.read", false,
     okta_get_app_group},
    {"listLogEvents", "GET", "/api/v1/logs", "okta.logs.read", false, okta_list_logs},
    {"listEventHooks", "GET", "/api/v1/eventHooks", "okta.eventHooks.read", false, okta_list_hooks},
    {"createEventHook", "POST", "/api/v1/eventHooks", "okta.eventHooks.manage", true,
     okta_create_hook},
    {"getEventHook", "GET", "/api/v1/eventHooks/{}", "okta.eventHooks.read", false, okta_get_hook},
    {"replaceEventHook", "PUT", "/api/v1/eventHooks/{}", "okta.eventHooks.manage", true,
     okta_replace_hook},
    {"deleteEventHook", "DELETE", "/api/v1/eventHooks/{}", "okta.eventHooks.manage", true,
     okta_delete_hook},
    {"verifyEventHook", "POST", "/api/v1/eventHooks/{}/lifecycle/verify", "okta.eventHooks.manage",
     true, okta_verify_hook},
    {"activateEventHook", "POST", "/api/v1/eventHooks/{}/lifecycle/activate",
     "okta.eventHooks.manage", true, okta_activate_hook},
    {"deactivateEventHook", "POST", "/api/v1/eventHooks/{}/lifecycle/deactivate",
     "okta.eventHooks.manage", true, okta_deactivate_hook},
    {"getOrgSettings", "GET", "/api/v1/org", "okta.orgs.read", false, get_org},
    {"token", "POST", "/oauth2/v1/token", NULL, false, okta_token_request},
};

enum { N_ROUTES = sizeof routes / sizeof *routes };

bool okta_operation_is_known(const char *name)
{
    for (size_t i = 0; i < N_ROUTES; i++)
        if (strcmp(routes[i].operation, name) == 0)
            return true;
    return strcmp(name, "*") == 0;
}

static bool take_part(struct okta_ask *ask, struct span part, size_t *n)
{
    struct buf text;
    bool ok;

    buf_init(&text, PART);
    ok = *n < OKTA_PARTS && part.n > 0 && url_add_decoded(&text, part);
    if (ok)
        ask->part[(*n)++] = arena_dup(&ask->arena, buf_span(&text));
    buf_done(&text);
    return ok;
}

static bool is_at(struct okta_ask *ask, const char *pattern)
{
    struct span path = http_path(ask->x), rest = span_of(pattern), wanted, part;
    size_t n = 0;

    while (span_split(&rest, '/', &wanted))
        if (!span_split(&path, '/', &part) ||
            (span_eq(wanted, SPAN("{}")) ? !take_part(ask, part, &n) : !span_eq(wanted, part)))
            return false;
    return path.p == NULL;
}

/* NULL: no such path (*is_other_method: with that method). */
static const struct okta_route *route_of(struct okta_ask *ask, bool *is_other_method)
{
    *is_other_method = false;
    for (size_t i = 0; i < N_ROUTES; i++) {
        if (!is_at(ask, routes[i].path))
            continue;
        if (span_eq(span_of(routes[i].method), http_method(ask->x)))
            return &routes[i];
        *is_other_method = true;
    }
    return NULL;
}

/* ---- the way ---- */

static bool accepts_json(const struct okta_ask *ask)
{
    struct span accept = http_header(ask->x, SPAN("accept"), NULL);

    return accept.p == NULL || memmem(accept.p, accept.n, "application/json", 16) != NULL ||
           memmem(accept.p, accept.n, "*/*", 3) != NULL ||
           memmem(accept.p, accept.n, "application/*", 13) != NULL;
}

static bool is_well_made(struct okta_ask *ask)
{
    struct span type = http_header(ask->x, SPAN("content-type"), NULL),
                method = http_method(ask->x);
    bool has_length = http_header(ask->x, SPAN("content-length"), NULL).p != NULL ||
                      http_header(ask->x, SPAN("transfer-encoding"), NULL).p != NULL;
    bool is_json = span_starts(type, SPAN("application/json"));

    if ((span_eq(method, SPAN("POST")) || span_eq(method, SPAN("PUT"))) && !has_length) {
        okta_fail(ask, 411, OKTA_MALFORMED, "The request body was not well-formed.",
                  "Content-Length is needed");
        return false;
    }
    if (accepts_json(ask) && (http_body(ask->x).n == 0 || is_json || ask->route->scope == NULL))
        return true;
    okta_fail(ask, 400, "E0000019",
              "Bad request. Accept and/or Content-Type headers likely do not match supported "
              "values.",
              NULL);
    return false;
}

static bool may_run(struct okta_ask *ask)
{
    if (!is_well_made(ask) || (ask->route->scope != NULL && !okta_auth_check(ask)))
        return false;
    ask->fault = faults_draw(&ask->side->faults, ask->route->operation, &ask->delay_ms);
    if (ask->fault != NULL && !fault_is_late(ask->fault)) {
        okta_ask_fault(ask);
        return false;
    }
    return okta_rates_take(ask) && (ask->route->scope == NULL || okta_auth_allows(ask));
}

static void unrouted(struct okta_ask *ask, bool is_other_method)
{
    if (is_other_method) {
        okta_fail(ask, 405, "E0000022", "The endpoint does not support the provided HTTP method",
                  NULL);
        return;
    }
    ask->status = 404;
    ask->code = "bare";
    okta_ask_json(ask, json_pack("{s:i, s:s}", "status", 404, "message", "Resource not found"));
}

static struct okta_ask *ask_new(struct okta_side *side, struct http_exchange *x)
{
    struct okta_ask *ask = mem_new(1, sizeof *ask);
    struct span host = http_header(x, SPAN("host"), NULL);

    *ask = (struct okta_ask){
        .next = side->asked, .link = &side->asked, .side = side, .x = x, .status = 200};
    if (ask->next != NULL)
        ask->next->link = &ask->next;
    side->asked = ask;
    arena_init(&ask->arena);
    buf_init(&ask->body, OKTA_BODY);
    ask->base = host.n > 0 ? mem_printf("http://%.*s", SPAN_ARG(host))
                           : mem_printf("http://%s", side->sandbox->address);
    return ask;
}

void okta_side_request(struct okta_side *side, struct http_exchange *x)
{
    struct okta_ask *ask = ask_new(side, x);
    bool is_other_method;
    struct call_entry entry = {.time_ms = clock_wall_ms(), .operation = "unknown"};

    side->n_answers++;
    ask->route = route_of(ask, &is_other_method);
    if (ask->route != NULL) {
        entry.operation = ask->route->operation;
        entry.user = mem_dup(http_path(x));
    }
    ask->entry = calls_add(&side->calls, &entry);
    if (ask->route == NULL)
        unrouted(ask, is_other_method);
    else if (may_run(ask))
        ask->route->run(ask);
    if (!ask->is_later)
        okta_ask_end(ask);
}
