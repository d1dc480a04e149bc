#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cmd/pinned_names.h"

#define CLAIMS_ID "11111111-1111-4111-8111-111111111111"
#define OTHER_ID "22222222-2222-4222-8222-222222222222"

static const struct pin pins[] = {
    {.kind = NAME_ROUTING_PROFILE, .name = {"Claims", 6}, .id = {CLAIMS_ID, 36}},
    {.kind = NAME_OKTA_GROUP, .name = {"J\xc3\xb6rg", 5}, .id = {"00g1", 4}},
    {.kind = NAME_SECURITY_PROFILE,
     .name = {"Agent", 5},
     .id = {OTHER_ID, 36},
     .name_now = {"Agents", 6}},
};

static const struct row {
    const char *name;
    enum name_kind kind;
    const char *ref;
    enum name_answer answer;
    const char *id;
} rows[] = {
    {"pinned", NAME_ROUTING_PROFILE, "Claims", NAME_KNOWN, CLAIMS_ID},
    {"another kind", NAME_SECURITY_PROFILE, "Claims", NAME_NOT_READ, ""},
    {"another case", NAME_ROUTING_PROFILE, "claims", NAME_NOT_READ, ""},
    {"not pinned", NAME_ROUTING_PROFILE, "Sales", NAME_NOT_READ, ""},
    {"the same letters otherwise composed", NAME_OKTA_GROUP, "Jo\xcc\x88rg", NAME_KNOWN, "00g1"},
    {"an id", NAME_ROUTING_PROFILE, OTHER_ID, NAME_KNOWN, OTHER_ID},
    {"renamed: the name in the rules", NAME_SECURITY_PROFILE, "Agent", NAME_KNOWN, OTHER_ID},
    {"renamed: the new name", NAME_SECURITY_PROFILE, "Agents", NAME_NOT_READ, ""},
};

static void names_mean_what_they_are_pinned_to(void **state)
{
    struct pinned_names view = pinned_names(pins, sizeof(pins) / sizeof(pins[0]));

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct span id = SPAN("");

        if (view.names.find(&view.names, rows[i].kind, span_of(rows[i].ref), &id) !=
                rows[i].answer ||
            !span_eq(id, span_of(rows[i].id)))
            fail_msg("%s: '%.*s'", rows[i].name, SPAN_ARG(id));
    }
}

static void ids_are_shown_with_their_names(void **state)
{
    struct pinned_names view = pinned_names(pins, sizeof(pins) / sizeof(pins[0]));
    struct arena a = {0};

    (void)state;
    assert_true(span_eq(pinned_names_label(&view.names, NAME_ROUTING_PROFILE, SPAN(CLAIMS_ID), &a),
                        SPAN("Claims (" CLAIMS_ID ")")));
    assert_true(span_eq(pinned_names_label(&view.names, NAME_SECURITY_PROFILE, SPAN(OTHER_ID), &a),
                        SPAN("Agents (" OTHER_ID ")")));
    assert_true(span_eq(pinned_names_label(&view.names, NAME_SECURITY_PROFILE, SPAN(CLAIMS_ID), &a),
                        SPAN(CLAIMS_ID)));
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_mean_what_they_are_pinned_to),
        cmocka_unit_test(ids_are_shown_with_their_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
