/* Private to store/: the connection with its prepared statements, and how SQLite's codes become
 * ours.
 *
 * Statements are prepared once per connection and kept (a slot each); values are bound without a
 * copy, so a statement must be run before its values go away. Nothing here is thread-safe: a
 * connection belongs to one thread. */
#ifndef ROSTER_STORE_DB_H
#define ROSTER_STORE_DB_H

#include <sqlite3.h>

#include "store/store.h"

enum db_slot {
    DB_BEGIN,
    DB_COMMIT,
    DB_DATA_VERSION,
    DB_EVENT_ADD,
    DB_EVENT_COUNT_ADD,
    DB_EVENTS_OLDEST,
    DB_EVENT_REMOVE,
    DB_EVENT_LAST,
    DB_EVENTS,
    DB_KEPT_BODY_ADD,
    DB_KEPT_BODY_TRIM,
    DB_KEPT_BODIES,
    DB_MEMBERSHIP_PUT,
    DB_MEMBERSHIPS,
    DB_MEMBERSHIPS_PAGE,
    DB_PERSON_NUMBER,
    DB_PERSON_MENTION,
    DB_PERSON_GET,
    DB_PERSON_ADD,
    DB_PERSON_PUT,
    DB_PERSON_REMOVE,
    DB_MEMBERSHIPS_REMOVE,
    DB_PERSON_STATE,
    DB_PERSON_LABEL,
    DB_PEOPLE_DUE,
    DB_PEOPLE_DUE_FOR,
    DB_NEXT_DUE,
    DB_NEXT_DUE_FOR,
    DB_PEOPLE_EACH,
    DB_PEOPLE_PAGE,
    DB_PEOPLE_FIND,
    DB_PEOPLE_MAKE_DUE,
    DB_PEOPLE_BY_REASON,
    DB_GATE_WAITING,
    DB_PERSON_OF_NAME,
    DB_MANAGED_COUNT,
    DB_PASSAGE_ADD,
    DB_PASSAGES,
    DB_PASSAGES_TRIM,
    DB_LOOK_PUT,
    DB_LOOK_AT_SCOPE,
    DB_LOOKS_DUE,
    DB_NEXT_LOOK,
    DB_LOOK_GET,
    DB_LOOK_REMOVE,
    DB_LOOK_AGAIN,
    DB_HURRY_PEOPLE,
    DB_HURRY_GRACE,
    DB_HURRY_LEFT,
    DB_HURRY_LOOKS,
    DB_READING_CLEAR,
    DB_MEMBERS_COUNT,
    DB_MEMBERS_EACH,
    DB_PIN_PUT,
    DB_PIN_REMOVE,
    DB_PINS,
    DB_EVENT_LIST,
    DB_COUNT_STATES,
    DB_OLDEST_DUE,
    DB_STEP_ADD,
    DB_STEP_ANSWER,
    DB_STEP_GET,
    DB_STEPS_SENT,
    DB_STEPS_OF_PERSON,
    DB_STEPS_FAILED,
    DB_CALL_COUNT_ADD,
    DB_CALL_COUNT_ANSWER,
    DB_CALL_COUNTS,
    DB_SKIP_COUNT_ADD,
    DB_SKIP_COUNTS,
    DB_PAUSE_PUT,
    DB_PAUSE_REMOVE,
    DB_PAUSES,
    DB_NOTE_GET,
    DB_NOTE_PUT,
    DB_AUDIT_ADD,
    DB_AUDIT_EACH,
    DB_AUDIT_EACH_DOWN,
    DB_AUDIT_OF_USER,
    DB_AUDIT_OF_USER_DOWN,
    DB_AUDIT_OF_STEP,
    DB_AUDIT_ALL,
    DB_AUDIT_REDACTIONS,
    DB_AUDIT_INTEGRITY,
    DB_AUDIT_FIND_PERSON,
    DB_AUDIT_ERASE,
    DB_AUDIT_OLDEST,
    DB_AUDIT_REMOVE,
    DB_SLOTS /* how many */
};

enum { MEMO_TEXT = 64 };

/* The person that was looked up last in this transaction: an event asks for the same one four
 * times. */
