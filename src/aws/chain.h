/* Looks for credentials once, in the places that the AWS SDKs read and in botocore's order:
 *   1. the environment's keys
 *   2. the profile's role_arn, with source_profile or credential_source, by STS AssumeRole
 *   3. a web identity token, by STS AssumeRoleWithWebIdentity
 *   4. the profile's keys in the credentials file
 *   5. the profile's credential_process
 *   6. the profile's keys in the config file
 *   7. the container's credentials
 *   8. the instance metadata service, version 2
 * A place that is not set up is passed; one that is and does not work ends the search, so that
 * Roster never runs as somebody else by accident. The files are read anew each time. On the loop
 * only. https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html */
#ifndef ROSTER_AWS_CHAIN_H
#define ROSTER_AWS_CHAIN_H

#include "aws/credentials.h"
#include "aws/environment.h"
#include "aws/skew.h"
#include "base/err.h"
#include "net/http_client.h"
#include "net/loop.h"

enum { CHAIN_ORIGIN_MAX = 128 };

/* All of it must outlive the chain. */
struct chain_context {
    struct loop *loop;
    struct http_client *client;
    const struct environment *environment;
    const char *region; /* to sign for STS */
    const char *sts_endpoint;
    int64_t wait_ms;   /* between attempts at what failed in passing; 0 = 1,000 */
    struct skew *skew; /* learned by signed calls */
};

struct chain_result {
    enum err err; /* ERR_NONE; ERR_DENIED: a person has to act; ERR_IO: it failed in passing */
    const struct fail *fail;
    struct credentials *credentials; /* to be taken by moving them out, or left */
    const char *origin; /* "environment", "profile default", …; also when err is not ERR_NONE */
};

struct chain;

/* done is called once, later, on the loop; it may free the chain. */
struct chain *chain_start(const struct chain_context *context,
                          void (*done)(void *arg, const struct chain_result *result), void *arg);
/* Stops what is under way; no callback will come. NULL is fine. */
void chain_free(struct chain *chain);

#endif
