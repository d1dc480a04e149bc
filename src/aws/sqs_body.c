#include "aws/sqs_body.h"

#include <stdio.h>

#include "aws/one_line.h"
#include "base/utf8.h"
#include "text/json.h"

enum { TEXT_MAX = 240, CODE_MAX = 128, NUMBER_MAX = 20 };

/* ---- what may be sent ---- */

bool sqs_can_hold(struct span body)
{
    int32_t point;
    size_t n;

    if (body.n > SQS_BODY_MAX)
        return false;
    for (; body.n > 0; body = span_n(body.p + n, body.n - n)) {
        n = utf8_point(body, &point);
        if (n == 0 || point == 0xfffe || point == 0xffff ||
            (point < ' ' && point != '\t' && point != '\n' && point != '\r'))
            return false;
    }
    return true;
}

bool sqs_is_name(struct span name)
{
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] <= ' ' || name.p[i] >= 0x7f) /* char is signed: bytes from 0x80 are below */
            return false;
    return name.n > 0 && name.n <= SQS_NAME_MAX;
}

size_t sqs_batch_size(const struct sqs_sending *messages, size_t n)
{
    size_t bytes = 0, size = 0;

    while (size < n && size < SQS_BATCH && bytes + messages[size].body.n <= SQS_BODY_MAX)
        bytes += messages[size++].body.n;
    return size;
}

struct span sqs_region_of(struct span queue_url)
{
    static const struct span head = {"https://sqs.", 12};
    struct span rest = queue_url, host, region;

    if (!span_starts(rest, head))
        return (struct span){NULL, 0};
    rest = span_n(rest.p + head.n, rest.n - head.n);
    (void)span_split(&rest, '/', &host);
    if (!span_split(&host, '.', &region) || host.p == NULL || region.n == 0 ||
        !span_starts(host, SPAN("amazonaws.")))
        return (struct span){NULL, 0};
    return region;
}

/* ---- requests ---- */

static struct json_out begin(struct buf *out, struct span queue_url)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "QueueUrl", queue_url);
    return o;
}

static void begin_entry(struct json_out *o, size_t i)
{
    char id[NUMBER_MAX + 1];

    (void)snprintf(id, sizeof(id), "%zu", i);
    json_out_begin(o, '{');
    json_put_str(o, "Id", span_of(id));
}

static void end_entries(struct json_out *o)
{
    json_out_end(o, ']');
    json_out_end(o, '}');
}

void sqs_add_send(struct buf *out, struct span queue_url, const struct sqs_sending *messages,
                  size_t n)
{
    struct json_out o = begin(out, queue_url);

    json_out_key(&o, "Entries");
    json_out_begin(&o, '[');
    for (size_t i = 0; i < n; i++) {
        begin_entry(&o, i);
        json_put_str(&o, "MessageBody", messages[i].body);
        json_put_str(&o, "MessageGroupId", messages[i].group);
        json_put_str(&o, "MessageDeduplicationId", messages[i].deduplication);
        json_out_end(&o, '}');
    }
    end_entries(&o);
}

void sqs_add_receive(struct buf *out, struct span queue_url, unsigned max, unsigned visibility_s,
                     unsigned wait_s)
{
    struct json_out o = begin(out, queue_url);

    json_put_int(&o, "MaxNumberOfMessages", max);
    json_put_int(&o, "VisibilityTimeout", visibility_s);
    json_put_int(&o, "WaitTimeSeconds", wait_s);
    json_out_key(&o, "AttributeNames");
    json_out_raw(&o, SPAN("[\"All\"]"));
    json_out_end(&o, '}');
}

void sqs_add_delete(struct buf *out, struct span queue_url, const struct span *receipts, size_t n)
{
    struct json_out o = begin(out, queue_url);

    json_out_key(&o, "Entries");
    json_out_begin(&o, '[');
    for (size_t i = 0; i < n; i++) {
        begin_entry(&o, i);
        json_put_str(&o, "ReceiptHandle", receipts[i]);
        json_out_end(&o, '}');
    }
    end_entries(&o);
}

void sqs_add_hide(struct buf *out, struct span queue_url, const struct sqs_hiding *of, size_t n)
{
    struct json_out o = begin(out, queue_url);

    json_out_key(&o, "Entries");
    json_out_begin(&o, '[');
    for (size_t i = 0; i < n; i++) {
        begin_entry(&o, i);
        json_put_str(&o, "ReceiptHandle", of[i].receipt);
        json_put_int(&o, "VisibilityTimeout", of[i].seconds);
        json_out_end(&o, '}');
    }
    end_entries(&o);
}

void sqs_add_counts(struct buf *out, struct span queue_url)
{
    struct json_out o = begin(out, queue_url);

    json_out_key(&o, "AttributeNames");
    json_out_raw(&o, SPAN("[\"All\"]"));
    json_out_end(&o, '}');
}

void sqs_add_move(struct buf *out, struct span arn)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "SourceArn", arn);
    json_out_end(&o, '}');
}

/* ---- answers ---- */

static enum err parse(struct span body, struct json **out, struct fail *fail)
{
    struct fail why;

    if (json_parse(body, out, &why) == ERR_NONE && json_is_object(*out))
        return ERR_NONE;
    return fail_set(fail, ERR_UNCLEAR, "SQS answered what is no JSON object");
}

