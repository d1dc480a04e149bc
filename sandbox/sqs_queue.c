#include "sqs_queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/base64.h"
#include "text/uuid.h"

enum { RECEIPT_LIMIT = 256, USUAL_VISIBILITY_S = 30, USUAL_RETENTION_S = 4 * 24 * 60 * 60 };

struct sqs_queue *sqs_queue_new(const char *name, const char *arn)
{
    struct sqs_queue *q = mem_new(1, sizeof *q);

    *q = (struct sqs_queue){.name = mem_dup_str(name),
                            .arn = mem_dup_str(arn),
                            .is_fifo = span_ends(span_of(name), SPAN(".fifo")),
                            .visibility_s = USUAL_VISIBILITY_S,
                            .retention_s = USUAL_RETENTION_S,
                            .places = json_object()};
    q->remembered_end = &q->remembered;
    return q;
}

static void message_free(struct sqs_message *m)
{
    free(m->id);
    free(m->body);
    free(m->deduplication);
    free(m->source_arn);
    json_decref(m->attributes);
    free(m);
}

static void unlink_message(struct sqs_queue *q, struct sqs_message *m)
{
    if (m->prev != NULL)
        m->prev->next = m->next;
    else
        q->first = m->next;
    if (m->next != NULL)
        m->next->prev = m->prev;
    else
        q->last = m->prev;
}

void sqs_queue_remove(struct sqs_queue *q, struct sqs_message *m)
{
    unlink_message(q, m);
    message_free(m);
}

void sqs_queue_purge(struct sqs_queue *q)
{
    while (q->first != NULL)
        sqs_queue_remove(q, q->first);
}

static void forget_first(struct sqs_queue *q)
{
    struct sqs_remembered *r = q->remembered;

    q->remembered = r->next;
    if (q->remembered == NULL)
        q->remembered_end = &q->remembered;
    free(r->deduplication);
    free(r->id);
    free(r);
}

void sqs_queue_free(struct sqs_queue *q)
{
    sqs_queue_purge(q);
    while (q->remembered != NULL)
        forget_first(q);
    for (size_t i = 0; i < q->n_groups; i++) {
        free(q->groups[i]->name);
        free(q->groups[i]);
    }
    free(q->groups);
    json_decref(q->places);
    free(q->name);
    free(q->arn);
    free(q->dead_arn);
    free(q);
}

/* ---- sending ---- */

static struct sqs_group *group_named(struct sqs_queue *q, const char *name)
{
    json_t *place = name == NULL ? NULL : json_object_get(q->places, name);
    struct sqs_group *group;

    if (name == NULL)
        return NULL;
    if (place != NULL)
        return q->groups[json_integer_value(place)];
    group = mem_new(1, sizeof *group);
    group->name = mem_dup_str(name);
    json_object_set_new(q->places, name, json_integer((json_int_t)q->n_groups));
    q->groups = mem_grow(q->groups, q->n_groups + 1, sizeof(*q->groups));
    q->groups[q->n_groups++] = group;
    return group;
}

static void append(struct sqs_queue *q, struct sqs_message *m, const char *group)
{
    m->group = q->is_fifo ? group_named(q, group) : NULL;
    m->number = ++q->numbers;
    m->prev = q->last;
    m->next = NULL;
    if (q->last != NULL)
        q->last->next = m;
    else
        q->first = m;
    q->last = m;
}

/* Remembered also when the message was deleted meanwhile. */
static const struct sqs_remembered *recall(struct sqs_queue *q, const char *deduplication,
                                           int64_t now_ms)
{
    while (q->remembered != NULL && q->remembered->until_ms <= now_ms)
        forget_first(q);
    for (const struct sqs_remembered *r = q->remembered; r != NULL; r = r->next)
        if (strcmp(r->deduplication, deduplication) == 0)
            return r;
    return NULL;
}

static void remember(struct sqs_queue *q, const struct sqs_message *m, int64_t now_ms)
{
    struct sqs_remembered *r = mem_new(1, sizeof *r);

    *r = (struct sqs_remembered){.deduplication = mem_dup_str(m->deduplication),
                                 .id = mem_dup_str(m->id),
                                 .number = m->number,
                                 .until_ms = now_ms + SQS_WINDOW_MS};
    *q->remembered_end = r;
    q->remembered_end = &r->next;
}

void sqs_queue_send(struct sqs_queue *q, const struct sqs_sending *sending, const char **out_id,
                    uint64_t *out_number)
{
    const struct sqs_remembered *known =
        sending->deduplication == NULL ? NULL : recall(q, sending->deduplication, sending->now_ms);
    struct sqs_message *m;
    char id[UUID_TEXT + 1];

    if (known != NULL) {
        *out_id = known->id;
        *out_number = known->number;
        return;
    }
    uuid_random(id);
    m = mem_new(1, sizeof *m);
    *m = (struct sqs_message){.id = mem_dup_str(id),
                              .body = mem_dup_str(sending->body),
                              .deduplication = mem_dup_str(sending->deduplication),
                              .attributes = json_incref(sending->attributes),
                              .sent_ms = sending->now_ms,
                              .visible_ms = sending->now_ms + sending->delay_ms};
    append(q, m, sending->group);
    if (m->deduplication != NULL)
        remember(q, m, sending->now_ms);
    *out_id = m->id;
    *out_number = m->number;
}

