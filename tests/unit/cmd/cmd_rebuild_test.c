#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "cmd/rebuild.h"

enum { NOW = 100 * 60 * 1000 };

#define assert_ok(call)                                                                            \
    do {                                                                                           \
        if ((call) != ERR_NONE)                                                                    \
            fail_msg("%s: %s", #call, failure.text);                                               \
    } while (0)

static struct fail failure;

static void add(struct rebuild *r, const char *id, const char *okta_id)
{
    const struct tag tags[] = {{SPAN(TAG_MANAGED_BY), SPAN("roster")},
                               {SPAN(TAG_OKTA_ID), span_of(okta_id)}};
    struct agent agent = {.id = span_of(id),
                          .arn = SPAN("arn"),
                          .user_name = SPAN("name"),
                          .tags = tags,
                          .n_tags = okta_id == NULL ? 1 : 2};

    rebuild_add(r, &agent);
}

static enum rebuild_verdict verdict_of(const struct rebuild *r, const char *id)
{
    for (size_t i = 0; i < r->n; i++)
        if (span_eq(r->agents[i].id, span_of(id)))
            return r->agents[i].verdict;
    fail_msg("%s is not there", id);
    return REBUILD_VERDICTS;
}

static void each_person_has_one_agent(void **state)
{
    char long_id[102];
    struct rebuild r = {.n = 0};

    (void)state;
    memset(long_id, 'x', 101);
    long_id[101] = '\0';
    add(&r, "a-1", "00uann");
    add(&r, "a-2", "00ubob");
    add(&r, "a-3", "00ucid");
    add(&r, "a-4", "00ubob");
    add(&r, "a-5", NULL);
    add(&r, "a-6", "");
    add(&r, "a-7", "00u eve");
    add(&r, "a-8", long_id);
    add(&r, "a-1", "00uann"); /* two pages show it */
    assert_ok(rebuild_judge(&r, NULL, &failure));
    assert_int_equal(r.n, 8);
    assert_int_equal(verdict_of(&r, "a-1"), REBUILD_BIND);
    assert_int_equal(verdict_of(&r, "a-2"), REBUILD_TWICE);
    assert_int_equal(verdict_of(&r, "a-3"), REBUILD_BIND);
    assert_int_equal(verdict_of(&r, "a-4"), REBUILD_TWICE);
    for (char id[] = "a-5"; id[2] <= '8'; id[2]++)
        assert_int_equal(verdict_of(&r, id), REBUILD_NO_ID);
    assert_int_equal(r.count[REBUILD_BIND], 2);
    assert_int_equal(rebuild_troubles(&r), 6);
    rebuild_done(&r);
}

static void an_instance_without_agents_is_no_trouble(void **state)
{
    struct rebuild r = {.n = 0};

    (void)state;
    assert_ok(rebuild_judge(&r, NULL, &failure));
    assert_int_equal(rebuild_troubles(&r), 0);
    rebuild_done(&r);
}

/* ---- with a store ---- */

struct fixture {
    char folder[64], file[80];
    struct store *store;
    struct arena arena;
};

static void put(struct fixture *f, const char *id, const char *agent, const char *old_agent)
{
    struct person p = {.source = SPAN("okta"),
                       .id = span_of(id),
                       .state = PERSON_IN_STEP,
                       .login = SPAN("kept"),
                       .agent_id = span_of(agent),
                       .old_agent_id = span_of(old_agent)};

    assert_ok(store_person_put(f->store, &p, &failure));
}

static int set_up(void **state)
{
    struct fixture *f = mem_new(1, sizeof(*f));

    (void)snprintf(f->folder, sizeof(f->folder), "/tmp/roster-rebuild-XXXXXX");
    if (mkdtemp(f->folder) == NULL)
        return -1;
    (void)snprintf(f->file, sizeof(f->file), "%s/db", f->folder);
    assert_ok(store_open(f->file, STORE_CREATE, &f->store, &failure));
    assert_ok(store_begin(f->store, &failure));
    put(f, "00uann", "a-1", "");
    put(f, "00ubob", "", "");
    put(f, "00ucid", "a-other", "");
    put(f, "00udan", "a-4", "a-5"); /* a rename is under way */
    assert_ok(store_commit(f->store, &failure));
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    store_close(f->store);
    (void)unlink(f->file);
    (void)rmdir(f->folder);
    arena_done(&f->arena);
    free(f);
    return 0;
}

static struct person get(struct fixture *f, const char *id)
{
    struct person p;

    assert_ok(store_person_get(f->store, &f->arena, SPAN("okta"), span_of(id), &p, &failure));
    return p;
}

static void nothing_known_is_overwritten(void **state)
{
    struct settings settings = {.instance_id = SPAN("i-1"), .rules = {.reads_okta = true}};
    struct fixture *f = *state;
    struct rebuild r = {.n = 0};
    struct look look;
    bool is_there;
    struct span note;
    struct person p;

    add(&r, "a-1", "00uann");
    add(&r, "a-2", "00ubob");
    add(&r, "a-3", "00ucid");
    add(&r, "a-4", "00udan");
    add(&r, "a-5", "00udan");
    add(&r, "a-6", "00ueve");
    assert_ok(rebuild_judge(&r, f->store, &failure));
    assert_int_equal(verdict_of(&r, "a-1"), REBUILD_KNOWN);
    assert_int_equal(verdict_of(&r, "a-2"), REBUILD_LEFT_ALONE);
    assert_int_equal(verdict_of(&r, "a-3"), REBUILD_DIFFERS);
    assert_int_equal(verdict_of(&r, "a-4"), REBUILD_KNOWN);
    assert_int_equal(verdict_of(&r, "a-5"), REBUILD_KNOWN);
    assert_int_equal(verdict_of(&r, "a-6"), REBUILD_BIND);
    assert_int_equal(rebuild_troubles(&r), 1);
    assert_ok(store_begin(f->store, &failure));
    assert_ok(rebuild_write(&r, f->store, &settings, NOW, &failure));
    assert_ok(store_commit(f->store, &failure));
    assert_true(span_eq(get(f, "00uann").login, SPAN("kept")));
    assert_int_equal(get(f, "00ubob").agent_id.n, 0);
    assert_true(span_eq(get(f, "00ucid").agent_id, SPAN("a-other")));
    p = get(f, "00ueve");
    assert_int_equal(p.state, PERSON_IN_STEP);
    assert_true(span_eq(p.agent_id, SPAN("a-6")) && span_eq(p.agent_arn, SPAN("arn")));
    assert_int_equal(p.applied.n, 0); /* so that it is described first */
    assert_ok(store_look_get(f->store, &f->arena, SPAN("okta"), LOOK_USER, SPAN("00ueve"),
                             &is_there, &look, &failure));
    assert_true(is_there);
    assert_ok(store_note_get(f->store, &f->arena, "instance", &note, &failure));
    assert_true(span_eq(note, SPAN("i-1")));
    rebuild_done(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_person_has_one_agent),
        cmocka_unit_test(an_instance_without_agents_is_no_trouble),
        cmocka_unit_test_setup_teardown(nothing_known_is_overwritten, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
