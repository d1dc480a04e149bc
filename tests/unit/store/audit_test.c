/* The audit log: what comes in, and that whoever changes it or takes something out is found. */
#include "audit_fixture.h"

/* ---- what comes in ---- */

static void test_rows(void **state)
{
    struct fixture *f = *state;
    struct person ada = {.source = SPAN("okta"), .id = SPAN("00uAda"), .login = SPAN("ada@acme")};

    assert_intact(f);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, &ada, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    fill(f);
    assert_intact(f);
    assert_seen(f, &(struct audit_ask){0},
                "1 step roster CreateUser 00uAda ada@acme {\"a\":1}>{\"a\":2}\n"
                "2 step roster CreateUser 00uBob  {\"a\":1}>{\"a\":2}\n"
                "3 action operator jane retry 00uAda ada@example.com >\n"
                "4 action operator jane release  ada@example.com >\n"
                "5 step roster DeleteUser 00uAda ada@acme {\"a\":1}>{\"a\":2}\n");
    assert_seen(f, &(struct audit_ask){.since_ms = 3000, .before_ms = 4000},
                "3 action operator jane retry 00uAda ada@example.com >\n");
    assert_seen(f,
                &(struct audit_ask){
                    .source = SPAN("okta"), .user_id = SPAN("00uAda"), .is_newest_first = true},
                "5 step roster DeleteUser 00uAda ada@acme {\"a\":1}>{\"a\":2}\n"
                "3 action operator jane retry 00uAda ada@example.com >\n"
                "1 step roster CreateUser 00uAda ada@acme {\"a\":1}>{\"a\":2}\n");
    assert_seen(f, &(struct audit_ask){.step = 2},
                "2 step roster CreateUser 00uBob  {\"a\":1}>{\"a\":2}\n");
    assert_seen(f, &(struct audit_ask){.since_ms = 4500, .is_newest_first = true},
                "5 step roster DeleteUser 00uAda ada@acme {\"a\":1}>{\"a\":2}\n");
}

/* What is rolled back was never there. */
static void test_rollback(void **state)
{
    struct fixture *f = *state;

    fill(f);
    assert_ok(f, store_begin(f->store, &f->fail));
    act(f, "00uAda", "retry", 6000);
    store_rollback(f->store);
    assert_intact(f);
    assert_ok(f, store_begin(f->store, &f->fail));
    act(f, "00uAda", "adopt", 7000);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_intact(f);
    assert_int_equal(sql_number(f, "SELECT max(id) FROM audit"), 6);
}

