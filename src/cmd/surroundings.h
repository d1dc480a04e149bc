/* What a command needs to speak to AWS or Okta by itself: a loop, an HTTP client, and AWS's region,
 * endpoint and credentials as the daemon finds them. */
#ifndef ROSTER_CMD_SURROUNDINGS_H
#define ROSTER_CMD_SURROUNDINGS_H

#include <stdio.h>

#include "aws/aws.h"
#include "config/settings.h"
#include "net/http_client.h"
#include "net/loop.h"
#include "okta/api.h"

struct surroundings {
    struct loop *loop;
    struct http_client *client;
    struct aws *aws; /* NULL when it was not asked for */
};

/* Makes no request. ERR_INPUT: a setting is missing or wrong. Released by surroundings_done in any
 * case. */
enum err surroundings_open(const struct settings *s, const char *const *environment, bool with_aws,
                           struct surroundings *out, struct fail *fail) WARN_UNUSED;
void surroundings_done(struct surroundings *s);
/* Okta's API by the settings, which must have an ORG_URL; makes no request. Long waits for Okta are
 * told on `to`. The caller frees *out before surroundings_done. ERR_INPUT as okta_api_new. */
enum err surroundings_okta(struct surroundings *s, const struct settings *settings,
                           bool manages_event_hooks, FILE *to, struct okta_api **out,
                           struct fail *fail) WARN_UNUSED;

#endif
