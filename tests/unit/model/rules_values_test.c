#include "rules_world.h"

#define UUID "12345678-1234-4234-8234-123456789abc"
#define ARN "arn:aws:connect:eu-central-1:1:instance/i/security-profile/sp-arn"

/* ---- the least ---- */

static void the_least_is_enough(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1);
    given(&w);
    assert_text(w.e.user_name, "jane");
    assert_text(w.e.first_name, "Jane");
    assert_text(w.e.last_name, "Doe");
    assert_int_equal(w.e.email.n + w.e.secondary_email.n + w.e.mobile.n, 0);
    assert_int_equal(w.e.n_security_profile_ids, 1);
    assert_text(w.e.security_profile_ids[0], "sp-agent");
    assert_text(w.e.routing_profile_id, "rp-basic");
    assert_true(w.e.hierarchy_group_id.p != NULL && w.e.hierarchy_group_id.n == 0);
    assert_false(w.e.phone.has_desk_phone || w.e.phone.is_per_channel);
    assert_int_equal(w.e.phone.persistent_connection, CHANNEL_UNSET);
    for (size_t i = 0; i < CHANNELS; i++)
        assert_true(w.e.phone.auto_accept[i] == CHANNEL_UNSET &&
                    w.e.phone.after_contact_work_s[i] == CHANNEL_UNSET);
    assert_int_equal(w.e.n_tags, 2);
    assert_text(w.e.tags[0].key, "roster:managed-by");
    assert_text(w.e.tags[0].value, "roster");
    assert_text(w.e.tags[1].key, "roster:okta-id");
    assert_text(w.e.tags[1].value, "00u1");
    assert_int_equal(w.e.n_proficiencies, 0);
    end(&w);
}

static void the_plain_keys_are_ids_as_they_stand(void **state)
{
    static const struct span ids[] = {{"my ${user.x} id", 15}, {"Agent", 5}};
    struct world w;

    (void)state;
    begin(&w, 1);
    w.rules[0].name = SPAN("");
    w.rules[0].has_ids = true;
    w.rules[0].is_any = true;
    w.rules[0].security_profiles = ids;
    w.rules[0].n_security_profiles = 2;
    w.rules[0].routing_profile = SPAN("${user.x}");
    given(&w);
    assert_text(w.e.security_profile_ids[0], "Agent");
    assert_text(w.e.security_profile_ids[1], "my ${user.x} id");
    assert_text(w.e.routing_profile_id, "${user.x}");
    /* A desk phone without a number: there is no key for one. */
    w.rules[0].phone_type = PHONE_DESK_PHONE;
    given(&w);
    assert_true(w.e.phone.has_desk_phone && w.e.phone.desk_number.p != NULL &&
                w.e.phone.desk_number.n == 0);
    end(&w);
}

/* ---- single values: the first matching rule that gives one ---- */

static void the_first_rule_decides_single_values(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 3);
    w.rules[0].routing_profile = (struct span){NULL, 0};
    w.rules[1].routing_profile = SPAN("Claims");
    w.rules[2].routing_profile = SPAN("Basic");
    w.rules[1].hierarchy_group = SPAN("Berlin/Claims");
    w.rules[2].hierarchy_group = SPAN("Berlin");
    w.rules[1].auto_accept = (struct channel_setting){.is_given = true, .of = {1, -1, -1, -1}};
    w.rules[2].auto_accept = (struct channel_setting){.is_given = true, .of = {0, -1, -1, -1}};
    w.rules[2].after_contact_work =
        (struct channel_setting){.is_given = true, .of = {60, -1, -1, -1}};
    w.rules[2].phone_type = PHONE_DESK_PHONE;
    w.rules[1].phone_type = PHONE_SOFT_PHONE;
    w.rules[2].desk_phone = SPAN("+4930123");
    given(&w);
    assert_text(w.e.routing_profile_id, "rp-claims");
    assert_text(w.e.hierarchy_group_id, "hg-claims");
    assert_int_equal(w.e.phone.auto_accept[0], 1);
    assert_int_equal(w.e.phone.after_contact_work_s[0], 60);
    assert_false(w.e.phone.has_desk_phone);
    assert_int_equal(w.e.phone.desk_number.n, 0);
    /* Who is not in its group is not concerned. */
    w.memberships[1].is_member = false;
    given(&w);
    assert_text(w.e.routing_profile_id, "rp-basic");
    assert_text(w.e.hierarchy_group_id, "hg-berlin");
    assert_int_equal(w.e.phone.auto_accept[0], 0);
    assert_true(w.e.phone.has_desk_phone);
    assert_text(w.e.phone.desk_number, "+4930123");
    /* The order of memberships is none of rules. */
    w.memberships[1].is_member = true;
    {
        struct membership first = w.memberships[0];

        w.memberships[0] = w.memberships[2];
        w.memberships[2] = first;
    }
    given(&w);
    assert_text(w.e.routing_profile_id, "rp-claims");
    end(&w);
}

