/* Few events go out in one request. Many go out in several at a time, but those of one group in one
 * lane, one behind the other: FIFO queues keep the order in which messages arrive. */
#include "lambda/queue_journal.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lambda/message.h"

enum {
    LANES = 8, /* the HTTP client's connections to one host */
    AGAIN_MS = 50,
    AGAIN_MAX_MS = 1000,
    AGAIN_DOUBLINGS = 5,
    SEND_MS = 10000,
};

struct lane {
    struct job *job;
    struct sqs_sending *messages; /* those that are not in the queue yet, in order */
    size_t n;
    unsigned failures; /* in a row */
    struct sqs_call *call;
    struct loop_timer *timer;
};

struct job {
    struct queue_journal *journal;
    struct job *prev, *next;
    struct journal_entry *entry;
    struct lane lanes[LANES];
    size_t n_lanes, n_open;
    struct fail fail; /* of the first message that is not in the queue; err is set when there is
                         one */
};

struct queue_journal {
    struct journal journal;
    struct loop *loop;
    struct sqs *sqs;
    int64_t end_ms; /* 0 = none */
    struct loop_timer *end;
    struct job *first;
};

/* ---- the end of an entry ---- */

static void free_job(struct job *job)
{
    if (job->prev != NULL)
        job->prev->next = job->next;
    else
        job->journal->first = job->next;
    if (job->next != NULL)
        job->next->prev = job->prev;
    for (size_t i = 0; i < LANES; i++) {
        sqs_cancel(job->lanes[i].call);
        loop_timer_free(job->lanes[i].timer);
    }
    if (job->journal->first == NULL)
        loop_timer_clear(job->journal->end);
    free(job);
}

static void finish(struct job *job)
{
    struct journal_entry *entry = job->entry;
    struct fail fail = job->fail;

    free_job(job);
    entry->done(entry, fail.err, &fail);
}

static void close_lane(struct lane *lane)
{
    if (--lane->job->n_open == 0)
        finish(lane->job);
}

/* ---- a lane ---- */

static void send_batch(void *arg);

static void note_failure(struct job *job, const struct fail *fail)
{
    if (job->fail.err == ERR_NONE)
        job->fail = *fail;
}

/* At once when a connection turned out to be dead, then more and more slowly. */
static void try_again(struct lane *lane)
{
    int64_t wait_ms = 0;
    unsigned n = lane->failures++;

    if (n > 0) {
        wait_ms = (int64_t)AGAIN_MS << (n < AGAIN_DOUBLINGS ? n - 1 : AGAIN_DOUBLINGS);
        wait_ms = wait_ms < AGAIN_MAX_MS ? wait_ms : AGAIN_MAX_MS;
    }
    loop_timer_set(lane->timer, wait_ms);
}

/* Takes out what is in the queue, and what never will be. */
static void sort_out(struct lane *lane, const struct sqs_answer *answer)
{
    size_t kept = 0;
    struct fail fail;

    for (size_t i = 0; i < answer->n; i++) {
        const struct sqs_fate *fate = &answer->fates[i];

        if (fate->err == ERR_BUSY)
            lane->messages[kept++] = lane->messages[i];
        if (fate->err != ERR_INPUT)
            continue;
        (void)fail_set(&fail, ERR_INPUT, "SQS refuses a message: %s: %s", fate->code, fate->text);
        note_failure(lane->job, &fail);
    }
    memmove(lane->messages + kept, lane->messages + answer->n,
            (lane->n - answer->n) * sizeof(*lane->messages));
    lane->n -= answer->n - kept;
    lane->failures = kept == 0 ? 0 : lane->failures;
    if (lane->n == 0)
        close_lane(lane);
    else if (kept == 0)
        send_batch(lane);
    else
        try_again(lane);
}

static void sent(void *arg, const struct sqs_answer *answer)
{
    struct lane *lane = arg;

    lane->call = NULL;
    switch (answer->err) {
    case ERR_NONE:
        sort_out(lane, answer);
        break;
    case ERR_BUSY:
    case ERR_IO:
    case ERR_UNCLEAR: /* repeating does no harm: the queue knows what it has had */
        try_again(lane);
        break;
    case ERR_INPUT:
    case ERR_NOT_FOUND:
    case ERR_CONFLICT:
    case ERR_DENIED:
        note_failure(lane->job, answer->fail);
        close_lane(lane);
        break;
    }
}

static void send_batch(void *arg)
{
    struct lane *lane = arg;
    struct queue_journal *j = lane->job->journal;
    int64_t left_ms = j->end_ms == 0 ? SEND_MS : j->end_ms - clock_mono_ms();

    if (lane->n == 0) { /* of an entry without a message */
        close_lane(lane);
        return;
    }
    lane->call = sqs_send(j->sqs, lane->messages, sqs_batch_size(lane->messages, lane->n),
                          (long)(left_ms < 1         ? 1
                                 : left_ms < SEND_MS ? left_ms
                                                     : SEND_MS),
                          sent, lane);
}

/* ---- an entry ---- */

static size_t count_subjects(const struct journal_entry *entry)
{
    size_t n = 0;

    for (size_t i = 0; i < entry->n; i++)
        if (entry->events[i].skip_reason == NULL)
            n += entry->events[i].n_subjects;
    return n;
}

