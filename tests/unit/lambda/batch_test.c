#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "lambda/batch.h"
#include "text/json.h"

struct given {
    const char *id, *group, *user, *container;
    bool is_member, is_odd;
    int64_t published_ns, n_received;
};

static void add_body(struct buf *out, const struct given *g)
{
    buf_printf(
        out,
        "{\"v\":1,\"source\":\"okta\",\"uuid\":\"u-%s\",\"type\":\"t\",\"published_ns\":%lld,"
        "\"subject\":{\"kind\":\"%s\",\"user\":\"%s\",\"published_ns\":%lld,\"membership\":{"
        "\"kind\":\"group\",\"container\":\"%s\",\"is_member\":%s}}}",
        g->id, (long long)g->published_ns, g->user[0] != '\0' ? "user" : "group", g->user,
        (long long)g->published_ns, g->container, g->is_member ? "true" : "false");
}

static struct batch read_given(struct arena *a, const struct given *given, size_t n)
{
    struct buf event, body;
    struct batch b = {0};
    struct json_out o;
    struct fail fail;

    buf_init(&event, 65536);
    o = json_out(&event);
    json_out_begin(&o, '{');
    json_out_key(&o, "Records");
    json_out_begin(&o, '[');
    for (size_t i = 0; i < n; i++) {
        buf_init(&body, 4096);
        if (given[i].is_odd)
            buf_add_str(&body, "no JSON");
        else
            add_body(&body, &given[i]);
        json_out_begin(&o, '{');
        json_put_str(&o, "messageId", span_of(given[i].id));
        json_put_str(&o, "receiptHandle", SPAN("r"));
        json_put_str(&o, "body", buf_span(&body));
        json_put_str(&o, "eventSource", SPAN("aws:sqs"));
        json_out_key(&o, "attributes");
        json_out_begin(&o, '{');
        json_put_str(&o, "MessageGroupId", span_of(given[i].group));
        json_put_str(&o, "ApproximateReceiveCount",
                     span_of(arena_printf(a, "%lld", (long long)given[i].n_received)));
        json_out_end(&o, '}');
        json_out_end(&o, '}');
        buf_done(&body);
    }
    json_out_end(&o, ']');
    json_out_end(&o, '}');
    if (batch_read(a, arena_span(a, buf_span(&event)), &b, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
    buf_done(&event);
    return b;
}

static void messages_of_one_person_are_one_piece_of_work(void **state)
{
    static const struct given given[] = {
        {"1", "00u1", "00u1", "00g1", true, false, 100, 1},
        {"2", "00u2", "00u2", "00g1", true, false, 100, 1},
        {"3", "00u1", "00u1", "00g1", false, false, 300, 4},
        {"4", "00u1", "00u1", "00g2", true, false, 200, 2},
        {"5", "00u1", "00u1", "00g1", true, false, 50, 1},
    };
    struct arena a = {0};
    struct batch b = read_given(&a, given, 5);
    const struct batch_person *p = &b.people[0];

    (void)state;
    assert_int_equal(b.n, 5);
    assert_int_equal(b.n_people, 2);
    assert_true(span_eq(p->told.id, SPAN("00u1")) && span_eq(p->told.source, SPAN("okta")) &&
                span_eq(p->told.cause, SPAN("u-1")));
    assert_int_equal(p->n_memberships, 2); /* the newest of each statement */
    assert_false(p->memberships[0].is_member);
    assert_true(p->memberships[1].is_member);
    assert_int_equal(p->published_ns, 300);
    assert_int_equal(p->n_received, 4);
    assert_ptr_equal(b.items[0].person, b.items[4].person);
    arena_done(&a);
}

static const struct given mixed[] = {
    {"1", "g1", "00u1", "00g1", true, false, 100, 1},
    {"2", "g2", "00u2", "00g1", true, false, 100, 1},
    {"3", "g1", "x", "", true, true, 100, 1},
    {"4", "scope:00g1", "", "00g1", true, false, 9, 1},
    {"5", "g3", "x", "", true, true, 100, 1},
    {"6", "g3", "00u3", "00g1", true, false, 100, 1},
};

static const char *answer_of(struct arena *a, const struct batch *b)
{
    const char *text;
    struct buf out;

    buf_init(&out, 4096);
    batch_add_answer(&out, b);
    text = arena_dup(a, buf_span(&out));
    buf_done(&out);
    return text;
}

static void within_a_group_nothing_overtakes_what_comes_again(void **state)
{
    struct arena a = {0};
    struct batch b = read_given(&a, mixed, 6);

    (void)state;
    assert_int_equal(b.items[2].end.fate, BATCH_DEAD);
    assert_true(span_eq(b.items[2].end.code, SPAN("bad_message")));
    assert_null(b.items[3].person);
    b.items[3].end.fate = BATCH_DONE;
    b.people[0].end = (struct batch_end){.fate = BATCH_AGAIN, .wait_ms = 7000};
    b.people[1].end.fate = BATCH_DONE;
    batch_close(&b); /* the third person was never decided */
    assert_int_equal(b.items[0].end.fate, BATCH_AGAIN);
    assert_int_equal(b.items[1].end.fate, BATCH_DONE);
    assert_int_equal(b.items[2].end.fate,
                     BATCH_AGAIN); /* it may be buried later, behind the first */
    assert_int_equal(b.items[3].end.fate, BATCH_DONE);
    assert_int_equal(b.items[4].end.fate, BATCH_DEAD);
    assert_int_equal(b.items[5].end.fate, BATCH_AGAIN);
    assert_string_equal(answer_of(&a, &b),
                        "{\"batchItemFailures\":[{\"itemIdentifier\":\"1\"},{\"itemIdentifier\":"
                        "\"3\"},{\"itemIdentifier\":\"6\"}]}");
    arena_done(&a);
}

static void what_could_not_be_buried_keeps_those_behind_it(void **state)
{
    struct arena a = {0};
    struct batch b = read_given(&a, mixed + 4, 2);

    (void)state;
    b.people[0].end.fate = BATCH_DONE;
    batch_close(&b);
    assert_string_equal(answer_of(&a, &b), "{\"batchItemFailures\":[]}");
    b.items[0].end.fate = BATCH_AGAIN;
    batch_close(&b);
    assert_int_equal(b.items[1].end.fate, BATCH_AGAIN);
    arena_done(&a);
}

static void what_comes_again_stays_hidden_longer_each_time(void **state)
{
    static const struct {
        int64_t n_received, wait_ms;
        unsigned least_s, most_s;
    } rows[] = {{0, 0, 3, 5},
                {1, 0, 3, 5},
                {2, 0, 5, 10},
                {4, 0, 20, 40},
                {9, 0, 450, 900},
                {1000, 0, 450, 900},
                {5, 1, 1, 1},
                {5, 1001, 2, 2},
                {1, 60000, 60, 60},
                {1, 3600000, 900, 900},
                {1, INT64_MAX / 2, 900, 900}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct record record = {.n_received = rows[i].n_received};
        const struct batch_item item = {.record = &record, .end = {.wait_ms = rows[i].wait_ms}};

        for (uint64_t random = 0; random < 1000; random++) {
            unsigned s = batch_hide_s(&item, random * 7919);

            if (s < rows[i].least_s || s > rows[i].most_s)
                fail_msg("row %zu: %u", i, s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_one_person_are_one_piece_of_work),
        cmocka_unit_test(within_a_group_nothing_overtakes_what_comes_again),
        cmocka_unit_test(what_could_not_be_buried_keeps_those_behind_it),
        cmocka_unit_test(what_comes_again_stays_hidden_longer_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
