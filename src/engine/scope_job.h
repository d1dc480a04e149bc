/* What a look at a group, an application or the scope writes: one transaction each. Private to
 * scope_look.c. */
#ifndef ROSTER_ENGINE_SCOPE_JOB_H
#define ROSTER_ENGINE_SCOPE_JOB_H

#include "engine/handback.h"
#include "engine/scope_compare.h"

enum scope_deed {
    SCOPE_STATE,   /* how the container is; when it is not well, the look ends */
    SCOPE_PAGE,    /* compares users */
    SCOPE_END,     /* compares what is missing, and the look ends */
    SCOPE_SWEEP,   /* the same, and it does not end */
    SCOPE_EXPAND,  /* asks for looks at containers, and the look ends */
    SCOPE_PUT_OFF, /* the look is put off */
    SCOPE_ASK,     /* asks for looks at containers */
};

struct scope_job {
    struct handback_job job;          /* first */
    struct scope_job *next, **before; /* in its owner's list */
    enum scope_deed deed;
    struct arena arena; /* its own texts and lists; the rest is borrowed from its owner */
    struct comparison comparison;
    struct look look;
    enum container_state state, state_before; /* SCOPE_STATE; before: set */
    struct listed *users;                     /* SCOPE_PAGE */
    size_t n_users;
    struct span *seen; /* SCOPE_END, SCOPE_SWEEP */
    size_t n_seen;
    struct container *containers; /* SCOPE_EXPAND, SCOPE_ASK */
    size_t n_containers;
    struct span digest;        /* SCOPE_EXPAND */
    int64_t again_ms;          /* SCOPE_PUT_OFF; SCOPE_STATE of a deleted one */
    int64_t asked;             /* set: looks at users that were asked for */
    struct comparison_end end; /* set */
    void *owner;
};

/* The write of the job, on the committer's thread, inside its transaction. */
enum err scope_job_write(struct handback_job *job, struct store *store, struct fail *fail);

#endif
