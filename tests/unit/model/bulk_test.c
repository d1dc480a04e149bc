/* The console's table of users: columns by title, cells, faults by row and column, and writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_names.h"
#include "model/bulk.h"

enum { TEXT = 16 * 1024 };

#define SAML                                                                                       \
    "first name,last name,user login,routing profile name,security_profile_name_1|"                \
    "security_profile_name_2,phone type (soft/desk),phone number,soft phone auto accept "          \
    "(yes/no),ACW timeout (seconds)"
#define MANAGED                                                                                    \
    "first name,last name,email address,password,user login,routing profile name,"                 \
    "security_profile_name_1|security_profile_name_2,phone type (soft/desk),phone number,soft "    \
    "phone auto accept (yes/no),ACW timeout (seconds)"
#define OF_2023                                                                                    \
    "First Name,Last Name,Email address,Secondary email address,Mobile,Password,User login,Agent " \
    "hierarchy,Routing profile name,security_profile_name_1|security_profile_name_2,"              \
    "user_hierarchy_1|user_hierarchy_2,phone type (soft/desk),phone number,soft phone auto "       \
    "accept "                                                                                      \
    "(yes/no),ACW timeout (seconds),tags"
#define OF_2026                                                                                    \
    "first name,last name,user login,agent hierarchy,routing profile "                             \
    "name,security_profile_name_1|"                                                                \
    "security_profile_name_2,user_hierarchy_1|user_hierarchy_2,phone type (soft/desk),phone "      \
    "number,tags,persistent connection,audio enhancement (none/isolate voice/suppress noise)"
#define LEAST "user login,first name,last name,routing profile,security profiles"

/* The rows as the store would keep them, a line each; then faults and notes. */
static void describe(const struct bulk *b, struct buf *out)
{
    for (size_t i = 0; i < b->n && b->n_faults == 0; i++) {
        buf_printf(out, "%u ", b->rows[i].line);
        entitlement_add_json(out, &b->rows[i].wanted);
        buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < b->n_faults; i++)
        buf_printf(out, "%u %.*s: %s\n", b->faults[i].line, SPAN_ARG(b->faults[i].column),
                   b->faults[i].text);
    if (b->n_more_faults > 0)
        buf_printf(out, "and %zu more\n", b->n_more_faults);
    for (size_t i = 0; i < b->n_notes; i++)
        buf_printf(out, "note %u, %zu: %s %s\n", b->notes[i].line, b->notes[i].n,
                   bulk_title(b->notes[i].column), b->notes[i].text);
}

static const struct fake_row rows_of_names[] = {
    {NAME_SECURITY_PROFILE, "Agent", "s-2"}, {NAME_SECURITY_PROFILE, "QA", "s-1"},
    {NAME_SECURITY_PROFILE, "Twin", "s-8"},  {NAME_SECURITY_PROFILE, "Twin", "s-9"},
    {NAME_ROUTING_PROFILE, "Basic", "r-1"},  {NAME_HIERARCHY_GROUP, "Berlin/Claims", "h-1"},
};

static void read_text(const char *text, enum identity_type identity, bool resolves, struct buf *out)
{
    struct fake_names names =
        fake_names(rows_of_names, sizeof(rows_of_names) / sizeof(rows_of_names[0]));
    struct bulk b;

    bulk_read(span_of(text), identity, &b);
    if (resolves)
        bulk_resolve(&b, &names.names);
    describe(&b, out);
    bulk_done(&b);
}

static void assert_reads(const char *name, const char *text, enum identity_type identity,
                         bool resolves, const char *wanted)
{
    struct buf out;

    buf_init(&out, TEXT);
    read_text(text, identity, resolves, &out);
    if (strcmp(out.p, wanted) != 0)
        fail_msg("%s: got\n%swanted\n%s", name, out.p, wanted);
    buf_done(&out);
}

#define NAMES "\"user_name\":\"jane\",\"first_name\":\"Jane\",\"last_name\":\"Doe\""
#define SOFT                                                                                       \
    "\"desk_phone\":false,\"persistent\":-1,\"per_channel\":false,\"auto_accept\":[-1],"           \
    "\"after_contact_work_s\":[-1]"
