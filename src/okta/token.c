/* One exchange is up to a handful of requests: without a proof, with one, with one that bears the
 * server's nonce; and again when the clock turns out to be wrong or the answer fails in passing.
 * Each has an assertion of its own, since Okta takes none twice. */
#include "okta/token.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/random.h"
#include "okta/answer.h"
#include "okta/api.h"
#include "okta/rate.h"
#include "text/json.h"
#include "text/time.h"
#include "text/url.h"
#include "text/uuid.h"

enum {
    BACKDATED_S = 5,       /* Okta refuses what was issued in its future */
    ASSERTION_S = 300,     /* Okta allows an hour */
    CLOCK_APART_MS = 5000, /* what an answer's date must correct to be worth another request */
    STEPS_MAX = 5,         /* requests that only answer demands */
    REQUEST_MAX = 64 * 1024,
    ANSWER_MAX = 256 * 1024,
    TOKEN_BYTES_MAX = 16 * 1024,
    LIFE_S = 3600,  /* Okta's, fixed */
    LIFE_MIN_S = 2, /* that no answer makes us ask all the time */
    LIFE_MAX_S = 86400,
    TOKEN_DEPTH = 16,
};

#define TOKEN_PATH "/oauth2/v1/token"

struct token_source {
    struct token_options options;
    char *url, *client_id, *key_id;
    struct jwt_key *key;
    struct proof proof;
    bool needs_proof;
    struct loop_timer *timer;
    struct http_call *call;
    unsigned steps, tries;
    void (*done)(void *arg, const struct token *token, const struct fail *fail);
    void *arg;
};

/* Request */

static int64_t now_ms(const struct token_source *s)
{
    return clock_wall_ms() + *s->options.skew_ms;
}

static enum err add_assertion(const struct token_source *s, struct buf *out, struct fail *fail)
{
    int64_t now_s = now_ms(s) / 1000;
    char jti[UUID_TEXT + 1];
    struct buf header, claims;
    struct json_out o;
    enum err err;

    buf_init(&header, REQUEST_MAX);
    buf_init(&claims, REQUEST_MAX);
    uuid_random(jti);
    o = json_out(&header);
    json_out_begin(&o, '{');
    if (s->key_id[0] != '\0')
        json_put_str(&o, "kid", span_of(s->key_id));
    json_out_end(&o, '}');
    o = json_out(&claims);
    json_out_begin(&o, '{');
    json_put_str(&o, "iss", span_of(s->client_id));
    json_put_str(&o, "sub", span_of(s->client_id));
    json_put_str(&o, "aud", span_of(s->url));
    json_put_int(&o, "iat", now_s - BACKDATED_S);
    json_put_int(&o, "exp", now_s + ASSERTION_S);
    json_put_str(&o, "jti", span_of(jti));
    json_out_end(&o, '}');
    err = jwt_sign(s->key, buf_span(&header), buf_span(&claims), out, fail);
    buf_done(&header);
    buf_done(&claims);
    return err;
}

static void on_answer(void *arg, const struct http_answer *answer);

static void finish(struct token_source *s, const struct token *token, const struct fail *fail)
{
    void (*done)(void *, const struct token *, const struct fail *) = s->done;

    s->done = NULL;
    done(s->arg, token, fail);
}

static void send_request(void *arg)
{
    struct token_source *s = arg;
    struct http_header headers[4] = {{"Accept", "application/json"},
                                     {"Content-Type", "application/x-www-form-urlencoded"}};
    struct http_ask ask = {.method = "POST",
                           .url = s->url,
                           .headers = headers,
                           .n_headers = 2,
                           .has_body = true,
                           .answer_limit = ANSWER_MAX};
    struct buf body, proof;
    struct fail fail;
    enum err err;

    buf_init(&body, REQUEST_MAX);
    buf_init(&proof, REQUEST_MAX);
    buf_add_str(&body, "grant_type=client_credentials&scope=");
    url_add_encoded(&body, span_of(s->options.scopes));
    buf_add_str(&body, "&client_assertion_type="
                       "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
                       "&client_assertion=");
    err = add_assertion(s, &body, &fail);
    if (err == ERR_NONE && s->needs_proof) {
        err = proof_add(&s->proof, PROOF_TOKENS, "POST", span_of(s->url), SPAN(""), now_ms(s),
                        &proof, &fail);
        headers[ask.n_headers++] = (struct http_header){"DPoP", proof.p};
    }
    if (err == ERR_NONE) {
        ask.body = buf_span(&body);
        s->call = http_ask(s->options.client, &ask, on_answer, s);
    } else {
        finish(s, NULL, &fail);
    }
    buf_done(&body);
    buf_done(&proof);
}

