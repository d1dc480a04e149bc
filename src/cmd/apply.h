/* Applying a plan: what an inspection found is handed over, person by person, and followed to its
 * end. */
#ifndef ROSTER_CMD_APPLY_H
#define ROSTER_CMD_APPLY_H

#include "cmd/carry.h"
#include "cmd/inspect.h"

struct apply_options {
    struct inspect *inspect; /* has run; its store is open for writing */
    struct span id;          /* of the plan: "plan ID" is the cause */
    bool is_saved;           /* only what the saved plan in the scratch says, as it says it */
    struct span detail;      /* of the row of the audit log; about nobody */
};

struct apply_result {
    struct carry_result carried;
    int64_t moved;   /* people who were refused: something of theirs is not as planned */
    int64_t in_step; /* nothing was to be done any more */
};

/* Complains when it comes to nothing. EXIT_FAILED when somebody failed, EXIT_STOPPED when somebody
 * was refused or is held by a guard. */
enum exit_code apply_run(const struct apply_options *options, struct apply_result *out);

#endif
