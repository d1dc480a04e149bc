#include "rules_world.h"

static void numbers_become_plain(void **state)
{
    static const char *const rows[][2] = {
        {"+4930123456", "+4930123456"},
        {"+49 (30) 123-45", "+493012345"},
        {"+49 (0)30 123.45", "+493012345"},
        {"+49/30/12345", "+493012345"},
        {" +1 212 555 0100 ", "+12125550100"},
        {"+12", "+12"},
        {"+123456789012345", "+123456789012345"},
        {"+1234567890123456", NULL},
        {"+1", NULL},
        {"+0301234", NULL},
        {"0301234", NULL},
        {"004930123", NULL},
        {"+49 30 abc", NULL},
        {"+49+30", NULL},
        {"+", NULL},
        {"", NULL},
        {"+49 30 12 ext. 5", NULL},
        {"+(0)", NULL},
    };
    struct arena a = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span number = rules_desk_number(&a, span_of(rows[i][0]));

        if ((number.p == NULL) != (rows[i][1] == NULL) ||
            (number.p != NULL && !span_eq(number, span_of(rows[i][1]))))
            fail_msg("'%s': '%.*s'", rows[i][0], SPAN_ARG(number));
    }
    arena_done(&a);
}

static void desk_phones_need_a_number(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 2);
    w.rules[0].phone_type = PHONE_DESK_PHONE;
    refused(&w, REASON_BAD_VALUE, "[Mapping R1] gives a desk phone, and no rule's DESK_PHONE");
    w.rules[1].desk_phone = SPAN("${user.primaryPhone}");
    refused(&w, REASON_BAD_VALUE, "[Mapping R1] gives a desk phone");
    w.person.profile = SPAN("{\"primaryPhone\":\"030 12345\"}");
    refused(&w, REASON_BAD_VALUE, "[Mapping R2] DESK_PHONE: '030 12345' is no number");
    w.person.profile = SPAN("{\"primaryPhone\":\"+49 (30) 12345\"}");
    given(&w);
    assert_text(w.e.phone.desk_number, "+493012345");
    /* With a soft phone, nobody looks at the number. */
    w.rules[0].phone_type = PHONE_SOFT_PHONE;
    w.person.profile = SPAN("{\"primaryPhone\":\"030 12345\"}");
    given(&w);
    assert_int_equal(w.e.phone.desk_number.n, 0);
    /* A number without a type says enough, to those who have one. */
    w.rules[0].phone_type = PHONE_UNSET;
    w.person.profile = SPAN("{\"primaryPhone\":\"+49 (30) 12345\"}");
    given(&w);
    assert_true(w.e.phone.has_desk_phone);
    assert_text(w.e.phone.desk_number, "+493012345");
    w.person.profile = SPAN("{}");
    given(&w);
    assert_false(w.e.phone.has_desk_phone);
    end(&w);
}

static void channels_are_spread(void **state)
{
    static const struct row {
        const char *name;
        struct channel_setting accept, work;
        bool is_per_channel;
        int64_t accepts[CHANNELS], works[CHANNELS];
    } rows[] = {
        {"for all",
         {true, false, {1, -1, -1, -1}},
         {true, false, {30, -1, -1, -1}},
         false,
         {1, -1, -1, -1},
         {30, -1, -1, -1}},
        {"one by channel, one for all",
         {true, true, {1, 0, -1, -1}},
         {true, false, {30, -1, -1, -1}},
         true,
         {1, 0, -1, -1},
         {30, 30, 30, 30}},
        {"one by channel alone",
         {.is_given = false},
         {true, true, {-1, 0, 60, -1}},
         true,
         {-1, -1, -1, -1},
         {-1, 0, 60, -1}},
        {"both by channel",
         {true, true, {1, 1, 0, 0}},
         {true, true, {1, 2, 3, 4}},
         true,
         {1, 1, 0, 0},
         {1, 2, 3, 4}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world w;

        begin(&w, 1);
        w.rules[0].auto_accept = rows[i].accept;
        w.rules[0].after_contact_work = rows[i].work;
        given(&w);
        if (w.e.phone.is_per_channel != rows[i].is_per_channel ||
            memcmp(w.e.phone.auto_accept, rows[i].accepts, sizeof(rows[i].accepts)) != 0 ||
            memcmp(w.e.phone.after_contact_work_s, rows[i].works, sizeof(rows[i].works)) != 0)
            fail_msg("%s", rows[i].name);
        end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_plain),
        cmocka_unit_test(desk_phones_need_a_number),
        cmocka_unit_test(channels_are_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
