/* The names of an instance, read from a server on loopback that plays scripted lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "connect/directory.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/loop.h"

#define ITEM(id, name) "{\"Id\":\"" id "\",\"Name\":\"" name "\"}"
#define SECURITY(items) "{\"SecurityProfileSummaryList\":[" items "]}"
#define ROUTING(items) "{\"RoutingProfileSummaryList\":[" items "]}"
#define GROUPS(items) "{\"UserHierarchyGroups\":[" items "]}"
#define TEAM(id, site, team)                                                                       \
    "{\"Id\":\"" id "\",\"Name\":\"" team "\",\"HierarchyPath\":{\"LevelOne\":{\"Name\":\"" site   \
    "\"},\"LevelTwo\":{\"Name\":\"" team "\"}}}"

enum { REQUESTS = 16, TEXT = 1024 };

struct world {
    struct loop *loop;
    struct http_client *client;
    struct http_server *server;
    struct aws *aws;
    struct connect *connect;
    struct directory *directory;
    const char *const *answers; /* one a request; "!" begins an error */
    char requests[REQUESTS][TEXT];
    size_t n_requests;
    bool is_patient; /* waits for directory_go */
    unsigned n_waits, n_told, n_read;
    enum err err;
    char news[TEXT], fault[FAIL_TEXT];
};

static void on_request(void *arg, struct http_exchange *x)
{
    struct world *w = arg;
    const char *answer = w->answers[w->n_requests];

    (void)snprintf(w->requests[w->n_requests++ % REQUESTS], TEXT, "%.*s %.*s?%.*s %.*s",
                   SPAN_ARG(http_method(x)), SPAN_ARG(http_path(x)), SPAN_ARG(http_query(x)),
                   SPAN_ARG(http_body(x)));
    if (answer[0] == '!')
        http_reply(x, 403, "application/json", span_of(answer + 1), NULL);
    else
        http_reply(x, 200, "application/json", span_of(answer), NULL);
}

static int on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)x;
    return 0;
}

static void on_wait(void *arg, const char *operation)
{
    struct world *w = arg;

    assert_true(operation[0] != '\0');
    w->n_waits++;
    if (!w->is_patient)
        directory_go(w->directory);
}

static void on_told(void *arg, const char *operation, const struct connect_answer *answer)
{
    struct world *w = arg;

    (void)operation;
    (void)answer;
    w->n_told++;
}

static void on_news(void *arg, const struct directory_news *news)
{
    static const char *const words[] = {"pinned", "renamed", "taken", "gone"};
    struct world *w = arg;
    size_t n = strlen(w->news);

    (void)snprintf(w->news + n, sizeof(w->news) - n, "%s %d %.*s=%.*s%s%.*s; ", words[news->kind],
                   (int)news->pin.kind, SPAN_ARG(news->pin.name), SPAN_ARG(news->pin.id),
                   news->name_now.n > 0 ? " now " : "", SPAN_ARG(news->name_now));
}

static void on_read(void *arg, enum err err, const struct fail *fail)
{
    struct world *w = arg;

    w->n_read++;
    w->err = err;
    (void)snprintf(w->fault, sizeof(w->fault), "%s", fail == NULL ? "" : fail->text);
    loop_stop(w->loop);
}

static void begin(struct world *w, const struct directory_pin *pins, size_t n_pins)
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
    struct directory_options directory = {
        .wait = on_wait, .told = on_told, .news = on_news, .read = on_read, .arg = w};
    struct fail fail;

    *w = (struct world){0};
    assert_int_equal(loop_new(&w->loop, &fail), ERR_NONE);
    assert_int_equal(http_client_new(w->loop, "test", &w->client, &fail), ERR_NONE);
    assert_int_equal(http_server_new(w->loop, &listen, &w->server, &fail), ERR_NONE);
    (void)snprintf(endpoint, sizeof(endpoint), "AWS_ENDPOINT_URL_CONNECT=http://%s",
                   http_server_address(w->server));
    assert_int_equal(aws_new(w->loop, w->client, &options, &w->aws, &fail), ERR_NONE);
    w->connect = connect_new(w->aws, SPAN("i-1"));
    directory.loop = w->loop;
    directory.connect = w->connect;
    w->directory = directory_new(&directory, pins, n_pins);
}

static void end(struct world *w)
{
    directory_free(w->directory);
    connect_free(w->connect);
    aws_free(w->aws);
    http_client_free(w->client);
    http_server_free(w->server);
    loop_free(w->loop);
}

static void read_lists(struct world *w, const char *const *answers)
{
    w->answers = answers;
    w->n_requests = 0;
    w->news[0] = '\0';
    directory_read(w->directory, 0);
    loop_run(w->loop);
}

