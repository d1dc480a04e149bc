#include "load.h"

#include <string.h>

#include "base/buf.h"
#include "config/rule_values.h"

/* [Mapping …] sections: what becomes of good ones, and every mistake in bad ones. */

/* 7 lines, with the API, and without the plain rule. */
#define NO_PLAIN                                                                                   \
    "[OKTA]\nORG_URL = https://acme.okta.com\nAPI_TOKEN = t\n"                                     \
    "[Connect]\nINSTANCE_ID = i-1\n[Store]\nPATH = /x\n"
/* 5 lines more: all that an agent needs. */
#define COMPLETE                                                                                   \
    NO_PLAIN "[Mapping All]\nAPP = Amazon Connect\nSECURITY_PROFILES = Agent\n"                    \
             "ROUTING_PROFILE = General\n\n"

static void a_rule_is_read(void **state)
{
    struct loaded l =
        load_good(NO_PLAIN "[mapping  Claims Team ]\n"
                           "GROUP = Claims, \"Claims, Berlin\", 00g1emaKYZTWRYYRRTSK\n"
                           "app = Amazon Connect\n"
                           "user.costCenter = 7*, *\n"
                           "USER.CostCenter = x\n"
                           "SECURITY_PROFILES = Agent, \"Call, Center\"\n"
                           "ROUTING_PROFILE = ${user.queue:-General}\n"
                           "HIERARCHY_GROUP = Age\xcc\x81/Claims\n"
                           "PHONE_TYPE = desk_phone\n"
                           "DESK_PHONE = +49 (30) 123-45\n"
                           "AUTO_ACCEPT = voice:Yes, CHAT : no\n"
                           "AFTER_CONTACT_WORK = 2m\n"
                           "TAGS = Team=Claims, \"Site=Berlin, Mitte\", Note=\"a, b\", Eq=a=b\n"
                           "PROFICIENCIES = Language:English=5, connect:Language:${user.l:-en}=1\n",
                  NULL, NULL);
    const struct rules *rules = &l.s->rules;
    const struct rule *rule = rules->rules;

    (void)state;
    assert_int_equal(rules->n, 1);
    assert_null(settings_plain_rule(l.s));
    assert_true(rules->reads_okta);
    assert_text(rule->name, "Claims Team");
    assert_false(rule->is_any || rule->has_ids);
    assert_int_equal(rule->n_tests, 4);
    assert_int_equal(rule->tests[0].kind, TEST_GROUP);
    assert_int_equal(rule->tests[0].n, 3);
    assert_text(rule->tests[0].values[1], "Claims, Berlin");
    assert_int_equal(rule->tests[1].kind, TEST_APP);
    assert_int_equal(rule->tests[2].kind, TEST_ATTRIBUTE);
    assert_text(rule->tests[2].attribute, "costCenter");
    assert_text(rule->tests[2].values[0], "7*");
    assert_text(rule->tests[3].attribute, "CostCenter");
    assert_int_equal(rule->n_security_profiles, 2);
    assert_text(rule->security_profiles[1], "Call, Center");
    assert_text(rule->routing_profile, "${user.queue:-General}");
    assert_text(rule->hierarchy_group, "Ag\xc3\xa9/Claims");
    assert_int_equal(rule->phone_type, PHONE_DESK_PHONE);
    assert_text(rule->desk_phone, "+49 (30) 123-45");
    assert_true(rule->auto_accept.is_given && rule->auto_accept.is_per_channel);
    assert_int_equal(rule->auto_accept.of[CHANNEL_VOICE], 1);
    assert_int_equal(rule->auto_accept.of[CHANNEL_CHAT], 0);
    assert_int_equal(rule->auto_accept.of[CHANNEL_TASK], CHANNEL_UNSET);
    assert_true(rule->after_contact_work.is_given && !rule->after_contact_work.is_per_channel);
    assert_int_equal(rule->after_contact_work.of[0], 120);
    assert_int_equal(rule->n_tags, 4);
    assert_text(rule->tags[1].key, "Site");
    assert_text(rule->tags[1].value, "Berlin, Mitte");
    assert_text(rule->tags[2].value, "a, b");
    assert_text(rule->tags[3].value, "a=b");
    assert_int_equal(rule->n_proficiencies, 2);
    assert_text(rule->proficiencies[0].attribute, "Language");
    assert_text(rule->proficiencies[0].value, "English");
    assert_true(rule->proficiencies[0].level == 5);
    assert_text(rule->proficiencies[1].attribute, "connect:Language");
    assert_text(rule->proficiencies[1].value, "${user.l:-en}");
    loaded_done(&l);
}