static void an_attribute_without_a_value_gives_nothing(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 2);
    w.rules[0].routing_profile = SPAN("${user.routing}");
    w.rules[0].hierarchy_group = SPAN("${user.site}/${user.team}");
    w.rules[1].routing_profile = SPAN("Basic");
    w.person.profile = SPAN("{\"site\":\"Berlin\"}");
    given(&w);
    assert_text(w.e.routing_profile_id, "rp-basic");
    assert_int_equal(w.e.hierarchy_group_id.n, 0);
    w.person.profile = SPAN("{\"site\":\"Berlin\",\"team\":\"Claims\",\"routing\":\"Claims\"}");
    given(&w);
    assert_text(w.e.routing_profile_id, "rp-claims");
    assert_text(w.e.hierarchy_group_id, "hg-claims");
    w.rules[1].routing_profile = (struct span){NULL, 0};
    w.person.profile = SPAN("{}");
    refused(&w, REASON_BAD_VALUE, "[Mapping R1] ROUTING_PROFILE: an attribute");
    end(&w);
}

static void what_everybody_needs_must_come_from_somewhere(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 2);
    w.memberships[0].is_member = false;
    w.rules[1].routing_profile = SPAN("Basic");
    refused(&w, REASON_BAD_VALUE, "no rule that matches gives a security profile");
    w.rules[1].security_profiles = agent;
    w.rules[1].n_security_profiles = 1;
    given(&w);
    w.rules[1].routing_profile = (struct span){NULL, 0};
    refused(&w, REASON_BAD_VALUE, "no rule that matches gives a routing profile");
    end(&w);
}

/* ---- names ---- */

static void names_are_resolved(void **state)
{
    static const struct span refs[] = {
        {"Lead", 4}, {UUID, sizeof(UUID) - 1}, {ARN, sizeof(ARN) - 1}};
    struct world w;

    (void)state;
    begin(&w, 1);
    w.rules[0].security_profiles = refs;
    w.rules[0].n_security_profiles = 3;
    given(&w);
    assert_int_equal(w.e.n_security_profile_ids, 3);
    assert_text(w.e.security_profile_ids[0], UUID);
    assert_text(w.e.security_profile_ids[1], "sp-arn");
    assert_text(w.e.security_profile_ids[2], "sp-lead");
    end(&w);
}

static void unknown_names_are_told(void **state)
{
    static const struct span unknown[] = {{"Agents", 6}}, twice[] = {{"Twice", 5}},
                             odd[] = {{"Zzz", 3}};
    struct world w;

    (void)state;
    begin(&w, 2);
    w.rules[1].security_profiles = unknown;
    w.rules[1].n_security_profiles = 1;
    refused(&w, REASON_UNKNOWN_NAME,
            "[Mapping R2]: the instance has no security profile 'Agents'; did you mean 'Agent'?");
    w.rules[1].security_profiles = odd;
    refused(&w, REASON_UNKNOWN_NAME, "no security profile 'Zzz'");
    assert_null(strstr(w.fail.text, "did you mean"));
    w.rules[1].security_profiles = twice;
    refused(&w, REASON_UNKNOWN_NAME, "several security profiles are called 'Twice'");
    w.rules[1].n_security_profiles = 0;
    w.rules[0].routing_profile = SPAN("Klaims");
    refused(&w, REASON_UNKNOWN_NAME, "[Mapping R1]: the instance has no routing profile 'Klaims'");
    w.rules[0].routing_profile = SPAN("Basic");
    w.rules[0].hierarchy_group = SPAN("Berlin/Nowhere");
    refused(&w, REASON_UNKNOWN_NAME, "no hierarchy group 'Berlin/Nowhere'");
    /* It never becomes an empty list: nobody loses what they have because a name is unknown. */
    assert_int_equal(w.fail.err, ERR_INPUT);
    end(&w);
}

