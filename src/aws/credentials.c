#include "aws/credentials.h"

#include "aws/one_line.h"
#include "base/arena.h"
#include "text/json_tree.h"
#include "text/time.h"
#include "text/xml.h"

enum { NS_PER_MS = 1000000, WORDS_MAX = 160 };

/* Text from outside, before it is checked. */
struct raw {
    struct span access_key, secret_key, token, expiration;
};

void credentials_done(struct credentials *c)
{
    if (c == NULL)
        return;
    secret_done(&c->access_key);
    secret_done(&c->secret_key);
    secret_done(&c->token);
    c->expires_ms = 0;
}

static bool secrets_equal(const struct secret *a, const struct secret *b)
{
    return span_eq(secret_span(a), secret_span(b));
}

bool credentials_equal(const struct credentials *a, const struct credentials *b)
{
    return secrets_equal(&a->access_key, &b->access_key) &&
           secrets_equal(&a->secret_key, &b->secret_key) && secrets_equal(&a->token, &b->token);
}

bool credentials_fit_header(struct span s, size_t max)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~')
            return false;
    return s.n <= max;
}

static enum err set(struct credentials *out, const struct raw *raw, struct fail *fail)
{
    int64_t expires_ns = 0;

    if (raw->access_key.n == 0)
        return fail_set(fail, ERR_INPUT, "the access key id is missing");
    if (raw->secret_key.n == 0)
        return fail_set(fail, ERR_INPUT, "the secret access key is missing");
    if (!credentials_fit_header(raw->access_key, CREDENTIALS_KEY_MAX))
        return fail_set(fail, ERR_INPUT, "the access key id is no such thing");
    if (!credentials_fit_header(raw->secret_key, CREDENTIALS_KEY_MAX))
        return fail_set(fail, ERR_INPUT, "the secret access key is no such thing");
    if (!credentials_fit_header(raw->token, CREDENTIALS_TOKEN_MAX))
        return fail_set(fail, ERR_INPUT, "the session token is no such thing");
    if (raw->expiration.n > 0 && !time_parse(raw->expiration, &expires_ns))
        return fail_set(fail, ERR_INPUT, "the expiration is no time in ISO 8601 form");
    secret_set(&out->access_key, raw->access_key);
    secret_set(&out->secret_key, raw->secret_key);
    secret_done(&out->token);
    if (raw->token.n > 0)
        secret_set(&out->token, raw->token);
    out->expires_ms = expires_ns / NS_PER_MS;
    return ERR_NONE;
}

enum err credentials_set(struct credentials *out, struct span access_key, struct span secret_key,
                         struct span token, struct fail *fail)
{
    return set(out, &(struct raw){access_key, secret_key, token, {NULL, 0}}, fail);
}

/* ---- JSON ---- */

static enum err read_json(const struct json *root, enum credentials_form form,
                          struct credentials *out, struct fail *fail)
{
    struct span code = json_str(root, form == CREDENTIALS_OF_HOST ? "Code" : "code");
    struct span message = json_str(root, "Message");
    struct raw raw = {.access_key = json_str(root, "AccessKeyId"),
                      .secret_key = json_str(root, "SecretAccessKey"),
                      .token =
                          json_str(root, form == CREDENTIALS_OF_HOST ? "Token" : "SessionToken"),
                      .expiration = json_str(root, "Expiration")};

    if (!json_is_object(root))
        return fail_set(fail, ERR_INPUT, "it is no JSON object");
    if (form == CREDENTIALS_OF_PROCESS && json_int(root, "Version", 0) != 1)
        return fail_set(fail, ERR_INPUT, "it has no \"Version\": 1");
    /* The metadata service answers 200 with the reason when the instance may not have its role. */
    if (code.p != NULL && !span_eq(code, SPAN("Success"))) {
        char why[WORDS_MAX], more[WORDS_MAX];

        one_line(why, sizeof(why), code);
        one_line(more, sizeof(more), message);
        return fail_set(fail, ERR_DENIED, "%s: %s", why, more);
    }
    return set(out, &raw, fail);
}

enum err credentials_from_json(struct span json, enum credentials_form form,
                               struct credentials *out, struct fail *fail)
{
    struct json *root;
    enum err err;

    if (json_parse(json, &root, NULL) != ERR_NONE)
        return fail_set(fail, ERR_INPUT, "it is no JSON");
    err = read_json(root, form, out, fail);
    json_free(root);
    return err;
}

/* ---- XML ---- */

enum err credentials_from_xml(struct span xml, struct credentials *out, struct fail *fail)
{
    struct raw raw = {0};
    const struct {
        const char *path;
        struct span *to;
    } parts[] = {{"Credentials/AccessKeyId", &raw.access_key},
                 {"Credentials/SecretAccessKey", &raw.secret_key},
                 {"Credentials/SessionToken", &raw.token},
                 {"Credentials/Expiration", &raw.expiration}};
    enum err err = ERR_NONE;
    struct arena arena;

    arena_init(&arena);
    for (size_t i = 0; err == ERR_NONE && i < sizeof(parts) / sizeof(parts[0]); i++) {
        err = xml_text(&arena, xml, parts[i].path, parts[i].to, fail);
        *parts[i].to = span_trim(*parts[i].to);
    }
    if (err == ERR_NONE)
        err = set(out, &raw, fail);
    else
        err = fail_set(fail, ERR_INPUT, "it is no answer of STS with credentials");
    arena_done(&arena);
    return err;
}
