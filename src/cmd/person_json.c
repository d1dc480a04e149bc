#include "cmd/person_json.h"

#include "text/time.h"

void person_json_text(struct json_out *out, const char *key, struct span text)
{
    json_put_str(out, key, text.n > 0 ? text : (struct span){0});
}

void person_json_time(struct json_out *out, const char *key, int64_t ms)
{
    struct buf text;

    buf_init(&text, 64);
    if (ms > 0)
        time_add_ms(&text, ms);
    person_json_text(out, key, buf_span(&text));
    buf_done(&text);
}

void person_json_members(struct json_out *out, const struct opened *o, const struct person *p)
{
    struct arena a = {0};

    json_put_str(out, "okta_id", p->id);
    person_json_text(out, "user", open_user_name(o, p, &a));
    person_json_text(out, "agent_id", p->agent_id);
    json_put_str(out, "state", span_of(person_state_name(p->state)));
    person_json_text(out, "reason", p->reason);
    person_json_time(out, "since", p->since_ms);
    arena_done(&a);
}
