#include "search.h"

static void nothing_anywhere(void **state)
{
    (void)state;
    begin(NULL);
    turn_metadata_off();
    set("AWS_PROFILE=p");
    search();
    assert_refused(ERR_DENIED, "there are no AWS credentials; looked at: environment "
                               "(AWS_ACCESS_KEY_ID is not set), web identity "
                               "(AWS_WEB_IDENTITY_TOKEN_FILE is not set), profile p (there is "
                               "none), container (AWS_CONTAINER_CREDENTIALS_… is not set), "
                               "instance metadata (AWS_EC2_METADATA_DISABLED is true)");
    assert_string_equal(c.origin, "none");
    finish();
}

static void a_sign_in_of_a_person(void **state)
{
    (void)state;
    begin(NULL);
    write_file(".aws/config", "[default]\nsso_session = s\nsso_account_id = 1\n");
    search();
    assert_refused(ERR_DENIED, "profile default: it has sso_session");
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = B\naws_secret_access_key = HUSH\n");
    search();
    assert_found("B", "profile default");
    finish();
}

/* Each round takes away the place that has just been used. */
static void the_order_is_botocores(void **state)
{
    char *json = credentials_json("CONTAINER", 3600000), *config;
    char *web = credentials_xml("AssumeRoleWithWebIdentity", "WEB", 3600000);
    char *host = credentials_json("HOST", 3600000);
    const struct scripted script[] = {
        {.path = "/", .status = 200, .body = web},
        {.path = "/c", .status = 200, .body = json},
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = 200, .body = "r"},
        {.path = LIST "r", .status = 200, .body = host},
        {0},
    };
    size_t environment_at, web_at, container_at;

    (void)state;
    begin(script);
    environment_at = s.n_environment;
    set("AWS_ACCESS_KEY_ID=ENVIRONMENT");
    set("AWS_SECRET_ACCESS_KEY=S");
    web_at = s.n_environment;
    set_web_identity();
    container_at = s.n_environment;
    set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
    set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", s.url);
    write_file("process",
               "echo '{\"Version\":1,\"AccessKeyId\":\"PROCESS\",\"SecretAccessKey\":\"S\"}'");
    config = mem_printf("[default]\naws_access_key_id = CONFIG\naws_secret_access_key = S\n"
                        "credential_process = sh %s/process\n",
                        s.folder);
    write_file(".aws/config", config);
    write_file(".aws/credentials",
               "[default]\naws_access_key_id = FILE\naws_secret_access_key = S\n");

    search();
    assert_found("ENVIRONMENT", "environment");
    s.environment[environment_at][0] = 'X';
    search();
    assert_found("WEB", "web identity");
    s.environment[web_at][0] = 'X';
    search();
    assert_found("FILE", "profile default");
    remove_file(".aws/credentials");
    search();
    assert_found("PROCESS", "profile default (credential_process)");
    write_file(".aws/config", "[default]\naws_access_key_id = CONFIG\naws_secret_access_key = S\n");
    search();
    assert_found("CONFIG", "profile default");
    remove_file(".aws/config");
    search();
    assert_found("CONTAINER", "container");
    s.environment[container_at][0] = 'X';
    search();
    assert_found("HOST", "instance metadata");
    finish();
    free(config);
    free(json);
    free(web);
    free(host);
}

enum place { WEB, CONTAINER, HOST };

static void stopped_in_every_phase(void **state)
{
    static const struct scripted hang[] = {
        {.path = "/", .status = HANGS},
        {.path = "/c", .status = HANGS},
        {.path = "/latest/api/token", .status = 200, .body = "T"},
        {.path = LIST, .status = HANGS},
        {0}};
    static const struct scripted again[] = {{.path = "/", .status = 503},
                                            {.path = "/c", .status = 503},
                                            {.path = "/latest/api/token", .status = 503},
                                            {0}};
    static const struct {
        const struct scripted *script;
        enum place place;
        unsigned asked; /* when it is stopped; 0 = before anything is done */
    } rows[] = {{hang, WEB, 0},  {hang, WEB, 1},  {hang, CONTAINER, 1},  {hang, HOST, 1},
                {hang, HOST, 2}, {again, WEB, 1}, {again, CONTAINER, 1}, {again, HOST, 1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin(rows[i].script);
        s.on_asked = stop;
        if (rows[i].place == WEB)
            set_web_identity();
        else if (rows[i].place == CONTAINER)
            set("AWS_CONTAINER_CREDENTIALS_FULL_URI=%s/c", s.url);
        else
            set("AWS_EC2_METADATA_SERVICE_ENDPOINT=%s", s.url);
        start_search();
        while (s.n_asked < rows[i].asked)
            loop_run(s.loop);
        if (rows[i].script == again) /* into the wait before the next attempt */
            run_for(WAIT_MS / 2);
        assert_false(c.is_over);
        finish();
    }
}

static void a_process_is_stopped(void **state)
{
    (void)state;
    begin(NULL);
    set_process("sleep 60", "");
    start_search();
    run_for(100);
    assert_false(c.is_over);
    finish();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_anywhere),       cmocka_unit_test(a_sign_in_of_a_person),
        cmocka_unit_test(the_order_is_botocores), cmocka_unit_test(stopped_in_every_phase),
        cmocka_unit_test(a_process_is_stopped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
