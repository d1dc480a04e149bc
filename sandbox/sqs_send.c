/* SendMessage, SendMessageBatch, and what all batches have in common. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "crypt/digest.h"
#include "md5.h"
#include "sqs_side.h"

enum { NAME_MAX_LENGTH = 128, ENTRY_ID_MAX = 80, DELAY_MAX_S = 900 };

void sqs_batch_fail(struct sqs_batch *batch, const char *code, const char *format, ...)
{
    va_list args;

    batch->code = code;
    va_start(args, format);
    (void)vsnprintf(batch->message, sizeof batch->message, format, args);
    va_end(args);
}

/* ---- one message ---- */

/* Alphanumerics and punctuation (SendMessage, MessageGroupId): no blank, nothing beyond ASCII. */
static bool is_name(const char *text)
{
    size_t n = strlen(text);

    for (size_t i = 0; i < n; i++)
        if (text[i] <= ' ' || text[i] >= 0x7f)
            return false;
    return n > 0 && n <= NAME_MAX_LENGTH;
}

/* #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF (SendMessage). */
static bool is_contents(struct span body)
{
    int32_t point;
    size_t n;

    for (; body.n > 0; body = span_n(body.p + n, body.n - n)) {
        n = utf8_point(body, &point);
        if (n == 0 || point == 0xfffe || point == 0xffff ||
            (point < 0x20 && point != '\t' && point != '\n' && point != '\r'))
            return false;
    }
    return true;
}

static struct span string_of(const json_t *value)
{
    return span_n(json_string_value(value), json_string_length(value));
}

static bool check_body(struct sqs_batch *b, struct span body)
{
    if (body.n == 0)
        sqs_batch_fail(b, "MissingParameter",
                       "The request must contain the parameter MessageBody.");
    else if (body.n > SQS_BODY_MAX)
        sqs_batch_fail(b, "InvalidParameterValue",
                       "One or more parameters are invalid. Reason: Message must be shorter than "
                       "%d bytes.",
                       (int)SQS_BODY_MAX);
    else if (!is_contents(body))
        sqs_batch_fail(b, "InvalidMessageContents",
                       "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | "
                       "#x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
    return b->code == NULL;
}

static bool check_order(struct sqs_batch *b, const struct sqs_sending *s)
{
    bool is_fifo = b->queue->is_fifo;

    if (!is_fifo && s->deduplication != NULL)
        sqs_batch_fail(b, "InvalidParameterValue",
                       "The request includes a parameter that is not valid for this queue type: "
                       "MessageDeduplicationId.");
    else if (is_fifo && s->group == NULL)
        sqs_batch_fail(b, "MissingParameter",
                       "The request must contain the parameter MessageGroupId.");
    else if (is_fifo && s->deduplication == NULL)
        sqs_batch_fail(b, "InvalidParameterValue",
                       "The queue should either have ContentBasedDeduplication enabled or "
                       "MessageDeduplicationId provided explicitly");
    else if (is_fifo && s->delay_ms != 0)
        sqs_batch_fail(b, "InvalidParameterValue",
                       "Value for parameter DelaySeconds is invalid. Reason: The request include "
                       "parameter that is not valid for this queue type.");
    else if (is_fifo && !is_name(s->group))
        sqs_batch_fail(b, "InvalidParameterValue",
                       "Value for parameter MessageGroupId is invalid. Reason: MessageGroupId can "
                       "only include alphanumeric and punctuation characters. 1 to 128 in length.");
    else if (is_fifo && !is_name(s->deduplication))
        sqs_batch_fail(b, "InvalidParameterValue",
                       "Value for parameter MessageDeduplicationId is invalid. Reason: "
                       "MessageDeduplicationId can only include alphanumeric and punctuation "
                       "characters. 1 to 128 in length.");
    return b->code == NULL;
}

static void send(struct sqs_batch *b)
{
    struct span body = string_of(json_object_get(b->entry, "MessageBody"));
    char digest[SHA256_HEX + 1] = "", md5[MD5_HEX + 1];
    struct sqs_sending s = {
        .body = body.p,
        .group = json_string_value(json_object_get(b->entry, "MessageGroupId")),
        .deduplication = json_string_value(json_object_get(b->entry, "MessageDeduplicationId")),
        .attributes = json_object_get(b->entry, "MessageAttributes"),
        .now_ms = sqs_now_ms(sqs_side_of(b->call)),
        .delay_ms = json_integer_value(json_object_get(b->entry, "DelaySeconds")) * 1000};
    uint64_t number = 0;
    const char *id;

    if (s.deduplication == NULL && b->queue->is_content_based) {
        sha256_hex(body, digest);
        s.deduplication = digest;
    }
    if (!check_body(b, body) || !check_order(b, &s))
        return;
    sqs_queue_send(b->queue, &s, &id, &number);
    md5_hex(body, md5);
    b->out = json_pack("{s:s, s:s}", "MessageId", id, "MD5OfMessageBody", md5);
    /* Twenty digits, as the service writes them. */
    if (b->queue->is_fifo)
        json_object_set_new(b->out, "SequenceNumber",
                            json_sprintf("%020llu", (unsigned long long)number));
    sqs_wake(sqs_side_of(b->call));
}

void sqs_send_message(struct json_call *call)
{
    sqs_batch_single(call, send);
}

void sqs_batch_single(struct json_call *call, void (*run)(struct sqs_batch *batch))
{
    struct sqs_batch b = {.call = call, .queue = sqs_call_queue(call), .entry = call->input};

    if (b.queue == NULL)
        return;
    run(&b);
    if (b.code != NULL)
        json_call_fail(call, b.code, "%s", b.message);
    else
        json_call_ok(call, b.out == NULL ? json_object() : b.out);
}

/* ---- batches ---- */

static bool is_entry_id(const char *id)
{
    size_t n = id == NULL ? 0 : strlen(id);

    for (size_t i = 0; i < n; i++)
        if (!((id[i] >= '0' && id[i] <= '9') || (id[i] >= 'a' && id[i] <= 'z') ||
              (id[i] >= 'A' && id[i] <= 'Z') || id[i] == '-' || id[i] == '_'))
            return false;
    return n > 0 && n <= ENTRY_ID_MAX;
}

static const char *refuse_batch(const json_t *entries, const char **message)
{
    json_t *ids = json_object(), *entry;
    const char *code = NULL;
    size_t i, bytes = 0;

    json_array_foreach(entries, i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "Id"));

        bytes += json_string_length(json_object_get(entry, "MessageBody"));
        if (!is_entry_id(id)) {
            code = "InvalidBatchEntryId";
            *message = "A batch entry id can only contain alphanumeric characters, hyphens and "
                       "underscores. It can be at most 80 letters long.";
        } else if (json_object_get(ids, id) != NULL) {
            code = "BatchEntryIdsNotDistinct";
            *message = "Id repeated.";
        } else {
            json_object_set_new(ids, id, json_true());
        }
    }
    json_decref(ids);
    if (code != NULL)
        return code;
    if (i == 0) {
        *message = "There should be at least one entry in the request.";
        return "EmptyBatchRequest";
    }
    if (i > SQS_BATCH_MAX) {
        *message = "Maximum number of entries per request are 10.";
        return "TooManyEntriesInBatchRequest";
    }
    *message = "Batch requests cannot be longer than 1048576 bytes.";
    return bytes > SQS_BODY_MAX ? "BatchRequestTooLong" : NULL;
}

