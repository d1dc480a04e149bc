#include "model/plan_facts.h"

#include <assert.h>
#include <stdio.h>

/* What may not be as it was seen is updated in any case; of lists, only what differs can be sent,
 * so they are read first. */
enum { READ_FIRST = 1 << ASPECT_TAGS | 1 << ASPECT_PROFICIENCIES | 1 << ASPECTS };

static enum err resolve_parked(const struct plan_facts *f, enum name_kind kind, struct span ref,
                               struct arena *a, struct span *out, struct fail *fail)
{
    const struct names *names = f->names;
    const char *closest;
    enum err err = ERR_INPUT;

    switch (names->find(names, kind, ref, out)) {
    case NAME_KNOWN:
        return ERR_NONE;
    case NAME_NOT_READ:
        err = fail_set(fail, ERR_BUSY, "the names of the instance's %ss have not been read yet",
                       name_kind_word(kind));
        (void)snprintf(fail->code, sizeof(fail->code), "%s", REASON_NAMES_UNREAD);
        return err;
    case NAME_AMBIGUOUS:
    case NAME_UNKNOWN:
        break;
    }
    closest = names->closest(names, kind, ref, a);
    err = fail_set(
        fail, ERR_INPUT,
        "[Connect] PARKED_%s: the instance has no %s '%.*s', or several of that name%s%s%s",
        kind == NAME_SECURITY_PROFILE ? "SECURITY_PROFILE" : "ROUTING_PROFILE",
        name_kind_word(kind), SPAN_ARG(ref), closest[0] != '\0' ? "; did you mean " : "", closest,
        closest[0] != '\0' ? "?" : "");
    (void)snprintf(fail->code, sizeof(fail->code), "%s", REASON_UNKNOWN_NAME);
    return err;
}

static enum err add_parked(const struct plan_facts *f, struct plan_wants *w, struct arena *a,
                           struct plan_ask *ask, struct fail *fail)
{
    const struct rules *rules = f->rules;
    enum err err;

    if (rules->parked_security_profile.n == 0)
        return ERR_NONE;
    w->parked = (struct entitlement){.security_profile_ids = &w->parked_profile,
                                     .n_security_profile_ids = 1};
    err = resolve_parked(f, NAME_SECURITY_PROFILE, rules->parked_security_profile, a,
                         &w->parked_profile, fail);
    if (err == ERR_NONE)
        err = resolve_parked(f, NAME_ROUTING_PROFILE, rules->parked_routing_profile, a,
                             &w->parked.routing_profile_id, fail);
    if (err == ERR_NONE)
        ask->parked = &w->parked;
    return err;
}

static enum err add_wanted(const struct plan_facts *f, struct plan_wants *w, struct arena *a,
                           struct plan_ask *ask, struct fail *fail)
{
    enum err err;

    if (f->person->restore.n > 0) {
        ask->wanted = &w->wanted;
        return entitlement_parse(a, f->person->restore, &w->wanted, fail);
    }
    w->wanted = (struct entitlement){.user_name = rules_user_name(f->rules, f->person, a)};
    if (!f->scope->is_in)
        return ERR_NONE;
    ask->wanted = &w->wanted;
    ask->is_suspended = f->scope->is_suspended;
    err = rules_entitlement(f->rules, f->names, f->person, f->memberships, f->n_memberships, a,
                            &w->wanted, fail);
    /* To park an agent it need not be known what it should be otherwise. */
    return ask->is_suspended ? ERR_NONE : err;
}

/* What it makes bears the tag of imports, and nobody's id. */
static void ask_for_import(const struct plan_facts *f, struct plan_wants *w, struct arena *a,
                           struct plan_ask *ask)
{
    const struct person *p = f->person;

    ask->is_import = true;
    ask->managed_by = SPAN(MANAGED_BY_IMPORT);
    ask->okta_id = SPAN("");
    ask->may_adopt = false;
    ask->on_rename = RENAME_HOLD;
    ask->has_passed_changes = true;
    if (p->create_sent_ms != 0 && p->create_sent.n > 0 &&
        entitlement_parse(a, p->create_sent, &w->made, NULL) == ERR_NONE)
        ask->made = &w->made;
}

bool plan_facts_look_first(const struct person *p, bool is_described)
{
    return (p->in_doubt & READ_FIRST) != 0 || (p->delete_sent_ms != 0 && !is_described);
}

enum err plan_facts_ask(const struct plan_facts *f, struct plan_wants *w, struct arena *a,
                        struct plan_ask *out, struct fail *fail)
{
    const struct rules *rules = f->rules;
    const struct person *p = f->person;
    bool needs_parked;
    enum err err;

    assert(w != NULL);
    *out = (struct plan_ask){
        .actual = f->actual,
        .managed_by = rules->managed_by,
        .okta_id = p->id,
        .may_adopt = p->may_adopt || rules->adopts_existing,
        .on_remove = rules->on_remove,
        .on_rename = rules->on_rename,
        .removal = p->removal,
        .has_passed_changes = p->passed_changes,
        .waits_for_contact_over =
            p->contact_since_ms != 0 && f->now_ms - p->contact_since_ms >= f->max_wait_ms,
        .is_contact_free = f->is_contact_free,
        .in_doubt = (unsigned)p->in_doubt & ~(unsigned)READ_FIRST,
        .keeps_names = rules->identity == IDENTITY_DIRECTORY,
        .old_agent_id = p->old_agent_id,
        .old_agent_parked = (unsigned)p->old_agent_parked,
    };
    if (plan_facts_look_first(p, f->is_described))
        out->actual.seen = NULL;
    if (person_is_import(p))
        ask_for_import(f, w, a, out);
    err = add_wanted(f, w, a, out, fail);
    if (err != ERR_NONE)
        return err;
    needs_parked = out->is_suspended || (out->wanted == NULL && rules->on_remove != REMOVE_KEEP);
    err = add_parked(f, w, a, out, fail);
    return needs_parked ? err : ERR_NONE;
}
