/* One search of the chain against the stand-in, for the tests of its places. */
#ifndef ROSTER_TESTS_AWS_SEARCH_H
#define ROSTER_TESTS_AWS_SEARCH_H

#include "stand_in.h"

#include "aws/chain.h"

enum { WAIT_MS = 40 };

#define ROLE "arn:aws:iam::123456789012:role/r"

static struct {
    struct environment *environment;
    struct skew skew;
    struct chain_context context;
    struct chain *chain;
    bool is_over;
    enum err err;
    struct fail fail;
    struct credentials found;
    char origin[CHAIN_ORIGIN_MAX];
} c;

static inline void searched(void *arg, const struct chain_result *result)
{
    (void)arg;
    assert_false(c.is_over);
    c.is_over = true;
    c.err = result->err;
    c.fail = *result->fail;
    snprintf(c.origin, sizeof(c.origin), "%s", result->origin);
    if (result->err == ERR_NONE) {
        c.found = *result->credentials;
        *result->credentials = (struct credentials){0};
    }
    chain_free(c.chain);
    c.chain = NULL;
    loop_stop(s.loop);
}

static inline void start_search(void)
{
    credentials_done(&c.found);
    environment_free(c.environment);
    memset(&c, 0, sizeof(c));
    c.environment = environment_new(environment());
    c.context = (struct chain_context){.loop = s.loop,
                                       .client = s.client,
                                       .environment = c.environment,
                                       .region = "eu-central-1",
                                       .sts_endpoint = s.url,
                                       .wait_ms = WAIT_MS,
                                       .skew = &c.skew};
    c.chain = chain_start(&c.context, searched, NULL);
    assert_false(c.is_over);
}

static inline void search(void)
{
    start_search();
    loop_run(s.loop);
    assert_true(c.is_over);
}

static inline void finish(void)
{
    chain_free(c.chain);
    credentials_done(&c.found);
    environment_free(c.environment);
    memset(&c, 0, sizeof(c));
    end();
}

static inline void assert_found(const char *id, const char *origin)
{
    if (c.err != ERR_NONE)
        fail_msg("%s: %s", err_name(c.err), c.fail.text);
    assert_string_equal(c.found.access_key.p, id);
    assert_string_equal(c.origin, origin);
}

static inline void assert_refused(enum err err, const char *text)
{
    if (c.err != err || strstr(c.fail.text, text) == NULL)
        fail_msg("%s: %s", err_name(c.err), c.fail.text);
    assert_int_equal(c.fail.err, err);
    assert_null(strstr(c.fail.text, "HUSH"));
    assert_true(c.fail.code[0] != '\0');
}

static inline void turn_metadata_off(void)
{
    set("AWS_EC2_METADATA_DISABLED=TRUE");
}

#define STS_ERROR(code)                                                                            \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>why</Message></Error>" \
    "</ErrorResponse>"

#define LIST "/latest/meta-data/iam/security-credentials/"

static inline void set_web_identity(void)
{
    write_file("token", "HUSH/token+\n");
    set("AWS_WEB_IDENTITY_TOKEN_FILE=%s/token", s.folder);
    set("AWS_ROLE_ARN=" ROLE);
    set("AWS_ROLE_SESSION_NAME=roster@pod");
}

static inline void set_process(const char *script, const char *arguments)
{
    char *config =
        mem_printf("[default]\ncredential_process = /bin/sh '%s/process'%s\n", s.folder, arguments);

    write_file("process", script);
    write_file(".aws/config", config);
    free(config);
}

#endif
