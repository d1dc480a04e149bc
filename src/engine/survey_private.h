/* Private to survey*.c. */
#ifndef ROSTER_ENGINE_SURVEY_PRIVATE_H
#define ROSTER_ENGINE_SURVEY_PRIVATE_H

#include "base/buf.h"
#include "engine/name_search.h"
#include "engine/survey.h"
#include "model/plausible.h"
#include "okta/person.h"
#include "okta/read.h"

enum {
    SURVEY_TRIES = 8, /* of a page of Amazon Connect's */
    SURVEY_AGAIN_MS = 500,
    SURVEY_AGAIN_MAX_MS = 15000,
    SURVEY_AT_ONCE = 6,
    TROUBLES_MAX = 64
};

/* One agent that is being described, or one user that is being read. */
struct survey_worker {
    struct survey *survey;
    struct arena arena;
    struct scan_agent agent;
    struct entitlement found;
    struct span token;
    const char *operation;
    struct pace_waiter waiter;
    struct loop_timer *timer;
    struct connect_call *call;
    int tries;
    bool is_busy;
    struct okta_person_read *read;
    struct okta_interest interest;
    struct span user_id;
};

struct survey {
    struct survey_options options;
    struct survey_result result;
    struct arena arena;
    bool is_failed;
    struct fail fail;
    size_t n_under_way; /* of the parts: Okta, agents; when it is 0, done is called */

    /* Okta */
    struct name_search *names;
    struct drift_container *containers;
    struct span *searches;
    size_t n_searches, at;
    struct okta_read *read;
    int64_t shown; /* of the listing under way */
    uint64_t broken_before;

    /* agents */
    struct pace_waiter waiter;
    struct connect_call *call;
    struct loop_timer *timer;
    struct buf token;
    int tries;

    /* one user alone */
    struct span word, one; /* as they were asked for; their id */
    struct span one_agent;
    void (*after)(struct survey *s); /* the workers have come to an end; NULL = that was all */

    /* one by one */
    struct survey_worker workers[SURVEY_AT_ONCE];
    struct arena walk; /* of the two below: where the walk over listed agents stands */
    struct span last_owner, last_id;
    bool is_walking;
    const struct span *users, *agents;
    size_t n_users, n_agents, users_at, agents_at;
};

/* ---- survey.c ---- */

void survey_part_ended(struct survey *s);
/* Amazon Connect, or the scratch: the survey is of no use. */
void survey_fail(struct survey *s, const struct fail *fail);
/* A part of Okta was not read: a line for people; nobody is removed because of it. */
void survey_trouble(struct survey *s, const char *text);
int64_t survey_pause_ms(int tries);
/* A call to Amazon Connect came through. */
void survey_called(struct survey *s, const char *operation);

/* ---- survey_okta.c ---- */

void survey_okta_begin(struct survey *s);
void survey_okta_cancel(struct survey *s);

/* ---- survey_one.c ---- */

/* The names are known. */
void survey_one_go(struct survey *s);

/* ---- survey_agents.c ---- */

void survey_agents_begin(struct survey *s);
enum err survey_put_agent(struct survey *s, const struct agent *agent,
                          const struct entitlement *found, bool is_described, struct fail *fail);

/* ---- survey_ask.c ---- */

void survey_workers_init(struct survey *s);
void survey_workers_done(struct survey *s);
void survey_workers_go(struct survey *s);

#endif
