#include "played_tokens.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "okta/auth.h"

static int make_key(void **state)
{
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    struct fail fail;
    int n;

    (void)state;
    if (PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) != 1)
        return 1;
    n = BIO_read(bio, org.pem, sizeof(org.pem) - 1);
    org.pem[n] = '\0';
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return jwt_key_read(span_of(org.pem), &org.key, &fail) != ERR_NONE;
}

static int drop_key(void **state)
{
    (void)state;
    jwt_key_free(org.key);
    return 0;
}

/* A new org; the test then says what it wants. */
static void start(struct played_step *steps, size_t n_steps, bool manages_event_hooks)
{
    struct okta_api_options options = {
        .credentials = {.client_id = SPAN("0oaclient"), .key_id = SPAN("kid-1")},
        .manages_event_hooks = manages_event_hooks,
        .backoff_ms = 2};
    struct jwt_key *key = org.key;
    char pem[sizeof(org.pem)];
    struct fail fail;

    memcpy(pem, org.pem, sizeof(pem));
    memset(&org, 0, sizeof(org));
    memcpy(org.pem, pem, sizeof(pem));
    org.key = key;
    org.life_s = 3600;
    played_open(steps, n_steps);
    played.before = before;
    options.org_url = span_of(played.origin);
    options.credentials.private_key = span_of(org.pem);
    if (okta_api_new(played.loop, played.client, &options, &played.api, &fail) != ERR_NONE)
        fail_msg("%s", fail.text);
}

static void end(void)
{
    if (org.wrong[0] != '\0')
        fail_msg("%s", org.wrong);
    played_end();
}

struct outcome {
    enum err err;
    struct fail fail;
};

static unsigned n_left;

static void on_done(void *arg, const struct okta_answer *answer)
{
    struct outcome *o = arg;

    o->err = answer->err;
    if (answer->fail != NULL)
        o->fail = *answer->fail;
    assert_null(strstr(o->fail.text, "secret"));
    assert_null(strstr(o->fail.text, "eyJ"));
    if (--n_left == 0)
        loop_stop(played.loop);
}

static void ask(struct outcome *o)
{
    struct okta_ask a = {.method = "GET", .path = SPAN("/api/v1/users/00u1?fields=id")};

    *o = (struct outcome){0};
    n_left++;
    (void)okta_ask(played.api, &a, on_done, o);
}

static enum err run(struct outcome *o)
{
    n_left = 0;
    ask(o);
    played_run();
    return o->err;
}

static void one_token_serves_many_calls(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}, {.body = "{}"}, {.body = "{}"}};
    struct outcome o[4];

    (void)state;
    start(PLAYED_STEPS(steps), false);
    n_left = 0;
    for (int i = 0; i < 3; i++)
        ask(&o[i]);
    played_run();
    assert_int_equal(run(&o[3]), ERR_NONE);
    for (int i = 0; i < 3; i++)
        assert_int_equal(o[i].err, ERR_NONE);
    assert_int_equal(org.n_token_requests, 1);
    assert_string_equal(org.scope,
                        "okta.users.read okta.groups.read okta.apps.read okta.logs.read");
    assert_string_equal(org.kid, "kid-1");
    end();
}

static void event_hooks_are_asked_for_when_managed(void **state)
{
    struct played_step steps[] = {{.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), true);
    assert_int_equal(run(&o), ERR_NONE);
    assert_non_null(strstr(org.scope, " okta.eventHooks.read okta.eventHooks.manage"));
    end();
}

/* Without a proof, with one, with its nonce; from then on with the nonce that came last. */
static void proofs_are_given_when_demanded(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    org.wants_proof = true;
    org.nonce = "n-1";
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_token_requests, 3);
    assert_true(org.is_dpop);
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_token_requests, 3);
    end();
}

static void a_known_nonce_saves_requests(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}, {.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    org.wants_proof = true;
    org.nonce = "n-1";
    org.life_s = 2;
    assert_int_equal(run(&o), ERR_NONE);
    org.nonce = "n-next"; /* which the token's answer told */
    played_run_ms(1700);
    assert_int_equal(run(&o), ERR_NONE);
    played_run_until(6);
    assert_int_equal(org.n_token_requests, 4);
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_tokens, 2);
    end();
}

static void the_api_may_want_a_nonce(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    org.wants_proof = true;
    org.wants_api_nonce = true;
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(run(&o), ERR_NONE);
    /* token twice, then the first call twice, and the second once */
    assert_int_equal(played.n_requests, 5);
    assert_int_equal(org.n_tokens, 1);
    end();
}

static void tokens_are_renewed_before_they_expire(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}, {.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    org.life_s = 4;
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_tokens, 1);
    played_run_ms(1000);
    assert_int_equal(run(&o), ERR_NONE); /* early in its life: nothing happens */
    played_run_ms(2300);
    assert_int_equal(org.n_tokens, 1);
    org.life_s = 3600;
    assert_int_equal(run(&o), ERR_NONE); /* late in its life: with the old one or the new one */
    played_run_until(5);
    assert_int_equal(org.n_tokens, 2);
    end();
}

