/* The audit log: erasing one person, and pruning, without breaking the chain. */
#include "audit_fixture.h"

/* ---- erasing ---- */

static bool file_has(const struct fixture *f, const char *suffix, const char *word)
{
    static char bytes[FILE_MAX];
    char path[160];
    FILE *file;
    size_t n;

    (void)snprintf(path, sizeof(path), "%s%s", f->file, suffix);
    file = fopen(path, "rb");
    if (file == NULL)
        return false;
    n = fread(bytes, 1, sizeof(bytes), file);
    (void)fclose(file);
    return memmem(bytes, n, word, strlen(word)) != NULL;
}

static int64_t redact(struct fixture *f, const char *id, const char *user)
{
    int64_t n = -1;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_audit_redact(f->store, SPAN("okta"), span_of(id), span_of(user),
                                    SPAN("operator jane"), 9000, &n, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_audit_purge(f->store, &f->fail));
    return n;
}

static void test_redact(void **state)
{
    struct fixture *f = *state;
    struct findings findings;
    struct audit_verdict verdict;
    struct audit_head head;

    fill(f);
    sql(f, "DELETE FROM step");
    assert_ok(f, store_audit_head(f->store, &head, &f->fail));
    assert_ok(f, store_audit_purge(f->store, &f->fail));
    assert_true(file_has(f, "", "00uAda"));
    assert_int_equal(redact(f, "00uAda", "ada@example.com"), 4);
    verdict = verify(f, &head, &findings);
    assert_int_equal(verdict.findings, 0);
    assert_int_equal(verdict.redacted, 4);
    assert_int_equal(verdict.rows, 6);
    assert_seen(f, &(struct audit_ask){.since_ms = 3000},
                "3 action operator jane retry   >\n"
                "4 action operator jane release   >\n"
                "5 step roster DeleteUser   >\n"
                "6 redaction operator jane redact   >\n");
    assert_seen(f, &(struct audit_ask){.source = SPAN("okta"), .user_id = SPAN("00uAda")}, "");
    assert_false(file_has(f, "-wal", "00uAda"));
    assert_false(file_has(f, "", "ada@example.com"));
    assert_true(file_has(f, "", "00uBob"));
    /* Again: nothing is left to be erased, and nothing is written. */
    assert_int_equal(redact(f, "00uAda", "ada@example.com"), 0);
    assert_int_equal(sql_number(f, "SELECT max(id) FROM audit"), 6);
    assert_intact(f);
}

static void test_forged_redaction(void **state)
{
    struct fixture *f = *state;

    fill(f);
    (void)redact(f, "00uBob", "");
    assert_intact(f);
    sql(f, "UPDATE audit SET salt = x'', user_id = '', user = '', text = '', state_before = '',"
           " state_after = '' WHERE id = 1");
    assert_found(f, 1, "no redaction says so");
}

static void test_refilled_redaction(void **state)
{
    struct fixture *f = *state;

    fill(f);
    (void)redact(f, "00uBob", "");
    sql(f, "UPDATE audit SET user_id = '00uEve' WHERE id = 2");
    assert_found(f, 2, "something written instead");
}

static void test_ranges(void **state)
{
    static const struct {
        const char *name;
        int64_t list[6];
        size_t n;
        const char *text;
    } rows[] = {
        {"none", {0}, 0, ""},
        {"one", {7}, 1, "7"},
        {"two in a row", {7, 8}, 2, "7-8"},
        {"mixed", {1, 3, 4, 5, 9, 11}, 6, "1,3-5,9,11"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct buf b;

        buf_init(&b, 1000);
        audit_add_ranges(&b, rows[i].list, rows[i].n);
        assert_string_equal(b.p, rows[i].text);
        for (int64_t id = 0; id < 14; id++) {
            bool is_in = false;

            for (size_t k = 0; k < rows[i].n; k++)
                is_in |= rows[i].list[k] == id;
            if (audit_ranges_have(buf_span(&b), id) != is_in)
                fail_msg("%s: %d", rows[i].name, (int)id);
        }
        buf_done(&b);
    }
    assert_false(audit_ranges_have(SPAN("x,3"), 3));
    assert_false(audit_ranges_have(SPAN("1-,3"), 3));
}

/* ---- pruning ---- */

static int64_t prune(struct fixture *f, int64_t before_ms, int64_t max)
{
    int64_t n = -1;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_audit_prune(f->store, before_ms, max, 10 * (int64_t)DAY, &n, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    return n;
}

static void test_prune(void **state)
{
    struct fixture *f = *state;
    struct audit_verdict verdict;
    struct findings findings;
    struct audit_head old;

    fill(f);
    assert_ok(f, store_audit_head(f->store, &old, &f->fail));
    assert_int_equal(prune(f, 4000, 100), 0); /* not a day's worth yet */
    assert_int_equal(sql_number(f, "SELECT count(*) FROM audit"), 5);
    sql(f, "CREATE TABLE times AS SELECT id, at_ms FROM audit");
    assert_int_equal(prune(f, 2 * (int64_t)DAY, 2), 2);
    assert_intact(f);
    assert_int_equal(prune(f, 2 * (int64_t)DAY, 100), 3);
    verdict = verify(f, NULL, &findings);
    assert_int_equal(verdict.findings, 0);
    assert_int_equal(verdict.rows, 2);
    assert_int_equal(verdict.start.id, 5);
    assert_memory_equal(verdict.start.chain, old.chain, AUDIT_HASH);
    assert_int_equal(prune(f, 2 * (int64_t)DAY, 100), 0);
    sql(f, "DELETE FROM audit WHERE id = 6");
    assert_found(f, 6, "missing");
}

/* A clock that was wrong for a moment does not keep the rest forever. */
static void test_prune_behind_a_young_one(void **state)
{
    struct fixture *f = *state;

    assert_ok(f, store_begin(f->store, &f->fail));
    act(f, "00uAda", "retry", 1000);
    act(f, "00uAda", "retry", 90 * (int64_t)DAY);
    act(f, "00uAda", "retry", 2000);
    act(f, "00uAda", "retry", 9 * (int64_t)DAY);
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_int_equal(prune(f, 5 * (int64_t)DAY, 100), 3);
    assert_intact(f);
    sql(f, "UPDATE note SET value = CAST('0 0' AS BLOB) WHERE name = 'audit_start'");
    assert_true(is_found(f));
}

static void test_heads(void **state)
{
#define HEX_32 "0123456789abcdef0123456789abcdef"
    static const struct {
        const char *text;
        bool is_one;
    } rows[] = {
        {"12 " HEX_32 HEX_32, true},
        {"12:" HEX_32 HEX_32, true},
        {"12 " HEX_32, false},
        {"12 " HEX_32 HEX_32 "0", false},
        {" " HEX_32 HEX_32, false},
        {"x2 " HEX_32 HEX_32, false},
        {"12 " HEX_32 "g" HEX_32, false},
        {"", false},
        {"12", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct audit_head head;
        char back[96];

        if (audit_head_parse(span_of(rows[i].text), &head) != rows[i].is_one)
            fail_msg("'%s'", rows[i].text);
        if (!rows[i].is_one)
            continue;
        audit_head_format(&head, back);
        assert_string_equal(back, "12 " HEX_32 HEX_32);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_redact, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_forged_redaction, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_refilled_redaction, fixture_store, fixture_done),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test_setup_teardown(test_prune, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_prune_behind_a_young_one, fixture_store, fixture_done),
        cmocka_unit_test(test_heads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
