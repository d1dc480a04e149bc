/* The played SQS: where its requests go. The JSON protocol only; nothing uses the old one. */
#include "sqs_side.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

static const struct json_operation operations[] = {
    {"SendMessage", sqs_send_message},
    {"SendMessageBatch", sqs_send_message_batch},
    {"ReceiveMessage", sqs_receive_message},
    {"DeleteMessage", sqs_delete_message},
    {"DeleteMessageBatch", sqs_delete_message_batch},
    {"ChangeMessageVisibility", sqs_change_visibility},
    {"ChangeMessageVisibilityBatch", sqs_change_visibility_batch},
    {"CreateQueue", sqs_create_queue},
    {"GetQueueAttributes", sqs_get_queue_attributes},
    {"GetQueueUrl", sqs_get_queue_url},
    {"ListQueues", sqs_list_queues},
    {"PurgeQueue", sqs_purge_queue},
    {"StartMessageMoveTask", sqs_start_move},
    {"ListMessageMoveTasks", sqs_list_moves},
    {NULL, NULL},
};

static void drop_queues(struct sqs_side *side)
{
    while (side->queues != NULL) {
        struct sqs_queue *q = side->queues;

        side->queues = q->next;
        sqs_queue_free(q);
    }
}

void sqs_side_begin(struct sqs_side *side)
{
    struct sqs_queue *work, *dead;

    drop_queues(side);
    work = sqs_side_add(side, "roster.fifo");
    dead = sqs_side_add(side, "roster-dead.fifo");
    work->dead_arn = mem_dup_str(dead->arn);
    work->max_received = 5;
}

static void on_timer(void *arg)
{
    sqs_look_again(arg);
}

struct sqs_side *sqs_side_new(struct sandbox *sandbox)
{
    struct sqs_side *side = mem_new(1, sizeof *side);

    side->service = (struct json_service){.sandbox = sandbox,
                                          .signing = "sqs",
                                          .target = "AmazonSQS.",
                                          .type = "application/x-amz-json-1.0",
                                          .prefix = "com.amazonaws.sqs#",
                                          .has_query_error = true,
                                          .operations = operations,
                                          .owner = side};
    json_service_init(&side->service);
    side->timer = loop_timer_new(sandbox->loop, on_timer, side);
    side->moves = json_array();
    sqs_side_begin(side);
    return side;
}

void sqs_side_free(struct sqs_side *side)
{
    if (side == NULL)
        return;
    sqs_drop_parked(side);
    loop_timer_free(side->timer);
    json_service_done(&side->service);
    drop_queues(side);
    json_decref(side->moves);
    free(side);
}

bool sqs_side_request(struct sqs_side *side, struct http_exchange *x)
{
    if (!json_service_owns(&side->service, x))
        return false;
    json_service_request(&side->service, x);
    return true;
}

int64_t sqs_now_ms(const struct sqs_side *side)
{
    return clock_wall_ms() + side->forward_ms;
}

struct sqs_queue *sqs_side_named(const struct sqs_side *side, const char *name)
{
    struct sqs_queue *q = side->queues;

    while (q != NULL && strcmp(q->name, name) != 0)
        q = q->next;
    return q;
}

struct sqs_queue *sqs_side_with_arn(const struct sqs_side *side, const char *arn)
{
    struct sqs_queue *q = side->queues;

    while (q != NULL && strcmp(q->arn, arn) != 0)
        q = q->next;
    return q;
}

struct sqs_queue *sqs_side_add(struct sqs_side *side, const char *name)
{
    struct sqs_queue **end = &side->queues;
    char *arn;

    if (sqs_side_named(side, name) != NULL)
        return NULL;
    while (*end != NULL)
        end = &(*end)->next;
    arn = mem_printf("arn:aws:sqs:%s:%s:%s", sandbox_aws_region(side->service.sandbox),
                     sandbox_aws_account(side->service.sandbox), name);
    *end = sqs_queue_new(name, arn);
    free(arn);
    return *end;
}

char *sqs_side_url(const struct sqs_side *side, const struct sqs_queue *q)
{
    return mem_printf("http://%s/%s/%s", side->service.sandbox->address,
                      sandbox_aws_account(side->service.sandbox), q->name);
}

struct sqs_queue *sqs_call_queue(struct json_call *call)
{
    const char *url = json_call_text(call, "QueueUrl");
    const char *slash = url == NULL ? NULL : strrchr(url, '/');
    struct sqs_queue *q = slash == NULL ? NULL : sqs_side_named(sqs_side_of(call), slash + 1);

    if (url == NULL)
        json_call_fail(call, "MissingParameter",
                       "The request must contain the parameter QueueUrl.");
    else if (q == NULL)
        json_call_fail(call, "QueueDoesNotExist", "The specified queue does not exist.");
    return q;
}

bool sqs_call_number(struct json_call *call, const char *member, int64_t otherwise, int64_t min,
                     int64_t max, int64_t *out)
{
    const json_t *value = json_object_get(call->input, member);

    *out = value == NULL || json_is_null(value) ? otherwise : json_integer_value(value);
    if ((value == NULL || json_is_null(value) || json_is_integer(value)) && *out >= min &&
        *out <= max)
        return true;
    json_call_fail(call, "InvalidParameterValue",
                   "Value for parameter %s is invalid. Reason: Must be between %lld and %lld, if "
                   "provided.",
                   member, (long long)min, (long long)max);
    return false;
}
