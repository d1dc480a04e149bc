#include "base/utf8.h"
#include "cmd/dossier.h"
#include "cmd/entitlement_show.h"
#include "cmd/person_json.h"

static void put_wanted(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "wanted");
    if (!d->is_wanted) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    person_json_text(out, "because", d->scope.because);
    entitlement_show_members(out, &d->wanted);
    json_out_end(out, '}');
}

static void put_given(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "given");
    json_out_begin(out, '[');
    for (size_t i = 0; i < d->n_given; i++) {
        const struct dossier_given *g = &d->given[i];

        json_out_begin(out, '{');
        json_put_str(out, "key", span_of(g->key));
        json_put_str(out, "value", g->value);
        person_json_text(out, "id", g->id);
        person_json_text(out, "name_now", g->name_now);
        person_json_text(out, "rule", g->rule);
        json_out_end(out, '}');
    }
    json_out_end(out, ']');
}

static void put_agent(struct json_out *out, const struct dossier *d)
{
    const struct person *p = &d->person;

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
    person_json_time(out, "seen", p->applied_ms);
    json_out_key(out, "has");
    if (d->is_applied_known) {
        json_out_begin(out, '{');
        entitlement_show_members(out, &d->applied);
        json_out_end(out, '}');
    } else {
        json_out_null(out);
    }
    json_out_end(out, '}');
}

static void put_old_agent(struct json_out *out, const struct person *p)
{
    json_out_key(out, "former_agent");
    if (p->old_agent_id.n == 0) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    json_put_str(out, "id", p->old_agent_id);
    person_json_text(out, "arn", p->old_agent_arn);
    person_json_text(out, "user", p->old_agent_name);
    json_out_end(out, '}');
}

/* What the agent had before it was parked or deleted. */
static void put_before(struct json_out *out, const struct dossier *d)
{
    struct entitlement before;
    struct arena a = {0};

    json_out_key(out, "before_removal");
    if (d->person.before_removal.n > 0 &&
        entitlement_parse(&a, d->person.before_removal, &before, NULL) == ERR_NONE) {
        json_out_begin(out, '{');
        entitlement_show_members(out, &before);
        json_out_end(out, '}');
    } else {
        json_out_null(out);
    }
    arena_done(&a);
}

static void put_leaving(struct json_out *out, const struct person *p)
{
    person_json_time(out, "left", p->left_ms);
    person_json_text(out, "left_because", p->left_why);
    json_put_str(out, "removal", span_of(dossier_removal(p->removal)));
    person_json_text(out, "bound", span_of(dossier_bound(p)));
    person_json_time(out, "grace_ends", dossier_grace_ends_ms(p));
    person_json_time(out, "on_contact_since", p->contact_since_ms);
}

static void put_look(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "look");
    if (!d->has_look) {
        json_out_null(out);
        return;
    }
    json_out_begin(out, '{');
    person_json_time(out, "due", d->look.due_ms);
    json_put_int(out, "tries", d->look.tries);
    person_json_text(out, "cause", d->look.cause);
    json_out_end(out, '}');
}

/* It is a JSON object already. */
static void put_profile(struct json_out *out, struct span profile)
{
    struct json_value value;

    json_out_key(out, "profile");
    if (utf8_is_valid(profile) && json_scan(profile, JSON_DEPTH_MAX, &value, NULL) == ERR_NONE &&
        value.kind == JSON_OBJECT)
        json_out_raw(out, value.text);
    else
        json_out_null(out);
}

static void put_memberships(struct json_out *out, const struct dossier *d)
{
    json_out_key(out, "memberships");
    json_out_begin(out, '[');
    for (size_t i = 0; i < d->n_memberships; i++) {
        const struct membership *m = &d->memberships[i];

        json_out_begin(out, '{');
        json_put_str(out, "kind", span_of(dossier_kind(m->kind)));
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
    person_json_members(out, d->o, p);
    json_put_str(out, "source", p->source);
    person_json_text(out, "reason_code", p->reason_code);
    person_json_text(out, "cause", p->cause);
    person_json_time(out, "due", p->state == PERSON_DUE ? p->due_ms : 0);
    json_put_int(out, "attempts", p->attempts);
    person_json_text(out, "login", p->login);
    person_json_text(out, "app_user_name", p->app_user_name);
    person_json_text(out, "display_name", p->display_name);
    person_json_text(out, "status", p->status);
    person_json_time(out, "read", p->read_ms);
    put_profile(out, p->profile);
    person_json_time(out, "create_sent", p->create_sent_ms);
    person_json_time(out, "name_taken", p->name_taken_ms);
    put_leaving(out, p);
    put_look(out, d);
    put_wanted(out, d);
    person_json_text(out, "not_wanted_because",
                     d->scope.is_in && !d->is_wanted ? span_of(d->refusal.text) : SPAN(""));
    json_put_bool(out, "is_suspended", d->scope.is_suspended);
    put_given(out, d);
    put_agent(out, d);
    put_old_agent(out, p);
    put_before(out, d);
    put_memberships(out, d);
    put_steps(out, d);
    json_out_end(out, '}');
}
