#include "lambda/configuration.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "lambda/references.h"

struct configuration {
    struct references *references;
    struct settings *settings;
    /* When it was fetched last for each need: clock_wall_ms, which goes on while the process is
     * frozen. */
    int64_t tried_ms[2];
    void (*loaded)(void *arg, enum err err, const struct fail *fail);
    void (*refreshed)(void *arg);
    void *arg;
};

struct configuration *configuration_new(struct loop *loop, struct http_client *client,
                                        const char *const *environment)
{
    struct configuration *c = mem_new(1, sizeof(*c));

    c->references = references_new(loop, client, environment);
    return c;
}

void configuration_free(struct configuration *c)
{
    if (c == NULL)
        return;
    references_free(c->references);
    settings_free(c->settings);
    free(c);
}

/* Replaces the settings when the new ones are right. */
static enum err take_settings(struct configuration *c, struct fail *fail)
{
    const struct settings_sources sources = {.environment = references_environment(c->references)};
    struct settings_mistakes mistakes = {0};
    struct settings *settings = NULL;
    enum err err = settings_load(&sources, &settings, &mistakes);

    for (size_t i = 0; i < mistakes.n; i++)
        log_error("mistake in the settings", LOG_STR("error", mistakes.lines[i]));
    if (err != ERR_NONE)
        (void)fail_set(fail, err, "%s",
                       mistakes.n > 0 ? mistakes.lines[0] : "the settings cannot be read");
    settings_mistakes_done(&mistakes);
    if (err != ERR_NONE)
        return err;
    settings_free(c->settings);
    c->settings = settings;
    return ERR_NONE;
}

static void on_loaded(void *arg, enum err err, const struct fail *fail)
{
    struct configuration *c = arg;
    struct fail why = *fail;

    if (err == ERR_NONE)
        err = take_settings(c, &why);
    c->loaded(c->arg, err, &why);
}

void configuration_load(struct configuration *c,
                        void (*done)(void *arg, enum err err, const struct fail *fail), void *arg)
{
    c->loaded = done;
    c->arg = arg;
    references_fetch(c->references, on_loaded, c);
}

const struct settings *configuration_settings(const struct configuration *c)
{
    return c->settings;
}

static void on_refreshed(void *arg, enum err err, const struct fail *fail)
{
    struct configuration *c = arg;
    struct fail why = *fail;

    if (err == ERR_NONE)
        err = take_settings(c, &why);
    if (err != ERR_NONE)
        log_error("the secrets could not be read again; those from before count",
                  LOG_STR("error", why.text));
    c->refreshed(c->arg);
}

bool configuration_refresh(struct configuration *c, enum configuration_need need, int64_t now_ms,
                           void (*done)(void *arg), void *arg)
{
    int64_t age_ms = references_age_ms(c->references, now_ms),
            since_ms = now_ms - c->tried_ms[need];
    bool is_due = need == CONFIGURATION_BY_AGE ? age_ms > REFERENCES_KEPT_MS : age_ms > 0;

    if (!is_due || (since_ms >= 0 && since_ms < CONFIGURATION_AGAIN_MS))
        return false;
    c->refreshed = done;
    c->arg = arg;
    c->tried_ms[need] = now_ms;
    references_fetch(c->references, on_refreshed, c);
    return true;
}

void configuration_forget(struct configuration *c)
{
    references_forget(c->references);
}
