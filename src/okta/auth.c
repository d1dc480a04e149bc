#include "okta/auth.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/secret.h"
#include "okta/token.h"

enum {
    API_TOKEN_MAX = 4096,
    USED_PERCENT = 98 /* of a token's life: what is sent then still arrives */
};

#define SCOPES "okta.users.read okta.groups.read okta.apps.read okta.logs.read"
/* Whether the second implies the first is not said. */
#define HOOK_SCOPES " okta.eventHooks.read okta.eventHooks.manage"

struct auth {
    struct auth_options options; /* without the credentials */
    struct secret api_token;     /* set = the other kind has nothing to do */
    struct token_source *source;
    struct secret token;
    bool is_dpop;
    unsigned token_number;        /* counts the tokens that came */
    int64_t renew_ms, expires_ms; /* clock_mono_ms() */
    int64_t hold_off_until_ms;
    struct fail fail; /* of the last time that no token came */
};

static enum err take_api_token(struct auth *auth, struct span token, struct fail *fail)
{
    /* As it is copied out of curl examples. */
    if (span_starts(token, SPAN("SSWS ")))
        token = (struct span){token.p + 5, token.n - 5};
    token = span_trim(token);
    for (size_t i = 0; i < token.n; i++)
        if (token.p[i] <= ' ' || token.p[i] > '~')
            return fail_set(fail, ERR_INPUT,
                            "Okta: API_TOKEN has a blank or a character outside "
                            "ASCII in it: it is no API token of Okta");
    if (token.n == 0 || token.n > API_TOKEN_MAX)
        return fail_set(fail, ERR_INPUT, "Okta: API_TOKEN is empty or too long");
    secret_set(&auth->api_token, token);
    return ERR_NONE;
}

static enum err take_client(struct auth *auth, const struct okta_credentials *credentials,
                            struct fail *fail)
{
    struct token_options options = {
        .loop = auth->options.loop,
        .client = auth->options.client,
        .origin = auth->options.origin,
        .client_id = credentials->client_id,
        .key_id = credentials->key_id,
        .private_key = credentials->private_key,
        .scopes = auth->options.manages_event_hooks ? SCOPES HOOK_SCOPES : SCOPES,
        .backoff_ms = auth->options.backoff_ms,
        .skew_ms = auth->options.skew_ms,
    };

    return token_source_new(&options, &auth->source, fail);
}

enum err auth_new(const struct auth_options *options, struct auth **out, struct fail *fail)
{
    const struct okta_credentials *credentials = options->credentials;
    struct auth *auth;
    enum err err;

    if ((credentials->api_token.n > 0) == (credentials->client_id.n > 0))
        return fail_set(fail, ERR_INPUT,
                        "Okta: set either [OKTA] API_TOKEN, or CLIENT_ID and "
                        "PRIVATE_KEY_FILE");
    auth = mem_new(1, sizeof(*auth));
    auth->options = *options;
    auth->options.credentials = NULL;
    err = credentials->api_token.n > 0 ? take_api_token(auth, credentials->api_token, fail)
                                       : take_client(auth, credentials, fail);
    if (err != ERR_NONE) {
        auth_free(auth);
        return err;
    }
    *out = auth;
    return ERR_NONE;
}

void auth_free(struct auth *auth)
{
    if (auth == NULL)
        return;
    token_source_free(auth->source);
    secret_done(&auth->api_token);
    secret_done(&auth->token);
    free(auth);
}

bool auth_is_api_token(const struct auth *auth)
{
    return auth->source == NULL;
}

static void wipe(struct buf *b)
{
    if (b->p != NULL)
        explicit_bzero(b->p, b->n);
    buf_done(b);
}

void auth_headers_done(struct auth_headers *headers)
{
    wipe(&headers->authorization);
    wipe(&headers->proof);
}

static void on_token(void *arg, const struct token *token, const struct fail *fail)
{
    struct auth *auth = arg;
    int64_t now_ms = clock_mono_ms();

    if (token == NULL) {
        auth->fail = *fail;
        auth->hold_off_until_ms = now_ms + AUTH_HOLD_OFF_MS;
    } else {
        secret_set(&auth->token, secret_span(&token->value));
        auth->is_dpop = token->is_dpop;
        auth->token_number++;
        auth->renew_ms = now_ms + token->life_ms * AUTH_RENEW_PERCENT / 100;
        auth->expires_ms = now_ms + token->life_ms * USED_PERCENT / 100;
    }
    auth->options.changed(auth->options.arg);
}

static enum err use_token(struct auth *auth, const char *method, struct span url,
                          struct auth_headers *out, struct fail *fail)
{
    struct span token = secret_span(&auth->token);
    int64_t now_ms = clock_wall_ms() + *auth->options.skew_ms;

    out->token_number = auth->token_number;
    buf_add_str(&out->authorization, auth->is_dpop ? "DPoP " : "Bearer ");
    buf_add(&out->authorization, token);
    if (!auth->is_dpop)
        return ERR_NONE;
    return proof_add(token_proof(auth->source), PROOF_API, method, url, token, now_ms, &out->proof,
                     fail);
}

/* Sees to it that a token is there, or on its way. */
static enum auth_state token_state(struct auth *auth, struct fail *fail)
{
    int64_t now_ms = clock_mono_ms();
    bool is_good = secret_is_set(&auth->token) && now_ms < auth->expires_ms;

    if ((!is_good || now_ms >= auth->renew_ms) && now_ms >= auth->hold_off_until_ms)
        token_ask(auth->source, on_token, auth);
    if (is_good)
        return AUTH_READY;
    if (token_is_asked(auth->source))
        return AUTH_AWAITED;
    *fail = auth->fail;
    return AUTH_REFUSED;
}

enum auth_state auth_sign(struct auth *auth, const char *method, struct span url,
                          struct auth_headers *out, struct fail *fail)
{
    struct auth_headers headers = {0};
    enum auth_state state = auth->source == NULL ? AUTH_READY : token_state(auth, fail);

    if (state != AUTH_READY)
        return state;
    buf_init(&headers.authorization, AUTH_HEADER_MAX);
    buf_init(&headers.proof, AUTH_HEADER_MAX);
    if (auth->source == NULL) {
        buf_add_str(&headers.authorization, "SSWS ");
        buf_add(&headers.authorization, secret_span(&auth->api_token));
    } else if (use_token(auth, method, url, &headers, fail) != ERR_NONE) {
        auth_headers_done(&headers);
        return AUTH_REFUSED;
    }
    *out = headers;
    return AUTH_READY;
}

bool auth_reject(struct auth *auth, unsigned token_number)
{
    if (auth->source == NULL)
        return false;
    if (token_number == auth->token_number)
        secret_done(&auth->token);
    return true;
}

bool auth_set_nonce(struct auth *auth, struct span nonce)
{
    return auth->source != NULL && proof_set_nonce(token_proof(auth->source), PROOF_API, nonce);
}
