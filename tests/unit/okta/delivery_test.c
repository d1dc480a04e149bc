#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "crypt/digest.h"
#include "okta/delivery.h"
#include "okta/targets.h"
#include "plain_rules.h"

static const int64_t received_ms = 1777881700000; /* 2026-05-04T08:01:40Z */
static const int64_t ns_per_s = 1000000000;

#define USER "{\"type\":\"User\",\"id\":\"00u1\",\"alternateId\":\"ann\",\"displayName\":\"Ann A\"}"
#define GROUP                                                                                      \
    "{\"type\":\"UserGroup\",\"id\":\"00g\",\"alternateId\":\"unknown\",\"displayName\":"          \
    "\"Group\"}"
#define APP                                                                                        \
    "{\"type\":\"AppInstance\",\"id\":\"0oa\",\"alternateId\":\"App\",\"displayName\":\"App\"}"
#define APP_USER                                                                                   \
    "{\"type\":\"AppUser\",\"id\":\"0ua\",\"alternateId\":\"ann1\",\"displayName\":\"Ann A\"}"
#define PUBLISHED "\"published\":\"2026-05-04T08:00:01.000Z\""
#define IN_GROUP "\"eventType\":\"group.user_membership.add\",\"target\":[" USER "," GROUP "]"
/* An event that is taken, with more or other members. */
#define EVENT(more) "{\"uuid\":\"u1\"," PUBLISHED "," IN_GROUP more "}"
#define OUTCOME(value) EVENT(",\"outcome\":" value)

static enum err decode(struct arena *a, const char *body, struct delivery *out, struct fail *fail)
{
    return delivery_decode(a, span_of(body), &plain_by, received_ms, out, fail);
}

static struct delivery decode_events(struct arena *a, const char *events)
{
    char *body = arena_printf(
        a, "{\"eventTime\":\"2026-05-04T08:01:00Z\",\"data\":{\"events\":[%s]}}", events);
    struct delivery d = {0};
    struct fail fail;

    if (decode(a, body, &d, &fail) != ERR_NONE)
        fail_msg("%s: %s", events, fail.text);
    return d;
}

static bool is_skipped_as(const struct event *e, const char *reason)
{
    return reason == NULL ? e->skip_reason == NULL && e->n_subjects > 0
                          : e->skip_reason != NULL && strcmp(e->skip_reason, reason) == 0 &&
                                e->n_subjects == 0;
}

static void an_event_is_taken(void **state)
{
    struct arena a = {0};
    struct delivery d = decode_events(
        &a, "{\"uuid\":\"u1\"," PUBLISHED ",\"eventType\":\"application.user_membership.add\","
            "\"outcome\":{\"result\":\"SUCCESS\"},\"target\":[" APP_USER "," APP "," USER "]}");
    const struct event_subject *s;

    (void)state;
    assert_int_equal(d.n, 1);
    assert_true(is_skipped_as(&d.events[0], NULL));
    assert_true(span_eq(d.events[0].source, SPAN("okta")) &&
                span_eq(d.events[0].via, SPAN("hook")));
    assert_true(span_eq(d.events[0].uuid, SPAN("u1")));
    assert_true(span_eq(d.events[0].type, SPAN("application.user_membership.add")));
    assert_int_equal(d.events[0].published_ns, 1777881601 * ns_per_s);
    assert_int_equal(d.events[0].received_ms, received_ms);
    assert_int_equal(d.events[0].n_subjects, 1);
    s = &d.events[0].subjects[0];
    assert_true(span_eq(s->user_id, SPAN("00u1")) && span_eq(s->login, SPAN("ann")) &&
                span_eq(s->display_name, SPAN("Ann A")) && span_eq(s->app_user_name, SPAN("ann1")));
    assert_int_equal(s->membership.kind, MEMBERSHIP_APP);
    assert_true(span_eq(s->membership.container, SPAN("0oa")) &&
                span_eq(s->membership.name, SPAN("App")));
    assert_true(s->membership.is_member);
    assert_int_equal(s->membership.published_ns, d.events[0].published_ns);
    arena_done(&a);
}

