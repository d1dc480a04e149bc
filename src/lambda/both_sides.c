#include "lambda/both_sides.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

/* ---- names ---- */

static void end(struct both_sides *s, const struct fail *fail)
{
    void (*done)(void *arg, const struct fail *fail) = s->done;

    s->done = NULL;
    s->is_prepared = fail == NULL;
    if (s->search != NULL)
        s->shared = name_search_shared(s->search, &s->n_shared);
    if (done != NULL)
        done(s->arg, fail);
}

static void searched(void *arg, const struct fail *fail)
{
    end(arg, fail);
}

static void found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct both_sides *s = arg;

    naming_learn(s->naming, kind, name, id);
}

static void told(void *arg, const char *code, const char *text)
{
    (void)arg;
    log_warn("a name in the rules", LOG_STR("code", code), LOG_STR("what", text));
}

static void named(void *arg, const struct fail *fail)
{
    struct both_sides *s = arg;

    s->options.knows_identity = fail == NULL || s->options.knows_identity;
    if (fail != NULL || s->search == NULL)
        end(s, fail);
    else
        name_search_begin(s->search);
}

static void make_naming(struct both_sides *s)
{
    struct naming_options naming = {.loop = s->options.loop,
                                    .connect = s->connect,
                                    .pace = s->pace,
                                    .rules = &s->rules,
                                    .reads_identity = !s->options.knows_identity,
                                    .names = &s->names,
                                    .reads_only_needed = true,
                                    .done = named,
                                    .arg = s};

    s->naming = naming_new(&naming);
}

void both_sides_prepare(struct both_sides *s, void (*done)(void *arg, const struct fail *fail),
                        void *arg)
{
    if (s->is_prepared) {
        done(arg, NULL);
        return;
    }
    both_sides_forget(s);
    s->done = done;
    s->arg = arg;
    naming_begin(s->naming);
}

/* What was learned of Okta's names is learned again with the rest. */
static void begin_anew(struct both_sides *s)
{
    if (s->search != NULL)
        name_search_cancel(s->search);
    naming_free(s->naming);
    make_naming(s);
    s->shared = NULL;
    s->n_shared = 0;
}

void both_sides_forget(struct both_sides *s)
{
    if (s->done == NULL)
        return;
    s->done = NULL;
    begin_anew(s);
}

void both_sides_doubt(struct both_sides *s)
{
    if (!s->is_prepared)
        return;
    s->is_prepared = false;
    begin_anew(s);
}

/* ---- life ---- */

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct both_sides_options *o = &((const struct both_sides *)arg)->options;
    double workers = o->workers > 0 ? (double)o->workers : 1;

    *out_rate = rate_limits_for(&o->settings->rate, span_of(operation)) / workers;
    *out_burst = rate_limits_for(&o->settings->burst, span_of(operation)) / workers;
}

static enum err make_okta(struct both_sides *s, struct fail *fail)
{
    const struct settings *settings = s->options.settings;
    struct okta_api_options options = {
        .org_url = settings->org_url,
        .credentials = {.api_token = secret_span(&settings->api_token),
                        .client_id = settings->client_id,
                        .private_key = secret_span(&settings->private_key),
                        .key_id = settings->key_id}};
    struct name_search_options search = {
        .judge = &s->judge, .found = found, .told = told, .done = searched, .arg = s};
    enum err err;

    if (settings->org_url.n == 0)
        return ERR_NONE;
    err = okta_api_new(s->options.loop, s->options.client, &options, &s->okta, fail);
    if (err != ERR_NONE)
        return err;
    search.api = s->okta;
    s->search = name_search_new(&search);
    return ERR_NONE;
}

static enum err make_parts(struct both_sides *s, struct fail *fail)
{
    const struct both_sides_options *o = &s->options;
    struct aws_options aws = {.region = o->settings->region,
                              .partition = o->settings->partition,
                              .environment = o->environment};
    enum err err = aws_new(o->loop, o->client, &aws, &s->aws, fail);

    if (err != ERR_NONE)
        return err;
    s->connect = connect_new(s->aws, o->settings->instance_id);
    s->pace = pace_new(o->loop, ceiling, s);
    make_naming(s);
    return make_okta(s, fail);
}

enum err both_sides_new(const struct both_sides_options *options, struct both_sides **out,
                        struct fail *fail)
{
    struct both_sides *s = mem_new(1, sizeof(*s));
    enum err err;

    s->options = *options;
    s->rules = options->settings->rules;
    if (options->knows_identity)
        s->rules.identity = options->identity;
    if (s->rules.on_rename == RENAME_REPLACE)
        s->rules.on_rename = RENAME_HOLD;
    current_names_set(&s->names, &names_unread);
    s->judge = (struct judge){.rules = &s->rules, .names = &s->names};
    err = make_parts(s, fail);
    if (err == ERR_NONE)
        *out = s;
    else
        both_sides_free(s);
    return err;
}

void both_sides_free(struct both_sides *s)
{
    if (s == NULL)
        return;
    name_search_free(s->search);
    okta_api_free(s->okta);
    naming_free(s->naming);
    connect_free(s->connect);
    pace_free(s->pace);
    aws_free(s->aws);
    free(s);
}
