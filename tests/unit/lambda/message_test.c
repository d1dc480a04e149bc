#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/sqs.h"
#include "base/mem.h"
#include "lambda/message.h"

static const int64_t published_ns = 1777881600123456789;

#define EVENT                                                                                      \
    .source = SPAN("okta"), .uuid = SPAN("u-1"), .type = SPAN("group.user_membership.add"),        \
    .via = SPAN("hook"), .published_ns = published_ns, .received_ms = 1777881601000

static struct event event_with(struct span uuid)
{
    struct event e = {EVENT};

    e.uuid = uuid;
    return e;
}

static const struct subject_row {
    const char *name;
    struct event_subject s;
    const char *group;
} rows[] = {
    {"joins a group",
     {.kind = SUBJECT_USER,
      .user_id = {"00u1", 4},
      .login = {"ann@acme.com", 12},
      .display_name = {"Ann \xc3\xa9 \"A\"\n\x01", 12},
      .has_membership = true,
      .membership = {.kind = MEMBERSHIP_GROUP,
                     .container = {"00g1", 4},
                     .name = {"Agents", 6},
                     .is_member = true,
                     .published_ns = 1777881600123456789}},
     "00u1"},
    {"leaves an application",
     {.kind = SUBJECT_USER,
      .user_id = {"00u1", 4},
      .app_user_name = {"ann", 3},
      .has_membership = true,
      .membership = {.kind = MEMBERSHIP_APP,
                     .container = {"0oa1", 4},
                     .published_ns = 1777881600123456789}},
     "00u1"},
    {"is suspended",
     {.kind = SUBJECT_USER,
      .user_id = {"00u1", 4},
      .has_membership = true,
      .membership = {.kind = MEMBERSHIP_SUSPENSION, .is_member = true, .published_ns = 5}},
     "00u1"},
    {"is switched off",
     {.kind = SUBJECT_USER,
      .user_id = {"00u1", 4},
      .has_membership = true,
      .membership = {.kind = MEMBERSHIP_ACCOUNT, .published_ns = 5}},
     "00u1"},
    {"look again",
     {.kind = SUBJECT_USER, .user_id = {"00u1", 4}, .membership = {.published_ns = 7}},
     "00u1"},
    {"a group was deleted",
     {.kind = SUBJECT_GROUP,
      .membership = {.kind = MEMBERSHIP_GROUP,
                     .container = {"00g1", 4},
                     .name = {"Agents", 6},
                     .published_ns = 7},
      .alarm = "the group was deleted"},
     "scope:00g1"},
    {"an application",
     {.kind = SUBJECT_APP,
      .membership = {.kind = MEMBERSHIP_APP, .container = {"0oa1", 4}, .published_ns = 7}},
     "scope:0oa1"},
    {"everything", {.kind = SUBJECT_SCOPE, .membership = {.published_ns = 7}}, "scope:all"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static bool same(struct span a, struct span b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static bool is_same_subject(const struct event_subject *a, const struct event_subject *b)
{
    return a->kind == b->kind && same(a->user_id, b->user_id) && same(a->login, b->login) &&
           same(a->display_name, b->display_name) && same(a->app_user_name, b->app_user_name) &&
           a->has_membership == b->has_membership && a->membership.kind == b->membership.kind &&
           same(a->membership.container, b->membership.container) &&
           same(a->membership.name, b->membership.name) &&
           a->membership.is_member == b->membership.is_member &&
           a->membership.published_ns == b->membership.published_ns &&
           (a->alarm == NULL) == (b->alarm == NULL) &&
           (a->alarm == NULL || strcmp(a->alarm, b->alarm) == 0);
}

static void what_is_written_is_read(void **state)
{
    const struct event e = event_with(SPAN("u-1"));

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct event got = {0};
        struct arena a = {0};
        struct buf body;
        struct fail fail;

        buf_init(&body, MESSAGE_LIMIT);
        message_add(&body, &e, &rows[i].s);
        assert_true(sqs_can_hold(buf_span(&body)));
        if (message_read(&a, buf_span(&body), &got, &fail) != ERR_NONE)
            fail_msg("%s: %s: %s", rows[i].name, fail.text, body.p);
        assert_int_equal(got.n_subjects, 1);
        if (!is_same_subject(&got.subjects[0], &rows[i].s))
            fail_msg("%s: %s", rows[i].name, body.p);
        assert_true(same(got.source, e.source) && same(got.uuid, e.uuid) &&
                    same(got.type, e.type) && same(got.via, e.via));
        assert_int_equal(got.published_ns, e.published_ns);
        assert_int_equal(got.received_ms, e.received_ms);
        assert_null(got.skip_reason);
        arena_done(&a);
        buf_done(&body);
    }
}

static void groups_are_names_for_sqs(void **state)
{
    static const struct group_row {
        const char *id, *group; /* group NULL: a digest */
    } odd[] = {
        {"00u1", "00u1"},
        {"a b", NULL},
        {"\xc3\xa9", NULL},
        {"", NULL},
    };
    char long_id[MESSAGE_NAME + 1], group[MESSAGE_NAME + 1];
    struct event_subject s = {.kind = SUBJECT_USER};

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        message_group(&rows[i].s, group);
        assert_string_equal(group, rows[i].group);
    }
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        s.user_id = span_of(odd[i].id);
        message_group(&s, group);
        assert_true(sqs_is_name(span_of(group)));
        if (odd[i].group != NULL)
            assert_string_equal(group, odd[i].group);
        else
            assert_true(span_starts(span_of(group), SPAN("sha256:")));
    }
    /* As long as it may be, and one more; in a scope, the prefix counts as well. */
    memset(long_id, 'x', sizeof(long_id));
    s.user_id = span_n(long_id, MESSAGE_NAME);
    message_group(&s, group);
    assert_int_equal(strlen(group), MESSAGE_NAME);
    s.user_id = span_n(long_id, MESSAGE_NAME + 1);
    message_group(&s, group);
    assert_true(span_starts(span_of(group), SPAN("sha256:")));
    s = (struct event_subject){.kind = SUBJECT_GROUP,
                               .membership = {.container = {long_id, MESSAGE_NAME - 5}}};
    message_group(&s, group);
    assert_true(span_starts(span_of(group), SPAN("scope:sha256:")));
    assert_true(sqs_is_name(span_of(group)));
}

