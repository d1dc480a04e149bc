#include "stand_in.h"

#include "aws/shared_files.h"

#define CONFIG SHARED_CONFIG
#define KEYS SHARED_CREDENTIALS

static const struct row {
    const char *name, *keys, *config;  /* the two files */
    const char *profile, *key, *value; /* value NULL: it is not set */
} rows[] = {
    {"no files", NULL, NULL, "default", "region", NULL},
    {"the default profile", NULL, "[default]\nregion = eu-west-1\n", "default", "region",
     "eu-west-1"},
    {"no line break at the end", NULL, "[default]\nregion=eu-west-1", "default", "region",
     "eu-west-1"},
    {"line breaks of Windows and a mark", NULL, "\xef\xbb\xbf[default]\r\nregion = a\r\n",
     "default", "region", "a"},
    {"a named profile", NULL, "[profile x]\nregion = b\n", "x", "region", "b"},
    {"the word, and many blanks", NULL, "[ profile \t x ]\nregion = b\n", "x", "region", "b"},
    {"a name in quotes", NULL, "[profile \"a b\"]\nregion = c\n", "a b", "region", "c"},
    {"without the word it is none in the config file", NULL, "[x]\nregion = b\n", "x", "region",
     NULL},
    {"without the word it is one in the credentials file", "[x]\nregion = b\n", NULL, "x", "region",
     "b"},
    {"with the word it is another in the credentials file", "[profile x]\nregion = b\n", NULL, "x",
     "region", NULL},
    {"credentials go first", "[x]\nregion = a\n", "[profile x]\nregion = b\n", "x", "region", "a"},
    {"both files are one profile", "[x]\naws_access_key_id = a\n", "[profile x]\nregion = b\n", "x",
     "region", "b"},
    {"the later line counts", NULL, "[default]\nregion = a\nregion = b\n", "default", "region",
     "b"},
    {"sections come together", NULL, "[default]\nregion = a\n[profile y]\n[default]\noutput = b\n",
     "default", "output", "b"},
    {"[profile default] before [default]", NULL,
     "[profile default]\nregion = a\n[default]\nregion = b\n", "default", "region", "a"},
    {"[profile default] after [default]", NULL,
     "[default]\nregion = b\n[profile default]\nregion = a\n", "default", "region", "a"},
    {"keys in any case", NULL, "[default]\nREGION = a\n", "default", "region", "a"},
    {"profiles in their own", NULL, "[profile X]\nregion = a\n", "x", "region", NULL},
    {"an empty value is none", NULL, "[default]\nregion =\n", "default", "region", NULL},
    {"comments", NULL, "# a\n; b\n[default] # c\n  # d\nregion = a # e\n", "default", "region",
     "a"},
    {"no comment without a blank", NULL, "[default]\nregion = a#b;c\n", "default", "region",
     "a#b;c"},
    {"no comment in quotes", NULL, "[default]\nx = \"a #b\" c # d\n", "default", "x", "\"a #b\" c"},
    {"an equals sign in the value", NULL, "[default]\nx = a=b==\n", "default", "x", "a=b=="},
    {"nested settings are no settings", NULL, "[default]\ns3 =\n  region = a\nregion = b\n",
     "default", "region", "b"},
    {"nested settings are not the profile's", NULL, "[default]\ns3 =\n  endpoint_url = a\n",
     "default", "endpoint_url", NULL},
    {"nested without an equals sign", NULL, "[default]\ns3 =\n  what\nregion = b\n", "default",
     "region", "b"},
    {"an indented section", NULL, "[default]\nx = y\n  [profile z]\nregion = c\n", "z", "region",
     "c"},
    {"a value over two lines", NULL, "[default]\nx = one\n  two # no\n\tthree\n", "default", "x",
     "one\n  two # no\n\tthree"},
    {"an indented first setting", NULL, "[default]\n  region = a\n", "default", "region", "a"},
    {"other sections", NULL, "[sso-session s]\nregion = a\n[plugins]\nx = y\n[default]\nz = b\n",
     "default", "z", "b"},
};

static void add(struct shared_files *f, enum shared_file file, const char *text)
{
    struct fail fail;

    if (text != NULL && shared_files_add(f, file, "f", span_of(text), &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
}

static void check(const char *name, struct span got, const char *wanted)
{
    if (wanted == NULL ? got.p != NULL : !span_eq(got, span_of(wanted)))
        fail_msg("%s: got '%.*s'", name, SPAN_ARG(got));
}

static void settings_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct shared_files *f = shared_files_new();

        add(f, KEYS, rows[i].keys);
        add(f, CONFIG, rows[i].config);
        check(rows[i].name, shared_files_get(f, span_of(rows[i].profile), rows[i].key),
              rows[i].value);
        shared_files_free(f);
    }
}

static void one_file_alone_can_be_asked(void **state)
{
    struct shared_files *f = shared_files_new();

    (void)state;
    add(f, KEYS, "[x]\na = 1\n");
    add(f, CONFIG, "[profile x]\na = 2\nb = 3\n");
    check("keys", shared_files_get_in(f, KEYS, SPAN("x"), "a"), "1");
    check("config", shared_files_get_in(f, CONFIG, SPAN("x"), "a"), "2");
    check("other file", shared_files_get_in(f, KEYS, SPAN("x"), "b"), NULL);
    assert_true(shared_files_has(f, SPAN("x")));
    assert_false(shared_files_has(f, SPAN("y")));
    shared_files_free(f);
}

