/* The schema and its versions. PRAGMA user_version holds the version, PRAGMA application_id says
 * that the file is ours; both stand in the first 100 bytes of the file
 * (https://sqlite.org/fileformat2.html#the_database_header).
 *
 * Why it is shaped so: a commit writes every page that it has touched, so what decides the rate is
 * how many pages a new event about a new person touches. All tables grow at their end (rows are
 * numbered in the order of arrival, and memberships hang on the person's number); only two indexes,
 * one of event uuids and one of people's ids, are touched at random. */
#include "store/db.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"

enum {
    APPLICATION_ID = 0x526f7374, /* "Rost" */
    PAGE_SIZE = 4096,
    HEADER_SIZE = 100,
    HEADER_VERSION = 60,
    HEADER_APPLICATION = 68,
    WAL_TRIES = 50,
    WAL_PAUSE_MS = 20,
};

static const char version_1[] =
    /* uuid: 16 bytes for a canonical UUID, else the text. subjects: user ids, a blank between them.
     */
    "CREATE TABLE event ("
    " id INTEGER PRIMARY KEY, uuid ANY NOT NULL, source TEXT NOT NULL, received_ms INTEGER NOT "
    "NULL,"
    " published_ns INTEGER NOT NULL, type TEXT NOT NULL, via TEXT NOT NULL,"
    " skip_reason TEXT NOT NULL, skip_detail TEXT NOT NULL, subjects TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX event_uuid ON event (uuid, source);"
    /* state: NULL for somebody of whom only a membership is known yet, else 0 due, 1 in_step, 2
     * held, 3 failed, 4 parked, 5 removed, 6 out_of_scope (enum person_state, whose order is part
     * of the schema). */
    "CREATE TABLE person ("
    " number INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL,"
    " state INTEGER, due_ms INTEGER NOT NULL DEFAULT 0, due_since_ms INTEGER NOT NULL DEFAULT 0,"
    " since_ms INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,"
    " login TEXT NOT NULL DEFAULT '', display_name TEXT NOT NULL DEFAULT '',"
    " facts_ns INTEGER NOT NULL DEFAULT 0, app_user_name TEXT NOT NULL DEFAULT '',"
    " app_user_name_ns INTEGER NOT NULL DEFAULT 0, reason_code TEXT NOT NULL DEFAULT '',"
    " reason TEXT NOT NULL DEFAULT '', cause TEXT NOT NULL DEFAULT '',"
    " create_sent_ms INTEGER NOT NULL DEFAULT 0, create_sent_name TEXT NOT NULL DEFAULT '',"
    " name_taken_ms INTEGER NOT NULL DEFAULT 0, agent_id TEXT NOT NULL DEFAULT '',"
    " agent_arn TEXT NOT NULL DEFAULT '', agent_user_name TEXT NOT NULL DEFAULT '',"
    " agent_since_ms INTEGER NOT NULL DEFAULT 0, may_adopt INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE UNIQUE INDEX person_id ON person (id, source);"
    "CREATE INDEX person_state ON person (state, due_ms, due_since_ms) WHERE state IS NOT NULL;"
    /* person: person.number. kind: 97 application, 103 group, 117 account, 115 suspension (enum
     * membership_kind).
     */
    "CREATE TABLE membership ("
    " person INTEGER NOT NULL, kind INTEGER NOT NULL, container TEXT NOT NULL, name TEXT NOT NULL,"
    " is_member INTEGER NOT NULL, published_ns INTEGER NOT NULL,"
    " PRIMARY KEY (person, kind, container)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE step ("
    " id INTEGER PRIMARY KEY, sent_ms INTEGER NOT NULL, answered_ms INTEGER NOT NULL,"
    " source TEXT NOT NULL, user_id TEXT NOT NULL, instance TEXT NOT NULL, operation TEXT NOT NULL,"
    " cause TEXT NOT NULL, outcome TEXT NOT NULL, status INTEGER NOT NULL, code TEXT NOT NULL,"
    " request_id TEXT NOT NULL, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX step_user ON step (user_id, source);"
    "CREATE INDEX step_failed ON step (id) WHERE outcome = 'failed';"
    "CREATE TABLE call_count ("
    " operation TEXT PRIMARY KEY, sent INTEGER NOT NULL, throttled INTEGER NOT NULL,"
    " failed INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE skip_count (reason TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE pause ("
    " operation TEXT PRIMARY KEY, code TEXT NOT NULL, reason TEXT NOT NULL,"
    " since_ms INTEGER NOT NULL, probe_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE kept_body ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, received_ms INTEGER NOT NULL, size INTEGER NOT NULL,"
    " why TEXT NOT NULL, body BLOB NOT NULL) STRICT;"
    /* events: how many rows event has; counting them would read them all. */
    "CREATE TABLE total (events INTEGER NOT NULL) STRICT;"
    "INSERT INTO total VALUES (0);"
    "CREATE TABLE note (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;";

