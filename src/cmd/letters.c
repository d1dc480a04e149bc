#include "cmd/letters.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "lambda/dead_letters.h"
#include "text/json.h"

enum { SEND_MS = 30 * 1000, WAIT_S = 1, EMPTY_TWICE = 2 };

/* ---- one request after the other ---- */

static enum err run(struct letters *l, struct fail *fail)
{
    loop_run(l->around.loop);
    if (l->err != ERR_NONE && fail != NULL)
        *fail = l->fail;
    return l->err;
}

static void ended(struct letters *l, enum err err, const struct fail *fail)
{
    l->err = err;
    if (err != ERR_NONE && fail != NULL)
        l->fail = *fail;
    loop_stop(l->around.loop);
}

/* ---- the queue ---- */

static void found_dead(void *arg, const struct sqs_answer *answer)
{
    struct letters *l = arg;

    if (answer->err == ERR_NONE)
        l->dead_url = mem_dup(answer->dead_letter_arn);
    ended(l, answer->err, answer->fail);
}

/* From its ARN to its URL. */
static enum err take_dead(struct letters *l, struct span queue_url, struct fail *fail)
{
    struct arena a = {0};
    struct span url;
    enum err err = ERR_NONE;

    if (l->dead_url[0] == '\0')
        err = fail_set(fail, ERR_INPUT, "the queue %.*s has no dead-letter queue",
                       SPAN_ARG(queue_url));
    url = dead_letters_url(&a, queue_url, span_of(l->dead_url));
    if (err == ERR_NONE && url.p == NULL)
        err = fail_set(fail, ERR_INPUT,
                       "the queue %.*s has the dead-letter queue '%s', which is no ARN",
                       SPAN_ARG(queue_url), l->dead_url);
    if (err == ERR_NONE)
        l->dead = sqs_new(l->around.aws, url);
    arena_done(&a);
    return err;
}

enum err letters_open(struct span queue_url, const char *const *environment, struct letters *out,
                      struct fail *fail)
{
    const struct settings none = {.has_hook = false};
    struct surroundings *around = &out->around;
    struct aws_options chain = {.region = sqs_region_of(queue_url), .environment = environment};
    enum err err;

    *out = (struct letters){.n = 0};
    if (queue_url.n == 0)
        return fail_set(
            fail, ERR_INPUT,
            "there is no queue: give --queue, or set [Queue] URL (ROSTER_QUEUE_URL), to "
            "the URL that the stack's output QueueUrl tells");
    err = surroundings_open(&none, environment, false, around, fail);
    if (err == ERR_NONE)
        err = aws_new(around->loop, around->client, &chain, &around->aws, fail);
    if (err != ERR_NONE)
        return err;
    out->work = sqs_new(around->aws, queue_url);
    (void)sqs_counts(out->work, found_dead, out); /* it ends before this function does */
    err = run(out, fail);
    return err == ERR_NONE ? take_dead(out, queue_url, fail) : err;
}

void letters_done(struct letters *l)
{
    sqs_free(l->work);
    sqs_free(l->dead);
    free(l->dead_url);
    free(l->of);
    arena_done(&l->arena);
    surroundings_done(&l->around);
}

/* ---- reading ---- */

/* What the message says of itself. */
static void look_into(struct letters *l, struct letter *letter)
{
    struct message_death death;
    struct json *root = NULL;

    if (json_parse(letter->body, &root, NULL) == ERR_NONE && json_is_object(root)) {
        letter->user = arena_span(&l->arena, json_str(root, "subject.user"));
        letter->type = arena_span(&l->arena, json_str(root, "type"));
    }
    json_free(root);
    if (message_read_dead(&l->arena, letter->body, &death)) {
        letter->code = death.code;
        letter->reason = death.reason;
    }
}

static void keep(struct letters *l, const struct sqs_message *m)
{
    struct letter *letter;

    for (size_t i = 0; i < l->n; i++)
        if (span_eq(l->of[i].id, m->id)) { /* its time of hiding was over */
            l->of[i].receipt = arena_span(&l->arena, m->receipt);
            return;
        }
    l->of = mem_grow(l->of, l->n + 1, sizeof(*l->of));
    letter = &l->of[l->n++];
    *letter = (struct letter){.id = arena_span(&l->arena, m->id),
                              .receipt = arena_span(&l->arena, m->receipt),
                              .body = arena_span(&l->arena, m->body),
                              .group = arena_span(&l->arena, m->group),
                              .deduplication = arena_span(&l->arena, m->deduplication),
                              .sent_ms = m->sent_ms,
                              .n_received = m->n_received};
    look_into(l, letter);
    l->bytes += m->body.n;
}

