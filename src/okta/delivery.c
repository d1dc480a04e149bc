#include "okta/delivery.h"

#include "crypt/digest.h"
#include "okta/event_types.h"
#include "okta/subjects.h"
#include "text/json.h"
#include "text/time.h"

enum { UUID_MAX = 100, TYPE_MAX = 100, HEALTH_MAX = 300 };

/* The members of an event that are needed. */
struct members {
    struct json_value uuid, published, type, outcome, target;
    bool is_repeated;
};

static struct members members_read(struct json_value event)
{
    struct members m = {0};
    const struct {
        struct span name;
        struct json_value *value;
    } wanted[] = {{SPAN("uuid"), &m.uuid},
                  {SPAN("published"), &m.published},
                  {SPAN("eventType"), &m.type},
                  {SPAN("outcome"), &m.outcome},
                  {SPAN("target"), &m.target}};
    struct json_iter it = json_iter(event);
    struct json_value value;
    struct span key;

    while (json_next_member(&it, &key, &value))
        for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
            if (span_eq(key, wanted[i].name)) {
                m.is_repeated |= wanted[i].value->kind != JSON_NONE;
                *wanted[i].value = value;
                break;
            }
    return m;
}

/* The key under which an event is stored once: its uuid, or the digest of its bytes when it has
 * none of use. */
static struct span event_key(struct arena *a, struct json_value uuid, struct span bytes)
{
    struct span text;
    char *key;

    if (json_text(a, uuid, &text) && text.n > 0 && text.n <= UUID_MAX)
        return text;
    key = arena_dup(
        a, SPAN("sha256:0000000000000000000000000000000000000000000000000000000000000000"));
    sha256_hex(bytes, key + 7);
    return span_of(key);
}

/* What is the same for all events that come together. */
struct arrival {
    struct span via;
    int64_t envelope_ns; /* INT64_MIN = none */
    int64_t received_ns; /* by our clock */
    int64_t now_ns;      /* the same instant, by Okta's clock where it is known */
};

static struct arrival arrival_of(struct span via, const struct delivery_rules *by,
                                 int64_t received_ms)
{
    return (struct arrival){.via = via,
                            .envelope_ns = INT64_MIN,
                            .received_ns = received_ms * 1000000,
                            .now_ns =
                                (by->okta_now_ms != 0 ? by->okta_now_ms : received_ms) * 1000000};
}

static int64_t event_published(struct arena *a, struct json_value published,
                               const struct arrival *arrival)
{
    struct span text;
    int64_t ns, latest = arrival->now_ns + (int64_t)DELIVERY_AHEAD_S * 1000000000;

    if (!json_text(a, published, &text) || !time_parse(text, &ns))
        ns = arrival->envelope_ns != INT64_MIN ? arrival->envelope_ns : arrival->now_ns;
    return ns > latest ? arrival->now_ns : ns;
}

/* Okta's own samples leave the outcome out; only one that says otherwise means that it did not
 * happen. NULL, or the reason to skip the event. */
static const char *outcome_fault(struct arena *a, struct json_value outcome)
{
    bool is_repeated = false;
    struct json_value result;
    struct span text;

    if (outcome.kind == JSON_NONE || outcome.kind == JSON_NULL)
        return NULL;
    if (outcome.kind != JSON_OBJECT)
        return SKIP_BAD_TEXT;
    result = json_member(outcome, SPAN("result"), &is_repeated);
    if (is_repeated)
        return SKIP_REPEATED_KEY;
    if (result.kind == JSON_NONE || result.kind == JSON_NULL)
        return NULL;
    if (!json_text(a, result, &text))
        return SKIP_BAD_TEXT;
    return span_eq_nocase(text, SPAN("SUCCESS")) ? NULL : SKIP_NOT_SUCCESS;
}

/* At most n bytes of valid UTF-8, no character parted. */
static struct span text_cut(struct span s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return (struct span){s.p, n};
}

/* "roster: 500 Internal Server Error": which hook, and what happened. */
static void health_detail(struct arena *a, struct json_value event, const struct members *m,
                          struct event *e)
{
    struct span name = SPAN(""), reason = SPAN(""), text;
    struct json_iter it = json_iter(m->target);
    struct json_value first;

    if (m->target.kind == JSON_ARRAY && json_next_item(&it, &first) && first.kind == JSON_OBJECT &&
        json_text(a, json_member(first, SPAN("displayName"), NULL), &text))
        name = text_cut(text, HEALTH_MAX);
    if ((m->outcome.kind == JSON_OBJECT &&
         json_text(a, json_member(m->outcome, SPAN("reason"), NULL), &text) && text.n > 0) ||
        json_text(a, json_member(event, SPAN("displayMessage"), NULL), &text))
        reason = text_cut(text, HEALTH_MAX);
    event_skip(e, SKIP_HEALTH,
               span_of(arena_printf(a, "%.*s%s%.*s", SPAN_ARG(name),
                                    name.n > 0 && reason.n > 0 ? ": " : "", SPAN_ARG(reason))));
}

