#include "calls.h"

#include "aws/reference.h"

#define SECRET "arn:aws:secretsmanager:eu-central-1:123456789012:secret:roster/hook-AbCdEf"
#define PARAMETER "arn:aws:ssm:eu-central-1:123456789012:parameter/roster/hook"

static void what_a_reference_is(void **state)
{
    static const struct row {
        const char *text, *arn, *key; /* arn NULL: it is none */
        bool is_parameter;
    } rows[] = {
        {SECRET, SECRET, "", false},
        {SECRET ":hook", SECRET, "hook", false},
        {SECRET ":hook::", SECRET, "hook", false},
        {SECRET ":::", SECRET, "", false},
        {SECRET ":hook:AWSPREVIOUS:", NULL, NULL, false},
        {"arn:aws-cn:secretsmanager:cn-north-1:1:secret:x",
         "arn:aws-cn:secretsmanager:cn-north-1:1:secret:x", "", false},
        {PARAMETER, PARAMETER, "", true},
        {"arn:aws:ssm:eu-central-1:1:parameter/", NULL, NULL, false},
        {"arn:aws:ssm:eu-central-1:1:document/x", NULL, NULL, false},
        {"arn:aws:ssm::1:parameter/x", NULL, NULL, false},
        {"arn:aws:secretsmanager:eu-central-1:1:secret:", NULL, NULL, false},
        {"arn:aws:secretsmanager:eu-central-1:1:x", NULL, NULL, false},
        {"arn:aws:connect:eu-central-1:1:instance/x", NULL, NULL, false},
        {"Bearer arn:aws:ssm:eu-central-1:1:parameter/x", NULL, NULL, false},
        {"secret", NULL, NULL, false},
        {"", NULL, NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reference r = {0};
        bool is_one = reference_read(span_of(rows[i].text), &r);

        if (is_one != (rows[i].arn != NULL) ||
            (is_one &&
             (!span_eq(r.arn, span_of(rows[i].arn)) || !span_eq(r.key, span_of(rows[i].key)) ||
              r.is_parameter != rows[i].is_parameter || r.region.n == 0)))
            fail_msg("%s", rows[i].text);
    }
}

static void what_an_answer_holds(void **state)
{
    static const struct row {
        const char *text, *body, *value; /* value NULL: ERR_INPUT */
    } rows[] = {
        {SECRET, "{\"SecretString\":\"s\\u00e9\"}", "s\xc3\xa9"},
        {SECRET, "{\"SecretString\":\"\"}", ""},
        {SECRET, "{\"SecretString\":\"a file\\r\\n\\n\"}", "a file"},
        {SECRET, "{\"SecretString\":\"two\\nlines\"}", "two\nlines"},
        {SECRET, "{\"SecretBinary\":\"Ynl0ZXM=\"}", "bytes"},
        {SECRET, "{\"SecretBinary\":\"!\"}", NULL},
        {SECRET, "{\"Parameter\":{\"Value\":\"x\"}}", NULL},
        {SECRET, "{}", NULL},
        {SECRET ":hook", "{\"SecretString\":\"{\\\"hook\\\":\\\"h\\\",\\\"x\\\":1}\"}", "h"},
        {SECRET ":x", "{\"SecretString\":\"{\\\"hook\\\":\\\"h\\\",\\\"x\\\":1}\"}", NULL},
        {SECRET ":y", "{\"SecretString\":\"{\\\"hook\\\":\\\"h\\\"}\"}", NULL},
        {SECRET ":hook", "{\"SecretString\":\"plain\"}", NULL},
        {PARAMETER, "{\"Parameter\":{\"Value\":\"p\",\"Version\":3}}", "p"},
        {PARAMETER, "{\"SecretString\":\"s\"}", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct secret value = {0};
        struct reference r;
        struct fail fail;
        int64_t version = 0;
        enum err err;

        assert_true(reference_read(span_of(rows[i].text), &r));
        err = reference_value(&r, span_of(rows[i].body), &value, &version, &fail);
        if (err != (rows[i].value == NULL ? ERR_INPUT : ERR_NONE) ||
            (err == ERR_NONE && !span_eq(secret_span(&value), span_of(rows[i].value))))
            fail_msg("%s %s", rows[i].text, rows[i].body);
        assert_true(err == ERR_NONE || strstr(fail.text, "plain") == NULL);
        assert_true(!r.is_parameter || err != ERR_NONE || version == 3);
        secret_done(&value);
    }
}

static struct told {
    unsigned times;
    enum err err;
    char current[32], previous[32], text[FAIL_TEXT];
    bool has_previous;
} told;

static void take(void *arg, const struct reference_answer *answer)
{
    (void)arg;
    told.times++;
    told.err = answer->err;
    snprintf(told.current, sizeof(told.current), "%.*s", SPAN_ARG(answer->current));
    snprintf(told.previous, sizeof(told.previous), "%.*s", SPAN_ARG(answer->previous));
    snprintf(told.text, sizeof(told.text), "%s", answer->fail == NULL ? "" : answer->fail->text);
    told.has_previous = answer->previous.p != NULL;
    loop_stop(s.loop);
}

static void ask_for(const char *text, bool wants_previous, const struct scripted *script)
{
    struct reference r;

    begin_aws(script);
    set_keys();
    memset(&told, 0, sizeof(told));
    assert_true(reference_read(span_of(text), &r));
    (void)reference_ask(aws, &r, wants_previous, take, NULL);
    loop_run(s.loop);
    assert_int_equal(told.times, 1);
}

static void both_versions_of_a_secret(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"new\"}", .times = 1},
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"old\"}"},
        {0}};

    (void)state;
    ask_for(SECRET, true, script);
    assert_int_equal(told.err, ERR_NONE);
    assert_string_equal(told.current, "new");
    assert_string_equal(told.previous, "old");
    assert_int_equal(s.n_asked, 2);
    assert_string_equal(s.asked[0].target, "secretsmanager.GetSecretValue");
    assert_string_equal(s.asked[0].type, "application/x-amz-json-1.1");
    assert_string_equal(s.asked[0].body,
                        "{\"SecretId\":\"" SECRET "\",\"VersionStage\":\"AWSCURRENT\"}");
    assert_string_equal(s.asked[1].body,
                        "{\"SecretId\":\"" SECRET "\",\"VersionStage\":\"AWSPREVIOUS\"}");
    assert_signed(&s.asked[0], "SK", "secretsmanager");
    end_aws();
}