/* ---- receiving ---- */

bool sqs_message_is_in_flight(const struct sqs_message *m, int64_t now_ms)
{
    return m->n_received > 0 && m->visible_ms > now_ms;
}

static void block_groups(struct sqs_queue *q, int64_t now_ms)
{
    q->looks++;
    for (struct sqs_message *m = q->first; m != NULL; m = m->next)
        if (m->group != NULL && m->visible_ms > now_ms)
            m->group->blocked_in = q->looks;
}

static void bury(struct sqs_queue *q, struct sqs_queue *dead, struct sqs_message *m)
{
    unlink_message(q, m);
    if (dead == NULL) {
        message_free(m);
        return;
    }
    free(m->source_arn);
    m->source_arn = mem_dup_str(q->arn);
    append(dead, m, m->group == NULL ? NULL : m->group->name);
}

static void drop_expired(struct sqs_queue *q, int64_t now_ms)
{
    struct sqs_message *m = q->first, *next;

    for (; m != NULL; m = next) {
        next = m->next;
        if (m->sent_ms + q->retention_s * 1000 <= now_ms)
            sqs_queue_remove(q, m);
    }
}

size_t sqs_queue_receive(struct sqs_queue *q, struct sqs_queue *dead, int64_t now_ms,
                         int64_t visibility_ms, size_t max, struct sqs_message **out)
{
    struct sqs_message *m, *next;
    size_t n = 0;

    drop_expired(q, now_ms);
    block_groups(q, now_ms);
    for (m = q->first; m != NULL && n < max; m = next) {
        next = m->next;
        if (m->visible_ms > now_ms || (m->group != NULL && m->group->blocked_in == q->looks))
            continue;
        if (q->dead_arn != NULL && m->n_received >= q->max_received) {
            bury(q, dead, m);
            continue;
        }
        if (m->n_received++ == 0)
            m->first_received_ms = now_ms;
        m->visible_ms = now_ms + visibility_ms;
        out[n++] = m;
    }
    return n;
}

size_t sqs_queue_move_back(struct sqs_queue *q, int64_t now_ms,
                           struct sqs_queue *(*find)(void *arg, const char *arn), void *arg,
                           const char *to_arn)
{
    struct sqs_message *m = q->first, *next;
    size_t n = 0;

    for (; m != NULL; m = next) {
        const char *arn = to_arn != NULL ? to_arn : m->source_arn;
        struct sqs_queue *to = arn == NULL ? NULL : find(arg, arn);
        char id[UUID_TEXT + 1];

        next = m->next;
        if (to == NULL || sqs_message_is_in_flight(m, now_ms))
            continue;
        /* "New messages with a new messageID and enqueueTime" (StartMessageMoveTask). */
        unlink_message(q, m);
        uuid_random(id);
        free(m->id);
        free(m->source_arn);
        m->id = mem_dup_str(id);
        m->source_arn = NULL;
        m->sent_ms = m->visible_ms = now_ms;
        m->n_received = 0;
        append(to, m, m->group == NULL ? NULL : m->group->name);
        n++;
    }
    return n;
}

/* ---- receipts ---- */

char *sqs_receipt_new(const struct sqs_message *m)
{
    struct buf out;
    char text[UUID_TEXT + 16];
    int n = snprintf(text, sizeof text, "%s#%u", m->id, m->n_received);

    buf_init(&out, RECEIPT_LIMIT);
    base64_add(&out, span_n(text, (size_t)n));
    return buf_take(&out);
}

static struct sqs_message *message_with(const struct sqs_queue *q, const char *id)
{
    struct sqs_message *m = q->first;

    while (m != NULL && strcmp(m->id, id) != 0)
        m = m->next;
    return m;
}

enum sqs_receipt sqs_receipt_find(const struct sqs_queue *q, const char *handle, int64_t now_ms,
                                  struct sqs_message **out)
{
    enum sqs_receipt found = SQS_RECEIPT_BAD;
    uint8_t unused[UUID_BYTES];
    struct buf text;
    char *end = NULL;
    unsigned long n_received = 0;

    buf_init(&text, RECEIPT_LIMIT);
    if (handle != NULL && base64_add_decoded(&text, span_of(handle)) && text.n > UUID_TEXT + 1 &&
        text.p[UUID_TEXT] == '#' && uuid_parse(span_n(text.p, UUID_TEXT), unused)) {
        n_received = strtoul(text.p + UUID_TEXT + 1, &end, 10);
        text.p[UUID_TEXT] = '\0';
    }
    if (end != NULL && *end == '\0') {
        *out = message_with(q, text.p);
        found = *out == NULL ? SQS_RECEIPT_GONE
                : (*out)->n_received != n_received || (*out)->visible_ms <= now_ms
                    ? SQS_RECEIPT_OLD
                    : SQS_RECEIPT_GOOD;
    }
    buf_done(&text);
    return found;
}