/* "KNOWN id", "UNKNOWN", … */
static const char *find(const struct world *w, enum name_kind kind, const char *ref)
{
    static const char *const words[] = {"KNOWN", "UNKNOWN", "AMBIGUOUS", "NOT_READ"};
    static char text[4][128];
    static unsigned at;
    const struct names *names = directory_names(w->directory);
    struct span id = SPAN("");
    enum name_answer answer = names->find(names, kind, span_of(ref), &id);

    at = (at + 1) % 4;
    (void)snprintf(text[at], sizeof(text[at]), "%s%s%.*s", words[answer],
                   answer == NAME_KNOWN ? " " : "", answer == NAME_KNOWN ? (int)id.n : 0, id.p);
    return text[at];
}

static const char *const whole[] = {
    SECURITY(ITEM("sp-1", "Agent") "," ITEM("sp-2", "Ag\xc3\xa9nt")),
    ROUTING(ITEM("rp-1", "Basic") "," ITEM("rp-2", "Twice") "," ITEM("rp-3", "Twice")),
    GROUPS(ITEM("hg-1", "Berlin") "," TEAM("hg-2", "Berlin", "Claims") "," TEAM("hg-3", "Ulm",
                                                                                "Claims")),
};

static void names_become_ids(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "NOT_READ");
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "12345678-1234-4234-8234-123456789abc"),
                        "KNOWN 12345678-1234-4234-8234-123456789abc");
    assert_int_equal(directory_read_ms(w.directory), 0);
    read_lists(&w, whole);
    assert_int_equal(w.err, ERR_NONE);
    assert_int_equal(w.n_requests, 3);
    assert_int_equal(w.n_waits, 3);
    assert_int_equal(w.n_told, 3);
    assert_true(directory_read_ms(w.directory) > 0);
    assert_string_equal(w.requests[0], "GET /security-profiles-summary/i-1?maxResults=1000 ");
    assert_string_equal(w.requests[1], "GET /routing-profiles-summary/i-1?maxResults=1000 ");
    assert_string_equal(w.requests[2],
                        "POST /search-user-hierarchy-groups? {\"InstanceId\":\"i-1\","
                        "\"MaxResults\":100}");
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "KNOWN sp-1");
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Age\xcc\x81nt"), "KNOWN sp-2");
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "agent"), "UNKNOWN");
    assert_string_equal(find(&w, NAME_ROUTING_PROFILE, "Agent"), "UNKNOWN");
    assert_string_equal(find(&w, NAME_ROUTING_PROFILE, "Twice"), "AMBIGUOUS");
    assert_string_equal(find(&w, NAME_HIERARCHY_GROUP, "Berlin"), "KNOWN hg-1");
    assert_string_equal(find(&w, NAME_HIERARCHY_GROUP, "Berlin/Claims"), "KNOWN hg-2");
    assert_string_equal(find(&w, NAME_HIERARCHY_GROUP, "Ulm/Claims"), "KNOWN hg-3");
    assert_string_equal(find(&w, NAME_HIERARCHY_GROUP, "Claims"), "UNKNOWN");
    assert_string_equal(find(&w, NAME_OKTA_GROUP, "Agents"), "NOT_READ");
    end(&w);
}

static void lists_have_pages(void **state)
{
    static const char *const pages[] = {
        "{\"SecurityProfileSummaryList\":[" ITEM("sp-1", "One") "],\"NextToken\":\"a+/=\"}",
        "{\"SecurityProfileSummaryList\":[],\"NextToken\":\"b\"}",
        SECURITY(ITEM("sp-3", "Three")),
        ROUTING(ITEM("rp-1", "Basic")),
        "{\"UserHierarchyGroups\":[],\"NextToken\":\"c\"}",
        GROUPS(ITEM("hg-1", "Site")),
    };
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    read_lists(&w, pages);
    assert_int_equal(w.err, ERR_NONE);
    assert_int_equal(w.n_requests, 6);
    assert_non_null(strstr(w.requests[1], "nextToken=a%2B%2F%3D"));
    assert_null(strstr(w.requests[3], "nextToken"));
    assert_non_null(strstr(w.requests[5], "\"NextToken\":\"c\""));
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "One"), "KNOWN sp-1");
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Three"), "KNOWN sp-3");
    assert_string_equal(find(&w, NAME_HIERARCHY_GROUP, "Site"), "KNOWN hg-1");
    end(&w);
}