struct db_memo {
    bool is_set;
    bool is_mention; /* the row was made by db_person_mention in this transaction and holds no
                        person yet */
    int64_t number;  /* 0 = there is no such row */
    size_t source_n, id_n;
    char source[MEMO_TEXT], id[MEMO_TEXT];
};

struct store {
    sqlite3 *db;
    char *file;
    enum store_mode mode;
    sqlite3_stmt *statements[DB_SLOTS];
    bool in_transaction;
    bool is_spoiled;      /* a statement failed in this transaction: it can only be rolled back */
    int64_t events_added; /* in this transaction, minus those removed */
    int wal_pages;        /* after the last commit, after store_own_checkpoints */
    struct db_memo memo;
};

/* ---- store.c ---- */

/* After this, commits do not checkpoint any more; store_wal_pages says how long the WAL has
 * become. */
void store_own_checkpoints(struct store *s);
int store_wal_pages(const struct store *s);
/* Copies what stands in the WAL into the file, as far as no reader is in the way, and syncs it. How
 * many pages of the WAL are copied by now; 0 also when it failed. */
int store_checkpoint(struct store *s);

/* Gives back what is kept in memory to be quicker next time. */
void store_release_memory(struct store *s);

/* ---- schema.c ---- */

/* What leads from version n to n + 1, and how many there are. */
struct schema {
    const char *const *steps;
    int version;
};

/* Refuses what is no store of ours or a newer one, before anything is written; makes or migrates
 * the schema to this program's version, all of it or nothing. */
enum err schema_prepare(struct store *s, struct fail *fail) WARN_UNUSED;
/* The same with another schema. */
enum err schema_bring(struct store *s, const struct schema *wanted, struct fail *fail) WARN_UNUSED;

/* ---- db.c ---- */

/* The reaction to SQLite's result code and a text that names the file. */
enum err db_fail(struct store *s, int rc, struct fail *fail);
/* Runs SQL text that gives no rows. */
enum err db_exec(struct store *s, const char *sql, struct fail *fail) WARN_UNUSED;
/* The statement of that slot, ready to bind. A statement that writes is refused in a spoiled
 * transaction. */
enum err db_read(struct store *s, enum db_slot slot, const char *sql, sqlite3_stmt **out,
                 struct fail *fail) WARN_UNUSED;
enum err db_write(struct store *s, enum db_slot slot, const char *sql, sqlite3_stmt **out,
                  struct fail *fail) WARN_UNUSED;
void db_bind_int(sqlite3_stmt *statement, int i, int64_t value);
void db_bind_text(sqlite3_stmt *statement, int i, struct span text);
/* Runs a statement that gives no rows, and resets it. */
enum err db_run(struct store *s, sqlite3_stmt *statement, struct fail *fail) WARN_UNUSED;
/* One row on; *has_row false at the end. Resets the statement at the end and on failure; who stops
 * before resets it. */
enum err db_next(struct store *s, sqlite3_stmt *statement, bool *has_row,
                 struct fail *fail) WARN_UNUSED;
/* A copy of column i in a; p is never NULL. */
struct span db_text(sqlite3_stmt *statement, int i, struct arena *a);
/* Every row of a statement that is ready to run, as an array in a: read fills an item of that size
 * from its row. */
enum err db_list(struct store *s, sqlite3_stmt *rows, struct arena *a, size_t size,
                 void (*read)(sqlite3_stmt *row, struct arena *a, void *item), void **out,
                 size_t *out_n, struct fail *fail) WARN_UNUSED;
/* Room for one more element behind n in an array in a; call with the array or NULL. */
void *db_more(struct arena *a, void *array, size_t n, size_t size);

/* ---- person_numbers.c ---- */

/* Is the last one looked up in this transaction that person? */
bool db_memo_is_about(const struct db_memo *memo, struct span source, struct span id);
void db_memo_set(struct store *s, struct span source, struct span id, int64_t number);

/* The number of the row of that person, 0 when there is none. */
enum err db_person_number(struct store *s, struct span source, struct span id, int64_t *out,
                          struct fail *fail) WARN_UNUSED;
/* The same; makes the row, without a state, when there is none. */
enum err db_person_mention(struct store *s, struct span source, struct span id, int64_t *out,
                           struct fail *fail) WARN_UNUSED;

#endif