static void the_order_is_that_of_the_file_and_the_plain_keys_come_last(void **state)
{
    struct loaded l = load_good("[Mapping B]\nGROUP = b\nTAGS = a=b\n" LEAST
                                "[Mapping A]\nGROUP = a\nDESK_PHONE = +4930123456\n",
                                NULL, NULL);
    const struct rules *rules = &l.s->rules;

    (void)state;
    assert_int_equal(rules->n, 3);
    assert_text(rules->rules[0].name, "B");
    assert_int_equal(rules->rules[0].phone_type, PHONE_UNSET);
    assert_null(rules->rules[0].routing_profile.p);
    assert_false(rules->rules[0].auto_accept.is_given);
    assert_text(rules->rules[1].name, "A");
    assert_int_equal(rules->rules[1].phone_type, PHONE_UNSET); /* the number, if any, says so */
    assert_text(rules->rules[2].name, "");
    assert_ptr_equal(settings_plain_rule(l.s), &rules->rules[2]);
    assert_false(rules->reads_okta);
    loaded_done(&l);
}

static const struct good_row {
    const char *name, *text;
} good[] = {
    {"two rules with one test", COMPLETE "[Mapping A]\nGROUP=g\nTAGS=a=b\n"
                                         "[Mapping B]\nGROUP=g\nTAGS=c=d\n"},
    {"a value that is a quote", COMPLETE "[Mapping A]\nUSER.a = \"\\\"\"\nTAGS=a=b\n"},
    {"ARNs of the instance",
     "[OKTA]\n[Connect]\nINSTANCE_ID=arn:aws:connect:eu-west-2:123456789012:instance/i\n"
     "[Store]\nPATH=/x\n[Mapping A]\nGROUP=g\n"
     "SECURITY_PROFILES=arn:aws:connect:eu-west-2:123456789012:instance/i/security-profile/s\n"
     "ROUTING_PROFILE=arn:aws:connect:eu-west-2:123456789012:instance/i/routing-profile/r\n"
     "HIERARCHY_GROUP=arn:aws:connect:eu-west-2:123456789012:instance/i/agent-group/h\n"},
    {"a path of five", COMPLETE "[Mapping A]\nGROUP=g\nHIERARCHY_GROUP=a/b/c/d/e\n"},
    {"an id for a path",
     COMPLETE "[Mapping A]\nGROUP=g\nHIERARCHY_GROUP=8e4dc5a1-0122-4131-adc2-a0ebe5a2b2a7\n"},
    {"a dollar sign", COMPLETE "[Mapping A]\nGROUP=Cost $ \nROUTING_PROFILE=$$ 5\n"
                               "SECURITY_PROFILES=Cost $\n"},
    {"letters of other scripts", COMPLETE
     "[Mapping \xce\xb1]\nGROUP=\xe8\xae\xa2\xe5\x8d\x95\nTAGS=\xc3\xa9t\xc3\xa9=\xc3\xa9\n"},
    {"a profile kept by the plain rule alone", LEAST "[Mapping A]\nGROUP=g\nTAGS=a=b\n"},
    {"a soft phone with a number",
     COMPLETE "[Mapping A]\nGROUP=g\nPHONE_TYPE=SOFT_PHONE\nDESK_PHONE=+4930123456\n"},
    {"a desk phone here and its number there",
     COMPLETE "[Mapping A]\nGROUP=g\nPHONE_TYPE=DESK_PHONE\n"
              "[Mapping B]\nGROUP=g\nDESK_PHONE=${user.primaryPhone}\n"},
    {"the plain rule has a desk phone, and no number",
     LEAST "[Connect]\nPHONE_TYPE=DESK_PHONE\n[Mapping A]\nGROUP=g\nTAGS=a=b\n"},
};

static void good_rules_are_accepted(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(good); i++) {
        struct loaded l = load(good[i].text, NULL, NULL);

        if (l.err != ERR_NONE)
            fail_msg("%s: %s", good[i].name, l.all);
        loaded_done(&l);
    }
}

