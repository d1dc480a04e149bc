#include "lambda/sweep_tell.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/random.h"
#include "lambda/message.h"

enum {
    AT_ONCE = 4, /* requests; of one group no two */
    SEND_MS = 10 * 1000,
    AGAIN_MS = 200,
    NAME_BYTES = 16,
    UUID_SIZE = sizeof("sweep-") + 2 * NAME_BYTES
};
static const int64_t NS_PER_MS = 1000000;

struct sweep_tell;

struct batch {
    struct sweep_tell *tell;
    struct sqs_call *call;
    struct loop_timer *timer;
    uint32_t rows[SQS_BATCH];
    size_t n;
    int tries;
};

struct sweep_tell {
    struct sweep_tell_options options;
    struct batch batches[AT_ONCE];
    char uuid[UUID_SIZE];
    size_t at; /* the next row */
    int64_t n_told;
    bool is_paused, is_over;
    struct loop_timer *end;
    bool has_failed;
    struct fail fail;
};

static void fill(struct batch *b);

/* ---- one message ---- */

static void add_message(const struct sweep_tell *t, const struct sweep_row *row, struct arena *a,
                        struct sqs_sending *out)
{
    const struct event_subject subject = {
        .kind = SUBJECT_USER,
        .user_id = row->id,
        .login = SPAN(""),
        .display_name = SPAN(""),
        .app_user_name = SPAN(""),
        .membership = {.published_ns = t->options.now_ms * NS_PER_MS}};
    const struct event event = {.source = SPAN("okta"),
                                .uuid = span_of(t->uuid),
                                .type = SPAN("sweep"),
                                .via = SPAN("sweep"),
                                .published_ns = t->options.now_ms * NS_PER_MS,
                                .received_ms = t->options.now_ms};
    char group[MESSAGE_NAME + 1], name[SHA256_HEX + 1];
    struct buf body;

    buf_init(&body, MESSAGE_LIMIT);
    message_add(&body, &event, &subject);
    message_group(&subject, group);
    message_deduplication(&event, &subject, name);
    out->body = arena_span(a, buf_span(&body));
    out->group = arena_span(a, span_of(group));
    out->deduplication = arena_span(a, span_of(name));
    buf_done(&body);
}

/* ---- ten of them ---- */

static void end_if_over(struct sweep_tell *t)
{
    for (size_t i = 0; i < AT_ONCE; i++)
        if (t->batches[i].n > 0)
            return;
    if (!t->is_paused && !t->is_over) {
        t->is_over = true;
        loop_timer_set(t->end, 0);
    }
}

static void on_end(void *arg)
{
    struct sweep_tell *t = arg;

    t->options.done(t->options.arg, t->has_failed ? &t->fail : NULL);
}

static void give_up(struct batch *b, const struct fail *fail)
{
    b->tell->fail = *fail;
    b->tell->has_failed = true;
    b->n = 0;
    end_if_over(b->tell);
}

static void put_off(struct batch *b, const struct fail *fail)
{
    if (++b->tries == SWEEP_TELL_TRIES)
        give_up(b, fail);
    else
        loop_timer_set(b->timer, (int64_t)AGAIN_MS << b->tries);
}

static void sent(void *arg, const struct sqs_answer *answer)
{
    struct batch *b = arg;
    struct fail fail;
    size_t left = 0;

    b->call = NULL;
    if (answer->err == ERR_BUSY || answer->err == ERR_IO || answer->err == ERR_UNCLEAR) {
        put_off(b, answer->fail);
        return;
    }
    if (answer->err != ERR_NONE) {
        give_up(b, answer->fail);
        return;
    }
    for (size_t i = 0; i < b->n; i++) {
        if (answer->fates[i].err == ERR_NONE) {
            b->tell->n_told++;
            continue;
        }
        (void)fail_set(&fail, answer->fates[i].err, "SQS: %s: %s", answer->fates[i].code,
                       answer->fates[i].text);
        b->rows[left++] = b->rows[i];
    }
    b->n = left;
    if (left == 0)
        fill(b);
    else
        put_off(b, &fail);
}

static void send_batch(void *arg)
{
    struct batch *b = arg;
    struct sqs_sending messages[SQS_BATCH];
    struct arena a = {0};

    for (size_t i = 0; i < b->n; i++)
        add_message(b->tell, &b->tell->options.people->rows[b->rows[i]], &a, &messages[i]);
    b->call = sqs_send(b->tell->options.sqs, messages, b->n, SEND_MS, sent, b);
    arena_done(&a);
}

static void fill(struct batch *b)
{
    struct sweep_tell *t = b->tell;
    const struct sweep_people *people = t->options.people;

    b->n = 0;
    b->tries = 0;
    for (; !t->has_failed && t->at < people->n && b->n < SQS_BATCH; t->at++)
        if (people->rows[t->at].is_marked)
            b->rows[b->n++] = (uint32_t)t->at;
    if (b->n > 0)
        send_batch(b);
    else
        end_if_over(t);
}

/* ---- life ---- */

struct sweep_tell *sweep_tell_new(const struct sweep_tell_options *options)
{
    struct sweep_tell *t = mem_new(1, sizeof(*t));
    uint8_t bytes[NAME_BYTES];
    char hex[2 * NAME_BYTES];

    t->options = *options;
    t->end = loop_timer_new(options->loop, on_end, t);
    for (size_t i = 0; i < AT_ONCE; i++) {
        t->batches[i].tell = t;
        t->batches[i].timer = loop_timer_new(options->loop, send_batch, &t->batches[i]);
    }
    random_bytes(bytes, sizeof(bytes));
    hex_encode(bytes, sizeof(bytes), hex);
    (void)snprintf(t->uuid, sizeof(t->uuid), "sweep-%.*s", (int)sizeof(hex), hex);
    return t;
}

void sweep_tell_free(struct sweep_tell *t)
{
    if (t == NULL)
        return;
    sweep_tell_pause(t);
    for (size_t i = 0; i < AT_ONCE; i++)
        loop_timer_free(t->batches[i].timer);
    loop_timer_free(t->end);
    free(t);
}

void sweep_tell_begin(struct sweep_tell *t)
{
    t->is_paused = false;
    for (size_t i = 0; i < AT_ONCE; i++) {
        struct batch *b = &t->batches[i];

        b->tries = 0;
        if (b->n > 0)
            send_batch(b); /* it is not known whether it was sent */
        else
            fill(b);
    }
}

void sweep_tell_pause(struct sweep_tell *t)
{
    t->is_paused = true;
    loop_timer_clear(t->end);
    t->is_over = false;
    for (size_t i = 0; i < AT_ONCE; i++) {
        sqs_cancel(t->batches[i].call);
        t->batches[i].call = NULL;
        loop_timer_clear(t->batches[i].timer);
    }
}

int64_t sweep_tell_count(const struct sweep_tell *t)
{
    return t->n_told;
}
