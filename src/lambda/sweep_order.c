#include "lambda/sweep_order.h"

#include <string.h>

#include "base/arena.h"
#include "lambda/message.h"
#include "lambda/records.h"
#include "text/json.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

bool sweep_order_decides(const struct sweep_order *order)
{
    return order->release_removals > 0 || order->release_changes > 0 || order->trusts_listings;
}

static void take_id(struct span id, struct sweep_order *order)
{
    if (id.n == 0 || id.n > SWEEP_ID || order->id[0] != '\0' || memchr(id.p, '\0', id.n) != NULL)
        return;
    memcpy(order->id, id.p, id.n);
    order->id[id.n] = '\0';
}

static bool take_order(const struct json *root, struct sweep_order *order)
{
    if (!span_eq(json_str(root, "kind"), SPAN("sweep")))
        return false;
    order->release_removals =
        larger(order->release_removals, json_int(root, "release_removals", 0));
    order->release_changes = larger(order->release_changes, json_int(root, "release_changes", 0));
    order->trusts_listings |= json_bool(root, "trust_listings", false);
    order->has_changed |= json_bool(root, "changed", false);
    order->round = larger(order->round, json_int(root, "round", 0));
    take_id(json_str(root, "id"), order);
    return true;
}

/* From a rule of EventBridge, or from its Scheduler without an input of one's own.
 * https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-scheduled.html */
static bool is_schedule(const struct json *root)
{
    struct span source = json_str(root, "source");

    return span_eq(json_str(root, "detail-type"), SPAN("Scheduled Event")) &&
           (span_eq(source, SPAN("aws.events")) || span_eq(source, SPAN("aws.scheduler")));
}

static bool take_message(struct arena *a, struct span body, struct sweep_order *order)
{
    struct event event;

    if (message_read(a, body, &event, NULL) != ERR_NONE)
        return false;
    order->has_changed = true;
    return true;
}

static bool take_text(struct arena *a, struct span text, bool is_message, struct sweep_order *order)
{
    struct json *root = NULL;
    bool is_taken = false;

    if (json_parse(text, &root, NULL) == ERR_NONE && json_is_object(root))
        is_taken = take_order(root, order) || is_schedule(root);
    json_free(root);
    return is_taken || (is_message && take_message(a, text, order));
}

enum err sweep_order_read(struct span event, struct sweep_order *out, struct fail *fail)
{
    struct sweep_order order = {.round = 0};
    struct record *records;
    struct arena a = {0};
    bool is_taken = false;
    size_t n = 0;
    enum err err = ERR_NONE;

    if (records_are(event))
        err = records_read(&a, event, &records, &n, fail);
    else
        is_taken = take_text(&a, event, false, &order);
    for (size_t i = 0; err == ERR_NONE && i < n && i < SWEEP_ORDERS_MAX; i++)
        is_taken = take_text(&a, records[i].body, true, &order) || is_taken;
    arena_done(&a);
    if (err != ERR_NONE)
        return err;
    if (!is_taken)
        return fail_set(fail, ERR_INPUT,
                        "the event is none for 'sweep': it takes a schedule's, {\"kind\": "
                        "\"sweep\"}, and messages of SQS with that");
    *out = order;
    return ERR_NONE;
}

void sweep_order_add(struct buf *out, const struct sweep_order *order)
{
    struct json_out o = json_out(out);

    json_out_begin(&o, '{');
    json_put_str(&o, "kind", SPAN("sweep"));
    if (order->release_removals > 0)
        json_put_int(&o, "release_removals", order->release_removals);
    if (order->release_changes > 0)
        json_put_int(&o, "release_changes", order->release_changes);
    if (order->trusts_listings)
        json_put_bool(&o, "trust_listings", true);
    if (order->has_changed)
        json_put_bool(&o, "changed", true);
    if (order->round > 0)
        json_put_int(&o, "round", order->round);
    if (order->id[0] != '\0')
        json_put_str(&o, "id", span_of(order->id));
    json_out_end(&o, '}');
}
