/* Rolls: who is assigned to an application, as a listing has just shown it. Okta allows few
 * requests for the users of applications, so when many people are to be looked at, the
 * application's users are listed once, 500 at a time, and those who are found need not be asked for
 * one by one. Who is not found is asked for: absence from a listing proves nothing. On the loop
 * only. */
#ifndef ROSTER_ENGINE_ROLL_H
#define ROSTER_ENGINE_ROLL_H

#include <stdbool.h>

#include "base/arena.h"
#include "engine/judge.h"
#include "engine/okta_pause.h"
#include "okta/api.h"
#include "okta/person.h"

enum {
    ROLL_AGE_MS = 5 * 60 * 1000,
    ROLL_PAGE_MS = 2000,  /* a listing of so many pages is not repeated for so long, each */
    ROLL_MARGIN_MS = 500, /* listings lag behind events */
    ROLL_MEMBERS_MAX = 200000,
};

struct rolls;

struct rolls_options {
    struct okta_api *api;
    const struct judge *judge;
    struct okta_pause *pause;
    void (*read)(void *arg); /* a reading has ended, well or not */
    void *arg;
};

struct rolls *rolls_new(const struct rolls_options *options);
/* NULL is fine. */
void rolls_free(struct rolls *r);
/* Gives up what is being read. */
void rolls_stop(struct rolls *r);
/* So many looks are due that the rolls do not cover but could: reads them anew when that takes
 * fewer requests. False: it is being done, and the looks wait for it. */
bool rolls_consider(struct rolls *r, size_t n_uncovered);
/* Have the rolls been read behind what asked for the look? */
bool rolls_cover(const struct rolls *r, const struct look *look);
/* Would they be, were they read now? Who is asked for by a younger event is not worth a reading. */
bool rolls_could_cover(const struct rolls *r, const struct look *look);
/* What is known of the assignments of that user, who has these memberships in the store, when the
 * rolls cover the look. read_ms: when they themselves were read last, by Okta's clock; what the
 * rolls say is no news behind that, and an event that comes late may ask for a look then. In a. */
void rolls_find(const struct rolls *r, const struct look *look, int64_t read_ms,
                const struct membership *memberships, size_t n_memberships, struct arena *a,
                struct okta_interest *interest);

#endif