static void what_is_another_thing_has_another_id(void **state)
{
    char ids[ROWS + 1][SHA256_HEX + 1], again[SHA256_HEX + 1];
    struct event e = event_with(SPAN("u-1")), other = event_with(SPAN("u-2"));

    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        message_deduplication(&e, &rows[i].s, ids[i]);
    message_deduplication(&other, &rows[0].s, ids[ROWS]);
    for (size_t i = 0; i <= ROWS; i++)
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(ids[i], ids[k]);
    /* When it was received, or what people are called, does not matter. */
    e.received_ms++;
    message_deduplication(&e, &rows[0].s, again);
    assert_string_equal(again, ids[0]);
    assert_true(sqs_is_name(span_of(again)));
}

/* Every text that JSON and UTF-8 allow goes through a queue that allows less. */
static void no_text_is_too_odd_for_a_queue(void **state)
{
    static const char text[] = "\x01\x1f\x7f\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd\xef\xbb\xbf"
                               "\xf0\x9f\xbf\xbe\xf4\x8f\xbf\xbf\xe2\x80\xa8\xef\xbf";
    struct event_subject s = rows[0].s;
    const struct event e = event_with(SPAN("u-1"));
    struct event got = {0};
    struct arena a = {0};
    struct buf body;

    (void)state;
    s.display_name = span_n(text, sizeof(text) - 3); /* without the bytes that are no UTF-8 */
    buf_init(&body, MESSAGE_LIMIT);
    message_add(&body, &e, &s);
    assert_true(sqs_can_hold(buf_span(&body)));
    assert_non_null(strstr(body.p, "\\ufffe\\uffff\xef\xbf\xbd"));
    assert_int_equal(message_read(&a, buf_span(&body), &got, NULL), ERR_NONE);
    assert_true(same(got.subjects[0].display_name, s.display_name));
    buf_clear(&body);
    s.display_name = span_n(text, sizeof(text) - 1);
    message_add(&body, &e, &s);
    assert_true(sqs_can_hold(buf_span(&body)));
    arena_done(&a);
    buf_done(&body);
}

static void a_message_that_is_too_large_is_none(void **state)
{
    char *text = mem_new(MESSAGE_LIMIT, 1);
    struct event_subject s = rows[0].s;
    const struct event e = event_with(SPAN("u-1"));
    struct buf body;

    (void)state;
    memset(text, 'x', MESSAGE_LIMIT);
    s.display_name = span_n(text, MESSAGE_LIMIT);
    buf_init(&body, MESSAGE_LIMIT);
    message_add(&body, &e, &s);
    assert_true(body.full);
    assert_int_equal(body.n, 0);
    buf_done(&body);
    free(text);
}

#define HEAD "{\"v\":1,\"source\":\"okta\",\"uuid\":\"u\","
#define SUBJECT "\"subject\":{\"kind\":\"user\",\"user\":\"00u1\"}"

