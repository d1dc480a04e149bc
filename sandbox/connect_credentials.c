#include "connect_credentials.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "text/time.h"
#include "text/url.h"

enum { FIELD_LIMIT = 32768 };

#define ROLE "sandbox-role"
#define METADATA_TOKEN "sandbox-metadata-token=="
#define CREDENTIALS_PATH "/latest/meta-data/iam/security-credentials/"

static char *expiration(const struct key *key)
{
    struct buf text;

    buf_init(&text, 64);
    time_add_ms(&text, key->expires_ms);
    return buf_take(&text);
}

static void reply_text(struct http_exchange *x, int status, const char *text)
{
    http_reply(x, status, "text/plain", span_of(text), NULL);
}

static void reply_credentials(struct connect_side *side, struct http_exchange *x)
{
    const struct key *key = keys_make(&side->keys, side_wall_ms(side));
    char *until = expiration(key);

    sandbox_reply_json(x, 200,
                       json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "Code", "Success", "Type",
                                 "AWS-HMAC", "AccessKeyId", key->id, "SecretAccessKey", key->secret,
                                 "Token", key->token, "Expiration", until),
                       NULL);
    free(until);
}

static bool metadata(struct connect_side *side, struct http_exchange *x)
{
    struct span path = http_path(x);

    if (!span_starts(path, SPAN("/latest/")))
        return false;
    if (span_eq(path, SPAN("/latest/api/token"))) {
        bool is_right =
            span_eq(http_method(x), SPAN("PUT")) &&
            http_header(x, SPAN("x-aws-ec2-metadata-token-ttl-seconds"), NULL).p != NULL;

        reply_text(x, is_right ? 200 : 400, is_right ? METADATA_TOKEN : "Bad Request");
        return true;
    }
    if (!span_eq(http_header(x, SPAN("x-aws-ec2-metadata-token"), NULL), SPAN(METADATA_TOKEN)))
        reply_text(x, 401, "Unauthorized");
    else if (span_eq(path, SPAN(CREDENTIALS_PATH)))
        reply_text(x, 200, ROLE);
    else if (span_eq(path, SPAN(CREDENTIALS_PATH ROLE)))
        reply_credentials(side, x);
    else if (span_eq(path, SPAN("/latest/meta-data/placement/region")))
        reply_text(x, 200, side->instance.region);
    else
        reply_text(x, 404, "Not Found");
    return true;
}

/* ---- for the other services of AWS ---- */

const char *sandbox_aws_region(const struct sandbox *sandbox)
{
    return sandbox->connect->instance.region;
}

const char *sandbox_aws_account(const struct sandbox *sandbox)
{
    return sandbox->connect->instance.account;
}

int64_t sandbox_aws_wall_ms(const struct sandbox *sandbox)
{
    return side_wall_ms(sandbox->connect);
}

const char *sandbox_aws_refuse(const struct sandbox *sandbox, const struct http_exchange *x,
                               const char *service, char *message)
{
    const struct keys_check check = {sandbox_aws_region(sandbox), service,
                                     sandbox_aws_wall_ms(sandbox)};

    return keys_refuse(&sandbox->connect->keys, x, &check, message);
}

/* ---- STS ---- */

static void sts_error(struct http_exchange *x, int status, const char *code, const char *message)
{
    char *text = mem_printf(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender"
        "</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>sandbox</RequestId>"
        "</ErrorResponse>",
        code, message);

    http_reply(x, status, "text/xml", span_of(text), NULL);
    free(text);
}

static void sts_credentials(struct connect_side *side, struct http_exchange *x, const char *action)
{
    const struct key *key = keys_make(&side->keys, side_wall_ms(side));
    char *until = expiration(key);
    char *text = mem_printf(
        "<%sResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><%sResult><Credentials>"
        "<AccessKeyId>%s</AccessKeyId><SecretAccessKey>%s</SecretAccessKey><SessionToken>%s"
        "</SessionToken><Expiration>%s</Expiration></Credentials></%sResult><ResponseMetadata>"
        "<RequestId>sandbox</RequestId></ResponseMetadata></%sResponse>",
        action, action, key->id, key->secret, key->token, until, action, action);

    http_reply(x, 200, "text/xml", span_of(text), NULL);
    free(text);
    free(until);
}

static bool field(struct span form, const char *name, struct buf *out)
{
    struct span value = url_query_get(form, span_of(name));

    buf_clear(out);
    return value.p != NULL && value.n > 0 && url_add_decoded(out, value);
}

static void sts(struct connect_side *side, struct http_exchange *x)
{
    const struct keys_check check = {side->instance.region, "sts", side_wall_ms(side)};
    char message[KEYS_MESSAGE];
    struct span form = http_body(x);
    const char *code;
    struct buf value;

    buf_init(&value, FIELD_LIMIT);
    if (!field(form, "RoleArn", &value) || !field(form, "RoleSessionName", &value) ||
        !field(form, "Version", &value))
        sts_error(x, 400, "ValidationError", "RoleArn, RoleSessionName and Version are needed");
    else if (field(form, "Action", &value) && strcmp(value.p, "AssumeRoleWithWebIdentity") == 0 &&
             field(form, "WebIdentityToken", &value))
        sts_credentials(side, x, "AssumeRoleWithWebIdentity");
    else if (!field(form, "Action", &value) || strcmp(value.p, "AssumeRole") != 0)
        sts_error(x, 400, "InvalidAction",
                  "Could not find this operation, or its token is missing");
    else if ((code = keys_refuse(&side->keys, x, &check, message)) != NULL)
        sts_error(x, 403, code, message);
    else
        sts_credentials(side, x, "AssumeRole");
    buf_done(&value);
}

bool credentials_request(struct connect_side *side, struct http_exchange *x)
{
    if (span_eq(http_path(x), SPAN("/container-credentials"))) {
        reply_credentials(side, x);
        return true;
    }
    if (span_eq(http_path(x), SPAN("/")) && span_eq(http_method(x), SPAN("POST"))) {
        sts(side, x);
        return true;
    }
    return metadata(side, x);
}
