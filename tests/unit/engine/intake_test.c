/* What events change in the store, and that their order does not matter. */
#include "../store/fixture.h"

#include "engine/intake.h"
#include "text/uuid.h"

static const struct span apps[] = {{"Amazon Connect", 14}}, groups[] = {{"Agents", 6}},
                         profiles[] = {{"s-1", 3}};
static const struct rule_test tests_of_rule[] = {{.kind = TEST_APP, .values = apps, .n = 1},
                                                 {.kind = TEST_GROUP, .values = groups, .n = 1}};
static const struct rule rule = {.tests = tests_of_rule,
                                 .n_tests = 2,
                                 .is_any = true,
                                 .has_ids = true,
                                 .security_profiles = profiles,
                                 .n_security_profiles = 1,
                                 .routing_profile = {"r-1", 3}};
static const struct rules rules = {
    .rules = &rule, .n = 1, .managed_by = {"roster", 6}, .settle_ms = 3000};
static const struct rules rules_by_api = {
    .rules = &rule, .n = 1, .managed_by = {"roster", 6}, .settle_ms = 3000, .reads_okta = true};
static struct current_names names;
static struct judge judge = {&rules, &names};

enum { NOW_MS = 1000000 };

/* One event about one user; name is the application's or the group's. */
static struct event make(struct event_subject *subject, const char *uuid, enum membership_kind kind,
                         bool is_member, int64_t published_ns, const char *user)
{
    *subject = (struct event_subject){
        .user_id = span_of(user),
        .login = SPAN("ada@x.org"),
        .display_name = SPAN("Ada Lovelace"),
        .app_user_name = kind == MEMBERSHIP_APP ? SPAN("ada") : (struct span){0},
        .has_membership = true,
        .membership = {kind, kind == MEMBERSHIP_ACCOUNT ? SPAN("") : SPAN("c1"),
                       kind == MEMBERSHIP_APP     ? SPAN("Amazon Connect")
                       : kind == MEMBERSHIP_GROUP ? SPAN("Agents")
                                                  : SPAN(""),
                       is_member, published_ns}};
    return (struct event){.source = SPAN("okta"),
                          .uuid = span_of(uuid),
                          .type = SPAN("a.type"),
                          .via = SPAN("hook"),
                          .published_ns = published_ns,
                          .received_ms = NOW_MS,
                          .subjects = subject,
                          .n_subjects = 1};
}

static struct journal_entry write_events(struct fixture *f, const struct event *events, size_t n)
{
    struct journal_entry entry = {.events = events, .n = n, .received_ms = NOW_MS};

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, intake_write(&entry, &judge, f->store, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    arena_done(&entry.arena);
    return entry;
}

static struct person person(struct fixture *f, const char *id)
{
    struct person p;

    assert_ok(f, store_person_get(f->store, &f->arena, SPAN("okta"), span_of(id), &p, &f->fail));
    return p;
}

static void put_person(struct fixture *f, const struct person *p)
{
    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, store_person_put(f->store, p, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
}

/* ---- what a single event does ---- */

static void test_new_person(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    struct journal_entry entry = write_events(f, &e, 1);
    struct person p = person(f, "00u1");

    assert_int_equal(entry.n_new, 1);
    assert_int_equal(entry.n_taken, 1);
    assert_int_equal(entry.n_due, 1);
    assert_int_equal(entry.n_skipped, 0);
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.due_ms, NOW_MS);
    assert_int_equal(p.due_since_ms, NOW_MS);
    assert_span(p.cause, "event u1");
    assert_span(p.login, "ada@x.org");
    assert_span(p.app_user_name, "ada");
    assert_span(p.display_name, "Ada Lovelace");
}

static void test_settles(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_GROUP, true, 5, "00u1");

    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").due_ms, NOW_MS + 3000);
    e = make(&subject, "u2", MEMBERSHIP_APP, true, 6, "00u1");
    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").due_ms, NOW_MS);
}

