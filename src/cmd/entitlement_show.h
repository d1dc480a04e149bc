/* An entitlement as `roster show` shows it: JSON for programs, short texts for people. */
#ifndef ROSTER_CMD_ENTITLEMENT_SHOW_H
#define ROSTER_CMD_ENTITLEMENT_SHOW_H

#include "base/arena.h"
#include "model/entitlement.h"
#include "text/json.h"

/* The members of an object: user, names, profiles by id, phone, tags and proficiencies. What is not
 * set is null or empty. */
void entitlement_show_members(struct json_out *out, const struct entitlement *e);
/* "yes", "VOICE:30s, CHAT:120s": the values for the channels; empty when none is set. In a. */
struct span entitlement_show_channels(const struct phone *phone,
                                      const int64_t values[static CHANNELS], bool is_time,
                                      struct arena *a);
/* "Language:English=5". In a. */
struct span entitlement_show_proficiency(const struct proficiency *p, struct arena *a);

#endif
