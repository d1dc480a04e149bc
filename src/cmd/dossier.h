/* All that is known of one person: what is wanted and by which rules, what is there, what Okta
 * said, what they wait for, and each step with its cause. */
#ifndef ROSTER_CMD_DOSSIER_H
#define ROSTER_CMD_DOSSIER_H

#include "cmd/open.h"
#include "model/entitlement.h"
#include "text/json.h"

enum { DOSSIER_STEPS = 50 };

/* A value that counts, and the rule that gave it. */
struct dossier_given {
    const char *key;      /* as in docs/rules.md: "ROUTING_PROFILE" */
    struct span value;    /* as the rule has it, attributes filled in */
    struct span id;       /* what a name in it is pinned to; empty = it is no name, or not pinned */
    struct span name_now; /* that thing is called so now; empty = as the rule says */
    struct span rule;     /* "" = the plain keys */
};

struct dossier {
    const struct opened *o;
    struct person person;
    const struct membership *memberships;
    size_t n_memberships;
    struct scope scope;
    bool is_wanted; /* there is to be an agent, and the rules say which */
    struct entitlement wanted;
    struct fail refusal; /* in scope and not wanted: why */
    const struct dossier_given *given;
    size_t n_given;
    bool is_applied_known; /* what the agent was last made or seen to be */
    struct entitlement applied;
    bool has_look; /* they are to be read in Okta again */
    struct look look;
    const struct step_record *steps; /* newest first, at most DOSSIER_STEPS */
    size_t n_steps;
};

/* Texts are in o->arena, which must outlive *out. */
enum err dossier_read(struct opened *o, const struct person *p, struct dossier *out,
                      struct fail *fail) WARN_UNUSED;
/* "none", "waits", "passed", "held", "rejected" */
const char *dossier_removal(enum removal removal);
/* "application", "group", "account", "suspension" */
const char *dossier_kind(enum membership_kind kind);
/* When REMOVAL_GRACE ends; 0 = it does not run. */
int64_t dossier_grace_ends_ms(const struct person *p);
/* The bound that the person is held at or waits before: "MAX_REMOVALS", "" … */
const char *dossier_bound(const struct person *p);

/* All of it but the steps. */
void dossier_print_facts(const struct dossier *d, FILE *to, const struct style *style,
                         int64_t now_ms);
void dossier_print(const struct dossier *d, FILE *to, const struct style *style, int64_t now_ms);
void dossier_json(const struct dossier *d, struct json_out *out);

#endif
