#include "aws/reference.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/base64.h"
#include "base/mem.h"
#include "text/arn.h"
#include "text/json.h"

enum { TOTAL_MS = 3000, REQUEST_LIMIT = 16 * 1024, ARN_MAX = 2048, SHOWN = 200 };

struct reference_call {
    struct aws *aws;
    struct aws_call *call;
    char *text; /* what reference points into */
    struct reference reference;
    bool wants_previous, is_previous; /* which is asked for now */
    int64_t version;                  /* of a parameter */
    struct secret current, previous;
    void (*done)(void *arg, const struct reference_answer *answer);
    void *arg;
};

/* ---- what a reference is ---- */

/* secret:NAME-AbCdEf, or with :KEY, and perhaps empty version parts, behind it. */
static bool read_secret(struct span text, struct span resource, struct reference *out)
{
    struct span rest = span_n(resource.p + 7, resource.n - 7), name, key = {NULL, 0}, part;

    (void)span_split(&rest, ':', &name);
    if (name.n == 0)
        return false;
    if (rest.p != NULL)
        (void)span_split(&rest, ':', &key);
    while (span_split(&rest, ':', &part))
        if (part.n > 0)
            return false; /* one fixed version would never be rotated */
    out->arn = span_n(text.p, (size_t)(name.p + name.n - text.p));
    out->key = key;
    return true;
}

bool reference_read(struct span text, struct reference *out)
{
    struct reference r = {.arn = text};
    struct arn arn;

    if (text.n > ARN_MAX || arn_parse(text, &arn, NULL) != ERR_NONE || arn.region.n == 0)
        return false;
    r.region = arn.region;
    r.is_parameter = span_eq(arn.service, SPAN("ssm"));
    if (r.is_parameter) {
        if (!span_starts(arn.resource, SPAN("parameter/")) || arn.resource.n == 10)
            return false;
    } else if (!span_eq(arn.service, SPAN("secretsmanager")) ||
               !span_starts(arn.resource, SPAN("secret:")) ||
               !read_secret(text, arn.resource, &r)) {
        return false;
    }
    *out = r;
    return true;
}

/* ---- what the answer holds ---- */

static enum err refuse(const struct reference *r, struct fail *fail, const char *why)
{
    return fail_set(fail, ERR_INPUT, "%.*s: %s", (int)(r->arn.n < SHOWN ? r->arn.n : SHOWN),
                    r->arn.p, why);
}

/* The member of a secret that is an object. */
static enum err take_member(const struct reference *r, struct span whole, struct secret *out,
                            struct fail *fail)
{
    struct json_value object, value;
    struct arena arena = {0};
    enum err err = ERR_NONE;
    struct span text;

    if (json_scan(whole, 32, &object, NULL) != ERR_NONE || object.kind != JSON_OBJECT)
        return refuse(r, fail, "the reference names a key, and the secret is no JSON object");
    value = json_member(object, r->key, NULL);
    if (value.kind == JSON_NONE)
        err = refuse(r, fail, "the secret has no such key as the reference names");
    else if (!json_text(&arena, value, &text))
        err = refuse(r, fail, "what the secret has at that key is no text");
    else
        secret_set(out, text);
    arena_done(&arena);
    return err;
}

/* Whoever puts a file into a secret puts its last line's end into it. */
static struct span without_line_ends(struct span text)
{
    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    return text;
}

static enum err take_text(const struct reference *r, struct span text, struct secret *out,
                          struct fail *fail)
{
    text = without_line_ends(text);
    if (text.n > REFERENCE_VALUE_MAX)
        return refuse(r, fail, "the value is too long");
    if (r->key.n > 0)
        return take_member(r, text, out, fail);
    secret_set(out, text);
    return ERR_NONE;
}

static enum err take_bytes(const struct reference *r, struct span base64, struct secret *out,
                           struct fail *fail)
{
    struct buf bytes;
    enum err err;

    buf_init(&bytes, REFERENCE_VALUE_MAX);
    err = base64_add_decoded(&bytes, base64) ? take_text(r, buf_span(&bytes), out, fail)
                                             : refuse(r, fail, "its bytes are no base64");
    explicit_bzero(bytes.p, bytes.n);
    buf_done(&bytes);
    return err;
}