/* Lines of COMPLETE: 12, so that a section behind it has line 13. */
static const struct mistake_row {
    const char *name, *text, *expected;
} mistakes[] = {
    {"an unknown key", COMPLETE "[Mapping A]\nGROUPS = g\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] GROUPS: there is no such key; did you mean GROUP?\n"},
    {"an unknown key like none", COMPLETE "[Mapping A]\nGROUP = g\nTEAM = x\n",
     "ROSTER_CONFIG:15: [Mapping A] TEAM: there is no such key; use one of GROUP, APP, "
     "USER.<attribute>, SECURITY_PROFILES, ROUTING_PROFILE, HIERARCHY_GROUP, PHONE_TYPE, "
     "DESK_PHONE, AUTO_ACCEPT, AFTER_CONTACT_WORK, TAGS, PROFICIENCIES\n"},
    {"an attribute without its USER.", COMPLETE "[Mapping A]\nUSR.department = x\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] USR.department: there is no such key; did you mean "
     "USER.department?\n"},
    {"a key of the sample", COMPLETE "[Mapping A]\nGROUP=g\nROUTING_PROFILE_ID = x\n",
     "ROSTER_CONFIG:15: [Mapping A] ROUTING_PROFILE_ID: there is no such key; did you mean "
     "ROUTING_PROFILE?\n"},
    {"a key of another section", COMPLETE "[Mapping A]\nGROUP_NAME=g\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] GROUP_NAME: this key belongs to [OKTA]; a rule has GROUP, APP, "
     "USER.<attribute>, SECURITY_PROFILES, ROUTING_PROFILE, HIERARCHY_GROUP, PHONE_TYPE, "
     "DESK_PHONE, AUTO_ACCEPT, AFTER_CONTACT_WORK, TAGS, PROFICIENCIES\n"},
    {"a rule's key elsewhere", COMPLETE "[Connect]\nHIERARCHY_GROUP=a/b\n",
     "ROSTER_CONFIG:14: [Connect] HIERARCHY_GROUP: this key belongs to a [Mapping NAME] "
     "section\n"},
    {"no attribute", COMPLETE "[Mapping A]\nUSER. = x\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] USER.: USER. goes on with the name of an attribute, of "
     "letters, digits, '_' and '-', as in USER.department\n"},
    {"no attribute's name", COMPLETE "[Mapping A]\nUSER.a}b = x\nUSER.c:-d=x\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] USER.a}b: USER. goes on with the name of an attribute, of "
     "letters, digits, '_' and '-', as in USER.department\n"
     "ROSTER_CONFIG:15: [Mapping A] USER.c:-d: USER. goes on with the name of an attribute, of "
     "letters, digits, '_' and '-', as in USER.department\n"},
    {"no name", COMPLETE "[Mapping]\nGROUP=g\nTAGS=a=b\n",
     "ROSTER_CONFIG:13: [Mapping]: the name is empty; give the rule a name of its own, as in "
     "[Mapping Claims]\n"},
    {"a section like it", COMPLETE "[Maping Sales]\nGROUP=g\nTAGS=a=b\n",
     "ROSTER_CONFIG:13: [Maping Sales]: there is no such section; did you mean [Mapping Sales]?\n"},
    {"two of one name", COMPLETE "[mapping all]\nGROUP=g\nTAGS=a=b\n",
     "ROSTER_CONFIG:13: [mapping all]: there is a rule of that name in line 8; give each a name of "
     "its own\n"},
    {"a repeated test", COMPLETE "[Mapping A]\nGROUP=g\ngroup=h\nTAGS=a=b\n",
     "ROSTER_CONFIG:15: [Mapping A] group: it is set already in line 14; keep one of them, with "
     "alternatives parted by commas\n"},
    {"a repeated value", COMPLETE "[Mapping A]\nGROUP=g\nTAGS=a=b\nTAGS=c=d\n",
     "ROSTER_CONFIG:16: [Mapping A] TAGS: it is set already in line 15; keep one of them\n"},
    {"no when", COMPLETE "[Mapping A]\nTAGS=a=b\n",
     "ROSTER_CONFIG:13: [Mapping A]: it does not say for whom it is; use one of GROUP, APP, "
     "USER.<attribute>\n"},
    {"no what", COMPLETE "[Mapping A]\nGROUP=g\n",
     "ROSTER_CONFIG:13: [Mapping A]: it gives nothing; use one of SECURITY_PROFILES, "
     "ROUTING_PROFILE, HIERARCHY_GROUP, PHONE_TYPE, DESK_PHONE, AUTO_ACCEPT, AFTER_CONTACT_WORK, "
     "TAGS, PROFICIENCIES\n"},
    {"a line that is none", COMPLETE "[Mapping A]\nGROUP\nUSER.department x\nTAGS=a=b\n",
     "ROSTER_CONFIG:14: [Mapping A] GROUP: a line is '[section]', 'KEY = value' or a comment\n"
     "ROSTER_CONFIG:15: [Mapping A] USER.department: a line is '[section]', 'KEY = value' or a "
     "comment\n"},
    {"rights from an attribute",
     COMPLETE "[Mapping A]\nGROUP=g\nSECURITY_PROFILES = Agent, ${user.title:-Agent}\n",
     "ROSTER_CONFIG:15: [Mapping A] SECURITY_PROFILES: '${user.title:-Agent}' would take rights "
     "from an attribute, and an attribute that people edit themselves must never grant rights; use "
     "1 to 10 names, ids or ARNs of security profiles, separated by commas, as in Agent, Call "
     "Center Manager\n"},
    {"attributes without the API",
     LEAST "[Mapping A]\nUSER.department=x\nDESK_PHONE = ${user.primaryPhone}\nTAGS=a=${user.b}\n"
           "PROFICIENCIES=a:b=1\n",
     "ROSTER_CONFIG:10: [Mapping A] USER.department: it needs [OKTA] ORG_URL, which is missing: an "
     "event does not tell the attributes of a user, Okta's API does\n"
     "ROSTER_CONFIG:11: [Mapping A] DESK_PHONE: it needs [OKTA] ORG_URL, which is missing: an "
     "event does not tell the attributes of a user, Okta's API does\n"
     "ROSTER_CONFIG:12: [Mapping A] TAGS: it needs [OKTA] ORG_URL, which is missing: an "
     "event does not tell the attributes of a user, Okta's API does\n"},
    {"the plain rule is half there",
     "[OKTA]\nGROUP_NAME=g\n[Connect]\nINSTANCE_ID=i\nSECURITY_PROFILE_IDS=s\n[Store]\nPATH=/x\n"
     "[Mapping A]\nGROUP=g\nSECURITY_PROFILES=s\nROUTING_PROFILE=r\n",
     "ROSTER_CONFIG: [Connect] ROUTING_PROFILE_ID is missing, which those get whom [OKTA] APP_NAME "
     "and GROUP_NAME name; use an id of 1 to 100 printable characters, as in "
     "87654321-69fb-43b6-a5e6-f8666ac189cb, or take these two out\n"},
    {"the other half",
     COMPLETE "[Connect]\nSECURITY_PROFILE_IDS=s\nROUTING_PROFILE_ID=r\nPHONE_TYPE=DESK_PHONE\n",
     "ROSTER_CONFIG:14: [Connect] SECURITY_PROFILE_IDS: nobody gets it, because [OKTA] APP_NAME "
     "and GROUP_NAME are missing; set one of these, or move it into the [Mapping …] sections\n"
     "ROSTER_CONFIG:15: [Connect] ROUTING_PROFILE_ID: nobody gets it, because [OKTA] APP_NAME "
     "and GROUP_NAME are missing; set one of these, or move it into the [Mapping …] sections\n"
     "ROSTER_CONFIG:16: [Connect] PHONE_TYPE: nobody gets it, because [OKTA] APP_NAME "
     "and GROUP_NAME are missing; set one of these, or move it into the [Mapping …] sections\n"},
    {"nobody gives profiles", NO_PLAIN "[Mapping A]\nGROUP=g\nTAGS=a=b\n",
     "ROSTER_CONFIG: no [Mapping …] section has SECURITY_PROFILES, and every agent needs one\n"
     "ROSTER_CONFIG: no [Mapping …] section has ROUTING_PROFILE, and every agent needs one\n"},
    {"nobody gives a number", COMPLETE "[Mapping A]\nGROUP=g\nPHONE_TYPE=DESK_PHONE\n",
     "ROSTER_CONFIG:15: [Mapping A] PHONE_TYPE: no section gives a number for it; set DESK_PHONE, "
     "as in ${user.primaryPhone}\n"},
};