static void test_repeated_and_skipped(void **state)
{
    struct fixture *f = *state;
    struct event_subject subjects[2];
    struct event events[5];
    struct journal_entry entry;
    struct skip_count *counts;
    size_t n;

    events[0] = make(&subjects[0], "u1", MEMBERSHIP_APP, true, 5, "00u1");
    events[1] = events[0];
    events[2] =
        (struct event){.source = SPAN("okta"), .uuid = SPAN("u2"), .skip_reason = "foreign_group"};
    events[3] = events[2];
    events[4] = make(&subjects[1], "u3", MEMBERSHIP_APP, true, 5, "00u2");
    entry = write_events(f, events, 5);
    assert_int_equal(entry.n_new, 3);
    assert_int_equal(entry.n_taken, 2);
    assert_int_equal(entry.n_skipped, 1);
    assert_int_equal(entry.n_due, 2);
    entry = write_events(f, events, 5);
    assert_int_equal(entry.n_new + entry.n_taken + entry.n_skipped + entry.n_due, 0);
    assert_ok(f, store_skip_counts(f->store, &f->arena, &counts, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(counts[0].reason, "foreign_group");
    assert_int_equal(counts[0].n, 1);
}

/* A transaction that is repeated from its start counts once. */
static void test_run_twice(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    struct journal_entry entry = {.events = &e, .n = 1, .received_ms = NOW_MS};

    for (int i = 0; i < 2; i++) {
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, intake_write(&entry, &judge, f->store, &f->fail));
        if (i == 0)
            store_rollback(f->store);
        else
            assert_ok(f, store_commit(f->store, &f->fail));
    }
    arena_done(&entry.arena);
    assert_int_equal(entry.n_new, 1);
    assert_int_equal(entry.n_due, 1);
}

static void test_kept_body(void **state)
{
    struct fixture *f = *state;
    struct journal_entry entry = {
        .received_ms = 7, .kept_body = SPAN("no json"), .kept_why = "why"};
    struct kept_body *bodies;
    size_t n;

    assert_ok(f, store_begin(f->store, &f->fail));
    assert_ok(f, intake_write(&entry, &judge, f->store, &f->fail));
    assert_ok(f, store_commit(f->store, &f->fail));
    assert_ok(f, store_kept_bodies(f->store, &f->arena, &bodies, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_span(bodies[0].body, "no json");
    assert_span(bodies[0].why, "why");
    assert_int_equal(bodies[0].received_ms, 7);
}

/* A removal withdraws what is not provisioned, and takes nothing from who is. */
static void test_removal(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    struct person p;

    (void)write_events(f, &e, 1);
    e = make(&subject, "u2", MEMBERSHIP_APP, false, 6, "00u1");
    assert_int_equal(write_events(f, &e, 1).n_due, 0);
    assert_int_equal(person(f, "00u1").state, PERSON_OUT_OF_SCOPE);

    e = make(&subject, "u3", MEMBERSHIP_APP, true, 7, "00u1");
    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    assert_int_equal(p.state, PERSON_DUE);
    p.state = PERSON_IN_STEP;
    p.agent_id = SPAN("a1");
    p.agent_user_name = SPAN("ada");
    put_person(f, &p);
    e = make(&subject, "u4", MEMBERSHIP_APP, false, 8, "00u1");
    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    assert_int_equal(p.state, PERSON_DUE); /* what becomes of the agent is planned later */
    assert_int_equal(p.removal, REMOVAL_WAITS);
    assert_int_equal(p.left_ms, NOW_MS);
    assert_span(p.left_why, "event u4");
    assert_span(p.agent_id, "a1");
    e = make(&subject, "u5", MEMBERSHIP_APP, true, 9, "00u1"); /* and is back */
    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").removal, REMOVAL_NONE);
    assert_int_equal(person(f, "00u1").left_ms, 0);

    /* While CreateUser is under way its outcome has to be found out. */
    p = person(f, "00u1");
    p.agent_id = p.agent_user_name = SPAN("");
    p.create_sent_ms = 1;
    p.create_sent_name = SPAN("ada");
    put_person(f, &p);
    e = make(&subject, "u6", MEMBERSHIP_APP, false, 10, "00u1");
    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").state, PERSON_DUE);
}

static void test_account(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u0", MEMBERSHIP_ACCOUNT, false, 5, "00stranger");
    struct person p;

    (void)write_events(f, &e, 1);
    assert_int_equal(
        store_person_get(f->store, &f->arena, SPAN("okta"), SPAN("00stranger"), &p, &f->fail),
        ERR_NOT_FOUND);
    e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    (void)write_events(f, &e, 1);
    e = make(&subject, "u2", MEMBERSHIP_ACCOUNT, false, 6, "00u1");
    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").state, PERSON_OUT_OF_SCOPE);
    e = make(&subject, "u3", MEMBERSHIP_ACCOUNT, true, 7, "00u1");
    (void)write_events(f, &e, 1);
    assert_int_equal(person(f, "00u1").state, PERSON_DUE);
}

/* Who failed or is held becomes due again by an event that says something new, and by no other. */
static void test_failed(void **state)
{
    static const struct {
        const char *name;
        int64_t published_ns;
        bool is_member;
        const char *app_user_name;
        enum person_state state;
    } rows[] = {
        {"older than what is known", 3, true, "older", PERSON_FAILED},
        {"an older removal", 4, false, "ada", PERSON_FAILED},
        {"the same again", 5, true, "ada", PERSON_FAILED},
        {"a newer one", 6, true, "ada.new", PERSON_DUE},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_subject subject;
        char id[16], uuid[16];
        struct event e;
        struct person p;

        (void)snprintf(id, sizeof(id), "00u%zu", i);
        (void)snprintf(uuid, sizeof(uuid), "first %zu", i);
        e = make(&subject, uuid, MEMBERSHIP_APP, true, 5, id);
        (void)write_events(f, &e, 1);
        p = person(f, id);
        p.state = PERSON_FAILED;
        p.reason_code = SPAN("refused");
        put_person(f, &p);
        (void)snprintf(uuid, sizeof(uuid), "then %zu", i);
        e = make(&subject, uuid, MEMBERSHIP_APP, rows[i].is_member, rows[i].published_ns, id);
        subject.app_user_name = span_of(rows[i].app_user_name);
        (void)write_events(f, &e, 1);
        if (person(f, id).state != rows[i].state)
            fail_msg("%s", rows[i].name);
    }
}

/* A wait after failures is cut short by what is new; whoever has an agent is planned for anew. */
static void test_known_person(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    struct person p;

    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    p.attempts = 4;
    p.due_ms = NOW_MS + 60000;
    put_person(f, &p);
    e = make(&subject, "u2", MEMBERSHIP_GROUP, true, 6, "00u1");
    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    assert_int_equal(p.due_ms, NOW_MS);
    assert_int_equal(p.attempts, 4);
    p.state = PERSON_IN_STEP;
    p.agent_id = SPAN("a1");
    p.agent_user_name = SPAN("ada");
    put_person(f, &p);
    e = make(&subject, "u3", MEMBERSHIP_APP, true, 7, "00u1");
    subject.app_user_name = SPAN("ada.new");
    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    assert_int_equal(p.state, PERSON_DUE);
    assert_int_equal(p.priority, PRIORITY_CHANGE);
    assert_span(p.app_user_name, "ada.new");
}

/* Said again by a statement that changes no membership: an older one that comes late must not
 * replace it, and nobody becomes due for it. */
static void test_said_again(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 100, "00u1");
    struct person p;

    (void)write_events(f, &e, 1);
    e = make(&subject, "u2", MEMBERSHIP_APP, false, 105, "00u1");
    (void)write_events(f, &e, 1);
    p = person(f, "00u1");
    assert_int_equal(p.app_user_name_ns, 100);
    p.state = PERSON_REMOVED;
    put_person(f, &p);
    e = make(&subject, "u3", MEMBERSHIP_APP, true, 104, "00u1");
    assert_int_equal(write_events(f, &e, 1).n_due, 0);
    p = person(f, "00u1");
    assert_int_equal(p.app_user_name_ns, 104);
    assert_int_equal(p.state, PERSON_REMOVED);
    e = make(&subject, "u4", MEMBERSHIP_APP, true, 102, "00u1");
    subject.app_user_name = SPAN("older");
    (void)write_events(f, &e, 1);
    assert_span(person(f, "00u1").app_user_name, "ada");
}

/* ---- what is not about one person, and Okta's API ---- */

static void test_alarm(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject = {
        .kind = SUBJECT_GROUP,
        .membership = {MEMBERSHIP_GROUP, SPAN("c1"), SPAN("Agents"), false, 6},
        .alarm = "the group was deleted"};
    struct event_subject member;
    struct event e = make(&member, "u1", MEMBERSHIP_GROUP, true, 5, "00u1");
    struct journal_entry entry = {.events = &e, .n = 1, .received_ms = NOW_MS};
    struct look *looks;
    size_t n;

    (void)write_events(f, &e, 1);
    for (int i = 0; i < 2; i++) {
        e = make(&member, i == 0 ? "u2" : "u3", MEMBERSHIP_GROUP, true, 6, "00u1");
        e.subjects = &subject;
        judge.rules = i == 0 ? &rules : &rules_by_api;
        assert_ok(f, store_begin(f->store, &f->fail));
        assert_ok(f, intake_write(&entry, &judge, f->store, &f->fail));
        assert_ok(f, store_commit(f->store, &f->fail));
        assert_ptr_equal(entry.alarms->subject, &subject);
        assert_null(entry.alarms->next);
        assert_int_equal(entry.n_looks, i); /* the whole scope is compared */
        arena_done(&entry.arena);
        assert_int_equal(person(f, "00u1").state, PERSON_DUE);
        assert_int_equal(person(f, "00u1").left_ms, 0);
    }
    judge.rules = &rules;
    assert_ok(f, store_looks_due(f->store, &f->arena, NOW_MS + 3000, 0, 9, &looks, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_int_equal(looks[0].kind, LOOK_SCOPE);
}

static void test_looks(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_APP, true, 5, "00u1");
    struct look *looks;
    size_t n;

    judge.rules = &rules_by_api;
    assert_int_equal(write_events(f, &e, 1).n_looks, 1);
    assert_true(person(f, "00u1").due_ms > NOW_MS + 3000); /* Okta is asked first */
    e = make(&subject, "u2", MEMBERSHIP_ACCOUNT, false, 6, "00stranger");
    assert_int_equal(write_events(f, &e, 1).n_looks, 0);
    e = make(&subject, "u3", MEMBERSHIP_ACCOUNT, false, 7, "00u1");
    subject.has_membership = false; /* their profile has changed */
    assert_int_equal(write_events(f, &e, 1).n_looks, 1);
    judge.rules = &rules;
    assert_ok(f, store_looks_due(f->store, &f->arena, NOW_MS + 3000, 0, 9, &looks, &n, &f->fail));
    assert_int_equal(n, 1);
    assert_int_equal(looks[0].kind, LOOK_USER);
    assert_span(looks[0].id, "00u1");
    assert_int_equal(looks[0].asked_ns, 7);
    assert_int_equal(looks[0].due_ms, NOW_MS + 3000);
}

/* Which id a name belongs to is told by events; a name that means it already is not told again. */
static void test_containers(void **state)
{
    struct fixture *f = *state;
    struct event_subject subject;
    struct event e = make(&subject, "u1", MEMBERSHIP_GROUP, true, 5, "00u1");
    struct journal_entry entry = write_events(f, &e, 1);

    assert_non_null(entry.containers);
    e = make(&subject, "u2", MEMBERSHIP_GROUP, true, 5, "00u2");
    subject.membership.name = SPAN("Another group");
    assert_null(write_events(f, &e, 1).containers);
}

/* ---- the order does not matter ---- */

enum { ROUNDS = 150, EVENTS = 12, USERS = 3, ORDERS = 4 };

static uint64_t seed;

static unsigned pick(unsigned n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(seed >> 33) % n;
}

/* What is told of user `user`; the same history is told of another set of users in another order.
 */
struct statement {
    unsigned user, container;
    enum membership_kind kind;
    bool is_member;
    int64_t published_ns;
    char login[24], display_name[24], app_user_name[24];
};

static void invent(struct statement *s)
{
    static const enum membership_kind kinds[] = {MEMBERSHIP_APP, MEMBERSHIP_GROUP,
                                                 MEMBERSHIP_ACCOUNT};

    *s = (struct statement){.user = pick(USERS),
                            .container = pick(2),
                            .kind = kinds[pick(3)],
                            .is_member = pick(2) == 0,
                            .published_ns = 100 + pick(6)}; /* many ties */
    (void)snprintf(s->login, sizeof(s->login), "login%u@x.org", pick(3));
    (void)snprintf(s->display_name, sizeof(s->display_name), "Ada %u", pick(3));
    if (s->kind == MEMBERSHIP_APP)
        (void)snprintf(s->app_user_name, sizeof(s->app_user_name), "app%u", pick(3));
}

struct told {
    char uuid[UUID_TEXT + 1], user[32];
    struct event_subject subject;
    struct event event;
};

static void tell(const struct statement *s, int number, int round, int order, struct told *out)
{
    (void)snprintf(out->uuid, sizeof(out->uuid), "%08x-%04x-11f1-8000-%012x", number, order, round);
    (void)snprintf(out->user, sizeof(out->user), "00u%dx%dx%u", round, order, s->user);
    out->subject =
        (struct event_subject){.user_id = span_of(out->user),
                               .login = span_of(s->login),
                               .display_name = span_of(s->display_name),
                               .app_user_name = span_of(s->app_user_name),
                               .has_membership = true,
                               .membership = {s->kind,
                                              s->kind == MEMBERSHIP_ACCOUNT ? SPAN("")
                                              : s->container == 0           ? SPAN("c0")
                                                                            : SPAN("c1"),
                                              s->kind == MEMBERSHIP_APP     ? SPAN("Amazon Connect")
                                              : s->kind == MEMBERSHIP_GROUP ? SPAN("Agents")
                                                                            : SPAN(""),
                                              s->is_member, s->published_ns}};
    out->event = (struct event){.source = SPAN("okta"),
                                .uuid = span_of(out->uuid),
                                .type = SPAN("a.type"),
                                .via = SPAN("hook"),
                                .published_ns = s->published_ns,
                                .received_ms = NOW_MS,
                                .subjects = &out->subject,
                                .n_subjects = 1};
}

/* In some order, some of them several times, in deliveries of some size. */
static void tell_all(struct fixture *f, const struct statement *statements, int round, int order)
{
    struct told told[EVENTS];
    struct event queue[2 * EVENTS];
    size_t n = 0;

    for (int i = 0; i < EVENTS; i++) {
        tell(&statements[i], i, round, order, &told[i]);
        queue[n++] = told[i].event;
    }
    while (order > 0 && n < 2 * EVENTS)
        queue[n++] = told[pick(EVENTS)].event;
    for (size_t i = n - 1; order > 0 && i > 0; i--) {
        size_t k = pick((unsigned)i + 1);
        struct event swap = queue[i];

        queue[i] = queue[k];
        queue[k] = swap;
    }
    for (size_t at = 0, size; at < n; at += size) {
        size = 1 + pick(4);
        size = size < n - at ? size : n - at;
        (void)write_events(f, queue + at, size);
    }
}

/* All that must not depend on the order, as text. */
static void describe(struct fixture *f, int round, int order, char out[static 2048])
{
    size_t at = 0;

    for (unsigned user = 0; user < USERS; user++) {
        struct membership *memberships;
        struct person p;
        char id[32];
        size_t n;

        (void)snprintf(id, sizeof(id), "00u%dx%dx%u", round, order, user);
        at += (size_t)snprintf(out + at, 2048 - at, "user %u:", user);
        if (store_person_get(f->store, &f->arena, SPAN("okta"), span_of(id), &p, &f->fail) ==
            ERR_NONE)
            at += (size_t)snprintf(out + at, 2048 - at, " %s '%.*s' %.*s/%.*s/%.*s",
                                   person_state_name(p.state), SPAN_ARG(p.reason_code),
                                   SPAN_ARG(p.login), SPAN_ARG(p.display_name),
                                   SPAN_ARG(p.app_user_name));
        assert_ok(f, store_memberships(f->store, &f->arena, SPAN("okta"), span_of(id), &memberships,
                                       &n, &f->fail));
        for (size_t i = 0; i < n; i++)
            at += (size_t)snprintf(out + at, 2048 - at, " %c%.*s%c%lld", memberships[i].kind,
                                   SPAN_ARG(memberships[i].container),
                                   memberships[i].is_member ? '+' : '-',
                                   (long long)memberships[i].published_ns);
        at += (size_t)snprintf(out + at, 2048 - at, "\n");
    }
}

static void test_order_does_not_matter(void **state)
{
    struct fixture *f = *state;
    unsigned char random[sizeof(seed)];

    assert_true(getentropy(random, sizeof(random)) == 0);
    memcpy(&seed, random, sizeof(seed));
    print_message("seed %llx\n", (unsigned long long)seed);
    for (int round = 0; round < ROUNDS; round++) {
        struct statement statements[EVENTS];
        char first[2048], other[2048];

        for (int i = 0; i < EVENTS; i++)
            invent(&statements[i]);
        tell_all(f, statements, round, 0);
        describe(f, round, 0, first);
        for (int order = 1; order < ORDERS; order++) {
            tell_all(f, statements, round, order);
            describe(f, round, order, other);
            if (strcmp(first, other) != 0)
                fail_msg("round %d: in one order\n%sin another\n%s", round, first, other);
        }
        arena_done(&f->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_person, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_settles, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_repeated_and_skipped, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_run_twice, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_kept_body, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_removal, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_account, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_failed, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_known_person, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_said_again, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_alarm, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_looks, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_containers, fixture_store, fixture_done),
        cmocka_unit_test_setup_teardown(test_order_does_not_matter, fixture_store, fixture_done),
    };

    current_names_set(&names, &names_unread);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
