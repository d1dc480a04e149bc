#include "cmd/person_json.h"
#include "cmd/status.h"

static void put_states(struct json_out *out, const struct store_counts *counts)
{
    json_out_key(out, "states");
    json_out_begin(out, '{');
    for (int i = 0; i < PERSON_STATES; i++)
        json_put_int(out, person_state_name((enum person_state)i), counts->by_state[i]);
    json_out_end(out, '}');
}

static void put_calls(struct json_out *out, const struct status *s, struct buf *name)
{
    json_out_key(out, "calls");
    json_out_begin(out, '{');
    for (size_t i = 0; i < s->n_calls; i++) {
        buf_clear(name);
        buf_add(name, s->calls[i].operation);
        json_out_key(out, name->p);
        json_out_begin(out, '{');
        json_put_int(out, "sent", s->calls[i].sent);
        json_put_int(out, "throttled", s->calls[i].throttled);
        json_put_int(out, "failed", s->calls[i].failed);
        json_out_end(out, '}');
    }
    json_out_end(out, '}');
}

static void put_pauses(struct json_out *out, const struct status *s)
{
    json_out_key(out, "paused");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_pauses; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "operation", s->pauses[i].operation);
        json_put_str(out, "code", s->pauses[i].code);
        json_put_str(out, "reason", s->pauses[i].reason);
        person_json_time(out, "since", s->pauses[i].since_ms);
        person_json_time(out, "probe", s->pauses[i].probe_ms);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_errors(struct json_out *out, const struct status *s)
{
    json_out_key(out, "last_errors");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_errors; i++) {
        const struct step_record *e = &s->errors[i];

        json_out_begin(out, '{');
        person_json_time(out, "time", e->answered_ms);
        json_put_str(out, "operation", e->operation);
        person_json_text(out, "okta_id", e->user_id);
        json_put_int(out, "status", e->status);
        person_json_text(out, "code", e->code);
        person_json_text(out, "text", e->text);
        person_json_text(out, "request_id", e->request_id);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_skips(struct json_out *out, const struct status *s, struct buf *name)
{
    json_out_key(out, "skipped");
    json_out_begin(out, '{');
    for (size_t i = 0; i < s->n_skips; i++) {
        buf_clear(name);
        buf_add(name, s->skips[i].reason);
        json_put_int(out, name->p, s->skips[i].n);
    }
    json_out_end(out, '}');
}

static void put_kept(struct json_out *out, const struct status *s, bool with_bodies)
{
    json_out_key(out, "kept_bodies");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_kept; i++) {
        json_out_begin(out, '{');
        person_json_time(out, "received", s->kept[i].received_ms);
        json_put_int(out, "size", s->kept[i].size);
        json_put_str(out, "why", s->kept[i].why);
        if (with_bodies)
            json_put_str(out, "body", s->kept[i].body);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_gate(struct json_out *out, const char *name, int64_t n, struct span why)
{
    json_out_key(out, name);
    json_out_begin(out, '{');
    json_put_int(out, "held", n);
    json_put_bool(out, "is_shut", why.n > 0);
    person_json_text(out, "why", why);
    json_out_end(out, '}');
}

static void put_bounds(struct json_out *out, const struct status *s)
{
    json_out_key(out, "bounds");
    json_out_begin(out, '{');
    put_gate(out, "removals", s->n_removals, s->removals_why);
    put_gate(out, "changes", s->n_changes, s->changes_why);
    json_out_end(out, '}');
    json_put_int(out, "unsure", s->n_unsure);
    json_put_int(out, "in_grace", s->n_in_grace);
}

static void put_renamed(struct json_out *out, const struct status *s)
{
    json_out_key(out, "renamed");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_pins; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "kind", span_of(name_kind_word((enum name_kind)s->pins[i].kind)));
        json_put_str(out, "name", s->pins[i].name);
        json_put_str(out, "name_now", s->pins[i].name_now);
        json_put_str(out, "id", s->pins[i].id);
        person_json_time(out, "since", s->pins[i].since_ms);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_hook(struct json_out *out, const struct status *s)
{
    const struct okta_health *h = &s->okta;

    json_out_key(out, "hook");
    if (!h->is_known) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    json_put_bool(out, "is_on", h->has_hook);
    json_put_bool(out, "is_failing", okta_health_hook_fails(h, s->now_ms));
    person_json_time(out, "delivered", h->delivered_ms);
    json_put_int(out, "missed", h->missed);
    person_json_time(out, "missed_last", h->missed_ms);
    person_json_text(out, "missed_type", h->missed_type);
    json_put_int(out, "failed", h->failed);
    person_json_time(out, "failed_last", h->failed_ms);
    person_json_text(out, "failed_reason", h->failed_reason);
    json_out_end(out, '}');
}

static void put_okta(struct json_out *out, const struct status *s)
{
    const struct okta_health *h = &s->okta;

    put_hook(out, s);
    person_json_time(out, "log_read", h->log_read_ms);
    person_json_time(out, "log_newest_event", h->log_event_ms);
    person_json_time(out, "rate_limit_warned", h->limited_ms);
    person_json_text(out, "rate_limit_reason", h->limited_reason);
    json_out_key(out, "okta_troubles");
    json_out_begin(out, '[');
    for (size_t i = 0; i < h->n_things; i++) {
        json_out_begin(out, '{');
        json_put_str(out, "kind", h->things[i].kind);
        json_put_str(out, "id", h->things[i].id);
        json_put_str(out, "name", h->things[i].name);
        json_put_str(out, "state", h->things[i].state);
        person_json_time(out, "since", h->things[i].since_ms);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

void status_json(const struct status *s, bool with_bodies, struct json_out *out)
{
    int64_t oldest_ms = s->counts.oldest_due_since_ms;
    struct buf name;

    buf_init(&name, 4096);
    json_out_begin(out, '{');
    put_states(out, &s->counts);
    json_put_int(out, "queue_age_s", oldest_ms == 0 ? 0 : (s->now_ms - oldest_ms) / 1000);
    put_calls(out, s, &name);
    put_pauses(out, s);
    put_errors(out, s);
    json_put_int(out, "waiting_after_failure", s->n_after_failure);
    json_put_int(out, "events", s->counts.events);
    person_json_time(out, "last_event", s->counts.last_event_ms);
    put_bounds(out, s);
    json_put_int(out, "looks", (int64_t)s->n_looks);
    put_renamed(out, s);
    put_okta(out, s);
    put_skips(out, s, &name);
    put_kept(out, s, with_bodies);
    json_put_bool(out, "is_running", s->engine_pid != 0);
    json_out_key(out, "needs");
    json_out_begin(out, '[');
    for (size_t i = 0; i < s->n_needs; i++)
        json_out_str(out, span_of(s->needs[i]));
    json_out_end(out, ']');
    json_out_end(out, '}');
    buf_done(&name);
}
