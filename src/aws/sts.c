/* AWS Security Token Service, the two operations that give credentials of a role. A query protocol:
 * a form is sent, XML comes back. https://docs.aws.amazon.com/STS/latest/APIReference/ */
#include "aws/chain_private.h"

#include "aws/signed.h"
#include "aws/verdict.h"
#include "base/clock.h"
#include "base/fs.h"
#include "text/url.h"

enum {
    FORM_LIMIT = 128 * 1024,
    ANSWER_LIMIT = 256 * 1024,
    TOTAL_MS = 10000,
    ATTEMPTS = 3,
    SESSION_NAME_MIN = 2,
    NAME_MAX_BYTES = 64,
    TOKEN_MIN = 4,
    TOKEN_MAX = 20000, /* characters, that is */
};

bool sts_is_name(struct span s, size_t min)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];

        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
              (c != '\0' && strchr("+=,.@-_", c) != NULL)))
            return false;
    }
    return s.n >= min && s.n <= NAME_MAX_BYTES;
}

bool sts_session_name(struct chain *chain, struct span given, struct span *out)
{
    if (given.p == NULL)
        given = span_of(
            arena_printf(&chain->arena, "roster-%lld", (long long)(clock_wall_ms() / MS_PER_S)));
    if (!sts_is_name(given, SESSION_NAME_MIN))
        return false;
    *out = given;
    return true;
}

/* ---- asking ---- */

static void send_form(struct chain *chain);

/* Passing failures of the service itself, and of the identity provider's keys that it has not seen
 * yet. */
static bool may_pass(const struct fail *fail)
{
    return fail->err == ERR_IO || fail->err == ERR_BUSY || fail->err == ERR_UNCLEAR ||
           strcmp(fail->code, "InvalidIdentityToken") == 0;
}

static void refused(struct chain *chain, const struct fail *why)
{
    bool is_passing = why->err == ERR_IO || why->err == ERR_BUSY || why->err == ERR_UNCLEAR;

    if (may_pass(why) && chain->sts.n_tried < ATTEMPTS) {
        chain_wait(chain, chain->context.wait_ms, send_form);
        return;
    }
    chain->fail = *why;
    chain_failed(chain, is_passing ? ERR_IO : ERR_DENIED, "%s", why->text);
}

static void take_credentials(struct chain *chain, struct span body)
{
    struct fail why;

    if (credentials_from_xml(body, &chain->found, &why) != ERR_NONE) {
        (void)fail_within(&why, ERR_INPUT, "the answer of %s", chain->context.sts_endpoint);
        why.err = ERR_UNCLEAR;
        refused(chain, &why);
        return;
    }
    chain_found(chain);
}

static void answered(void *arg, const struct http_answer *answer)
{
    struct chain *chain = arg;
    struct span date = http_answer_header(answer, "Date");
    struct verdict verdict;
    struct fail why;
    char *what = arena_printf(&chain->arena, "%s at %s",
                              chain->sts.is_signed ? "AssumeRole" : "AssumeRoleWithWebIdentity",
                              chain->context.sts_endpoint);

    chain->call = NULL;
    if (answer->err != ERR_NONE) {
        (void)fail_set(&why, answer->err, "%s: %s", what, answer->text);
        refused(chain, &why);
        return;
    }
    verdict_read(&(struct verdict_ask){.status = answer->status,
                                       .body = answer->body,
                                       .request_id = http_answer_header(answer, "x-amzn-requestid"),
                                       .is_read = true,
                                       .is_xml = true,
                                       .what = what},
                 &verdict);
    if (verdict.fail.err == ERR_NONE) {
        take_credentials(chain, answer->body);
    } else if (verdict.blames_clock && !chain->sts.has_set_clock &&
               skew_learn(chain->context.skew, date, clock_wall_ms())) {
        chain->sts.has_set_clock = true;
        send_form(chain);
    } else {
        refused(chain, &verdict.fail);
    }
}

