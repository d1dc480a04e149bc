/* The scratch of one scan: what Okta and Amazon Connect showed, row by row, in the order of Okta
 * ids, and what is to be made of it. A SQLite file of its own without a name, so that nothing is
 * written into the roster, memory stays bounded whatever the number of people, and nothing is left
 * behind. Belongs to one thread. Texts in results are in the arena that is given.
 *
 * Facts: https://sqlite.org/pragma.html#pragma_journal_mode, https://sqlite.org/withoutrowid.html,
 * https://sqlite.org/tempfiles.html, https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html
 */
#ifndef ROSTER_STORE_SCAN_H
#define ROSTER_STORE_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/span.h"

struct scan;

/* beside: the store's file, in whose folder the scratch lies; where that cannot be written to,
 * $TMPDIR or /tmp. */
enum err scan_open(const char *beside, struct scan **out, struct fail *fail) WARN_UNUSED;
/* Before the first row: users and agents are not kept in order one by one, but sorted once, by the
 * first call that asks for any of them. Less work by far when there are many, but that call takes
 * as long as sorting takes (seconds for a million): not for a thread that others wait for. SQLite
 * sorts in its folder for temporary files ($SQLITE_TMPDIR, $TMPDIR, /var/tmp, /tmp); where there is
 * none, they are kept in order all the same. */
enum err scan_sort_late(struct scan *s, struct fail *fail) WARN_UNUSED;
/* Sorts now what is not yet in order. */
enum err scan_sort(struct scan *s, struct fail *fail) WARN_UNUSED;
/* NULL is fine. */
void scan_close(struct scan *s);

/* ---- users, as Okta shows them ---- */

enum { SCAN_CONTAINERS = 4096 };

struct scan_user {
    struct span id, status, login, display_name, app_user_name;
    struct span profile;        /* model/profile.h */
    const uint16_t *containers; /* numbers of applications and groups that they are in: the
                                   caller's, below SCAN_CONTAINERS */
    size_t n_containers;
    bool is_read; /* read by itself, so what it does not show is not so; else from listings */
};
/* Somebody may be shown several times, by one listing or by several: the containers are united, of
 * the rest what is not empty counts. One that is read by itself replaces what listings said, and is
 * not replaced by them. */
enum err scan_user_put(struct scan *s, const struct scan_user *user, struct fail *fail) WARN_UNUSED;
/* Walks them in the order of ids, from the first one on. */
enum err scan_users_first(struct scan *s, struct fail *fail) WARN_UNUSED;
enum err scan_users_next(struct scan *s, struct arena *a, struct scan_user *out, bool *out_has,
                         struct fail *fail) WARN_UNUSED;
enum err scan_user_get(struct scan *s, struct arena *a, struct span id, struct scan_user *out,
                       bool *out_has, struct fail *fail) WARN_UNUSED;
/* How many there are, and how many are in that container. */
enum err scan_users_count(struct scan *s, int64_t *out, struct fail *fail) WARN_UNUSED;

/* ---- agents, as Amazon Connect shows them ---- */

struct scan_agent {
    struct span id, arn, user_name;
    struct span owner;       /* the Okta id that it bears; only of this deployment's, else "" */
    struct span entitlement; /* JSON (model/entitlement.h) */
    bool is_described;       /* by DescribeUser, else by a listing */
    bool is_taken;           /* scan_agent_take was called for it */
};
/* The same id replaces. */
enum err scan_agent_put(struct scan *s, const struct scan_agent *agent,
                        struct fail *fail) WARN_UNUSED;
/* Walks those with an owner in the order of owners, or those without one. */
enum err scan_agents_first(struct scan *s, bool is_owned, struct fail *fail) WARN_UNUSED;
enum err scan_agents_next(struct scan *s, struct arena *a, struct scan_agent *out, bool *out_has,
                          struct fail *fail) WARN_UNUSED;
enum err scan_agent_get(struct scan *s, struct arena *a, struct span id, struct scan_agent *out,
                        bool *out_has, struct fail *fail) WARN_UNUSED;
/* The next one with an owner behind that owner and id. */
enum err scan_agent_after(struct scan *s, struct arena *a, struct span owner, struct span id,
                          struct scan_agent *out, bool *out_has, struct fail *fail) WARN_UNUSED;
