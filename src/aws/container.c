/* Credentials that Amazon ECS and EKS Pod Identity hand to a container.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
#include "aws/chain_private.h"
#include "base/fs.h"
#include "text/url.h"

enum { WAIT_MS = 2000, ATTEMPTS = 3, TOKEN_MAX = 16 * 1024 };

#define ECS_ADDRESS "http://169.254.170.2"

/* Plain http is for this host, and for the addresses at which ECS and EKS answer. */
static bool may_ask(struct span text)
{
    static const struct span hosts[] = {
        {"169.254.170.2", 13}, {"169.254.170.23", 14}, {"fd00:ec2::23", 12}};
    struct url url;

    if (url_parse(text, &url, NULL) != ERR_NONE)
        return false;
    if (span_eq_nocase(url.scheme, SPAN("https")) || url_is_loopback(&url))
        return true;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
        if (span_eq_nocase(url.host, hosts[i]))
            return true;
    return false;
}

static void answered(void *arg, const struct http_answer *answer)
{
    struct chain *chain = arg;
    struct fail why;
    enum err err;

    if (answer->err != ERR_NONE) {
        chain_failed(chain, answer->err == ERR_INPUT ? ERR_DENIED : ERR_IO, "%s", answer->text);
        return;
    }
    if (answer->status != 200) {
        err = answer->status >= 500 || answer->status == 429 ? ERR_IO : ERR_DENIED;
        chain_failed(chain, err, "the container's service answered %d", answer->status);
        return;
    }
    if (credentials_from_json(answer->body, CREDENTIALS_OF_HOST, &chain->found, &why) != ERR_NONE)
        chain_failed(chain, ERR_DENIED, "the container's service: %s", why.text);
    else
        chain_found(chain);
}

/* False when it has been told why not. */
static bool read_token(struct chain *chain, struct buf *token)
{
    const struct environment *e = chain->context.environment;
    struct span path = environment_get(e, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    struct span given = environment_get(e, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
    struct fail why;

    if (path.p != NULL && fs_read(path.p, token, &why) != ERR_NONE) {
        (void)chain_fail(chain, ERR_DENIED, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: %s", why.text);
        return false;
    }
    if (path.p == NULL)
        buf_add(token, given);
    while (token->n > 0 && (token->p[token->n - 1] == '\n' || token->p[token->n - 1] == '\r'))
        token->p[--token->n] = '\0';
    for (size_t i = 0; i < token->n; i++) {
        if (token->p[i] >= ' ' && token->p[i] <= '~')
            continue;
        (void)chain_fail(chain, ERR_DENIED,
                         "the authorization token has a line break or another character that no "
                         "header may have");
        return false;
    }
    return true;
}

static enum turn fetch(struct chain *chain, const char *url)
{
    struct fetch_ask ask = {.method = "GET",
                            .url = url,
                            .connect_ms = WAIT_MS,
                            .total_ms = WAIT_MS,
                            .attempts = ATTEMPTS,
                            .wait_ms = chain->context.wait_ms,
                            .repeats_unanswered = true};
    enum turn turn = TURN_FAILED;
    struct buf token;

    buf_init(&token, TOKEN_MAX);
    if (read_token(chain, &token)) {
        if (token.n > 0)
            ask.header = (struct http_header){"Authorization", token.p};
        chain->fetch =
            fetch_start(chain->context.loop, chain->context.client, &ask, answered, chain);
        turn = TURN_STARTED;
    }
    explicit_bzero(token.p, token.n);
    buf_done(&token);
    return turn;
}

enum turn container_turn(struct chain *chain)
{
    const struct environment *e = chain->context.environment;
    struct span relative = environment_get(e, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    struct span full = environment_get(e, "AWS_CONTAINER_CREDENTIALS_FULL_URI");

    if (relative.p == NULL && full.p == NULL)
        return chain_pass(chain, "container (AWS_CONTAINER_CREDENTIALS_… is not set)");
    chain_set_origin(chain, "container");
    if (relative.p != NULL) {
        if (relative.p[0] != '/')
            return chain_fail(chain, ERR_DENIED,
                              "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with '/'");
        return fetch(chain, arena_printf(&chain->arena, ECS_ADDRESS "%s", relative.p));
    }
    if (!may_ask(full))
        return chain_fail(
            chain, ERR_DENIED,
            "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http to loopback, 169.254.170.2, "
            "169.254.170.23 or fd00:ec2::23");
    return fetch(chain, full.p);
}
