/* One person being converged: from plan to plan until no step is left. Private to converge.c,
 * task*.c and outcome*.c. */
#ifndef ROSTER_ENGINE_TASK_H
#define ROSTER_ENGINE_TASK_H

#include "engine/admins.h"
#include "engine/converge.h"
#include "engine/quick_connects.h"
#include "model/plan_facts.h"

enum {
    TASKS_MAX = 40,
    TASKS_OF_REMOVALS = 8, /* so many are left to removals alone */
    OP_TASKS_MAX = 8, /* of one priority that wait for one operation: a long queue for one must not
                         take all tasks */
    OWN_WRITE_MS = 10 * 60 * 1000,
    PROBE_MS = 60 * 1000,
    QUIET_MS = 2000
};

/* What is being asked of Amazon Connect. */
enum task_ask {
    ASK_STEP,          /* to do the plan's step */
    ASK_PROFICIENCIES, /* behind DescribeUser: the rest of what the agent has */
    ASK_QUICK,         /* a part of STEP_DELETE_QUICK_CONNECTS */
    ASK_AGENT,         /* something was not found: the agent itself? */
    ASK_INSTANCE,      /* … or the instance? By DescribeInstance, */
    ASK_SEARCH,        /* or, without the right to that, by SearchUsers */
    ASK_ADMIN_PROFILE, /* before access is taken away: which security profile is administrators', */
    ASK_ADMINS,        /* and who has it */
};

/* What a step was refused with, while it is found out what it means. */
struct refusal {
    enum err err;
    char *text;
    const char *operation;
    bool is_probe;
};

struct task {
    struct converge *converge;
    bool is_used;
    struct arena arena; /* of this task: person, facts, wanted, actual */
    struct person person;
    struct roster_facts facts;
    struct plan_wants wants;
    struct actual actual;
    struct plan plan;
    enum step_op op; /* the step of the plan that is being done */
    enum task_ask asks;
    const char *operation; /* of what is asked */
    bool is_probe;         /* the operation was paused when this call was granted */
    int64_t step_id;
    struct pace_waiter waiter;
    struct connect_call *call;
    struct roster_change change;
    bool is_changing;         /* change is with the roster */
    struct refusal refused;   /* ASK_AGENT, ASK_INSTANCE, ASK_SEARCH */
    int64_t was_in_doubt;     /* before the call under way was sent */
    int64_t had_sent_ms;      /* person.create_sent_ms before the call under way was sent */
    bool may_be_deleted;      /* a DeleteUser was sent before the one under way */
    bool is_sought;           /* … the agent by its name, and has not found it */
    bool is_described;        /* this task has looked at what the agent has */
    bool is_contact_free;     /* this task's look found no contact */
    struct entitlement found; /* ASK_PROFICIENCIES: what DescribeUser said, and so far … */
    struct span token;        /* … and where to go on */
    enum quick_ask quick;     /* ASK_QUICK */
    struct span quick_id;     /* ASK_QUICK: a quick connect, or a token */
    struct person rival;      /* who claims the same user name; id empty = nobody */
};

struct converge {
    struct converge_options options;
    struct loop_timer *pump_timer, *watch_timer;
    struct quick_connects *quick_connects;
    struct admins *admins;
    struct task tasks[TASKS_MAX];
    size_t n_tasks;
    bool is_open, is_stopping;
    bool has_templates;                         /* attributes may give names */
    int64_t pumped_ms;                          /* of clock_mono_ms: when it was last looked */
    int64_t futile_until_ms[PERSON_PRIORITIES]; /* of clock_mono_ms: the last search found nobody */
    size_t scan_from[PERSON_PRIORITIES];        /* where the next search among those due begins */
    int64_t pass_began_ms[PERSON_PRIORITIES];   /* of clock_mono_ms: of the search under way */
    int64_t passed_ms[PERSON_PRIORITIES];       /* when the last one that saw everybody began */
    int64_t quiet_until_ms; /* of clock_mono_ms: the store has just failed, so nothing is started */
    void (*idle)(void *arg);
    void *idle_arg;
};

/* What becomes of the person, as data: it is applied to their fresh row on the committer's
 * thread. */
struct outcome {
    const struct rules *rules;
    int64_t now_ms;
    int64_t judged_n; /* of the person the task worked on */
    bool has_moved;   /* set by apply: they were judged anew meanwhile */

    /* Before something is sent: not when the person has moved. */
    bool sends, sends_create, sends_removal, sends_delete;
    int64_t sends_aspects; /* 1 << ASPECT_… */
    struct span create_name;
    struct span carries; /* CreateUser: what it carries. Lists: what the agent may have then */

