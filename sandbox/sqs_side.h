/* What the parts of the played SQS share. Each sqs_*.c plays some operations. */
#ifndef SANDBOX_SQS_SIDE_H
#define SANDBOX_SQS_SIDE_H

#include "json_service.h"
#include "sqs_queue.h"

struct sqs_parked;

struct sqs_side {
    struct json_service service;
    struct sqs_queue *queues;
    int64_t forward_ms;        /* how far a test has moved the queues' time */
    struct sqs_parked *parked; /* receivers that wait for a message, the longest waiting first */
    struct loop_timer *timer;  /* looks for them */
    json_t *moves;             /* the move tasks so far, the newest first */
};

/* The two queues that are always there, empty, and no other. */
void sqs_side_begin(struct sqs_side *side);
int64_t sqs_now_ms(const struct sqs_side *side);
/* Makes it; NULL: there is one of that name. */
struct sqs_queue *sqs_side_add(struct sqs_side *side, const char *name);
struct sqs_queue *sqs_side_named(const struct sqs_side *side, const char *name);
struct sqs_queue *sqs_side_with_arn(const struct sqs_side *side, const char *arn);
/* A new string. */
char *sqs_side_url(const struct sqs_side *side, const struct sqs_queue *q);
/* The queue of the input's QueueUrl, or NULL after json_call_fail. */
struct sqs_queue *sqs_call_queue(struct json_call *call);
/* An integer member of the input; otherwise when it is absent. False after json_call_fail. */
bool sqs_call_number(struct json_call *call, const char *member, int64_t otherwise, int64_t min,
                     int64_t max, int64_t *out);
static inline struct sqs_side *sqs_side_of(const struct json_call *call)
{
    return call->service->owner;
}

/* sqs_send.c, sqs_receive.c, sqs_manage.c */
void sqs_send_message(struct json_call *call);
void sqs_send_message_batch(struct json_call *call);
void sqs_receive_message(struct json_call *call);
void sqs_delete_message(struct json_call *call);
void sqs_delete_message_batch(struct json_call *call);
void sqs_change_visibility(struct json_call *call);
void sqs_change_visibility_batch(struct json_call *call);
void sqs_create_queue(struct json_call *call);
void sqs_get_queue_attributes(struct json_call *call);
void sqs_get_queue_url(struct json_call *call);
void sqs_list_queues(struct json_call *call);
void sqs_purge_queue(struct json_call *call);
void sqs_start_move(struct json_call *call);
void sqs_list_moves(struct json_call *call);
/* Whoever waits may have something now: looks soon. */
void sqs_wake(struct sqs_side *side);
void sqs_look_again(struct sqs_side *side);
void sqs_drop_parked(struct sqs_side *side);

/* A batch's entries, each by itself: entry sets *code and *message when it fails for good, else
 * *out, an object without Id. */
struct sqs_batch {
    struct json_call *call;
    struct sqs_queue *queue;
    json_t *entry;
    const char *code;
    char message[JSON_CALL_MESSAGE];
    json_t *out;
};
void sqs_batch_run(struct json_call *call, void (*run)(struct sqs_batch *batch));
void sqs_batch_fail(struct sqs_batch *batch, const char *code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A single call that has the form of one entry. */
void sqs_batch_single(struct json_call *call, void (*run)(struct sqs_batch *batch));

#endif
