/* Work that is handed to the engine through the store. */
#include "fixture.h"

#include "store/work.h"

static int64_t add(struct fixture *f, const char *payload)
{
    struct work work = {.kind = SPAN(WORK_IMPORT),
                        .source = SPAN("csv"),
                        .payload = span_of(payload),
                        .cause = SPAN("operator import"),
                        .created_ms = 7};
    int64_t id = 0;

    assert_ok(f, store_work_add(f->store, &work, &id, &f->fail));
    return id;
}

static void test_work(void **state)
{
    struct fixture *f = *state;
    struct work *open, one;
    int64_t first, second, third;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    first = add(f, "{\"n\":1}");
    second = add(f, "{\"n\":2}");
    third = add(f, "{\"n\":3}");
    assert_true(first < second && second < third);
    assert_ok(f, store_work_set(f->store, first, WORK_DONE, SPAN("made"), &f->fail));
    assert_ok(f, store_work_set(f->store, second, WORK_UNDER_WAY, SPAN(""), &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_work_open(f->store, &f->arena, 0, 10, &open, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_int_equal(open[0].id, second);
    assert_int_equal(open[0].state, WORK_UNDER_WAY);
    assert_span(open[0].payload, "{\"n\":2}");
    assert_int_equal(open[1].id, third);
    assert_int_equal(open[1].state, WORK_WAITS);
    assert_span(open[1].kind, WORK_IMPORT);
    assert_span(open[1].source, "csv");
    assert_span(open[1].user_id, "");
    assert_span(open[1].cause, "operator import");
    assert_int_equal(open[1].created_ms, 7);
    assert_ok(f, store_work_open(f->store, &f->arena, 0, 1, &open, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_ok(f, store_work_open(f->store, &f->arena, third, 10, &open, &n, &f->fail));
    assert_int_equal(n, 0);
    assert_ok(f, store_work_get(f->store, &f->arena, first, &one, &f->fail));
    assert_int_equal(one.state, WORK_DONE);
    assert_span(one.result, "made");
    assert_int_equal(store_work_get(f->store, &f->arena, 99, &one, &f->fail), ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_work, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
