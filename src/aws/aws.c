#include "aws/aws.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "aws/call.h"
#include "aws/endpoint.h"
#include "base/mem.h"

enum { SERVICES_MAX = 8 };

struct aws {
    struct environment *environment;
    char *region;
    char *endpoints[SERVICES_MAX]; /* in the order of endpoint_services */
    struct skew skew;
    struct keyring *keyring;
    struct call_context calls;
};

/* ---- region and endpoints ---- */

/* p == NULL when none. */
static struct span region_of(const struct environment *e, const struct shared_files *files)
{
    struct span region = environment_get(e, "AWS_REGION");

    if (region.p == NULL)
        region = environment_get(e, "AWS_DEFAULT_REGION");
    if (region.p == NULL)
        region = shared_files_get(files, shared_files_profile(e, NULL), "region");
    return region;
}

struct span aws_region_from_chain(const char *const *environment, char *buffer, size_t size)
{
    struct environment *e = environment_new(environment);
    struct shared_files *files = NULL;
    struct span region;

    if (shared_files_read(e, &files, NULL) != ERR_NONE)
        files = shared_files_new();
    region = region_of(e, files);
    if (region.p == NULL || region.n >= size) {
        region = (struct span){NULL, 0};
    } else {
        memcpy(buffer, region.p, region.n);
        buffer[region.n] = '\0';
        region.p = buffer;
    }
    shared_files_free(files);
    environment_free(e);
    return region;
}

static enum err check_profile(const struct environment *e, const struct shared_files *files,
                              struct fail *fail)
{
    bool is_chosen;
    struct span profile = shared_files_profile(e, &is_chosen);

    if (!is_chosen || shared_files_has(files, profile))
        return ERR_NONE;
    return fail_set(
        fail, ERR_INPUT,
        "AWS_PROFILE is '%.*s', and neither the AWS config file nor the credentials file has "
        "such a profile",
        SPAN_ARG(profile));
}

static enum err find_region(struct aws *aws, const struct aws_options *options,
                            const struct shared_files *files, struct fail *fail)
{
    struct span region =
        options->region.n > 0 ? options->region : region_of(aws->environment, files);

    if (region.p == NULL)
        return fail_set(
            fail, ERR_INPUT,
            "the AWS region is not known: set [Connect] REGION, AWS_REGION, or region in the AWS "
            "profile");
    aws->region = mem_dup(region);
    return endpoint_check_region(region, fail);
}

static enum err find_endpoints(struct aws *aws, const struct aws_options *options,
                               const struct shared_files *files, struct fail *fail)
{
    struct endpoint_ask ask = {aws->environment, files, span_of(aws->region), options->partition};
    enum err err = ERR_NONE;
    struct buf endpoint;

    for (size_t i = 0; err == ERR_NONE && endpoint_services[i] != NULL; i++) {
        assert(i < SERVICES_MAX);
        buf_init(&endpoint, ENDPOINT_LIMIT);
        err = endpoint_find(&ask, endpoint_services[i], &endpoint, fail);
        aws->endpoints[i] = buf_take(&endpoint);
        buf_done(&endpoint);
    }
    return err;
}

static enum err set_up(struct aws *aws, const struct aws_options *options, struct fail *fail)
{
    struct shared_files *files = NULL;
    enum err err = shared_files_read(aws->environment, &files, fail);

    if (err == ERR_NONE)
        err = check_profile(aws->environment, files, fail);
    if (err == ERR_NONE)
        err = find_region(aws, options, files, fail);
    if (err == ERR_NONE)
        err = find_endpoints(aws, options, files, fail);
    shared_files_free(files);
    return err;
}

enum err aws_new(struct loop *loop, struct http_client *client, const struct aws_options *options,
                 struct aws **out, struct fail *fail)
{
    struct aws *aws = mem_new(1, sizeof(*aws));
    enum err err;

    aws->environment = environment_new(options->environment);
    err = set_up(aws, options, fail);
    if (err != ERR_NONE) {
        aws_free(aws);
        return err;
    }
    aws->keyring = keyring_new(&(struct chain_context){.loop = loop,
                                                       .client = client,
                                                       .environment = aws->environment,
                                                       .region = aws->region,
                                                       .sts_endpoint = aws_endpoint(aws, "sts"),
                                                       .skew = &aws->skew});
    aws->calls = (struct call_context){
        .client = client, .keyring = aws->keyring, .skew = &aws->skew, .region = aws->region};
    *out = aws;
    return ERR_NONE;
}

void aws_free(struct aws *aws)
{
    if (aws == NULL)
        return;
    while (aws->calls.first != NULL)
        aws_cancel(aws->calls.first);
    keyring_free(aws->keyring);
    for (size_t i = 0; i < SERVICES_MAX; i++)
        free(aws->endpoints[i]);
    free(aws->region);
    environment_free(aws->environment);
    free(aws);
}

int64_t aws_clock_ahead_ms(const struct aws *aws)
{
    return aws->skew.ahead_ms;
}

const char *aws_region(const struct aws *aws)
{
    return aws->region;
}

const char *aws_endpoint(struct aws *aws, const char *service)
{
    size_t i = 0;

    while (endpoint_services[i] != NULL && strcmp(endpoint_services[i], service) != 0)
        i++;
    assert(endpoint_services[i] != NULL);
    return aws->endpoints[i];
}

const char *aws_credentials_origin(const struct aws *aws)
{
    return keyring_origin(aws->keyring);
}

struct aws_call *aws_ask(struct aws *aws, const struct aws_ask *ask,
                         void (*done)(void *arg, const struct aws_answer *answer), void *arg)
{
    return call_start(&aws->calls, aws_endpoint(aws, ask->service), ask, done, arg);
}
