/* Where a person stands after what a source said of them has changed: the one place that decides
 * who is due. Pure. */
#ifndef ROSTER_MODEL_STANDING_H
#define ROSTER_MODEL_STANDING_H

#include "base/arena.h"
#include "model/event.h"
#include "model/person.h"
#include "model/rules.h"

/* Takes over what the subject says of the person, where it is newer or fills a gap. p may be a new,
 * zeroed person with source and id set. Texts are borrowed from subject. */
void standing_take_facts(struct person *p, const struct event_subject *subject);

/* Sets state, reason, due_ms, due_since_ms, since_ms and cause. New work is due now, or after the
 * settling time when somebody is known only from the group and the application could still tell
 * their user name. A wait after failures is not cut short. */
void standing_judge(struct person *p, const struct rules *rules, const struct scope *scope,
                    int64_t now_ms, struct span cause, struct arena *a);

/* Moves p to a state; since_ms changes only when the state or the reason does. */
void standing_set(struct person *p, enum person_state state, struct span reason_code,
                  struct span reason, int64_t now_ms);

#endif
