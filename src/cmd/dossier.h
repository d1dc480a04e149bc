/* All that is known of one person: what is wanted, what is there, and each step with its cause. */
#ifndef ROSTER_CMD_DOSSIER_H
#define ROSTER_CMD_DOSSIER_H

#include "cmd/open.h"
#include "model/entitlement.h"
#include "text/json.h"

enum { DOSSIER_STEPS = 50 };

struct dossier {
    struct person person;
    const struct membership *memberships;
    size_t n_memberships;
    struct scope scope;
    bool is_wanted; /* there is to be an agent, and the rules say which */
    struct entitlement wanted;
    struct fail refusal;             /* in scope and not wanted: why */
    const struct step_record *steps; /* newest first, at most DOSSIER_STEPS */
    size_t n_steps;
};

/* Texts are in o->arena. */
enum err dossier_read(struct opened *o, const struct person *p, struct dossier *out,
                      struct fail *fail) WARN_UNUSED;
void dossier_print(const struct dossier *d, FILE *to, const struct look *look, int64_t now_ms);
void dossier_json(const struct dossier *d, struct json_out *out);

#endif