static void what_is_none_of_ours(void **state)
{
    static const struct row {
        const char *body;
        const char *words; /* NULL: it is one */
    } bad[] = {
        {HEAD SUBJECT "}", NULL},
        {"{\"v\":1,\"more\":[1],\"source\":\"okta\",\"uuid\":\"u\"," SUBJECT "}", NULL},
        {"", "no JSON"},
        {"no", "no JSON"},
        {"[]", "no object"},
        {"{}", " v"},
        {"{\"v\":\"1\",\"source\":\"okta\",\"uuid\":\"u\"," SUBJECT "}", " v"},
        {"{\"v\":-1,\"source\":\"okta\",\"uuid\":\"u\"," SUBJECT "}", " v"},
        {"{\"v\":2,\"source\":\"okta\",\"uuid\":\"u\"," SUBJECT "}", "newer version"},
        {"{\"v\":1,\"uuid\":\"u\"," SUBJECT "}", "source"},
        {"{\"v\":1,\"source\":\"okta\"," SUBJECT "}", "uuid"},
        {HEAD "\"x\":1}", "subject.kind"},
        {HEAD "\"subject\":null}", "subject.kind"},
        {HEAD "\"subject\":{\"kind\":\"robot\"}}", "subject.kind"},
        {HEAD "\"subject\":{\"kind\":\"user\"}}", "subject.user"},
        {HEAD "\"subject\":{\"kind\":\"user\",\"user\":7}}", "subject.user"},
        {HEAD "\"subject\":{\"kind\":\"user\",\"user\":\"u\",\"membership\":{}}}",
         "subject.membership.kind"},
        {HEAD "\"subject\":{\"kind\":\"group\"}}", "subject.membership.kind"},
        {HEAD "\"subject\":{\"kind\":\"group\",\"membership\":{\"kind\":\"group\"}}}",
         "subject.membership.container"},
        {HEAD "\"subject\":{\"kind\":\"scope\"}}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct event got = {0};
        struct arena a = {0};
        struct fail fail = {0};
        enum err err = message_read(&a, span_of(bad[i].body), &got, &fail);

        if ((err == ERR_NONE) != (bad[i].words == NULL) ||
            (err != ERR_NONE && (err != ERR_INPUT || strstr(fail.text, bad[i].words) == NULL)))
            fail_msg("%s: %s", bad[i].body, fail.text);
        assert_true(err == ERR_NONE || got.n_subjects == 0);
        arena_done(&a);
    }
}

static void a_dead_letter_is_the_message_with_its_reason(void **state)
{
    static const struct {
        const char *body, *dead;
    } letters[] = {
        {"{\"v\":1,\"subject\":{\"kind\":\"scope\"}}",
         "{\"v\":1,\"subject\":{\"kind\":\"scope\"},\"dead\":{\"code\":\"exists\",\"reason\":"
         "\"it \\\"is\\\"\",\"at_ms\":7}}"},
        {" { \"v\" : 1 , \"dead\":{\"code\":\"old\"}, \"x\":[1, 2] } ",
         "{\"v\":1,\"x\":[1, 2],\"dead\":{\"code\":\"exists\",\"reason\":\"it "
         "\\\"is\\\"\",\"at_ms\":7}}"},
        {"no JSON",
         "{\"v\":1,\"dead\":{\"code\":\"exists\",\"reason\":\"it \\\"is\\\"\",\"at_ms\":7},"
         "\"body\":\"no JSON\"}"},
        {"[1]", "{\"v\":1,\"dead\":{\"code\":\"exists\",\"reason\":\"it "
                "\\\"is\\\"\",\"at_ms\":7},\"body\":"
                "\"[1]\"}"},
        {"{\"x\":1}",
         "{\"v\":1,\"dead\":{\"code\":\"exists\",\"reason\":\"it \\\"is\\\"\",\"at_ms\":7},"
         "\"body\":\"{\\\"x\\\":1}\"}"},
    };
    const struct message_death death = {SPAN("exists"), SPAN("it \"is\""), 7};

    (void)state;
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
        struct message_death read = {0};
        struct arena a = {0};
        struct buf out;

        buf_init(&out, SQS_BODY_MAX);
        message_add_dead(&out, span_of(letters[i].body), &death);
        if (!span_eq(buf_span(&out), span_of(letters[i].dead)))
            fail_msg("%s: %.*s", letters[i].body, SPAN_ARG(buf_span(&out)));
        assert_true(message_read_dead(&a, buf_span(&out), &read));
        assert_true(span_eq(read.code, death.code) && span_eq(read.reason, death.reason));
        assert_int_equal(read.at_ms, 7);
        assert_false(i > 1 && message_read_dead(&a, span_of(letters[i].body), &read));
        buf_done(&out);
        arena_done(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(groups_are_names_for_sqs),
        cmocka_unit_test(what_is_another_thing_has_another_id),
        cmocka_unit_test(no_text_is_too_odd_for_a_queue),
        cmocka_unit_test(a_message_that_is_too_large_is_none),
        cmocka_unit_test(what_is_none_of_ours),
        cmocka_unit_test(a_dead_letter_is_the_message_with_its_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
