/* Opening: what is made, what is refused untouched, and how the schema's versions move forward. */
#include "fixture.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db.h"

enum { FILE_MAX = 1024 * 1024, OPENERS = 6 };

static size_t read_file(const char *path, char *out)
{
    FILE *file = fopen(path, "rb");
    size_t n;

    assert_non_null(file);
    n = fread(out, 1, FILE_MAX, file);
    (void)fclose(file);
    return n;
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0 && fclose(file) == 0);
    assert_int_equal(chmod(path, 0600), 0);
}

static int count_entries(const char *folder)
{
    DIR *d = opendir(folder);
    int n = 0;

    assert_non_null(d);
    while (readdir(d) != NULL)
        n++;
    (void)closedir(d);
    return n - 2;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(chmod(path, 0600), 0);
}

static int64_t read_sql(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return number;
}

/* Opening is refused in every mode, says why, and leaves file and folder as they were. */
static void refused(struct fixture *f, enum err wanted, const char *word)
{
    static char before[FILE_MAX], after[FILE_MAX];
    size_t n = read_file(f->file, before);
    int n_entries = count_entries(f->folder);

    for (int mode = STORE_CREATE; mode <= STORE_READ; mode++) {
        struct store *s = NULL;

        assert_int_equal(store_open(f->file, (enum store_mode)mode, &s, &f->fail), wanted);
        assert_null(s);
        if (strstr(f->fail.text, word) == NULL || strstr(f->fail.text, f->file) == NULL)
            fail_msg("mode %d: '%s' names neither '%s' nor the file", mode, f->fail.text, word);
        assert_int_equal(read_file(f->file, after), n);
        assert_memory_equal(before, after, n);
        assert_int_equal(count_entries(f->folder), n_entries);
    }
}

