/* What is true of one person now: what Okta says of them, and which agent bears their tags. It
 * takes the place of the store where there is none. On the loop only. */
#ifndef ROSTER_LAMBDA_LOOK_UP_H
#define ROSTER_LAMBDA_LOOK_UP_H

#include <stdbool.h>

#include "lambda/both_sides.h"
#include "model/agent.h"
#include "model/membership.h"
#include "model/person.h"
#include "model/rules.h"

struct look_up;

/* Borrowed for the call. */
struct looked_up {
    struct person person; /* what Okta said, or else the events; nothing of where we stand */
    const struct membership *memberships;
    size_t n_memberships;
    struct scope scope; /* is_unsure: out of scope, but what the rules name is not (any more) there:
                           that takes nothing away from anybody */
    int64_t updated_ns; /* when the user's object in Okta changed last; 0 = not said */
    const struct agent *agents; /* that bear their id and this deployment's name, with their tags */
    size_t n_agents;
};

struct look_up_ask {
    struct both_sides *sides;  /* prepared */
    const struct person *told; /* what events say of them: source and id, and names. Borrowed */
    const struct membership *memberships; /* by events; count only without Okta's API */
    size_t n_memberships;
    /* One of the two, once, later. What failed in passing was tried again a few times before.
     * operation: of Amazon Connect's, or "Okta". */
    void (*done)(void *arg, const struct looked_up *found);
    void (*failed)(void *arg, const char *operation, const struct fail *fail);
    void *arg;
};

/* Requests: of Okta those of okta/person.h, and once more with a witness for who is out of scope
 * and has an agent; of Amazon Connect one SearchUsers, at its pace. */
struct look_up *look_up_begin(const struct look_up_ask *ask);
/* No callback will come; also after one has. NULL is fine. */
void look_up_free(struct look_up *l);

#endif
