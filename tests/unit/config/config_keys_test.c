#include "load.h"

#include <string.h>

#include "base/fs.h"
#include "config/keys.h"
#include "config/rule_keys.h"
#include "text/ini.h"

static void names_are_found(void **state)
{
    static const struct find_row {
        const char *section, *name, *found;
        bool is_file;
    } rows[] = {
        {"Connect", "RATE", "RATE", false},
        {"CONNECT", "rate", "RATE", false},
        {"OKTA", "HOOK", "HOOK", false},
        {"OKTA", "HOOK_SECRET", "HOOK_SECRET", false},
        {"OKTA", "hook_secret_file", "HOOK_SECRET", true},
        {"OKTA", "HOOK_SECRET_PREVIOUS_FILE", "HOOK_SECRET_PREVIOUS", true},
        {"OKTA", "HOOK_SECRET_FILE_FILE", NULL, false},
        {"OKTA", "SETTLE_FILE", NULL, false},
        {"OKTA", "RATE", NULL, false},
        {"Connect", "RAT", NULL, false},
        {"Connect", "RATES", NULL, false},
        {"", "", NULL, false},
    };

    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct key_use use = key_find(span_of(rows[i].section), span_of(rows[i].name));
        char *variable = mem_printf("ROSTER_%s_%s", rows[i].section, rows[i].name);
        struct key_use same = key_find_variable(span_of(variable));

        if (use.key == NULL ? rows[i].found != NULL
                            : rows[i].found == NULL || strcmp(use.key->name, rows[i].found) != 0 ||
                                  use.is_file != rows[i].is_file)
            fail_msg("[%s] %s", rows[i].section, rows[i].name);
        if (same.key != use.key || (use.key != NULL && same.is_file != use.is_file))
            fail_msg("%s", variable);
        free(variable);
    }
}

static void no_key_is_there_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_keys; i++)
        assert_ptr_equal(key_find(span_of(keys[i].section), span_of(keys[i].name)).key, &keys[i]);
}

/* What the table says as default and as example must be accepted. */
static void defaults_and_examples_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_keys; i++) {
        const struct key *key = &keys[i];
        const char *const texts[] = {key->fallback, key->example};

        if ((key->fallback == NULL) == (key->otherwise == NULL))
            fail_msg("%s: either a default or what holds without", key->name);
        /* Of a private key, only the beginning is shown. */
        for (size_t j = 0; key->kind != KEY_PEM && j < ROWS(texts); j++) {
            char *variable =
                mem_printf("ROSTER_%s_%s=%s", key->section, key->name, texts[j] ? texts[j] : "");
            struct loaded l = load(LEAST, (const char *const[]){variable, NULL}, NULL);

            /* Some need another, and files that are not there. */
            if (l.err != ERR_NONE && strstr(l.all, "which is missing") == NULL)
                fail_msg("%s: %s", variable, l.all);
            loaded_done(&l);
            free(variable);
        }
    }
}

static char *page_row(const struct key *key)
{
    return key->fallback != NULL ? mem_printf("| `%s` | %s. | %s | `%s` | `%s` |\n", key->name,
                                              key->help, key->form, key->fallback, key->example)
                                 : mem_printf("| `%s` | %s. | %s | %s | `%s` |\n", key->name,
                                              key->help, key->form, key->otherwise, key->example);
}

/* docs/configuration.md tells of each key in its section what the table says, and of no other. */
static void the_page_has_every_key(void **state)
{
    struct span section = {0}, line, rest;
    size_t n_rows = 0;
    struct buf page;

    (void)state;
    buf_init(&page, INI_SIZE_LIMIT);
    assert_int_equal(fs_read(TEST_DATA "/../../docs/configuration.md", &page, NULL), ERR_NONE);
    for (size_t i = 0; i < n_keys; i++) {
        char *heading = mem_printf("\n## [%s]\n", keys[i].section);
        char *text = page_row(&keys[i]);
        const char *from = strstr(page.p, heading);

        if (from == NULL || strstr(from, text) == NULL)
            fail_msg("docs/configuration.md has no line, below%s%s", heading, text);
        free(heading);
        free(text);
    }
    rest = buf_span(&page);
    while (span_split(&rest, '\n', &line)) {
        if (span_starts(line, SPAN("## ")))
            section = span_n(line.p + 3, line.n - 3);
        n_rows += span_starts(line, SPAN("| `")) && span_starts(section, SPAN("["));
    }
    assert_int_equal(n_rows, n_keys);
    buf_done(&page);
}

