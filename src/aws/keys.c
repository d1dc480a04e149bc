/* The places that hold the keys themselves, and the program that prints them. */
#include "aws/chain_private.h"
#include "aws/split_words.h"

enum { PROCESS_OUTPUT_LIMIT = 64 * 1024, PROCESS_MS = 60 * 1000 };

enum turn environment_turn(struct chain *chain)
{
    const struct environment *e = chain->context.environment;
    struct span id = environment_get(e, "AWS_ACCESS_KEY_ID");
    struct span secret = environment_get(e, "AWS_SECRET_ACCESS_KEY");
    struct span token = environment_get(e, "AWS_SESSION_TOKEN");
    struct fail why;

    if (id.p == NULL)
        return chain_pass(chain, "environment (AWS_ACCESS_KEY_ID is not set)");
    chain_set_origin(chain, "environment");
    if (secret.p == NULL)
        return chain_fail(chain, ERR_DENIED,
                          "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not");
    if (token.p == NULL)
        token = environment_get(e, "AWS_SECURITY_TOKEN");
    if (credentials_set(&chain->found, id, secret, token, &why) != ERR_NONE)
        return chain_fail(chain, ERR_DENIED, "%s", why.text);
    return TURN_FOUND;
}

/* The three belong together, so they are taken from one file. */
enum turn keys_of_profile(struct chain *chain, enum shared_file file, struct span profile)
{
    const struct shared_files *f = chain->files;
    struct span id = shared_files_get_in(f, file, profile, "aws_access_key_id");
    struct span secret = shared_files_get_in(f, file, profile, "aws_secret_access_key");
    struct span token = shared_files_get_in(f, file, profile, "aws_session_token");
    struct fail why;

    if (id.p == NULL)
        return TURN_PASSED;
    chain_set_origin(chain, "profile %.*s", SPAN_ARG(profile));
    if (secret.p == NULL)
        return chain_fail(chain, ERR_DENIED,
                          "profile %.*s has aws_access_key_id without aws_secret_access_key",
                          SPAN_ARG(profile));
    if (token.p == NULL)
        token = shared_files_get_in(f, file, profile, "aws_security_token");
    if (credentials_set(&chain->found, id, secret, token, &why) != ERR_NONE)
        return chain_fail(chain, ERR_DENIED, "profile %.*s: %s", SPAN_ARG(profile), why.text);
    return TURN_FOUND;
}

enum turn credentials_file_turn(struct chain *chain)
{
    return keys_of_profile(chain, SHARED_CREDENTIALS, chain->profile);
}

enum turn config_file_turn(struct chain *chain)
{
    enum turn turn = keys_of_profile(chain, SHARED_CONFIG, chain->profile);

    if (turn != TURN_PASSED)
        return turn;
    return chain_pass(chain, "profile %.*s (%s)", SPAN_ARG(chain->profile),
                      shared_files_has(chain->files, chain->profile) ? "it has no keys"
                                                                     : "there is none");
}

static void process_ended(void *arg, const struct child_result *result)
{
    struct chain *chain = arg;
    struct fail why;

    chain->child = NULL;
    if (result->err != ERR_NONE)
        chain_failed(chain, result->err == ERR_IO ? ERR_IO : ERR_DENIED,
                     "the credential_process: %s", result->text);
    else if (result->exit_status != 0)
        chain_failed(chain, ERR_DENIED, "the credential_process ended with status %d",
                     result->exit_status);
    else if (credentials_from_json(result->output, CREDENTIALS_OF_PROCESS, &chain->found, &why) !=
             ERR_NONE)
        chain_failed(chain, ERR_DENIED, "what the credential_process printed: %s", why.text);
    else
        chain_found(chain);
}

enum turn process_of_profile(struct chain *chain, struct span profile)
{
    struct span command = shared_files_get(chain->files, profile, "credential_process");
    struct child_options options = {.output_limit = PROCESS_OUTPUT_LIMIT, .timeout_ms = PROCESS_MS};
    char **words;
    struct fail why;

    if (command.p == NULL)
        return TURN_PASSED;
    chain_set_origin(chain, "profile %.*s (credential_process)", SPAN_ARG(profile));
    words = split_words(&chain->arena, command);
    if (words == NULL || words[0] == NULL)
        return chain_fail(chain, ERR_DENIED, "the credential_process is %s",
                          words == NULL ? "not quoted in pairs" : "no command");
    options.argv = (const char *const *)words;
    if (child_start(chain->context.loop, &options, process_ended, chain, &chain->child, &why) !=
        ERR_NONE)
        return chain_fail(chain, ERR_DENIED, "the credential_process: %s", why.text);
    return TURN_STARTED;
}

enum turn process_turn(struct chain *chain)
{
    return process_of_profile(chain, chain->profile);
}