static void received(void *arg, const struct sqs_answer *answer)
{
    struct letters *l = arg;

    l->n_asked = answer->err == ERR_NONE ? answer->n : 0;
    for (size_t i = 0; i < l->n_asked; i++)
        keep(l, &answer->messages[i]);
    ended(l, answer->err, answer->fail);
}

static void counted(void *arg, const struct sqs_answer *answer)
{
    struct letters *l = arg;

    if (answer->err == ERR_NONE) {
        l->n_there = answer->n_visible + answer->n_in_flight + answer->n_delayed;
        l->n_elsewhere = answer->n_in_flight;
    }
    ended(l, answer->err, answer->fail);
}

enum err letters_read(struct letters *l, struct fail *fail)
{
    int n_empty = 0;
    enum err err;

    arena_done(&l->arena);
    l->n = l->bytes = 0;
    (void)sqs_counts(l->dead, counted, l); /* these end before this function does */
    err = run(l, fail);
    /* The count is near enough only: what it misses is looked for once more. */
    while (err == ERR_NONE && n_empty < ((int64_t)l->n < l->n_there ? EMPTY_TWICE : 1) &&
           l->n < LETTERS_MAX && l->bytes < LETTERS_BYTES) {
        (void)sqs_receive(l->dead, SQS_BATCH, LETTERS_HIDDEN_S, n_empty == 0 ? 0 : WAIT_S, received,
                          l);
        err = run(l, fail);
        n_empty = l->n_asked == 0 ? n_empty + 1 : 0;
    }
    return err;
}

struct letter *letters_find(struct letters *l, struct span id)
{
    for (size_t i = 0; i < l->n; i++)
        if (span_eq(l->of[i].id, id))
            return &l->of[i];
    return NULL;
}

/* ---- what becomes of them ---- */

static void fated(void *arg, const struct sqs_answer *answer)
{
    struct letters *l = arg;
    struct fail why = {0};

    if (answer->err != ERR_NONE) {
        ended(l, answer->err, answer->fail);
        return;
    }
    for (size_t i = 0; i < answer->n; i++)
        if (answer->fates[i].err != ERR_NONE) {
            (void)fail_set(&why, answer->fates[i].err, "SQS: %s: %s", answer->fates[i].code,
                           answer->fates[i].text);
            ended(l, answer->fates[i].err, &why);
            return;
        }
    ended(l, ERR_NONE, NULL);
}

enum err letters_drop(struct letters *l, struct letter *letter, struct fail *fail)
{
    enum err err;

    (void)sqs_delete(l->dead, &letter->receipt, 1, fated, l);
    err = run(l, fail);
    letter->is_over = err == ERR_NONE;
    return err;
}

enum err letters_send_back(struct letters *l, struct letter *letter, struct fail *fail)
{
    struct arena a = {0};
    /* Another name than the message had, by which the queue may know it still; the same one each
     * time. */
    struct span text = span_of(arena_printf(&a, "again\n%.*s", SPAN_ARG(letter->id)));
    char name[SHA256_HEX];
    const struct sqs_sending sending = {
        .body = letter->body, .group = letter->group, .deduplication = span_n(name, sizeof(name))};
    enum err err = ERR_NONE;

    sha256_hex(text, name);
    arena_done(&a);
    if (!sqs_is_name(letter->group) || !sqs_can_hold(letter->body) || letter->body.n == 0)
        return fail_set(fail, ERR_INPUT, "the letter %.*s is none that the queue can hold",
                        SPAN_ARG(letter->id));
    (void)sqs_send(l->work, &sending, 1, SEND_MS, fated, l);
    err = run(l, fail);
    return err == ERR_NONE ? letters_drop(l, letter, fail) : err;
}

enum err letters_let_go(struct letters *l, struct fail *fail)
{
    struct sqs_hiding hiding[SQS_BATCH];
    enum err err = ERR_NONE, first = ERR_NONE;
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++) {
        if (!l->of[i].is_over)
            hiding[n++] = (struct sqs_hiding){l->of[i].receipt, 0};
        if (n == 0 || (n < SQS_BATCH && i + 1 < l->n))
            continue;
        (void)sqs_hide(l->dead, hiding, n, fated, l);
        err = run(l, first == ERR_NONE ? fail : NULL);
        first = first == ERR_NONE ? err : first;
        n = 0;
    }
    return first;
}
