#include "played.h"

#include "okta/person.h"

#define USER(status)                                                                               \
    {                                                                                              \
        .want = "GET /api/v1/users/00u1", .body = "{\"id\":\"00u1\",\"status\":\"" status          \
                                                  "\",\"profile\":{\"login\":\"j@e\","             \
                                                  "\"department\":\"Claims\"}}"                    \
    }
#define GROUPS(body_)                                                                              \
    {                                                                                              \
        .want = "GET /api/v1/users/00u1/groups", .body = body_                                     \
    }
#define ASSIGNED(status)                                                                           \
    {                                                                                              \
        .want = "GET /api/v1/apps/0oa1/users/00u1",                                                \
        .body = "{\"id\":\"00u1\",\"status\":\"" status "\",\"credentials\":{\"userName\":\"n\"}}" \
    }
#define NOT_FOUND(line, summary)                                                                   \
    {                                                                                              \
        .want = line, .status = 404,                                                               \
        .body = "{\"errorCode\":\"E0000007\",\"errorSummary\":\"Not found: Resource not "          \
                "found: " summary "\"}"                                                            \
    }
#define NOT_ASSIGNED NOT_FOUND("GET /api/v1/apps/0oa1/users/00u1", "00u1 (AppUser)")
#define BARE_404                                                                                   \
    {                                                                                              \
        .want = "GET /api/v1/users/00u1", .status = 404, .body = "<html>nginx</html>"              \
    }
#define ANSWERED(line, body_)                                                                      \
    {                                                                                              \
        .want = line, .body = body_                                                                \
    }
#define GROUP_1 "{\"id\":\"00g1\",\"profile\":{\"name\":\"One\"}}"
#define GROUP_2 "{\"id\":\"00g2\",\"profile\":{\"name\":\"Two\"}}"
#define APP "{\"id\":\"0oa1\",\"label\":\"L\",\"status\":\"ACTIVE\"}"
#define ORG "GET /api/v1/users?limit=1"

/* The story: "status; app+=n or app- or app?; each group; all groups", "gone", or the failure. */
static struct story {
    char text[1024];
    struct fail fail;
    unsigned n;
} story;

static void tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void tell(const char *format, ...)
{
    size_t n = strlen(story.text);
    va_list args;

    va_start(args, format);
    vsnprintf(story.text + n, sizeof(story.text) - n, format, args);
    va_end(args);
}

static const struct span app_ids[] = {{"0oa1", 4}}, group_ids[] = {{"00g1", 4}, {"00g3", 4}};
static struct okta_interest interest;

static void on_person(void *arg, const struct okta_person *p, const struct fail *fail)
{
    (void)arg;
    story.n++;
    loop_stop(played.loop);
    assert_true((p == NULL) != (fail == NULL));
    if (fail != NULL) {
        story.fail = *fail;
        tell("%s", err_name(fail->err));
        return;
    }
    if (p->is_gone) {
        tell("gone");
        return;
    }
    tell("%.*s", SPAN_ARG(p->user.status_text));
    for (size_t i = 0; i < interest.n_apps; i++)
        tell(" app%s%.*s",
             p->apps[i].is_gone     ? "?"
             : p->apps[i].is_member ? "+="
                                    : "-",
             SPAN_ARG(p->apps[i].user_name));
    for (size_t i = 0; i < interest.n_groups; i++)
        tell(" %.*s%s", SPAN_ARG(p->groups[i].id),
             p->groups[i].is_gone     ? "?"
             : p->groups[i].is_member ? "+"
                                      : "-");
    for (size_t i = 0; i < p->n_all_groups; i++)
        tell(" %.*s", SPAN_ARG(p->all_groups[i].name));
    assert_true(span_eq(p->user.login, SPAN("j@e")));
    assert_true(span_eq(okta_user_attribute(&p->user, SPAN("department")), SPAN("Claims")));
}

enum wants { NOTHING = 0, APPS = 1, GROUPS_TOO = 2, ALL_GROUPS = 4 };