/* The whole lifecycle. The large texts stand last, so that a row's small columns are read without
 * them. due people are taken by (priority, due_ms); who waits before a gate is not taken. */
static const char version_2[] =
    "ALTER TABLE person ADD COLUMN display_name_ns INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;"
    "ALTER TABLE person ADD COLUMN needs_gate INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN removal INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN passed_changes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN left_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN contact_since_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN delete_sent_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN agent_deleted_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN judged_n INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN read_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN applied_ms INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN in_doubt INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE person ADD COLUMN status TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN left_why TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN old_agent_id TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN old_agent_arn TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN old_agent_name TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN profile TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN create_sent TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN applied TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN before_removal TEXT NOT NULL DEFAULT '';"
    "UPDATE person SET display_name_ns = facts_ns;"
    /* Who had left before this version did so by Okta's word. */
    "UPDATE person SET left_ms = since_ms WHERE reason_code = 'left' OR state = 6;"
    "DROP INDEX person_state;"
    "CREATE INDEX person_state ON person (state, needs_gate, priority, due_ms, due_since_ms)"
    " WHERE state IS NOT NULL;"
    "CREATE INDEX person_agent ON person (agent_user_name) WHERE agent_user_name <> '';"
    "CREATE TABLE look ("
    " source TEXT NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, due_ms INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, asked_ns INTEGER NOT NULL, cause TEXT NOT NULL,"
    " PRIMARY KEY (source, kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX look_due ON look (due_ms);"
    "CREATE INDEX look_order ON look (asked_ns = 0, due_ms);"
    "CREATE TABLE pin ("
    " kind INTEGER NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, since_ms INTEGER NOT NULL,"
    " name_now TEXT NOT NULL, PRIMARY KEY (kind, name)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE passage ("
    " gate INTEGER NOT NULL, at_ms INTEGER NOT NULL, source TEXT NOT NULL, user_id TEXT NOT NULL,"
    " PRIMARY KEY (gate, at_ms, source, user_id)) STRICT, WITHOUT ROWID;";

/* The audit log (audit.h): rows are numbered without a gap, personal and chain are SHA-256. The
 * notes hold the number and the chain of its last row, and of the last one that was pruned. */
#define NO_CHAIN "0000000000000000000000000000000000000000000000000000000000000000"
static const char version_3[] =
    "ALTER TABLE person ADD COLUMN restore TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE person ADD COLUMN old_agent_parked INTEGER NOT NULL DEFAULT 0;"
    "CREATE TABLE audit ("
    " id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL,"
    " step INTEGER NOT NULL, source TEXT NOT NULL, instance TEXT NOT NULL,"
    " operation TEXT NOT NULL, cause TEXT NOT NULL, outcome TEXT NOT NULL,"
    " status INTEGER NOT NULL, code TEXT NOT NULL, request_id TEXT NOT NULL,"
    " detail TEXT NOT NULL, personal BLOB NOT NULL, chain BLOB NOT NULL, salt BLOB NOT NULL,"
    " user_id TEXT NOT NULL, user TEXT NOT NULL, text TEXT NOT NULL, state_before TEXT NOT NULL,"
    " state_after TEXT NOT NULL) STRICT;"
    "CREATE INDEX audit_user ON audit (user_id) WHERE user_id <> '';"
    "CREATE INDEX audit_step ON audit (step) WHERE step <> 0;"
    "CREATE INDEX audit_kind ON audit (kind) WHERE kind <> 'step';"
    "INSERT INTO note (name, value) VALUES"
    " ('audit_head', CAST('0 " NO_CHAIN "' AS BLOB)),"
    " ('audit_start', CAST('0 " NO_CHAIN "' AS BLOB));"
    "CREATE INDEX step_sent ON step (id) WHERE outcome = 'sent';";

