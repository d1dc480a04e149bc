#include "lambda/dead_letters.h"

#include <stdlib.h>

#include "base/mem.h"
#include "crypt/digest.h"

enum { SEND_MS = 5000, BODY_LIMIT = SQS_BODY_MAX };

struct dead_letters {
    struct aws *aws;
    struct sqs *work, *dead; /* dead: NULL until its URL was asked for */
    char *queue_url;
    struct arena arena; /* of the burial */
    struct sqs_call *call;
    struct dead_letter *letters;
    size_t n, at, n_sent;
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

/* The part behind the last '/' or ':', or before it. */
static bool cut_last(struct span text, char at, struct span *before, struct span *behind)
{
    for (size_t i = text.n; i > 0; i--)
        if (text.p[i - 1] == at) {
            *before = span_n(text.p, i - 1);
            *behind = span_n(text.p + i, text.n - i);
            return true;
        }
    return false;
}

struct span dead_letters_url(struct arena *a, struct span queue_url, struct span arn)
{
    struct span base, account, name, rest, ignored;

    if (!cut_last(queue_url, '/', &base, &ignored) || !cut_last(base, '/', &base, &ignored) ||
        !cut_last(arn, ':', &rest, &name) || !cut_last(rest, ':', &rest, &account) || name.n == 0 ||
        account.n == 0)
        return (struct span){NULL, 0};
    return span_of(
        arena_printf(a, "%.*s/%.*s/%.*s", SPAN_ARG(base), SPAN_ARG(account), SPAN_ARG(name)));
}

static void end(struct dead_letters *d, const struct fail *fail)
{
    void (*done)(void *arg, const struct fail *fail) = d->done;

    d->done = NULL;
    arena_done(&d->arena);
    done(d->arg, fail);
}

/* ---- sending ---- */

static void send_next(struct dead_letters *d);

static void sent(void *arg, const struct sqs_answer *answer)
{
    struct dead_letters *d = arg;
    struct fail fail = {0};
    size_t n = d->n_sent;

    d->call = NULL;
    if (answer->err != ERR_NONE) {
        end(d, answer->fail);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        d->letters[d->at + i].is_buried = answer->fates[i].err == ERR_NONE;
        if (answer->fates[i].err != ERR_NONE)
            (void)fail_set(&fail, answer->fates[i].err, "%s: %s", answer->fates[i].code,
                           answer->fates[i].text);
    }
    d->at += n;
    if (fail.err != ERR_NONE)
        end(d, &fail);
    else
        send_next(d);
}

static struct span body_of(struct arena *a, const struct dead_letter *letter)
{
    struct message_death death = letter->death;
    struct span text;
    struct buf body;

    buf_init(&body, BODY_LIMIT);
    message_add_dead(&body, letter->record->body, &death);
    if (body.full) { /* with the reason it is too large; without it, it was not */
        buf_clear(&body);
        buf_add(&body, letter->record->body);
    }
    text = arena_span(a, buf_span(&body));
    buf_done(&body);
    return text;
}

/* By the message's own id: buried twice, it is there once; and once it was put back into the queue
 * it has another id. */
static struct span deduplication_of(struct arena *a, const struct record *record)
{
    struct span text = span_of(arena_printf(a, "dead\n%.*s", SPAN_ARG(record->message_id)));
    char digest[SHA256_HEX];

    sha256_hex(text, digest);
    return arena_span(a, span_n(digest, SHA256_HEX));
}

static void send_next(struct dead_letters *d)
{
    size_t left = d->n - d->at, n = left < SQS_BATCH ? left : SQS_BATCH;
    struct sqs_sending messages[SQS_BATCH];

    if (n == 0) {
        end(d, NULL);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const struct record *record = d->letters[d->at + i].record;

        messages[i] =
            (struct sqs_sending){.body = body_of(&d->arena, &d->letters[d->at + i]),
                                 .group = sqs_is_name(record->group) ? record->group : SPAN("none"),
                                 .deduplication = deduplication_of(&d->arena, record)};
    }
    d->n_sent = sqs_batch_size(messages, n);
    d->call = sqs_send(d->dead, messages, d->n_sent, SEND_MS, sent, d);
}

/* ---- where it is ---- */

static void counted(void *arg, const struct sqs_answer *answer)
{
    struct dead_letters *d = arg;
    struct fail fail;
    struct span url;

    d->call = NULL;
    if (answer->err != ERR_NONE) {
        end(d, answer->fail);
        return;
    }
    url = dead_letters_url(&d->arena, span_of(d->queue_url), answer->dead_letter_arn);
    if (url.p == NULL) {
        (void)fail_set(&fail, ERR_INPUT,
                       "the queue has no dead-letter queue: give it a redrive policy");
        end(d, &fail);
        return;
    }
    d->dead = sqs_new(d->aws, url);
    send_next(d);
}

void dead_letters_bury(struct dead_letters *d, struct dead_letter *letters, size_t n,
                       void (*done)(void *arg, const struct fail *fail), void *arg)
{
    d->letters = letters;
    d->n = n;
    d->at = 0;
    d->done = done;
    d->arg = arg;
    if (d->dead == NULL)
        d->call = sqs_counts(d->work, counted, d);
    else
        send_next(d);
}

void dead_letters_forget(struct dead_letters *d)
{
    sqs_cancel(d->call);
    d->call = NULL;
    d->done = NULL;
    arena_done(&d->arena);
}

/* ---- life ---- */

struct dead_letters *dead_letters_new(struct aws *aws, struct sqs *sqs, struct span queue_url)
{
    struct dead_letters *d = mem_new(1, sizeof(*d));

    *d = (struct dead_letters){.aws = aws, .work = sqs};
    d->queue_url = mem_dup(queue_url);
    return d;
}

void dead_letters_free(struct dead_letters *d)
{
    if (d == NULL)
        return;
    dead_letters_forget(d);
    sqs_free(d->dead);
    free(d->queue_url);
    free(d);
}