static void test_made(void **state)
{
    struct fixture *f = *state;
    struct stat info;
    char deep[200], above[200];

    (void)snprintf(above, sizeof(above), "%s/a", f->folder);
    (void)snprintf(deep, sizeof(deep), "%s/roster.store", above);
    assert_ok(f, store_open(deep, STORE_CREATE, &f->store, &f->fail));
    assert_int_equal(stat(deep, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(stat(above, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_int_equal(read_sql(f->store->db, "PRAGMA application_id"), 0x526f7374);
    assert_true(read_sql(f->store->db, "PRAGMA user_version") > 0);
    assert_int_equal(read_sql(f->store->db, "PRAGMA synchronous"), 2);
    assert_int_equal(read_sql(f->store->db, "SELECT count(*) FROM pragma_journal_mode"
                                            " WHERE journal_mode = 'wal'"),
                     1);
    store_close(f->store);
    f->store = NULL;
    (void)remove(deep);
    (void)rmdir(above);
}

static void test_open_to_all(void **state)
{
    struct fixture *f = *state;
    char deep[200];
    struct store *s = NULL;

    store_close(f->store);
    f->store = NULL;
    assert_int_equal(chmod(f->file, 0604), 0);
    refused(f, ERR_IO, "everybody can read the store");
    assert_int_equal(chmod(f->file, 0602), 0);
    refused(f, ERR_IO, "everybody can change the store");
    assert_non_null(strstr(f->fail.text, "chmod 600"));
    /* A group is whom the operator put into it: Kubernetes makes volumes so. */
    assert_int_equal(chmod(f->file, 0660), 0);
    assert_ok(f, store_open(f->file, STORE_WRITE, &s, &f->fail));
    store_close(s);
    assert_int_equal(chmod(f->folder, 01777), 0);
    (void)snprintf(deep, sizeof(deep), "%s/other", f->folder);
    assert_int_equal(store_open(f->file, STORE_READ, &s, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, "chmod 700"));
    assert_int_equal(store_open(deep, STORE_CREATE, &s, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, "everybody can write to"));
    assert_int_equal(access(deep, F_OK), -1);
    assert_int_equal(chmod(f->folder, 0700), 0);
}

static void test_none(void **state)
{
    struct fixture *f = *state;
    struct store *s = NULL;

    for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
        assert_int_equal(store_open(f->file, (enum store_mode)mode, &s, &f->fail), ERR_NOT_FOUND);
        assert_non_null(strstr(f->fail.text, f->file));
        write_file(f->file, "");
        assert_int_equal(store_open(f->file, (enum store_mode)mode, &s, &f->fail), ERR_NOT_FOUND);
        assert_int_equal(remove(f->file), 0);
    }
    assert_null(s);
    assert_int_equal(count_entries(f->folder), 0);
    assert_int_equal(store_open(f->folder, STORE_CREATE, &s, &f->fail), ERR_IO);
    assert_non_null(strstr(f->fail.text, "no regular file"));
    store_close(NULL);
}

static void test_newer(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    f->store = NULL;
    run_sql(f->file, "PRAGMA user_version = 9999");
    refused(f, ERR_CONFLICT, "newer");
}

/* Right after the newer program was killed its version may stand in the WAL only. */
static void test_newer_in_wal(void **state)
{
    struct fixture *f = *state;
    struct store *s = NULL;

    assert_int_equal(sqlite3_exec(f->store->db, "PRAGMA user_version = 9999", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(store_open(f->file, STORE_CREATE, &s, &f->fail), ERR_CONFLICT);
    assert_int_equal(store_open(f->file, STORE_READ, &s, &f->fail), ERR_CONFLICT);
    assert_null(s);
    assert_int_equal(read_sql(f->store->db, "PRAGMA user_version"), 9999);
}

static void test_foreign(void **state)
{
    struct fixture *f = *state;

    run_sql(f->file, "CREATE TABLE song (name TEXT)");
    refused(f, ERR_CONFLICT, "another program");
    assert_int_equal(remove(f->file), 0);
    run_sql(f->file, "PRAGMA application_id = 17; PRAGMA user_version = 1");
    refused(f, ERR_CONFLICT, "another program");
    write_file(f->file, "my diary");
    refused(f, ERR_IO, "no store");
    write_file(f->file,
               "SQLite format 3 is what I should have written, and then a hundred bytes more "
               "of header, but I did not.");
    refused(f, ERR_IO, "no store");
}

/* ---- forward ---- */

static const char *const steps[] = {
    "CREATE TABLE thing (a INTEGER NOT NULL); INSERT INTO thing VALUES (1)",
    "ALTER TABLE thing ADD COLUMN b INTEGER NOT NULL DEFAULT 7",
    "UPDATE thing SET b = a + 1; CREATE INDEX thing_b ON thing (b)",
};
static const char *const broken[] = {
    "CREATE TABLE thing (a INTEGER NOT NULL); INSERT INTO thing VALUES (1)",
    "ALTER TABLE thing ADD COLUMN b INTEGER NOT NULL DEFAULT 7",
    "UPDATE thing SET b = 99; INSERT INTO nowhere VALUES (1)",
};

/* A connection to a file of its own, as store_open has it when it turns to the schema. */
static void bare_open(const struct fixture *f, struct store *s, enum store_mode mode)
{
    char path[128];

    fixture_path(f, "other", path);
    *s = (struct store){.file = mem_dup_str(path), .mode = mode};
    assert_int_equal(
        sqlite3_open_v2(path, &s->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_EXRESCODE, NULL),
        SQLITE_OK);
}

static void bare_close(struct store *s)
{
    assert_int_equal(sqlite3_close(s->db), SQLITE_OK);
    free(s->file);
}

static void test_forward(void **state)
{
    struct fixture *f = *state;
    struct store s;

    for (int version = 1; version <= 3; version++) {
        struct schema schema = {steps, version};

        bare_open(f, &s, STORE_CREATE);
        assert_ok(f, schema_bring(&s, &schema, &f->fail));
        assert_ok(f, schema_bring(&s, &schema, &f->fail)); /* changes nothing any more */
        assert_int_equal(read_sql(s.db, "PRAGMA user_version"), version);
        assert_int_equal(read_sql(s.db, version == 1   ? "SELECT a FROM thing"
                                        : version == 2 ? "SELECT b FROM thing"
                                                       : "SELECT b FROM thing INDEXED BY thing_b"),
                         version == 1   ? 1
                         : version == 2 ? 7
                                        : 2);
        bare_close(&s);
    }
    /* The older program refuses it now. */
    bare_open(f, &s, STORE_CREATE);
    assert_int_equal(schema_bring(&s, &(struct schema){steps, 2}, &f->fail), ERR_CONFLICT);
    bare_close(&s);
}

static void test_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct store s;

    bare_open(f, &s, STORE_CREATE);
    assert_ok(f, schema_bring(&s, &(struct schema){broken, 1}, &f->fail));
    assert_int_equal(schema_bring(&s, &(struct schema){broken, 3}, &f->fail), ERR_IO);
    assert_int_equal(read_sql(s.db, "PRAGMA user_version"), 1);
    assert_int_equal(read_sql(s.db, "SELECT count(*) FROM pragma_table_info('thing')"), 1);
    assert_ok(f, schema_bring(&s, &(struct schema){steps, 3}, &f->fail));
    bare_close(&s);
}

static void test_older_is_not_for_everybody(void **state)
{
    struct fixture *f = *state;
    struct store s;

    bare_open(f, &s, STORE_CREATE);
    assert_ok(f, schema_bring(&s, &(struct schema){steps, 1}, &f->fail));
    bare_close(&s);
    for (int mode = STORE_WRITE; mode <= STORE_READ; mode++) {
        bare_open(f, &s, (enum store_mode)mode);
        assert_int_equal(schema_bring(&s, &(struct schema){steps, 2}, &f->fail), ERR_CONFLICT);
        assert_non_null(strstr(f->fail.text, "older"));
        assert_int_equal(read_sql(s.db, "PRAGMA user_version"), 1);
        bare_close(&s);
    }
}

/* ---- a store of the first version ---- */

static void make_first_version(const struct fixture *f)
{
    static char sql[FILE_MAX];

    sql[read_file(TEST_DATA "/store-1.sql", sql)] = '\0';
    run_sql(f->file, sql);
}

static void check_person(struct fixture *f, const char *id, enum person_state person_state,
                         int64_t left_ms, struct person *p)
{
    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), span_of(id), p, &f->fail));
    if (p->state != person_state || p->left_ms != left_ms || p->removal != REMOVAL_NONE ||
        p->needs_gate || p->profile.n + p->applied.n + p->status.n != 0)
        fail_msg("%s: %s, left %lld", id, person_state_name(p->state), (long long)p->left_ms);
}

static void check_people(struct fixture *f)
{
    struct person p, *due;
    size_t n;

    check_person(f, "00uann", PERSON_DUE, 0, &p);
    assert_int_equal(p.due_ms + p.due_since_ms + p.attempts, 3000 + 2000 + 2);
    assert_int_equal(p.facts_ns, 7);
    assert_int_equal(p.display_name_ns, 7); /* one instant was kept of both */
    assert_span(p.app_user_name, "ann");
    assert_span(p.cause, "event 1");
    check_person(f, "00ubob", PERSON_IN_STEP, 0, &p);
    assert_span(p.agent_arn, "arn:bob");
    assert_int_equal(p.agent_since_ms, 400);
    check_person(f, "00ucid", PERSON_IN_STEP, 600, &p); /* had left by Okta's word */
    assert_span(p.reason_code, "left");
    check_person(f, "00udan", PERSON_HELD, 0, &p);
    assert_true(p.may_adopt);
    check_person(f, "00ueve", PERSON_OUT_OF_SCOPE, 800, &p);
    assert_int_equal(
        store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00ufay"), &p, &f->fail),
        ERR_NOT_FOUND);
    assert_ok(f,
              store_people_due(f->store, &f->arena, 5000, PRIORITY_NEW, 0, 10, &due, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_ok(f, store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("bob"),
                                      SPAN("00uann"), &p, &f->fail));
    assert_span(p.id, "00ubob");
}

static void check_the_rest(struct fixture *f)
{
    struct membership *memberships;
    struct event_row *events;
    struct step_record *records;
    struct call_count *calls;
    struct store_counts counts;
    struct kept_body *bodies;
    struct pause *pauses;
    struct span note;
    int64_t n_managed;
    size_t n;

    assert_ok(f,
              store_events(f->store, &f->arena, SPAN("00uann"), false, 9, &events, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(events[0].uuid, "9a3c9a10-0ab3-11f0-8f5e-7b1f0c1e9a7d");
    assert_ok(f, store_counts(f->store, 9000, &counts, &f->fail));
    assert_int_equal(counts.events, 2);
    assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00ucid"), &memberships,
                                   &n, &f->fail));
    assert_true(n == 1 && !memberships[0].is_member && memberships[0].published_ns == 9);
    assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00ufay"), &memberships,
                                   &n, &f->fail));
    assert_true(n == 1 && memberships[0].kind == MEMBERSHIP_ACCOUNT);
    assert_ok(f, store_steps(f->store, &f->arena, SPAN("okta"), SPAN("00ubob"), 9, &records, &n,
                             &f->fail));
    assert_int_equal(n, 1);
    assert_span(records[0].request_id, "r-1");
    assert_ok(f, store_call_counts(f->store, &f->arena, &calls, &n, &f->fail));
    assert_true(n == 1 && calls[0].sent == 3 && calls[0].throttled == 1);
    assert_ok(f, store_pauses(f->store, &f->arena, &pauses, &n, &f->fail));
    assert_true(n == 1 && pauses[0].probe_ms == 200);
    assert_ok(f, store_kept_bodies(f->store, &f->arena, &bodies, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(bodies[0].body, "abc");
    assert_ok(f, store_note_get(f->store, &f->arena, "rules_digest", &note, &f->fail));
    assert_span(note, "abc");
    assert_ok(f, store_managed_count(f->store, &n_managed, &f->fail));
    assert_int_equal(n_managed, 2);
}

static void test_first_version(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = fixture_event("9a3c9a10-0ab3-11f0-8f5e-7b1f0c1e9a7d", &subject, "00uann");
    struct store *s = NULL;
    bool is_new = true;

    make_first_version(f);
    assert_int_equal(store_open(f->file, STORE_READ, &s, &f->fail), ERR_CONFLICT);
    assert_non_null(strstr(f->fail.text, "older"));
    assert_ok(f, store_open(f->file, STORE_CREATE, &f->store, &f->fail));
    for (int i = 0; i < 2; i++) {
        check_people(f);
        check_the_rest(f);
        assert_ok(f, store_check(f->store, &f->fail));
        store_close(f->store);
        assert_ok(f, store_open(f->file, STORE_WRITE, &f->store, &f->fail));
    }
    /* And what it knows is still known. */
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_false(is_new);
}

/* A store that was migrated and one that is new are alike, but for the order of columns. */
static void test_same_schema(void **state)
{
    static const char shapes[] =
        "SELECT group_concat(shape, char(10)) FROM (SELECT m.name || ' ' || p.name || ' ' || p.type"
        " || ' ' || p.\"notnull\" || ' ' || coalesce(p.dflt_value, '-') || ' ' || p.pk AS shape"
        " FROM sqlite_schema m, pragma_table_info(m.name) p WHERE m.type = 'table'"
        " UNION ALL SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
        " ORDER BY shape)";
    struct fixture *f = *state;
    char other[128];
    char *text[2];
    struct store *s;

    make_first_version(f);
    fixture_path(f, "new", other);
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *statement;

        assert_ok(f, store_open(i == 0 ? f->file : other, STORE_CREATE, &s, &f->fail));
        assert_int_equal(sqlite3_prepare_v2(s->db, shapes, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        text[i] = mem_dup_str((const char *)sqlite3_column_text(statement, 0));
        assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
        store_close(s);
    }
    assert_string_equal(text[0], text[1]);
    assert_non_null(strstr(text[0], "person needs_gate"));
    free(text[0]);
    free(text[1]);
}

/* ---- several at once ---- */

static void *open_one(void *arg)
{
    struct fixture *f = arg;
    struct store *s = NULL;
    struct fail fail;
    enum err err = store_open(f->file, STORE_CREATE, &s, &fail);

    store_close(s);
    return err == ERR_NONE ? NULL : arg;
}

static void test_at_once(void **state)
{
    struct fixture *f = *state;
    pthread_t threads[OPENERS];

    for (int i = 0; i < OPENERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, open_one, f), 0);
    for (int i = 0; i < OPENERS; i++) {
        void *failed;

        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
    assert_ok(f, store_open(f->file, STORE_WRITE, &f->store, &f->fail));
    assert_ok(f, store_check(f->store, &f->fail));
}

/* A reader beside a writer sees what is committed, and that something was. */
static void test_reader(void **state)
{
    struct fixture *f = *state;
    struct store *reader;
    int64_t before = 0, after = 0;
    struct span value;

    assert_ok(f, store_open(f->file, STORE_READ, &reader, &f->fail));
    assert_ok(f, store_version(reader, &before, &f->fail));
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_note_put(f->store, "a", SPAN("b"), &f->fail));
    assert_ok(f, store_note_get(reader, &f->arena, "a", &value, &f->fail));
    assert_null(value.p);
    assert_ok(f, store_version(reader, &after, &f->fail));
    assert_int_equal(before, after);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_note_get(reader, &f->arena, "a", &value, &f->fail));
    assert_span(value, "b");
    assert_ok(f, store_version(reader, &after, &f->fail));
    assert_int_not_equal(before, after);
    store_close(reader);
}

/* A write that failed spoils the transaction: nothing of it can be committed. */
static void test_spoiled(void **state)
{
    struct fixture *f = *state;
    struct span value;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_note_put(f->store, "a", SPAN("b"), &f->fail));
    assert_int_equal(db_exec(f->store, "INSERT INTO total VALUES (NULL)", &f->fail), ERR_IO);
    assert_int_equal(store_note_put(f->store, "c", SPAN("d"), &f->fail), ERR_IO);
    assert_int_equal(store_commit(f->store, &f->fail), ERR_IO);
    assert_ok(f, store_note_get(f->store, &f->arena, "a", &value, &f->fail));
    assert_null(value.p);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_note_put(f->store, "a", SPAN("b"), &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_made, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_open_to_all, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_none, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_newer, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_newer_in_wal, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_foreign, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_forward, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_all_or_nothing, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_older_is_not_for_everybody, fixture_folder,
                                        fixture_done),
        cmocka_unit_test_setup_teardown(test_first_version, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_same_schema, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_at_once, fixture_folder, fixture_done),
        cmocka_unit_test_setup_teardown(test_reader, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_spoiled, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
