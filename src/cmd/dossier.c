#include "cmd/dossier.h"

#include <string.h>

#include "engine/release.h"

/* ---- which rule gave what ---- */

struct giving {
    struct opened *o;
    struct dossier_given *given;
    size_t n, room;
};

static bool kind_of_key(const char *key, enum name_kind *out)
{
    static const struct {
        const char *key;
        enum name_kind kind;
    } kinds[] = {{"SECURITY_PROFILES", NAME_SECURITY_PROFILE},
                 {"ROUTING_PROFILE", NAME_ROUTING_PROFILE},
                 {"HIERARCHY_GROUP", NAME_HIERARCHY_GROUP}};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].key, key) == 0) {
            *out = kinds[i].kind;
            return true;
        }
    return false;
}

static const struct pin *pin_of(const struct pinned_names *pinned, enum name_kind kind,
                                struct span id)
{
    for (size_t i = 0; i < pinned->n; i++)
        if (pinned->pins[i].kind == (int64_t)kind && span_eq(pinned->pins[i].id, id))
            return &pinned->pins[i];
    return NULL;
}

static void resolve(const struct opened *o, struct dossier_given *given)
{
    const struct pinned_names *pinned = &o->pinned;
    enum name_kind kind;
    const struct pin *pin;
    struct span id;

    if (!kind_of_key(given->key, &kind) || name_is_id(kind, given->value, &id) ||
        pinned->names.find(&pinned->names, kind, given->value, &id) != NAME_KNOWN)
        return;
    given->id = id;
    pin = pin_of(pinned, kind, id);
    if (pin != NULL)
        given->name_now = pin->name_now;
}

static void give(void *arg, const char *key, struct span value, struct span rule)
{
    struct giving *g = arg;

    if (g->n == g->room) {
        size_t room = g->room == 0 ? 16 : 2 * g->room;
        struct dossier_given *more = arena_new(&g->o->arena, room, sizeof(*more));

        if (g->n > 0)
            memcpy(more, g->given, g->n * sizeof(*more));
        g->given = more;
        g->room = room;
    }
    g->given[g->n] = (struct dossier_given){
        .key = key, .value = value, .id = SPAN(""), .name_now = SPAN(""), .rule = rule};
    resolve(g->o, &g->given[g->n++]);
}

/* ---- reading ---- */

static enum err read_rows(struct opened *o, struct dossier *d, struct fail *fail)
{
    const struct person *p = &d->person;
    struct membership *memberships = NULL;
    struct step_record *steps = NULL;
    enum err err = store_memberships(o->store, &o->arena, p->source, p->id, &memberships,
                                     &d->n_memberships, fail);

    if (err == ERR_NONE)
        err = store_steps(o->store, &o->arena, p->source, p->id, DOSSIER_STEPS, &steps, &d->n_steps,
                          fail);
    if (err == ERR_NONE)
        err = store_look_get(o->store, &o->arena, p->source, LOOK_USER, p->id, &d->has_look,
                             &d->look, fail);
    d->memberships = memberships;
    d->steps = steps;
    return err;
}

enum err dossier_read(struct opened *o, const struct person *p, struct dossier *out,
                      struct fail *fail)
{
    struct dossier d = {.o = o, .person = *p};
    struct giving giving = {.o = o};
    enum err err = read_rows(o, &d, fail);

    if (err != ERR_NONE)
        return err;
    d.scope = rules_scope(o->rules, &o->pinned.names, &d.person, d.memberships, d.n_memberships,
                          &o->arena);
    if (person_is_import(p)) {
        d.scope = (struct scope){.is_in = true, .because = p->cause};
        d.is_wanted = entitlement_parse(&o->arena, p->restore, &d.wanted, &d.refusal) == ERR_NONE;
    } else if (d.scope.is_in) {
        d.is_wanted =
            rules_entitlement(o->rules, &o->pinned.names, &d.person, d.memberships, d.n_memberships,
                              &o->arena, &d.wanted, &d.refusal) == ERR_NONE;
        rules_explain(o->rules, &o->pinned.names, &d.person, d.memberships, d.n_memberships,
                      &o->arena, give, &giving);
    }
    d.given = giving.given;
    d.n_given = giving.n;
    d.is_applied_known = p->agent_id.n > 0 && p->applied.n > 0 &&
                         entitlement_parse(&o->arena, p->applied, &d.applied, NULL) == ERR_NONE;
    *out = d;
    return ERR_NONE;
}

/* ---- words ---- */

const char *dossier_removal(enum removal removal)
{
    static const char *const words[] = {[REMOVAL_NONE] = "none",
                                        [REMOVAL_WAITS] = "waits",
                                        [REMOVAL_PASSED] = "passed",
                                        [REMOVAL_HELD] = "held",
                                        [REMOVAL_REJECTED] = "rejected"};

    return (unsigned)removal < sizeof(words) / sizeof(words[0]) ? words[removal] : "unknown";
}

const char *dossier_kind(enum membership_kind kind)
{
    switch (kind) {
    case MEMBERSHIP_APP:
        return "application";
    case MEMBERSHIP_GROUP:
        return "group";
    case MEMBERSHIP_ACCOUNT:
        return "account";
    case MEMBERSHIP_SUSPENSION:
        return "suspension";
    }
    return "";
}

int64_t dossier_grace_ends_ms(const struct person *p)
{
    return p->state == PERSON_DUE && span_eq(p->reason_code, SPAN(REASON_GRACE)) ? p->due_ms : 0;
}

const char *dossier_bound(const struct person *p)
{
    if (p->state == PERSON_DUE && p->needs_gate)
        return release_setting(p->removal == REMOVAL_WAITS ? GATE_REMOVALS : GATE_CHANGES);
    if (p->state == PERSON_HELD && span_eq(p->reason_code, SPAN(REASON_UNSURE)))
        return "";
    return release_setting(release_gate_of(p));
}