/* A reading that fails, is cut short, or comes back empty changes nothing. */
static void what_fails_changes_nothing(void **state)
{
    static const char *const bad[][3] = {
        {"!{\"__type\":\"AccessDeniedException\"}", "", ""},
        {SECURITY(ITEM("sp-9", "Agent")), "!{\"__type\":\"AccessDeniedException\"}", ""},
        {SECURITY(ITEM("sp-9", "Agent")), ROUTING(ITEM("rp-9", "Basic")), "{}"},
        {"{\"SecurityProfileSummaryList\":null}", "", ""},
        {SECURITY(""), ROUTING(ITEM("rp-9", "Basic")), GROUPS("")},
        {SECURITY(ITEM("sp-9", "Agent")), ROUTING(""), GROUPS("")},
    };
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Agent"));
    for (int round = 0; round < 2; round++) {
        const struct names *before = directory_names(w.directory);

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            read_lists(&w, bad[i]);
            if (w.err == ERR_NONE || w.fault[0] == '\0' || w.news[0] != '\0' ||
                directory_names(w.directory) != before)
                fail_msg("row %zu: %s '%s'", i, err_name(w.err), w.fault);
        }
        assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"),
                            round == 0 ? "NOT_READ" : "KNOWN sp-1");
        if (round == 0) {
            assert_int_equal(directory_read_ms(w.directory), 0);
            read_lists(&w, whole);
            assert_int_equal(w.err, ERR_NONE);
        }
    }
    end(&w);
}

static void pages_without_end_are_given_up(void **state)
{
    static const char *answers[250];
    struct world w;

    (void)state;
    for (size_t i = 0; i < 250; i++)
        answers[i] = "{\"SecurityProfileSummaryList\":[],\"NextToken\":\"t\"}";
    begin(&w, NULL, 0);
    read_lists(&w, answers);
    assert_int_equal(w.err, ERR_IO);
    assert_non_null(strstr(w.fault, "security profile"));
    assert_int_equal(w.n_requests, 200);
    end(&w);
}

/* ---- pins ---- */

static void names_in_use_are_pinned(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Agent"));
    directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Agent"));
    directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Age\xcc\x81nt"));
    directory_use(w.directory, NAME_ROUTING_PROFILE, SPAN("Twice"));
    directory_use(w.directory, NAME_ROUTING_PROFILE, SPAN("None"));
    directory_use(w.directory, NAME_ROUTING_PROFILE, SPAN("12345678-1234-4234-8234-123456789abc"));
    directory_use(w.directory, NAME_HIERARCHY_GROUP, SPAN("Ulm/Claims"));
    directory_use(w.directory, NAME_OKTA_GROUP, SPAN("Agents"));
    read_lists(&w, whole);
    assert_string_equal(w.news, "pinned 0 Agent=sp-1 now Agent; pinned 0 Age\xcc\x81nt=sp-2 now "
                                "Age\xcc\x81nt; pinned 2 Ulm/Claims=hg-3 now Ulm/Claims; ");
    /* Once, and one form of a letter is no other name. */
    read_lists(&w, whole);
    assert_string_equal(w.news, "");
    end(&w);
}

static const struct directory_pin pins[] = {
    {NAME_SECURITY_PROFILE, {"Agent", 5}, {"sp-1", 4}},
    {NAME_ROUTING_PROFILE, {"Basic", 5}, {"rp-1", 4}},
};

