/* Users of a file who are to become agents: what of it is to be done, and its hand-over to whoever
 * runs the engine on this store. */
#ifndef ROSTER_CMD_IMPORT_H
#define ROSTER_CMD_IMPORT_H

#include "cmd/open.h"
#include "model/bulk.h"
#include "store/work.h"

#define IMPORT_CAUSE "operator import"
#define IMPORT_SOURCE "csv"

enum import_verdict {
    IMPORT_NEW,     /* is to be made */
    IMPORT_KNOWN,   /* Roster manages an agent of that user name already: left alone */
    IMPORT_WAITING, /* an import before has not come to its end yet: left alone */
    IMPORT_VERDICTS
};

struct import {
    const struct bulk *bulk;
    enum import_verdict *verdicts; /* by row; in the arena of what was opened */
    size_t count[IMPORT_VERDICTS];
};

/* What is to be done about each row, as far as the store tells; o->store may be NULL: there is none
 * yet. Whether an agent of that name is there that is nobody's, CreateUser tells. */
enum err import_judge(struct opened *o, const struct bulk *bulk, struct import *out,
                      struct fail *fail) WARN_UNUSED;
/* Hands the new ones over, inside the caller's transaction: a row of work (store/work.h) and one of
 * the audit log for each. All names must be ids by now. */
enum err import_hand_over(struct opened *o, const struct import *import, struct span actor,
                          int64_t now_ms, struct fail *fail) WARN_UNUSED;
/* What an agent of an import gets, as the work's payload: the row, and Roster's own tag. */
void import_add_payload(struct buf *out, const struct entitlement *wanted);
/* How many calls of Amazon Connect that takes, and how long at the pace that the settings allow. */
int64_t import_calls(const struct import *import);
int64_t import_duration_ms(const struct import *import, const struct settings *s);

#endif
