/* Rules, an instance's names and a person who matches them, for tests. */
#ifndef ROSTER_TESTS_MODEL_RULES_WORLD_H
#define ROSTER_TESTS_MODEL_RULES_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <string.h>

#include "fake_names.h"
#include "model/rules.h"

static const struct fake_row instance[] = {
    {NAME_SECURITY_PROFILE, "Agent", "sp-agent"},
    {NAME_SECURITY_PROFILE, "Lead", "sp-lead"},
    {NAME_SECURITY_PROFILE, "Twice", "sp-1"},
    {NAME_SECURITY_PROFILE, "Twice", "sp-2"},
    {NAME_ROUTING_PROFILE, "Basic", "rp-basic"},
    {NAME_ROUTING_PROFILE, "Claims", "rp-claims"},
    {NAME_HIERARCHY_GROUP, "Berlin/Claims", "hg-claims"},
    {NAME_HIERARCHY_GROUP, "Berlin", "hg-berlin"},
};

/* ---- rules for tests: those of group g1, g2 … match, in that order ---- */

enum { RULES_MAX = 12 };

struct world {
    struct rule rules[RULES_MAX];
    struct rule_test tests[RULES_MAX];
    struct span groups[RULES_MAX];
    char names[RULES_MAX][8];
    struct membership memberships[RULES_MAX];
    struct rules all;
    struct person person;
    struct fake_names view;
    struct arena arena;
    struct entitlement e;
    struct fail fail;
};

static const struct span agent[] = {{"Agent", 5}}, lead[] = {{"Lead", 4}};

/* n rules, each named R1, R2 …; the first gives what everybody needs. */
static inline void begin(struct world *w, size_t n)
{
    memset(w, 0, sizeof(*w));
    for (size_t i = 0; i < n; i++) {
        (void)snprintf(w->names[i], sizeof(w->names[i]), "R%zu", i + 1);
        w->groups[i] = span_of(w->names[i]);
        w->tests[i] = (struct rule_test){.kind = TEST_GROUP, .values = &w->groups[i], .n = 1};
        w->rules[i] = (struct rule){.name = w->groups[i], .tests = &w->tests[i], .n_tests = 1};
        w->memberships[i] =
            (struct membership){MEMBERSHIP_GROUP, w->groups[i], w->groups[i], true, 1};
    }
    w->rules[0].security_profiles = agent;
    w->rules[0].n_security_profiles = 1;
    w->rules[0].routing_profile = SPAN("Basic");
    w->all = (struct rules){.rules = w->rules, .n = n, .managed_by = SPAN("roster")};
    w->person = (struct person){.id = SPAN("00u1"),
                                .login = SPAN("jane@acme.com"),
                                .app_user_name = SPAN("jane"),
                                .display_name = SPAN("Jane Doe"),
                                .profile = SPAN("{}")};
    w->view = fake_names(instance, sizeof(instance) / sizeof(instance[0]));
}

static inline enum err give(struct world *w)
{
    return rules_entitlement(&w->all, &w->view.names, &w->person, w->memberships, w->all.n,
                             &w->arena, &w->e, &w->fail);
}

static inline void given(struct world *w)
{
    if (give(w) != ERR_NONE)
        fail_msg("%s: %s", w->fail.code, w->fail.text);
}

static inline void refused(struct world *w, const char *code, const char *text)
{
    w->e.n_tags = 77;
    if (give(w) == ERR_NONE)
        fail_msg("accepted instead of: %s", text);
    if (strcmp(w->fail.code, code) != 0 || strstr(w->fail.text, text) == NULL)
        fail_msg("%s: '%s' instead of %s: '%s'", w->fail.code, w->fail.text, code, text);
    assert_int_equal(w->e.n_tags, 77);
    /* Who wants no text gets none. */
    assert_int_not_equal(rules_entitlement(&w->all, &w->view.names, &w->person, w->memberships,
                                           w->all.n, &w->arena, &w->e, NULL),
                         ERR_NONE);
}

static inline void end(struct world *w)
{
    arena_done(&w->arena);
}

#define assert_text(span, text) assert_string_equal(text_of(span), text)

static inline const char *text_of(struct span s)
{
    static char text[4][512];
    static unsigned at;

    at = (at + 1) % 4;
    (void)snprintf(text[at], sizeof(text[at]), "%.*s", SPAN_ARG(s));
    return text[at];
}

#endif
