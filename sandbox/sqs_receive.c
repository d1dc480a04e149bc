/* ReceiveMessage with its waiting, and what is done with a receipt. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "md5.h"
#include "sqs_side.h"

enum { WAIT_MAX_S = 20, LOOK_MS = 20 };

struct sqs_parked {
    struct sqs_parked *next;
    struct json_call *call;
    int64_t until_ms; /* clock_mono_ms */
};

/* ---- what a message looks like ---- */

static bool is_asked(const struct json_call *call, const char *list, const char *name)
{
    const json_t *names = json_object_get(call->input, list), *item;
    size_t i;

    json_array_foreach(names, i, item)
    {
        const char *text = json_string_value(item);

        if (text != NULL && (strcmp(text, "All") == 0 || strcmp(text, name) == 0))
            return true;
    }
    return false;
}

static void add_attribute(const struct json_call *call, json_t *to, const char *name, json_t *value)
{
    if (is_asked(call, "AttributeNames", name) ||
        is_asked(call, "MessageSystemAttributeNames", name))
        json_object_set(to, name, value);
    json_decref(value);
}

static json_t *system_attributes(const struct json_call *call, const struct sqs_message *m)
{
    json_t *all = json_object();

    add_attribute(call, all, "SenderId", json_string("AIDASANDBOX00000000001"));
    add_attribute(call, all, "SentTimestamp", json_sprintf("%lld", (long long)m->sent_ms));
    add_attribute(call, all, "ApproximateReceiveCount", json_sprintf("%u", m->n_received));
    add_attribute(call, all, "ApproximateFirstReceiveTimestamp",
                  json_sprintf("%lld", (long long)m->first_received_ms));
    if (m->group != NULL) {
        add_attribute(call, all, "SequenceNumber",
                      json_sprintf("%020llu", (unsigned long long)m->number));
        add_attribute(call, all, "MessageGroupId", json_string(m->group->name));
        add_attribute(call, all, "MessageDeduplicationId", json_string(m->deduplication));
    }
    if (m->source_arn != NULL)
        add_attribute(call, all, "DeadLetterQueueSourceArn", json_string(m->source_arn));
    return all;
}

static json_t *show(const struct json_call *call, const struct sqs_message *m)
{
    json_t *system = system_attributes(call, m), *out;
    char *receipt = sqs_receipt_new(m);
    char md5[MD5_HEX + 1];

    md5_hex(span_of(m->body), md5);
    out = json_pack("{s:s, s:s, s:s, s:s}", "MessageId", m->id, "ReceiptHandle", receipt,
                    "MD5OfBody", md5, "Body", m->body);
    if (json_object_size(system) > 0)
        json_object_set(out, "Attributes", system);
    if (m->attributes != NULL && is_asked(call, "MessageAttributeNames", "All"))
        json_object_set(out, "MessageAttributes", m->attributes);
    json_decref(system);
    free(receipt);
    return out;
}

/* ---- receiving ---- */

/* True when the call has its answer. */
static bool receive(struct json_call *call, bool may_be_empty)
{
    struct sqs_side *side = sqs_side_of(call);
    struct sqs_queue *q = sqs_call_queue(call), *dead;
    struct sqs_message *got[SQS_BATCH_MAX];
    int64_t max, visibility_s;
    json_t *messages;
    size_t n;

    if (q == NULL || !sqs_call_number(call, "MaxNumberOfMessages", 1, 1, SQS_BATCH_MAX, &max) ||
        !sqs_call_number(call, "VisibilityTimeout", q->visibility_s, 0, SQS_VISIBILITY_MAX_S,
                         &visibility_s))
        return true;
    dead = q->dead_arn == NULL ? NULL : sqs_side_with_arn(side, q->dead_arn);
    n = sqs_queue_receive(q, dead, sqs_now_ms(side), visibility_s * MS_PER_S, (size_t)max, got);
    if (n == 0 && !may_be_empty)
        return false;
    messages = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(messages, show(call, got[i]));
    json_call_ok(call, n == 0 ? json_object() : json_pack("{s:O}", "Messages", messages));
    json_decref(messages);
    return true;
}

static void park(struct json_call *call, int64_t wait_s)
{
    struct sqs_side *side = sqs_side_of(call);
    struct sqs_parked *parked = mem_new(1, sizeof *parked), **end = &side->parked;

    *parked = (struct sqs_parked){.call = json_call_park(call),
                                  .until_ms = clock_mono_ms() + wait_s * MS_PER_S};
    while (*end != NULL)
        end = &(*end)->next;
    *end = parked;
    loop_timer_set(side->timer, LOOK_MS);
}

