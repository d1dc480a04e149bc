/* The forms that values have: text in, value out. Pure and thread-safe. Each returns ERR_INPUT with
 * what is wrong ("'3' has no unit"); the accepted form is said by whoever knows the key. The texts
 * that come in are free of control characters; what goes out points into them unless an arena is
 * given. */
#ifndef ROSTER_CONFIG_VALUES_H
#define ROSTER_CONFIG_VALUES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"
#include "config/settings.h"

/* "3s", "15m", "24h", "7d". */
enum err value_duration(struct span text, int64_t *out_ms, struct fail *fail) WARN_UNUSED;
/* The same, between two others. */
enum err value_duration_within(struct span text, const char *min, const char *max, int64_t *out_ms,
                               struct fail *fail) WARN_UNUSED;
/* "2", "0.5": at most 7 digits and 3 decimals, whatever the locale; between two others. */
enum err value_number_within(struct span text, const char *min, const char *max, double *out,
                             struct fail *fail) WARN_UNUSED;
/* One of choices, which ends with NULL; ignores case. */
enum err value_choice(struct span text, const char *const *choices, unsigned *out,
                      struct fail *fail) WARN_UNUSED;

/* 1 to 100 printable characters: whether the id exists, only the instance knows. */
enum err value_id(struct span text, struct fail *fail) WARN_UNUSED;
/* 1 to 255 characters, in normal form C: a name in Okta or in Amazon Connect. */
enum err value_name(struct arena *a, struct span text, struct span *out,
                    struct fail *fail) WARN_UNUSED;
/* 1 to 100 of the characters that AWS recommends for tags. */
enum err value_label(struct span text, struct fail *fail) WARN_UNUSED;
/* "us-east-1", "us-gov-west-1": it becomes a part of host names. */
enum err value_region(struct span text, struct fail *fail) WARN_UNUSED;
/* A header's name: a token of RFC 9110 5.6.2. */
enum err value_header(struct span text, struct fail *fail) WARN_UNUSED;
/* "host:port", "[IPv6]:port", "unix:/path". */
enum err value_listen(struct span text, struct fail *fail) WARN_UNUSED;
/* "https://sqs.eu-central-1.amazonaws.com/123456789012/roster.fifo"; http for loopback alone. */
enum err value_queue_url(struct span text, struct fail *fail) WARN_UNUSED;
/* A path or command of at most 4096 bytes. */
enum err value_line(struct span text, struct fail *fail) WARN_UNUSED;
/* What a header's value can carry (RFC 9110 5.5): the message says nothing of the text. */
enum err value_secret(struct span text, struct fail *fail) WARN_UNUSED;

struct instance {
    struct span id;
    struct span partition, account, region; /* of an ARN, else empty */
};
/* The bare id, or arn:aws:connect:REGION:ACCOUNT:instance/ID.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html */
enum err value_instance(struct span text, struct instance *out, struct fail *fail) WARN_UNUSED;

/* What a private key's file holds: PEM that can be used. The message says nothing of the text. */
enum err value_pem(struct span text, struct fail *fail) WARN_UNUSED;
/* "https://acme.okta.com", in lower case and without a '/' behind it; http for loopback alone. The
 * API's paths begin at the root: https://developer.okta.com/docs/reference/core-okta-api/ */
enum err value_org_url(struct arena *a, struct span text, struct span *out,
                       struct fail *fail) WARN_UNUSED;
/* A user name with at least one of its parts filled in; see template_check. */
enum err value_user_name(struct span text, struct fail *fail) WARN_UNUSED;
/* The name of an attribute of Okta's profile, as ${user.NAME} has it. */
bool value_attribute(struct span name);
/* A whole number from 1 to 9999999. */
enum err value_count(struct span text, int64_t *out, struct fail *fail) WARN_UNUSED;

/* Lists. raw is as the configuration language has it, quotes kept (text/ini.h); what goes out is
 * in a. */
enum err value_ids(struct arena *a, struct span raw, struct span out[ENTITLEMENT_SECURITY_PROFILES],
                   size_t *out_n, struct fail *fail) WARN_UNUSED;
/* "2", "2, DescribeUser:10". general holds where the list has no number without a name. */
enum err value_rates(struct arena *a, struct span raw, const char *general, const char *min,
                     const char *max, struct rate_limits *out, struct fail *fail) WARN_UNUSED;
/* "20, 10%" in any order, one of them, or "none" or nothing; out->always is not touched. */
enum err value_bound(struct arena *a, struct span raw, struct guard_bound *out,
                     struct fail *fail) WARN_UNUSED;

#endif