static void send_form(struct chain *chain)
{
    struct signed_ask ask = {.endpoint = chain->context.sts_endpoint,
                             .method = "POST",
                             .path = SPAN("/"),
                             .body = secret_span(&chain->sts.form),
                             .content_type = "application/x-www-form-urlencoded; charset=utf-8",
                             .total_ms = TOTAL_MS,
                             .answer_limit = ANSWER_LIMIT,
                             .credentials = chain->sts.is_signed ? &chain->found : NULL,
                             .region = span_of(chain->context.region),
                             .service = SPAN("sts"),
                             .now_ms = skew_now_ms(chain->context.skew)};

    chain->sts.n_tried++;
    chain->call = signed_send(chain->context.client, &ask, answered, chain);
}

static void add_field(struct buf *form, const char *name, struct span value)
{
    if (value.p == NULL)
        return;
    buf_printf(form, "&%s=", name);
    url_add_encoded(form, value);
}

static enum turn start(struct chain *chain, const char *action, const struct chain_role *role,
                       struct span token)
{
    struct buf form;

    buf_init(&form, FORM_LIMIT);
    buf_printf(&form, "Action=%s&Version=2011-06-15", action);
    add_field(&form, "RoleArn", role->arn);
    add_field(&form, "RoleSessionName", role->session_name);
    add_field(&form, "ExternalId", role->external_id);
    add_field(&form, "DurationSeconds", role->duration_s);
    add_field(&form, "WebIdentityToken", token);
    secret_set(&chain->sts.form, buf_span(&form));
    chain->sts.is_signed = token.p == NULL;
    chain->sts.has_set_clock = false;
    chain->sts.n_tried = 0;
    explicit_bzero(form.p, form.n);
    buf_done(&form);
    send_form(chain);
    return TURN_STARTED;
}

enum turn sts_assume_role(struct chain *chain)
{
    const struct chain_role *role = &chain->roles[--chain->n_roles];

    return start(chain, "AssumeRole", role, (struct span){NULL, 0});
}

/* ---- web identity ---- */

static struct span first_set(const struct chain *chain, struct span profile, bool with_environment,
                             const char *variable, const char *key)
{
    struct span value = {NULL, 0};

    if (with_environment)
        value = environment_get(chain->context.environment, variable);
    return value.p != NULL ? value : shared_files_get(chain->files, profile, key);
}

static enum turn with_token(struct chain *chain, const char *path, const struct chain_role *role)
{
    struct buf file;
    struct span token;
    struct fail why;
    enum turn turn;

    buf_init(&file, TOKEN_MAX + 2);
    if (fs_read(path, &file, &why) != ERR_NONE) {
        turn = chain_fail(chain, ERR_DENIED, "the token: %s", why.text);
    } else {
        token = span_trim(buf_span(&file));
        turn = token.n < TOKEN_MIN || token.n > TOKEN_MAX
                   ? chain_fail(chain, ERR_DENIED, "%s holds no token of %d to %d characters", path,
                                TOKEN_MIN, TOKEN_MAX)
                   : start(chain, "AssumeRoleWithWebIdentity", role, token);
    }
    explicit_bzero(file.p, file.n);
    buf_done(&file);
    return turn;
}

enum turn web_identity_of(struct chain *chain, struct span profile, bool with_environment)
{
    struct span path = first_set(chain, profile, with_environment, "AWS_WEB_IDENTITY_TOKEN_FILE",
                                 "web_identity_token_file");
    struct span session =
        first_set(chain, profile, with_environment, "AWS_ROLE_SESSION_NAME", "role_session_name");
    struct chain_role role = {
        .arn = first_set(chain, profile, with_environment, "AWS_ROLE_ARN", "role_arn")};

    if (path.p == NULL)
        return with_environment
                   ? chain_pass(chain, "web identity (AWS_WEB_IDENTITY_TOKEN_FILE is not set)")
                   : TURN_PASSED;
    chain_set_origin(chain, "web identity");
    if (role.arn.p == NULL)
        return chain_fail(chain, ERR_DENIED,
                          "AWS_WEB_IDENTITY_TOKEN_FILE is set, and AWS_ROLE_ARN is not");
    if (!sts_session_name(chain, session, &role.session_name))
        return chain_fail(chain, ERR_DENIED,
                          "the role session name must be 2 to 64 of A-Z a-z 0-9 + = , . @ - _");
    return with_token(chain, arena_dup(&chain->arena, path), &role);
}

enum turn web_identity_turn(struct chain *chain)
{
    return web_identity_of(chain, chain->profile, true);
}
