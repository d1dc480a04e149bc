/* Users of a file who are to become agents: what is to be done about each row, and its hand-over to
 * whoever runs the engine on this store. Each becomes a person of its own (SOURCE_IMPORT,
 * model/person.h) until the agent is made. */
#ifndef ROSTER_CMD_IMPORT_H
#define ROSTER_CMD_IMPORT_H

#include "cmd/open.h"
#include "model/bulk.h"

enum import_verdict {
    IMPORT_NEW,     /* is to be made */
    IMPORT_GOES_ON, /* an import before has begun with it; what this file says counts now */
    IMPORT_KNOWN,   /* Roster manages an agent of that user name: left alone */
    IMPORT_EXISTS,  /* somebody else made an agent of that user name: left alone */
    IMPORT_VERDICTS
};

/* The user names of all agents of an instance, as copies. */
struct import_agents {
    struct arena arena;
    struct span *names; /* sorted after import_agents_sort */
    size_t n, room;
};

void import_agents_add(struct import_agents *agents, struct span user_name);
void import_agents_sort(struct import_agents *agents);
void import_agents_done(struct import_agents *agents);

struct import {
    const struct bulk *bulk;
    const struct import_agents *agents;
    struct span cause;             /* "import 4f2a1c9e": what makes them due */
    struct span actor;             /* who does it (cmd/deed.h) */
    enum import_verdict *verdicts; /* by row; in the arena of what was opened */
    size_t count[IMPORT_VERDICTS];
};

/* What is to be done about each row: sets verdicts and count. o->store may be NULL: there is none
 * yet. */
enum err import_judge(struct opened *o, struct import *import, struct fail *fail) WARN_UNUSED;
/* Hands that row over inside the caller's transaction, with its row in the audit log, by what the
 * store says now: *out is what is to be done about it by then, and nothing is written of one that
 * is left alone. All names must be ids by now. */
enum err import_hand_over(struct opened *o, const struct import *import, size_t row, int64_t now_ms,
                          enum import_verdict *out, struct fail *fail) WARN_UNUSED;
/* The id of the person that stands for that row; in a. */
struct span import_id(struct arena *a, const struct bulk_row *row);
/* How many agents are to be made; how many calls of Amazon Connect that takes, and how long at the
 * pace that the settings allow. */
int64_t import_n(const struct import *import);
int64_t import_calls(const struct import *import);
double import_seconds(const struct import *import, const struct settings *s);
/* How many more than [Connect] MAX_AGENTS allows. */
int64_t import_beyond(const struct import *import, const struct settings *s);

#endif
