#include "cmd/okta_health.h"

#include "text/json.h"

static struct span text_of(struct arena *a, const struct json *part, const char *name)
{
    struct span text = json_str(part, name);

    return text.p == NULL ? SPAN("") : arena_span(a, text);
}

static void read_hook(struct arena *a, const struct json *note, struct okta_health *h)
{
    h->is_known = true;
    h->has_hook = json_bool(note, "is_on", false);
    h->delivered_ms = json_int(note, "delivered_ms", 0);
    h->missed = json_int(note, "missed", 0);
    h->missed_ms = json_int(note, "missed_ms", 0);
    h->missed_type = text_of(a, note, "missed_type");
    h->failed = json_int(note, "failed", 0);
    h->failed_ms = json_int(note, "failed_ms", 0);
    h->failed_reason = text_of(a, note, "failed_reason");
    h->limited_ms = json_int(note, "limited_ms", 0);
    h->limited_reason = text_of(a, note, "limited_reason");
}

static void read_things(struct arena *a, const struct json *note, struct okta_health *h)
{
    size_t n = json_count(note, "");
    struct okta_health_thing *things = arena_new(a, n, sizeof(*things));

    for (size_t i = 0; i < n; i++) {
        const struct json *item = json_item(note, "", i);

        things[i] = (struct okta_health_thing){.kind = text_of(a, item, "kind"),
                                               .id = text_of(a, item, "id"),
                                               .name = text_of(a, item, "name"),
                                               .state = text_of(a, item, "state"),
                                               .since_ms = json_int(item, "since_ms", 0)};
    }
    h->things = things;
    h->n_things = n;
}

static struct json *parse(struct span note)
{
    struct json *root = NULL;

    return note.n > 0 && json_parse(note, &root, NULL) == ERR_NONE ? root : NULL;
}

struct okta_health okta_health_read(struct arena *a, struct span hook, struct span log,
                                    struct span things)
{
    struct okta_health h = {
        .missed_type = SPAN(""), .failed_reason = SPAN(""), .limited_reason = SPAN("")};
    struct json *hook_note = parse(hook), *log_note = parse(log), *things_note = parse(things);

    if (json_is_object(hook_note))
        read_hook(a, hook_note, &h);
    if (json_is_object(log_note)) {
        h.log_read_ms = json_int(log_note, "read_ms", 0);
        h.log_event_ms = json_int(log_note, "published_ms", 0);
    }
    if (json_is_array(things_note))
        read_things(a, things_note, &h);
    json_free(hook_note);
    json_free(log_note);
    json_free(things_note);
    return h;
}

bool okta_health_hook_fails(const struct okta_health *h, int64_t now_ms)
{
    int64_t bad_ms = h->failed_ms > h->missed_ms ? h->failed_ms : h->missed_ms;

    return h->has_hook && bad_ms > h->delivered_ms && bad_ms > now_ms - OKTA_HEALTH_WINDOW_MS;
}
