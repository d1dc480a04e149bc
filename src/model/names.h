/* Names that people write and the ids that they stand for, as a view: the rules ask it, connect/
 * and store/ fill it. Pure: asking does no I/O and allocates nothing but in the arena. */
#ifndef ROSTER_MODEL_NAMES_H
#define ROSTER_MODEL_NAMES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum name_kind {
    NAME_SECURITY_PROFILE,
    NAME_ROUTING_PROFILE,
    NAME_HIERARCHY_GROUP, /* by path, "Site/Team" */
    NAME_OKTA_APP,
    NAME_OKTA_GROUP,
    NAME_KINDS
};
/* "security profile", … */
const char *name_kind_word(enum name_kind kind);

enum name_answer {
    NAME_KNOWN,
    NAME_UNKNOWN,   /* the instance or org does not have it */
    NAME_AMBIGUOUS, /* several bear it */
    NAME_NOT_READ,  /* nothing has been read yet, so nothing is known */
};

struct names {
    /* ref: a name, a path, an id or an ARN, as written. An id or ARN of the right form is taken as
     * it is (also NOT_READ). A pinned name means its pinned id as long as that id exists, whatever
     * bears the name now. *id is borrowed from names or ref. */
    enum name_answer (*find)(const struct names *names, enum name_kind kind, struct span ref,
                             struct span *id);
    /* The name of an id, {NULL, 0} when not known. */
    struct span (*name_of)(const struct names *names, enum name_kind kind, struct span id);
    /* "'Agent', 'Agents'": the closest names that exist, at most three, "" when none is close. */
    const char *(*closest)(const struct names *names, enum name_kind kind, struct span ref,
                           struct arena *a);
};

/* A view that has read nothing: ids and ARNs stand for themselves, names are NAME_NOT_READ. */
extern const struct names names_unread;

/* Is ref an id as it stands? A UUID, or an ARN of a thing of that kind, of which the last part (1
 * to 100 bytes) counts; 20 letters and digits that begin with 0oa (application) or 00g (group). *id
 * is a part of ref. False = it is a name. */
bool name_is_id(enum name_kind kind, struct span ref, struct span *id);

#endif