/* Answer */

/* The text of a string that needs no escapes, as every access token is written (RFC 6750 2.1). */
static struct span bare_text(struct json_value value)
{
    struct span text;

    if (value.kind != JSON_STRING)
        return SPAN("");
    text = (struct span){value.text.p + 1, value.text.n - 2};
    if (text.n > TOKEN_BYTES_MAX)
        return SPAN("");
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~' || text.p[i] == '\\')
            return SPAN("");
    return text;
}

static enum err read_token(struct span body, struct token *out, struct fail *fail)
{
    struct json_value root;
    struct span value, type;
    int64_t life_s;

    if (json_scan(body, TOKEN_DEPTH, &root, NULL) != ERR_NONE || root.kind != JSON_OBJECT)
        return fail_set(fail, ERR_IO, "Okta: POST " TOKEN_PATH ": the answer is no JSON object");
    value = bare_text(json_member(root, SPAN("access_token"), NULL));
    type = bare_text(json_member(root, SPAN("token_type"), NULL));
    life_s = rate_number(json_member(root, SPAN("expires_in"), NULL).text);
    out->is_dpop = span_eq_nocase(type, SPAN("DPoP"));
    if (value.n == 0 || !(out->is_dpop || span_eq_nocase(type, SPAN("Bearer"))))
        return fail_set(fail, ERR_IO, "Okta: POST " TOKEN_PATH ": the answer has no access token");
    if (life_s < LIFE_MIN_S || life_s > LIFE_MAX_S)
        life_s = life_s < 0 ? LIFE_S : life_s < LIFE_MIN_S ? LIFE_MIN_S : LIFE_MAX_S;
    out->life_ms = life_s * 1000;
    secret_set(&out->value, value);
    return ERR_NONE;
}

/* Learns Okta's clock; by how much the last request's was wrong. */
static int64_t learn_clock(struct token_source *s, const struct http_answer *answer)
{
    int64_t date_ms, skew_ms, apart_ms;

    if (!time_parse_http(http_answer_header(answer, "Date"), &date_ms))
        return 0;
    skew_ms = date_ms - clock_wall_ms();
    apart_ms = llabs(skew_ms - *s->options.skew_ms);
    if (apart_ms > CLOCK_APART_MS)
        *s->options.skew_ms = skew_ms;
    return apart_ms;
}

/* Does the refusal only ask for something that the next request can bring? */
static bool is_demand(struct token_source *s, const struct http_answer *answer,
                      const struct fail *fail)
{
    bool is_new_nonce =
        proof_set_nonce(&s->proof, PROOF_TOKENS, http_answer_header(answer, "DPoP-Nonce"));
    bool is_other_time = learn_clock(s, answer) > CLOCK_APART_MS;

    if (strcmp(fail->code, "use_dpop_nonce") == 0 && is_new_nonce) {
        s->needs_proof = true;
        return true;
    }
    if (strcmp(fail->code, "invalid_dpop_proof") == 0 && !s->needs_proof) {
        s->needs_proof = true;
        return true;
    }
    return is_other_time && (strcmp(fail->code, "invalid_client") == 0 ||
                             strcmp(fail->code, "invalid_dpop_proof") == 0);
}

/* Milliseconds until the next try after a failure in passing. */
static int64_t pause_ms(struct token_source *s, const struct http_answer *answer, enum err err)
{
    struct rate_headers h = {
        .limit = rate_number(http_answer_header(answer, "X-Rate-Limit-Limit")),
        .remaining = 0,
        .reset_s = rate_number(http_answer_header(answer, "X-Rate-Limit-Reset")),
        .date_ms = now_ms(s),
        .is_throttled = true,
    };
    struct rate rate = {0};

    if (err != ERR_BUSY)
        return (int64_t)random_below((uint64_t)s->options.backoff_ms << s->tries);
    rate_answered(&rate, &h, 0);
    return rate.closed_until_ms;
}

