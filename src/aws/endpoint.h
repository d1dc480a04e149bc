/* Where a service answers: a configured endpoint, or the host that its partition has for the
 * region. Pure. https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html and AWS
 * General Reference, "Service endpoints". */
#ifndef ROSTER_AWS_ENDPOINT_H
#define ROSTER_AWS_ENDPOINT_H

#include "aws/environment.h"
#include "aws/shared_files.h"
#include "base/buf.h"
#include "base/err.h"

enum { ENDPOINT_LIMIT = 1024, REGION_MAX = 63 };

struct endpoint_ask {
    const struct environment *environment;
    const struct shared_files *files;
    struct span region;    /* one that endpoint_check_region accepts */
    struct span partition; /* "aws", "aws-cn", …; empty = by region */
};

/* The services that Roster may call, by their endpoint prefix, in a list that ends with NULL. */
extern const char *const endpoint_services[];

/* "aws", "aws-cn", …: the partition of a region. */
const char *endpoint_partition(struct span region);
/* Lower-case letters, digits and hyphens, at most REGION_MAX. */
enum err endpoint_check_region(struct span region, struct fail *fail) WARN_UNUSED;
/* Appends "https://connect.eu-central-1.amazonaws.com", without a slash at its end. In this order:
 * AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, the profile's services section, the profile's
 * endpoint_url (all of them unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS or the profile's
 * ignore_configured_endpoint_urls is true), then the usual host, with AWS_USE_FIPS_ENDPOINT and
 * AWS_USE_DUALSTACK_ENDPOINT or the profile's settings of these names. ERR_INPUT names the setting
 * that cannot be used. */
enum err endpoint_find(const struct endpoint_ask *ask, const char *service, struct buf *out,
                       struct fail *fail) WARN_UNUSED;

#endif