static struct span member(const struct json *part, const char *path, struct arena *a)
{
    return arena_span(a, json_str(part, path));
}

/* Numbers come as texts. */
static int64_t number(const struct json *part, const char *path)
{
    struct span text = json_str(part, path);
    int64_t n = 0;

    if (text.n == 0 || text.n >= NUMBER_MAX - 1)
        return 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return 0;
        n = n * 10 + (text.p[i] - '0');
    }
    return n;
}

/* The place that an entry's Id names; n when it is none of ours. */
static size_t place_of(const struct json *entry, size_t n)
{
    struct span id = json_str(entry, "Id");
    size_t place = 0;

    if (id.n == 0 || id.n > 2 || (id.n == 2 && id.p[0] == '0'))
        return n;
    for (size_t i = 0; i < id.n; i++) {
        if (id.p[i] < '0' || id.p[i] > '9')
            return n;
        place = place * 10 + (size_t)(id.p[i] - '0');
    }
    return place < n ? place : n;
}

static const char *line_of(struct arena *a, struct span text, size_t max)
{
    char *line = arena_new(a, max, 1);

    one_line(line, max, text);
    return line;
}

static void read_failed(const struct json *entry, struct arena *a, struct sqs_fate *fate)
{
    *fate = (struct sqs_fate){.err = json_bool(entry, "SenderFault", false) ? ERR_INPUT : ERR_BUSY,
                              .code = line_of(a, json_str(entry, "Code"), CODE_MAX),
                              .text = line_of(a, json_str(entry, "Message"), TEXT_MAX)};
}

enum err sqs_read_batch(struct span body, size_t n, struct arena *a, struct sqs_answer *out,
                        struct fail *fail)
{
    struct sqs_fate *fates = arena_new(a, n, sizeof(*fates));
    struct json *root = NULL;
    enum err err = parse(body, &root, fail);
    size_t place;

    for (size_t i = 0; i < n; i++)
        fates[i] = (struct sqs_fate){ERR_BUSY, "", "SQS does not say what became of it"};
    for (size_t i = 0; err == ERR_NONE && i < json_count(root, "Successful"); i++) {
        place = place_of(json_item(root, "Successful", i), n);
        if (place < n)
            fates[place] = (struct sqs_fate){ERR_NONE, "", ""};
    }
    for (size_t i = 0; err == ERR_NONE && i < json_count(root, "Failed"); i++) {
        place = place_of(json_item(root, "Failed", i), n);
        if (place < n)
            read_failed(json_item(root, "Failed", i), a, &fates[place]);
    }
    json_free(root);
    if (err != ERR_NONE)
        return err;
    out->fates = fates;
    out->n = n;
    return ERR_NONE;
}

enum err sqs_read_messages(struct span body, struct arena *a, struct sqs_answer *out,
                           struct fail *fail)
{
    struct json *root = NULL;
    enum err err = parse(body, &root, fail);
    struct sqs_message *messages;
    size_t n;

    if (err != ERR_NONE)
        goto out;
    n = json_count(root, "Messages");
    messages = arena_new(a, n, sizeof(*messages));
    for (size_t i = 0; i < n; i++) {
        const struct json *m = json_item(root, "Messages", i);

        messages[i] =
            (struct sqs_message){.id = member(m, "MessageId", a),
                                 .receipt = member(m, "ReceiptHandle", a),
                                 .body = member(m, "Body", a),
                                 .group = member(m, "Attributes.MessageGroupId", a),
                                 .deduplication = member(m, "Attributes.MessageDeduplicationId", a),
                                 .source_arn = member(m, "Attributes.DeadLetterQueueSourceArn", a),
                                 .sent_ms = number(m, "Attributes.SentTimestamp"),
                                 .n_received = number(m, "Attributes.ApproximateReceiveCount")};
        if (messages[i].receipt.n == 0 || messages[i].body.p == NULL) {
            err = fail_set(fail, ERR_UNCLEAR, "SQS gave a message without a receipt or a body");
            goto out;
        }
    }
    out->messages = messages;
    out->n = n;
out:
    json_free(root);
    return err;
}

static struct span dead_letter_arn(const struct json *root, struct arena *a)
{
    struct span policy = json_str(root, "Attributes.RedrivePolicy"), arn = {NULL, 0};
    struct json *json = NULL;

    if (policy.n > 0 && json_parse(policy, &json, NULL) == ERR_NONE)
        arn = member(json, "deadLetterTargetArn", a);
    json_free(json);
    return arn;
}

enum err sqs_read_counts(struct span body, struct arena *a, struct sqs_answer *out,
                         struct fail *fail)
{
    struct json *root = NULL;
    enum err err = parse(body, &root, fail);

    if (err == ERR_NONE && json_str(root, "Attributes.QueueArn").p == NULL)
        err = fail_set(fail, ERR_UNCLEAR, "SQS told no attributes of the queue");
    if (err == ERR_NONE) {
        out->n_visible = number(root, "Attributes.ApproximateNumberOfMessages");
        out->n_in_flight = number(root, "Attributes.ApproximateNumberOfMessagesNotVisible");
        out->n_delayed = number(root, "Attributes.ApproximateNumberOfMessagesDelayed");
        out->arn = member(root, "Attributes.QueueArn", a);
        out->dead_letter_arn = dead_letter_arn(root, a);
    }
    json_free(root);
    return err;
}
