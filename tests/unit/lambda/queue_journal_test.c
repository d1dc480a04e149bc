/* The journal against a server that stands in for SQS; its order and its repetitions. */
#include "../aws/calls.h"

#include "lambda/queue_journal.h"
#include "text/json.h"

enum { EVENTS = 60 };

static struct sqs *queue;
static struct journal *journal;
static struct journal_entry entry; /* of the last append */
static struct event events[EVENTS];
static struct event_subject subjects[EVENTS];
static char uuids[EVENTS][24], users[EVENTS][24];
static unsigned n_ends;
static enum err ended_with;
static struct fail ended_fail;

static void ended(struct journal_entry *e, enum err err, const struct fail *why)
{
    assert_ptr_equal(e, &entry);
    n_ends++;
    ended_with = err;
    ended_fail = *why;
    loop_stop(s.loop);
}

static void begin_journal(const struct scripted *script)
{
    begin_aws(script);
    set_keys();
    queue = sqs_new(aws, SPAN("https://sqs.eu-central-1.amazonaws.com/1/q.fifo"));
    journal = queue_journal_new(s.loop, queue);
    n_ends = 0;
}

static void end_journal(void)
{
    queue_journal_free(journal);
    sqs_free(queue);
    arena_done(&entry.arena);
    end_aws();
}

/* n events of as many groups; the last n_skipped of them are skipped. */
static void append(size_t n, unsigned n_groups, size_t n_skipped)
{
    unsigned before = n_ends;

    arena_done(&entry.arena);
    entry = (struct journal_entry){.events = events, .n = n, .done = ended};
    for (size_t i = 0; i < n; i++) {
        snprintf(uuids[i], sizeof(uuids[i]), "uuid-%zu", i);
        snprintf(users[i], sizeof(users[i]), "00u%zu", i % n_groups);
        subjects[i] = (struct event_subject){.kind = SUBJECT_USER, .user_id = span_of(users[i])};
        events[i] = (struct event){.source = SPAN("okta"),
                                   .uuid = span_of(uuids[i]),
                                   .skip_reason = i >= n - n_skipped ? "other_type" : NULL,
                                   .subjects = &subjects[i],
                                   .n_subjects = i >= n - n_skipped ? 0 : 1};
    }
    assert_true(journal->append(journal, &entry));
    assert_int_equal(n_ends, before); /* never from inside */
}

/* How often the i-th event was sent. */
static unsigned times_sent(size_t i)
{
    unsigned n = 0;

    for (size_t k = 0; k < s.n_asked; k++) {
        char *needle = mem_printf("\\\"uuid\\\":\\\"%s\\\"", uuids[i]);

        n += strstr(s.asked[k].body, needle) != NULL;
        free(needle);
    }
    return n;
}

#define ALL_GOOD                                                                                   \
    "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"1\"},{\"Id\":\"2\"},{\"Id\":\"3\"},{\"Id\":\"4\"}," \
    "{\"Id\":\"5\"},{\"Id\":\"6\"},{\"Id\":\"7\"},{\"Id\":\"8\"},{\"Id\":\"9\"}]}"

static void few_events_are_one_request(void **state)
{
    static const struct scripted script[] = {{.path = "/", .status = 200, .body = ALL_GOOD}, {0}};

    (void)state;
    begin_journal(script);
    append(10, 10, 2);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_NONE);
    assert_int_equal(s.n_asked, 1);
    assert_int_equal(entry.n_new, 10);
    assert_int_equal(entry.n_taken, 8);
    assert_int_equal(entry.n_skipped, 2);
    end_journal();
}

static void nothing_to_send_is_done_at_once(void **state)
{
    (void)state;
    begin_journal(NULL);
    append(3, 3, 3);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_NONE);
    append(0, 1, 0);
    loop_run(s.loop);
    assert_int_equal(n_ends, 2);
    assert_int_equal(s.n_asked, 0);
    end_journal();
}

static void many_events_go_in_batches(void **state)
{
    static const struct scripted script[] = {{.path = "/", .status = 200, .body = ALL_GOOD}, {0}};

    (void)state;
    begin_journal(script);
    append(EVENTS, 7, 0);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_NONE);
    assert_true(s.n_asked >= EVENTS / 10);
    for (size_t i = 0; i < EVENTS; i++)
        assert_int_equal(times_sent(i), 1);
    end_journal();
}

