/* floor: lambda. Messages of the queue: what is read can be written again, is what was read, and
 * SQS can hold it; dead letters as well. */
#include <stdlib.h>

#include "aws/sqs.h"
#include "lambda/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* Whatever was in the queue, its dead letter tells why, and SQS can hold it. */
static void bury(struct arena *arena, struct span body)
{
    const struct message_death death = {SPAN("refused"), SPAN("it is \"so\""), 1777881601000};
    struct message_death read;
    struct buf letter;

    buf_init(&letter, 8 * SQS_BODY_MAX);
    message_add_dead(&letter, body, &death);
    if (!letter.full) {
        must(sqs_can_hold(buf_span(&letter)));
        must(message_read_dead(arena, buf_span(&letter), &read));
        must(span_eq(read.code, death.code) && span_eq(read.reason, death.reason) &&
             read.at_ms == death.at_ms);
    }
    buf_done(&letter);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char group[MESSAGE_NAME + 1], first[SHA256_HEX + 1], second[SHA256_HEX + 1];
    struct event event, again;
    struct arena arena = {0};
    struct buf written, rewritten;

    if (sqs_can_hold(span_n(data, size)))
        bury(&arena, span_n(data, size));
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