static struct okta_person_read *ask(int wants)
{
    interest = (struct okta_interest){
        .app_ids = app_ids,
        .group_ids = group_ids,
        .n_apps = (wants & APPS) != 0 ? 1 : 0,
        .n_groups = (wants & GROUPS_TOO) != 0 ? 2 : 0,
        .wants_all_groups = (wants & ALL_GROUPS) != 0,
    };
    story = (struct story){0};
    return okta_person_read(played.api, &interest, SPAN("00u1"), on_person, NULL);
}

static const struct row {
    const char *name;
    int wants;
    struct played_step steps[7];
    const char *story;
} rows[] = {
    {"only the user", NOTHING, {USER("ACTIVE")}, "ACTIVE"},
    {"a member of all",
     APPS | GROUPS_TOO,
     {USER("ACTIVE"),
      GROUPS("[" GROUP_1 "," GROUP_2 ",{\"id\":\"00g3\",\"profile\":{\"name\":\"Three\"}}]"),
      ASSIGNED("ACTIVE")},
     "ACTIVE app+=n 00g1+ 00g3+ One Two Three"},
    {"all groups, for rules that name them",
     ALL_GROUPS,
     {USER("STAGED"), GROUPS("[" GROUP_1 "," GROUP_2 "]")},
     "STAGED One Two"},
    {"absent here and there, with witnesses",
     APPS | GROUPS_TOO,
     {USER("ACTIVE"), GROUPS("[" GROUP_1 "]"), NOT_ASSIGNED, ANSWERED("GET /api/v1/apps/0oa1", APP),
      ANSWERED("GET /api/v1/groups/00g3", "{\"id\":\"00g3\"}")},
     "ACTIVE app- 00g1+ 00g3- One"},
    {"an assignment that was taken away",
     APPS,
     {USER("ACTIVE"), ASSIGNED("DEPROVISIONED")},
     "ACTIVE app-n"},
    {"an application and a group that are gone",
     APPS | GROUPS_TOO,
     {USER("ACTIVE"), GROUPS("[" GROUP_1 "]"),
      NOT_FOUND("GET /api/v1/apps/0oa1/users/00u1", "0oa1 (AppInstance)"),
      NOT_FOUND("GET /api/v1/apps/0oa1", "0oa1 (AppInstance)"),
      NOT_FOUND("GET /api/v1/groups/00g3", "00g3 (UserGroup)")},
     "ACTIVE app? 00g1+ 00g3? One"},
    {"a witness that cannot be asked",
     APPS,
     {USER("ACTIVE"), NOT_ASSIGNED, {.want = "GET /api/v1/apps/0oa1", .status = 403, .body = "{}"}},
     "denied"},
    {"no call is spent on who is deprovisioned",
     APPS | GROUPS_TOO,
     {USER("DEPROVISIONED")},
     "DEPROVISIONED app- 00g1- 00g3-"},
    {"sign-in states are told as they are", NOTHING, {USER("LOCKED_OUT")}, "LOCKED_OUT"},
    {"gone, while the org lists others",
     APPS,
     {NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"), ANSWERED(ORG, "[{\"id\":\"00u2\"}]")},
     "gone"},
    {"not found, and nobody else is either",
     APPS,
     {NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"), ANSWERED(ORG, "[]")},
     "denied"},
    {"not found, and the org does not answer",
     APPS,
     {NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"),
      {.want = ORG, .status = 403, .body = "{\"errorCode\":\"E0000006\"}"}},
     "denied"},
    {"a gateway's 404s of the user",
     APPS,
     {BARE_404, BARE_404, BARE_404, BARE_404, BARE_404},
     "io"},
    {"a gateway's 404 in passing", NOTHING, {BARE_404, USER("ACTIVE")}, "ACTIVE"},
    {"another user than asked for",
     APPS,
     {ANSWERED("GET /api/v1/users/00u1", "{\"id\":\"00u2\",\"profile\":{}}")},
     "io"},
    {"another's assignment",
     APPS,
     {USER("ACTIVE"), ANSWERED("GET /api/v1/apps/0oa1/users/00u1", "{\"id\":\"00u2\"}")},
     "io"},
    {"a profile that cannot be used",
     APPS,
     {ANSWERED("GET /api/v1/users/00u1", "{\"id\":\"00u1\",\"profile\":{\"a\":\"\\ud800\"}}")},
     "input"},
    {"gone between two answers",
     GROUPS_TOO,
     {USER("ACTIVE"), NOT_FOUND("GET /api/v1/users/00u1/groups", "00u1 (User)")},
     "io"},
    {"groups that are denied",
     GROUPS_TOO,
     {USER("ACTIVE"), {.want = "GET /api/v1/users/00u1/groups", .status = 403, .body = "{}"}},
     "denied"},
};

static void persons_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct played_step steps[7];
        size_t n = 0;

        memcpy(steps, rows[i].steps, sizeof(steps));
        while (n < 7 && steps[n].want != NULL)
            n++;
        played_start(steps, n);
        (void)ask(rows[i].wants);
        played_run();
        if (strcmp(story.text, rows[i].story) != 0 || story.n != 1)
            fail_msg("%s: '%s': %s", rows[i].name, story.text, story.fail.text);
        assert_int_equal(played.n_requests, n);
        played_end();
    }
}