static void services_have_their_own_settings(void **state)
{
    struct shared_files *f = shared_files_new();

    (void)state;
    add(f, CONFIG,
        "[profile x]\nservices = mine\nendpoint_url = https://all\n[services mine]\nconnect =\n"
        "  endpoint_url = https://one\n  other = a\nsqs = \n   endpoint_url = https://two\n"
        "[services yours]\nconnect =\n  endpoint_url = https://three\n[profile y]\nservices = "
        "gone\n");
    check("one", shared_files_get_service(f, SPAN("x"), "connect", "endpoint_url"), "https://one");
    check("two", shared_files_get_service(f, SPAN("x"), "sqs", "endpoint_url"), "https://two");
    check("not there", shared_files_get_service(f, SPAN("x"), "ssm", "endpoint_url"), NULL);
    check("no such section", shared_files_get_service(f, SPAN("y"), "connect", "endpoint_url"),
          NULL);
    check("no services", shared_files_get_service(f, SPAN("z"), "connect", "endpoint_url"), NULL);
    shared_files_free(f);
}

static const struct {
    const char *text, *where;
} bad[] = {
    {"region = a\n", "f:1: a setting stands below a section"},
    {"[default]\n\nwhat\n", "f:3: a line is"},
    {"[default\n", "f:1: a section ends"},
    {"[default] x\n", "f:1: text stands behind"},
    {"[]\n", "f:1: a section needs a name"},
    {"[default]\n= a\n", "f:2: a line is"},
};

static void bad_lines_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct shared_files *f = shared_files_new();
        struct fail fail = {0};

        assert_int_equal(shared_files_add(f, CONFIG, "f", span_of(bad[i].text), &fail), ERR_INPUT);
        assert_non_null(strstr(fail.text, bad[i].where));
        shared_files_free(f);
    }
}

static void too_many_settings_are_refused(void **state)
{
    struct shared_files *f = shared_files_new();
    struct fail fail;
    struct buf text;

    (void)state;
    buf_init(&text, SHARED_FILE_LIMIT);
    buf_add_str(&text, "[default]\n");
    for (int i = 0; i <= SHARED_SETTINGS_MAX; i++)
        buf_add_str(&text, "a=b\n");
    assert_int_equal(shared_files_add(f, CONFIG, "f", buf_span(&text), &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "too many"));
    shared_files_free(f);
    buf_done(&text);
}

/* ---- where the files are ---- */

static enum err read_region(const char *wanted, struct fail *fail)
{
    struct environment *e = environment_new(environment());
    struct shared_files *f = NULL;
    enum err err = shared_files_read(e, &f, fail);

    if (err == ERR_NONE)
        check("region", shared_files_get(f, shared_files_profile(e, NULL), "region"), wanted);
    shared_files_free(f);
    environment_free(e);
    return err;
}

static void files_are_found(void **state)
{
    struct fail fail;

    (void)state;
    begin(NULL);
    assert_int_equal(read_region(NULL, &fail), ERR_NONE);
    write_file(".aws/config", "[default]\nregion = one\n[profile p]\nregion = two\n");
    assert_int_equal(read_region("one", &fail), ERR_NONE);
    set("AWS_PROFILE=p");
    assert_int_equal(read_region("two", &fail), ERR_NONE);
    write_file("other", "[profile p]\nregion = three\n");
    set("AWS_CONFIG_FILE=~/other");
    assert_int_equal(read_region("three", &fail), ERR_NONE);
    set("AWS_SHARED_CREDENTIALS_FILE=%s/process", s.folder);
    assert_int_equal(read_region("three", &fail), ERR_NONE);
    write_file("process", "[p]\nregion = four\n");
    assert_int_equal(read_region("four", &fail), ERR_NONE);
    write_file("process", "what");
    assert_int_equal(read_region("four", &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "/process:1: "));
    end();
}

static void an_unreadable_file_counts_when_it_is_asked_for(void **state)
{
    struct fail fail;

    (void)state;
    begin(NULL);
    /* A part of the path that is no folder is refused to root, too. */
    write_file("other", "");
    set("AWS_CONFIG_FILE=%s/other/config", s.folder);
    assert_int_equal(read_region(NULL, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "/other/config"));
    end();

    begin(NULL);
    write_file("other", "");
    free(s.environment[0]);
    s.environment[0] = mem_printf("HOME=%s/other", s.folder);
    assert_int_equal(read_region(NULL, &fail), ERR_NONE);
    set("AWS_PROFILE=p");
    assert_int_equal(read_region(NULL, &fail), ERR_INPUT);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_found),
        cmocka_unit_test(one_file_alone_can_be_asked),
        cmocka_unit_test(services_have_their_own_settings),
        cmocka_unit_test(bad_lines_are_told),
        cmocka_unit_test(too_many_settings_are_refused),
        cmocka_unit_test(files_are_found),
        cmocka_unit_test(an_unreadable_file_counts_when_it_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
