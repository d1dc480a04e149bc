#include "engine/secrets.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "config/secret_file.h"

enum { HOOK, HOOK_PREVIOUS, API_TOKEN, PRIVATE_KEY, SECRETS };

struct secrets {
    struct loop_timer *timer;
    const struct settings *settings;
    struct secret of[SECRETS];
    char *files[SECRETS];  /* NULL: it did not come from a file */
    bool is_told[SECRETS]; /* that it cannot be read */
    void (*changed)(void *arg);
    void *arg;
};

static const char *const keys[SECRETS] = {[HOOK] = "HOOK_SECRET_FILE",
                                          [HOOK_PREVIOUS] = "HOOK_SECRET_PREVIOUS_FILE",
                                          [API_TOKEN] = "API_TOKEN_FILE",
                                          [PRIVATE_KEY] = "PRIVATE_KEY_FILE"};

/* Has it become another one? */
static bool renew(struct secrets *s, int i)
{
    struct secret now = {0};
    struct fail fail;
    enum err err;
    bool is_other;

    if (s->files[i] == NULL)
        return false;
    err = i == PRIVATE_KEY ? secret_file_read_pem(s->files[i], &now, &fail)
                           : secret_file_read(s->files[i], &now, &fail);
    if (err != ERR_NONE) {
        if (!s->is_told[i])
            log_warn("a secret could not be read again; the one from before still counts",
                     LOG_STR("key", keys[i]), LOG_STR("error", fail.text));
        s->is_told[i] = true;
        return false;
    }
    s->is_told[i] = false;
    is_other = !span_eq(secret_span(&now), secret_span(&s->of[i]));
    if (is_other) {
        secret_set(&s->of[i], secret_span(&now));
        log_info("a secret was renewed", LOG_STR("key", keys[i]));
    }
    secret_done(&now);
    return is_other;
}

void secrets_renew(struct secrets *s)
{
    bool has_other_token, has_other_key;

    (void)renew(s, HOOK); /* used as they are at each request */
    (void)renew(s, HOOK_PREVIOUS);
    has_other_token = renew(s, API_TOKEN);
    has_other_key = renew(s, PRIVATE_KEY);
    if (has_other_token || has_other_key)
        s->changed(s->arg);
}

static void every_now_and_then(void *arg)
{
    struct secrets *s = arg;

    secrets_renew(s);
    loop_timer_set(s->timer, SECRETS_EVERY_MS);
}

struct secrets *secrets_new(struct loop *loop, const struct settings *settings,
                            void (*changed)(void *arg), void *arg)
{
    const struct secret *from[SECRETS] = {
        [HOOK] = &settings->hook_secret,
        [HOOK_PREVIOUS] = &settings->hook_secret_previous,
        [API_TOKEN] = &settings->api_token,
        [PRIVATE_KEY] = &settings->private_key,
    };
    const struct span files[SECRETS] = {
        [HOOK] = settings->hook_secret_file,
        [HOOK_PREVIOUS] = settings->hook_secret_previous_file,
        [API_TOKEN] = settings->api_token_file,
        [PRIVATE_KEY] = settings->private_key_file,
    };
    struct secrets *s = mem_new(1, sizeof(*s));

    *s = (struct secrets){.settings = settings, .changed = changed, .arg = arg};
    for (int i = 0; i < SECRETS; i++) {
        if (secret_is_set(from[i]))
            secret_set(&s->of[i], secret_span(from[i]));
        if (files[i].n > 0)
            s->files[i] = mem_dup(files[i]);
    }
    s->timer = loop_timer_new(loop, every_now_and_then, s);
    loop_timer_set(s->timer, SECRETS_EVERY_MS);
    return s;
}

void secrets_free(struct secrets *s)
{
    if (s == NULL)
        return;
    for (int i = 0; i < SECRETS; i++) {
        secret_done(&s->of[i]);
        free(s->files[i]);
    }
    loop_timer_free(s->timer);
    free(s);
}

const struct secret *secrets_hook(const struct secrets *s)
{
    return &s->of[HOOK];
}

const struct secret *secrets_hook_previous(const struct secrets *s)
{
    return &s->of[HOOK_PREVIOUS];
}

struct okta_credentials secrets_okta(const struct secrets *s)
{
    return (struct okta_credentials){.api_token = secret_span(&s->of[API_TOKEN]),
                                     .client_id = s->settings->client_id,
                                     .private_key = secret_span(&s->of[PRIVATE_KEY]),
                                     .key_id = s->settings->key_id};
}
