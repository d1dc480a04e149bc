/* Queues themselves: making them, their attributes, and moving dead letters back. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sqs_side.h"
#include "text/uuid.h"

enum { NAME_MAX_LENGTH = 80, RETENTION_MAX_S = 14 * 24 * 60 * 60, RECEIVE_MAX = 1000 };

/* ---- attributes ---- */

/* Numbers come as strings. */
static bool number_of(const json_t *value, int64_t min, int64_t max, int64_t *out)
{
    const char *text = json_string_value(value);
    char *end;

    if (text == NULL || *text == '\0')
        return false;
    *out = strtoll(text, &end, 10);
    return *end == '\0' && *out >= min && *out <= max;
}

/* {"deadLetterTargetArn", "maxReceiveCount"}, the latter a number or a string. */
static enum err set_redrive(struct sqs_side *side, struct sqs_queue *q, const json_t *value,
                            struct fail *fail)
{
    const char *text = json_string_value(value), *arn;
    json_t *policy = text == NULL ? NULL : json_loads(text, 0, NULL), *count;
    struct sqs_queue *dead;
    int64_t n = 0;

    arn = json_string_value(json_object_get(policy, "deadLetterTargetArn"));
    count = json_object_get(policy, "maxReceiveCount");
    n = json_integer_value(count);
    dead = arn == NULL ? NULL : sqs_side_with_arn(side, arn);
    if (dead == NULL || dead->is_fifo != q->is_fifo || dead == q ||
        (!number_of(count, 1, RECEIVE_MAX, &n) && (n < 1 || n > RECEIVE_MAX))) {
        json_decref(policy);
        return fail_set(fail, ERR_INPUT,
                        "Value for parameter RedrivePolicy is invalid. Reason: the dead-letter "
                        "queue must exist and be of the same type; maxReceiveCount is 1 to 1000.");
    }
    free(q->dead_arn);
    q->dead_arn = mem_dup_str(arn);
    q->max_received = (unsigned)n;
    json_decref(policy);
    return ERR_NONE;
}

/* Takes the attributes of CreateQueue. ERR_INPUT names the one that is wrong. */
static enum err sqs_queue_set(struct sqs_side *side, struct sqs_queue *q, const json_t *attributes,
                              struct fail *fail)
{
    enum err err = ERR_NONE;
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)attributes, name, value)
    {
        const char *text = json_string_value(value);
        bool ok = text != NULL;

        if (strcmp(name, "VisibilityTimeout") == 0)
            ok = number_of(value, 0, SQS_VISIBILITY_MAX_S, &q->visibility_s);
        else if (strcmp(name, "MessageRetentionPeriod") == 0)
            ok = number_of(value, 60, RETENTION_MAX_S, &q->retention_s);
        else if (strcmp(name, "ContentBasedDeduplication") == 0)
            q->is_content_based = ok && strcmp(text, "true") == 0;
        else if (strcmp(name, "RedrivePolicy") == 0)
            err = set_redrive(side, q, value, fail);
        else if (strcmp(name, "FifoQueue") == 0)
            ok = ok && q->is_fifo == (strcmp(text, "true") == 0);
        else if (strcmp(name, "DeduplicationScope") != 0 &&
                 strcmp(name, "FifoThroughputLimit") != 0 &&
                 strcmp(name, "ReceiveMessageWaitTimeSeconds") != 0)
            return fail_set(fail, ERR_INPUT, "Unknown Attribute %s.", name);
        if (!ok)
            err = fail_set(fail, ERR_INPUT, "Invalid value for the parameter %s.", name);
        if (err != ERR_NONE)
            return err;
    }
    return ERR_NONE;
}

static void add(json_t *to, const json_t *asked, const char *name, json_t *value)
{
    json_t *item;
    size_t i;

    json_array_foreach(asked, i, item)
    {
        const char *text = json_string_value(item);

        if (text != NULL && (strcmp(text, "All") == 0 || strcmp(text, name) == 0))
            json_object_set(to, name, value);
    }
    json_decref(value);
}

