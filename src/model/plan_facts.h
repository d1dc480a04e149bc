/* From what is known of a person to what a plan is asked: what the rules give them, what a parked
 * agent has, and what was decided about them. Pure; the one place where that is put together, for
 * whoever carries plans out and for whoever shows them. */
#ifndef ROSTER_MODEL_PLAN_FACTS_H
#define ROSTER_MODEL_PLAN_FACTS_H

#include "model/plan.h"
#include "model/rules.h"

struct plan_facts {
    const struct rules *rules;
    const struct names *names;
    const struct person *person;
    const struct membership *memberships;
    size_t n_memberships;
    const struct scope *scope;
    struct actual actual;
    int64_t now_ms, max_wait_ms; /* for an agent who is on a contact */
    bool is_described;           /* what the agent has was just looked at */
    bool is_contact_free;
};

/* What *out points to. */
struct plan_wants {
    struct entitlement wanted; /* its user name is set also for who is out of scope */
    struct entitlement parked;
    struct span parked_profile;
    struct entitlement made;
};

/* Has the agent to be looked at before anything else? So when lists may not be as they were seen,
 * or it may have been deleted. */
bool plan_facts_look_first(const struct person *p, bool is_described);
/* What an operator wants restored (person.h) counts before what the rules give, and before the
 * scope. Sets all of *out but claimed_by. w must outlive *out. ERR_INPUT: the rules give them
 * nothing that could be; ERR_BUSY: names that they need have not been read. fail.code is a
 * REASON_…. */
enum err plan_facts_ask(const struct plan_facts *f, struct plan_wants *w, struct arena *a,
                        struct plan_ask *out, struct fail *fail) WARN_UNUSED;

#endif