static char *rule_row(const struct rule_key *key)
{
    return mem_printf("| `%s%s` | %s. | %s | `%s` |\n", key->name,
                      key->kind == RULE_USER ? "<attribute>" : "", key->help, key->form,
                      key->example);
}

/* So does docs/rules.md of the keys of a rule, and explains each of them beside its row. */
static void the_rules_page_has_every_key(void **state)
{
    struct span line, rest;
    size_t n_rows = 0;
    struct buf page;

    (void)state;
    buf_init(&page, INI_SIZE_LIMIT);
    assert_int_equal(fs_read(TEST_DATA "/../../docs/rules.md", &page, NULL), ERR_NONE);
    for (size_t i = 0; i < n_rule_keys; i++) {
        char *row = rule_row(&rule_keys[i]);
        char *example = mem_printf("\n    %s", rule_keys[i].name);

        if (strstr(page.p, row) == NULL)
            fail_msg("docs/rules.md has no line %s", row);
        if (strstr(page.p, example) == NULL)
            fail_msg("docs/rules.md has no example of %s", rule_keys[i].name);
        free(row);
        free(example);
    }
    rest = span_of(strstr(page.p, "\n### When"));
    while (span_split(&rest, '\n', &line) && !span_starts(line, SPAN("## ")))
        n_rows += span_starts(line, SPAN("| `"));
    assert_int_equal(n_rows, n_rule_keys);
    buf_done(&page);
}

/* The examples of the table, each in a rule that has nothing else of its kind. */
static void examples_of_rules_are_good(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_rule_keys; i++) {
        const struct rule_key *key = &rule_keys[i];
        char *text =
            mem_printf(LEAST "[OKTA]\nORG_URL = https://acme.okta.com\nAPI_TOKEN = t\n[Mapping A]\n"
                             "%s\n%s%s = %s\n[Mapping B]\nGROUP = g\nDESK_PHONE = +4930123456\n",
                       rule_key_is_test(key) ? "TAGS = a=b" : "GROUP = g", key->name,
                       key->kind == RULE_USER ? "department" : "", key->example);
        struct loaded l = load_good(text, NULL, NULL);

        loaded_done(&l);
        free(text);
    }
}

static void rule_keys_are_found(void **state)
{
    static const struct rule_key_row {
        const char *name, *found, *attribute, *closest;
    } rows[] = {
        {"GROUP", "GROUP", "", NULL},
        {"group", "GROUP", "", NULL},
        {"USER.costCenter", "USER.", "costCenter", NULL},
        {"user.costCenter", "USER.", "costCenter", NULL},
        {"USER.", "USER.", "", NULL},
        {"USER", NULL, "", NULL},
        {"USR.costCenter", NULL, "", "USER.costCenter"},
        {"GROUPS", NULL, "", "GROUP"},
        {"SECURITY_PROFILE_IDS", NULL, "", "SECURITY_PROFILES"},
        {"ROUTING_PROFILE_ID", NULL, "", "ROUTING_PROFILE"},
        {"NONSENSE", NULL, "", NULL},
        {"NONSENSE.x", NULL, "", NULL},
        {"", NULL, "", NULL},
    };
    struct arena a;

    (void)state;
    arena_init(&a);
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct rule_key_use use = rule_key_find(span_of(rows[i].name));
        const char *closest = use.key == NULL ? rule_key_closest(span_of(rows[i].name), &a) : NULL;

        if (!span_eq(span_of(use.key == NULL ? NULL : use.key->name), span_of(rows[i].found)) ||
            !span_eq(use.attribute, span_of(rows[i].attribute)) ||
            !span_eq(span_of(closest), span_of(rows[i].closest)))
            fail_msg("%s: %s", rows[i].name, closest == NULL ? "-" : closest);
    }
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(no_key_is_there_twice),
        cmocka_unit_test(defaults_and_examples_are_good),
        cmocka_unit_test(the_page_has_every_key),
        cmocka_unit_test(the_rules_page_has_every_key),
        cmocka_unit_test(examples_of_rules_are_good),
        cmocka_unit_test(rule_keys_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
