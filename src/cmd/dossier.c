#include "cmd/dossier.h"

#include "cmd/person_json.h"

enum err dossier_read(struct opened *o, const struct person *p, struct dossier *out,
                      struct fail *fail)
{
    struct dossier d = {.person = *p};
    struct membership *memberships = NULL;
    struct step_record *steps = NULL;
    enum err err;

    err = store_memberships(o->store, &o->arena, p->source, p->id, &memberships, &d.n_memberships,
                            fail);
    if (err == ERR_NONE)
        err = store_steps(o->store, &o->arena, p->source, p->id, DOSSIER_STEPS, &steps, &d.n_steps,
                          fail);
    if (err != ERR_NONE)
        return err;
    d.memberships = memberships;
    d.steps = steps;
    d.scope = rules_scope(&o->rules, memberships, d.n_memberships);
    if (d.scope.is_in)
        d.is_wanted =
            rules_entitlement(&o->rules, &d.person, &o->arena, &d.wanted, &d.refusal) == ERR_NONE;
    *out = d;
    return ERR_NONE;
}

static const char *kind_name(enum membership_kind kind)
{
    switch (kind) {
    case MEMBERSHIP_APP:
        return "application";
    case MEMBERSHIP_GROUP:
        return "group";
    case MEMBERSHIP_ACCOUNT:
        return "account";
    }
    return "";
}

static void put_wanted(struct json_out *out, const struct dossier *d)
{
    const struct entitlement *e = &d->wanted;

    json_out_key(out, "wanted");
    if (!d->is_wanted) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    person_json_text(out, "because", d->scope.because);
    json_put_str(out, "user", e->user_name);
    json_put_str(out, "first_name", e->first_name);
    json_put_str(out, "last_name", e->last_name);
    json_out_key(out, "security_profiles");
    json_out_begin(out, '[');
    for (size_t i = 0; i < e->n_security_profile_ids; i++)
        json_out_str(out, e->security_profile_ids[i]);
    json_out_end(out, ']');
    json_put_str(out, "routing_profile", e->routing_profile_id);
    json_put_str(out, "phone_type", e->has_desk_phone ? SPAN("DESK_PHONE") : SPAN("SOFT_PHONE"));
    json_out_end(out, '}');
}

static void put_agent(struct json_out *out, const struct person *p)
{
    json_out_key(out, "agent");
    if (p->agent_id.n == 0) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    json_put_str(out, "id", p->agent_id);
    person_json_text(out, "arn", p->agent_arn);
    person_json_text(out, "user", p->agent_user_name);
    person_json_time(out, "since", p->agent_since_ms);
    json_out_end(out, '}');
}

static void put_memberships(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "memberships");
    json_out_begin(out, '[');
    for (size_t i = 0; i < d->n_memberships; i++) {
        const struct membership *m = &d->memberships[i];

        json_out_begin(out, '{');
        json_put_str(out, "kind", span_of(kind_name(m->kind)));
        person_json_text(out, "id", m->container);
        person_json_text(out, "name", m->name);
        json_put_bool(out, "is_member", m->is_member);
        person_json_time(out, "published", m->published_ns / 1000000);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_steps(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "steps");
    json_out_begin(out, '[');
    for (size_t i = 0; i < d->n_steps; i++) {
        const struct step_record *s = &d->steps[i];

        json_out_begin(out, '{');
        person_json_time(out, "sent", s->sent_ms);
        person_json_time(out, "answered", s->answered_ms);
        json_put_str(out, "operation", s->operation);
        json_put_str(out, "cause", s->cause);
        json_put_str(out, "outcome", s->outcome);
        json_put_int(out, "status", s->status);
        person_json_text(out, "code", s->code);
        person_json_text(out, "request_id", s->request_id);
        person_json_text(out, "text", s->text);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

void dossier_json(const struct dossier *d, struct json_out *out)
{
    const struct person *p = &d->person;

    json_out_begin(out, '{');
    person_json_members(out, p);
    json_put_str(out, "source", p->source);
    person_json_text(out, "reason_code", p->reason_code);
    person_json_text(out, "cause", p->cause);
    person_json_time(out, "due", p->state == PERSON_DUE ? p->due_ms : 0);
    json_put_int(out, "attempts", p->attempts);
    person_json_text(out, "login", p->login);
    person_json_text(out, "app_user_name", p->app_user_name);
    person_json_text(out, "display_name", p->display_name);
    person_json_time(out, "create_sent", p->create_sent_ms);
    person_json_time(out, "name_taken", p->name_taken_ms);
    put_wanted(out, d);
    person_json_text(out, "not_wanted_because",
                     d->scope.is_in && !d->is_wanted ? span_of(d->refusal.text) : SPAN(""));
    put_agent(out, p);
    put_memberships(out, d);
    put_steps(out, d);
    json_out_end(out, '}');
}
