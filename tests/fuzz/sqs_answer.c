/* floor: aws. Bodies as SQS, Secrets Manager and Systems Manager may answer them; the first byte
 * chooses. */
#include <stdlib.h>

#include "aws/reference.h"
#include "aws/sqs_body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void batch(struct span body, struct arena *a)
{
    struct sqs_answer answer = {0};
    enum err err = sqs_read_batch(body, SQS_BATCH, a, &answer, NULL);

    must(err == ERR_UNCLEAR || (err == ERR_NONE && answer.n == SQS_BATCH));
    for (size_t i = 0; i < answer.n; i++)
        must((answer.fates[i].err == ERR_NONE || answer.fates[i].err == ERR_INPUT ||
              answer.fates[i].err == ERR_BUSY) &&
             answer.fates[i].text != NULL && answer.fates[i].code != NULL);
}

static void reference(struct span body, bool is_parameter)
{
    const struct reference r = {.arn = SPAN("arn:x"), .is_parameter = is_parameter};
    struct secret value = {0};
    int64_t version = 0;

    (void)!reference_value(&r, body, &value, &version, NULL);
    must(value.n <= REFERENCE_VALUE_MAX);
    secret_done(&value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sqs_answer answer = {0};
    struct arena arena = {0};
    struct span body;
    enum err err;

    if (size == 0)
        return 0;
    body = span_n(data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        batch(body, &arena);
        break;
    case 1:
        err = sqs_read_messages(body, &arena, &answer, NULL);
        must(err == ERR_NONE || err == ERR_UNCLEAR);
        for (size_t i = 0; err == ERR_NONE && i < answer.n; i++)
            must(answer.messages[i].receipt.n > 0 && answer.messages[i].body.p != NULL);
        break;
    case 2:
        err = sqs_read_counts(body, &arena, &answer, NULL);
        must(err == ERR_UNCLEAR || (err == ERR_NONE && answer.n_visible >= 0));
        break;
    default:
        reference(body, (data[0] & 4) != 0);
        break;
    }
    arena_done(&arena);
    return 0;
}
