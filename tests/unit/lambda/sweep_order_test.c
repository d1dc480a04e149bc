#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lambda/sweep_order.h"

#define SQS(body) "{\"eventSource\":\"aws:sqs\",\"messageId\":\"m\",\"body\":\"" body "\"}"
#define GROUP_MESSAGE                                                                              \
    "{\\\"v\\\":1,\\\"source\\\":\\\"okta\\\",\\\"uuid\\\":\\\"u\\\",\\\"subject\\\":"             \
    "{\\\"kind\\\":\\\"scope\\\"}}"

static void events_become_orders(void **state)
{
    static const struct row {
        const char *event;
        enum err err;
        int64_t removals, changes, round;
        bool trusts, has_changed;
    } rows[] = {
        {"{\"kind\":\"sweep\"}", ERR_NONE, 0, 0, 0, false, false},
        {"{\"kind\":\"sweep\",\"release_removals\":57,\"release_changes\":3,\"round\":2,"
         "\"trust_listings\":true,\"else\":1}",
         ERR_NONE, 57, 3, 2, true, false},
        {"{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.events\",\"detail\":{}}", ERR_NONE,
         0, 0, 0, false, false},
        {"{\"detail-type\":\"Scheduled Event\",\"source\":\"aws.scheduler\",\"detail\":\"{}\"}",
         ERR_NONE, 0, 0, 0, false, false},
        /* several are one, with all that was decided */
        {"{\"Records\":[" SQS("{\\\"kind\\\":\\\"sweep\\\",\\\"release_removals\\\":5}") "," SQS(
             "{\\\"kind\\\":\\\"sweep\\\",\\\"release_removals\\\":9,\\\"round\\\":1}") "]}",
         ERR_NONE, 9, 0, 1, false, false},
        {"{\"kind\":\"sweep\",\"changed\":true}", ERR_NONE, 0, 0, 0, false, true},
        {"{\"Records\":[" SQS(GROUP_MESSAGE) "]}", ERR_NONE, 0, 0, 0, false, true},
        {"{\"Records\":[" SQS("x") "," SQS(GROUP_MESSAGE) "]}", ERR_NONE, 0, 0, 0, false, true},
        /* what is none */
        {"{\"kind\":\"apply\"}", ERR_INPUT, 0, 0, 0, false, false},
        {"{\"detail-type\":\"Scheduled Event\",\"source\":\"mine\"}", ERR_INPUT, 0, 0, 0, false,
         false},
        {"{\"detail-type\":\"Other\",\"source\":\"aws.events\"}", ERR_INPUT, 0, 0, 0, false, false},
        {"{\"Records\":[" SQS("x") "]}", ERR_INPUT, 0, 0, 0, false, false},
        {"{\"Records\":[{\"eventSource\":\"aws:sqs\"}]}", ERR_INPUT, 0, 0, 0, false, false},
        {"[]", ERR_INPUT, 0, 0, 0, false, false},
        {"", ERR_INPUT, 0, 0, 0, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sweep_order order = {.round = 7};
        struct fail fail;
        enum err err = sweep_order_read(span_of(rows[i].event), &order, &fail);

        if (err != rows[i].err || (err != ERR_NONE && order.round != 7))
            fail_msg("%s", rows[i].event);
        if (err == ERR_NONE &&
            (order.release_removals != rows[i].removals ||
             order.release_changes != rows[i].changes || order.round != rows[i].round ||
             order.trusts_listings != rows[i].trusts || order.has_changed != rows[i].has_changed))
            fail_msg("read wrongly: %s", rows[i].event);
    }
}

static void an_order_is_read_as_it_was_written(void **state)
{
    static const struct sweep_order orders[] = {
        {0, 0, false, true, 0, ""},
        {57, 0, false, false, 3, "a"},
        {0, 120, true, true, 0, "0123456789abcdef"},
        {1, 2, true, false, 399, "0123456789abcdef0123456789abcdef"}};

    (void)state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        const struct sweep_order *o = &orders[i];
        struct sweep_order back;
        struct buf text;

        buf_init(&text, 1024);
        sweep_order_add(&text, o);
        assert_int_equal(sweep_order_read(buf_span(&text), &back, NULL), ERR_NONE);
        assert_true(back.release_removals == o->release_removals &&
                    back.release_changes == o->release_changes && back.round == o->round &&
                    back.trusts_listings == o->trusts_listings &&
                    back.has_changed == o->has_changed);
        assert_string_equal(back.id, o->id);
        assert_int_equal(sweep_order_decides(&back), i > 0);
        buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_become_orders),
        cmocka_unit_test(an_order_is_read_as_it_was_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