/* The fault's share of the batch: true when this entry is not carried out. */
static bool strikes(const struct json_call *call, size_t i, struct sqs_batch *b)
{
    const struct fault *fault = call->fault;

    if (fault != NULL && fault->way == FAULT_PARTIAL && i % 2 == 0)
        sqs_batch_fail(b, "InternalError", "We encountered an internal error. Please try again.");
    else if (fault != NULL && fault->way == FAULT_PARTIAL_SENDER && i == 0)
        sqs_batch_fail(b, "InvalidParameterValue", "The sandbox was told to refuse it.");
    return b->code != NULL;
}

void sqs_batch_run(struct json_call *call, void (*run)(struct sqs_batch *batch))
{
    struct sqs_queue *queue = sqs_call_queue(call);
    const json_t *entries = json_object_get(call->input, "Entries");
    const char *message = "", *code = queue == NULL ? NULL : refuse_batch(entries, &message);
    json_t *good = json_array(), *bad = json_array(), *entry, *out;
    size_t i;

    if (queue == NULL || code != NULL) {
        if (code != NULL)
            json_call_fail(call, code, "%s", message);
        json_decref(good);
        json_decref(bad);
        return;
    }
    json_array_foreach(entries, i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "Id"));
        struct sqs_batch b = {.call = call, .queue = queue, .entry = entry};

        if (!strikes(call, i, &b))
            run(&b);
        if (b.code != NULL) {
            json_array_append_new(bad, json_pack("{s:s, s:s, s:s, s:b}", "Id", id, "Code", b.code,
                                                 "Message", b.message, "SenderFault",
                                                 strcmp(b.code, "InternalError") != 0));
            continue;
        }
        out = b.out == NULL ? json_object() : b.out;
        json_object_set_new(out, "Id", json_string(id));
        json_array_append_new(good, out);
    }
    out = json_pack("{s:o}", "Successful", good);
    /* Old answers left an empty list out; both forms are met. */
    if (json_array_size(bad) > 0)
        json_object_set(out, "Failed", bad);
    json_decref(bad);
    json_call_ok(call, out);
}

void sqs_send_message_batch(struct json_call *call)
{
    sqs_batch_run(call, send);
}