static void before_names_are_read_people_wait(void **state)
{
    struct world w;

    (void)state;
    begin(&w, 1);
    assert_int_equal(rules_entitlement(&w.all, &names_unread, &w.person, w.memberships, 1, &w.arena,
                                       &w.e, &w.fail),
                     ERR_BUSY);
    assert_string_equal(w.fail.code, REASON_NAMES_UNREAD);
    end(&w);
}

static void long_names_leave_room_for_the_advice(void **state)
{
    char name[600];
    struct span refs[] = {{name, sizeof(name)}};
    struct world w;

    (void)state;
    memset(name, 'A', sizeof(name));
    begin(&w, 1);
    w.rules[0].security_profiles = refs;
    refused(&w, REASON_UNKNOWN_NAME, "did you mean 'Agent'?");
    end(&w);
}

/* ---- lists are united ---- */

static void security_profiles_are_united(void **state)
{
    static const struct span more[] = {{"Lead", 4}, {"Agent", 5}};
    struct world w;

    (void)state;
    begin(&w, 3);
    w.rules[1].security_profiles = more;
    w.rules[1].n_security_profiles = 2;
    w.rules[2].security_profiles = lead;
    w.rules[2].n_security_profiles = 1;
    given(&w);
    assert_int_equal(w.e.n_security_profile_ids, 2);
    assert_text(w.e.security_profile_ids[0], "sp-agent");
    assert_text(w.e.security_profile_ids[1], "sp-lead");
    end(&w);
}

static void ten_security_profiles_are_the_most(void **state)
{
    struct span ids[11];
    char texts[11][40];
    struct world w;

    (void)state;
    begin(&w, 11);
    for (size_t i = 0; i < 11; i++) {
        (void)snprintf(texts[i], sizeof(texts[i]), "12345678-1234-4234-8234-1234567890%02zu",
                       10 - i);
        ids[i] = span_of(texts[i]);
        w.rules[i].security_profiles = &ids[i];
        w.rules[i].n_security_profiles = 1;
    }
    refused(&w, REASON_BAD_VALUE, "more than the 10 security profiles");
    assert_non_null(strstr(w.fail.text, "[Mapping R11] is one too many"));
    w.memberships[10].is_member = false;
    given(&w);
    assert_int_equal(w.e.n_security_profile_ids, 10);
    for (size_t i = 1; i < 10; i++)
        assert_true(span_cmp(w.e.security_profile_ids[i - 1], w.e.security_profile_ids[i]) < 0);
    /* The same once more is not one more. */
    w.memberships[10].is_member = true;
    ids[10] = ids[3];
    given(&w);
    end(&w);
}

static void tags_are_united(void **state)
{
    static const struct tag first[] = {{{"Team", 4}, {"Claims", 6}},
                                       {{"Site", 4}, {"${user.city}", 12}},
                                       {{"roster:okta-id", 14}, {"stolen", 6}}},
                            second[] = {{{"Team", 4}, {"Sales", 5}},
                                        {{"Site", 4}, {"Ulm", 3}},
                                        {{"Cost", 4}, {"${user.cost:-none}", 18}}};
    struct world w;

    (void)state;
    begin(&w, 2);
    w.rules[0].tags = first;
    w.rules[0].n_tags = 3;
    w.rules[1].tags = second;
    w.rules[1].n_tags = 3;
    given(&w);
    assert_int_equal(w.e.n_tags, 5);
    assert_text(w.e.tags[0].key, "Cost");
    assert_text(w.e.tags[0].value, "none");
    assert_text(w.e.tags[1].key, "Site");
    assert_text(w.e.tags[1].value, "Ulm"); /* the first one's attribute has no value */
    assert_text(w.e.tags[2].key, "Team");
    assert_text(w.e.tags[2].value, "Claims");
    assert_text(w.e.tags[4].key, "roster:okta-id");
    assert_text(w.e.tags[4].value, "00u1"); /* whose it is, no rule says */
    w.person.profile = SPAN("{\"city\":\"Bonn\",\"cost\":7}");
    given(&w);
    assert_text(w.e.tags[0].value, "7");
    assert_text(w.e.tags[1].value, "Bonn");
    end(&w);
}

