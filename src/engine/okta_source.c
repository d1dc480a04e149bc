#include "engine/okta_source.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypt/digest.h"
#include "engine/catch_up.h"
#include "engine/hook_health.h"
#include "engine/looker.h"
#include "engine/okta_pause.h"
#include "engine/scope_look.h"

enum { ASK_AGAIN_MS = 1000, RULES_LIMIT = 8 * 1024 * 1024 /* a config.ini has at most 1 MiB */ };

struct okta_source {
    struct handback_job job; /* first: asks for the whole scope to be compared */
    struct okta_source_options options;
    struct okta_api *api;
    struct okta_pause *pause;
    struct looker *looker;
    struct scope_look *scope;
    struct hook_health *health;
    struct catch_up *catch_up;
    char digest[SHA256_HEX + 1];
    struct loop_timer *ask_timer;
    const char *ask_cause; /* NULL: nothing is to be asked for */
    bool is_started, is_asking, is_stopping;
};

/* ---- comparing the whole scope ---- */

static enum err write_ask(struct handback_job *job, struct store *store, struct fail *fail)
{
    struct okta_source *s = (struct okta_source *)job;
    struct look look = {.source = SPAN("okta"),
                        .kind = LOOK_SCOPE,
                        .id = SPAN(""),
                        .due_ms = clock_wall_ms(),
                        .cause = span_of(s->ask_cause)};

    return store_look_put(store, &look, fail);
}

static void ask_ended(struct handback_job *job)
{
    struct okta_source *s = (struct okta_source *)job;

    s->is_asking = false;
    if (job->err == ERR_NONE)
        s->ask_cause = NULL;
    else if (!s->is_stopping)
        loop_timer_set(s->ask_timer, ASK_AGAIN_MS);
    looker_kick(s->looker);
}

static void ask(void *arg)
{
    struct okta_source *s = arg;

    if (s->is_asking || s->is_stopping || s->ask_cause == NULL)
        return;
    s->job = (struct handback_job){.write = write_ask, .ended = ask_ended};
    s->is_asking = handback_submit(s->options.handback, &s->job);
    if (!s->is_asking)
        loop_timer_set(s->ask_timer, ASK_AGAIN_MS);
}

static void compare_all(struct okta_source *s, const char *cause)
{
    s->ask_cause = cause;
    ask(s);
}

/* ---- between the parts ---- */

static bool look(void *arg, const struct look *look)
{
    struct okta_source *s = arg;

    return scope_look_begin(s->scope, look);
}

static void kick(void *arg)
{
    struct okta_source *s = arg;

    looker_kick(s->looker);
}

static void due(void *arg)
{
    struct okta_source *s = arg;

    s->options.due(s->options.arg);
}

static void told(void *arg, const char *code, const char *text)
{
    struct okta_source *s = arg;

    s->options.told(s->options.arg, code, text);
}

static void told_of_user(void *arg, struct span user_id, const struct fail *fail)
{
    struct okta_source *s = arg;

    s->options.told_of_user(s->options.arg, user_id, fail);
}

static void seen(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct okta_source *s = arg;

    s->options.seen(s->options.arg, kind, name, id);
}

static void paused(void *arg, const struct fail *fail)
{
    struct okta_source *s = arg;

    s->options.paused(s->options.arg, fail);
    if (fail == NULL)
        looker_kick(s->looker);
}

static void lost(void *arg, const char *code, const char *text)
{
    struct okta_source *s = arg;

    s->options.told(s->options.arg, code, text);
    compare_all(s, "events may be missing");
}

/* ---- life ---- */

static void make_digest(struct okta_source *s)
{
    struct buf text;

    buf_init(&text, RULES_LIMIT);
    settings_add_rules_text(s->options.settings, &text);
    buf_add_str(&text, okta_api_origin(s->api));
    sha256_hex(buf_span(&text), s->digest);
    buf_done(&text);
}

static void waits(void *arg, int64_t wait_ms)
{
    (void)arg;
    log_info("nothing is asked of Okta for a while: its rate limit is used up, or it has failed",
             LOG_INT("wait_ms", wait_ms));
}

static enum err make_api(struct okta_source *s, struct fail *fail)
{
    struct okta_api_options options = {.org_url = s->options.settings->org_url,
                                       .credentials = s->options.credentials,
                                       .waits = waits};

    return okta_api_new(s->options.loop, s->options.client, &options, &s->api, fail);
}

/* What the store says of an earlier run. */
static enum err was_left(struct okta_source *s, bool *out_was_paused, bool *out_is_compared,
                         struct fail *fail)
{
    struct arena a = {0};
    struct pause *pauses;
    struct span note;
    size_t n;
    enum err err = store_pauses(s->options.reader, &a, &pauses, &n, fail);

