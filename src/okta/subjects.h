/* What an event says of whom: its targets become subjects (model/event.h), or the reason to skip
 * it. For delivery.c only. Pure. */
#ifndef ROSTER_OKTA_SUBJECTS_H
#define ROSTER_OKTA_SUBJECTS_H

#include "base/arena.h"
#include "okta/delivery.h"
#include "okta/event_types.h"
#include "text/json.h"

void event_skip(struct event *e, const char *reason, struct span detail);
/* Sets the subjects of an event of that type, or skips it. Its published instant is set already. */
void subjects_take(struct arena *a, const struct event_type *type, struct json_value target,
                   const struct delivery_rules *by, struct event *e);

#endif
