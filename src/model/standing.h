/* Where a person stands after what a source said of them has changed: the one place that decides
 * who is due. What exactly is to be done is planned later, by whoever carries it out. Pure. */
#ifndef ROSTER_MODEL_STANDING_H
#define ROSTER_MODEL_STANDING_H

#include "model/event.h"
#include "model/person.h"
#include "model/rules.h"

/* Takes over what the subject says of the person, where it is newer or fills a gap. p may be a new,
 * zeroed person with source and id set. Texts are borrowed from subject. */
void standing_take_facts(struct person *p, const struct event_subject *subject);

/* Sets state, reason, due_ms, due_since_ms, since_ms, priority, cause and what concerns leaving.
 * In scope: due now, or after the settling time when somebody is known only from the group and the
 * application could still tell their user name. Out of scope without an agent: out_of_scope. Out of
 * scope with an agent (or perhaps one): by on_remove kept (in_step, REASON_LEFT), or a removal that
 * waits for its grace; back in scope within it, and nothing has happened. A scope that is unsure is
 * a removal that is held, whatever on_remove's grace says (and remembered as such while on_remove
 * keeps the agent). A rejected removal stays rejected until `is_news`: the source has said
 * something new about this person. A wait after failures is not cut short unless is_news. */
void standing_judge(struct person *p, const struct rules *rules, const struct scope *scope,
                    bool is_news, int64_t now_ms, struct span cause);

/* What a file of `roster import` asks for is due now: also what was refused before. Nothing that is
 * judged otherwise concerns it. */
void standing_import(struct person *p, int64_t now_ms, struct span cause);

/* Moves p to a state; since_ms changes only when the state or the reason does. */
void standing_set(struct person *p, enum person_state state, struct span reason_code,
                  struct span reason, int64_t now_ms);

#endif
