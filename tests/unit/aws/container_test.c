#include "search.h"

static void a_container(void **state)
{
    char *json = credentials_json("AK", 3600000);
    const struct scripted script[] = {
        {.path = "/c", .status = 500, .times = 1},
        {.path = "/c", .status = CUTS, .times = 1},
        {.path = "/c", .status = 200, .body = json},
        {0},
    };

    (void)state;
    begin(script);
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c?x=y", s.url);
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN=one");
    search();
    assert_found("AK", "container");
    assert_int_equal(s.n_asked, 3);
    assert_string_equal(s.asked[0].query, "x=y");
    assert_string_equal(s.asked[2].authorization, "one");
    write_file("token", "two words\n");
    set("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=%s/token", s.folder);
    search();
    assert_found("AK", "container");
    assert_string_equal(s.asked[3].authorization, "two words");
    write_file("token", "two\nX-Evil: HUSH\n");
    search();
    assert_refused(ERR_DENIED, "line break");
    remove_file("token");
    search();
    assert_refused(ERR_DENIED, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: open ");
    assert_int_equal(s.n_asked, 4);
    finish();
    free(json);
}

static void refusals_of_a_container(void **state)
{
    static const struct scripted script[] = {
        {.path = "/denied", .status = 403, .body = "{\"code\":\"x\"}"},
        {.path = "/html", .status = 200, .body = "<html>"},
        {.path = "/code", .status = 200, .body = "{\"Code\":\"Failed\",\"Message\":\"m\"}"},
        {.path = "/down", .status = 502},
        {0},
    };
    static const struct {
        const char *path, *text;
        enum err err;
        unsigned asked;
    } rows[] = {
        {"/denied", "container: the container's service answered 403", ERR_DENIED, 1},
        {"/html", "it is no JSON", ERR_DENIED, 1},
        {"/code", "Failed: m", ERR_DENIED, 1},
        {"/down", "answered 502", ERR_IO, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(script);
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s%s", s.url, rows[i].path);
        search();
        assert_refused(rows[i].err, rows[i].text);
        assert_int_equal(s.n_asked, rows[i].asked);
        finish();
    }
}

static void only_some_hosts_are_asked(void **state)
{
    static const char *const uris[] = {
        "http://example.com/",           "http://169.254.169.254/", "http://169.254.170.2.evil/",
        "http://127.0.0.1@example.com/", "ftp://127.0.0.1/",        "/relative",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        begin(NULL);
        set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s", uris[i]);
        search();
        assert_refused(ERR_DENIED, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https");
        finish();
    }
    begin(NULL);
    set("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=@evil/");
    search();
    assert_refused(ERR_DENIED, "must begin with '/'");
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_container),
        cmocka_unit_test(refusals_of_a_container),
        cmocka_unit_test(only_some_hosts_are_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
