#include "aws/endpoint.h"

#include <assert.h>

#include "text/url.h"

const char *const endpoint_services[] = {"connect",        "sts",           "sqs", "ssm",
                                         "secretsmanager", "servicequotas", NULL};

/* How the settings spell a service, where that is not its prefix. */
static const struct {
    const char *service, *variable, *section;
} spellings[] = {
    {"connect", "AWS_ENDPOINT_URL_CONNECT", "connect"},
    {"sts", "AWS_ENDPOINT_URL_STS", "sts"},
    {"sqs", "AWS_ENDPOINT_URL_SQS", "sqs"},
    {"ssm", "AWS_ENDPOINT_URL_SSM", "ssm"},
    {"secretsmanager", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "secrets_manager"},
    {"servicequotas", "AWS_ENDPOINT_URL_SERVICE_QUOTAS", "service_quotas"},
};

enum { N_SPELLINGS = sizeof(spellings) / sizeof(spellings[0]) };

/* The partitions, told apart by how their regions begin; the last one has the rest. dual = NULL: it
 * has no hosts that answer over IPv6 as well. */
static const struct partition {
    const char *name, *prefix, *suffix, *dual;
} partitions[] = {
    {"aws-cn", "cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"},
    {"aws-iso", "us-iso-", "c2s.ic.gov", NULL},
    {"aws-iso-b", "us-isob-", "sc2s.sgov.gov", NULL},
    {"aws-iso-e", "eu-isoe-", "cloud.adc-e.uk", NULL},
    {"aws-iso-f", "us-isof-", "csp.hci.ic.gov", NULL},
    {"aws-eusc", "eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"aws", "", "amazonaws.com", "api.aws"},
};

enum { N_PARTITIONS = sizeof(partitions) / sizeof(partitions[0]) };

static const struct partition *partition_of_name(struct span name)
{
    for (size_t i = 0; i < N_PARTITIONS; i++)
        if (span_eq(name, span_of(partitions[i].name)))
            return &partitions[i];
    return NULL;
}

static const struct partition *partition_of_region(struct span region)
{
    const struct partition *p = partitions;

    while (!span_starts(region, span_of(p->prefix))) /* all begin as the last one's do */
        p++;
    return p;
}

const char *endpoint_partition(struct span region)
{
    return partition_of_region(region)->name;
}

enum err endpoint_check_region(struct span region, struct fail *fail)
{
    bool is_right = region.n > 0 && region.n <= REGION_MAX && region.p[0] != '-';

    for (size_t i = 0; is_right && i < region.n; i++) {
        char c = region.p[i];

        is_right = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    /* It becomes a part of a host's name, so nothing else may get through. */
    return is_right ? ERR_NONE
                    : fail_set(fail, ERR_INPUT,
                               "'%.*s' is no AWS region: it looks like \"eu-central-1\"",
                               (int)(region.n < REGION_MAX ? region.n : REGION_MAX), region.p);
}

/* ---- configured endpoints ---- */

struct configured {
    struct span url;
    const char *setting; /* where it stands, for people */
};

static struct configured find_configured(const struct endpoint_ask *ask, size_t spelling)
{
    struct span profile = shared_files_profile(ask->environment, NULL);
    const char *variable = spellings[spelling].variable;
    struct span ignores = shared_files_get(ask->files, profile, "ignore_configured_endpoint_urls");
    struct configured found = {environment_get(ask->environment, variable), variable};

    if (environment_is_true(ask->environment, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
        span_eq_nocase(ignores, SPAN("true")))
        return (struct configured){{NULL, 0}, ""};
    if (found.url.p == NULL)
        found = (struct configured){environment_get(ask->environment, "AWS_ENDPOINT_URL"),
                                    "AWS_ENDPOINT_URL"};
    if (found.url.p == NULL)
        found = (struct configured){shared_files_get_service(ask->files, profile,
                                                             spellings[spelling].section,
                                                             "endpoint_url"),
                                    "endpoint_url in the profile's services section"};
    if (found.url.p == NULL)
        found = (struct configured){shared_files_get(ask->files, profile, "endpoint_url"),
                                    "endpoint_url of the profile"};
    return found;
}

static enum err add_configured(const struct configured *c, struct buf *out, struct fail *fail)
{
    struct span text = c->url;
    struct fail why;
    struct url url;

    if (url_parse(text, &url, &why) != ERR_NONE)
        return fail_set(fail, ERR_INPUT, "%s: %s", c->setting, why.text);
    if (url.query.n > 0 || span_find(text, '?') < text.n)
        return fail_set(fail, ERR_INPUT, "%s: a query is not allowed in an endpoint", c->setting);
    if (!span_eq_nocase(url.scheme, SPAN("https")) && !url_is_loopback(&url))
        return fail_set(fail, ERR_INPUT, "%s: plain http is for loopback addresses only; use https",
                        c->setting);
    while (text.n > 0 && text.p[text.n - 1] == '/')
        text.n--;
    buf_add(out, text);
    return out->full ? fail_set(fail, ERR_INPUT, "%s is too long", c->setting) : ERR_NONE;
}

/* ---- the usual hosts ---- */

static bool is_wanted(const struct endpoint_ask *ask, const char *variable, const char *key)
{
    struct span set = environment_get(ask->environment, variable);

    if (set.p == NULL)
        set = shared_files_get(ask->files, shared_files_profile(ask->environment, NULL), key);
    return span_eq_nocase(set, SPAN("true"));
}

/* In GovCloud the usual hosts are the FIPS ones, but for Secrets Manager's and for those that
 * answer over IPv6. */
static bool needs_fips_host(const struct partition *p, const char *service, bool is_dual)
{
    return strcmp(p->name, "aws-us-gov") != 0 || is_dual || strcmp(service, "secretsmanager") == 0;
}

static enum err add_usual(const struct endpoint_ask *ask, const char *service, struct buf *out,
                          struct fail *fail)
{
    const struct partition *p =
        ask->partition.n > 0 ? partition_of_name(ask->partition) : partition_of_region(ask->region);
    bool is_fips = is_wanted(ask, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool is_dual = is_wanted(ask, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");

    if (p == NULL)
        return fail_set(fail, ERR_INPUT,
                        "the AWS partition '%.*s' is not known; set AWS_ENDPOINT_URL",
                        SPAN_ARG(ask->partition));
    if (is_dual && p->dual == NULL)
        return fail_set(fail, ERR_INPUT,
                        "AWS_USE_DUALSTACK_ENDPOINT: the partition %s has no such endpoints",
                        p->name);
    is_fips = is_fips && needs_fips_host(p, service, is_dual);
    buf_printf(out, "https://%s%s.%.*s.%s", service, is_fips ? "-fips" : "", SPAN_ARG(ask->region),
               is_dual ? p->dual : p->suffix);
    return out->full ? fail_set(fail, ERR_INPUT, "the endpoint of %s is too long", service)
                     : ERR_NONE;
}

enum err endpoint_find(const struct endpoint_ask *ask, const char *service, struct buf *out,
                       struct fail *fail)
{
    struct configured configured;
    size_t i = 0;

    while (i < N_SPELLINGS && strcmp(spellings[i].service, service) != 0)
        i++;
    assert(i < N_SPELLINGS);
    configured = find_configured(ask, i);
    if (configured.url.p != NULL)
        return add_configured(&configured, out, fail);
    return add_usual(ask, service, out, fail);
}
