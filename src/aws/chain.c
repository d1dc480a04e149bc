#include "aws/chain_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

enum { WAIT_MS = 1000 };

static enum turn unread_turn(struct chain *chain);

static enum turn (*const order[])(struct chain *) = {
    environment_turn, role_turn,   web_identity_turn, credentials_file_turn, process_turn,
    config_file_turn, unread_turn, container_turn,    metadata_turn,
};

enum { N_PLACES = sizeof(order) / sizeof(order[0]) };

/* A profile that is set up for a sign-in that only the AWS CLI does: what comes next would be
 * somebody else. */
static enum turn unread_turn(struct chain *chain)
{
    static const char *const keys[] = {"sso_session", "sso_start_url", "sso_account_id",
                                       "login_session"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (shared_files_get(chain->files, chain->profile, keys[i]).p == NULL)
            continue;
        chain_set_origin(chain, "profile %.*s", SPAN_ARG(chain->profile));
        return chain_fail(chain, ERR_DENIED,
                          "it has %s, a sign-in of a person that Roster does not do; use a role, "
                          "or another profile with "
                          "credential_process = aws configure export-credentials --profile %.*s",
                          keys[i], SPAN_ARG(chain->profile));
    }
    return TURN_PASSED;
}

/* ---- notes and failures ---- */

enum turn chain_pass(struct chain *chain, const char *format, ...)
{
    va_list args;

    if (chain->passed.n > 0)
        buf_add_str(&chain->passed, ", ");
    va_start(args, format);
    buf_vprintf(&chain->passed, format, args);
    va_end(args);
    return TURN_PASSED;
}

/* What a role begins with is told as the role's. */
void chain_set_origin(struct chain *chain, const char *format, ...)
{
    va_list args;

    if (chain->n_roles > 0)
        return;
    va_start(args, format);
    (void)vsnprintf(chain->origin, sizeof(chain->origin), format, args);
    va_end(args);
}

__attribute__((format(printf, 3, 0))) static void set_fail(struct chain *chain, enum err err,
                                                           const char *format, va_list args)
{
    char text[FAIL_TEXT];

    (void)vsnprintf(text, sizeof(text), format, args);
    chain->fail.err = err; /* code and request id, if there are, stay */
    (void)snprintf(chain->fail.text, sizeof(chain->fail.text), "AWS credentials from %s: %s",
                   chain->origin, text);
}

enum turn chain_fail(struct chain *chain, enum err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_fail(chain, err, format, args);
    va_end(args);
    return TURN_FAILED;
}

/* ---- the course ---- */

static void finish(struct chain *chain, enum err err)
{
    struct chain_result result = {
        .err = err, .fail = &chain->fail, .credentials = &chain->found, .origin = chain->origin};

    if (err != ERR_NONE && chain->fail.code[0] == '\0')
        (void)snprintf(chain->fail.code, sizeof(chain->fail.code), "NoCredentials");
    chain->done(chain->arg, &result);
}

static void find_none(struct chain *chain)
{
    chain_set_origin(chain, "none");
    (void)fail_set(&chain->fail, ERR_DENIED, "there are no AWS credentials; looked at: %s",
                   chain->passed.p);
    finish(chain, ERR_DENIED);
}

/* Roles are still to be assumed with what was found: a place that is passed then leaves them
 * without a source. */
static void take_turn(struct chain *chain, enum turn turn)
{
    while (turn == TURN_PASSED && chain->n_roles == 0 && chain->next < N_PLACES)
        turn = order[chain->next++](chain);
    switch (turn) {
    case TURN_STARTED:
        break;
    case TURN_FOUND:
        chain_found(chain);
        break;
    case TURN_FAILED:
        finish(chain, chain->fail.err);
        break;
    case TURN_PASSED:
        if (chain->n_roles == 0) {
            find_none(chain);
            break;
        }
        (void)chain_fail(chain, ERR_DENIED, "its source has no credentials: %s", chain->passed.p);
        finish(chain, ERR_DENIED);
        break;
    }
}

void chain_found(struct chain *chain)
{
    if (chain->n_roles > 0)
        take_turn(chain, sts_assume_role(chain));
    else
        finish(chain, ERR_NONE);
}

void chain_failed(struct chain *chain, enum err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    set_fail(chain, err, format, args);
    va_end(args);
    take_turn(chain, TURN_FAILED);
}

void chain_passed_late(struct chain *chain, const char *format, ...)
{
    char text[FAIL_TEXT];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    take_turn(chain, chain_pass(chain, "%s", text));
}

static void begin(struct chain *chain)
{
    struct fail why;

    chain_set_origin(chain, "the shared AWS files");
    if (shared_files_read(chain->context.environment, &chain->files, &why) != ERR_NONE)
        take_turn(chain, chain_fail(chain, ERR_DENIED, "%s", why.text));
    else
        take_turn(chain, TURN_PASSED);
}

static void on_timer(void *arg)
{
    struct chain *chain = arg;

    chain->wake(chain);
}

void chain_wait(struct chain *chain, int64_t ms, void (*wake)(struct chain *chain))
{
    chain->wake = wake;
    loop_timer_set(chain->timer, ms);
}

struct chain *chain_start(const struct chain_context *context,
                          void (*done)(void *arg, const struct chain_result *result), void *arg)
{
    struct chain *chain = mem_new(1, sizeof(*chain));

    *chain = (struct chain){.context = *context, .done = done, .arg = arg};
    if (chain->context.wait_ms == 0)
        chain->context.wait_ms = WAIT_MS;
    chain->profile = shared_files_profile(context->environment, &chain->is_profile_chosen);
    buf_init(&chain->passed, FAIL_TEXT);
    chain->timer = loop_timer_new(context->loop, on_timer, chain);
    chain_wait(chain, 0, begin);
    return chain;
}

void chain_free(struct chain *chain)
{
    if (chain == NULL)
        return;
    fetch_free(chain->fetch);
    http_cancel(chain->call);
    child_kill(chain->child);
    loop_timer_free(chain->timer);
    shared_files_free(chain->files);
    credentials_done(&chain->found);
    secret_done(&chain->sts.form);
    secret_done(&chain->metadata.token);
    buf_done(&chain->passed);
    arena_done(&chain->arena);
    free(chain);
}