static enum err judge(const struct http_answer *answer, struct fail *fail)
{
    struct answer_facts facts = {
        .method = "POST",
        .path = SPAN(TOKEN_PATH),
        .is_read = true, /* a token too many does no harm */
        .status = answer->status,
        .body = answer->body,
        .authenticate = http_answer_header(answer, "WWW-Authenticate"),
        .request_id = http_answer_header(answer, "X-Okta-Request-Id"),
    };

    if (answer->err == ERR_NONE)
        return answer_judge(&facts, fail);
    return fail_set(fail, answer->err == ERR_INPUT ? ERR_INPUT : ERR_IO,
                    "Okta: POST " TOKEN_PATH ": %s", answer->text);
}

/* A 404 of the endpoint itself is a gateway's, or the address is wrong for good. */
static bool is_passing(enum err err, int status)
{
    return err == ERR_BUSY || err == ERR_IO || status == 404;
}

static void on_answer(void *arg, const struct http_answer *answer)
{
    struct token_source *s = arg;
    struct token token = {0};
    struct fail fail;
    enum err err = judge(answer, &fail);

    s->call = NULL;
    if (err == ERR_NONE) {
        (void)learn_clock(s, answer);
        (void)proof_set_nonce(&s->proof, PROOF_TOKENS, http_answer_header(answer, "DPoP-Nonce"));
        err = read_token(answer->body, &token, &fail);
    }
    if (err == ERR_NONE)
        finish(s, &token, NULL);
    else if (err == ERR_DENIED && s->steps < STEPS_MAX && is_demand(s, answer, &fail)) {
        s->steps++;
        loop_timer_set(s->timer, 0);
    } else if (is_passing(err, answer->status) && s->tries + 1 < OKTA_TRIES) {
        loop_timer_set(s->timer, pause_ms(s, answer, err));
        s->tries++;
    } else {
        finish(s, NULL, &fail);
    }
    secret_done(&token.value);
}

void token_ask(struct token_source *source,
               void (*done)(void *arg, const struct token *token, const struct fail *fail),
               void *arg)
{
    if (source->done != NULL)
        return;
    source->done = done;
    source->arg = arg;
    source->steps = source->tries = 0;
    loop_timer_set(source->timer, 0);
}

bool token_is_asked(const struct token_source *source)
{
    return source->done != NULL;
}

struct proof *token_proof(struct token_source *source)
{
    return &source->proof;
}

/* Life */

static bool is_id(struct span s)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n <= 255;
}

enum err token_source_new(const struct token_options *options, struct token_source **out,
                          struct fail *fail)
{
    struct token_source *s;
    struct jwt_key *key;
    enum err err;

    if (options->client_id.n == 0 || !is_id(options->client_id) || !is_id(options->key_id))
        return fail_set(fail, ERR_INPUT,
                        "Okta: CLIENT_ID and KEY_ID must be the service app's client id and the "
                        "id of its key, as Okta shows them");
    err = jwt_key_read(options->private_key, &key, fail);
    if (err != ERR_NONE)
        return fail_within(fail, err, "Okta");
    s = mem_new(1, sizeof(*s));
    s->options = *options;
    s->url = mem_printf("%.*s" TOKEN_PATH, SPAN_ARG(options->origin));
    s->client_id = mem_dup(options->client_id);
    s->key_id = mem_dup(options->key_id);
    s->key = key;
    s->timer = loop_timer_new(options->loop, send_request, s);
    proof_init(&s->proof);
    *out = s;
    return ERR_NONE;
}

void token_source_free(struct token_source *source)
{
    if (source == NULL)
        return;
    http_cancel(source->call);
    loop_timer_free(source->timer);
    proof_done(&source->proof);
    jwt_key_free(source->key);
    free(source->url);
    free(source->client_id);
    free(source->key_id);
    free(source);
}