static void each_trap_is_its_own_events_only(void **state)
{
    static const struct row {
        const char *name, *event, *reason; /* reason NULL: taken */
    } rows[] = {
        {"plain", EVENT(""), NULL},
        {"null element", "null", SKIP_NOT_AN_OBJECT},
        {"a number", "99999999999999999999999999999999999999999", SKIP_NOT_AN_OBJECT},
        {"a string", "\"\\u0000\"", SKIP_NOT_AN_OBJECT},
        {"an array", "[{\"uuid\":\"u9\"}]", SKIP_NOT_AN_OBJECT},
        {"nothing in it", "{}", SKIP_BAD_TEXT},
        {"no type", "{\"uuid\":\"u2\",\"target\":[" USER "," GROUP "]}", SKIP_BAD_TEXT},
        {"type null", "{\"eventType\":null}", SKIP_BAD_TEXT},
        {"type with NUL", "{\"eventType\":\"group\\u0000\"}", SKIP_BAD_TEXT},
        {"type a number", "{\"eventType\":1e999}", SKIP_BAD_TEXT},
        {"target null", "{\"eventType\":\"group.user_membership.add\",\"target\":null}",
         SKIP_NO_TARGET},
        {"no target", "{\"eventType\":\"group.user_membership.add\"}", SKIP_NO_TARGET},
        {"target empty", "{\"eventType\":\"group.user_membership.add\",\"target\":[]}",
         SKIP_NO_TARGET},
        {"target of nulls", "{\"eventType\":\"group.user_membership.add\",\"target\":[null,null]}",
         SKIP_NO_TARGET},
        {"no user", "{\"eventType\":\"group.user_membership.add\",\"target\":[" GROUP "]}",
         SKIP_NO_USER},
        {"no group", "{\"eventType\":\"group.user_membership.add\",\"target\":[" USER "]}",
         SKIP_NO_CONTAINER},
        {"no application",
         "{\"eventType\":\"application.user_membership.add\",\"target\":[" USER "," APP_USER "]}",
         SKIP_NO_CONTAINER},
        {"foreign group",
         "{\"eventType\":\"group.user_membership.add\",\"target\":[" USER
         ",{\"type\":\"UserGroup\",\"id\":\"00g\",\"displayName\":\"group\"}]}",
         SKIP_FOREIGN_GROUP},
        {"foreign application",
         "{\"eventType\":\"application.user_membership.add\",\"target\":[" USER
         ",{\"type\":\"AppInstance\",\"id\":\"0oa\",\"displayName\":\"Group\"}]}",
         SKIP_FOREIGN_APP},
        {"group of no name",
         "{\"eventType\":\"group.user_membership.add\",\"target\":[" USER
         ",{\"type\":\"UserGroup\",\"id\":\"00g\"}]}",
         SKIP_FOREIGN_GROUP},
        {"somebody who could not be made",
         "{\"eventType\":\"user.lifecycle.activate\",\"target\":[{\"type\":\"NewUser\",\"id\":"
         "null,\"alternateId\":\"x@acme.com\"}]}",
         SKIP_NO_USER},
        {"a profile update of nobody",
         "{\"eventType\":\"user.account.update_profile\",\"target\":null}", SKIP_NO_TARGET},
        {"a deactivation that failed",
         "{\"eventType\":\"user.lifecycle.deactivate\",\"outcome\":{\"result\":\"FAILURE\"},"
         "\"target\":[" USER "]}",
         SKIP_NOT_SUCCESS},
        {"another application switched off",
         "{\"eventType\":\"application.lifecycle.deactivate\",\"target\":[{\"type\":"
         "\"AppInstance\",\"id\":\"0ob\",\"displayName\":\"Other\"}]}",
         SKIP_FOREIGN_APP},
        {"an application without an id",
         "{\"eventType\":\"application.lifecycle.deactivate\",\"target\":[{\"type\":"
         "\"AppInstance\",\"displayName\":\"App\"}]}",
         SKIP_NO_CONTAINER},
        {"any order",
         "{\"target\":[null," GROUP ",null," USER "],\"eventType\":\"group.user_membership.add\"}",
         NULL},
        {"success", OUTCOME("{\"result\":\"SUCCESS\"}"), NULL},
        {"Success", OUTCOME("{\"reason\":\"\\u0000\",\"result\":\"Success\"}"), NULL},
        {"no outcome", OUTCOME("null"), NULL},
        {"no result", OUTCOME("{}"), NULL},
        {"result null", OUTCOME("{\"result\":null}"), NULL},
        {"failure", OUTCOME("{\"result\":\"FAILURE\"}"), SKIP_NOT_SUCCESS},
        {"skipped", OUTCOME("{\"result\":\"SKIPPED\"}"), SKIP_NOT_SUCCESS},
        {"allow", OUTCOME("{\"result\":\"ALLOW\"}"), SKIP_NOT_SUCCESS},
        {"unknown", OUTCOME("{\"result\":\"UNKNOWN\"}"), SKIP_NOT_SUCCESS},
        {"deferred", OUTCOME("{\"result\":\"DEFERRED\"}"), SKIP_NOT_SUCCESS},
        {"empty result", OUTCOME("{\"result\":\"\"}"), SKIP_NOT_SUCCESS},
        {"result a number", OUTCOME("{\"result\":0}"), SKIP_BAD_TEXT},
        {"result with NUL", OUTCOME("{\"result\":\"SUCCESS\\u0000\"}"), SKIP_BAD_TEXT},
        {"outcome a string", OUTCOME("\"FAILURE\""), SKIP_BAD_TEXT},
        {"outcome false", OUTCOME("false"), SKIP_BAD_TEXT},
        {"two results", OUTCOME("{\"result\":\"FAILURE\",\"result\":\"SUCCESS\"}"),
         SKIP_REPEATED_KEY},
        {"two outcomes",
         EVENT(",\"outcome\":{\"result\":\"FAILURE\"},\"outcome\":{\"result\":\"SUCCESS\"}"),
         SKIP_REPEATED_KEY},
        {"two types", EVENT(",\"eventType\":\"group.user_membership.remove\""), SKIP_REPEATED_KEY},
        {"two targets", EVENT(",\"target\":null"), SKIP_REPEATED_KEY},
        {"two uuids", EVENT(",\"uuid\":\"u1\""), SKIP_REPEATED_KEY},
        {"two publications", EVENT("," PUBLISHED), SKIP_REPEATED_KEY},
        {"unknown fields, again and again",
         EVENT(",\"x\":{\"uuid\":\"u7\",\"uuid\":[]},\"x\":\"\\u0000\",\"x\":\"\\ud800\",\"actor\":"
               "null"),
         NULL},
        {"integers beyond 64 bits",
         EVENT(",\"x\":123456789012345678901234567890,\"y\":-1e99999,\"legacyEventType\":"
               "18446744073709551616"),
         NULL},
        {"bytes that are no UTF-8, elsewhere", EVENT(",\"x\":\"\xff\xfe\",\"\xff\":1"), NULL},
        {"a key in escapes is another key", EVENT(",\"\\u0075uid\":\"u7\""), NULL},
        {"display name with NUL",
         "{\"eventType\":\"group.user_membership.add\",\"target\":[" GROUP
         ",{\"type\":\"User\",\"id\":\"00u1\",\"displayName\":\"A\\u0000\"}]}",
         SKIP_BAD_TEXT},
        {"another type spoils nothing",
         "{\"eventType\":\"user.session.start\",\"target\":\"\xff\",\"outcome\":7}",
         SKIP_OTHER_TYPE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d =
            decode_events(&a, arena_printf(&a, EVENT("") ",%s," EVENT(",\"x\":1"), rows[i].event));

        if (d.n != 3 || !is_skipped_as(&d.events[1], rows[i].reason))
            fail_msg("%s: %s", rows[i].name, d.events[1].skip_reason);
        if (!is_skipped_as(&d.events[0], NULL) || !is_skipped_as(&d.events[2], NULL))
            fail_msg("%s spoils its neighbours", rows[i].name);
        assert_true(d.events[1].uuid.n > 0 && d.events[1].type.p != NULL &&
                    d.events[1].published_ns > 0);
        arena_done(&a);
    }
}

static void several_users_are_several_subjects(void **state)
{
    struct arena a = {0};
    struct delivery d = decode_events(
        &a, "{\"eventType\":\"application.user_membership.add\",\"target\":[" USER "," APP ",null,"
            "{\"type\":\"User\",\"id\":\"00u2\",\"alternateId\":\"bob\"}," USER ","
            "{\"type\":\"AppUser\",\"alternateId\":\"bob\"}]}");

    (void)state;
    assert_true(is_skipped_as(&d.events[0], NULL));
    assert_int_equal(d.events[0].n_subjects, 2);
    assert_true(span_eq(d.events[0].subjects[0].user_id, SPAN("00u1")));
    assert_int_equal(d.events[0].subjects[0].app_user_name.n, 0);
    assert_true(span_eq(d.events[0].subjects[1].user_id, SPAN("00u2")));
    assert_true(span_eq(d.events[0].subjects[1].app_user_name, SPAN("bob")));
    assert_true(span_eq(d.events[0].subjects[1].membership.name, SPAN("App")));
    arena_done(&a);
}

/* Without a uuid of use, the key is the digest of the event's own bytes. */
static void events_are_keyed(void **state)
{
    static const struct row {
        const char *event, *uuid; /* uuid NULL: the digest */
    } rows[] = {
        {EVENT(""), "u1"},
        {"{\"uuid\":\"3a9d1e6c-2f0b-11f1-9a3c-0242ac120002\"}",
         "3a9d1e6c-2f0b-11f1-9a3c-0242ac120002"},
        {"{\"uuid\":\"\\u0075\"}", "u"},
        {"{" IN_GROUP "}", NULL},
        {"{\"uuid\":null}", NULL},
        {"{\"uuid\":\"\"}", NULL},
        {"{\"uuid\":7}", NULL},
        {"{\"uuid\":\"a\\u0000\"}", NULL},
        {"{\"uuid\":\"\xff\"}", NULL},
        {"{\"uuid\":\"u\",\"uuid\":\"u\"}", NULL},
        {"{\"uuid\":\"u\",\"target\":1,\"target\":2}", NULL},
        {"null", NULL},
        {"{\"uuid\":"
         "\"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
         "7890123456789\"}",
         "01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
         "90123456789"},
        {"{\"uuid\":"
         "\"012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
         "78901234567890\"}",
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d = decode_events(&a, arena_printf(&a, " %s , {}", rows[i].event));
        char digest[7 + SHA256_HEX + 1] = "sha256:";

        sha256_hex(span_of(rows[i].event), digest + 7);
        if (!span_eq(d.events[0].uuid, span_of(rows[i].uuid == NULL ? digest : rows[i].uuid)))
            fail_msg("%s: '%.*s'", rows[i].event, SPAN_ARG(d.events[0].uuid));
        arena_done(&a);
    }
}

static void publication_is_judged(void **state)
{
    static const int64_t receipt_s = 1777881700, event_time_s = 1777881660;
    static const struct row {
        const char *name, *event_time, *published;
        int64_t seconds;
    } rows[] = {
        {"as it says", "\"2026-05-04T08:01:00Z\"", "\"2026-05-04T08:00:01Z\"", 1777881601},
        {"another zone, the same instant", "null", "\"2026-05-04T10:00:01+02:00\"", 1777881601},
        {"five minutes ahead", "null", "\"2026-05-04T08:06:40.000Z\"", 1777882000},
        {"further ahead", "\"2026-05-04T08:01:00Z\"", "\"2026-05-04T08:06:40.001Z\"", receipt_s},
        {"far ahead", "null", "\"2199-01-01T00:00:00Z\"", receipt_s},
        {"unreadable", "\"2026-05-04T08:01:00Z\"", "\"yesterday\"", event_time_s},
        {"no text", "\"2026-05-04T08:01:00Z\"", "1777881601", event_time_s},
        {"null", "\"2026-05-04T08:01:00.000000Z\"", "null", event_time_s},
        {"null, and the envelope is far ahead", "\"2027-05-04T08:01:00Z\"", "null", receipt_s},
        {"null, and so is the envelope's", "null", "null", receipt_s},
        {"null, and the envelope's is unreadable", "\"\\u0000\"", "null", receipt_s},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena a = {0};
        struct delivery d = {0};
        struct fail fail;
        char *body = arena_printf(
            &a, "{\"data\":{\"events\":[{\"published\":%s," IN_GROUP "}]},\"eventTime\":%s}",
            rows[i].published, rows[i].event_time);

        assert_int_equal(decode(&a, body, &d, &fail), ERR_NONE);
        if (d.events[0].published_ns != rows[i].seconds * ns_per_s)
            fail_msg("%s: %lld", rows[i].name, (long long)d.events[0].published_ns);
        assert_int_equal(d.events[0].subjects[0].membership.published_ns, d.events[0].published_ns);
        arena_done(&a);
    }
}

/* Our clock may be wrong by any time; Okta's, where it is known, is the one that events go by. */
static void okta_s_clock_counts_where_it_is_known(void **state)
{
    static const int64_t okta_s = 1777881700, hour_s = 3600, day_s = 86400;
    static const struct row {
        const char *name, *published;
        int64_t received_s, okta_now_s, seconds;
    } rows[] = {
        {"ours is an hour behind", "\"2026-05-04T08:01:40Z\"", okta_s - hour_s, okta_s, okta_s},
        {"ours is a month behind", "\"2026-05-04T08:01:40Z\"", okta_s - 30 * day_s, okta_s, okta_s},
        {"ours is an hour behind, and Okta's is not known", "\"2026-05-04T08:01:40Z\"",
         okta_s - hour_s, 0, okta_s - hour_s},
        {"ours is an hour ahead", "\"2026-05-04T08:06:41Z\"", okta_s + hour_s, okta_s, okta_s},
        {"five minutes ahead of Okta's", "\"2026-05-04T08:06:40Z\"", okta_s - hour_s, okta_s,
         okta_s + 300},
        {"further ahead of Okta's", "\"2026-05-04T08:06:41Z\"", okta_s - hour_s, okta_s, okta_s},
        {"it says nothing", "null", okta_s - hour_s, okta_s, okta_s},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct delivery_rules by = {.rules = &plain_rules,
                                          .names = &names_unread,
                                          .okta_now_ms = rows[i].okta_now_s * 1000};
        struct arena a = {0};
        struct delivery hook = {0}, log = {0};
        struct fail fail;
        char *event = arena_printf(&a, "{\"published\":%s," IN_GROUP "}", rows[i].published);
        char *body = arena_printf(&a, "{\"data\":{\"events\":[%s]}}", event);
        char *page = arena_printf(&a, "[%s]", event);
        int64_t our_ms = rows[i].received_s * 1000;

        assert_int_equal(delivery_decode(&a, span_of(body), &by, our_ms, &hook, &fail), ERR_NONE);
        assert_int_equal(delivery_decode_log(&a, span_of(page), &by, our_ms, &log, &fail),
                         ERR_NONE);
        if (hook.events[0].published_ns != rows[i].seconds * ns_per_s ||
            log.events[0].published_ns != rows[i].seconds * ns_per_s)
            fail_msg("%s: %lld, %lld", rows[i].name, (long long)hook.events[0].published_ns,
                     (long long)log.events[0].published_ns);
        assert_int_equal(hook.events[0].received_ms, our_ms);
        arena_done(&a);
    }
}

static void long_types_are_cut_between_characters(void **state)
{
    struct arena a = {0};
    char type[200] = "";
    struct delivery d;

    (void)state;
    memset(type, 't', 99);
    memcpy(type + 99, "\xc3\xa9\xc3\xa9", 5);
    d = decode_events(&a, arena_printf(&a, "{\"eventType\":\"%s\"}", type));
    assert_true(is_skipped_as(&d.events[0], SKIP_OTHER_TYPE));
    assert_int_equal(d.events[0].type.n, 99);
    memset(type, 't', 101);
    type[101] = '\0';
    d = decode_events(&a, arena_printf(&a, "{\"eventType\":\"%s\"}", type));
    assert_int_equal(d.events[0].type.n, 100);
    arena_done(&a);
}

static void what_is_no_delivery_is_refused(void **state)
{
    static const struct row {
        const char *body;
        bool is_delivery;
    } rows[] = {
        {"{\"data\":{\"events\":[]}}", true},
        {" \r\n\t{\"data\":{\"events\":[ ]},\"eventTime\":7} ", true},
        {"{\"x\":[[[]]],\"x\":null,\"data\":{\"y\":1,\"events\":[],\"y\":\"\\u0000\"}}", true},
        {"{\"data\":null}", false},
        {"{\"data\":{\"events\":null}}", false},
        {"{\"data\":{\"events\":{}}}", false},
        {"{\"data\":[]}", false},
        {"{}", false},
        {"[]", false},
        {"null", false},
        {"7", false},
        {"", false},
        {"{\"data\":{\"events\":[]}", false},
        {"{\"data\":{\"events\":[]}} x", false},
        {"{\"data\":{\"events\":[,]}}", false},
        {"{'data':{'events':[]}}", false},
        {"\xef\xbb\xbf{\"data\":{\"events\":[]}}", false},
        {"data=%7B%7D", false},
        {"{\"data\":{\"events\":[" EVENT("") "]},\"data\":{\"events\":[]}}", false},
        {"{\"data\":{\"events\":[" EVENT("") "],\"events\":[]}}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct delivery d = {.n = 77};
        struct arena a = {0};
        struct fail fail = {0};
        enum err err = decode(&a, rows[i].body, &d, &fail);

        if (err != (rows[i].is_delivery ? ERR_NONE : ERR_INPUT) ||
            d.n != (rows[i].is_delivery ? 0U : 77U))
            fail_msg("%s: %s", rows[i].body, fail.text);
        if (err != ERR_NONE)
            assert_int_not_equal(fail.text[0], '\0');
        arena_done(&a);
    }
}

static void depth_and_number_are_bounded(void **state)
{
    struct delivery d = {0};
    struct arena a = {0};
    struct fail fail;
    struct buf b;

    (void)state;
    buf_init(&b, 1000000);
    for (int depth = DELIVERY_DEPTH - 4; depth <= DELIVERY_DEPTH - 2;
         depth++) { /* below envelope, data, events, event */
        buf_clear(&b);
        buf_add_str(&b, "{\"data\":{\"events\":[{\"x\":");
        for (int i = 0; i < depth; i++)
            buf_add_char(&b, '[');
        for (int i = 0; i < depth; i++)
            buf_add_char(&b, ']');
        buf_add_str(&b, "}]}}");
        assert_int_equal(decode(&a, b.p, &d, &fail),
                         depth <= DELIVERY_DEPTH - 4 ? ERR_NONE : ERR_INPUT);
    }
    for (int n = DELIVERY_EVENTS; n <= DELIVERY_EVENTS + 1; n++) {
        buf_clear(&b);
        buf_add_str(&b, "{\"data\":{\"events\":[0");
        for (int i = 1; i < n; i++)
            buf_add_str(&b, ",0");
        buf_add_str(&b, "]}}");
        assert_int_equal(decode(&a, b.p, &d, &fail), n <= DELIVERY_EVENTS ? ERR_NONE : ERR_INPUT);
        assert_int_equal(d.n, DELIVERY_EVENTS);
        arena_done(&a);
    }
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_is_taken),
        cmocka_unit_test(each_trap_is_its_own_events_only),
        cmocka_unit_test(several_users_are_several_subjects),
        cmocka_unit_test(events_are_keyed),
        cmocka_unit_test(publication_is_judged),
        cmocka_unit_test(okta_s_clock_counts_where_it_is_known),
        cmocka_unit_test(long_types_are_cut_between_characters),
        cmocka_unit_test(what_is_no_delivery_is_refused),
        cmocka_unit_test(depth_and_number_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
