/* The operations against a server on loopback that plays scripted answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connect/connect.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

#define ARN "arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1"
#define ANN                                                                                        \
    "{\"Id\":\"a-1\",\"Arn\":\"" ARN                                                               \
    "\",\"Username\":\"ann\",\"Tags\":{\"roster:okta-id\":\"00u\"}}"

enum { REQUESTS = 16, TEXT = 2048 };

struct scripted {
    int status;
    const char *body;
};

struct world {
    struct loop *loop;
    struct http_client *client;
    struct http_server *server;
    struct aws *aws;
    struct connect *connect;
    const struct scripted *script; /* the last one is repeated */
    size_t n_script;
    bool is_silent;                /* answers nothing */
    char requests[REQUESTS][TEXT]; /* "METHOD path body" */
    size_t n_requests;
    struct http_exchange *waiting;
    /* What came of it. */
    unsigned n_done;
    enum err err;
    int status;
    size_t n_agents;
    char seen[128]; /* of the operations on agents that exist, and of lists */
    char id[64], arn[128], tag[64], text[FAIL_TEXT], request_id[FAIL_REQUEST_ID], code[FAIL_CODE];
};

static void on_request(void *arg, struct http_exchange *x)
{
    static const char *const headers[] = {"x-amzn-RequestId: request-1", NULL};
    struct world *w = arg;
    size_t n = w->n_requests < REQUESTS ? w->n_requests : REQUESTS - 1;
    const struct scripted *answer =
        &w->script[w->n_requests < w->n_script ? w->n_requests : w->n_script - 1];

    (void)snprintf(w->requests[n], TEXT, "%.*s %.*s %.*s", SPAN_ARG(http_method(x)),
                   SPAN_ARG(http_path(x)), SPAN_ARG(http_body(x)));
    w->n_requests++;
    if (w->is_silent) {
        w->waiting = x;
        loop_stop(w->loop);
        return;
    }
    http_reply(x, answer->status, "application/json", span_of(answer->body), headers);
}

static int on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)x;
    return 0;
}

static void copy(char *to, size_t size, struct span text)
{
    (void)snprintf(to, size, "%.*s", SPAN_ARG(text));
}

static void see(struct world *w, const char *format, int n, struct span text)
{
    size_t at = strlen(w->seen);

    (void)snprintf(w->seen + at, sizeof(w->seen) - at, "%s", at > 0 ? " " : "");
    at = strlen(w->seen);
    if (n > 0)
        (void)snprintf(w->seen + at, sizeof(w->seen) - at, "%s %d%s%.*s", format, n,
                       text.n > 0 ? " " : "", SPAN_ARG(text));
    else
        (void)snprintf(w->seen + at, sizeof(w->seen) - at, "%s%s%.*s", format,
                       text.n > 0 ? " " : "", SPAN_ARG(text));
}

static void see_answer(struct world *w, const struct connect_answer *answer)
{
    if (answer->n_agents > 0)
        see(w, "agents", (int)answer->n_agents,
            answer->entitlement != NULL ? answer->entitlement->routing_profile_id : SPAN(""));
    if (answer->n_named > 0)
        see(w, "named", (int)answer->n_named, answer->named[0].name);
    if (answer->n_proficiencies > 0)
        see(w, "proficiencies", (int)answer->n_proficiencies, SPAN(""));
    if (answer->has_contact)
        see(w, "contact", 0, SPAN(""));
    if (answer->quick_connect_user_id.n > 0)
        see(w, "of", 0, answer->quick_connect_user_id);
    if (answer->next_token.n > 0)
        see(w, "then", 0, answer->next_token);
}

static void done(void *arg, const struct connect_answer *answer)
{
    struct world *w = arg;

    w->n_done++;
    see_answer(w, answer);
    w->err = answer->err;
    w->status = answer->status;
    w->n_agents = answer->n_agents;
    copy(w->request_id, sizeof(w->request_id), span_of(answer->request_id));
    copy(w->id, sizeof(w->id), answer->n_agents > 0 ? answer->agents[0].id : answer->user_id);
    copy(w->arn, sizeof(w->arn), answer->user_arn);
    if (answer->identity_type.n > 0)
        copy(w->id, sizeof(w->id), answer->identity_type);
    if (answer->n_agents > 0)
        copy(w->tag, sizeof(w->tag), agent_tag(&answer->agents[0], SPAN(TAG_OKTA_ID)));
    if (answer->err != ERR_NONE) {
        copy(w->text, sizeof(w->text), span_of(answer->fail->text));
        copy(w->code, sizeof(w->code), span_of(answer->fail->code));
    }
    loop_stop(w->loop);
}

