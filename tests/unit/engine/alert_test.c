/* The command that is told when a person should look. */
#include "../store/fixture.h"

#include "base/clock.h"
#include "base/log.h"
#include "engine/alert.h"

static struct {
    struct fixture *f;
    struct loop *loop;
    struct alert *alert;
    char told[128], log[65536];
} t;

static int begin(void **state)
{
    if (fixture_folder(state) != 0)
        return -1;
    log_setup(LOG_ERROR, LOG_LOGFMT);
    memset(&t, 0, sizeof(t));
    t.f = *state;
    fixture_path(t.f, "told", t.told);
    return loop_new(&t.loop, &t.f->fail) == ERR_NONE ? 0 : -1;
}

static int end(void **state)
{
    alert_free(t.alert);
    loop_free(t.loop);
    return fixture_done(state);
}

/* The command is that, then the file, then the rest. */
static void open_alert(const char *command, const char *rest)
{
    char line[512];

    (void)snprintf(line, sizeof(line), "%s %s%s", command, t.told, rest);
    t.alert = alert_new(t.loop, span_of(line), SPAN("emea"));
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

static int count_lines(void)
{
    FILE *file = fopen(t.told, "r");
    int n = 0;
    size_t size;

    t.log[0] = '\0';
    if (file == NULL)
        return 0;
    size = fread(t.log, 1, sizeof(t.log) - 1, file);
    t.log[size] = '\0';
    (void)fclose(file);
    for (const char *p = t.log; (p = strchr(p, '\n')) != NULL; p++)
        n++;
    return n;
}

/* Until so many lines are there, and a moment longer, in which no more may come. */
static void run_until(int lines)
{
    struct loop_timer *timer = loop_timer_new(t.loop, stop_loop, t.loop);
    int64_t until_ms = clock_mono_ms() + 20000;

    do {
        loop_timer_set(timer, 5);
        loop_run(t.loop);
    } while (count_lines() < lines && clock_mono_ms() < until_ms);
    loop_timer_set(timer, 100);
    loop_run(t.loop);
    loop_timer_free(timer);
    assert_int_equal(count_lines(), lines);
}

static void send(const char *event, const char *code, const char *operation, const char *okta_id)
{
    alert_send(t.alert, &(struct alert_message){.event = event,
                                                .code = code,
                                                .text = "say \"hello\"\n\xe2\x82\xac",
                                                .operation = operation,
                                                .okta_id = span_of(okta_id),
                                                .user = SPAN("ada@x.org")});
}

static void test_told(void **state)
{
    (void)state;
    open_alert("cat >>", "");
    send("held", "exists", NULL, "00u1");
    send("paused", "AccessDeniedException", "CreateUser", "");
    run_until(2);
    assert_non_null(strstr(t.log, "{\"event\":\"held\",\"time\":\"20"));
    assert_non_null(strstr(
        t.log,
        "\"deployment\":\"emea\",\"code\":\"exists\",\"text\":\"say \\\"hello\\\"\\n\xe2\x82\xac\","
        "\"okta_id\":\"00u1\",\"user\":\"ada@x.org\"}\n"));
    assert_non_null(strstr(t.log, "\"operation\":\"CreateUser\"}\n"));
}

static void test_repeated(void **state)
{
    (void)state;
    open_alert("cat >>", "");
    for (int i = 0; i < 3; i++) {
        send("held", "exists", NULL, "00u1");
        send("held", "exists", NULL, "00u2");
        send("held", "user_name_differs", NULL, "00u1");
        send("failed", "exists", NULL, "00u1");
        send("paused", "AccessDeniedException", "CreateUser", "");
        send("paused", "AccessDeniedException", "SearchUsers", "");
    }
    run_until(6);
    /* After it worked again, the next pause is news; another operation's is not. */
    send("resumed", "", "CreateUser", "");
    send("paused", "AccessDeniedException", "SearchUsers", "");
    send("paused", "AccessDeniedException", "CreateUser", "");
    send("resumed", "", "CreateUser", "");
    run_until(9);
}

/* One at a time, however slow; and not more than a bound wait. */
static void test_many(void **state)
{
    (void)state;
    open_alert("sleep 0.01; cat >>", "");
    for (int i = 0; i < 200; i++) {
        char id[16];

        (void)snprintf(id, sizeof(id), "00u%d", i);
        send("failed", "refused", NULL, id);
    }
    run_until(65); /* the one that ran, and 64 */
    send("failed", "refused", NULL, "00another");
    run_until(66);
}

static void test_fails(void **state)
{
    (void)state;
    open_alert("cat >>", "; exit 3");
    send("held", "exists", NULL, "00u1");
    run_until(1);
    send("held", "exists", NULL, "00u2");
    run_until(2);
    alert_free(t.alert);
    open_alert("/nonexistent/command", "");
    send("held", "exists", NULL, "00u1");
    run_until(2);
}

static void test_none(void **state)
{
    (void)state;
    t.alert = alert_new(t.loop, SPAN(""), SPAN("emea"));
    send("held", "exists", NULL, "00u1");
    run_until(0);
    alert_free(NULL);
}

/* Freed while the command runs. */
static void test_freed(void **state)
{
    (void)state;
    open_alert("sleep 60; cat >>", "");
    send("held", "exists", NULL, "00u1");
    send("held", "exists", NULL, "00u2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_told, begin, end),
        cmocka_unit_test_setup_teardown(test_repeated, begin, end),
        cmocka_unit_test_setup_teardown(test_many, begin, end),
        cmocka_unit_test_setup_teardown(test_fails, begin, end),
        cmocka_unit_test_setup_teardown(test_none, begin, end),
        cmocka_unit_test_setup_teardown(test_freed, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