/* What was seen a moment ago is not asked for again; unless the answer itself casts doubt on it. */
static void witnesses_are_shared(void **state)
{
    struct played_step steps[] = {
        USER("ACTIVE"),
        NOT_ASSIGNED,
        ANSWERED("GET /api/v1/apps/0oa1", APP),
        USER("ACTIVE"),
        NOT_ASSIGNED,
        USER("ACTIVE"),
        NOT_FOUND("GET /api/v1/apps/0oa1/users/00u1", "0oa1 (AppInstance)"),
        NOT_FOUND("GET /api/v1/apps/0oa1", "0oa1 (AppInstance)"),
        NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"),
        ANSWERED(ORG, "[{\"id\":\"00u2\"}]"),
        NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"),
    };
    static const char *const want[] = {"ACTIVE app-", "ACTIVE app-", "ACTIVE app?", "gone", "gone"};

    (void)state;
    played_start(PLAYED_STEPS(steps));
    for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
        (void)ask(APPS);
        played_run();
        assert_string_equal(story.text, want[i]);
    }
    assert_int_equal(played.n_requests, sizeof(steps) / sizeof(steps[0]));
    played_end();
}

static void a_read_can_be_cancelled_anywhere(void **state)
{
    struct played_step steps[] = {
        {.want = "GET /api/v1/users/00u1", .deed = PLAYED_HOLDS},
        USER("ACTIVE"),
        {.want = "GET /api/v1/users/00u1/groups", .deed = PLAYED_HOLDS},
        {.want = "GET /api/v1/apps/0oa1/users/00u1", .deed = PLAYED_HOLDS},
        NOT_FOUND("GET /api/v1/users/00u1", "00u1 (User)"),
        {.want = ORG, .deed = PLAYED_HOLDS},
    };

    (void)state;
    played_start(PLAYED_STEPS(steps));
    okta_person_cancel(ask(APPS)); /* before anything is sent */
    for (int i = 0; i < 3; i++) {
        static const size_t n_requests[] = {1, 4, 6};
        struct okta_person_read *read = ask(APPS | GROUPS_TOO);

        played_run_until(n_requests[i]);
        okta_person_cancel(read);
        assert_int_equal(story.n, 0);
    }
    okta_person_cancel(NULL);
    played_run_ms(20);
    assert_int_equal(story.n, 0);
    played_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(persons_are_read),
        cmocka_unit_test(witnesses_are_shared),
        cmocka_unit_test(a_read_can_be_cancelled_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