static void begin(struct world *w, const struct scripted *script, size_t n)
{
    struct http_server_options listen = {.listen = "127.0.0.1:0",
                                         .listen_fd = -1,
                                         .on_head = on_head,
                                         .on_request = on_request,
                                         .arg = w};
    char endpoint[128];
    const char *environment[] = {endpoint, "AWS_ACCESS_KEY_ID=AKIATEST",
                                 "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1", NULL};
    struct aws_options options = {.environment = environment};
    struct fail fail;

    *w = (struct world){.script = script, .n_script = n};
    assert_int_equal(loop_new(&w->loop, &fail), ERR_NONE);
    assert_int_equal(http_client_new(w->loop, "test", &w->client, &fail), ERR_NONE);
    assert_int_equal(http_server_new(w->loop, &listen, &w->server, &fail), ERR_NONE);
    (void)snprintf(endpoint, sizeof(endpoint), "AWS_ENDPOINT_URL_CONNECT=http://%s",
                   http_server_address(w->server));
    assert_int_equal(aws_new(w->loop, w->client, &options, &w->aws, &fail), ERR_NONE);
    w->connect = connect_new(w->aws, SPAN("i-1"));
}

static void end(struct world *w)
{
    connect_free(w->connect);
    aws_free(w->aws);
    if (w->waiting != NULL)
        http_abort(w->waiting, SPAN(""));
    http_client_free(w->client);
    http_server_free(w->server);
    loop_free(w->loop);
}

static const struct span profiles[] = {{"sp", 2}};
static const struct entitlement wanted = {.user_name = {"ann", 3},
                                          .first_name = {"Ann", 3},
                                          .last_name = {"Lee", 3},
                                          .security_profile_ids = profiles,
                                          .n_security_profile_ids = 1,
                                          .routing_profile_id = {"rp", 2}};

static const struct created {
    const char *name;
    struct scripted answer;
    enum err err;
    const char *code;
} created[] = {
    {"made", {200, "{\"UserId\":\"a-1\",\"UserArn\":\"" ARN "\"}"}, ERR_NONE, ""},
    {"200 without a body", {200, ""}, ERR_UNCLEAR, ""},
    {"200 without an id", {200, "{\"UserArn\":\"" ARN "\"}"}, ERR_UNCLEAR, ""},
    {"200 with garbage", {200, "<html>"}, ERR_UNCLEAR, ""},
    {"taken",
     {409, "{\"__type\":\"DuplicateResourceException\",\"Message\":\"taken\"}"},
     ERR_CONFLICT,
     "DuplicateResourceException"},
    {"throttled",
     {429, "{\"__type\":\"TooManyRequestsException\",\"message\":\"slow\"}"},
     ERR_BUSY,
     "TooManyRequestsException"},
    {"full",
     {429, "{\"__type\":\"LimitExceededException\",\"message\":\"full\"}"},
     ERR_DENIED,
     "LimitExceededException"},
    {"server's trouble",
     {500, "{\"__type\":\"InternalServiceException\"}"},
     ERR_UNCLEAR,
     "InternalServiceException"},
};

static void an_agent_is_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++) {
        struct world w;

        begin(&w, &created[i].answer, 1);
        assert_non_null(connect_create_user(w.connect, &wanted, false, done, &w));
        assert_int_equal(w.n_done, 0);
        loop_run(w.loop);
        if (w.err != created[i].err || strcmp(w.code, created[i].code) != 0 || w.n_requests != 1 ||
            w.status != created[i].answer.status || strcmp(w.request_id, "request-1") != 0)
            fail_msg("%s: %s, %zu requests, '%s' (%s)", created[i].name, err_name(w.err),
                     w.n_requests, w.text, w.request_id);
        assert_memory_equal(w.requests[0], "PUT /users/i-1 {\"Username\":\"ann\",", 33);
        assert_string_equal(w.id, w.err == ERR_NONE ? "a-1" : "");
        assert_string_equal(w.arn, w.err == ERR_NONE ? ARN : "");
        end(&w);
    }
}