static void pins_count_before_names(void **state)
{
    static const struct row {
        const char *name, *security, *news, *found, *other, *name_of;
    } rows[] = {
        {"as it was", SECURITY(ITEM("sp-1", "Agent")), "", "KNOWN sp-1", "UNKNOWN", "Agent"},
        {"renamed", SECURITY(ITEM("sp-1", "Clerk")), "renamed 0 Agent=sp-1 now Clerk; ",
         "KNOWN sp-1", "KNOWN sp-1", "Clerk"},
        {"another bears the name, too", SECURITY(ITEM("sp-1", "Agent") "," ITEM("sp-9", "Agent")),
         "taken 0 Agent=sp-1 now Agent; ", "KNOWN sp-1", "UNKNOWN", "Agent"},
        {"swapped", SECURITY(ITEM("sp-1", "Clerk") "," ITEM("sp-9", "Agent")),
         "renamed 0 Agent=sp-1 now Clerk; taken 0 Agent=sp-1 now Clerk; ", "KNOWN sp-1",
         "KNOWN sp-1", "Clerk"},
        {"gone", SECURITY(ITEM("sp-5", "Clerk")), "gone 0 Agent=sp-1; ", "UNKNOWN", "KNOWN sp-5",
         "Agent"},
        {"made anew", SECURITY(ITEM("sp-9", "Agent")), "gone 0 Agent=sp-1; taken 0 Agent=sp-1; ",
         "UNKNOWN", "UNKNOWN", "Agent"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *const answers[] = {rows[i].security, ROUTING(ITEM("rp-1", "Basic")),
                                       GROUPS("")};
        const struct names *names;
        struct world w;

        begin(&w, pins, 2);
        directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Agent"));
        directory_use(w.directory, NAME_ROUTING_PROFILE, SPAN("Basic"));
        /* Before anything is read, the pins are what is known. */
        assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "KNOWN sp-1");
        assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Clerk"), "NOT_READ");
        read_lists(&w, answers);
        names = directory_names(w.directory);
        if (w.err != ERR_NONE || strcmp(w.news, rows[i].news) != 0 ||
            strcmp(find(&w, NAME_SECURITY_PROFILE, "Agent"), rows[i].found) != 0 ||
            strcmp(find(&w, NAME_SECURITY_PROFILE, "Clerk"), rows[i].other) != 0 ||
            !span_eq(names->name_of(names, NAME_SECURITY_PROFILE, SPAN("sp-1")),
                     span_of(rows[i].name_of)))
            fail_msg("%s: '%s', %s, %s", rows[i].name, w.news,
                     find(&w, NAME_SECURITY_PROFILE, "Agent"),
                     find(&w, NAME_SECURITY_PROFILE, "Clerk"));
        assert_null(names->name_of(names, NAME_SECURITY_PROFILE, SPAN("sp-none")).p);
        end(&w);
    }
}

static void oktas_names_are_learned(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    directory_learn(w.directory, NAME_OKTA_GROUP, SPAN("Agents"), SPAN("00g1"));
    assert_string_equal(w.news, "pinned 4 Agents=00g1 now Agents; ");
    assert_string_equal(find(&w, NAME_OKTA_GROUP, "Agents"), "KNOWN 00g1");
    assert_string_equal(find(&w, NAME_OKTA_APP, "Agents"), "NOT_READ");
    w.news[0] = '\0';
    {
        const struct names *before = directory_names(w.directory);

        /* However often it is seen, nothing is made of it. */
        for (int i = 0; i < 1000; i++)
            directory_learn(w.directory, NAME_OKTA_GROUP, SPAN("Agents"), SPAN("00g1"));
        assert_ptr_equal(directory_names(w.directory), before);
        assert_string_equal(w.news, "");
    }
    directory_learn(w.directory, NAME_OKTA_GROUP, SPAN("Agents"), SPAN("00g2"));
    assert_string_equal(w.news, "taken 4 Agents=00g1 now Agents; ");
    assert_string_equal(find(&w, NAME_OKTA_GROUP, "Agents"), "KNOWN 00g1");
    read_lists(&w, whole);
    assert_string_equal(find(&w, NAME_OKTA_GROUP, "Agents"), "KNOWN 00g1");
    end(&w);
}

static bool is_not_agent(void *arg, const struct directory_pin *pin)
{
    size_t *n = arg;

    ++*n;
    return !span_eq(pin->name, SPAN("Agent"));
}

/* Whatever bears a forgotten name is what it means from then on. */
static void pins_can_be_forgotten(void **state)
{
    static const struct directory_pin known[] = {
        {NAME_SECURITY_PROFILE, {"Agent", 5}, {"sp-1", 4}},
        {NAME_OKTA_GROUP, {"Agents", 6}, {"00g1", 4}},
    };
    static const char *const answers[] = {SECURITY(ITEM("sp-9", "Agent")),
                                          ROUTING(ITEM("rp-1", "Basic")), GROUPS("")};
    struct world w;
    size_t n = 0;

    (void)state;
    begin(&w, known, 2);
    directory_use(w.directory, NAME_SECURITY_PROFILE, SPAN("Agent"));
    read_lists(&w, answers);
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "UNKNOWN");
    assert_true(directory_keep_pins(w.directory, is_not_agent, &n));
    assert_int_equal(n, 2);
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "KNOWN sp-9");
    assert_string_equal(find(&w, NAME_OKTA_GROUP, "Agents"), "KNOWN 00g1");
    assert_false(directory_keep_pins(w.directory, is_not_agent, &n));
    w.news[0] = '\0';
    read_lists(&w, answers);
    assert_string_equal(w.news, "pinned 0 Agent=sp-9 now Agent; ");
    end(&w);
}

/* ---- views ---- */

