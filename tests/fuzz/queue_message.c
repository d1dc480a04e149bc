/* floor: lambda. Messages of the queue: what is read can be written again, is what was read, and
 * SQS can hold it. */
#include <stdlib.h>

#include "aws/sqs.h"
#include "lambda/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char group[MESSAGE_NAME + 1], first[SHA256_HEX + 1], second[SHA256_HEX + 1];
    struct event event, again;
    struct arena arena = {0};
    struct buf written, rewritten;

    if (message_read(&arena, span_n(data, size), &event, NULL) == ERR_NONE) {
        buf_init(&written, MESSAGE_LIMIT);
        buf_init(&rewritten, MESSAGE_LIMIT);
        must(event.n_subjects == 1 && event.skip_reason == NULL);
        message_add(&written, &event, event.subjects);
        message_group(event.subjects, group);
        must(sqs_is_name(span_of(group)));
        if (!written.full) {
            must(sqs_can_hold(buf_span(&written)));
            must(message_read(&arena, buf_span(&written), &again, NULL) == ERR_NONE);
            message_add(&rewritten, &again, again.subjects);
            must(span_eq(buf_span(&written), buf_span(&rewritten)));
            message_deduplication(&event, event.subjects, first);
            message_deduplication(&again, again.subjects, second);
            must(span_eq(span_of(first), span_of(second)));
        }
        buf_done(&written);
        buf_done(&rewritten);
    }
    arena_done(&arena);
    return 0;
}
