/* An audit log with some rows in it, for the tests that look at it, tamper with it and erase in
 * it. */
#ifndef ROSTER_TESTS_STORE_AUDIT_FIXTURE_H
#define ROSTER_TESTS_STORE_AUDIT_FIXTURE_H
#include "fixture.h"

#include "store/audit.h"
#include "store/audit_private.h"

enum { FILE_MAX = 1024 * 1024, DAY = 24 * 3600 * 1000 };

/* ---- making and reading ---- */

static inline int64_t add_step(struct fixture *f, const char *user, const char *operation)
{
    struct step_record step = {.sent_ms = 10,
                               .source = SPAN("okta"),
                               .user_id = span_of(user),
                               .instance = SPAN("i-1"),
                               .operation = span_of(operation),
                               .cause = SPAN("event e-1"),
                               .outcome = SPAN("sent")};
    int64_t id = 0;

    assert_ok(f, store_step_add(f->store, &step, &id, &f->fail));
    return id;
}

static inline void answer_step(struct fixture *f, int64_t id, int64_t at_ms)
{
    struct step_record answer = {.answered_ms = at_ms,
                                 .outcome = SPAN("failed"),
                                 .status = 400,
                                 .code = SPAN("SomeException"),
                                 .request_id = SPAN("r-1"),
                                 .text = SPAN("why ada"),
                                 .before = SPAN("{\"a\":1}"),
                                 .after = SPAN("{\"a\":2}")};

    assert_ok(f, store_step_answer(f->store, id, &answer, &f->fail));
}

static inline void act(struct fixture *f, const char *user, const char *operation, int64_t at_ms)
{
    struct audit_row action = {.at_ms = at_ms,
                               .actor = SPAN("operator jane"),
                               .operation = span_of(operation),
                               .detail = SPAN("by hand"),
                               .source = SPAN("okta"),
                               .user_id = span_of(user),
                               .user = SPAN("ada@example.com")};

    assert_ok(f, store_audit_action(f->store, &action, &f->fail));
}

/* Five rows: 1, 3 and 5 of 00uAda, 2 of 00uBob, 4 of nobody. */
static inline void fill(struct fixture *f)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    answer_step(f, add_step(f, "00uAda", "CreateUser"), 1000);
    answer_step(f, add_step(f, "00uBob", "CreateUser"), 2000);
    act(f, "00uAda", "retry", 3000);
    act(f, "", "release", 4000);
    answer_step(f, add_step(f, "00uAda", "DeleteUser"), 5000);
    assert_ok(f, store_commit(f->store, &f->fail));
}

struct findings {
    int n;
    int64_t first_id;
    char first[256];
};

static inline void note_finding(void *arg, int64_t id, const char *what)
{
    struct findings *findings = arg;

    if (findings->n++ > 0)
        return;
    findings->first_id = id;
    (void)snprintf(findings->first, sizeof(findings->first), "%s", what);
}

static inline struct audit_verdict verify(struct fixture *f, const struct audit_head *anchor,
                                          struct findings *findings)
{
    struct audit_verdict verdict = {0};

    *findings = (struct findings){0};
    assert_ok(f, store_audit_verify(f->store, anchor, note_finding, findings, &verdict, &f->fail));
    assert_int_equal(findings->n, verdict.findings);
    return verdict;
}

static inline void assert_intact(struct fixture *f)
{
    struct findings findings;

    if (verify(f, NULL, &findings).findings > 0)
        fail_msg("row %d: %s", (int)findings.first_id, findings.first);
}

static inline void assert_found(struct fixture *f, int64_t id, const char *word)
{
    struct findings findings;

    (void)verify(f, NULL, &findings);
    if (findings.n == 0)
        fail_msg("nothing was found, but should have been: %s", word);
    if (findings.first_id != id || strstr(findings.first, word) == NULL)
        fail_msg("found %d: %s; wanted %d: %s", (int)findings.first_id, findings.first, (int)id,
                 word);
}

static inline void sql(struct fixture *f, const char *text)
{
    char *error = NULL;

    if (sqlite3_exec(f->store->db, text, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", text, error);
}

static inline int64_t sql_number(struct fixture *f, const char *text)
{
    sqlite3_stmt *statement;
    int64_t number;

    assert_int_equal(sqlite3_prepare_v2(f->store->db, text, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    number = sqlite3_column_int64(statement, 0);
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    return number;
}

struct seen {
    char text[2048];
    size_t n;
};

static inline bool see(void *arg, const struct audit_row *row)
{
    struct seen *seen = arg;

    seen->n += (size_t)snprintf(seen->text + seen->n, sizeof(seen->text) - seen->n,
                                "%d %.*s %.*s %.*s %.*s %.*s %.*s>%.*s\n", (int)row->id,
                                SPAN_ARG(row->kind), SPAN_ARG(row->actor), SPAN_ARG(row->operation),
                                SPAN_ARG(row->user_id), SPAN_ARG(row->user), SPAN_ARG(row->before),
                                SPAN_ARG(row->after));
    return true;
}

static inline void assert_seen(struct fixture *f, const struct audit_ask *ask, const char *wanted)
{
    struct seen seen = {.n = 0};

    assert_ok(f, store_audit_each(f->store, ask, see, &seen, &f->fail));
    assert_string_equal(seen.text, wanted);
}

static inline bool is_found(struct fixture *f)
{
    struct findings findings;

    return verify(f, NULL, &findings).findings > 0;
}

#endif