/* steps[n] leads from version n to n + 1. What has been released is never edited. */
static const char *const steps[] = {version_1, version_2, version_3};

static const struct schema schema = {steps, sizeof(steps) / sizeof(steps[0])};

static int64_t header_number(const unsigned char *p)
{
    return ((int64_t)p[0] << 24) | (p[1] << 16) | (p[2] << 8) | p[3];
}

static enum err judge(const struct store *s, const struct schema *wanted, int64_t application,
                      int64_t version, bool has_tables, struct fail *fail)
{
    if (application != APPLICATION_ID && (application != 0 || version != 0 || has_tables))
        return fail_set(fail, ERR_CONFLICT,
                        "%s is a database of another program; nothing was touched", s->file);
    if (version > wanted->version)
        return fail_set(fail, ERR_CONFLICT,
                        "the store %s was written by a newer roster (schema %lld, this program "
                        "knows %d); nothing was touched",
                        s->file, (long long)version, wanted->version);
    return ERR_NONE;
}

/* Power was lost while the very first page was written: SQLite's journal stands beside it still. */
static bool is_half_made(const struct store *s, sqlite3_int64 size)
{
    char *journal;
    bool is;

    if (s->mode == STORE_READ || size > PAGE_SIZE)
        return false;
    journal = mem_printf("%s-journal", s->file);
    is = fs_exists(journal);
    free(journal);
    return is;
}

/* Looks at the file's first bytes through SQLite's own handle, before SQLite makes -wal and -shm
 * files for it. (A handle of our own would drop this process's locks when closed:
 * https://sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_)
 */
static enum err judge_header(struct store *s, const struct schema *wanted, bool *is_empty,
                             struct fail *fail)
{
    unsigned char header[HEADER_SIZE];
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    int rc = sqlite3_file_control(s->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

    if (rc == SQLITE_OK)
        rc = file->pMethods->xFileSize(file, &size);
    if (rc == SQLITE_OK && size == 0) {
        *is_empty = true;
        return ERR_NONE;
    }
    if (rc == SQLITE_OK && size < HEADER_SIZE)
        rc = SQLITE_NOTADB;
    if (rc == SQLITE_OK)
        rc = file->pMethods->xRead(file, header, HEADER_SIZE, 0);
    if (rc == SQLITE_OK && memcmp(header, "SQLite format 3", 16) != 0)
        rc = SQLITE_NOTADB;
    if (rc == SQLITE_NOTADB && is_half_made(s, size)) {
        *is_empty = true; /* SQLite empties it before it does anything else */
        return ERR_NONE;
    }
    if (rc == SQLITE_NOTADB)
        return fail_set(fail, ERR_IO, "%s is no store: it does not begin as one", s->file);
    if (rc != SQLITE_OK)
        return db_fail(s, rc, fail);
    *is_empty = false;
    return judge(s, wanted, header_number(header + HEADER_APPLICATION),
                 header_number(header + HEADER_VERSION), false, fail);
}

static enum err read_number(struct store *s, const char *sql, int64_t *out, struct fail *fail)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &statement, NULL);
    enum err err = ERR_NONE;

    if (rc == SQLITE_OK)
        rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        *out = sqlite3_column_int64(statement, 0);
    else
        err = db_fail(s, rc, fail);
    (void)sqlite3_finalize(statement); /* repeats the failure of the step */
    return err;
}