static void views_stay_as_they_were(void **state)
{
    static const char *const later[] = {SECURITY(ITEM("sp-7", "Agent")),
                                        ROUTING(ITEM("rp-1", "Basic")), GROUPS("")};
    static const char *const reordered[] = {
        SECURITY(ITEM("sp-2", "Ag\xc3\xa9nt") "," ITEM("sp-1", "Agent")),
        ROUTING(ITEM("rp-3", "Twice") "," ITEM("rp-1", "Basic") "," ITEM("rp-2", "Twice")),
        GROUPS(TEAM("hg-3", "Ulm", "Claims") "," ITEM("hg-1", "Berlin") "," TEAM("hg-2", "Berlin",
                                                                                 "Claims")),
    };
    const struct names *first;
    struct world w;
    struct span id;

    (void)state;
    begin(&w, NULL, 0);
    read_lists(&w, whole);
    first = directory_names(w.directory);
    /* What says the same makes no new view, in whatever order it comes. */
    read_lists(&w, whole);
    assert_ptr_equal(directory_names(w.directory), first);
    read_lists(&w, reordered);
    assert_ptr_equal(directory_names(w.directory), first);
    read_lists(&w, later);
    assert_ptr_not_equal(directory_names(w.directory), first);
    assert_string_equal(find(&w, NAME_SECURITY_PROFILE, "Agent"), "KNOWN sp-7");
    assert_int_equal(first->find(first, NAME_SECURITY_PROFILE, SPAN("Agent"), &id), NAME_KNOWN);
    assert_true(span_eq(id, SPAN("sp-1")));
    end(&w);
}

static void names_that_are_close_are_told(void **state)
{
    static const char *const answers[] = {
        SECURITY(ITEM("1", "Administrator") "," ITEM("2", "Agent") "," ITEM("3", "Agents") "," ITEM(
            "4", "Agent 1") "," ITEM("5", "agent") "," ITEM("6", "Agent")),
        ROUTING(ITEM("1", "Basic")), GROUPS("")};
    static const char *const rows[][2] = {
        {"Agnt", "'Agent', 'agent', 'Agents'"},
        {"Agents1", "'Agents', 'Agent 1', 'Agent'"},
        {"Adminstrator", "'Administrator'"},
        {"Supervisor", ""},
        {"", ""},
    };
    const struct names *names;
    struct arena a = {0};
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    read_lists(&w, answers);
    names = directory_names(w.directory);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(names->closest(names, NAME_SECURITY_PROFILE, span_of(rows[i][0]), &a),
                            rows[i][1]);
    assert_string_equal(names->closest(names, NAME_ROUTING_PROFILE, SPAN("Basik"), &a), "'Basic'");
    assert_string_equal(names->closest(names, NAME_OKTA_GROUP, SPAN("Basik"), &a), "");
    arena_done(&a);
    end(&w);
}

/* ---- when ---- */

static void it_is_read_when_it_is_old(void **state)
{
    struct world w;

    (void)state;
    begin(&w, NULL, 0);
    read_lists(&w, whole);
    directory_read(w.directory, 60000); /* young */
    assert_int_equal(w.n_waits, 3);
    w.is_patient = true;
    directory_read(w.directory, 0);
    directory_read(w.directory, 0); /* under way */
    assert_int_equal(w.n_waits, 4);
    assert_int_equal(w.n_requests, 3);
    w.is_patient = false;
    w.n_requests = 0;
    directory_go(w.directory);
    directory_go(w.directory); /* nothing waits */
    loop_run(w.loop);
    assert_int_equal(w.n_read, 2);
    assert_int_equal(w.n_requests, 3);
    end(&w);
}

static void it_can_be_dropped_at_any_time(void **state)
{
    struct world w;

    (void)state;
    directory_free(NULL);
    begin(&w, pins, 2);
    w.is_patient = true;
    directory_read(w.directory, 0);
    end(&w);
    begin(&w, pins, 2);
    w.answers = whole;
    directory_read(w.directory, 0); /* its first request is under way */
    end(&w);
    assert_int_equal(w.n_read, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_become_ids),
        cmocka_unit_test(lists_have_pages),
        cmocka_unit_test(what_fails_changes_nothing),
        cmocka_unit_test(pages_without_end_are_given_up),
        cmocka_unit_test(names_in_use_are_pinned),
        cmocka_unit_test(pins_count_before_names),
        cmocka_unit_test(oktas_names_are_learned),
        cmocka_unit_test(pins_can_be_forgotten),
        cmocka_unit_test(views_stay_as_they_were),
        cmocka_unit_test(names_that_are_close_are_told),
        cmocka_unit_test(it_is_read_when_it_is_old),
        cmocka_unit_test(it_can_be_dropped_at_any_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