static void tags_have_bounds(void **state)
{
    size_t n;
    struct tag tags[49];
    char keys[49][8], profile[700];
    static const struct tag long_tag[] = {{{"Long", 4}, {"${user.long}", 12}}};
    struct world w;

    (void)state;
    begin(&w, 1);
    for (size_t i = 0; i < 49; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "k%zu", i);
        tags[i] = (struct tag){span_of(keys[i]), SPAN("v")};
    }
    w.rules[0].tags = tags;
    w.rules[0].n_tags = 48;
    given(&w);
    assert_int_equal(w.e.n_tags, 50);
    w.rules[0].n_tags = 49;
    refused(&w, REASON_BAD_VALUE, "[Mapping R1] TAGS: 'k48' is one more than the 50");
    /* 256 characters, not bytes. */
    w.rules[0].tags = long_tag;
    w.rules[0].n_tags = 1;
    n = (size_t)snprintf(profile, sizeof(profile), "{\"long\":\"");
    for (size_t i = 0; i < 256; i++, n += 2)
        memcpy(profile + n, "\xc3\xa9", 2);
    memcpy(profile + n, "\"}", sizeof("\"}"));
    w.person.profile = span_of(profile);
    given(&w);
    assert_int_equal(w.e.tags[0].value.n, 512);
    (void)snprintf(profile + strlen(profile) - 2, 8, "x\"}");
    w.person.profile = span_of(profile);
    refused(&w, REASON_BAD_VALUE, "TAGS: 'Long' becomes longer than 256 characters");
    end(&w);
}

static void proficiencies_are_united(void **state)
{
    static const struct rule_proficiency first[] = {{{"Lang", 4}, {"en", 2}, 5},
                                                    {{"Lang", 4}, {"${user.lang}", 12}, 3}},
                                         second[] = {{{"Lang", 4}, {"en", 2}, 1},
                                                     {{"Car", 3}, {"yes", 3}, 2.5}};
    struct world w;

    (void)state;
    begin(&w, 2);
    w.rules[0].proficiencies = first;
    w.rules[0].n_proficiencies = 2;
    w.rules[1].proficiencies = second;
    w.rules[1].n_proficiencies = 2;
    given(&w);
    assert_int_equal(w.e.n_proficiencies, 2);
    assert_text(w.e.proficiencies[0].attribute, "Car");
    assert_true(w.e.proficiencies[0].level > 2.4 && w.e.proficiencies[0].level < 2.6);
    assert_text(w.e.proficiencies[1].value, "en");
    assert_true(w.e.proficiencies[1].level > 4.9); /* the first one's */
    w.person.profile = SPAN("{\"lang\":\"de\"}");
    given(&w);
    assert_int_equal(w.e.n_proficiencies, 3);
    assert_text(w.e.proficiencies[1].value, "de");
    end(&w);
}

static void ten_proficiencies_are_the_most(void **state)
{
    struct rule_proficiency list[11];
    char values[11][4];
    struct world w;

    (void)state;
    begin(&w, 1);
    for (size_t i = 0; i < 11; i++) {
        (void)snprintf(values[i], sizeof(values[i]), "%zu", i);
        list[i] = (struct rule_proficiency){SPAN("Skill"), span_of(values[i]), 1};
    }
    w.rules[0].proficiencies = list;
    w.rules[0].n_proficiencies = 10;
    given(&w);
    w.rules[0].n_proficiencies = 11;
    refused(&w, REASON_BAD_VALUE, "more than the 10 proficiencies");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_is_enough),
        cmocka_unit_test(the_plain_keys_are_ids_as_they_stand),
        cmocka_unit_test(the_first_rule_decides_single_values),
        cmocka_unit_test(an_attribute_without_a_value_gives_nothing),
        cmocka_unit_test(what_everybody_needs_must_come_from_somewhere),
        cmocka_unit_test(names_are_resolved),
        cmocka_unit_test(unknown_names_are_told),
        cmocka_unit_test(before_names_are_read_people_wait),
        cmocka_unit_test(long_names_leave_room_for_the_advice),
        cmocka_unit_test(security_profiles_are_united),
        cmocka_unit_test(ten_security_profiles_are_the_most),
        cmocka_unit_test(tags_are_united),
        cmocka_unit_test(tags_have_bounds),
        cmocka_unit_test(proficiencies_are_united),
        cmocka_unit_test(ten_proficiencies_are_the_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
