/* The Okta side of the sandbox: who answers which path. */
#include <stdlib.h>

#include "base/mem.h"
#include "sandbox.h"

struct okta_side {
    struct sandbox *sandbox;
};

struct okta_side *okta_side_new(struct sandbox *sandbox)
{
    struct okta_side *side = mem_new(1, sizeof *side);

    side->sandbox = sandbox;
    return side;
}

void okta_side_free(struct okta_side *side)
{
    free(side);
}

enum err okta_side_seed(struct okta_side *side, const json_t *seed, struct fail *fail)
{
    (void)side;
    return seed == NULL || json_is_object(seed) ? ERR_NONE
                                                : fail_set(fail, ERR_INPUT, "okta is no object");
}

void okta_side_request(struct okta_side *side, struct http_exchange *x)
{
    (void)side;
    sandbox_reply_error(x, 404, "not_found", "no such path in this org");
}

bool okta_side_control(struct okta_side *side, struct http_exchange *x, const char *path,
                       const json_t *body)
{
    (void)side;
    (void)x;
    (void)path;
    (void)body;
    return false;
}