void sqs_receive_message(struct json_call *call)
{
    int64_t wait_s;

    if (!sqs_call_number(call, "WaitTimeSeconds", 0, 0, WAIT_MAX_S, &wait_s))
        return;
    if (!receive(call, wait_s == 0))
        park(call, wait_s);
}

void sqs_look_again(struct sqs_side *side)
{
    struct sqs_parked **p = &side->parked;

    while (*p != NULL) {
        struct sqs_parked *parked = *p;

        if (!receive(parked->call, clock_mono_ms() >= parked->until_ms)) {
            p = &parked->next;
            continue;
        }
        *p = parked->next;
        json_call_end(parked->call);
        free(parked);
    }
    /* A visibility timeout may end at any moment. */
    if (side->parked != NULL)
        loop_timer_set(side->timer, LOOK_MS);
}

void sqs_wake(struct sqs_side *side)
{
    if (side->parked != NULL)
        loop_timer_set(side->timer, 0);
}

void sqs_drop_parked(struct sqs_side *side)
{
    while (side->parked != NULL) {
        struct sqs_parked *parked = side->parked;

        side->parked = parked->next;
        json_decref(parked->call->input);
        free(parked->call);
        free(parked);
    }
}

/* ---- with a receipt ---- */

static const char *receipt_of(const struct sqs_batch *b)
{
    return json_string_value(json_object_get(b->entry, "ReceiptHandle"));
}

static void delete (struct sqs_batch *b)
{
    struct sqs_message *m = NULL;

    switch (sqs_receipt_find(b->queue, receipt_of(b), sqs_now_ms(sqs_side_of(b->call)), &m)) {
    case SQS_RECEIPT_BAD:
        sqs_batch_fail(b, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
        return;
    case SQS_RECEIPT_OLD:
        /* A FIFO queue must not lose a message that somebody else works on; a standard one may. */
        if (b->queue->is_fifo) {
            sqs_batch_fail(b, "InvalidParameterValue",
                           "Value for parameter ReceiptHandle is invalid. Reason: The receipt "
                           "handle has expired.");
            return;
        }
        break;
    case SQS_RECEIPT_GOOD:
    case SQS_RECEIPT_GONE:
        break;
    }
    if (m != NULL)
        sqs_queue_remove(b->queue, m);
    sqs_wake(sqs_side_of(b->call));
}

static void change(struct sqs_batch *b)
{
    const json_t *value = json_object_get(b->entry, "VisibilityTimeout");
    int64_t now_ms = sqs_now_ms(sqs_side_of(b->call)), seconds = json_integer_value(value);
    struct sqs_message *m = NULL;

    if (!json_is_integer(value) || seconds < 0 || seconds > SQS_VISIBILITY_MAX_S) {
        sqs_batch_fail(
            b, "InvalidParameterValue",
            "Value for parameter VisibilityTimeout is invalid. Reason: Must be between 0 "
            "and 43200.");
        return;
    }
    switch (sqs_receipt_find(b->queue, receipt_of(b), now_ms, &m)) {
    case SQS_RECEIPT_BAD:
        sqs_batch_fail(b, "ReceiptHandleIsInvalid", "The input receipt handle is invalid.");
        break;
    case SQS_RECEIPT_GONE:
        sqs_batch_fail(b, "InvalidParameterValue",
                       "Value for parameter ReceiptHandle is invalid. Reason: Message does not "
                       "exist or is not available for visibility timeout change.");
        break;
    case SQS_RECEIPT_OLD:
        sqs_batch_fail(b, "MessageNotInflight", "The specified message isn't in flight.");
        break;
    case SQS_RECEIPT_GOOD:
        m->visible_ms = now_ms + seconds * MS_PER_S;
        sqs_wake(sqs_side_of(b->call));
        break;
    }
}

void sqs_delete_message(struct json_call *call)
{
    sqs_batch_single(call, delete);
}

void sqs_delete_message_batch(struct json_call *call)
{
    sqs_batch_run(call, delete);
}

void sqs_change_visibility(struct json_call *call)
{
    sqs_batch_single(call, change);
}

void sqs_change_visibility_batch(struct json_call *call)
{
    sqs_batch_run(call, change);
}
