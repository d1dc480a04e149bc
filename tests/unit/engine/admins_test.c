/* Who may be taken away, by what readings showed of the administrators. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/admins.h"

static enum name_answer find_none(const struct names *names, enum name_kind kind, struct span ref,
                                  struct span *id)
{
    (void)names;
    (void)kind;
    (void)ref;
    (void)id;
    return NAME_NOT_READ;
}

static enum name_answer find_admin(const struct names *names, enum name_kind kind, struct span ref,
                                   struct span *id)
{
    (void)names;
    if (kind != NAME_SECURITY_PROFILE || !span_eq(ref, SPAN(ADMIN_PROFILE)))
        return NAME_UNKNOWN;
    *id = SPAN("s-admin");
    return NAME_KNOWN;
}

static const struct names unread = {find_none, NULL, NULL}, known = {find_admin, NULL, NULL};

static void hold(struct admins *a, const char *const *ids, size_t n, bool has_more, int64_t now_ms)
{
    struct agent agents[8];
    struct connect_answer answer = {.agents = agents, .n_agents = n};

    for (size_t i = 0; i < n; i++)
        agents[i] = (struct agent){.id = span_of(ids[i])};
    if (has_more)
        answer.next_token = SPAN("more");
    admins_held(a, &answer, now_ms);
}

static enum admins_verdict judge(struct admins *a, const char *id, int64_t now_ms)
{
    return admins_judge(a, &known, span_of(id), true, now_ms);
}

static void one_stays(void **state)
{
    static const char *const both[] = {"a-1", "a-2"}, *const three[] = {"a-1", "a-2", "a-3"};
    struct admins *a = admins_new();

    (void)state;
    assert_int_equal(judge(a, "a-1", 0), ADMINS_ASK_HOLDERS);
    assert_int_equal(judge(a, "a-2", ADMINS_ASKING_MS - 1), ADMINS_WAIT);
    assert_int_equal(judge(a, "a-2", ADMINS_ASKING_MS), ADMINS_ASK_HOLDERS);
    admins_failed(a);
    assert_int_equal(judge(a, "a-2", ADMINS_ASKING_MS), ADMINS_ASK_HOLDERS);
    assert_true(admins_is_profile(a, &known, SPAN("s-admin")));
    assert_false(admins_is_profile(a, &known, SPAN("s-1")));
    hold(a, both, 2, false, 10);
    assert_int_equal(judge(a, "a-9", 10), ADMINS_SPARE);
    assert_int_equal(admins_judge(a, &known, SPAN("a-2"), false, 10), ADMINS_SPARE);
    assert_int_equal(judge(a, "a-1", 10), ADMINS_SPARE);
    assert_int_equal(judge(a, "a-1", 11), ADMINS_SPARE); /* once more, after a failure */
    assert_int_equal(judge(a, "a-2", 12), ADMINS_LAST);
    /* The search still shows the first one. */
    hold(a, both, 2, false, 5000);
    assert_int_equal(judge(a, "a-2", 5000), ADMINS_LAST);
    /* Nobody is held by what was read a while ago. */
    assert_int_equal(judge(a, "a-2", 5000 + ADMINS_SURE_MS), ADMINS_ASK_HOLDERS);
    hold(a, three, 3, false, 8000);
    assert_int_equal(judge(a, "a-2", 8000), ADMINS_SPARE);
    assert_int_equal(judge(a, "a-3", 8000), ADMINS_LAST);
    assert_int_equal(judge(a, "a-9", 8000 + ADMINS_FRESH_MS), ADMINS_ASK_HOLDERS);
    hold(a, three, 3, false, 8000 + ADMINS_LAG_MS);
    assert_int_equal(judge(a, "a-3", 8000 + ADMINS_LAG_MS), ADMINS_SPARE);
    admins_free(a);
}

static void many_are_enough(void **state)
{
    static const char *const some[] = {"a-1"};
    struct admins *a = admins_new();

    (void)state;
    assert_int_equal(judge(a, "a-1", 0), ADMINS_ASK_HOLDERS);
    hold(a, some, 1, true, 0);
    assert_int_equal(judge(a, "a-1", 0), ADMINS_SPARE);
    assert_int_equal(judge(a, "a-2", 0), ADMINS_SPARE);
    admins_free(a);
}

static void the_profile_is_sought_by_its_name(void **state)
{
    static const char *const some[] = {"a-1"};
    const struct named first[] = {{.id = SPAN("s-1"), .name = SPAN("Agent")}},
                       second[] = {{.id = SPAN("s-2"), .name = SPAN("Admin")}};
    struct connect_answer answer = {.named = first, .n_named = 1, .next_token = SPAN("t")};
    struct admins *a = admins_new();

    (void)state;
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_ASK_PROFILE);
    assert_int_equal(admins_token(a).n, 0);
    admins_named(a, &answer);
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_ASK_PROFILE);
    assert_true(span_eq(admins_token(a), SPAN("t")));
    answer = (struct connect_answer){.named = second, .n_named = 1};
    admins_named(a, &answer);
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_ASK_HOLDERS);
    assert_true(span_eq(admins_profile(a), SPAN("s-2")));
    hold(a, some, 1, false, 0);
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_LAST);
    admins_free(a);
}

static void without_such_a_profile_nobody_is_held(void **state)
{
    const struct connect_answer none = {.n_named = 0}, denied = {.err = ERR_DENIED};
    struct admins *a = admins_new();

    (void)state;
    admins_named(a, &none);
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_SPARE);
    admins_free(a);
    a = admins_new();
    admins_named(a, &denied);
    assert_int_equal(admins_judge(a, &unread, SPAN("a-1"), true, 0), ADMINS_SPARE);
    admins_free(a);
    admins_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stays),
        cmocka_unit_test(many_are_enough),
        cmocka_unit_test(the_profile_is_sought_by_its_name),
        cmocka_unit_test(without_such_a_profile_nobody_is_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
