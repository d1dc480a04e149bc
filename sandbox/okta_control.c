#include "okta_control.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_ask.h"
#include "text/url.h"

#define PREFIX "okta/"

enum { NAME = 4096 };

void okta_reply_fail(struct http_exchange *x, const struct fail *fail)
{
    int status = fail->err == ERR_NOT_FOUND ? 404 : fail->err == ERR_CONFLICT ? 409 : 400;

    sandbox_reply_error(x, status, err_name(fail->err), fail->text);
}

/* ---- looking ---- */

static json_t *get_calls(struct okta_side *side)
{
    return calls_summary(&side->calls);
}

static json_t *get_faults(struct okta_side *side)
{
    return json_pack("{s:o}", "faults", faults_show(&side->faults));
}

static json_t *get_rates(struct okta_side *side)
{
    return json_pack("{s:o}", "rates", okta_rates_show(&side->rates));
}

/* ---- settings ---- */

static enum err post_calls_reset(struct okta_side *side, const json_t *body, struct fail *fail)
{
    (void)body;
    (void)fail;
    calls_reset(&side->calls);
    return ERR_NONE;
}

static enum err post_deliveries_reset(struct okta_side *side, const json_t *body, struct fail *fail)
{
    (void)body;
    (void)fail;
    okta_deliveries_forget(side);
    return ERR_NONE;
}

static enum err post_flush(struct okta_side *side, const json_t *body, struct fail *fail)
{
    (void)body;
    (void)fail;
    okta_deliveries_flush(side);
    return ERR_NONE;
}

static enum err post_faults(struct okta_side *side, const json_t *body, struct fail *fail)
{
    const char *operation = okta_member(body, "operation");

    if (operation != NULL && !okta_operation_is_known(operation))
        return fail_set(fail, ERR_INPUT, "unknown operation '%s'", operation);
    return faults_set(&side->faults, body, fail);
}

static enum err post_rates(struct okta_side *side, const json_t *body, struct fail *fail)
{
    return okta_rates_set(&side->rates, body, fail);
}

static enum err post_clock(struct okta_side *side, const json_t *body, struct fail *fail)
{
    const json_t *offset = json_object_get(body, "offset_s");

    if (!json_is_number(offset))
        return fail_set(fail, ERR_INPUT, "offset_s is a number of seconds");
    side->clock_offset_ms = (int64_t)(json_number_value(offset) * MS_PER_S);
    return ERR_NONE;
}

/* {"expire": "access"/"all"} and {"new_nonce": true}, or a token to add. */
static enum err post_tokens(struct okta_side *side, const json_t *body, struct fail *fail)
{
    const char *expire = okta_member(body, "expire");

    if (json_is_true(json_object_get(body, "new_nonce"))) {
        okta_auth_new_nonce(&side->auth);
        okta_auth_new_nonce(&side->auth); /* so that the last one is not good any more, either */
        return ERR_NONE;
    }
    if (expire == NULL)
        return okta_auth_add_token(&side->auth, body, okta_wall_ms(side), fail);
    okta_auth_expire(&side->auth, strcmp(expire, "all") == 0);
    return ERR_NONE;
}

static enum err post_clients(struct okta_side *side, const json_t *body, struct fail *fail)
{
    return okta_auth_add_client(&side->auth, body, fail);
}

/* {"forget": true}, {"expire_cursors": true}, or {"event": {…}, "deliver"}. */
static enum err post_log(struct okta_side *side, const json_t *body, struct fail *fail)
{
    json_t *event = json_object_get(body, "event");

    if (json_is_true(json_object_get(body, "forget"))) {
        okta_log_settle(&side->log, okta_wall_ms(side));
        okta_log_forget(&side->log);
    }
    if (json_is_true(json_object_get(body, "expire_cursors")))
        side->log.epoch++;
    if (event == NULL)
        return ERR_NONE;
    if (okta_member(event, "eventType") == NULL)
        return fail_set(fail, ERR_INPUT, "an event needs eventType");
    free(okta_emit_raw(side, json_incref(event), json_is_true(json_object_get(body, "deliver"))));
    return ERR_NONE;
}

/* ---- what is where ---- */