static void test_steps_close(void **state)
{
    struct fixture *f = *state;
    struct step_record *steps;
    int64_t n = 0;
    size_t n_steps;

    fill(f);
    assert_ok(f, store_begin(f->store, &f->fail));
    (void)add_step(f, "00uBob", "DeleteUser");
    assert_ok(f, store_commit(f->store, &f->fail));
    for (int round = 0; round < 2; round++) {
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, store_steps_close(f->store, 9000, &n, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_int_equal(n, round == 0 ? 1 : 0);
    }
    assert_ok(f, store_steps(f->store, &f->arena, SPAN("okta"), SPAN("00uBob"), 1, &steps, &n_steps,
                             &f->fail));
    assert_span(steps[0].outcome, "unclear");
    assert_int_equal(steps[0].answered_ms, 9000);
    assert_int_equal(sql_number(f, "SELECT count(*) FROM audit"), 6);
    assert_intact(f);
}

/* ---- tampering ---- */

static const char *const columns[] = {
    "id",    "at_ms",   "kind",   "actor", "step",         "source",     "instance", "operation",
    "cause", "outcome", "status", "code",  "request_id",   "detail",     "personal", "chain",
    "salt",  "user_id", "user",   "text",  "state_before", "state_after"};
enum { COLUMNS = sizeof(columns) / sizeof(columns[0]) };

/* Writes one changed value over that of a row, and undoes it; is it found? */
static void assert_change_found(struct fixture *f, int64_t id, const char *column,
                                const void *value, int n, bool is_text)
{
    sqlite3_stmt *change;
    char text[256];

    sql(f, "BEGIN");
    (void)snprintf(text, sizeof(text), "UPDATE audit SET %s = ?1 WHERE id = %d", column, (int)id);
    assert_int_equal(sqlite3_prepare_v2(f->store->db, text, -1, &change, NULL), SQLITE_OK);
    if (is_text)
        (void)sqlite3_bind_text(change, 1, value, n, SQLITE_STATIC);
    else
        (void)sqlite3_bind_blob(change, 1, value, n, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(change), SQLITE_DONE);
    assert_int_equal(sqlite3_finalize(change), SQLITE_OK);
    sql(f, "COMMIT");
    if (!is_found(f))
        fail_msg("row %d: a change of %s was not found", (int)id, column);
}

/* Each bit of the highest and the lowest byte, at each place; and one byte more, and one less. */
static void change_bytes(struct fixture *f, int64_t id, const char *column, const uint8_t *value,
                         int n, bool is_text)
{
    uint8_t changed[512];

    assert_true(n < (int)sizeof(changed));
    for (int i = 0; i < n; i++) {
        for (int bit = 0; bit < 8; bit += 3) {
            memcpy(changed, value, (size_t)n);
            changed[i] ^= (uint8_t)(1 << bit);
            assert_change_found(f, id, column, changed, n, is_text);
        }
    }
    memcpy(changed, value, (size_t)n);
    changed[n] = 'x';
    assert_change_found(f, id, column, changed, n + 1, is_text);
    if (n > 0)
        assert_change_found(f, id, column, changed, n - 1, is_text);
}

static void change_number(struct fixture *f, int64_t id, const char *column)
{
    char text[256], back[256];

    for (int bit = 0; bit < 62; bit += 7) {
        /* No other row may be in the way of a changed id. */
        (void)snprintf(text, sizeof(text),
                       "UPDATE OR IGNORE audit SET %s = (%s | %lld) - (%s & %lld) WHERE id = %d",
                       column, column, 1LL << bit, column, 1LL << bit, (int)id);
        sql(f, "SAVEPOINT try");
        sql(f, text);
        if (sqlite3_changes(f->store->db) == 0) {
            sql(f, "ROLLBACK TO try; RELEASE try");
            continue;
        }
        sql(f, "RELEASE try");
        if (!is_found(f))
            fail_msg("row %d: a change of %s was not found", (int)id, column);
        (void)snprintf(back, sizeof(back),
                       "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
        sql(f, back);
    }
}

static void test_each_byte(void **state)
{
    struct fixture *f = *state;

    fill(f);
    sql(f, "CREATE TABLE kept AS SELECT * FROM audit");
    for (int64_t id = 1; id <= 5; id++) {
        for (size_t c = 0; c < COLUMNS; c++) {
            uint8_t value[512];
            sqlite3_stmt *get;
            char text[128];
            int n, type;

            (void)snprintf(text, sizeof(text), "SELECT %s FROM kept WHERE id = %d", columns[c],
                           (int)id);
            assert_int_equal(sqlite3_prepare_v2(f->store->db, text, -1, &get, NULL), SQLITE_OK);
            assert_int_equal(sqlite3_step(get), SQLITE_ROW);
            type = sqlite3_column_type(get, 0);
            n = sqlite3_column_bytes(get, 0);
            if (n > 0)
                memcpy(value, sqlite3_column_blob(get, 0), (size_t)n);
            assert_int_equal(sqlite3_finalize(get), SQLITE_OK);
            if (type == SQLITE_INTEGER)
                change_number(f, id, columns[c]);
            else
                change_bytes(f, id, columns[c], value, n, type == SQLITE_TEXT);
            sql(f, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept");
        }
    }
    assert_intact(f);
}

static void test_missing(void **state)
{
    static const struct {
        const char *name, *sql;
        int64_t id;
        const char *word;
    } rows[] = {
        {"the first", "DELETE FROM audit WHERE id = 1", 1, "missing"},
        {"one between", "DELETE FROM audit WHERE id = 3", 3, "missing"},
        {"several between", "DELETE FROM audit WHERE id IN (2, 3)", 2, "up to 3 are missing"},
        {"the last", "DELETE FROM audit WHERE id = 5", 5, "cut off behind 4"},
        {"the last ones", "DELETE FROM audit WHERE id > 2", 5, "cut off behind 2"},
        {"all", "DELETE FROM audit", 5, "cut off behind 0"},
        {"the end, and its note",
         "DELETE FROM audit WHERE id = 5; DELETE FROM note WHERE name = 'audit_head'", 0,
         "missing or was changed"},
        {"the last moved up",
         "DELETE FROM audit WHERE id = 4; UPDATE audit SET id = 4 WHERE id = 5", 4, "changed"},
        {"two exchanged",
         "UPDATE audit SET id = 9 WHERE id = 2; UPDATE audit SET id = 2 WHERE id = 3;"
         "UPDATE audit SET id = 3 WHERE id = 9",
         2, "changed"},
        {"one more",
         "INSERT INTO audit SELECT 6, at_ms, kind, actor, step, source, instance,"
         " operation, cause, outcome, status, code, request_id, detail, personal,"
         " chain, salt, user_id, user, text, state_before, state_after FROM audit"
         " WHERE id = 5",
         6, "changed"},
        {"the note about the end",
         "UPDATE note SET value = CAST(replace(CAST(value AS TEXT), '5 ', '4 ') AS BLOB)"
         " WHERE name = 'audit_head'",
         5, "the note about the end"},
        {"the beginning, with a note of it",
         "DELETE FROM audit WHERE id < 3; UPDATE note SET value = (SELECT CAST('2 ' ||"
         " lower(hex(chain)) AS BLOB) FROM kept WHERE id = 2) WHERE name = 'audit_start'",
         2, "the beginning was cut off"},
    };
    struct fixture *f = *state;

    fill(f);
    sql(f, "CREATE TABLE kept AS SELECT * FROM audit; CREATE TABLE notes AS SELECT * FROM note");
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        print_message("# %s\n", rows[i].name);
        sql(f, rows[i].sql);
        assert_found(f, rows[i].id, rows[i].word);
        sql(f, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept;"
               "DELETE FROM note; INSERT INTO note SELECT * FROM notes");
        assert_intact(f);
    }
}

/* Somebody who also writes the note anew is found by a head that was noted before. */
static void test_anchor(void **state)
{
    struct fixture *f = *state;
    struct audit_head head, later;
    struct findings findings;

    fill(f);
    assert_ok(f, store_audit_head(f->store, &head, &f->fail));
    assert_int_equal(head.id, 5);
    assert_int_equal(verify(f, &head, &findings).findings, 0);
    assert_ok(f, store_begin(f->store, &f->fail));
    act(f, "00uBob", "retry", 6000);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(verify(f, &head, &findings).findings, 0);
    assert_ok(f, store_audit_head(f->store, &later, &f->fail));
    sql(f, "DELETE FROM audit WHERE id > 4; UPDATE note SET value = (SELECT CAST('4 ' ||"
           " lower(hex(chain)) AS BLOB) FROM audit WHERE id = 4) WHERE name = 'audit_head'");
    assert_intact(f);
    assert_int_equal(verify(f, &later, &findings).findings, 1);
    assert_non_null(strstr(findings.first, "not there"));
    /* Written on from there, as if nothing had been: the number is there again, and not its row. */
    assert_ok(f, store_begin(f->store, &f->fail));
    act(f, "00uBob", "retry", 5000);
    act(f, "00uBob", "retry", 6000);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_intact(f);
    assert_int_equal(verify(f, &head, &findings).findings, 1);
    assert_int_equal(findings.first_id, 5);
}

/* One flipped byte of the file, wherever the words of a row stand. */
static void test_file(void **state)
{
    static const char *const words[] = {"00uBob",    "event e-1", "operator jane", "SomeException",
                                        "{\"a\":2}", "by hand",   "DeleteUser"};
    static char bytes[FILE_MAX];
    struct fixture *f = *state;

    fill(f);
    /* So that these words stand nowhere else. */
    sql(f, "DELETE FROM step; DELETE FROM call_count; VACUUM");
    store_close(f->store);
    f->store = NULL;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        FILE *file = fopen(f->file, "r+b");
        struct audit_verdict verdict = {0};
        enum err err;
        char *at;
        size_t n;

        assert_non_null(file);
        n = fread(bytes, 1, sizeof(bytes), file);
        at = memmem(bytes, n, words[i], strlen(words[i]));
        assert_non_null(at);
        assert_int_equal(fseek(file, at - bytes, SEEK_SET), 0);
        assert_int_equal(fputc(*at ^ 1, file), (unsigned char)(*at ^ 1));
        assert_int_equal(fclose(file), 0);
        assert_ok(f, store_open(f->file, STORE_READ, &f->store, &f->fail));
        err = store_audit_verify(f->store, NULL, NULL, NULL, &verdict, &f->fail);
        if (err == ERR_NONE && verdict.findings == 0)
            fail_msg("a changed byte of '%s' was not found", words[i]);
        store_close(f->store);
        f->store = NULL;
        file = fopen(f->file, "r+b");
        assert_non_null(file);
        assert_int_equal(fseek(file, at - bytes, SEEK_SET), 0);
        assert_int_equal(fputc(*at, file), (unsigned char)*at);
        assert_int_equal(fclose(file), 0);
    }
    assert_ok(f, store_open(f->file, STORE_READ, &f->store, &f->fail));
    assert_intact(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_rows, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_rollback, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_steps_close, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_each_byte, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_missing, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_anchor, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_file, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