static const struct searched {
    const char *name;
    struct scripted script[4];
    size_t n_script, n_requests, n_agents;
    enum err err;
} searched[] = {
    {"on the first page", {{200, "{\"Users\":[" ANN "]}"}}, 1, 1, 1, ERR_NONE},
    {"found, so no more pages",
     {{200, "{\"Users\":[" ANN "],\"NextToken\":\"t\"}"}},
     1,
     1,
     1,
     ERR_NONE},
    {"behind an empty page",
     {{200, "{\"Users\":[],\"NextToken\":\"a+/=\"}"}, {200, "{\"Users\":[" ANN "]}"}},
     2,
     2,
     1,
     ERR_NONE},
    {"nobody", {{200, "{\"Users\":[]}"}}, 1, 1, 0, ERR_NONE},
    {"nobody on two pages",
     {{200, "{\"NextToken\":\"t\"}"}, {200, "{\"Users\":[]}"}},
     2,
     2,
     0,
     ERR_NONE},
    {"pages without end", {{200, "{\"Users\":[],\"NextToken\":\"t\"}"}}, 1, 10, 0, ERR_UNCLEAR},
    {"the second page fails",
     {{200, "{\"Users\":[],\"NextToken\":\"t\"}"},
      {400, "{\"__type\":\"InvalidParameterException\"}"}},
     2,
     2,
     0,
     ERR_INPUT},
    {"the second page is throttled",
     {{200, "{\"Users\":[],\"NextToken\":\"t\"}"}, {429, "{\"__type\":\"ThrottlingException\"}"}},
     2,
     2,
     0,
     ERR_BUSY},
    {"says nothing", {{200, "{}"}}, 1, 1, 0, ERR_UNCLEAR},
};

static void an_agent_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(searched) / sizeof(searched[0]); i++) {
        const struct searched *row = &searched[i];
        struct world w;

        begin(&w, row->script, row->n_script);
        assert_non_null(connect_find_user(w.connect, SPAN("ann"), done, &w));
        loop_run(w.loop);
        if (w.err != row->err || w.n_requests != row->n_requests || w.n_agents != row->n_agents ||
            w.n_done != 1)
            fail_msg("%s: %s, %zu requests, %zu agents, '%s'", row->name, err_name(w.err),
                     w.n_requests, w.n_agents, w.text);
        assert_null(strstr(w.requests[0], "NextToken"));
        if (row->n_requests > 1)
            assert_non_null(strstr(w.requests[1], "\"NextToken\":\""));
        if (row->n_agents > 0)
            assert_string_equal(w.tag, "00u");
        end(&w);
    }
}

static void an_agent_is_tagged(void **state)
{
    static const struct scripted empty = {200, ""};
    static const struct tag tags[] = {{{"k", 1}, {"v", 1}}};
    struct world w;

    (void)state;
    begin(&w, &empty, 1);
    assert_non_null(connect_tag_user(w.connect, SPAN(ARN), tags, 1, done, &w));
    loop_run(w.loop);
    assert_int_equal(w.err, ERR_NONE);
    assert_string_equal(
        w.requests[0],
        "POST /tags/arn%3Aaws%3Aconnect%3Aus-east-1%3A123456789012%3Ainstance%2Fi-1%2Fagent%2Fa-1 "
        "{\"tags\":{\"k\":\"v\"}}");
    end(&w);
}

static void the_instance_is_described(void **state)
{
    static const struct scripted saml = {200,
                                         "{\"Instance\":{\"IdentityManagementType\":\"SAML\"}}"};
    struct world w;

    (void)state;
    begin(&w, &saml, 1);
    assert_non_null(connect_describe_instance(w.connect, done, &w));
    loop_run(w.loop);
    assert_int_equal(w.err, ERR_NONE);
    assert_string_equal(w.id, "SAML");
    assert_string_equal(w.requests[0], "GET /instance/i-1 ");
    end(&w);
}

/* ---- the others: one request each, and what is handed out of its answer ---- */

