#include "load.h"

#include <string.h>

/* What the settings are when all is well: the sample, defaults, every key, precedence. */

static void the_aws_sample_is_understood(void **state)
{
    struct settings_sources sources = {.path = TEST_DATA "/aws-sample-config.ini",
                                       .environment = (const char *const[]){"HOME=/h", NULL}};
    struct settings_mistakes mistakes;
    struct settings *s;

    (void)state;
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_NONE);
    assert_int_equal(mistakes.n, 0);
    assert_text(s->app_name, "AWS Account Federation");
    assert_text(s->group_name, "amazon_connect");
    assert_int_equal(s->n_security_profile_ids, 3);
    assert_text(s->security_profile_ids[0], "12345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(s->security_profile_ids[1], "65345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(s->security_profile_ids[2], "98345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(s->routing_profile_id, "87654321-69fb-43b6-a5e6-f8666ac189cb");
    assert_text(s->instance_id, "abcdefgh-0122-4131-adc2-a0ebe5a2b2a7");
    assert_text(s->origin, TEST_DATA "/aws-sample-config.ini");
    settings_free(s);
    settings_mistakes_done(&mistakes);
}

static void defaults_hold(void **state)
{
    struct loaded l = load_good(LEAST, NULL, NULL);
    const struct settings *s = l.s;

    (void)state;
    assert_text(s->name, "roster");
    assert_int_equal(s->group_name.n, 0);
    assert_false(secret_is_set(&s->hook_secret));
    assert_false(secret_is_set(&s->hook_secret_previous));
    assert_text(s->hook_header, "Authorization");
    assert_int_equal(s->settle_ms, 3000);
    assert_int_equal(s->partition.n + s->account.n + s->region.n, 0);
    assert_int_equal(s->phone_type, PHONE_SOFT);
    assert_int_equal(s->rate.n, 1);
    assert_true(rate_limits_for(&s->rate, SPAN("CreateUser")) == 2);
    assert_true(rate_limits_for(&s->burst, SPAN("CreateUser")) == 5);
    assert_int_equal(s->on_existing, EXISTING_HOLD);
    assert_text(s->listen, "127.0.0.1:8080");
    assert_int_equal(s->tls_cert.n + s->tls_key.n, 0);
    assert_text(s->store_file, "/x/roster.db");
    assert_true(s->keep_events_ms == INT64_C(30) * 24 * 3600 * 1000);
    assert_int_equal(s->alert_command.n, 0);
    assert_text(s->origin, "ROSTER_CONFIG");
    loaded_done(&l);
}

static void every_key_is_read(void **state)
{
    static const char text[] =
        "[roster]\nname = emea 1\n"
        "[okta]\napp_name = \"Sales # 1; EMEA \" ; note\nGroup_Name = Agents # note\n"
        "APP_MEMBERSHIP_ADD_EVENT = application.user_membership.add\n"
        "GROUP_MEMBERSHIP_ADD_EVENT = group.user_membership.add\nHOOK = on\n"
        "HOOK_SECRET = \"Bearer a\\\"b\"\nHOOK_SECRET_PREVIOUS = Bearer c\n"
        "HOOK_HEADER = X-Secret\nSETTLE = 2m\n"
        "[CONNECT]\nINSTANCE_ID = arn:aws-us-gov:connect:us-gov-west-1:123456789012:instance/i-1\n"
        "SECURITY_PROFILE_IDS = a, \"b,c\" , d\nROUTING_PROFILE_ID = r 1\nREGION = us-gov-west-1\n"
        "PHONE_TYPE = desk_phone\nRATE = 1.5, describeuser : 10\nBURST = SearchUsers:20\n"
        "ON_EXISTING = adopt\n"
        "[Server]\nLISTEN = [::1]:0\n"
        "[Store]\nPATH = /var/lib/x/\nKEEP_EVENTS = 7d\n"
        "[Alert]\nCOMMAND = mail -s \"a # b\" me@x # note\n";
    struct loaded l = load_good(text, NULL, NULL);
    const struct settings *s = l.s;

    (void)state;
    assert_text(s->name, "emea 1");
    assert_text(s->app_name, "Sales # 1; EMEA ");
    assert_text(s->group_name, "Agents");
    assert_text(secret_span(&s->hook_secret), "Bearer a\"b");
    assert_text(secret_span(&s->hook_secret_previous), "Bearer c");
    assert_text(s->hook_header, "X-Secret");
    assert_int_equal(s->settle_ms, 120000);
    assert_text(s->instance_id, "i-1");
    assert_text(s->partition, "aws-us-gov");
    assert_text(s->account, "123456789012");
    assert_text(s->region, "us-gov-west-1");
    assert_int_equal(s->n_security_profile_ids, 3);
    assert_text(s->security_profile_ids[1], "b,c");
    assert_text(s->routing_profile_id, "r 1");
    assert_int_equal(s->phone_type, PHONE_DESK);
    assert_true(rate_limits_for(&s->rate, SPAN("CreateUser")) == 1.5);
    assert_true(rate_limits_for(&s->rate, SPAN("DescribeUser")) == 10);
    assert_true(rate_limits_for(&s->burst, SPAN("CreateUser")) == 5);
    assert_true(rate_limits_for(&s->burst, SPAN("SearchUsers")) == 20);
    assert_int_equal(s->on_existing, EXISTING_ADOPT);
    assert_text(s->listen, "[::1]:0");
    assert_text(s->store_file, "/var/lib/x/roster.db");
    assert_true(s->keep_events_ms == INT64_C(7) * 24 * 3600 * 1000);
    assert_text(s->alert_command, "mail -s \"a # b\" me@x");
    loaded_done(&l);
}

static void names_are_in_normal_form_c(void **state)
{
    struct loaded l = load_good("[OKTA]\nGROUP_NAME = Age\xcc\x81nts\n" LEAST, NULL, NULL);

    (void)state;
    assert_text(l.s->group_name, "Ag\xc3\xa9nts");
    loaded_done(&l);
}

static const struct precedence_row {
    const char *name, *text, *environment[4], *overrides[3];
    const char *routing; /* ROUTING_PROFILE_ID then */
} precedence[] = {
    {"the file", LEAST, {NULL}, {NULL}, "r-1"},
    {"the file before the sample's variable",
     LEAST,
     {"CONNECT_ROUTING_PROFILE_ID=sample"},
     {NULL},
     "r-1"},
    {"the environment before the file",
     LEAST,
     {"ROSTER_CONNECT_ROUTING_PROFILE_ID=env"},
     {NULL},
     "env"},
    {"variables ignore case, too", LEAST, {"ROSTER_Connect_Routing_Profile_Id=env"}, {NULL}, "env"},
    {"the option before the environment",
     LEAST,
     {"ROSTER_CONNECT_ROUTING_PROFILE_ID=env"},
     {"connect.routing_profile_id=option"},
     "option"},
    {"a bad value that is overridden does no harm",
     LEAST,
     {"ROSTER_CONNECT_ROUTING_PROFILE_ID=\x01"},
     {"Connect.ROUTING_PROFILE_ID=option"},
     "option"},
    {"an empty variable is none", LEAST, {"ROSTER_CONNECT_ROUTING_PROFILE_ID="}, {NULL}, "r-1"},
    {"a value may hold '=' and '.'", LEAST, {NULL}, {"Connect.ROUTING_PROFILE_ID=a.b=c"}, "a.b=c"},
    {"the sample's variable before nothing",
     "[OKTA]\nAPP_NAME=a\n[Connect]\nINSTANCE_ID=i\nSECURITY_PROFILE_IDS=s\n[Store]\nPATH=/x",
     {"CONNECT_ROUTING_PROFILE_ID=sample"},
     {NULL},
     "sample"},
    {"quotes in the environment",
     LEAST,
     {"ROSTER_CONNECT_ROUTING_PROFILE_ID=\"a\\\"b \""},
     {NULL},
     "a\"b "},
    {"no comments in the environment",
     LEAST,
     {"ROSTER_CONNECT_ROUTING_PROFILE_ID= a #b"},
     {NULL},
     "a #b"},
    {"what containers are given for a service of that name",
     LEAST,
     {"ROSTER_SERVICE_HOST=10.0.0.1", "ROSTER_PORT_8080_TCP_ADDR=10.0.0.1",
      "ROSTER_SERVICE_PORT_HTTP=80", "ROSTER_PORT=tcp://10.0.0.1:80"},
     {NULL},
     "r-1"},
    {"variables of others",
     LEAST,
     {"ROSTERX=1", "XROSTER_A=1", "roster_x=1", "ROSTER_ALONE"},
     {NULL},
     "r-1"},
};

static void sources_have_their_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(precedence); i++) {
        const struct precedence_row *row = &precedence[i];
        const char *environment[5] = {NULL};
        struct loaded l;

        memcpy(environment, row->environment, sizeof(row->environment));
        l = load(row->text, environment, row->overrides);
        if (l.err != ERR_NONE || !span_eq(l.s->routing_profile_id, span_of(row->routing)))
            fail_msg("%s: %s", row->name, l.all);
        loaded_done(&l);
    }
}

