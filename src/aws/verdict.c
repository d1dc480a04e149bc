/* The name decides, not the status: the same statuses mean a throttle, a full instance and a
 * proxy's page, and the services with JSON 1.1 answer 400 to nearly everything. */
#include "aws/verdict.h"

#include <stdio.h>

#include "aws/one_line.h"
#include "base/arena.h"
#include "text/json.h"
#include "text/xml.h"

enum {
    ERROR_BODY_MAX = 64 * 1024,
    DEPTH_MAX = 100,
    MESSAGE_MAX = 240,
    RETRY_MAX_MS = 5 * 60 * 1000, /* whoever asks for more gets a probe */
};

/* botocore's list of throttling codes without LimitExceededException, by which Amazon Connect means
 * that a quota is reached. */
static const char *const throttling[] = {"Throttling",
                                         "ThrottlingException",
                                         "ThrottledException",
                                         "RequestThrottled",
                                         "RequestThrottledException",
                                         "TooManyRequestsException",
                                         "RequestLimitExceeded",
                                         "BandwidthLimitExceeded",
                                         "ProvisionedThroughputExceededException",
                                         "TransactionInProgressException",
                                         "SlowDown",
                                         "KmsThrottled",
                                         NULL};
static const char *const quota[] = {"LimitExceededException", "LimitExceeded",
                                    "ServiceQuotaExceededException", NULL};
static const char *const clock_or_signature[] = {"AuthFailure",
                                                 "InvalidSignatureException",
                                                 "RequestExpired",
                                                 "RequestInTheFuture",
                                                 "RequestTimeTooSkewed",
                                                 "SignatureDoesNotMatch",
                                                 NULL};
static const char *const credentials[] = {"ExpiredToken", "ExpiredTokenException",
                                          "InvalidClientTokenId", "UnrecognizedClientException",
                                          NULL};
static const char *const denied[] = {"AccessDenied",
                                     "AccessDeniedException",
                                     "IncompleteSignature",
                                     "IncompleteSignatureException",
                                     "InvalidAccessKeyId",
                                     "InvalidIdentityToken",
                                     "InvalidToken",
                                     "KMSAccessDeniedException",
                                     "MissingAuthenticationToken",
                                     "MissingAuthenticationTokenException",
                                     "NotAuthorized",
                                     "NotAuthorizedException",
                                     "OptInRequired",
                                     "SubscriptionRequiredException",
                                     "UnauthorizedException",
                                     "UnauthorizedOperation",
                                     NULL};
static const char *const missing[] = {"AWS.SimpleQueueService.NonExistentQueue",
                                      "ParameterNotFound",
                                      "ParameterVersionNotFound",
                                      "QueueDoesNotExist",
                                      "ResourceNotFoundException",
                                      NULL};
/* Refused in passing, botocore's transient codes: whether something was done is not said. */
static const char *const passing[] = {"IDPCommunicationError", "PriorRequestNotComplete",
                                      "RequestTimeout", "RequestTimeoutException", NULL};

static bool is_in(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* ---- the error's name and message ---- */

struct words {
    struct arena arena;
    char name[FAIL_CODE];
    char message[MESSAGE_MAX];
};

/* "com.amazonaws.connect#Name:http://internal.amazon.com/…" is "Name". */
static void take_name(struct words *w, struct span text)
{
    size_t at;

    text = span_trim((struct span){text.p, span_find(text, ':')});
    at = span_find(text, '#');
    if (at < text.n)
        text = (struct span){text.p + at + 1, text.n - at - 1};
    if (text.n == 0 || text.n >= sizeof(w->name))
        return;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              c == '.' || c == '_' || c == '-'))
            return;
    }
    memcpy(w->name, text.p, text.n);
    w->name[text.n] = '\0';
}

static struct span first_of(const struct json *root, const char *a, const char *b)
{
    struct span found = json_str(root, a);

    return found.p != NULL ? found : json_str(root, b);
}

static void read_json(struct words *w, struct span body)
{
    struct json *root;

    if (json_parse(body, &root, NULL) != ERR_NONE)
        return;
    if (w->name[0] == '\0')
        take_name(w, first_of(root, "__type", "code"));
    one_line(w->message, sizeof(w->message), first_of(root, "message", "Message"));
    json_free(root);
}

static void read_xml(struct words *w, struct span body)
{
    struct span text;

    if (xml_text(&w->arena, body, "Error/Code", &text, NULL) != ERR_NONE)
        return;
    if (w->name[0] == '\0')
        take_name(w, text);
    if (xml_text(&w->arena, body, "Error/Message", &text, NULL) == ERR_NONE)
        one_line(w->message, sizeof(w->message), text);
}

static void read_words(struct words *w, const struct verdict_ask *ask)
{
    struct span body = span_trim(ask->body);

    take_name(w, ask->error_type);
    if (body.n == 0 || body.n > ERROR_BODY_MAX)
        return;
    if (body.p[0] == '<')
        read_xml(w, body);
    else
        read_json(w, body);
}

/* ---- what it means ---- */

