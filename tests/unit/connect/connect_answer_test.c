#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "connect/answer.h"

#define ARN "arn:aws:connect:us-east-1:123456789012:instance/i-1/agent/a-1"

static const struct created {
    const char *name, *body, *id; /* id NULL: unclear */
} created[] = {
    {"as it comes", "{\"UserId\":\"a-1\",\"UserArn\":\"" ARN "\"}", "a-1"},
    {"members that are not known", "{\"New\":[1,{}],\"UserArn\":\"" ARN "\",\"UserId\":\"a-1\"}",
     "a-1"},
    {"an integer beyond 64 bits",
     "{\"N\":9e99,\"M\":99999999999999999999999,\"UserArn\":\"" ARN "\",\"UserId\":\"b\"}", "b"},
    {"no body", "", NULL},
    {"an empty object", "{}", NULL},
    {"no ARN", "{\"UserId\":\"a-1\"}", NULL},
    {"no id", "{\"UserArn\":\"" ARN "\"}", NULL},
    {"an empty id", "{\"UserId\":\"\",\"UserArn\":\"" ARN "\"}", NULL},
    {"a null id", "{\"UserId\":null,\"UserArn\":\"" ARN "\"}", NULL},
    {"a number for an id", "{\"UserId\":1,\"UserArn\":\"" ARN "\"}", NULL},
    {"cut short", "{\"UserId\":\"a-1\",\"UserAr", NULL},
    {"HTML", "<html><body>502 Bad Gateway</body></html>", NULL},
    {"an array", "[\"a-1\"]", NULL},
    {"a text", "\"a-1\"", NULL},
    {"twice", "{\"UserId\":\"a-1\",\"UserArn\":\"" ARN "\"}{}", NULL},
    {"U+0000 in the id", "{\"UserId\":\"a\\u00001\",\"UserArn\":\"" ARN "\"}", NULL},
};

static void agents_are_read_when_made(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(created) / sizeof(created[0]); i++) {
        struct connect_answer answer = {0};
        struct arena arena = {0};
        struct fail fail = {0};
        enum err err = answer_create_user(span_of(created[i].body), &arena, &answer, &fail);

        if (err != (created[i].id == NULL ? ERR_UNCLEAR : ERR_NONE))
            fail_msg("%s: %s", created[i].name, err_name(err));
        if (err == ERR_NONE && (!span_eq(answer.user_id, span_of(created[i].id)) ||
                                !span_eq(answer.user_arn, SPAN(ARN))))
            fail_msg("%s: %.*s", created[i].name, SPAN_ARG(answer.user_id));
        if (err != ERR_NONE && (answer.user_id.p != NULL || fail.text[0] == '\0'))
            fail_msg("%s: something was set, or nothing said", created[i].name);
        arena_done(&arena);
    }
}

static void ids_have_a_bound(void **state)
{
    struct connect_answer answer = {0};
    struct arena arena = {0};
    struct fail fail;
    struct buf body;

    (void)state;
    buf_init(&body, 8192);
    buf_add_str(&body, "{\"UserArn\":\"" ARN "\",\"UserId\":\"");
    for (int i = 0; i < 257; i++)
        buf_add_char(&body, 'x');
    buf_add_str(&body, "\"}");
    assert_int_equal(answer_create_user(buf_span(&body), &arena, &answer, &fail), ERR_UNCLEAR);
    buf_done(&body);
    arena_done(&arena);
}

#define USER(id, name) "{\"Id\":\"" id "\",\"Arn\":\"" ARN "\",\"Username\":\"" name "\"}"

static const struct found {
    const char *name, *body;
    enum err err;
    size_t n;
    const char *id, *token;
} found[] = {
    {"nobody", "{\"Users\":[],\"ApproximateTotalCount\":0}", ERR_NONE, 0, NULL, ""},
    {"nobody, without the list", "{\"ApproximateTotalCount\":0}", ERR_NONE, 0, NULL, ""},
    {"nobody yet", "{\"Users\":[],\"NextToken\":\"a+/=\"}", ERR_NONE, 0, NULL, "a+/="},
    {"nobody yet, without the list", "{\"NextToken\":\"t\"}", ERR_NONE, 0, NULL, "t"},
    {"a null token", "{\"Users\":[],\"NextToken\":null}", ERR_NONE, 0, NULL, ""},
    {"found", "{\"Users\":[" USER("a-1", "ann@acme.com") "]}", ERR_NONE, 1, "a-1", ""},
    {"found with a token", "{\"Users\":[" USER("a-1", "ann@acme.com") "],\"NextToken\":\"t\"}",
     ERR_NONE, 1, "a-1", "t"},
    {"another case is another user", "{\"Users\":[" USER("a-1", "Ann@acme.com") "]}", ERR_NONE, 0,
     NULL, ""},
    {"longer is another user", "{\"Users\":[" USER("a-1", "ann@acme.com.au") "]}", ERR_NONE, 0,
     NULL, ""},
    {"among others",
     "{\"Users\":[" USER("a-1", "ANN@acme.com") "," USER("a-2", "ann@acme.com") "]}", ERR_NONE, 1,
     "a-2", ""},
    {"strange neighbours", "{\"Users\":[null,7,{},[]," USER("a-1", "ann@acme.com") "]}", ERR_NONE,
     1, "a-1", ""},
    {"found without an ARN", "{\"Users\":[{\"Id\":\"a-1\",\"Username\":\"ann@acme.com\"}]}",
     ERR_UNCLEAR, 0, NULL, ""},
    {"found without an id", "{\"Users\":[{\"Arn\":\"" ARN "\",\"Username\":\"ann@acme.com\"}]}",
     ERR_UNCLEAR, 0, NULL, ""},
    {"says nothing", "{}", ERR_UNCLEAR, 0, NULL, ""},
    {"a null list", "{\"Users\":null}", ERR_UNCLEAR, 0, NULL, ""},
    {"no body", "", ERR_UNCLEAR, 0, NULL, ""},
    {"cut short", "{\"Users\":[", ERR_UNCLEAR, 0, NULL, ""},
};

