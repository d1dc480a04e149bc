/* Private to scan*.c: the scratch with its prepared statements. */
#ifndef ROSTER_STORE_SCAN_PRIVATE_H
#define ROSTER_STORE_SCAN_PRIVATE_H

#include "store/db.h"
#include "store/scan.h"

enum scan_slot {
    SCAN_USER_PUT,
    SCAN_USER_HEAP,
    SCAN_USERS,
    SCAN_USER_GET,
    SCAN_USERS_COUNT,
    SCAN_AGENT_PUT,
    SCAN_AGENT_HEAP,
    SCAN_AGENT_REMOVE,
    SCAN_AGENTS_OWNED,
    SCAN_AGENTS_REST,
    SCAN_AGENT_GET,
    SCAN_AGENT_AFTER,
    SCAN_AGENTS_OF,
    SCAN_AGENT_OF_NAME,
    SCAN_AGENT_TAKE,
    SCAN_AGENTS_COUNT,
    SCAN_AGENTS_HOLDING,
    SCAN_CHANGE_ADD,
    SCAN_CHANGE_RIVAL,
    SCAN_CHANGES,
    SCAN_CHANGE_GET,
    SCAN_CHANGE_REMOVE,
    SCAN_CHANGE_MOVE,
    SCAN_CHANGES_MOVE,
    SCAN_CHANGES_MOVE_LAST,
    SCAN_CHANGES_COUNT,
    SCAN_CHANGES_STEPS,
    SCAN_CHANGES_MARKED,
    SCAN_SAVED_PUT,
    SCAN_SAVED_MEET,
    SCAN_SAVED_GET,
    SCAN_SAVED_REST,
    SCAN_SLOTS /* how many */
};

struct scan {
    struct store base; /* only its db and file, for db.h */
    sqlite3_stmt *statements[SCAN_SLOTS];
    enum scan_slot agents;                    /* the walk under way */
    bool are_users_heaped, are_agents_heaped; /* scan_sort_late: not in order yet */
    bool has_agent_names, has_agent_ids, has_change_users;
    int64_t action, number; /* the walk over changes */
};

/* The statement of that slot, reset and ready to bind. */
enum err scan_prepare(struct scan *s, enum scan_slot slot, const char *sql, sqlite3_stmt **out,
                      struct fail *fail) WARN_UNUSED;
/* Makes an index when it is first needed: most scans need none. */
enum err scan_need_index(struct scan *s, bool *has, const char *sql, struct fail *fail) WARN_UNUSED;
/* Runs sql, which brings the heap into order, when there is one. */
enum err scan_sort_heap(struct scan *s, bool *is_heaped, const char *sql,
                        struct fail *fail) WARN_UNUSED;
/* Does nothing when they are in order. */
enum err scan_sort_agents(struct scan *s, struct fail *fail) WARN_UNUSED;
enum err scan_number(struct scan *s, sqlite3_stmt *row, int64_t *out,
                     struct fail *fail) WARN_UNUSED;

#endif