static void all_may_come_from_the_environment(void **state)
{
    static const char *const environment[] = {"ROSTER_OKTA_GROUP_NAME=Agents",
                                              "CONNECT_INSTANCE_ID=i",
                                              "CONNECT_SECURITY_PROFILE_IDS=a, b",
                                              "CONNECT_ROUTING_PROFILE_ID=r",
                                              "ROSTER_STORE_PATH=/x",
                                              "ROSTER_OKTA_HOOK_SECRET= \"it's ",
                                              NULL};
    struct loaded l;

    (void)state;
    /* A secret is what it is, quotes and all; only what a header would lose is refused. */
    l = load(NULL, environment, NULL);
    assert_int_equal(l.err, ERR_INPUT);
    loaded_done(&l);
    l = load_good(NULL,
                  (const char *const[]){environment[0], environment[1], environment[2],
                                        environment[3], environment[4],
                                        "ROSTER_OKTA_HOOK_SECRET=\"it's", NULL},
                  NULL);
    assert_text(l.s->group_name, "Agents");
    assert_text(l.s->instance_id, "i");
    assert_int_equal(l.s->n_security_profile_ids, 2);
    assert_text(secret_span(&l.s->hook_secret), "\"it's");
    assert_text(l.s->origin, "the environment");
    loaded_done(&l);
}

static void a_higher_source_replaces_the_form_of_a_secret(void **state)
{
    struct loaded l = load_good(LEAST "[OKTA]\nHOOK_SECRET_FILE = /nowhere\n",
                                (const char *const[]){"ROSTER_OKTA_HOOK_SECRET=s", NULL}, NULL);

    (void)state;
    assert_text(secret_span(&l.s->hook_secret), "s");
    loaded_done(&l);
}

static void the_arn_brings_the_region(void **state)
{
    struct loaded l = load_good(
        LEAST, NULL,
        (const char *const[]){
            "Connect.INSTANCE_ID=arn:aws:connect:eu-west-2:123456789012:instance/i-2", NULL});

    (void)state;
    assert_text(l.s->instance_id, "i-2");
    assert_text(l.s->region, "eu-west-2");
    loaded_done(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_aws_sample_is_understood),
        cmocka_unit_test(defaults_hold),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(names_are_in_normal_form_c),
        cmocka_unit_test(sources_have_their_order),
        cmocka_unit_test(all_may_come_from_the_environment),
        cmocka_unit_test(a_higher_source_replaces_the_form_of_a_secret),
        cmocka_unit_test(the_arn_brings_the_region),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