static void mistakes_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(mistakes); i++) {
        struct loaded l = load(mistakes[i].text, NULL, NULL);

        if (l.err != ERR_INPUT || l.s != NULL || strcmp(l.all, mistakes[i].expected) != 0)
            fail_msg("%s: %d:\n%s\nexpected:\n%s", mistakes[i].name, (int)l.err, l.all,
                     mistakes[i].expected);
        loaded_done(&l);
    }
}

/* Lines of a rule, each wrong, and a part of the message. */
static const struct line_row {
    const char *line, *needle;
} lines[] = {
    {"SECURITY_PROFILES =", "the name is empty; use 1 to 10 names, ids or ARNs"},
    {"SECURITY_PROFILES = a, b, a", "'a' is there twice"},
    {"SECURITY_PROFILES = a, , b", "the name is empty"},
    {"SECURITY_PROFILES = 1,2,3,4,5,6,7,8,9,10,11", "there are more than 10"},
    {"SECURITY_PROFILES = arn:aws:connect:eu-west-2:123456789012:instance/i-1/routing-profile/r",
     "is no ARN of a security profile"},
    {"SECURITY_PROFILES = arn:aws:connect:eu-west-2:123456789012:instance/i-2/security-profile/r",
     "belongs to another instance"},
    {"SECURITY_PROFILES = arn:aws:connect", "arn:aws:connect"},
    {"ROUTING_PROFILE = arn:aws:iam::123456789012:role/x", "is no ARN of a routing profile"},
    {"ROUTING_PROFILE =", "the name is empty"},
    {"ROUTING_PROFILE = \"a\" b", "quotes"},
    {"ROUTING_PROFILE = ${user.queue", "no closing '}'"},
    {"ROUTING_PROFILE = ${queue}", "is no attribute; write ${user.NAME}"},
    {"ROUTING_PROFILE = ${app.userName}", "can stand in USERNAME only"},
    {"ROUTING_PROFILE = 5 $", "a '$' alone"},
    {"HIERARCHY_GROUP = /a", "has an empty name in it"},
    {"HIERARCHY_GROUP = a//b", "has an empty name in it"},
    {"HIERARCHY_GROUP = a/b/", "has an empty name in it"},
    {"HIERARCHY_GROUP = a/b/c/d/e/f", "has 6 levels, and a hierarchy has at most 5"},
    {"HIERARCHY_GROUP = arn:aws:connect:eu-west-2:123456789012:instance/i-1/queue/q",
     "is no ARN of a hierarchy group"},
    {"PHONE_TYPE = PIGEON", "use SOFT_PHONE or DESK_PHONE"},
    {"DESK_PHONE = 030 12345", "'030 12345' is no number in the form +4930123456"},
    {"DESK_PHONE = +0301234", "no number"},
    {"DESK_PHONE = +49-abc", "no number"},
    {"AUTO_ACCEPT = maybe", "'maybe' is neither yes nor no"},
    {"AUTO_ACCEPT =", "'' is neither yes nor no"},
    {"AUTO_ACCEPT = FAX:yes", "'FAX' is no channel"},
    {"AUTO_ACCEPT = VOICE:yes, voice:no", "VOICE is there twice"},
    {"AUTO_ACCEPT = yes, no", "a value for all channels is there twice"},
    {"AFTER_CONTACT_WORK = 2000001", "is more than 2000000 seconds"},
    {"AFTER_CONTACT_WORK = 99999999999999999999", "is more than 2000000 seconds"},
    {"AFTER_CONTACT_WORK = 24d", "is more than 2000000 seconds"},
    {"AFTER_CONTACT_WORK = long", "'long' is no duration"},
    {"AFTER_CONTACT_WORK = CHAT:-1", "'-1' is no duration"},
    {"TAGS = Team", "'Team' is no KEY=value"},
    {"TAGS =", "'' is no KEY=value"},
    {"TAGS = =x", "a tag has no key"},
    {"TAGS = Team=", "'Team' has no value"},
    {"TAGS = Team=a, Team=b", "'Team' is there twice"},
    {"TAGS = AWS:x=y", "keys that begin with aws: are AWS's own"},
    {"TAGS = roster:okta-id=00u1", "keys that begin with roster: are Roster's own"},
    {"TAGS = a*b=c", "has a character that no tag's key has"},
    {"TAGS = Team=${user.team", "no closing '}'"},
    {"TAGS = Team=\"a", "quotes"},
    {"PROFICIENCIES = Language=5", "is no ATTRIBUTE:value=LEVEL"},
    {"PROFICIENCIES = Language:English", "is no ATTRIBUTE:value=LEVEL"},
    {"PROFICIENCIES = a=b:c", "is no ATTRIBUTE:value=LEVEL"},
    {"PROFICIENCIES = connect:Language=5", "is no ATTRIBUTE:value=LEVEL"},
    {"PROFICIENCIES = Language:English=6", "'6' is no level"},
    {"PROFICIENCIES = Language:English=0", "'0' is no level"},
    {"PROFICIENCIES = Language:English=1.5", "'1.5' is no level"},
    {"PROFICIENCIES = Language:English=", "'' is no level"},
    {"PROFICIENCIES = :English=1", "has no attribute"},
    {"PROFICIENCIES = Language:=1", "has no value"},
    {"PROFICIENCIES = a:b=1, a:b=2", "'a:b=2' is there twice"},
    {"PROFICIENCIES = a:1=1,a:2=1,a:3=1,a:4=1,a:5=1,a:6=1,a:7=1,a:8=1,a:9=1,a:10=1,a:11=1",
     "there are more than 10"},
    {"APP =", "the name is empty; use names or ids of applications"},
    {"APP = a, a", "'a' is there twice"},
    {"USER.department = ", "the name is empty; use values of the attribute"},
    {"USER.department = \"x", "quotes"},
};

