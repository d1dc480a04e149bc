#include "base/buf.h"
#include "rules_world.h"

static void list(void *arg, const char *key, struct span value, struct span rule)
{
    buf_printf(arg, "%s = %.*s (%.*s)\n", key, SPAN_ARG(value), SPAN_ARG(rule));
}

static void each_value_is_explained(void **state)
{
    static const struct span unknown[] = {{"Agents", 6}};
    static const struct tag first[] = {{{"Team", 4}, {"Claims", 6}},
                                       {{"x", 1}, {"${user.no}", 10}}},
                            second[] = {{{"Team", 4}, {"Sales", 5}}, {{"x", 1}, {"y", 1}}};
    static const struct rule_proficiency skills[] = {{{"Lang", 4}, {"${user.lang}", 12}, 2.5}},
                                         more_skills[] = {{{"Lang", 4}, {"de", 2}, 1},
                                                          {{"Lang", 4}, {"en", 2}, 5}};
    struct world w;
    struct buf b;

    (void)state;
    begin(&w, 3);
    w.person.profile = SPAN("{\"lang\":\"de\",\"primaryPhone\":\"+4930123\"}");
    w.rules[0].tags = first;
    w.rules[0].n_tags = 2;
    w.rules[0].proficiencies = skills;
    w.rules[0].n_proficiencies = 1;
    w.rules[0].auto_accept = (struct channel_setting){true, true, {1, 0, -1, -1}};
    w.rules[1].security_profiles = unknown; /* explained even so: above all then */
    w.rules[1].n_security_profiles = 1;
    w.rules[1].routing_profile = SPAN("Claims");
    w.rules[1].tags = second;
    w.rules[1].n_tags = 2;
    w.rules[1].proficiencies = more_skills;
    w.rules[1].n_proficiencies = 2;
    w.rules[1].desk_phone = SPAN("${user.primaryPhone}");
    w.rules[1].after_contact_work = (struct channel_setting){true, false, {30, -1, -1, -1}};
    w.rules[2].name = SPAN("");
    w.rules[2].has_ids = true;
    w.rules[2].security_profiles = lead;
    w.rules[2].n_security_profiles = 1;
    w.rules[2].phone_type = PHONE_SOFT_PHONE;
    buf_init(&b, 4096);
    rules_explain(&w.all, &w.view.names, &w.person, w.memberships, 3, &w.arena, list, &b);
    assert_string_equal(b.p, "SECURITY_PROFILES = Agent (R1)\n"
                             "ROUTING_PROFILE = Basic (R1)\n"
                             "AUTO_ACCEPT = VOICE:yes, CHAT:no (R1)\n"
                             "TAGS = Team=Claims (R1)\n"
                             "PROFICIENCIES = Lang:de=2.5 (R1)\n"
                             "SECURITY_PROFILES = Agents (R2)\n"
                             "PHONE_TYPE = DESK_PHONE (R2)\n"
                             "DESK_PHONE = +4930123 (R2)\n"
                             "AFTER_CONTACT_WORK = 30s (R2)\n"
                             "TAGS = x=y (R2)\n"
                             "PROFICIENCIES = Lang:en=5 (R2)\n"
                             "SECURITY_PROFILES = Lead ()\n");
    /* Who matches nothing has nothing to be explained. */
    buf_clear(&b);
    rules_explain(&w.all, &w.view.names, &w.person, NULL, 0, &w.arena, list, &b);
    assert_int_equal(b.n, 0);
    buf_done(&b);
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_value_is_explained),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