static void both_versions_of_a_parameter(void **state)
{
    static const struct scripted script[] = {
        {.path = "/",
         .status = 200,
         .body = "{\"Parameter\":{\"Value\":\"new\",\"Version\":7}}",
         .times = 1},
        {.path = "/", .status = 200, .body = "{\"Parameter\":{\"Value\":\"old\",\"Version\":6}}"},
        {0}};

    (void)state;
    ask_for(PARAMETER, true, script);
    assert_string_equal(told.current, "new");
    assert_string_equal(told.previous, "old");
    assert_string_equal(s.asked[0].target, "AmazonSSM.GetParameter");
    assert_string_equal(s.asked[0].body, "{\"Name\":\"" PARAMETER "\",\"WithDecryption\":true}");
    assert_string_equal(s.asked[1].body, "{\"Name\":\"" PARAMETER ":6\",\"WithDecryption\":true}");
    assert_signed(&s.asked[1], "SK", "ssm");
    end_aws();
}

static void who_has_no_previous_version_has_none(void **state)
{
    static const struct row {
        const char *text, *body;
        int status; /* of the second answer; 0 = there is no second question */
        const char *previous;
    } rows[] = {
        {SECRET, "{\"SecretString\":\"v\"}", 400, "{\"__type\":\"ResourceNotFoundException\"}"},
        {SECRET ":k", "{\"SecretString\":\"{\\\"k\\\":\\\"v\\\"}\"}", 200,
         "{\"SecretString\":\"x\"}"},
        {PARAMETER, "{\"Parameter\":{\"Value\":\"v\",\"Version\":2}}", 400,
         "{\"__type\":\"ParameterVersionNotFound\"}"},
        {PARAMETER, "{\"Parameter\":{\"Value\":\"v\",\"Version\":1}}", 0, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = 200, .body = rows[i].body, .times = 1},
            {.path = "/", .status = rows[i].status, .body = rows[i].previous},
            {0}};

        ask_for(rows[i].text, true, script);
        if (told.err != ERR_NONE || told.has_previous || strcmp(told.current, "v") != 0 ||
            s.n_asked != (rows[i].status == 0 ? 1U : 2U))
            fail_msg("row %zu: %s", i, told.text);
        end_aws();
    }
}

static void failures_say_which_reference(void **state)
{
    static const struct row {
        int status;
        const char *body;
        enum err wanted;
    } rows[] = {
        {400, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"m\"}", ERR_NOT_FOUND},
        {400, "{\"__type\":\"AccessDeniedException\",\"message\":\"m\"}", ERR_DENIED},
        {500, "{\"__type\":\"InternalServiceError\"}", ERR_IO},
        {CUTS, NULL, ERR_IO},
        {200, "{}", ERR_INPUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct scripted script[] = {
            {.path = "/", .status = rows[i].status, .body = rows[i].body}, {0}};

        ask_for(SECRET, false, script);
        if (told.err != rows[i].wanted || strstr(told.text, SECRET) == NULL)
            fail_msg("row %zu: %s: %s", i, err_name(told.err), told.text);
        end_aws();
    }
}

/* A previous version that cannot be read in passing must not be taken for none. */
static void a_failure_with_the_previous_one_is_a_failure(void **state)
{
    static const struct scripted script[] = {
        {.path = "/", .status = 200, .body = "{\"SecretString\":\"new\"}", .times = 1},
        {.path = "/", .status = 500, .body = "{}"},
        {0}};

    (void)state;
    ask_for(SECRET, true, script);
    assert_int_equal(told.err, ERR_IO);
    assert_string_equal(told.current, "");
    end_aws();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_reference_is),
        cmocka_unit_test(what_an_answer_holds),
        cmocka_unit_test(both_versions_of_a_secret),
        cmocka_unit_test(both_versions_of_a_parameter),
        cmocka_unit_test(who_has_no_previous_version_has_none),
        cmocka_unit_test(failures_say_which_reference),
        cmocka_unit_test(a_failure_with_the_previous_one_is_a_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
