/* Names that were resolved, and who passed a gate. */
#include "fixture.h"

#define write_ok(f, call)                                                                          \
    do {                                                                                           \
        assert_ok(f, store_begin((f)->store, &(f)->fail));                                         \
        assert_ok(f, call);                                                                        \
        assert_ok(f, store_commit((f)->store, &(f)->fail));                                        \
    } while (0)

static void test_pins(void **state)
{
    struct fixture *f = *state;
    struct pin pin = {0, SPAN("Agent"), SPAN("id-1"), 5, SPAN("")}, *pins;
    size_t n;

    write_ok(f, store_pin_put(f->store, &pin, &f->fail));
    pin.since_ms = 9;
    pin.name_now = SPAN("Agent (old)");
    write_ok(f, store_pin_put(f->store, &pin, &f->fail)); /* renamed: pinned since then as before */
    pin.kind = 1;
    pin.name_now = SPAN("");
    write_ok(f, store_pin_put(f->store, &pin, &f->fail));
    assert_ok(f, store_pins(f->store, &f->arena, &pins, &n, &f->fail));
    assert_int_equal(n, 2);
    assert_span(pins[0].name_now, "Agent (old)");
    assert_int_equal(pins[0].since_ms, 5);
    assert_int_equal(pins[1].kind, 1);
    pin.kind = 0;
    pin.id = SPAN("id-2");
    write_ok(f, store_pin_put(f->store, &pin, &f->fail));
    write_ok(f, store_pin_remove(f->store, 1, SPAN("Agent"), &f->fail));
    assert_ok(f, store_pins(f->store, &f->arena, &pins, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(pins[0].id, "id-2");
    assert_int_equal(pins[0].since_ms, 9);
}

/* People count, not passages. */
static void test_passages(void **state)
{
    static const struct {
        int64_t gate, at_ms;
        const char *id;
    } rows[] = {{1, 100, "00u1"}, {1, 200, "00u1"}, {1, 200, "00u2"}, {2, 200, "00u3"}};
    static const struct {
        int64_t gate, since_ms, n;
    } asks[] = {{1, 0, 2}, {1, 150, 2}, {1, 200, 2}, {1, 201, 0}, {2, 0, 1}, {3, 0, 0}};
    struct fixture *f = *state;
    int64_t n = -1;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int twice = 0; twice < 2; twice++)
            write_ok(f, store_passage_add(f->store, rows[i].gate, SPAN("okta"), span_of(rows[i].id),
                                          rows[i].at_ms, &f->fail));
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        assert_ok(f, store_passages(f->store, asks[i].gate, asks[i].since_ms, &n, &f->fail));
        if (n != asks[i].n)
            fail_msg("row %zu: %lld", i, (long long)n);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pins, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_passages, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
