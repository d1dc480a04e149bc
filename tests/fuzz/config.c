/* floor: config — the whole text of a config.ini, through ROSTER_CONFIG. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/settings.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_good(const struct settings *s)
{
    assert(s->app_name.n > 0 || s->group_name.n > 0);
    assert(s->instance_id.n > 0 && s->routing_profile_id.n > 0);
    assert(s->n_security_profile_ids > 0 &&
           s->n_security_profile_ids <= SETTINGS_SECURITY_PROFILES);
    assert(rate_limits_for(&s->rate, SPAN("CreateUser")) > 0);
    assert(rate_limits_for(&s->burst, SPAN("CreateUser")) >= 1);
    assert(s->settle_ms >= 0 && s->keep_events_ms > 0);
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