static json_t *flag(bool is_set)
{
    return json_string(is_set ? "true" : "false");
}

static json_t *number(int64_t n)
{
    return json_sprintf("%lld", (long long)n);
}

static void add_counts(json_t *to, const json_t *asked, const struct sqs_queue *q, int64_t now_ms)
{
    int64_t visible = 0, in_flight = 0, delayed = 0;

    for (const struct sqs_message *m = q->first; m != NULL; m = m->next) {
        if (sqs_message_is_in_flight(m, now_ms))
            in_flight++;
        else if (m->visible_ms > now_ms)
            delayed++;
        else
            visible++;
    }
    add(to, asked, "ApproximateNumberOfMessages", number(visible));
    add(to, asked, "ApproximateNumberOfMessagesNotVisible", number(in_flight));
    add(to, asked, "ApproximateNumberOfMessagesDelayed", number(delayed));
}

void sqs_get_queue_attributes(struct json_call *call)
{
    struct sqs_queue *q = sqs_call_queue(call);
    const json_t *asked = json_object_get(call->input, "AttributeNames");
    json_t *all;

    if (q == NULL)
        return;
    all = json_object();
    add(all, asked, "QueueArn", json_string(q->arn));
    add(all, asked, "VisibilityTimeout", number(q->visibility_s));
    add(all, asked, "MessageRetentionPeriod", number(q->retention_s));
    add(all, asked, "MaximumMessageSize", number(SQS_BODY_MAX));
    add_counts(all, asked, q, sqs_now_ms(sqs_side_of(call)));
    if (q->is_fifo) {
        add(all, asked, "FifoQueue", flag(true));
        add(all, asked, "ContentBasedDeduplication", flag(q->is_content_based));
    }
    if (q->dead_arn != NULL)
        add(all, asked, "RedrivePolicy",
            json_sprintf("{\"deadLetterTargetArn\":\"%s\",\"maxReceiveCount\":%u}", q->dead_arn,
                         q->max_received));
    json_call_ok(call, json_object_size(all) == 0 ? json_object()
                                                  : json_pack("{s:O}", "Attributes", all));
    json_decref(all);
}

/* ---- queues ---- */

static json_t *url_of(const struct sqs_side *side, const struct sqs_queue *q)
{
    char *url = sqs_side_url(side, q);
    json_t *text = json_string(url);

    free(url);
    return text;
}

static bool is_queue_name(const char *name)
{
    size_t n = name == NULL ? 0 : strlen(name);
    size_t stem = span_ends(span_of(name), SPAN(".fifo")) ? n - 5 : n;

    for (size_t i = 0; i < stem; i++)
        if (!((name[i] >= '0' && name[i] <= '9') || (name[i] >= 'a' && name[i] <= 'z') ||
              (name[i] >= 'A' && name[i] <= 'Z') || name[i] == '-' || name[i] == '_'))
            return false;
    return stem > 0 && n <= NAME_MAX_LENGTH;
}

void sqs_create_queue(struct json_call *call)
{
    struct sqs_side *side = sqs_side_of(call);
    const char *name = json_call_text(call, "QueueName");
    struct sqs_queue *q;
    struct fail fail;

    if (!is_queue_name(name)) {
        json_call_fail(call, "InvalidParameterValue",
                       "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 "
                       "in length");
        return;
    }
    q = sqs_side_named(side, name);
    if (q == NULL)
        q = sqs_side_add(side, name);
    if (sqs_queue_set(side, q, json_object_get(call->input, "Attributes"), &fail) != ERR_NONE)
        json_call_fail(call, "InvalidAttributeValue", "%s", fail.text);
    else
        json_call_ok(call, json_pack("{s:o}", "QueueUrl", url_of(side, q)));
}

void sqs_get_queue_url(struct json_call *call)
{
    struct sqs_side *side = sqs_side_of(call);
    const char *name = json_call_text(call, "QueueName");
    struct sqs_queue *q = name == NULL ? NULL : sqs_side_named(side, name);

    if (q == NULL)
        json_call_fail(call, "QueueDoesNotExist", "The specified queue does not exist.");
    else
        json_call_ok(call, json_pack("{s:o}", "QueueUrl", url_of(side, q)));
}

