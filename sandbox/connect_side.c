/* The way of a request: route, signature, fault, throttle, validation, the operation itself, its
 * answer. API Gateway stands before the real service and does the first steps in this order, so
 * that a call that is refused later has used a token of the throttle, too. */
#include "connect_side.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "connect_answer.h"
#include "connect_credentials.h"
#include "connect_operations.h"
#include "connect_seed.h"
#include "text/url.h"

enum { LIFETIME_S = 3600, QUOTA = 500, EMPTY_EACH = 5 };

struct connect_side *connect_side_new(struct sandbox *sandbox)
{
    struct connect_side *side = mem_new(1, sizeof *side);

    side->sandbox = sandbox;
    side->model = model_new();
    side->quota = QUOTA;
    side->empty_each = EMPTY_EACH;
    side->keys.lifetime_s = LIFETIME_S;
    answer_kinds(&side->faults);
    agents_init(&side->agents);
    throttle_init(&side->throttle, side->model);
    seed_defaults(side);
    return side;
}

void connect_side_free(struct connect_side *side)
{
    json_t *things[] = {NULL, NULL, NULL, NULL, NULL, NULL};

    if (side == NULL)
        return;
    replies_drop(&side->waiting);
    agents_done(&side->agents);
    keys_done(&side->keys);
    throttle_done(&side->throttle);
    faults_done(&side->faults);
    calls_done(&side->calls);
    model_free(side->model);
    things[0] = side->security_profiles;
    things[1] = side->routing_profiles;
    things[2] = side->groups;
    things[3] = side->statuses;
    things[4] = side->attributes;
    things[5] = side->quick_connects;
    for (size_t i = 0; i < sizeof things / sizeof *things; i++)
        json_decref(things[i]);
    for (size_t i = 0; i < SIDE_SHARED; i++)
        json_decref(side->shared[i]);
    free(side->instance.id);
    free(side->instance.alias);
    free(side->instance.account);
    free(side->instance.region);
    free(side->instance.identity);
    free(side->instance.arn);
    free(side);
}

int64_t side_wall_ms(const struct connect_side *side)
{
    return clock_wall_ms() + side->clock_offset_ms;
}

json_t *side_arn(const struct connect_side *side, const char *kind, const char *id)
{
    return json_sprintf("%s/%s/%s", side->instance.arn, kind, id);
}

void side_stamp(const struct connect_side *side, json_t *object, int64_t wall_ms)
{
    json_object_set_new(object, "LastModifiedTime", json_real((double)wall_ms / MS_PER_S));
    json_object_set_new(object, "LastModifiedRegion", json_string(side->instance.region));
}

static void replace(char **field, const char *value)
{
    char *copy = value == NULL ? NULL : mem_dup_str(value);

    if (copy == NULL)
        return;
    free(*field);
    *field = copy;
}

void side_set_instance(struct connect_side *side, const char *id, const char *region,
                       const char *account)
{
    struct instance *instance = &side->instance;

    replace(&instance->id, id);
    replace(&instance->region, region);
    replace(&instance->account, account);
    free(instance->arn);
    instance->arn = mem_printf("arn:aws:connect:%s:%s:instance/%s", instance->region,
                               instance->account, instance->id);
}

/* ---- what operations use ---- */

void call_ok(struct call *call, json_t *out)
{
    call->status = 200;
    call->out = out;
}

void call_fail(struct call *call, const char *code, const char *format, ...)
{
    va_list args;

    call->code = code;
    call->status = model_status(call->side->model, code);
    if (call->status == 0)
        call->status = 403; /* what the model lacks are the front end's own refusals */
    va_start(args, format);
    (void)vsnprintf(call->message, sizeof call->message, format, args);
    va_end(args);
}

const char *call_text(const struct call *call, const char *member)
{
    return json_string_value(json_object_get(call->input, member));
}

struct agent *call_agent(struct call *call)
{
    const char *id = call_text(call, "UserId");
    struct agent *agent = agents_with_id(&call->side->agents, id);