    /* The ledger. */
    int64_t had_sent_ms; /* clears_sent: an earlier CreateUser may still have been carried out */
    bool clears_sent, clears_taken, sets_taken, clears_delete;
    bool binds_found; /* besides binds: what it has is not known */
    bool binds;       /* what is bound already becomes the former agent */
    struct span agent_id, agent_arn, agent_user_name;
    int64_t clears_doubt; /* of those aspects it is known again what the agent has */
    bool sets_applied;
    bool restores_applied;      /* it is what it was before the call was sent */
    struct span applied;        /* empty = not known */
    struct span before_removal; /* kept when it is not empty and nothing is kept yet */
    int64_t parks_old;          /* the former agent is parked in these aspects, 1 << ASPECT_… */
    bool is_on_old;             /* of the two below: the former agent */
    bool deletes;               /* the agent is gone, its quick connects are next */
    bool forgets;               /* and they are gone, too */
    bool unbinds;               /* somebody else has deleted it */
    enum { CONTACT_SAME, CONTACT_FOUND, CONTACT_NONE } contact;

    enum {
        NEXT_KEEP,
        NEXT_JUDGE,
        NEXT_AGAIN, /* after wait_ms */
        NEXT_GATE,  /* wait before `gate` */
        NEXT_SET    /* `state` */
    } next;
    int64_t wait_ms;
    bool counts_attempt;
    enum gate gate;
    int64_t priority;
    enum person_state state;
    struct span reason_code, reason; /* AGAIN, SET */
};
void outcome_apply(struct person *p, const struct scope *scope, struct roster_change *change);
void outcome_again(struct outcome *o, int64_t wait_ms, bool counts_attempt);
/* Full jitter (between nothing and the bound) over an exponential bound: 1 s, 2 s, 4 s, … 5 min. */
int64_t outcome_backoff_ms(int64_t attempts);
int64_t outcome_doubled_ms(int64_t first_ms, int64_t last_ms, int64_t attempts);
/* How often an operation that is paused for that code is probed. */
int64_t outcome_probe_ms(const char *code);

/* ---- outcome.c: what failures mean ---- */

/* The person fails for what `fail` says. */
void outcome_refuse(struct task *t, struct outcome *o, const char *operation,
                    const struct fail *fail);
void outcome_pause_for_instance(struct task *t, struct outcome *o, const char *operation);
/* The operation works again when a probe showed it. */
void outcome_unpause(struct task *t, const char *operation, bool is_probe);
/* What every operation's failures have in common. */
void outcome_fail(struct task *t, const struct connect_answer *answer, struct outcome *o);
bool outcome_is_own_write_recent(const struct task *t, int64_t now_ms);

/* ---- outcome_read.c ---- */

/* Reads an answer. Fills *o and the pause of the change; returns true when the task goes on: with
 * what t->asks says, or, when that is ASK_STEP, with a new plan. */
bool outcome_read(struct task *t, const struct connect_answer *answer, struct outcome *o);
/* What of the deletion of quick connects is next; false: the task ends for now. */
bool outcome_quick_next(struct task *t, struct outcome *o);

/* ---- task.c ---- */

/* Begins with a person who is due; the task must be free. False when there is nothing to be done
 * for them now: the task is free again. */
bool task_start(struct task *t, const struct person *p);
/* Gives up before anything was sent; the person stays due. */
void task_drop(struct task *t);
struct outcome *task_change(struct task *t,
                            void (*done)(struct roster_change *, enum err, const struct fail *));
void task_change_send(struct task *t);
/* The change is written, and the task has come to its end. */
void task_ended(struct roster_change *change, enum err err, const struct fail *fail);
/* The change is written, and the task goes on. */
void task_goes_on(struct roster_change *change, enum err err, const struct fail *fail);
void task_answered(void *arg, const struct connect_answer *answer);
/* Waits for leave to ask what t->asks says; false when the operation is closed or taken by others
 * already. */
bool task_wait(struct task *t);

/* ---- task_plan.c ---- */

/* Plans and goes on with the first step; false when nothing can be done now. */
bool task_plan(struct task *t);
/* The operation of what t->asks says. */
const char *task_operation(const struct task *t);

/* ---- task_send.c ---- */

void task_send(struct task *t);
/* What is asked changes something in Amazon Connect. */
bool task_writes(const struct task *t);
/* The aspects of the bound agent that the step changes: 1 << ASPECT_…; 0 = none. */
int64_t task_aspects(const struct task *t);
/* What the agent may have once the step under way is sent, of those that give something: as JSON in
 * a; empty = as before. */
struct span task_carries(struct task *t, struct arena *a);
/* As JSON in a; empty when it is too large to be kept. */
struct span task_entitlement_text(struct arena *a, const struct entitlement *e);
/* The agent that the plan's steps concern. */
struct span task_agent_id(const struct task *t);

/* ---- task_admin.c ---- */

/* Does the step take the last administrator away? When it has to be asked first, t->asks says
 * what. */
enum admins_verdict task_judge_admins(struct task *t);
struct connect_call *task_send_for_admins(struct task *t);
/* As outcome_read, for either. */
bool outcome_read_admins(struct task *t, const struct connect_answer *answer, struct outcome *o);

/* ---- converge.c ---- */

void converge_task_ended(struct converge *c);
void converge_op_paused(struct converge *c, const char *operation);
void converge_tell(struct converge *c, const struct converge_news *news);
/* Is there room for one more of that priority who waits for that operation? */
bool converge_has_room(const struct converge *c, const char *operation, int64_t priority);

#endif