void sqs_list_queues(struct json_call *call)
{
    const char *prefix = json_call_text(call, "QueueNamePrefix");
    struct sqs_side *side = sqs_side_of(call);
    json_t *urls = json_array();

    for (const struct sqs_queue *q = side->queues; q != NULL; q = q->next)
        if (prefix == NULL || span_starts(span_of(q->name), span_of(prefix)))
            json_array_append_new(urls, url_of(side, q));
    json_call_ok(call, json_pack("{s:o}", "QueueUrls", urls));
}

void sqs_purge_queue(struct json_call *call)
{
    struct sqs_queue *q = sqs_call_queue(call);

    if (q == NULL)
        return;
    sqs_queue_purge(q);
    json_call_ok(call, json_object());
}

/* ---- moving dead letters back ---- */

static struct sqs_queue *find_by_arn(void *arg, const char *arn)
{
    return sqs_side_with_arn(arg, arn);
}

static bool is_dead_letter_queue(const struct sqs_side *side, const struct sqs_queue *dead)
{
    for (const struct sqs_queue *q = side->queues; q != NULL; q = q->next)
        if (q->dead_arn != NULL && strcmp(q->dead_arn, dead->arn) == 0)
            return true;
    return false;
}

static struct sqs_queue *source_of(struct json_call *call)
{
    struct sqs_side *side = sqs_side_of(call);
    const char *arn = json_call_text(call, "SourceArn");
    struct sqs_queue *q = arn == NULL ? NULL : sqs_side_with_arn(side, arn);

    if (q == NULL)
        json_call_fail(
            call, "ResourceNotFoundException",
            "The resource that you specified for the SourceArn parameter doesn't exist.");
    else if (!is_dead_letter_queue(side, q))
        json_call_fail(call, "InvalidParameterValue",
                       "Source queue must be configured as a Dead Letter Queue.");
    return call->code == NULL ? q : NULL;
}

/* Done at once; the real service takes its time, and tells it by the task's status. */
void sqs_start_move(struct json_call *call)
{
    struct sqs_side *side = sqs_side_of(call);
    const char *to = json_call_text(call, "DestinationArn");
    struct sqs_queue *q = source_of(call);
    char handle[UUID_TEXT + 1];
    json_t *task;
    size_t n;

    if (q == NULL)
        return;
    if (to != NULL && sqs_side_with_arn(side, to) == NULL) {
        json_call_fail(call, "ResourceNotFoundException",
                       "The resource that you specified for the DestinationArn parameter doesn't "
                       "exist.");
        return;
    }
    n = sqs_queue_move_back(q, sqs_now_ms(side), find_by_arn, side, to);
    uuid_random(handle);
    task = json_pack("{s:s, s:s, s:I, s:I}", "Status", "COMPLETED", "SourceArn", q->arn,
                     "ApproximateNumberOfMessagesMoved", (json_int_t)n, "StartedTimestamp",
                     (json_int_t)sqs_now_ms(side));
    if (to != NULL)
        json_object_set_new(task, "DestinationArn", json_string(to));
    json_array_insert_new(side->moves, 0, task);
    sqs_wake(side);
    json_call_ok(call, json_pack("{s:s}", "TaskHandle", handle));
}

void sqs_list_moves(struct json_call *call)
{
    struct sqs_queue *q = source_of(call);
    json_t *tasks, *task;
    int64_t max;
    size_t i;

    if (q == NULL || !sqs_call_number(call, "MaxResults", 1, 1, 10, &max))
        return;
    tasks = json_array();
    json_array_foreach(sqs_side_of(call)->moves, i, task)
    {
        if (strcmp(json_string_value(json_object_get(task, "SourceArn")), q->arn) == 0 &&
            json_array_size(tasks) < (size_t)max)
            json_array_append(tasks, task);
    }
    json_call_ok(call, json_pack("{s:o}", "Results", tasks));
}