static void event_decode(struct arena *a, struct json_value value, const struct delivery_rules *by,
                         const struct arrival *arrival, struct event *e)
{
    const struct event_type *type;
    struct json_value uuid = {0};
    struct members m = {0};
    const char *fault;

    if (value.kind == JSON_OBJECT)
        m = members_read(value);
    if (!m.is_repeated)
        uuid = m.uuid;
    *e = (struct event){.source = SPAN("okta"),
                        .via = arrival->via,
                        .uuid = event_key(a, uuid, value.text),
                        .published_ns = event_published(a, m.published, arrival),
                        .received_ms = arrival->received_ns / 1000000,
                        .type = SPAN("")};
    if (value.kind != JSON_OBJECT) {
        event_skip(e, SKIP_NOT_AN_OBJECT, SPAN(""));
        return;
    }
    if (m.is_repeated) {
        event_skip(e, SKIP_REPEATED_KEY, SPAN(""));
        return;
    }
    if (!json_text(a, m.type, &e->type)) {
        e->type = SPAN("");
        event_skip(e, SKIP_BAD_TEXT, SPAN("eventType"));
        return;
    }
    type = event_type_find(e->type);
    e->type = text_cut(e->type, TYPE_MAX);
    if (type == NULL) {
        event_skip(e, SKIP_OTHER_TYPE, SPAN(""));
        return;
    }
    if (type->topic == TOPIC_HEALTH) {
        health_detail(a, value, &m, e);
        return;
    }
    fault = outcome_fault(a, m.outcome);
    if (fault != NULL) {
        event_skip(e, fault, SPAN("outcome"));
        return;
    }
    subjects_take(a, type, m.target, by, e);
}

/* ERR_INPUT when there are too many. */
static enum err events_count(struct json_value events, size_t *out, struct fail *fail)
{
    struct json_iter it = json_iter(events);
    struct json_value item;
    size_t n = 0;

    while (json_next_item(&it, &item))
        n++;
    if (n > DELIVERY_EVENTS)
        return fail_set(fail, ERR_INPUT, "there are %zu events, more than the %d taken at once", n,
                        DELIVERY_EVENTS);
    *out = n;
    return ERR_NONE;
}

static enum err events_find(struct json_value root, struct json_value *out, struct fail *fail)
{
    bool is_data_repeated = false, is_events_repeated = false;
    struct json_value data = json_member(root, SPAN("data"), &is_data_repeated);
    struct json_value events = json_member(data, SPAN("events"), &is_events_repeated);

    if (root.kind != JSON_OBJECT || events.kind != JSON_ARRAY)
        return fail_set(fail, ERR_INPUT,
                        "the body is no event hook delivery: there is no array data.events");
    /* Whichever of the two were taken, the other's events would be lost without a word. */
    if (is_data_repeated || is_events_repeated)
        return fail_set(fail, ERR_INPUT,
                        "the body is no event hook delivery: data.events is there twice");
    *out = events;
    return ERR_NONE;
}

static enum err events_decode(struct arena *a, struct json_value events,
                              const struct delivery_rules *by, const struct arrival *arrival,
                              struct delivery *out, struct fail *fail)
{
    struct json_iter it = json_iter(events);
    struct delivery d = {0};
    struct json_value item;
    size_t n = 0;
    enum err err = events_count(events, &n, fail);

    if (err != ERR_NONE)
        return err;
    d.events = arena_new(a, n, sizeof(*d.events));
    while (d.n < n && json_next_item(&it, &item))
        event_decode(a, item, by, arrival, &d.events[d.n++]);
    *out = d;
    return ERR_NONE;
}

enum err delivery_decode(struct arena *a, struct span body, const struct delivery_rules *by,
                         int64_t received_ms, struct delivery *out, struct fail *fail)
{
    struct arrival arrival = arrival_of(SPAN("hook"), by, received_ms);
    struct json_value root = {0}, events = {0};
    struct span text;
    enum err err;

    err = json_scan_marked(a, body, DELIVERY_DEPTH, &root, fail);
    if (err == ERR_NONE)
        err = events_find(root, &events, fail);
    if (err != ERR_NONE)
        return err;
    if (!json_text(a, json_member(root, SPAN("eventTime"), NULL), &text) ||
        !time_parse(text, &arrival.envelope_ns))
        arrival.envelope_ns = INT64_MIN;
    return events_decode(a, events, by, &arrival, out, fail);
}

enum err delivery_decode_log(struct arena *a, struct span body, const struct delivery_rules *by,
                             int64_t received_ms, struct delivery *out, struct fail *fail)
{
    struct arrival arrival = arrival_of(SPAN("log"), by, received_ms);
    struct json_value root = {0};
    enum err err = json_scan_marked(a, body, DELIVERY_DEPTH, &root, fail);

    if (err != ERR_NONE)
        return err;
    if (root.kind != JSON_ARRAY)
        return fail_set(fail, ERR_INPUT, "the body is no page of the System Log: it is no array");
    return events_decode(a, root, by, &arrival, out, fail);
}
