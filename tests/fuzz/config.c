/* floor: config — the whole text of a config.ini, through ROSTER_CONFIG. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_channels(const struct channel_setting *setting)
{
    for (size_t i = 0; i < CHANNELS; i++)
        assert(setting->of[i] >= CHANNEL_UNSET && setting->of[i] <= 2000000);
}

static void check_rule(const struct rule *rule, bool reads_okta)
{
    assert(rule->n_tests > 0);
    for (size_t i = 0; i < rule->n_tests; i++) {
        assert(rule->tests[i].n > 0);
        assert(rule->tests[i].kind != TEST_ATTRIBUTE ||
               (reads_okta && rule->tests[i].attribute.n > 0));
    }
    assert(rule->n_security_profiles <= ENTITLEMENT_SECURITY_PROFILES);
    for (size_t i = 0; i < rule->n_security_profiles && !rule->has_ids; i++)
        assert(strstr(rule->security_profiles[i].p, "${") == NULL);
    assert(rule->n_tags <= ENTITLEMENT_TAGS);
    assert(rule->n_proficiencies <= ENTITLEMENT_PROFICIENCIES);
    for (size_t i = 0; i < rule->n_proficiencies; i++)
        assert(rule->proficiencies[i].level >= 1 && rule->proficiencies[i].level <= 5);
    check_channels(&rule->auto_accept);
    check_channels(&rule->after_contact_work);
}

static void check_good(const struct settings *s)
{
    const struct rule *plain = settings_plain_rule(s);

    assert(s->instance_id.n > 0 && s->rules.n > 0);
    assert(plain == NULL || (plain->routing_profile.n > 0 && plain->n_security_profiles > 0));
    for (size_t i = 0; i < s->rules.n; i++)
        check_rule(&s->rules.rules[i], s->rules.reads_okta);
    assert(s->rules.reads_okta == (s->org_url.n > 0));
    assert(s->has_hook || s->rules.reads_okta);
    assert((s->rules.parked_security_profile.n > 0) == (s->rules.parked_routing_profile.n > 0));
    assert(s->rules.on_remove != REMOVE_DISABLE || s->rules.parked_security_profile.n > 0);
    assert(rate_limits_for(&s->rate, SPAN("CreateUser")) > 0);
    assert(rate_limits_for(&s->burst, SPAN("CreateUser")) >= 1);
    assert(s->rules.settle_ms >= 0 && s->keep_events_ms > 0);
    assert(s->tls_cert.n == 0 || s->tls_key.n > 0);
    assert(s->listen.n > 0 && s->store_file.n > 0 && s->name.n > 0);
}

/* The first line is empty, so that the rest is a text and no path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char head[] = "ROSTER_CONFIG=\n";
    char *text = mem_new(sizeof(head) + size, 1);
    const char *environment[] = {text, "HOME=/nowhere", NULL};
    struct settings_sources sources = {.environment = environment};
    struct settings_mistakes mistakes;
    struct settings *s = NULL;

    memcpy(text, head, sizeof(head) - 1);
    if (size > 0)
        memcpy(text + sizeof(head) - 1, data, size);
    if (settings_load(&sources, &s, &mistakes) == ERR_NONE) {
        assert(mistakes.n == 0);
        check_good(s);
    } else {
        assert(s == NULL && mistakes.n > 0);
    }
    for (size_t i = 0; i < mistakes.n; i++)
        assert(strchr(mistakes.lines[i], '\n') == NULL);
    settings_free(s);
    settings_mistakes_done(&mistakes);
    free(text);
    return 0;
}
