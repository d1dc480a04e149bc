#include "engine/hook_health.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "okta/event_hooks.h"
#include "okta/log.h"
#include "text/json.h"

enum { AWAITED_MAX = 1024, NOTE_LIMIT = 8192, TEXT_MAX = 400 };

/* An event that the log brought first: the hook may still deliver it. */
struct awaited {
    uint64_t hash; /* of its uuid */
    int64_t since_ms;
    const char *type; /* one of okta_event_hook_types */
};

struct hook_health {
    struct handback_job job; /* first: writes the note */
    struct hook_health_options options;
    struct awaited awaited[AWAITED_MAX];
    size_t n_awaited;

    int64_t delivered_ms, missed, missed_ms, failed, failed_ms, limited_ms;
    char missed_type[TEXT_MAX], failed_reason[TEXT_MAX], limited_reason[TEXT_MAX];

    bool has_changed, is_writing;
    struct buf note;
};

static void copy(char out[TEXT_MAX], struct span text)
{
    size_t n = text.n < TEXT_MAX ? text.n : TEXT_MAX - 1;

    if (n > 0)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

/* ---- which events ---- */

/* FNV-1a; that two of a thousand uuids meet is of no account. */
static uint64_t hash_of(struct span s)
{
    uint64_t hash = 14695981039346656037U;

    for (size_t i = 0; i < s.n; i++)
        hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211U;
    return hash;
}

/* NULL: Okta does not deliver that type to hooks. */
static const char *hook_type(struct span type)
{
    for (size_t i = 0; okta_event_hook_types[i] != NULL; i++)
        if (span_eq(span_of(okta_event_hook_types[i]), type))
            return okta_event_hook_types[i];
    return NULL;
}

static void miss(struct hook_health *h, const char *type, int64_t now_ms)
{
    h->missed++;
    h->missed_ms = now_ms;
    copy(h->missed_type, span_of(type));
    h->has_changed = true;
    h->options.told(h->options.arg, "hook_missed",
                    "Okta's event hook does not deliver events that the System Log has: nothing is "
                    "lost, but it comes later. Look whether the hook is active and verified and "
                    "has all event types: `roster hook list`");
}

void hook_health_delivered(struct hook_health *h, const struct journal_entry *entry, int64_t now_ms)
{
    h->delivered_ms = now_ms;
    h->has_changed = true;
    for (size_t i = 0; h->n_awaited > 0 && i < entry->n; i++) {
        uint64_t hash = hash_of(entry->events[i].uuid);

        for (size_t k = 0; k < h->n_awaited; k++)
            if (h->awaited[k].hash == hash) {
                h->awaited[k] = h->awaited[--h->n_awaited];
                break;
            }
    }
}

/* ---- what the log tells ---- */

static void hear_of_health(struct hook_health *h, const struct event *e, int64_t now_ms)
{
    struct span detail = e->skip_detail;

    if (span_eq(e->type, SPAN(OKTA_LOG_DELIVERY_FAILED))) {
        h->failed++;
        h->failed_ms = now_ms;
        copy(h->failed_reason, detail);
        log_warn("Okta could not deliver to an event hook", LOG_SPAN("reason", detail));
        if (h->options.is_on)
            h->options.told(h->options.arg, "hook_failed",
                            "Okta says that it could not deliver to an event hook; the System Log "
                            "brings what was lost. `roster status` shows why");
    } else if (span_starts(e->type, SPAN("event_hook."))) {
        log_info("an event hook was changed in Okta", LOG_SPAN("type", e->type),
                 LOG_SPAN("hook", detail));
    } else {
        h->limited_ms = now_ms;
        copy(h->limited_reason, detail.n > 0 ? detail : e->type);
        log_warn("Okta warns of a rate limit", LOG_SPAN("type", e->type),
                 LOG_SPAN("detail", detail));
        h->options.told(h->options.arg, "rate_limit",
                        "Okta warns that a rate limit of the org is near, or reached: Roster keeps "
                        "below the limits that Okta tells it, so look who else uses them");
    }
    h->has_changed = true;
}

void hook_health_logged(struct hook_health *h, const struct journal_entry *entry, int64_t now_ms)
{
    for (size_t i = 0; i < entry->n; i++) {
        const struct event *e = &entry->events[i];
        const char *type;

        if (!entry->is_new[i])
            continue;
        if (e->skip_reason != NULL) {
            if (strcmp(e->skip_reason, SKIP_HEALTH) == 0)
                hear_of_health(h, e, now_ms);
            continue;
        }
        type = hook_type(e->type);
        if (!h->options.is_on || type == NULL)
            continue;
        if (e->published_ns / 1000000 < now_ms - HOOK_PATIENCE_MS)
            miss(h, type, now_ms);
        else if (h->n_awaited < AWAITED_MAX)
            h->awaited[h->n_awaited++] = (struct awaited){hash_of(e->uuid), now_ms, type};
    }
}

/* ---- the note ---- */

static enum err write_note(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct hook_health *h = (struct hook_health *)job;

    return store_note_put(store, HOOK_HEALTH_NOTE, buf_span(&h->note), fail);
}

static void note_ended(struct handback_job *job)
{
    struct hook_health *h = (struct hook_health *)job;

    h->is_writing = false;
    h->has_changed = h->has_changed || job->err != ERR_NONE;
}

static void fill_note(struct hook_health *h)
{
    struct json_out o;

    buf_clear(&h->note);
    o = json_out(&h->note);
    json_out_begin(&o, '{');
    json_put_bool(&o, "is_on", h->options.is_on);
    json_put_int(&o, "delivered_ms", h->delivered_ms);
    json_put_int(&o, "missed", h->missed);
    json_put_int(&o, "missed_ms", h->missed_ms);
    json_put_str(&o, "missed_type", span_of(h->missed_type));
    json_put_int(&o, "failed", h->failed);
    json_put_int(&o, "failed_ms", h->failed_ms);
    json_put_str(&o, "failed_reason", span_of(h->failed_reason));
    json_put_int(&o, "limited_ms", h->limited_ms);
    json_put_str(&o, "limited_reason", span_of(h->limited_reason));
    json_out_end(&o, '}');
}

void hook_health_tick(struct hook_health *h, int64_t now_ms)
{
    for (size_t i = 0; i < h->n_awaited;) {
        if (h->awaited[i].since_ms > now_ms - HOOK_PATIENCE_MS) {
            i++;
            continue;
        }
        miss(h, h->awaited[i].type, now_ms);
        h->awaited[i] = h->awaited[--h->n_awaited];
    }
    if (!h->has_changed || h->is_writing)
        return;
    fill_note(h);
    h->job = (struct handback_job){.write = write_note, .ended = note_ended};
    h->is_writing = handback_submit(h->options.handback, &h->job);
    h->has_changed = !h->is_writing;
}

/* ---- life ---- */

static void take_up(struct hook_health *h, struct span note)
{
    struct json *root;

    /* One that is not readable begins anew. */
    if (json_parse(note, &root, NULL) != ERR_NONE)
        return;
    h->delivered_ms = json_int(root, "delivered_ms", 0);
    h->missed = json_int(root, "missed", 0);
    h->missed_ms = json_int(root, "missed_ms", 0);
    copy(h->missed_type, json_str(root, "missed_type"));
    h->failed = json_int(root, "failed", 0);
    h->failed_ms = json_int(root, "failed_ms", 0);
    copy(h->failed_reason, json_str(root, "failed_reason"));
    h->limited_ms = json_int(root, "limited_ms", 0);
    copy(h->limited_reason, json_str(root, "limited_reason"));
    json_free(root);
}

enum err hook_health_new(const struct hook_health_options *options, struct store *reader,
                         struct hook_health **out, struct fail *fail)
{
    struct hook_health *h;
    struct arena a = {0};
    struct span note;
    enum err err = store_note_get(reader, &a, HOOK_HEALTH_NOTE, &note, fail);

    if (err == ERR_NONE) {
        h = mem_new(1, sizeof(*h));
        h->options = *options;
        h->has_changed = true; /* HOOK may have been switched */
        buf_init(&h->note, NOTE_LIMIT);
        if (note.p != NULL)
            take_up(h, note);
        *out = h;
    }
    arena_done(&a);
    return err;
}

void hook_health_free(struct hook_health *h)
{
    if (h == NULL)
        return;
    buf_done(&h->note);
    free(h);
}