static const struct entitlement wanted_phone = {
    .routing_profile_id = {"rp", 2},
    .phone = {.persistent_connection = CHANNEL_UNSET,
              .is_per_channel = true,
              .auto_accept = {1, -1, -1, -1},
              .after_contact_work_s = {-1, -1, -1, -1}}};
static const struct proficiency skill[] = {{{"L", 1}, {"en", 2}, 5}};
static const struct span keys[] = {{"k", 1}};

static struct connect_call *start(struct world *w, int which)
{
    struct connect *c = w->connect;
    struct span id = SPAN("a-1"), none = SPAN("");

    switch (which) {
    case 0:
        return connect_describe_user(c, id, done, w);
    case 1:
        return connect_update_user(c, id, ASPECT_ROUTING_PROFILE, &wanted, done, w);
    case 2:
        return connect_update_user(c, id, ASPECT_PHONE, &wanted_phone, done, w);
    case 3:
        return connect_untag_user(c, SPAN("arn/x"), keys, 1, done, w);
    case 4:
        return connect_list_proficiencies(c, id, SPAN("t"), done, w);
    case 5:
        return connect_change_proficiencies(c, id, PROFICIENCY_UPDATE, skill, 1, done, w);
    case 6:
        return connect_current_user_data(c, id, done, w);
    case 7:
        return connect_delete_user(c, id, done, w);
    case 8:
        return connect_list_names(c, NAME_ROUTING_PROFILE, none, done, w);
    case 9:
        return connect_list_names(c, NAME_HIERARCHY_GROUP, SPAN("t"), done, w);
    case 10:
        return connect_list_quick_connects(c, none, done, w);
    case 11:
        return connect_describe_quick_connect(c, SPAN("q-1"), done, w);
    case 12:
        return connect_delete_quick_connect(c, SPAN("q-1"), done, w);
    case 13:
        return connect_search_managed(c, SPAN("emea"), none, done, w);
    case 14:
        return connect_list_agents(c, none, done, w);
    default:
        return connect_search_holders(c, SPAN("sp"), 3, done, w);
    }
}

static const struct other {
    const char *request; /* how it begins */
    struct scripted answer;
    const char *seen; /* what is handed out */
} others[] = {
    {"GET /users/i-1/a-1 ",
     {200, "{\"User\":{\"Id\":\"a-1\",\"Arn\":\"" ARN "\",\"SecurityProfileIds\":[\"s\"],"
           "\"RoutingProfileId\":\"rp-9\"}}"},
     "agents 1 rp-9"},
    {"POST /users/i-1/a-1/routing-profile {\"RoutingProfileId\":\"rp\"}", {200, ""}, ""},
    {"POST /users/i-1/a-1/config {\"AutoAcceptConfigs\"", {200, ""}, ""},
    {"DELETE /tags/arn%2Fx ", {200, ""}, ""},
    {"GET /users/i-1/a-1/proficiencies ",
     {200, "{\"UserProficiencyList\":[{\"AttributeName\":\"L\",\"AttributeValue\":\"en\","
           "\"Level\":5}]}"},
     "proficiencies 1"},
    {"POST /users/i-1/a-1/proficiencies {\"UserProficiencies\"", {200, ""}, ""},
    {"POST /metrics/userdata/i-1 {\"Filters\":{\"Agents\":[\"a-1\"]}}",
     {200, "{\"UserDataList\":[{\"Contacts\":[{\"AgentContactState\":\"CONNECTED\"}]}]}"},
     "contact"},
    {"DELETE /users/i-1/a-1 ", {200, ""}, ""},
    {"GET /routing-profiles-summary/i-1 ",
     {200, "{\"RoutingProfileSummaryList\":[{\"Id\":\"1\",\"Name\":\"Basic\"}]}"},
     "named 1 Basic"},
    {"POST /search-user-hierarchy-groups {\"InstanceId\":\"i-1\",\"MaxResults\":100,\"NextToken\":"
     "\"t\"}",
     {200, "{\"UserHierarchyGroups\":[{\"Id\":\"1\",\"Name\":\"Team\",\"HierarchyPath\":{"
           "\"LevelOne\":{\"Name\":\"Site\"},\"LevelTwo\":{\"Name\":\"Team\"}}}],"
           "\"NextToken\":\"u\"}"},
     "named 1 Site/Team then u"},
    {"GET /quick-connects/i-1 ",
     {200, "{\"QuickConnectSummaryList\":[{\"Id\":\"q-1\",\"Name\":\"Ann\"}]}"},
     "named 1 Ann"},
    {"GET /quick-connects/i-1/q-1 ",
     {200, "{\"QuickConnect\":{\"QuickConnectConfig\":{\"UserConfig\":{\"UserId\":\"a-1\"}}}}"},
     "of a-1"},
    {"DELETE /quick-connects/i-1/q-1 ", {200, ""}, ""},
    {"POST /search-users {\"InstanceId\":\"i-1\",\"MaxResults\":500,\"SearchFilter\"",
     {200, "{\"Users\":[" ANN "]}"},
     "agents 1"},
    {"POST /search-users {\"InstanceId\":\"i-1\",\"MaxResults\":500}",
     {200, "{\"Users\":[" ANN "]}"},
     "agents 1"},
    {"POST /search-users {\"InstanceId\":\"i-1\",\"MaxResults\":3,\"SearchCriteria\"",
     {200, "{\"Users\":[]}"},
     ""},
};