static void count_events(struct journal_entry *entry)
{
    entry->n_new = (int64_t)entry->n;
    entry->n_taken = entry->n_skipped = 0;
    for (size_t i = 0; i < entry->n; i++) {
        if (entry->is_new != NULL)
            entry->is_new[i] = true;
        if (entry->events[i].skip_reason == NULL)
            entry->n_taken++;
        else
            entry->n_skipped++;
    }
}

/* False when no message can be made of it. */
static bool write_message(struct arena *a, const struct event *event,
                          const struct event_subject *subject, struct sqs_sending *out)
{
    char group[MESSAGE_NAME + 1], deduplication[SHA256_HEX + 1];
    struct buf body;
    bool is_written;

    buf_init(&body, MESSAGE_LIMIT);
    message_add(&body, event, subject);
    message_group(subject, group);
    message_deduplication(event, subject, deduplication);
    is_written = !body.full;
    *out = (struct sqs_sending){.body = arena_span(a, buf_span(&body)),
                                .group = arena_span(a, span_of(group)),
                                .deduplication = arena_span(a, span_of(deduplication))};
    buf_done(&body);
    return is_written;
}

static size_t lane_of(struct span group, size_t n_lanes)
{
    size_t hash = 5381;

    for (size_t i = 0; i < group.n; i++)
        hash = hash * 33 + (unsigned char)group.p[i];
    return hash % n_lanes;
}

/* Deals the messages out to the lanes, in order. */
static void deal(struct job *job, const struct sqs_sending *all, size_t n)
{
    struct arena *a = &job->entry->arena;
    size_t room[LANES] = {0};

    job->n_lanes = (n + SQS_BATCH - 1) / SQS_BATCH;
    job->n_lanes = job->n_lanes < LANES ? job->n_lanes : LANES;
    for (size_t i = 0; i < n; i++)
        room[lane_of(all[i].group, job->n_lanes)]++;
    for (size_t k = 0; k < job->n_lanes; k++)
        job->lanes[k].messages = arena_new(a, room[k], sizeof(*all));
    for (size_t i = 0; i < n; i++) {
        struct lane *lane = &job->lanes[lane_of(all[i].group, job->n_lanes)];

        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): lane_of is below n_lanes */
        lane->messages[lane->n++] = all[i];
    }
}

static void write_messages(struct job *job)
{
    const struct journal_entry *entry = job->entry;
    size_t n = 0, room = count_subjects(entry);
    struct sqs_sending *all = arena_new(&job->entry->arena, room, sizeof(*all));
    struct fail fail;

    for (size_t i = 0; i < entry->n; i++) {
        const struct event *e = &entry->events[i];

        for (size_t k = 0; e->skip_reason == NULL && k < e->n_subjects; k++) {
            if (write_message(&job->entry->arena, e, &e->subjects[k], &all[n])) {
                n++;
                continue;
            }
            (void)fail_set(&fail, ERR_INPUT, "event %.*s does not fit into a message",
                           SPAN_ARG(e->uuid));
            note_failure(job, &fail);
        }
    }
    if (n > 0)
        deal(job, all, n);
}

static bool append(struct journal *journal, struct journal_entry *entry)
{
    struct queue_journal *j = (struct queue_journal *)journal;
    struct job *job = mem_new(1, sizeof(*job));

    *job = (struct job){.journal = j, .next = j->first, .entry = entry};
    if (job->next != NULL)
        job->next->prev = job;
    j->first = job;
    count_events(entry);
    write_messages(job);
    if (job->n_lanes == 0)
        job->n_lanes = 1; /* an empty one, which is closed at once */
    job->n_open = job->n_lanes;
    for (size_t i = 0; i < job->n_lanes; i++) {
        struct lane *lane = &job->lanes[i];

        lane->job = job;
        lane->timer = loop_timer_new(j->loop, send_batch, lane);
        loop_timer_set(lane->timer, 0); /* done is not called from inside append */
    }
    return true;
}

/* ---- the journal ---- */

static void on_end(void *arg)
{
    struct queue_journal *j = arg;
    struct fail fail;

    while (j->first != NULL) {
        (void)fail_set(&fail, ERR_BUSY, "SQS did not take all messages in time");
        note_failure(j->first, &fail);
        finish(j->first);
    }
}

void queue_journal_give_up(struct journal *journal)
{
    on_end(journal);
}

struct journal *queue_journal_new(struct loop *loop, struct sqs *sqs)
{
    struct queue_journal *j = mem_new(1, sizeof(*j));

    *j = (struct queue_journal){.journal = {append}, .loop = loop, .sqs = sqs};
    j->end = loop_timer_new(loop, on_end, j);
    return &j->journal;
}

void queue_journal_free(struct journal *journal)
{
    struct queue_journal *j = (struct queue_journal *)journal;

    if (j == NULL)
        return;
    while (j->first != NULL)
        free_job(j->first);
    loop_timer_free(j->end);
    free(j);
}

void queue_journal_set_end(struct journal *journal, int64_t mono_ms)
{
    struct queue_journal *j = (struct queue_journal *)journal;
    int64_t left_ms = mono_ms - clock_mono_ms();

    j->end_ms = mono_ms;
    loop_timer_set(j->end, left_ms > 0 ? left_ms : 0);
}