static void searches_are_compared_byte_for_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(found) / sizeof(found[0]); i++) {
        const struct found *row = &found[i];
        struct connect_answer answer = {0};
        struct arena arena = {0};
        struct fail fail = {0};
        struct span token = SPAN("");
        enum err err = answer_find_user(span_of(row->body), SPAN("ann@acme.com"), &arena, &answer,
                                        &token, &fail);

        if (err != row->err || answer.n_agents != row->n || !span_eq(token, span_of(row->token)))
            fail_msg("%s: %s, %zu agents, token '%.*s'", row->name, err_name(err), answer.n_agents,
                     SPAN_ARG(token));
        if (row->n == 1 && !span_eq(answer.agents[0].id, span_of(row->id)))
            fail_msg("%s: %.*s", row->name, SPAN_ARG(answer.agents[0].id));
        arena_done(&arena);
    }
}

static void all_of_an_agent_is_read(void **state)
{
    static const char body[] =
        "{\"Users\":[{\"Id\":\"a-1\",\"Arn\":\"" ARN "\",\"Username\":\"ann\",\"IdentityInfo\":"
        "{\"FirstName\":\"Ann\",\"LastName\":\"Lee\"},\"RoutingProfileId\":\"rp\","
        "\"SecurityProfileIds\":[\"s1\",\"s2\"],\"Tags\":{\"roster:managed-by\":\"emea\",\"team\":"
        "\"\"}}]}";
    struct connect_answer answer = {0};
    struct arena arena = {0};
    struct fail fail = {0};
    struct span token;
    const struct agent *a;

    (void)state;
    assert_int_equal(answer_find_user(span_of(body), SPAN("ann"), &arena, &answer, &token, &fail),
                     ERR_NONE);
    assert_int_equal(answer.n_agents, 1);
    a = &answer.agents[0];
    assert_true(span_eq(a->arn, SPAN(ARN)) && span_eq(a->user_name, SPAN("ann")));
    assert_true(span_eq(a->first_name, SPAN("Ann")) && span_eq(a->last_name, SPAN("Lee")));
    assert_true(span_eq(a->routing_profile_id, SPAN("rp")));
    assert_int_equal(a->n_security_profile_ids, 2);
    assert_true(span_eq(a->security_profile_ids[1], SPAN("s2")));
    assert_int_equal(a->n_tags, 2);
    assert_true(span_eq(agent_tag(a, SPAN(TAG_MANAGED_BY)), SPAN("emea")));
    assert_true(agent_tag(a, SPAN("team")).p != NULL && agent_tag(a, SPAN("team")).n == 0);
    assert_null(agent_tag(a, SPAN(TAG_OKTA_ID)).p);
    arena_done(&arena);
}

static void the_identity_type_is_read(void **state)
{
    struct connect_answer answer = {0};
    struct arena arena = {0};
    struct fail fail = {0};

    (void)state;
    assert_int_equal(answer_describe_instance(
                         SPAN("{\"Instance\":{\"Id\":\"i\",\"IdentityManagementType\":\"SAML\"}}"),
                         &arena, &answer, &fail),
                     ERR_NONE);
    assert_true(span_eq(answer.identity_type, SPAN("SAML")));
    assert_int_equal(
        answer_describe_instance(SPAN("{\"Instance\":{\"Id\":\"i\"}}"), &arena, &answer, &fail),
        ERR_UNCLEAR);
    assert_int_equal(answer_describe_instance(SPAN("{}"), &arena, &answer, &fail), ERR_UNCLEAR);
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agents_are_read_when_made),
        cmocka_unit_test(ids_have_a_bound),
        cmocka_unit_test(searches_are_compared_byte_for_byte),
        cmocka_unit_test(all_of_an_agent_is_read),
        cmocka_unit_test(the_identity_type_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
