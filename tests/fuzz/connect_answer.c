/* floor: connect. Bodies as Amazon Connect may answer them; the first byte chooses the operation.
 */
#include <stdlib.h>

#include "connect/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void found(struct span body, struct arena *a)
{
    static const struct span name = {"ann@acme.com", 12};
    struct connect_answer answer = {0};
    struct span token = {0};
    struct fail fail;
    enum err err = answer_find_user(body, name, a, &answer, &token, &fail);

    must(err == ERR_NONE || err == ERR_UNCLEAR);
    for (size_t i = 0; i < answer.n_agents; i++) {
        must(span_eq(answer.agents[i].user_name, name));
        must(answer.agents[i].id.n > 0 && answer.agents[i].arn.n > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct connect_answer answer = {0};
    struct arena arena = {0};
    struct fail fail;
    struct span body;
    enum err err = ERR_NONE;

    if (size == 0)
        return 0;
    body = span_n(data + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        err = answer_create_user(body, &arena, &answer, &fail);
        must(err != ERR_NONE || (answer.user_id.n > 0 && answer.user_arn.n > 0));
        break;
    case 1:
        found(body, &arena);
        break;
    default:
        err = answer_describe_instance(body, &arena, &answer, &fail);
        must(err != ERR_NONE || answer.identity_type.n > 0);
        break;
    }
    must(err == ERR_NONE || err == ERR_UNCLEAR);
    arena_done(&arena);
    return 0;
}
