/* What Okta said of one user when it was asked, and what that changes in the store: the reading is
 * made on the loop, and written, in one transaction, on the committer's thread. */
#ifndef ROSTER_ENGINE_USER_READING_H
#define ROSTER_ENGINE_USER_READING_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "engine/judge.h"
#include "okta/person.h"
#include "store/store.h"

/* A user whom Okta does not know any more has this status. */
#define STATUS_GONE "GONE"

enum {
    READING_TRIES = 3, /* so often somebody is read again before what contradicts is believed */
    READING_RECENT_MS = 15 * 60 * 1000, /* what was published before is no contradiction */
};

struct user_reading {
    struct reading reading; /* read_ms and read_ns by Okta's clock; the memberships: of applications
                               and groups that the rules name */
    int64_t updated_ns;     /* when the user's own object changed last; 0 = not said */
    const struct span *gone; /* of the applications and groups that were asked for: do not exist */
    size_t n_gone;
};

/* Texts are copied to a. */
void user_reading_make(struct arena *a, const struct rules *rules, const struct names *names,
                       const struct okta_person *person, const struct okta_interest *interest,
                       struct span user_id, int64_t read_ms, struct user_reading *out);
/* Writes it, judges the person, and ends the look, all in the caller's transaction. A reading that
 * contradicts what events have just said is not believed yet: the look is put off, three times
 * (10 s, 1 min, 10 min); one of which no event speaks, that somebody is gone from something, is put
 * off once. *out_is_due: the person is due now. */
enum err user_reading_write(const struct judge *judge, struct store *store, struct arena *a,
                            const struct look *look, const struct user_reading *said,
                            int64_t now_ms, bool *out_is_due, struct fail *fail) WARN_UNUSED;

/* The profile as it is kept: a JSON object, its members sorted by name, so that equal profiles are
 * equal texts. Values too large for it (model/profile.h) are left out. */
struct span user_profile(struct arena *a, const struct okta_user *user);
/* First and last name, as Okta's events call somebody. */
struct span user_display_name(struct arena *a, const struct okta_user *user);

#endif