static void a_refused_token_is_renewed_once(void **state)
{
    struct played_step steps[] = {{.body = "{}"}, {.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    assert_int_equal(run(&o), ERR_NONE);
    snprintf(org.token, sizeof(org.token), "revoked");
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_tokens, 2);
    org.rejects_tokens = true;
    assert_int_equal(run(&o), ERR_DENIED);
    assert_string_equal(o.fail.code, "E0000011");
    assert_int_equal(org.n_tokens, 3);
    end();
}

static void a_refusal_is_told_and_not_repeated(void **state)
{
    struct outcome o, second;

    (void)state;
    start(NULL, 0, false);
    org.refusal = "invalid_client";
    assert_int_equal(run(&o), ERR_DENIED);
    assert_string_equal(o.fail.code, "invalid_client");
    assert_non_null(strstr(o.fail.text, "CLIENT_ID"));
    assert_int_equal(run(&second), ERR_DENIED);
    assert_string_equal(second.fail.text, o.fail.text);
    assert_int_equal(org.n_token_requests, 1);
    end();
}

static void a_broken_token_endpoint_is_asked_again(void **state)
{
    struct played_step steps[] = {{.body = "{}"}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    org.n_broken = 3;
    assert_int_equal(run(&o), ERR_NONE);
    assert_int_equal(org.n_token_requests, 4);
    end();
    start(NULL, 0, false);
    org.n_broken = 100;
    assert_int_equal(run(&o), ERR_IO);
    assert_int_equal(org.n_token_requests, OKTA_TRIES);
    end();
}

/* Okta's clock counts, as its answers tell it. */
static void a_wrong_clock_is_corrected(void **state)
{
    static const int64_t ahead_ms[] = {7200000, -7200000};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct played_step steps[] = {{.body = "{}"}};
        struct outcome o;

        start(PLAYED_STEPS(steps), false);
        org.ahead_ms = ahead_ms[i];
        if (run(&o) != ERR_NONE)
            fail_msg("%lld ms: %s", (long long)ahead_ms[i], o.fail.text);
        assert_int_equal(org.n_token_requests, 2);
        end();
    }
}

static void credentials_are_checked(void **state)
{
    const struct {
        const char *name;
        struct okta_credentials credentials;
        const char *says; /* NULL: taken */
    } rows[] = {
        {"token", {.api_token = SPAN("00abc")}, NULL},
        {"token as in an example", {.api_token = SPAN("SSWS 00abc\n")}, NULL},
        {"none", {.key_id = SPAN("x")}, "either"},
        {"both", {.api_token = SPAN("t"), .client_id = SPAN("c")}, "either"},
        {"a token with a blank", {.api_token = SPAN("verysecret 1")}, "blank"},
        {"a blank token", {.api_token = SPAN("SSWS ")}, "empty"},
        {"no key", {.client_id = SPAN("c")}, "empty"},
        {"no PEM", {.client_id = SPAN("c"), .private_key = SPAN("verysecret")}, "PRIVATE KEY"},
        {"a client id with a blank",
         {.client_id = SPAN("a b"), .private_key = span_of(org.pem)},
         "CLIENT_ID"},
    };
    struct outcome o;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[] = {{.body = "{}"}};
        struct fail fail = {0};
        enum err err;

        start(PLAYED_STEPS(steps), false);
        err = okta_api_set_credentials(played.api, &rows[i].credentials, &fail);
        if ((err == ERR_NONE) != (rows[i].says == NULL) ||
            (err != ERR_NONE && strstr(fail.text, rows[i].says) == NULL) ||
            strstr(fail.text, "verysecret") != NULL)
            fail_msg("%s: %s: %s", rows[i].name, err_name(err), fail.text);
        /* The new ones are used at once, or the old ones go on. */
        if (err == ERR_NONE)
            played.before = NULL;
        assert_int_equal(run(&o), ERR_NONE);
        if (err == ERR_NONE)
            assert_string_equal(played.requests[0].authorization, "SSWS 00abc");
        end();
    }
}

/* Answers of 200 that are no tokens. */
static const char *odd_answer;

static bool give_odd_answer(struct http_exchange *x, const struct played_request *r)
{
    (void)r;
    http_reply(x, 200, "application/json", span_of(odd_answer), NULL);
    return true;
}

static void odd_tokens_are_not_used(void **state)
{
    static const char *const rows[] = {
        "",
        "[]",
        "<html>",
        "{}",
        "{\"access_token\":\"a\"}",
        "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
        "{\"access_token\":\"a b\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"a\\nX: y\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":\"\",\"token_type\":\"Bearer\"}",
        "{\"access_token\":1,\"token_type\":\"Bearer\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct outcome o;

        start(NULL, 0, false);
        odd_answer = rows[i];
        played.before = give_odd_answer;
        if (run(&o) != ERR_IO)
            fail_msg("'%s': %s", rows[i], o.fail.text);
        end();
    }
}

static void it_can_be_dropped_while_it_asks(void **state)
{
    struct played_step steps[] = {{.want = "POST /oauth2/v1/token", .deed = PLAYED_HOLDS}};
    struct outcome o;

    (void)state;
    start(PLAYED_STEPS(steps), false);
    played.before = NULL;
    n_left = 2;
    ask(&o);
    played_run_until(1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_token_serves_many_calls),
        cmocka_unit_test(event_hooks_are_asked_for_when_managed),
        cmocka_unit_test(proofs_are_given_when_demanded),
        cmocka_unit_test(a_known_nonce_saves_requests),
        cmocka_unit_test(the_api_may_want_a_nonce),
        cmocka_unit_test(tokens_are_renewed_before_they_expire),
        cmocka_unit_test(a_refused_token_is_renewed_once),
        cmocka_unit_test(a_refusal_is_told_and_not_repeated),
        cmocka_unit_test(a_broken_token_endpoint_is_asked_again),
        cmocka_unit_test(a_wrong_clock_is_corrected),
        cmocka_unit_test(credentials_are_checked),
        cmocka_unit_test(odd_tokens_are_not_used),
        cmocka_unit_test(it_can_be_dropped_while_it_asks),
    };

    return cmocka_run_group_tests(tests, make_key, drop_key);
}