#define AGENT "\"security_profiles\":[\"s-2\"]"
#define NO_LISTS "\"tags\":[],\"proficiencies\":[]"

static void test_generations(void **state)
{
    static const struct {
        const char *name, *text;
        enum identity_type identity;
        const char *wanted;
    } rows[] = {
        {"2022, SAML", SAML "\nJane,Doe,jane,Basic,Agent|QA,soft,,yes,20\n", IDENTITY_SAML,
         "2 {" NAMES ",\"routing_profile\":\"r-1\",\"desk_phone\":false,\"persistent\":-1,"
         "\"per_channel\":false,\"auto_accept\":[1],\"after_contact_work_s\":[20],"
         "\"security_profiles\":[\"s-1\",\"s-2\"]," NO_LISTS "}\n"},
        {"2022, own passwords",
         MANAGED
         "\r\nJane,Doe,jane@acme.com,Secret123,jane,Basic,Agent,desk,+49 (0)30 123-45,no,\r\n",
         IDENTITY_MANAGED,
         "2 {" NAMES ",\"email\":\"jane@acme.com\",\"routing_profile\":\"r-1\",\"desk_phone\":true,"
         "\"desk_number\":\"+493012345\",\"persistent\":-1,\"per_channel\":false,"
         "\"auto_accept\":[0],\"after_contact_work_s\":[-1]," AGENT "," NO_LISTS "}\n"
         "note 2, 1: password is not used: each user gets a random one, and sets another by "
         "'Forgot "
         "password'\n"},
        {"the blog's",
         SAML ",UserHierarchy\nJane,Doe,jane,Basic,Agent,SOFT_PHONE,,TRUE,0,Berlin/Claims\n",
         IDENTITY_SAML,
         "2 {" NAMES
         ",\"routing_profile\":\"r-1\",\"hierarchy_group\":\"h-1\",\"desk_phone\":false,"
         "\"persistent\":-1,\"per_channel\":false,\"auto_accept\":[1],\"after_contact_work_s\":[0]"
         "," AGENT "," NO_LISTS "}\n"},
        {"2023",
         OF_2023 "\nJane,Doe,j@acme.com,jane.doe@acme.com,+4915112345678,x,jane,Claims,Basic,Agent,"
                 "Berlin|Claims,soft,,no,30,team=Claims|site:Berlin\n",
         IDENTITY_SAML,
         "2 {" NAMES ",\"secondary_email\":\"jane.doe@acme.com\",\"mobile\":\"+4915112345678\","
         "\"routing_profile\":\"r-1\",\"hierarchy_group\":\"h-1\",\"desk_phone\":false,"
         "\"persistent\":-1,\"per_channel\":false,\"auto_accept\":[0],\"after_contact_work_s\":[30]"
         "," AGENT ",\"tags\":[\"site\",\"Berlin\",\"team\",\"Claims\"],\"proficiencies\":[]}\n"
         "note 2, 1: email address is left out: only an instance that keeps passwords itself takes "
         "one\n"
         "note 2, 1: password is not used: users do not sign in to this instance with one\n"},
        {"2026",
         OF_2026 "\nJane,Doe,jane,Berlin|Claims,Basic,Agent,,soft,,,yes,isolate voice\n"
                 "Joe,Doe,joe,,Basic,Agent,,DESK_PHONE,+4930123456,,,none\n",
         IDENTITY_SAML,
         "2 {" NAMES
         ",\"routing_profile\":\"r-1\",\"hierarchy_group\":\"h-1\",\"desk_phone\":false,"
         "\"persistent\":1,\"per_channel\":false,\"auto_accept\":[-1],\"after_contact_work_s\":[-1]"
         "," AGENT "," NO_LISTS "}\n"
         "3 {\"user_name\":\"joe\",\"first_name\":\"Joe\",\"last_name\":\"Doe\","
         "\"routing_profile\":\"r-1\",\"desk_phone\":true,\"desk_number\":\"+4930123456\","
         "\"persistent\":-1,\"per_channel\":false,\"auto_accept\":[-1],\"after_contact_work_s\":[-"
         "1]," AGENT "," NO_LISTS "}\n"
         "note 2, 1: audio enhancement (none/isolate voice/suppress noise) is not set by Roster; "
         "set it in Amazon Connect\n"},
        {"a spreadsheet's habits",
         "\xef\xbb\xbf\"User Login\";First_Name;LAST NAME;Routing Profile;Security Profiles;;\r\n"
         "\"jane\";\" Jane \";\"Doe\";Basic;Agent;;\r\n;;;;;;\r\n\r\n",
         IDENTITY_SAML,
         "2 {" NAMES ",\"routing_profile\":\"r-1\"," SOFT "," AGENT "," NO_LISTS "}\n"},
        {"ids and ARNs instead of names",
         LEAST "\njane,Jane,Doe,12345678-1234-2345-abd8-0aa7f5b46852,"
               "arn:aws:connect:eu-central-1:1:instance/i/security-profile/s-7|QA\n",
         IDENTITY_SAML,
         "2 {" NAMES ",\"routing_profile\":\"12345678-1234-2345-abd8-0aa7f5b46852\"," SOFT
         ",\"security_profiles\":[\"s-1\",\"s-7\"]," NO_LISTS "}\n"},
        {"all that Roster's own form has",
         LEAST ",auto accept,after contact work,proficiencies,okta id,agent id,state\n"
               "jane,Jane,Doe,Basic,Agent,VOICE:yes|CHAT:no,20,"
               "connect:Language:German=4|Skill:a=b=5,00u1,a-1,in_step\n",
         IDENTITY_SAML,
         "2 {" NAMES ",\"routing_profile\":\"r-1\",\"desk_phone\":false,\"persistent\":-1,"
         "\"per_channel\":true,\"auto_accept\":[1,0,-1,-1],\"after_contact_work_s\":[20,20,20,20]"
         "," AGENT ",\"tags\":[],\"proficiencies\":[\"Skill\",\"a=b\",5,\"connect:Language\","
         "\"German\",4]}\n"},
        {"one profile by two names", LEAST "\njane,Jane,Doe,Basic,Agent|Agent|s-x\n", IDENTITY_SAML,
         "2 security profiles: the instance has no security profile 's-x'\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_reads(rows[i].name, rows[i].text, rows[i].identity, true, rows[i].wanted);
}

/* One row with one cell changed; each says what is wrong, with line and column. */
static void test_cells(void **state)
{
    static const struct {
        const char *name, *column, *cell;
        const char *fault; /* NULL = none */
    } rows[] = {
        {"no user name", "user login", "", "user login: it is missing"},
        {"a bad user name", "user login", "jane doe", "'jane doe' has a character"},
        {"no first name", "first name", " ", "first name: it is missing"},
        {"no last name", "last name", "", "last name: it is missing"},
        {"no routing profile", "routing profile", "", "routing profile: it is missing"},
        {"no security profile", "security profiles", " | ", "security profiles: it is missing"},
        {"too many", "security profiles", "a|b|c|d|e|f|g|h|i|j|k",
         "security profiles: there are more than 10"},
        {"a bad e-mail address", "secondary email", "jane@acme", "is no e-mail address"},
        {"another", "secondary email", "jane@@acme.com", "is no e-mail address"},
        {"another", "secondary email", "jänе@acme.com", "is no e-mail address"},
        {"another", "secondary email", "jane@acme.c0m", "is no e-mail address"},
        {"a good one", "secondary email", "jane.d+x@mail.acme.com", NULL},
        {"a bad mobile", "mobile", "0151 12345", "is no number with its country"},
        {"an unknown phone", "phone type", "tablet", "'tablet' is neither soft nor desk"},
        {"a desk phone without a number", "phone type", "desk", "phone number: it is missing"},
        {"a yes that is none", "auto accept", "maybe", "'maybe' is not yes, no, or CHANNEL:yes"},
        {"an unknown channel", "auto accept", "VOICE:yes|FAX:no", "is not yes, no, or"},
        {"seconds", "acw", "1e3", "'1e3' is not a number of seconds"},
        {"too many seconds", "acw", "2000001", "is not a number of seconds"},
        {"many digits", "acw", "99999999999999999999999999", "is not a number of seconds"},
        {"the most seconds", "acw", "2000000", NULL},
        {"persistence", "persistent connection", "2", "'2' is neither yes nor no"},
        {"a tag without a value", "tags", "team", "'team' is no key=value"},
        {"a tag of Roster's", "tags", "Roster:managed-by=x", "are taken"},
        {"a tag of AWS's", "tags", "aws:x=y", "are taken"},
        {"a tag with odd characters", "tags", "a!=b", "'a!=b': a key has 1 to 128"},
        {"a tag twice", "tags", "a=1;a=2", "'a' is there twice"},
        {"tags, however separated", "tags", "a=1;b=2|c:3,d=", NULL},
        {"a proficiency without a level", "proficiencies", "Skill:x",
         "is no attribute:value=LEVEL"},
        {"a level out of range", "proficiencies", "Skill:x=6", "is no attribute:value=LEVEL"},
        {"a proficiency twice", "proficiencies", "S:x=1|S:x=2", "'S' is there twice"},
        {"a hierarchy of one level", "hierarchy", "Berlin", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const char *const columns[] = {"user login", "first name", "last name",
                                              "routing profile", "security profiles"};
        static const char *const cells[] = {"jane", "Jane", "Doe", "Basic", "Agent"};
        struct buf text, out;
        bool is_there = false;

        buf_init(&text, TEXT);
        buf_init(&out, TEXT);
        for (int k = 0; k < 5; k++)
            buf_printf(&text, "%s%s", k == 0 ? "" : ",", columns[k]);
        for (int k = 0; k < 5; k++)
            is_there = is_there || strcmp(rows[i].column, columns[k]) == 0;
        buf_printf(&text, "%s%s\n", is_there ? "" : ",", is_there ? "" : rows[i].column);
        for (int k = 0; k < 5; k++)
            buf_printf(&text, "%s%s", k == 0 ? "" : ",",
                       strcmp(rows[i].column, columns[k]) == 0 ? rows[i].cell : cells[k]);
        if (!is_there)
            buf_printf(&text, ",\"%s\"", rows[i].cell);
        read_text(text.p, IDENTITY_SAML, false, &out);
        if (rows[i].fault == NULL
                ? strchr("2", out.p[0]) == NULL || out.p[1] != ' ' || out.p[2] != '{'
                : strstr(out.p, rows[i].fault) == NULL || out.p[0] != '2')
            fail_msg("%s: got %s", rows[i].name, out.p);
        buf_done(&text);
        buf_done(&out);
    }
}

static void test_faults(void **state)
{
    static const struct {
        const char *name, *text, *wanted;
    } rows[] = {
        {"nothing", "", "1 : the file is empty\n"},
        {"titles alone", LEAST "\n", "1 : there is no user in the file\n"},
        {"UTF-16",
         "\xff\xfe"
         "u",
         "1 : the file is UTF-16; save it as 'CSV UTF-8'\n"},
        {"titles",
         "user login,frist name,last name,user name,routing profile,security profiles,x y\n",
         "1 frist name: there is no such column; did you mean 'first name'?\n"
         "1 user name: this column is there twice\n"
         "1 x y: there is no such column; take it out, or give it the title that the console's "
         "template has\n"
         "1 first name: this column is missing\n"},
        {"all at once, in the order of lines",
         LEAST "\njane,Jane,,Basic,Agents\nJANE,Jane,Doe,Nope,Agent\njoe,\xff,Doe,Basic,Agent\n"
               "ann,Ann,Lee,Basic,Twin,more\n",
         "2 last name: it is missing\n"
         "2 security profiles: the instance has no security profile 'Agents'; did you mean "
         "'Agent'?\n"
         "3 user login: 'JANE' stands in line 2 already\n"
         "3 routing profile: the instance has no routing profile 'Nope'\n"
         "4 first name: it is no UTF-8; save the file as 'CSV UTF-8'\n"
         "5 : it has more cells than there are titles; one with a separator in it must stand in "
         "quotation marks\n"
         "5 security profiles: several security profiles are called 'Twin'; write the id "
         "instead\n"},
        {"hierarchies that differ",
         LEAST ",agent hierarchy,user_hierarchy_1\njane,Jane,Doe,Basic,Agent,Berlin/Claims,Sales\n",
         "2 user_hierarchy_1: 'Sales' is not 'Berlin/Claims' in the other column\n"},
        {"a long cell is cut",
         LEAST "\njane,Jane,Doe,Basic,\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
               "\nyyyy\"\n",
         "2 security profiles: the instance has no security profile "
         "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx '\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_reads(rows[i].name, rows[i].text, IDENTITY_SAML, true, rows[i].wanted);
}

static void test_many_faults(void **state)
{
    struct buf text;
    struct bulk b;

    (void)state;
    buf_init(&text, 1024 * 1024);
    buf_add_str(&text, LEAST "\n");
    for (int i = 0; i < 3000; i++)
        buf_printf(&text, "u%d,A,,Basic,Agent\n", i);
    bulk_read(buf_span(&text), IDENTITY_SAML, &b);
    assert_int_equal(b.n, 3000);
    assert_int_equal(b.n_faults, BULK_FAULTS);
    assert_int_equal(b.n_more_faults, 3000 - BULK_FAULTS);
    bulk_done(&b);
    buf_done(&text);
}

/* Without the instance's names nothing is wrong, and not all is known. */
static void test_unread(void **state)
{
    struct bulk b;

    (void)state;
    bulk_read(span_of(LEAST "\njane,Jane,Doe,Basic,Agent\n"), IDENTITY_SAML, &b);
    bulk_resolve(&b, &names_unread);
    assert_int_equal(b.n_faults, 0);
    assert_false(b.has_all_names);
    assert_true(span_eq(b.rows[0].wanted.routing_profile_id, SPAN("Basic")));
    bulk_done(&b);
}

static void test_write(void **state)
{
    static const char *const wanted[] = {
        [BULK_CONSOLE_2026] = OF_2026
        "\r\nJane,Doe,jane,Berlin|Claims,Basic,QA|Agent|s-7,Berlin|Claims,desk,+4930123456,team=A "
        "B,yes,\r\n",
        [BULK_CONSOLE_2023] =
            "first name,last name,email address,secondary email address,mobile,password,user login,"
            "agent hierarchy,routing profile name,security_profile_name_1|security_profile_name_2,"
            "user_hierarchy_1|user_hierarchy_2,phone type (soft/desk),phone number,soft phone auto "
            "accept (yes/no),ACW timeout (seconds),tags"
            "\r\nJane,Doe,,j@acme.com,,,jane,Berlin|Claims,Basic,QA|Agent|s-7,Berlin|Claims,desk,"
            "+4930123456,yes,20,team=A B\r\n",
        [BULK_ROSTER] =
            "user login,first name,last name,email address,secondary email address,mobile,routing "
            "profile name,security_profile_name_1|security_profile_name_2,agent hierarchy,phone "
            "type (soft/desk),phone number,soft phone auto accept (yes/no),ACW timeout (seconds),"
            "persistent connection,tags,proficiencies,okta id,agent id,state"
            "\r\njane,Jane,Doe,,j@acme.com,,Basic,QA|Agent|s-7,Berlin/Claims,desk,+4930123456,"
            "VOICE:yes|CHAT:no,VOICE:20,yes,team=A B,Skill:x=3,00u1,a-1,in_step\r\n",
    };
    const struct span profiles[] = {SPAN("s-1"), SPAN("s-2"), SPAN("s-7")};
    const struct tag tags[] = {{SPAN(TAG_MANAGED_BY), SPAN("roster")}, {SPAN("team"), SPAN("A B")}};
    const struct proficiency proficiencies[] = {{SPAN("Skill"), SPAN("x"), 3}};
    const struct entitlement e = {
        .user_name = SPAN("jane"),
        .first_name = SPAN("Jane"),
        .last_name = SPAN("Doe"),
        .secondary_email = SPAN("j@acme.com"),
        .security_profile_ids = profiles,
        .n_security_profile_ids = 3,
        .routing_profile_id = SPAN("r-1"),
        .hierarchy_group_id = SPAN("h-1"),
        .phone = {.persistent_connection = 1,
                  .has_desk_phone = true,
                  .desk_number = SPAN("+4930123456"),
                  .is_per_channel = true,
                  .auto_accept = {1, 0, CHANNEL_UNSET, CHANNEL_UNSET},
                  .after_contact_work_s = {20, CHANNEL_UNSET, CHANNEL_UNSET, CHANNEL_UNSET}},
        .tags = tags,
        .n_tags = 2,
        .proficiencies = proficiencies,
        .n_proficiencies = 1,
    };
    const struct bulk_about about = {SPAN("00u1"), SPAN("a-1"), SPAN("in_step")};
    struct fake_names names =
        fake_names(rows_of_names, sizeof(rows_of_names) / sizeof(rows_of_names[0]));

    (void)state;
    for (int format = 0; format < BULK_FORMATS; format++) {
        enum bulk_format parsed = BULK_FORMATS;
        struct buf out;

        assert_true(
            bulk_format_parse(span_of(bulk_format_name((enum bulk_format)format)), &parsed));
        assert_int_equal(parsed, format);
        buf_init(&out, TEXT);
        bulk_add_titles(&out, parsed);
        bulk_add_agent(&out, parsed, &e, &about, &names.names);
        assert_string_equal(out.p, wanted[format]);
        buf_done(&out);
    }
}

/* What is written in Roster's own form is read as it was. */
static void test_round(void **state)
{
    static const char *const text = LEAST
        ",secondary email,mobile,hierarchy,phone type,phone number,auto accept,acw,persistent "
        "connection,tags,proficiencies\n"
        "jane,=Jane,\"O'Doe, \"\"x\"\"\",Basic,Agent|QA,j@acme.com,+4915112345,Berlin/Claims,"
        "desk,+4930123456,VOICE:yes|CHAT:no,VOICE:20|EMAIL:0,no,a=1|b=2,S:x=3|T:y=1\n"
        "joe,Joe,Doe,Basic,QA,,,,soft,,yes,30,,,\n";
    struct fake_names names =
        fake_names(rows_of_names, sizeof(rows_of_names) / sizeof(rows_of_names[0]));
    struct buf written, first, second;
    struct bulk b, again;

    (void)state;
    buf_init(&written, TEXT);
    buf_init(&first, TEXT);
    buf_init(&second, TEXT);
    bulk_read(span_of(text), IDENTITY_SAML, &b);
    bulk_resolve(&b, &names.names);
    describe(&b, &first);
    assert_int_equal(b.n_faults, 0);
    bulk_add_titles(&written, BULK_ROSTER);
    for (size_t i = 0; i < b.n; i++)
        bulk_add_agent(&written, BULK_ROSTER, &b.rows[i].wanted,
                       &(struct bulk_about){{0}, {0}, {0}}, &names.names);
    assert_non_null(strstr(written.p, "'=Jane"));
    bulk_read(buf_span(&written), IDENTITY_SAML, &again);
    bulk_resolve(&again, &names.names);
    describe(&again, &second);
    assert_string_equal(first.p, second.p);
    bulk_done(&b);
    bulk_done(&again);
    buf_done(&written);
    buf_done(&first);
    buf_done(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generations), cmocka_unit_test(test_cells),
        cmocka_unit_test(test_faults),      cmocka_unit_test(test_many_faults),
        cmocka_unit_test(test_unread),      cmocka_unit_test(test_write),
        cmocka_unit_test(test_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
