/* One person being converged: from plan to plan until no step is left. Private to converge.c,
 * task.c and outcome.c. */
#ifndef ROSTER_ENGINE_TASK_H
#define ROSTER_ENGINE_TASK_H

#include "engine/converge.h"
#include "model/plan.h"

enum { TASKS_MAX = 32, OWN_WRITE_MS = 10 * 60 * 1000, PROBE_MS = 60 * 1000, QUIET_MS = 2000 };

/* CreateUser said "not found": the instance itself, or a profile? By what that is found out. */
enum task_look { LOOK_NONE, LOOK_DESCRIBE, LOOK_SEARCH };

struct task {
    struct converge *converge;
    bool is_used;
    struct arena arena; /* of this round: person, wanted, actual */
    struct person person;
    struct scope scope;
    struct entitlement wanted;
    struct actual actual;
    struct plan plan;
    enum task_look look;
    const char *operation; /* of the step under way */
    bool is_probe;         /* the operation was paused when this call was granted */
    int64_t step_id;
    struct pace_waiter waiter;
    struct connect_call *call;
    struct roster_change change;
    bool is_changing; /* change is with the roster */
    char *refusal;    /* what CreateUser said, while the instance is looked for */
};

struct converge {
    struct converge_options options;
    struct loop_timer *pump_timer, *watch_timer;
    struct task tasks[TASKS_MAX];
    size_t n_tasks;
    bool is_stopping;
    int64_t pumped_ms;      /* of clock_mono_ms: when it was last looked */
    size_t scan_from;       /* where the next search among the people who are due begins */
    int64_t quiet_until_ms; /* of clock_mono_ms: the store has just failed, so nothing is started */
    void (*idle)(void *arg);
    void *idle_arg;
};

/* What becomes of the person, as data: it is applied to their fresh row on the committer's
 * thread. */
struct outcome {
    const struct rules *rules;
    int64_t now_ms;
    int64_t facts_ns, app_user_name_ns; /* of the person that the task worked on */
    struct span user_name;
    bool sends_create; /* puts the ledger entry; not when the person has moved meanwhile */
    struct span create_name;
    bool has_moved; /* set by apply: nothing was sent, plan again */
    bool clears_sent, clears_taken, sets_taken, binds;
    struct span agent_id, agent_arn, agent_user_name;
    enum { NEXT_JUDGE, NEXT_AGAIN, NEXT_SET, NEXT_KEEP } next;
    int64_t wait_ms;         /* NEXT_AGAIN */
    bool counts_attempt;     /* NEXT_AGAIN */
    enum person_state state; /* NEXT_SET */
    struct span reason_code, reason;
};
void outcome_apply(struct person *p, const struct scope *scope, struct roster_change *change);
/* Full jitter (between nothing and the bound) over an exponential bound: 1 s, 2 s, 4 s, … 5 min. */
int64_t outcome_backoff_ms(int64_t attempts);

/* How often an operation that is paused for that code is probed. */
int64_t outcome_probe_ms(const char *code);

/* Begins with a person who is due; the task must be free. */
void task_start(struct task *t, const struct person *p);
/* Gives up before anything was sent; the person stays due. */
void task_drop(struct task *t);
/* Reads an answer: in outcome.c. Fills *o and the pause of the change; returns true when the task
 * goes on with a new plan. */
bool outcome_read(struct task *t, const struct connect_answer *answer, struct outcome *o);
/* For converge.c. */
void converge_task_ended(struct converge *c);
void converge_op_paused(struct converge *c, const char *operation);
void converge_tell(struct converge *c, const struct converge_news *news);

#endif
