/* The instance metadata service of Amazon EC2, version 2: a token, the name of the instance's role,
 * its credentials. Version 1, which answers anybody who can make the host send a GET, is not
 * spoken.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
#include "aws/chain_private.h"

enum { CONNECT_MS = 1000, TOTAL_MS = 2000, ATTEMPTS = 3, TOKEN_MAX = 1024 };

#define CREDENTIALS_PATH "/latest/meta-data/iam/security-credentials/"

static void ask_token(struct chain *chain);

static void get(struct chain *chain, const char *path,
                void (*done)(void *arg, const struct http_answer *answer))
{
    struct fetch_ask ask = {.method = "GET",
                            .url = arena_printf(&chain->arena, "%s" CREDENTIALS_PATH "%s",
                                                chain->metadata.endpoint, path),
                            .header = {"X-aws-ec2-metadata-token", chain->metadata.token.p},
                            .connect_ms = CONNECT_MS,
                            .total_ms = TOTAL_MS,
                            .attempts = ATTEMPTS,
                            .wait_ms = chain->context.wait_ms,
                            .repeats_unanswered = true};

    fetch_free(chain->fetch);
    chain->fetch = fetch_start(chain->context.loop, chain->context.client, &ask, done, chain);
}

/* True when the answer was not 200, and what follows is under way. */
static bool is_refused(struct chain *chain, const struct http_answer *answer, const char *what)
{
    enum err err;

    if (answer->err != ERR_NONE) {
        chain_failed(chain, ERR_IO, "%s: %s", what, answer->text);
        return true;
    }
    if (answer->status == 200)
        return false;
    if (answer->status == 401 && !chain->metadata.has_new_token) {
        chain->metadata.has_new_token = true;
        ask_token(chain);
        return true;
    }
    err = answer->status >= 500 || answer->status == 429 ? ERR_IO : ERR_DENIED;
    chain_failed(chain, err, "%s: it answered %d", what, answer->status);
    return true;
}

static void take_credentials(void *arg, const struct http_answer *answer)
{
    struct chain *chain = arg;
    struct fail why;

    if (is_refused(chain, answer, "the role's credentials"))
        return;
    if (credentials_from_json(answer->body, CREDENTIALS_OF_HOST, &chain->found, &why) != ERR_NONE)
        chain_failed(chain, ERR_DENIED, "role %s: %s", chain->metadata.role, why.text);
    else
        chain_found(chain);
}

static void take_role(void *arg, const struct http_answer *answer)
{
    struct chain *chain = arg;
    struct span rest = span_trim(answer->body), role = {NULL, 0};

    if (answer->err == ERR_NONE &&
        (answer->status == 404 || (answer->status == 200 && rest.n == 0))) {
        chain_passed_late(chain, "instance metadata (no role is attached to the instance)");
        return;
    }
    if (is_refused(chain, answer, "the role's name"))
        return;
    (void)span_split(&rest, '\n', &role);
    role = span_trim(role);
    if (!sts_is_name(role, 1)) {
        chain_failed(chain, ERR_DENIED, "what %s says is no name of a role",
                     chain->metadata.endpoint);
        return;
    }
    chain->metadata.role = arena_dup(&chain->arena, role);
    get(chain, chain->metadata.role, take_credentials);
}

static void take_token(void *arg, const struct http_answer *answer)
{
    struct chain *chain = arg;
    const char *endpoint = chain->metadata.endpoint;
    struct span token = span_trim(answer->body);

    if (answer->err == ERR_INPUT)
        chain_failed(chain, ERR_DENIED, "AWS_EC2_METADATA_SERVICE_ENDPOINT: %s", answer->text);
    else if (answer->err != ERR_NONE) /* most hosts are no instances of EC2 */
        chain_passed_late(chain, "instance metadata (%s: %s)", endpoint, answer->text);
    else if (answer->status >= 500 || answer->status == 429)
        chain_failed(chain, ERR_IO, "%s answered %d", endpoint, answer->status);
    else if (answer->status != 200)
        chain_passed_late(chain, "instance metadata (%s answered %d to the request for a token)",
                          endpoint, answer->status);
    else if (token.n == 0 || !credentials_fit_header(token, TOKEN_MAX))
        chain_passed_late(chain, "instance metadata (%s gave no token)", endpoint);
    else {
        secret_set(&chain->metadata.token, token);
        get(chain, "", take_role);
    }
}

static void ask_token(struct chain *chain)
{
    struct fetch_ask ask = {
        .method = "PUT",
        .url = arena_printf(&chain->arena, "%s/latest/api/token", chain->metadata.endpoint),
        .header = {"X-aws-ec2-metadata-token-ttl-seconds", "21600"},
        .connect_ms = CONNECT_MS,
        .total_ms = TOTAL_MS,
        .attempts = ATTEMPTS,
        .wait_ms = chain->context.wait_ms};

    fetch_free(chain->fetch);
    chain->fetch = fetch_start(chain->context.loop, chain->context.client, &ask, take_token, chain);
}

static struct span setting(const struct chain *chain, const char *variable, const char *key)
{
    struct span value = environment_get(chain->context.environment, variable);

    return value.p != NULL ? value : shared_files_get(chain->files, chain->profile, key);
}

enum turn metadata_turn(struct chain *chain)
{
    struct span endpoint =
        setting(chain, "AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    struct span mode = setting(chain, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                               "ec2_metadata_service_endpoint_mode");

    if (environment_is_true(chain->context.environment, "AWS_EC2_METADATA_DISABLED"))
        return chain_pass(chain, "instance metadata (AWS_EC2_METADATA_DISABLED is true)");
    chain_set_origin(chain, "instance metadata");
    if (endpoint.p == NULL && mode.p != NULL && !span_eq_nocase(mode, SPAN("IPv4")) &&
        !span_eq_nocase(mode, SPAN("IPv6")))
        return chain_fail(chain, ERR_DENIED,
                          "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6");
    if (endpoint.p == NULL)
        endpoint = span_eq_nocase(mode, SPAN("IPv6")) ? SPAN("http://[fd00:ec2::254]")
                                                      : SPAN("http://169.254.169.254");
    while (endpoint.n > 0 && endpoint.p[endpoint.n - 1] == '/')
        endpoint.n--;
    chain->metadata.endpoint = arena_dup(&chain->arena, endpoint);
    ask_token(chain);
    return TURN_STARTED;
}
