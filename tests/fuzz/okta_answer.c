/* floor: okta; answers of Okta: errors, lists and event hooks; the first byte chooses. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "okta/answer.h"
#include "okta/event_hooks.h"
#include "okta/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(struct span body)
{
    struct span rest = body;
    struct answer_facts facts = {.method = "GET", .path = SPAN("/api/v1/users")};
    struct fail fail;

    /* The challenge, a line break, the body. */
    (void)span_split(&rest, '\n', &facts.authenticate);
    facts.body = rest;
    for (facts.status = 300; facts.status < 600; facts.status += 100 / 3)
        if (answer_judge(&facts, &fail) == ERR_NONE || fail.text[0] == '\0' ||
            strchr(fail.text, '\n') != NULL)
            abort();
}

static void check_user(const struct okta_user *user)
{
    if (!okta_is_id(user->id))
        abort();
    for (size_t i = 0; i < user->n_attributes; i++)
        if (okta_user_attribute(user, user->attributes[i].name).p == NULL ||
            user->attributes[i].value.n > OKTA_VALUE_MAX)
            abort();
}

static void decode(enum okta_kind kind, struct span body)
{
    struct okta_result r = {0};
    struct arena a;
    struct fail fail;

    arena_init(&a);
    if (okta_result_add(&a, kind, body, &r, &fail) == ERR_NONE) {
        for (size_t i = 0; i < r.n_users; i++)
            check_user(&r.users[i]);
        for (size_t i = 0; i < r.n_app_users; i++)
            if (r.app_users[i].user != NULL)
                check_user(r.app_users[i].user);
    }
    arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span body = span_n(data + 1, size - 1);
    struct okta_event_hooks hooks = {0};
    struct arena a;

    if (size < 2)
        return 0;
    switch (data[0]) {
    case 'e':
        judge(body);
        break;
    case 'u':
        decode(OKTA_USERS, body);
        break;
    case 'g':
        decode(OKTA_GROUPS, body);
        break;
    case 'a':
        decode(OKTA_APPS, body);
        break;
    case 'x':
        decode(OKTA_APP_USERS, body);
        break;
    case 'h':
        arena_init(&a);
        (void)!okta_event_hooks_decode(&a, body, &hooks, NULL);
        arena_done(&a);
        break;
    default:
        break;
    }
    return 0;
}
