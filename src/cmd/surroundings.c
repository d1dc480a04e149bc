#include "cmd/surroundings.h"

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