/* The same question to SQLite, which also knows what still stands in the WAL. */
static enum err judge_content(struct store *s, const struct schema *wanted, int64_t *version,
                              struct fail *fail)
{
    int64_t application = 0, tables = 0;
    enum err err = read_number(s, "PRAGMA application_id", &application, fail);

    if (err == ERR_NONE)
        err = read_number(s, "PRAGMA user_version", version, fail);
    if (err == ERR_NONE)
        err = read_number(s, "SELECT count(*) FROM sqlite_schema", &tables, fail);
    return err != ERR_NONE ? err : judge(s, wanted, application, *version, tables > 0, fail);
}

/* Two processes may do this at once; SQLite does not wait for the other one here, so this does. */
static enum err use_wal(struct store *s, struct fail *fail)
{
    char page_size[64];
    int rc = SQLITE_BUSY;

    (void)sqlite3_snprintf(sizeof(page_size), page_size, "PRAGMA page_size = %d", PAGE_SIZE);
    for (int i = 0; i < WAL_TRIES && (rc & 0xff) == SQLITE_BUSY; i++) {
        if (i > 0)
            (void)sqlite3_sleep(WAL_PAUSE_MS);
        rc = sqlite3_exec(s->db, page_size, NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = sqlite3_exec(s->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
    }
    return rc == SQLITE_OK ? ERR_NONE : db_fail(s, rc, fail);
}

static enum err migrate(struct store *s, const struct schema *wanted, struct fail *fail)
{
    char numbers[96];
    int64_t version = 0;
    enum err err = db_exec(s, "BEGIN IMMEDIATE", fail);

    if (err != ERR_NONE)
        return err;
    /* Again under the lock: another process may have been faster. */
    err = judge_content(s, wanted, &version, fail);
    while (err == ERR_NONE && version < wanted->version)
        err = db_exec(s, wanted->steps[version++], fail);
    (void)sqlite3_snprintf(sizeof(numbers), numbers,
                           "PRAGMA application_id = %d; PRAGMA user_version = %d",
                           (int)APPLICATION_ID, wanted->version);
    if (err == ERR_NONE)
        err = db_exec(s, numbers, fail);
    if (err == ERR_NONE)
        err = db_exec(s, "COMMIT", fail);
    if (err != ERR_NONE && sqlite3_get_autocommit(s->db) == 0)
        (void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL); /* the first failure is told */
    return err;
}

/* Who may not migrate says what is to be done. */
static enum err refuse_older(const struct store *s, const struct schema *wanted, int64_t version,
                             struct fail *fail)
{
    if (version == 0)
        return fail_set(fail, ERR_NOT_FOUND, "the store %s is empty", s->file);
    return fail_set(fail, ERR_CONFLICT,
                    "the store %s has the older schema %lld; start `roster serve` once to bring "
                    "it to %d",
                    s->file, (long long)version, wanted->version);
}

enum err schema_bring(struct store *s, const struct schema *wanted, struct fail *fail)
{
    bool is_empty = false;
    int64_t version = 0;
    enum err err = judge_header(s, wanted, &is_empty, fail);

    if (err != ERR_NONE)
        return err;
    if (!is_empty)
        err = judge_content(s, wanted, &version, fail);
    if (err != ERR_NONE || version == wanted->version)
        return err;
    if (s->mode != STORE_CREATE)
        return refuse_older(s, wanted, version, fail);
    /* Not left to how SQLite was built: the VFS below counts on it (wal_vfs.h). */
    err = db_exec(s, "PRAGMA synchronous = FULL", fail);
    if (err == ERR_NONE && version == 0)
        err = use_wal(s, fail);
    return err != ERR_NONE ? err : migrate(s, wanted, fail);
}

enum err schema_prepare(struct store *s, struct fail *fail)
{
    return schema_bring(s, &schema, fail);
}
