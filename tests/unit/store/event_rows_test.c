/* What came in, as people read it. */
#include "fixture.h"

static const char uuid[] = "9a3c9a10-0ab3-11f0-8f5e-7b1f0c1e9a7d";

static void put_events(struct fixture *f)
{
    static const struct event_subject ann = {.user_id = {"00uAnn", 6}},
                                      others[] = {{.user_id = {"00uJoe", 6}},
                                                  {.user_id = {"00uJoe", 6}},
                                                  {.user_id = {"00uann", 6}}},
                                      group = {.kind = SUBJECT_GROUP,
                                               .membership = {.kind = MEMBERSHIP_GROUP,
                                                              .container = {"00g1", 4}}},
                                      scope = {.kind = SUBJECT_SCOPE};
    const struct event events[] = {
        {.uuid = span_of(uuid), .subjects = &ann, .n_subjects = 1, .published_ns = 7},
        {.uuid = SPAN("sha256:00ff"), .subjects = others, .n_subjects = 3},
        {.uuid = SPAN("e3"), .skip_reason = "not_success", .skip_detail = SPAN("outcome")},
        {.uuid = SPAN("e4"), .subjects = &group, .n_subjects = 1},
        {.uuid = SPAN("e5"), .subjects = &scope, .n_subjects = 1},
    };

    assert_ok(f, store_begin(f->store, &f->fail));
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        struct event e = events[i];
        bool is_new;

        e.source = SPAN("okta");
        e.type = SPAN("group.user_membership.add");
        e.via = i % 2 == 0 ? SPAN("hook") : SPAN("log");
        e.received_ms = 1000 + (int64_t)i;
        assert_ok(f, store_event_add(f->store, &e, &is_new, &f->fail));
        assert_true(is_new);
    }
    assert_ok(f, store_commit(f->store, &f->fail));
}

static void test_whole(void **state)
{
    struct fixture *f = *state;
    struct event_row *rows;
    size_t n = 99;

    assert_ok(f, store_events(f->store, &f->arena, SPAN(""), false, 10, &rows, &n, &f->fail));
    assert_int_equal(n, 0);
    put_events(f);
    assert_ok(f, store_events(f->store, &f->arena, SPAN(""), false, 10, &rows, &n, &f->fail));
    assert_int_equal(n, 5);
    assert_span(rows[4].uuid, uuid); /* as it came */
    assert_span(rows[4].type, "group.user_membership.add");
    assert_span(rows[4].via, "hook");
    assert_span(rows[4].subjects, "00uAnn");
    assert_int_equal(rows[4].skip_reason.n + rows[4].skip_detail.n, 0);
    assert_int_equal(rows[4].received_ms, 1000);
    assert_int_equal(rows[4].published_ns, 7);
    assert_span(rows[3].uuid, "sha256:00ff");
    assert_span(rows[3].via, "log");
    assert_span(rows[3].subjects, "00uJoe 00uann");
    assert_span(rows[2].skip_reason, "not_success");
    assert_span(rows[2].skip_detail, "outcome");
    assert_span(rows[1].subjects, "00g1");
    assert_int_equal(rows[0].subjects.n, 0);
}

static void test_chosen(void **state)
{
    static const struct row {
        const char *user_id;
        bool only_skipped;
        size_t max;
        const char *uuids;
    } rows[] = {
        {"00uAnn", false, 10, "9a3c9a10-0ab3-11f0-8f5e-7b1f0c1e9a7d "},
        {"00uann", false, 10, "sha256:00ff "}, /* the case of an id counts */
        {"00uJoe", false, 10, "sha256:00ff "},
        {"00uJo", false, 10, ""},
        {"00uAn_", false, 10, ""},
        {"%", false, 10, ""},
        {"00g1", false, 10, "e4 "},
        {"", true, 10, "e3 "},
        {"00uAnn", true, 10, ""},
        {"", false, 2, "e5 e4 "},
        {"", false, 0, ""},
    };
    struct fixture *f = *state;

    put_events(f);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_row *found;
        char uuids[256] = "";
        size_t n;

        assert_ok(f, store_events(f->store, &f->arena, span_of(rows[i].user_id),
                                  rows[i].only_skipped, rows[i].max, &found, &n, &f->fail));
        for (size_t k = 0; k < n; k++)
            (void)snprintf(uuids + strlen(uuids), sizeof(uuids) - strlen(uuids), "%.*s ",
                           SPAN_ARG(found[k].uuid));
        if (strcmp(uuids, rows[i].uuids) != 0)
            fail_msg("row %zu: '%s'", i, uuids);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_chosen, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