static void what_failed_in_passing_is_sent_again(void **state)
{
    static const struct scripted script[] = {
        {.path = "/",
         .status = 200,
         .body = "{\"Successful\":[{\"Id\":\"0\"}],\"Failed\":[{\"Id\":\"2\",\"SenderFault\":false,"
                 "\"Code\":\"InternalError\"}]}",
         .times = 1}, /* and of 1 it says nothing */
        {.path = "/", .status = 200, .body = ALL_GOOD},
        {0}};

    (void)state;
    begin_journal(script);
    append(3, 3, 0);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_NONE);
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(times_sent(0), 1);
    assert_int_equal(times_sent(1), 2);
    assert_int_equal(times_sent(2), 2);
    /* The same deduplication, so that the queue knows it again. */
    assert_non_null(strstr(s.asked[1].body, "\"MessageDeduplicationId\""));
    end_journal();
}

static void whole_requests_are_repeated(void **state)
{
    static const struct row {
        int status;
        const char *body;
    } rows[] = {
        {500, "{\"__type\":\"InternalFailure\"}"},
        {400, "{\"__type\":\"RequestThrottled\"}"},
        {503, "<html>"},
        {CUTS, NULL},
        {200, "[]"},
        {200, "{\"Succ"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = rows[i].status, .body = rows[i].body, .times = 2},
            {.path = "/", .status = 200, .body = ALL_GOOD},
            {0}};

        begin_journal(script);
        append(2, 2, 0);
        loop_run(s.loop);
        if (ended_with != ERR_NONE || s.n_asked != 3)
            fail_msg("row %zu: %s after %zu", i, err_name(ended_with), s.n_asked);
        end_journal();
    }
}

static void a_message_that_is_refused_is_told_and_the_others_are_sent(void **state)
{
    static const struct scripted script[] = {
        {.path = "/",
         .status = 200,
         .body = "{\"Successful\":[{\"Id\":\"1\"}],\"Failed\":[{\"Id\":\"0\",\"SenderFault\":true,"
                 "\"Code\":\"InvalidMessageContents\",\"Message\":\"no\"}]}",
         .times = 1},
        {.path = "/", .status = 200, .body = ALL_GOOD},
        {0}};

    (void)state;
    begin_journal(script);
    append(3, 3, 0);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_INPUT);
    assert_non_null(strstr(ended_fail.text, "InvalidMessageContents"));
    assert_int_equal(s.n_asked, 2);
    assert_int_equal(times_sent(0), 1);
    assert_int_equal(times_sent(2), 2);
    end_journal();
}

static void what_never_will_be_is_not_repeated(void **state)
{
    static const struct row {
        int status;
        const char *body;
        enum err wanted;
    } rows[] = {
        {400, "{\"__type\":\"AccessDeniedException\"}", ERR_DENIED},
        {400, "{\"__type\":\"QueueDoesNotExist\"}", ERR_NOT_FOUND},
        {400, "{\"__type\":\"InvalidParameterValue\"}", ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = rows[i].status, .body = rows[i].body}, {0}};

        begin_journal(script);
        append(2, 2, 0);
        loop_run(s.loop);
        if (ended_with != rows[i].wanted || s.n_asked != 1)
            fail_msg("row %zu: %s after %zu", i, err_name(ended_with), s.n_asked);
        end_journal();
    }
}

static void the_end_is_kept(void **state)
{
    static const struct scripted script[] = {{.path = "/", .status = HANGS}, {0}};
    int64_t began_ms;

    (void)state;
    begin_journal(script);
    began_ms = clock_mono_ms();
    queue_journal_set_end(journal, began_ms + 50);
    append(2, 2, 0);
    loop_run(s.loop);
    assert_int_equal(ended_with, ERR_BUSY);
    assert_true(clock_mono_ms() - began_ms >= 45);
    append(2, 2, 0);
    queue_journal_give_up(journal); /* at once, without the loop */
    assert_int_equal(n_ends, 2);
    assert_int_equal(ended_with, ERR_BUSY);
    append(2, 2, 0);
    end_journal(); /* with one under way: nobody is called */
    assert_int_equal(n_ends, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_events_are_one_request),
        cmocka_unit_test(nothing_to_send_is_done_at_once),
        cmocka_unit_test(many_events_go_in_batches),
        cmocka_unit_test(what_failed_in_passing_is_sent_again),
        cmocka_unit_test(whole_requests_are_repeated),
        cmocka_unit_test(a_message_that_is_refused_is_told_and_the_others_are_sent),
        cmocka_unit_test(what_never_will_be_is_not_repeated),
        cmocka_unit_test(the_end_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