    if (agent != NULL && agent_seen(agent, call->side->read_delay_ms) != NULL)
        return agent;
    /* Of a user just created either may come (the service's page on eventual consistency). */
    if (agent != NULL && call->side->n_errors % 2 == 1)
        call_fail(call, BAD_REQUEST, "User %s is not ready", id);
    else
        call_fail(call, NOT_FOUND, "User with id %s not found", id);
    return NULL;
}

/* ---- the way ---- */

static bool is_json(struct span type)
{
    size_t semicolon = span_find(type, ';');

    return span_eq_nocase(span_trim(span_n(type.p, semicolon)), SPAN("application/json"));
}

static void log_user(struct call *call)
{
    struct call_entry *entry = calls_at(&call->side->calls, call->entry);
    const char *user = call_text(call, "Username");

    if (user == NULL)
        user = call_text(call, "UserId");
    if (user == NULL)
        user = call_text(call, "resourceArn");
    if (user == NULL)
        user = json_string_value(json_object_get(
            json_object_get(json_object_get(call->input, "SearchCriteria"), "StringCondition"),
            "Value"));
    if (entry != NULL && user != NULL && entry->user == NULL)
        entry->user = mem_dup_str(user);
    if (entry != NULL && call->side->calls.keeps_inputs && entry->input == NULL)
        entry->input = json_deep_copy(call->input);
}

/* Only SearchResourceTags takes the instance's ARN as well. */
static bool is_ours(const struct call *call, const char *instance)
{
    const struct instance *ours = &call->side->instance;

    return ours->exists &&
           (strcmp(instance, ours->id) == 0 || (strcmp(call->op->name, "SearchResourceTags") == 0 &&
                                                strcmp(instance, ours->arn) == 0));
}

static void carry_out(struct call *call)
{
    struct connect_side *side = call->side;
    struct model_refusal refusal;
    const char *instance;

    if (!throttle_take(&side->throttle, call->op->index)) {
        bool other = side->n_throttled++ % 2 == 1;

        call->is_front = !other;
        call_fail(call, other ? "TooManyRequestsException" : "ThrottlingException",
                  other ? "Too Many Requests" : "Rate exceeded");
        return;
    }
    if (http_body(call->x).n > 0 && !is_json(http_header(call->x, SPAN("content-type"), NULL))) {
        call_fail(call, BAD_REQUEST, "Content-Type must be application/json");
        return;
    }
    if (!model_input(side->model, call->op, http_query(call->x), http_body(call->x), call->input,
                     &refusal)) {
        call_fail(call, refusal.code, "%s", refusal.message);
        log_user(call);
        return;
    }
    log_user(call);
    instance = call_text(call, "InstanceId");
    if (instance != NULL && !is_ours(call, instance)) {
        call_fail(call, NOT_FOUND, "Instance not found");
        return;
    }
    agents_sweep(&side->agents);
    operation_run(call);
}

static void handle(struct call *call)
{
    struct connect_side *side = call->side;
    char message[KEYS_MESSAGE];
    const struct keys_check check = {side->instance.region, "connect", side_wall_ms(side)};
    const char *code = keys_refuse(&side->keys, call->x, &check, message);
    int64_t delay_ms = 0;

    if (code != NULL) {
        call->is_front = true;
        call_fail(call, code, "%s", message);
        answer_send(call, 0);
        return;
    }
    call->fault = faults_draw(&side->faults, call->op->name, &delay_ms);
    if (call->fault != NULL && !fault_is_late(call->fault))
        answer_fault(call);
    else
        carry_out(call);
    answer_send(call, delay_ms);
}

void connect_side_request(struct connect_side *side, struct http_exchange *x)
{
    struct call call = {.side = side, .x = x};

    if (credentials_request(side, x))
        return;
    call.op = model_route(side->model, http_method(x), http_path(x), &call.input);
    if (call.op == NULL) {
        call.is_front = true;
        call.entry = calls_add(
            &side->calls, &(struct call_entry){.time_ms = clock_wall_ms(), .operation = "unknown"});
        call_fail(&call, "MissingAuthenticationTokenException", "Missing Authentication Token");
        answer_send(&call, 0);
        return;
    }
    call.entry = calls_add(
        &side->calls, &(struct call_entry){.time_ms = clock_wall_ms(), .operation = call.op->name});
    handle(&call);
    json_decref(call.input);
}