static void each_operation_is_one_request(void **state)
{
    (void)state;
    for (int i = 0; i < (int)(sizeof(others) / sizeof(others[0])); i++) {
        struct world w;

        begin(&w, &others[i].answer, 1);
        assert_non_null(start(&w, i));
        loop_run(w.loop);
        if (w.err != ERR_NONE || w.n_requests != 1 || w.n_done != 1 ||
            strcmp(w.seen, others[i].seen) != 0 ||
            strncmp(w.requests[0], others[i].request, strlen(others[i].request)) != 0)
            fail_msg("%s: %s, '%s' '%s': %s", others[i].request, err_name(w.err), w.seen,
                     w.requests[0], w.text);
        end(&w);
    }
}

/* What is not there any more is told apart: who asked knows whether that is fine. */
static void what_is_gone_is_not_found(void **state)
{
    static const struct scripted gone = {404, "{\"__type\":\"ResourceNotFoundException\"}"};

    (void)state;
    for (int i = 0; i < (int)(sizeof(others) / sizeof(others[0])); i++) {
        struct world w;

        begin(&w, &gone, 1);
        assert_non_null(start(&w, i));
        loop_run(w.loop);
        if (w.err != ERR_NOT_FOUND || w.status != 404 || w.n_requests != 1)
            fail_msg("%s: %s", others[i].request, err_name(w.err));
        end(&w);
    }
}

static void half_an_answer_is_unclear(void **state)
{
    static const struct scripted half = {200, "{}"};

    (void)state;
    for (int i = 0; i < (int)(sizeof(others) / sizeof(others[0])); i++) {
        struct world w;

        begin(&w, &half, 1);
        assert_non_null(start(&w, i));
        loop_run(w.loop);
        /* Those without an answer of their own do not look at it. */
        if (w.err != (others[i].answer.body[0] == '\0' ? ERR_NONE : ERR_UNCLEAR) ||
            (w.err != ERR_NONE && strcmp(w.request_id, "request-1") != 0))
            fail_msg("%s: %s", others[i].request, err_name(w.err));
        end(&w);
    }
}

static void what_is_cancelled_is_never_heard_of(void **state)
{
    static const struct scripted pages[] = {{200, "{\"Users\":[],\"NextToken\":\"t\"}"}};
    struct connect_call *call;
    struct world w;

    (void)state;
    begin(&w, pages, 1);
    w.is_silent = true;
    call = connect_find_user(w.connect, SPAN("ann"), done, &w);
    (void)connect_describe_instance(w.connect, done, &w); /* dropped by connect_free */
    loop_run(w.loop);
    connect_cancel(call);
    connect_cancel(NULL);
    assert_int_equal(w.n_done, 0);
    end(&w);
    assert_int_equal(w.n_done, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_agent_is_made),
        cmocka_unit_test(an_agent_is_found),
        cmocka_unit_test(an_agent_is_tagged),
        cmocka_unit_test(the_instance_is_described),
        cmocka_unit_test(each_operation_is_one_request),
        cmocka_unit_test(what_is_gone_is_not_found),
        cmocka_unit_test(half_an_answer_is_unclear),
        cmocka_unit_test(what_is_cancelled_is_never_heard_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