static void values_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS(lines); i++) {
        char *text = mem_printf(COMPLETE "[Mapping A]\nGROUP=g\n%s\n[Mapping B]\nGROUP=g\n"
                                         "TAGS=a=b\nDESK_PHONE=+4930123456\n",
                                lines[i].line);
        struct loaded l = load(text, NULL, NULL);
        bool is_test = strncmp(lines[i].line, "APP", 3) == 0 || lines[i].line[0] == 'U';

        /* A rule that has only tests gives nothing, besides. */
        if (l.err != ERR_INPUT || l.mistakes.n != (is_test ? 2 : 1) ||
            strstr(l.all, lines[i].needle) == NULL || strstr(l.all, "[Mapping A]") == NULL)
            fail_msg("%s: %s", lines[i].line, l.all);
        loaded_done(&l);
        free(text);
    }
}

static void limits_of_tags_are_kept(void **state)
{
    struct buf text;

    (void)state;
    buf_init(&text, 1 << 16);
    for (int n = 47; n <= 49; n++) {
        struct loaded l;

        buf_clear(&text);
        buf_add_str(&text, COMPLETE "[Mapping A]\nGROUP=g\nTAGS=last=x");
        for (int i = 1; i < n; i++)
            buf_printf(&text, ", k%d=v", i);
        l = load(text.p, NULL, NULL);
        assert_int_equal(l.err, n <= 48 ? ERR_NONE : ERR_INPUT);
        loaded_done(&l);
    }
    for (int n = 255; n <= 257; n++) {
        struct loaded l;

        buf_clear(&text);
        buf_add_str(&text, COMPLETE "[Mapping A]\nGROUP=g\nTAGS=k=");
        for (int i = 0; i < n; i++)
            buf_add_char(&text, 'v');
        l = load(text.p, NULL, NULL);
        assert_int_equal(l.err, n <= TAG_VALUE_LIMIT ? ERR_NONE : ERR_INPUT);
        loaded_done(&l);
    }
    buf_done(&text);
}