enum err reference_value(const struct reference *reference, struct span body, struct secret *out,
                         int64_t *out_version, struct fail *fail)
{
    const char *path = reference->is_parameter ? "Parameter.Value" : "SecretString";
    struct json *root = NULL;
    enum err err;

    if (json_parse(body, &root, NULL) != ERR_NONE)
        return fail_set(fail, ERR_IO, "%.*s: the answer is no JSON",
                        (int)(reference->arn.n < SHOWN ? reference->arn.n : SHOWN),
                        reference->arn.p);
    if (json_str(root, path).p != NULL)
        err = take_text(reference, json_str(root, path), out, fail);
    else if (json_str(root, "SecretBinary").p != NULL)
        err = take_bytes(reference, json_str(root, "SecretBinary"), out, fail);
    else
        err = refuse(reference, fail, "there is no value in the answer");
    if (err == ERR_NONE)
        *out_version = json_int(root, "Parameter.Version", 0);
    json_free(root);
    return err;
}

/* ---- asking ---- */

void reference_cancel(struct reference_call *call)
{
    if (call == NULL)
        return;
    aws_cancel(call->call);
    secret_done(&call->current);
    secret_done(&call->previous);
    free(call->text);
    free(call);
}

static void finish(struct reference_call *call, enum err err, const struct fail *fail)
{
    struct reference_answer answer = {.err = err, .fail = fail};

    if (err == ERR_NONE) {
        answer.current = secret_span(&call->current);
        answer.previous = secret_span(&call->previous);
    }
    call->done(call->arg, &answer);
    reference_cancel(call);
}

static void ask(struct reference_call *call);

static void answered(void *arg, const struct aws_answer *answer)
{
    struct reference_call *call = arg;
    struct secret *value = call->is_previous ? &call->previous : &call->current;
    struct fail fail = {0};
    enum err err = answer->err;

    call->call = NULL;
    /* "No version before this one" is no failure, whatever the service calls it. */
    if (call->is_previous && (err == ERR_NOT_FOUND || err == ERR_INPUT)) {
        finish(call, ERR_NONE, NULL);
        return;
    }
    if (err == ERR_NONE) {
        err = reference_value(&call->reference, answer->body, value, &call->version, &fail);
    } else {
        fail = *answer->fail;
        err = fail_within(&fail, err, "read %.*s",
                          (int)(call->reference.arn.n < SHOWN ? call->reference.arn.n : SHOWN),
                          call->reference.arn.p);
    }
    /* One that became a proper value only with this version leaves no gap. */
    if (call->is_previous && err == ERR_INPUT)
        err = ERR_NONE;
    if (err != ERR_NONE || call->is_previous || !call->wants_previous ||
        (call->reference.is_parameter && call->version < 2)) {
        finish(call, err, &fail);
        return;
    }
    call->is_previous = true;
    ask(call);
}

static void add_request(const struct reference_call *call, struct buf *out)
{
    const struct reference *r = &call->reference;
    struct json_out o = json_out(out);
    char *name;

    json_out_begin(&o, '{');
    if (!r->is_parameter) {
        json_put_str(&o, "SecretId", r->arn);
        json_put_str(&o, "VersionStage",
                     call->is_previous ? SPAN("AWSPREVIOUS") : SPAN("AWSCURRENT"));
    } else {
        name = call->is_previous ? mem_printf("%.*s:%" PRId64, SPAN_ARG(r->arn), call->version - 1)
                                 : mem_dup(r->arn);
        json_put_str(&o, "Name", span_of(name));
        json_put_bool(&o, "WithDecryption", true);
        free(name);
    }
    json_out_end(&o, '}');
}

static void ask(struct reference_call *call)
{
    bool is_parameter = call->reference.is_parameter;
    struct aws_ask ask = {.service = is_parameter ? "ssm" : "secretsmanager",
                          .method = "POST",
                          .path = SPAN("/"),
                          .content_type = "application/x-amz-json-1.1",
                          .target = is_parameter ? "AmazonSSM.GetParameter"
                                                 : "secretsmanager.GetSecretValue",
                          .is_read = true,
                          .total_ms = TOTAL_MS};
    struct buf body;

    buf_init(&body, REQUEST_LIMIT);
    add_request(call, &body);
    ask.body = buf_span(&body);
    call->call = aws_ask(call->aws, &ask, answered, call);
    buf_done(&body);
}

struct reference_call *reference_ask(struct aws *aws, const struct reference *reference,
                                     bool wants_previous,
                                     void (*done)(void *arg, const struct reference_answer *answer),
                                     void *arg)
{
    struct reference_call *call = mem_new(1, sizeof(*call));

    *call = (struct reference_call){
        .aws = aws,
        .text = mem_printf("%.*s:%.*s", SPAN_ARG(reference->arn), SPAN_ARG(reference->key)),
        .reference = *reference,
        .wants_previous = wants_previous,
        .done = done,
        .arg = arg};
    call->reference.arn = span_n(call->text, reference->arn.n);
    call->reference.key = span_n(call->text + reference->arn.n + 1, reference->key.n);
    call->reference.region = (struct span){NULL, 0};
    ask(call);
    return call;
}
