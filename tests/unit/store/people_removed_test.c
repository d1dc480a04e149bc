/* People whose rows go, and what imports leave to Okta. */
#include "fixture.h"

static struct person some_person(const char *id)
{
    return (struct person){
        .source = SPAN("okta"), .id = span_of(id), .login = SPAN("ada@acme.com")};
}

static void put(struct fixture *f, const struct person *p)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

/* Its number may be the next one's, who must not get its memberships. */
static void test_removed(void **state)
{
    const struct membership m = {.kind = MEMBERSHIP_GROUP,
                                 .container = SPAN("00g1"),
                                 .name = SPAN("Agents"),
                                 .is_member = true,
                                 .published_ns = 5};
    struct fixture *f = *state;
    struct person p = some_person("00u1");
    struct membership *list;
    bool changed, is_mentioned = true;
    size_t n;

    put(f, &p);
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f,
              store_membership_put(f->store, SPAN("okta"), SPAN("00u1"), &m, &changed, &f->fail));
    assert_ok(f, store_person_remove(f->store, SPAN("okta"), SPAN("00u1"), &f->fail));
    assert_ok(f, store_person_remove(f->store, SPAN("okta"), SPAN("00u1"), &f->fail));
    assert_int_equal(
        store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00u1"), &p, &f->fail),
        ERR_NOT_FOUND);
    assert_ok(f, store_is_mentioned(f->store, SPAN("okta"), SPAN("00u1"), &is_mentioned, &f->fail));
    assert_false(is_mentioned);
    p = some_person("00u2");
    assert_ok(f, store_person_put(f->store, &p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(
        f, store_memberships(f->store, &f->arena, SPAN("okta"), SPAN("00u2"), &list, &n, &f->fail));
    assert_int_equal(n, 0);
}

static void test_imports_claim_no_name(void **state)
{
    struct fixture *f = *state;
    struct person p;

    p = some_person("import:joe");
    p.source = SPAN("import");
    p.agent_user_name = SPAN("joe");
    put(f, &p);
    assert_int_equal(store_person_of_name(f->store, &f->arena, SPAN("okta"), SPAN("joe"),
                                          SPAN("00u2"), &p, &f->fail),
                     ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_removed, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_imports_claim_no_name, fixture_store, fixture_done),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