static void channels_are_read(void **state)
{
    static const struct channel_row {
        const char *text;
        bool is_per_channel;
        int64_t of[CHANNELS];
    } rows[] = {
        {"30", false, {30, -1, -1, -1}},
        {"0", false, {0, -1, -1, -1}},
        {"2000000", false, {2000000, -1, -1, -1}},
        {"2000000s", false, {2000000, -1, -1, -1}},
        {"VOICE:30s, CHAT:2m", true, {30, 120, -1, -1}},
        {"task : 1 , email:0", true, {-1, -1, 1, 0}},
        {"30, CHAT:0", true, {30, 0, 30, 30}},
        {"CHAT:0, 30", true, {30, 0, 30, 30}},
        {"\"30\"", false, {30, -1, -1, -1}},
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct channel_setting found = {0};

        assert_int_equal(rule_after_contact_work(&a, span_of(rows[i].text), &found, NULL),
                         ERR_NONE);
        assert_true(found.is_given);
        if (found.is_per_channel != rows[i].is_per_channel ||
            memcmp(found.of, rows[i].of, sizeof(found.of)) != 0)
            fail_msg("%s: %lld %lld %lld %lld", rows[i].text, (long long)found.of[0],
                     (long long)found.of[1], (long long)found.of[2], (long long)found.of[3]);
    }
    arena_done(&a);
}