static bool is_markup(struct span body)
{
    body = span_trim(body);
    return body.n > 0 && body.p[0] == '<';
}

/* An answer of 2xx whose body was cut by somebody on the way has a part of the truth only. */
static bool is_whole(const struct verdict_ask *ask)
{
    struct span body = span_trim(ask->body), text;
    struct json_value value;
    struct arena arena;
    enum err err;

    if (body.n == 0)
        return true;
    if (!ask->is_xml)
        return json_scan(body, DEPTH_MAX, &value, NULL) == ERR_NONE;
    arena_init(&arena);
    err = xml_text(&arena, body, "RequestId", &text, NULL);
    arena_done(&arena);
    return err != ERR_INPUT && is_markup(body);
}

static enum err lost(const struct verdict_ask *ask)
{
    return ask->is_read ? ERR_IO : ERR_UNCLEAR;
}

static enum err judge_name(const struct verdict_ask *ask, const char *name)
{
    if (is_in(throttling, name))
        return ERR_BUSY;
    if (ask->status >= 500 || is_in(passing, name))
        return lost(ask);
    if (is_in(quota, name) || is_in(clock_or_signature, name) || is_in(credentials, name) ||
        is_in(denied, name))
        return ERR_DENIED;
    if (ask->status == 404 || is_in(missing, name))
        return ERR_NOT_FOUND;
    switch (ask->status) {
    case 401:
    case 403:
        return ERR_DENIED;
    case 409:
        return ERR_CONFLICT;
    case 429:
        return ERR_BUSY;
    default:
        return ask->status >= 400 ? ERR_INPUT : lost(ask);
    }
}

static enum err judge(const struct verdict_ask *ask, const char *name)
{
    if (ask->status >= 200 && ask->status <= 299)
        return is_whole(ask) ? ERR_NONE : lost(ask);
    if (name[0] != '\0')
        return judge_name(ask, name);
    if (ask->status == 429)
        return ERR_BUSY;
    if ((ask->status == 401 || ask->status == 403) && !is_markup(ask->body))
        return ERR_DENIED;
    return lost(ask);
}

/* ---- how it is told ---- */

static const char *advice(const struct verdict_ask *ask, const char *name)
{
    if (is_in(quota, name))
        return "; a quota of the instance is reached: raise it in AWS Service Quotas";
    if (is_in(clock_or_signature, name))
        return "; compare the secret key, the region and this machine's clock";
    if (is_in(credentials, name) || strncmp(name, "Missing", 7) == 0)
        return "; look at the AWS credentials";
    if (is_in(denied, name))
        return "; allow it in the IAM policy (docs/aws.md)";
    if (name[0] == '\0' && is_markup(ask->body) && !ask->is_xml)
        return "; a page of markup came instead of AWS's answer: is a proxy in between?";
    return "";
}

static void tell(const struct verdict_ask *ask, const struct words *w, enum err err,
                 struct fail *fail)
{
    if (ask->status <= 299 && ask->status >= 200) {
        (void)fail_set(fail, err, "%s answered %d, but the answer is cut or no %s", ask->what,
                       ask->status, ask->is_xml ? "XML" : "JSON");
        return;
    }
    (void)fail_set(fail, err, "%s answered %d%s%s%s%s%s", ask->what, ask->status,
                   w->name[0] != '\0' ? " " : "", w->name, w->message[0] != '\0' ? ": " : "",
                   w->message, advice(ask, w->name));
    if (err == ERR_DENIED && ask->origin != NULL && !is_in(quota, w->name)) {
        size_t n = strlen(fail->text);

        (void)snprintf(fail->text + n, sizeof(fail->text) - n, " (credentials from: %s)",
                       ask->origin);
    }
}

static bool read_number(struct span text, long *out)
{
    long n = 0;

    text = span_trim(text);
    if (text.n == 0 || text.n > 9)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        n = n * 10 + (text.p[i] - '0');
    }
    *out = n;
    return true;
}

static long retry_ms(const struct verdict_ask *ask)
{
    long n = 0;

    if (!read_number(ask->retry_after_ms, &n) && read_number(ask->retry_after, &n))
        n = n < RETRY_MAX_MS ? n * 1000 : RETRY_MAX_MS;
    return n < RETRY_MAX_MS ? n : RETRY_MAX_MS;
}

void verdict_read(const struct verdict_ask *ask, struct verdict *out)
{
    struct words words = {0};
    enum err err;

    *out = (struct verdict){0};
    if (ask->status < 200 || ask->status > 299)
        read_words(&words, ask);
    err = judge(ask, words.name);
    if (err != ERR_NONE)
        tell(ask, &words, err, &out->fail);
    if (err == ERR_BUSY)
        out->fail.retry_ms = retry_ms(ask);
    out->fail.status = ask->status;
    one_line(out->fail.request_id, sizeof(out->fail.request_id), ask->request_id);
    memcpy(out->fail.code, words.name, sizeof(words.name));
    out->blames_clock = err == ERR_DENIED && is_in(clock_or_signature, words.name);
    out->blames_credentials = err == ERR_DENIED && is_in(credentials, words.name);
    arena_done(&words.arena);
}
