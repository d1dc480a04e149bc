/* The control interface and the seed of the played SQS: /sandbox/sqs/… */
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "sqs_side.h"
#include "text/url.h"

static const char *text_of(const json_t *from, const char *key)
{
    return json_string_value(json_object_get(from, key));
}

/* {"name", "visibility_s", "dead_letter", "max_received", "content_based"}: makes or changes one.
 */
static enum err sqs_seed_queue(struct sqs_side *side, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"name",         "visibility_s",  "dead_letter",
                                        "max_received", "content_based", NULL};
    const json_t *visibility = json_object_get(from, "visibility_s"),
                 *content_based = json_object_get(from, "content_based");
    const char *name = text_of(from, "name"), *dead_name = text_of(from, "dead_letter");
    int64_t received = json_integer_value(json_object_get(from, "max_received"));
    struct sqs_queue *q, *dead = dead_name == NULL ? NULL : sqs_side_named(side, dead_name);

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (name == NULL || name[0] == '\0' || span_find(span_of(name), '/') < strlen(name))
        return fail_set(fail, ERR_INPUT, "a queue needs a name without '/'");
    if (dead_name != NULL && dead == NULL)
        return fail_set(fail, ERR_INPUT, "there is no queue '%s'", dead_name);
    q = sqs_side_named(side, name);
    if (q == NULL)
        q = sqs_side_add(side, name);
    if (visibility != NULL)
        q->visibility_s = json_integer_value(visibility);
    if (content_based != NULL)
        q->is_content_based = json_is_true(content_based);
    if (dead != NULL) {
        free(q->dead_arn);
        q->dead_arn = mem_dup_str(dead->arn);
    }
    if (dead != NULL || received > 0)
        q->max_received = received > 0 ? (unsigned)received : 5;
    return ERR_NONE;
}

enum err sqs_side_seed(struct sqs_side *side, const json_t *seed, struct fail *fail)
{
    static const char *const names[] = {"queues", NULL};
    enum err err = seed == NULL ? ERR_NONE : sandbox_only(seed, names, fail);
    json_t *queue;
    size_t i;

    sqs_side_begin(side); /* the seed may have moved the account to another region */

    json_array_foreach(json_object_get(seed, "queues"), i, queue)
    {
        if (err == ERR_NONE)
            err = sqs_seed_queue(side, queue, fail);
    }
    return err;
}

static json_t *show_message(const struct sqs_message *m, int64_t now_ms)
{
    return json_pack("{s:s, s:s, s:s?, s:s?, s:I, s:I, s:b}", "id", m->id, "body", m->body, "group",
                     m->group == NULL ? NULL : m->group->name, "deduplication", m->deduplication,
                     "sent_ms", (json_int_t)m->sent_ms, "received", (json_int_t)m->n_received,
                     "in_flight", (int)sqs_message_is_in_flight(m, now_ms));
}

/* Every queue with every message, in order. */
static void show(struct sqs_side *side, struct http_exchange *x)
{
    int64_t now_ms = sqs_now_ms(side);
    json_t *queues = json_array();

    for (const struct sqs_queue *q = side->queues; q != NULL; q = q->next) {
        json_t *messages = json_array();
        char *url = sqs_side_url(side, q);

        for (const struct sqs_message *m = q->first; m != NULL; m = m->next)
            json_array_append_new(messages, show_message(m, now_ms));
        json_array_append_new(queues, json_pack("{s:s, s:s, s:s, s:I, s:s?, s:I, s:o}", "name",
                                                q->name, "url", url, "arn", q->arn, "visibility_s",
                                                (json_int_t)q->visibility_s, "dead_letter_arn",
                                                q->dead_arn, "max_received",
                                                (json_int_t)q->max_received, "messages", messages));
        free(url);
    }
    sandbox_reply_json(x, 200, json_pack("{s:o}", "queues", queues), NULL);
}

/* {"queue"}, or all of them. */
static enum err purge(struct sqs_side *side, const json_t *body, struct fail *fail)
{
    const char *name = text_of(body, "queue");

    if (name != NULL && sqs_side_named(side, name) == NULL)
        return fail_set(fail, ERR_NOT_FOUND, "there is no queue '%s'", name);
    for (struct sqs_queue *q = side->queues; q != NULL; q = q->next)
        if (name == NULL || strcmp(q->name, name) == 0)
            sqs_queue_purge(q);
    return ERR_NONE;
}

/* {"seconds"}: windows and timeouts pass without waiting for them. */
static enum err forward(struct sqs_side *side, const json_t *body, struct fail *fail)
{
    const json_t *seconds = json_object_get(body, "seconds");

    if (!json_is_number(seconds) || json_number_value(seconds) < 0)
        return fail_set(fail, ERR_INPUT, "seconds is a number from 0");
    side->forward_ms += (int64_t)(json_number_value(seconds) * MS_PER_S);
    sqs_wake(side);
    return ERR_NONE;
}

bool sqs_side_control(struct sqs_side *side, struct http_exchange *x, const char *path,
                      const json_t *body)
{
    static const struct {
        const char *path;
        enum err (*post)(struct sqs_side *side, const json_t *body, struct fail *fail);
    } posts[] = {{"sqs/queue", sqs_seed_queue}, {"sqs/purge", purge}, {"sqs/forward", forward}};
    bool is_get = span_eq(http_method(x), SPAN("GET"));
    struct fail fail = {0};

    if (strcmp(path, "sqs") == 0 && is_get) {
        show(side, x);
        return true;
    }
    for (size_t i = 0; !is_get && i < sizeof posts / sizeof *posts; i++) {
        if (strcmp(path, posts[i].path) != 0)
            continue;
        json_service_reply_done(x, posts[i].post(side, body, &fail), &fail);
        return true;
    }
    return span_starts(span_of(path), SPAN("sqs/")) &&
           json_service_control(&side->service, x, path + strlen("sqs/"), body);
}
