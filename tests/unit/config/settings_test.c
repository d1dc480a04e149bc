#include "load.h"

#include <string.h>

/* What the settings are when all is well: the sample, defaults, every key, precedence. */

static void the_aws_sample_is_understood(void **state)
{
    struct settings_sources sources = {.path = TEST_DATA "/aws-sample-config.ini",
                                       .environment = (const char *const[]){"HOME=/h", NULL}};
    struct settings_mistakes mistakes;
    const struct rule *plain;
    struct settings *s;

    (void)state;
    assert_int_equal(settings_load(&sources, &s, &mistakes), ERR_NONE);
    assert_int_equal(mistakes.n, 0);
    assert_int_equal(s->rules.n, 1);
    plain = settings_plain_rule(s);
    assert_non_null(plain);
    assert_text(plain->name, "");
    assert_true(plain->is_any && plain->has_ids);
    assert_int_equal(plain->n_tests, 2);
    assert_int_equal(plain->tests[0].kind, TEST_APP);
    assert_int_equal(plain->tests[0].n, 1);
    assert_text(plain->tests[0].values[0], "AWS Account Federation");
    assert_int_equal(plain->tests[1].kind, TEST_GROUP);
    assert_text(plain->tests[1].values[0], "amazon_connect");
    assert_int_equal(plain->n_security_profiles, 3);
    assert_text(plain->security_profiles[0], "12345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(plain->security_profiles[1], "65345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(plain->security_profiles[2], "98345678-1234-2345-abd8-0aa7f5b46852");
    assert_text(plain->routing_profile, "87654321-69fb-43b6-a5e6-f8666ac189cb");
    assert_null(plain->hierarchy_group.p);
    assert_null(plain->desk_phone.p);
    assert_int_equal(plain->phone_type, PHONE_SOFT_PHONE);
    assert_false(plain->auto_accept.is_given || plain->after_contact_work.is_given);
    assert_int_equal(plain->n_tags + plain->n_proficiencies, 0);
    assert_false(s->rules.reads_okta);
    assert_int_equal(s->rules.user_name.n, 0);
    assert_text(s->rules.managed_by, "roster");
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
    assert_int_equal(s->rules.n, 1);
    assert_int_equal(s->rules.rules[0].n_tests, 1);
    assert_int_equal(s->rules.rules[0].phone_type, PHONE_SOFT_PHONE);
    assert_true(s->has_hook);
    assert_false(secret_is_set(&s->hook_secret));
    assert_false(secret_is_set(&s->hook_secret_previous));
    assert_text(s->hook_header, "Authorization");
    assert_int_equal(s->rules.settle_ms, 3000);
    assert_int_equal(s->org_url.n + s->client_id.n + s->key_id.n, 0);
    assert_false(secret_is_set(&s->api_token) || secret_is_set(&s->private_key));
    assert_int_equal(s->catch_up_every_ms, 60 * 1000);
    assert_int_equal(s->rules.user_name.n, 0);
    assert_int_equal(s->partition.n + s->account.n + s->region.n, 0);
    assert_int_equal(s->rules.on_remove, REMOVE_KEEP);
    assert_int_equal(s->rules.on_rename, RENAME_HOLD);
    assert_int_equal(s->rules.removal_grace_ms, 24 * 3600 * 1000);
    assert_int_equal(s->rules.parked_security_profile.n + s->rules.parked_routing_profile.n, 0);
    assert_int_equal(s->rules.identity, IDENTITY_SAML);
    assert_int_equal(s->max_removals.count, 20);
    assert_true(s->max_removals.percent == 10);
    assert_int_equal(s->max_removals.always, GUARD_ALWAYS_REMOVALS);
    assert_int_equal(s->max_changes.count, 100);
    assert_true(s->max_changes.percent == 20);
    assert_int_equal(s->max_changes.always, GUARD_ALWAYS_CHANGES);
    assert_int_equal(s->max_wait_ms, 4 * 3600 * 1000);
    assert_int_equal(s->max_agents, 0);
    assert_int_equal(s->reconcile_every_ms, 24 * 3600 * 1000);
    assert_int_equal(s->rate.n, 1);
    assert_true(rate_limits_for(&s->rate, SPAN("CreateUser")) == 2);
    assert_true(rate_limits_for(&s->burst, SPAN("CreateUser")) == 5);
    assert_false(s->rules.adopts_existing);
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
        "GROUP_MEMBERSHIP_ADD_EVENT = group.user_membership.add\nHOOK = off\n"
        "HOOK_SECRET = \"Bearer a\\\"b\"\nHOOK_SECRET_PREVIOUS = Bearer c\n"
        "HOOK_HEADER = X-Secret\nSETTLE = 2m\n"
        "ORG_URL = https://ACME.okta.com/\nAPI_TOKEN = 00abc\nCATCH_UP_EVERY = 5m\n"
        "USERNAME = ${user.login}\n"
        "[CONNECT]\nINSTANCE_ID = arn:aws-us-gov:connect:us-gov-west-1:123456789012:instance/i-1\n"
        "SECURITY_PROFILE_IDS = a, \"b,c\" , d\nROUTING_PROFILE_ID = r 1\nREGION = us-gov-west-1\n"
        "PHONE_TYPE = desk_phone\nRATE = 1.5, describeuser : 10\nBURST = SearchUsers:20\n"
        "ON_EXISTING = adopt\nON_REMOVE = disable\nREMOVAL_GRACE = 0s\n"
        "MAX_REMOVALS = 5%, 50\nMAX_CHANGES = none\nON_RENAME = replace\n"
        "PARKED_SECURITY_PROFILE = Parked, all\nPARKED_ROUTING_PROFILE = Nobody\n"
        "MAX_WAIT = 1h\nMAX_AGENTS = 500\nRECONCILE_EVERY = 6h\n"
        "[Server]\nLISTEN = [::1]:0\n"
        "[Store]\nPATH = /var/lib/x/\nKEEP_EVENTS = 7d\n"
        "[Alert]\nCOMMAND = mail -s \"a # b\" me@x # note\n";
    struct loaded l = load_good(text, NULL, NULL);
    const struct settings *s = l.s;
    const struct rule *plain = settings_plain_rule(s);

    (void)state;
    assert_text(s->name, "emea 1");
    assert_text(s->rules.managed_by, "emea 1");
    assert_text(plain->tests[0].values[0], "Sales # 1; EMEA ");
    assert_text(plain->tests[1].values[0], "Agents");
    assert_false(s->has_hook);
    assert_text(s->org_url, "https://acme.okta.com");
    assert_true(s->rules.reads_okta);
    assert_text(secret_span(&s->api_token), "00abc");
    assert_int_equal(s->catch_up_every_ms, 5 * 60 * 1000);
    assert_text(s->rules.user_name, "${user.login}");
    assert_text(secret_span(&s->hook_secret), "Bearer a\"b");
    assert_text(secret_span(&s->hook_secret_previous), "Bearer c");
    assert_text(s->hook_header, "X-Secret");
    assert_int_equal(s->rules.settle_ms, 120000);
    assert_text(s->instance_id, "i-1");
    assert_text(s->partition, "aws-us-gov");
    assert_text(s->account, "123456789012");
    assert_text(s->region, "us-gov-west-1");
    assert_int_equal(plain->n_security_profiles, 3);
    assert_text(plain->security_profiles[1], "b,c");
    assert_text(plain->routing_profile, "r 1");
    assert_int_equal(plain->phone_type, PHONE_DESK_PHONE);
    assert_int_equal(s->rules.on_remove, REMOVE_DISABLE);
    assert_int_equal(s->rules.removal_grace_ms, 0);
    assert_int_equal(s->max_removals.count, 50);
    assert_true(s->max_removals.percent == 5);
    assert_int_equal(s->max_changes.count, GUARD_UNSET);
    assert_true(s->max_changes.percent == GUARD_UNSET);
    assert_int_equal(s->max_changes.always, GUARD_ALWAYS_CHANGES);
    assert_int_equal(s->rules.on_rename, RENAME_REPLACE);
    assert_text(s->rules.parked_security_profile, "Parked, all");
    assert_text(s->rules.parked_routing_profile, "Nobody");
    assert_int_equal(s->max_wait_ms, 3600 * 1000);
    assert_int_equal(s->max_agents, 500);
    assert_int_equal(s->reconcile_every_ms, 6 * 3600 * 1000);
    assert_true(rate_limits_for(&s->rate, SPAN("CreateUser")) == 1.5);
    assert_true(rate_limits_for(&s->rate, SPAN("DescribeUser")) == 10);
    assert_true(rate_limits_for(&s->burst, SPAN("CreateUser")) == 5);
    assert_true(rate_limits_for(&s->burst, SPAN("SearchUsers")) == 20);
    assert_true(s->rules.adopts_existing);
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
    assert_text(settings_plain_rule(l.s)->tests[1].values[0], "Ag\xc3\xa9nts");
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
        if (l.err != ERR_NONE ||
            !span_eq(settings_plain_rule(l.s)->routing_profile, span_of(row->routing)))
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
    assert_text(settings_plain_rule(l.s)->tests[0].values[0], "Agents");
    assert_text(l.s->instance_id, "i");
    assert_int_equal(settings_plain_rule(l.s)->n_security_profiles, 2);
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

static void with_a_queue_there_is_no_store(void **state)
{
    static const char url[] = "https://sqs.eu-central-1.amazonaws.com/123456789012/roster.fifo";
    static const char *const lambda[] = {
        "ROSTER_OKTA_GROUP_NAME=Agents",
        "CONNECT_INSTANCE_ID=i",
        "CONNECT_SECURITY_PROFILE_IDS=a",
        "CONNECT_ROUTING_PROFILE_ID=r",
        "ROSTER_QUEUE_URL=https://sqs.eu-central-1.amazonaws.com/123456789012/roster.fifo",
        NULL};
    struct loaded l = load("[Roster]\n", lambda, NULL);

    (void)state;
    assert_int_equal(l.err, ERR_NONE);
    assert_text(l.s->queue_url, url);
    assert_int_equal(l.s->store_file.n, 0);
    loaded_done(&l);
    l = load("[Store]\nPATH = /x\n", lambda, NULL); /* but when one is asked for */
    assert_text(l.s->store_file, "/x/roster.db");
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
        cmocka_unit_test(with_a_queue_there_is_no_store),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
