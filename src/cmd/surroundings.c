#include "cmd/surroundings.h"

#include <inttypes.h>

#include "base/clock.h"

enum err surroundings_open(const struct settings *s, const char *const *environment, bool with_aws,
                           struct surroundings *out, struct fail *fail)
{
    const struct aws_options chain = {
        .region = s->region, .partition = s->partition, .environment = environment};
    enum err err;

    *out = (struct surroundings){NULL, NULL, NULL};
    err = loop_new(&out->loop, fail);
    if (err == ERR_NONE)
        err = http_client_new(out->loop, "roster/" ROSTER_VERSION, &out->client, fail);
    if (err == ERR_NONE && with_aws)
        err = aws_new(out->loop, out->client, &chain, &out->aws, fail);
    return err;
}

void surroundings_done(struct surroundings *s)
{
    aws_free(s->aws);
    http_client_free(s->client);
    loop_free(s->loop);
    *s = (struct surroundings){NULL, NULL, NULL};
}

static void tell_of_wait(void *arg, int64_t wait_ms)
{
    (void)fprintf(arg,
                  "roster: note: Okta's rate limit is used up, or Okta has failed; going on in "
                  "%" PRId64 " s\n",
                  (wait_ms + 999) / MS_PER_S);
}

enum err surroundings_okta(struct surroundings *s, const struct settings *settings,
                           bool manages_event_hooks, FILE *to, struct okta_api **out,
                           struct fail *fail)
{
    struct okta_api_options options = {
        .org_url = settings->org_url,
        .credentials = {.api_token = secret_span(&settings->api_token),
                        .client_id = settings->client_id,
                        .private_key = secret_span(&settings->private_key),
                        .key_id = settings->key_id},
        .manages_event_hooks = manages_event_hooks,
        .waits = tell_of_wait,
        .waits_arg = to,
    };

    return okta_api_new(s->loop, s->client, &options, out, fail);
}