/* ---- the text for a digest ---- */

static char *rules_text(const char *text)
{
    struct loaded l = load_good(text, NULL, NULL);
    struct buf b;

    buf_init(&b, 1 << 20);
    settings_add_rules_text(l.s, &b);
    loaded_done(&l);
    return buf_take(&b);
}

#define RULE(lines) COMPLETE "[Mapping A]\nGROUP=g\n" lines

static void every_change_of_a_rule_changes_the_text(void **state)
{
    static const char *const texts[] = {
        RULE("TAGS=a=b\n"),
        RULE("TAGS=a=c\n"),
        RULE("TAGS=b=a\n"),
        RULE("TAGS=a=b, c=d\n"),
        RULE("APP=x\nTAGS=a=b\n"),
        RULE("USER.x=y\nTAGS=a=b\n"),
        RULE("USER.x=y, z\nTAGS=a=b\n"),
        RULE("USER.X=y\nTAGS=a=b\n"),
        RULE("SECURITY_PROFILES=s\n"),
        RULE("ROUTING_PROFILE=s\n"),
        RULE("HIERARCHY_GROUP=s\n"),
        RULE("PHONE_TYPE=SOFT_PHONE\n"),
        RULE("DESK_PHONE=+4930123456\n"),
        RULE("DESK_PHONE=+4930123457\n"),
        RULE("AUTO_ACCEPT=yes\n"),
        RULE("AUTO_ACCEPT=VOICE:yes\n"),
        RULE("AFTER_CONTACT_WORK=1\n"),
        RULE("PROFICIENCIES=a:b=1\n"),
        RULE("PROFICIENCIES=a:b=2\n"),
        RULE("TAGS=a=b\n[OKTA]\nUSERNAME=${user.login}\n"),
        RULE("TAGS=a=b\n[Roster]\nNAME=emea\n"),
        RULE("TAGS=a=b\n[Connect]\nON_EXISTING=adopt\n"),
        RULE("TAGS=a=b\n[Connect]\nON_REMOVE=delete\n"),
        RULE("TAGS=a=b\n[OKTA]\nAPP_NAME=a\n[Connect]\nSECURITY_PROFILE_IDS=s\n"
             "ROUTING_PROFILE_ID=r\n"),
    };
    char *found[ROWS(texts)];

    (void)state;
    for (size_t i = 0; i < ROWS(texts); i++) {
        char *again = rules_text(texts[i]);

        found[i] = rules_text(texts[i]);
        assert_string_equal(found[i], again);
        free(again);
        for (size_t j = 0; j < i; j++)
            if (strcmp(found[i], found[j]) == 0)
                fail_msg("%s\nlooks like\n%s", texts[i], texts[j]);
    }
    for (size_t i = 0; i < ROWS(texts); i++)
        free(found[i]);
}

static void what_is_no_rule_does_not_change_it(void **state)
{
    char *before = rules_text(COMPLETE), *after;

    (void)state;
    after = rules_text("; note\n" COMPLETE "[Connect]\nRATE = 10\nREMOVAL_GRACE = 1h\n"
                       "[OKTA]\nHOOK_SECRET = hush\n");
    assert_string_equal(before, after);
    free(before);
    free(after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_read),
        cmocka_unit_test(the_order_is_that_of_the_file_and_the_plain_keys_come_last),
        cmocka_unit_test(good_rules_are_accepted),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(values_are_refused),
        cmocka_unit_test(limits_of_tags_are_kept),
        cmocka_unit_test(channels_are_read),
        cmocka_unit_test(every_change_of_a_rule_changes_the_text),
        cmocka_unit_test(what_is_no_rule_does_not_change_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