/* Of that owner, at most max, in the order of ids; *out_n of them. */
enum err scan_agents_of(struct scan *s, struct arena *a, struct span owner, size_t max,
                        struct scan_agent *out, size_t *out_n, struct fail *fail) WARN_UNUSED;
enum err scan_agent_of_name(struct scan *s, struct arena *a, struct span user_name,
                            struct scan_agent *out, bool *out_has, struct fail *fail) WARN_UNUSED;
/* Something else has been said of it already. */
enum err scan_agent_take(struct scan *s, struct span id, struct fail *fail) WARN_UNUSED;
/* Those of which the entitlement names that security profile. */
enum err scan_agents_holding(struct scan *s, struct span security_profile_id, int64_t *out,
                             struct fail *fail) WARN_UNUSED;
enum err scan_agents_count(struct scan *s, int64_t *out, struct fail *fail) WARN_UNUSED;

/* ---- what is to be made of it ---- */

/* Numbers, so that rows are ordered by them; what they mean is the caller's. */
struct scan_change {
    int64_t action, number; /* number: in the order of scan_change_add, set by it */
    int64_t bound;          /* a set that is judged as one; 0 = none */
    struct span user_id, agent_id, user, because;
    struct span claim; /* the user name that a new agent is to bear; "" = none */
    struct span digest;
    struct span steps;     /* a letter each, the caller's; "" = none now */
    bool is_marked;        /* the caller's */
    int64_t not_before_ms; /* 0 = now */
    struct span body;      /* the caller's */
};
/* *out_rival: the number of another change that claims the same name; 0 = there is none. */
enum err scan_change_add(struct scan *s, struct scan_change *change, int64_t *out_rival,
                         struct fail *fail) WARN_UNUSED;
/* Walks those of that action in the order of numbers. Those may be moved meanwhile. */
enum err scan_changes_first(struct scan *s, int64_t action, struct fail *fail) WARN_UNUSED;
enum err scan_changes_next(struct scan *s, struct arena *a, struct scan_change *out, bool *out_has,
                           struct fail *fail) WARN_UNUSED;
enum err scan_change_get(struct scan *s, struct arena *a, struct span user_id,
                         struct scan_change *out, bool *out_has, struct fail *fail) WARN_UNUSED;
/* Takes back what was said of that user; *out_n: rows. */
enum err scan_change_remove(struct scan *s, struct span user_id, int64_t *out_n,
                            struct fail *fail) WARN_UNUSED;
/* Gives one another action and because. */
enum err scan_change_move(struct scan *s, int64_t number, int64_t action, struct span because,
                          struct fail *fail) WARN_UNUSED;
/* All of that bound and action. */
enum err scan_changes_move(struct scan *s, int64_t from_action, int64_t bound, int64_t action,
                           struct span because, struct fail *fail) WARN_UNUSED;
/* The last n of that action. */
enum err scan_changes_move_last(struct scan *s, int64_t from_action, int64_t n, int64_t action,
                                struct span because, struct fail *fail) WARN_UNUSED;
/* Calls fn for each different `steps` among those of that action, with how many have them. */
enum err scan_changes_steps(struct scan *s, int64_t action,
                            void (*fn)(void *arg, struct span steps, int64_t n), void *arg,
                            struct fail *fail) WARN_UNUSED;
/* The last one that is marked and of that action; 0 = there is none. *out_n: how many there are. */
enum err scan_changes_marked(struct scan *s, int64_t action, int64_t *out_n, int64_t *out_last,
                             struct fail *fail) WARN_UNUSED;
/* bound < 0 = any. */
enum err scan_changes_count(struct scan *s, int64_t action, int64_t bound, int64_t *out,
                            struct fail *fail) WARN_UNUSED;

/* ---- a plan that was saved before ---- */

struct scan_saved {
    struct span user_id, user, digest;
    int64_t action;
    bool is_met; /* scan_saved_get has found it */
};
enum err scan_saved_put(struct scan *s, const struct scan_saved *row,
                        struct fail *fail) WARN_UNUSED;
/* And marks it as met. */
enum err scan_saved_get(struct scan *s, struct arena *a, struct span user_id,
                        struct scan_saved *out, bool *out_has, struct fail *fail) WARN_UNUSED;
/* How many were never met. */
enum err scan_saved_rest(struct scan *s, int64_t *out, struct fail *fail) WARN_UNUSED;

#endif