    if (err == ERR_NONE)
        err = store_note_get(s->options.reader, &a, SCOPE_NOTE, &note, fail);
    if (err == ERR_NONE) {
        *out_was_paused = false;
        for (size_t i = 0; i < n; i++)
            *out_was_paused |= span_eq(pauses[i].operation, SPAN(OKTA_OPERATION));
        *out_is_compared = span_eq(note, span_of(s->digest));
    }
    arena_done(&a);
    return err;
}

static void make_looks(struct okta_source *s)
{
    const struct okta_source_options *o = &s->options;
    struct scope_look_options scope = {.loop = o->loop,
                                       .api = s->api,
                                       .handback = o->handback,
                                       .judge = o->judge,
                                       .pause = s->pause,
                                       .digest = span_of(s->digest),
                                       .seen = seen,
                                       .told = told,
                                       .kick = kick,
                                       .arg = s};
    struct looker_options looker = {.loop = o->loop,
                                    .api = s->api,
                                    .reader = o->reader,
                                    .handback = o->handback,
                                    .judge = o->judge,
                                    .pause = s->pause,
                                    .look = look,
                                    .due = due,
                                    .told = told_of_user,
                                    .arg = s};

    s->scope = scope_look_new(&scope);
    s->looker = looker_new(&looker);
}

static enum err make_catch_up(struct okta_source *s, struct fail *fail)
{
    const struct okta_source_options *o = &s->options;
    struct hook_health_options health = {
        .handback = o->handback, .is_on = o->settings->has_hook, .told = told, .arg = s};
    struct catch_up_options catch_up = {.loop = o->loop,
                                        .api = s->api,
                                        .journal = o->journal,
                                        .judge = o->judge,
                                        .pause = s->pause,
                                        .every_ms = o->settings->catch_up_every_ms,
                                        .lost = lost,
                                        .due = due,
                                        .arg = s};
    enum err err = hook_health_new(&health, o->reader, &s->health, fail);

    catch_up.health = s->health;
    return err == ERR_NONE ? catch_up_new(&catch_up, o->reader, &s->catch_up, fail) : err;
}

enum err okta_source_new(const struct okta_source_options *options, struct okta_source **out,
                         struct fail *fail)
{
    struct okta_source *s = mem_new(1, sizeof(*s));
    struct okta_pause_options pause = {.handback = options->handback, .told = paused, .arg = s};
    bool is_compared = false;
    enum err err;

    s->options = *options;
    s->ask_timer = loop_timer_new(options->loop, ask, s);
    err = make_api(s, fail);
    if (err == ERR_NONE) {
        make_digest(s);
        err = was_left(s, &pause.was_paused, &is_compared, fail);
    }
    if (err == ERR_NONE) {
        s->pause = okta_pause_new(&pause);
        err = make_catch_up(s, fail);
    }
    if (err != ERR_NONE) {
        okta_source_free(s);
        return err;
    }
    if (!is_compared)
        s->ask_cause = "the whole scope is compared for the first time by these rules";
    *out = s;
    return ERR_NONE;
}

void okta_source_start(struct okta_source *s)
{
    s->is_started = true;
    make_looks(s);
    ask(s);
    catch_up_start(s->catch_up);
}

void okta_source_kick(struct okta_source *s)
{
    if (s->looker != NULL)
        looker_kick(s->looker);
}

void okta_source_delivered(struct okta_source *s, const struct journal_entry *entry)
{
    hook_health_delivered(s->health, entry, clock_wall_ms());
}

enum err okta_source_set_credentials(struct okta_source *s,
                                     const struct okta_credentials *credentials, struct fail *fail)
{
    enum err err = okta_api_set_credentials(s->api, credentials, fail);

    if (err == ERR_NONE && s->is_started) {
        okta_pause_try_again(s->pause);
        looker_kick(s->looker);
        catch_up_start(s->catch_up);
    }
    return err;
}

struct okta_api *okta_source_api(struct okta_source *s)
{
    return s->api;
}

void okta_source_stop(struct okta_source *s)
{
    s->is_stopping = true;
    loop_timer_clear(s->ask_timer);
    catch_up_stop(s->catch_up);
    if (s->looker == NULL)
        return;
    looker_stop(s->looker);
    scope_look_stop(s->scope);
}

bool okta_source_is_idle(const struct okta_source *s)
{
    return catch_up_is_idle(s->catch_up);
}

void okta_source_free(struct okta_source *s)
{
    if (s == NULL)
        return;
    catch_up_free(s->catch_up);
    looker_free(s->looker);
    scope_look_free(s->scope);
    hook_health_free(s->health);
    okta_pause_free(s->pause);
    okta_api_free(s->api);
    loop_timer_free(s->ask_timer);
    free(s);
}
