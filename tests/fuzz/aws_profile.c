/* floor: aws. The shared config and credentials files, and what is read from them: a NUL parts the
 * two. */
#include <stdint.h>
#include <stdlib.h>

#include "aws/endpoint.h"
#include "aws/shared_files.h"
#include "aws/split_words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void look_up(const struct shared_files *f, struct span profile)
{
    static const char *const keys[] = {"aws_access_key_id", "region",   "endpoint_url",
                                       "role_arn",          "services", "credential_process"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        struct span value = shared_files_get(f, profile, keys[i]);

        must(value.p == NULL || (value.n > 0 && shared_files_has(f, profile)));
        must(value.p != NULL || shared_files_get_in(f, SHARED_CONFIG, profile, keys[i]).p == NULL);
    }
}

static void split(struct span command)
{
    struct arena arena = {0};
    char **words = split_words(&arena, command);
    size_t n = 0;

    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        n += strlen(words[i]);
    must(n <= command.n);
    arena_done(&arena);
}

static void find_endpoint(const struct environment *e, const struct shared_files *f)
{
    struct endpoint_ask ask = {.environment = e, .files = f, .region = {"eu-central-1", 12}};
    struct buf out;

    buf_init(&out, ENDPOINT_LIMIT);
    if (endpoint_find(&ask, "connect", &out, NULL) == ERR_NONE)
        must(out.n > 0 && out.p[out.n - 1] != '/' && strpbrk(out.p, " \r\n\t?#") == NULL);
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const variables[] = {"AWS_PROFILE=x", NULL};
    struct environment *e = environment_new(variables);
    struct shared_files *f = shared_files_new();
    struct span text = span_n(data, size);
    size_t at = span_find(text, '\0');
    struct span config = {text.p + at, at < text.n ? text.n - at : 0};
    struct fail fail = {0};

    if (config.n > 0)
        config = (struct span){config.p + 1, config.n - 1};
    if (shared_files_add(f, SHARED_CREDENTIALS, "credentials", span_n(data, at), &fail) !=
            ERR_NONE ||
        shared_files_add(f, SHARED_CONFIG, "config", config, &fail) != ERR_NONE)
        must(fail.err == ERR_INPUT && fail.text[0] != '\0');
    look_up(f, (struct span){"default", 7});
    look_up(f, (struct span){"x", 1});
    split(shared_files_get(f, (struct span){"x", 1}, "credential_process"));
    find_endpoint(e, f);
    shared_files_free(f);
    environment_free(e);
    return 0;
}