static const struct {
    const char *path;
    json_t *(*get)(struct okta_side *side);
    enum err (*post)(struct okta_side *side, const json_t *body, struct fail *fail);
    enum err (*order)(struct okta_order *order, struct fail *fail);
    void (*later)(struct okta_side *side, struct http_exchange *x, const json_t *body);
} controls[] = {
    {.path = "state", .get = okta_look_state},
    {.path = "users", .get = okta_look_users, .order = okta_order_users},
    {.path = "groups", .get = okta_look_groups},
    {.path = "apps", .get = okta_look_apps},
    {.path = "hooks", .get = okta_look_hooks},
    {.path = "log", .get = okta_look_log, .post = post_log},
    {.path = "calls", .get = get_calls},
    {.path = "calls/reset", .post = post_calls_reset},
    {.path = "deliveries", .get = okta_deliveries_show, .post = okta_deliveries_set},
    {.path = "deliveries/reset", .post = post_deliveries_reset},
    {.path = "flush", .post = post_flush},
    {.path = "faults", .get = get_faults, .post = post_faults},
    {.path = "rates", .get = get_rates, .post = post_rates},
    {.path = "clock", .post = post_clock},
    {.path = "delays", .post = okta_seed_delays},
    {.path = "settings", .post = okta_seed_settings},
    {.path = "tokens", .post = post_tokens},
    {.path = "clients", .post = post_clients},
    {.path = "user", .order = okta_order_user},
    {.path = "profile", .order = okta_order_profile},
    {.path = "status", .order = okta_order_status},
    {.path = "group", .order = okta_order_group},
    {.path = "group/change", .order = okta_order_group_change},
    {.path = "group/delete", .order = okta_order_group_delete},
    {.path = "member", .order = okta_order_member},
    {.path = "member/remove", .order = okta_order_member_remove},
    {.path = "app", .order = okta_order_app},
    {.path = "app/change", .order = okta_order_app_change},
    {.path = "assign", .order = okta_order_assign},
    {.path = "unassign", .order = okta_order_unassign},
    {.path = "app-user", .order = okta_order_app_user},
    {.path = "hook", .later = okta_reply_hook},
    {.path = "hook/verify", .later = okta_reply_verify},
    {.path = "deliver", .later = okta_reply_deliver},
};

static void carry_out(struct okta_side *side, struct http_exchange *x, const json_t *body,
                      enum err (*fn)(struct okta_order *order, struct fail *fail))
{
    struct okta_order order = {.side = side, .body = body, .out = json_object()};
    struct fail fail = {0};
    enum err err;

    okta_tx_begin(&order.tx, side, NULL);
    err = fn(&order, &fail);
    json_object_set_new(order.out, "done", json_true());
    json_object_set(order.out, "events", order.tx.uuids);
    json_object_set_new(order.out, "n_events", json_integer((json_int_t)order.tx.n_events));
    okta_tx_end(&order.tx);
    if (err != ERR_NONE) {
        json_decref(order.out);
        okta_reply_fail(x, &fail);
        return;
    }
    sandbox_reply_json(x, 200, order.out, NULL);
}

/* GET okta/user/LOGIN and DELETE okta/hook/ID; false when path is neither. */
static bool is_about_one(struct okta_side *side, struct http_exchange *x, struct span path)
{
    struct span user = SPAN("user/"), hook = SPAN("hook/");
    struct okta_hook *gone;
    struct okta_user *found;
    struct fail fail = {0};
    struct buf name;
    bool is_user = span_starts(path, user) && span_eq(http_method(x), SPAN("GET"));

    if (!is_user && !(span_starts(path, hook) && span_eq(http_method(x), SPAN("DELETE"))))
        return false;
    buf_init(&name, NAME);
    (void)url_add_decoded(&name, span_n(path.p + user.n, path.n - user.n));
    gone = okta_hooks_find(&side->hooks, name.p);
    if (is_user && okta_find_user(side, name.p, &found, &fail) == ERR_NONE) {
        sandbox_reply_json(x, 200, okta_look_user(found), NULL);
    } else if (!is_user && gone != NULL) {
        okta_hook_delete(side, gone);
        sandbox_reply_json(x, 200, json_pack("{s:b}", "done", 1), NULL);
    } else {
        sandbox_reply_error(x, 404, "not_found", is_user ? fail.text : "no such hook");
    }
    buf_done(&name);
    return true;
}

static void answer(struct okta_side *side, struct http_exchange *x, size_t i, const json_t *body)
{
    struct fail fail = {0};

    if (span_eq(http_method(x), SPAN("GET")) && controls[i].get != NULL) {
        bool has_log = span_eq(url_query_get(http_query(x), SPAN("log")), SPAN("1"));

        sandbox_reply_json(x, 200,
                           has_log ? json_pack("{s:o}", "calls", calls_log(&side->calls))
                                   : controls[i].get(side),
                           NULL);
    } else if (!span_eq(http_method(x), SPAN("POST"))) {
        sandbox_reply_error(x, 405, "method", "this path takes another method");
    } else if (controls[i].order != NULL) {
        carry_out(side, x, body, controls[i].order);
    } else if (controls[i].later != NULL) {
        controls[i].later(side, x, body);
    } else if (controls[i].post == NULL) {
        sandbox_reply_error(x, 405, "method", "this path takes another method");
    } else if (controls[i].post(side, body, &fail) == ERR_NONE) {
        sandbox_reply_json(x, 200, json_pack("{s:b}", "done", 1), NULL);
    } else {
        okta_reply_fail(x, &fail);
    }
}

bool okta_side_control(struct okta_side *side, struct http_exchange *x, const char *path,
                       const json_t *body)
{
    struct span rest = span_of(path);

    if (!span_starts(rest, SPAN(PREFIX)))
        return false;
    rest = span_n(rest.p + strlen(PREFIX), rest.n - strlen(PREFIX));
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (span_eq(rest, span_of(controls[i].path))) {
            answer(side, x, i, body);
            return true;
        }
    return is_about_one(side, x, rest);
}
