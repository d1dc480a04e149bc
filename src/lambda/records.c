#include "lambda/records.h"

#include "base/mem.h"
#include "text/json.h"

enum { DEPTH = 32, NUMBER_MAX = 18 };

static struct json_value list_of(struct span event)
{
    struct json_value root;

    if (json_scan(event, DEPTH, &root, NULL) != ERR_NONE || root.kind != JSON_OBJECT)
        return (struct json_value){0};
    return json_member(root, SPAN("Records"), NULL);
}

/* p == NULL: no text of use. */
static struct span text(struct arena *a, struct json_value object, const char *name)
{
    struct span value;

    if (object.kind != JSON_OBJECT ||
        !json_text(a, json_member(object, span_of(name), NULL), &value))
        return (struct span){NULL, 0};
    return value;
}

bool records_are(struct span event)
{
    struct json_value list = list_of(event), first;
    struct json_iter it = json_iter(list);
    struct arena arena = {0};
    bool are = false;

    if (list.kind == JSON_ARRAY && json_next_item(&it, &first))
        are = span_eq(text(&arena, first, "eventSource"), SPAN("aws:sqs"));
    arena_done(&arena);
    return are;
}

/* Numbers come as texts. */
static int64_t number(struct arena *a, struct json_value attributes, const char *name)
{
    struct span digits = text(a, attributes, name);
    int64_t n = 0;

    if (digits.n == 0 || digits.n > NUMBER_MAX)
        return 0;
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return 0;
        n = n * 10 + (digits.p[i] - '0');
    }
    return n;
}

static struct span text_or_empty(struct arena *a, struct json_value object, const char *name)
{
    struct span value = text(a, object, name);

    return value.p == NULL ? SPAN("") : value;
}

static bool read_record(struct arena *a, struct json_value item, struct record *out)
{
    struct json_value attributes;
    struct span body;

    if (item.kind != JSON_OBJECT)
        return false;
    attributes = json_member(item, SPAN("attributes"), NULL);
    body = text(a, item, "body");
    *out = (struct record){.message_id = text(a, item, "messageId"),
                           .receipt = text_or_empty(a, item, "receiptHandle"),
                           .body = body.p == NULL ? SPAN("") : body,
                           .group = text_or_empty(a, attributes, "MessageGroupId"),
                           .deduplication = text_or_empty(a, attributes, "MessageDeduplicationId"),
                           .queue_arn = text_or_empty(a, item, "eventSourceARN"),
                           .n_received = number(a, attributes, "ApproximateReceiveCount"),
                           .sent_ms = number(a, attributes, "SentTimestamp"),
                           .is_bad = body.p == NULL};
    return out->message_id.n > 0;
}

enum err records_read(struct arena *a, struct span event, struct record **out, size_t *n,
                      struct fail *fail)
{
    struct json_value list = list_of(event), item;
    struct json_iter it = json_iter(list);
    struct record *records;
    size_t count = 0;

    if (list.kind != JSON_ARRAY)
        return fail_set(fail, ERR_INPUT, "the event has no Records, as one of SQS has");
    while (json_next_item(&it, &item))
        count++;
    if (count > RECORDS_MAX)
        return fail_set(fail, ERR_INPUT, "the event has %zu records; %d is the limit", count,
                        (int)RECORDS_MAX);
    records = arena_new(a, count, sizeof(*records));
    it = json_iter(list);
    for (size_t i = 0; i < count && json_next_item(&it, &item); i++)
        if (!read_record(a, item, &records[i]))
            return fail_set(fail, ERR_INPUT, "record %zu of the event has no messageId", i);
    *out = records;
    *n = count;
    return ERR_NONE;
}

void records_add_answer(struct buf *out, const struct record *records, const bool *has_failed,
                        size_t n)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_out_key(&o, "batchItemFailures");
    json_out_begin(&o, '[');
    for (size_t i = 0; i < n; i++) {
        if (!has_failed[i])
            continue;
        json_out_begin(&o, '{');
        json_put_str(&o, "itemIdentifier", records[i].message_id);
        json_out_end(&o, '}');
    }
    json_out_end(&o, ']');
    json_out_end(&o, '}');
}
