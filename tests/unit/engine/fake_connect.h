/* An Amazon Connect that stands in memory, behind the functions of connect/connect.h: agents with
 * unique names and all that they can have, quick connects, a search that lags behind, and faults on
 * demand. With the simulated time of sim.h. */
#ifndef ROSTER_TESTS_ENGINE_FAKE_CONNECT_H
#define ROSTER_TESTS_ENGINE_FAKE_CONNECT_H

#include <stdbool.h>

#include "base/arena.h"
#include "connect/connect.h"

enum {
    FAKE_CALLS = 4096,
    FAKE_AGENTS = 2048,
    FAKE_FAULTS = 8,
    FAKE_TEXT = 80,
    FAKE_QUICK = 16,
    FAKE_NAMES = 8
};

struct fake_call {
    const char *operation;
    char name[FAKE_TEXT]; /* the user name, the ARN, or the id */
    int64_t at_ms;
};

struct fake_agent {
    char id[FAKE_TEXT], arn[FAKE_TEXT], name[FAKE_TEXT];
    char managed_by[FAKE_TEXT], okta_id[FAKE_TEXT]; /* "" = no such tag */
    int64_t since_ms;
    bool is_gone, is_on_contact;
    struct entitlement has; /* tags among them */
};

struct fake_quick {
    char id[FAKE_TEXT], user_id[FAKE_TEXT];
    bool is_gone;
};

/* The next `count` calls of that operation are answered so. */
struct fake_fault {
    const char *operation; /* NULL = any */
    int count;
    enum err err;
    const char *code;
    int status;
    long retry_ms;
    bool carries_out; /* before it fails */
};

struct fake_connect {
    struct loop *loop;
    struct arena arena;
    int64_t latency_ms, search_lag_ms;
    int max_agents;                             /* more: LimitExceededException */
    void (*on_call)(const struct fake_call *c); /* when a call is made; may be NULL */
    struct fake_fault faults[FAKE_FAULTS];
    struct fake_agent agents[FAKE_AGENTS];
    int n_agents; /* those that are gone, too */
    struct fake_quick quicks[FAKE_QUICK];
    int n_quicks;
    bool needed_password; /* of the last CreateUser */
    const char *identity; /* "SAML" */
    struct named names[NAME_KINDS][FAKE_NAMES];
    int n_names[NAME_KINDS];
    struct fake_call calls[FAKE_CALLS];
    int n_calls;
    int n_counted; /* by fake_connect_writes */
};
extern struct fake_connect fake;

void fake_connect_reset(struct loop *loop);
void fake_connect_fail(struct fake_fault fault);
/* From now on none. */
void fake_connect_heal(void);
/* As the rule of fake_world.h has it: "sp-1", "rp-1", Ada Lovelace. */
struct fake_agent *fake_connect_add(const char *name, const char *managed_by, const char *okta_id);
void fake_connect_add_quick(const char *user_id);
/* The texts stay the caller's. */
void fake_connect_add_name(enum name_kind kind, const char *id, const char *name);
/* NULL when there is none. */
struct fake_agent *fake_connect_agent(const char *name);
/* Forgets the calls so far. */
void fake_connect_forget(void);
/* Calls so far. */
int fake_connect_count(const char *operation);
/* Of those that change something, since the last call of this function or the one above. */
int fake_connect_writes(void);
/* When the n-th call (from 0) of that operation was made; -1 = it was not. */
int64_t fake_connect_at(const char *operation, int n);

/* Does that operation only read? */
bool fake_connect_is_read(const char *operation);

#endif
