#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "connect/connect.h"
#include "engine/alert.h"
#include "engine/converge.h"
#include "engine/gatekeeper.h"
#include "engine/housekeeping.h"
#include "engine/instance.h"
#include "engine/intake.h"
#include "engine/news.h"
#include "engine/okta_pause.h"
#include "engine/okta_source.h"
#include "engine/pace.h"
#include "engine/reconcile.h"
#include "engine/secrets.h"
#include "engine/store_roster.h"
#include "store/committer.h"

enum { STOP_LOOK_MS = 20 };

struct engine {
    struct loop *loop;
    const struct settings *settings;
    struct rules rules; /* the settings', with the instance's identity */
    struct current_names names;
    struct judge judge;
    int lock_fd;
    bool is_limited; /* engine_new_for */
    struct store *reader;
    struct committer *committer;
    struct handback *handback;
    struct journal *journal;
    struct roster *roster;
    struct pace *pace;
    struct connect *connect;
    struct alert *alert;
    struct instance *instance;
    struct converge *converge;
    struct gatekeeper *gatekeeper;
    struct housekeeping *housekeeping;
    struct reconcile *reconcile; /* NULL in engine_new_for */
    struct secrets *secrets;
    struct http_client *okta_client;
    struct okta_source *okta;    /* NULL: Okta's API is not used */
    struct roster_change forget; /* a pause of Okta's API, when it is not used any more */
    struct loop_timer *stop_timer;
    void (*idle)(void *arg);
    void *idle_arg;
    int64_t store_failing_since_ms;
};

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct settings *s = ((const struct engine *)arg)->settings;

    *out_rate = rate_limits_for(&s->rate, span_of(operation));
    *out_burst = rate_limits_for(&s->burst, span_of(operation));
}

/* ---- what a person should hear of ---- */

static void tell(void *arg, const struct converge_news *news)
{
    news_of_converging(((const struct engine *)arg)->alert, news);
}

static void tell_of_gate(void *arg, enum gate gate, int64_t passed, int64_t held,
                         const char *reason, bool is_new)
{
    struct engine *e = arg;

    news_of_gate(e->alert, gate, passed, held, reason, is_new);
    converge_kick(e->converge);
}

static void tell_of_instance(void *arg, const char *code, const char *text)
{
    news_of_name(((const struct engine *)arg)->alert, code, text);
}

static void instance_paused(void *arg, const char *operation, const struct fail *fail)
{
    news_of_pause(((const struct engine *)arg)->alert, operation, fail);
}

static void instance_resumed(void *arg, const char *operation)
{
    news_of_pause(((const struct engine *)arg)->alert, operation, NULL);
}

static void tell_of_okta(void *arg, const char *code, const char *text)
{
    news_of_okta(((const struct engine *)arg)->alert, code, text);
}

static void tell_of_user(void *arg, struct span user_id, const struct fail *fail)
{
    news_of_user(((const struct engine *)arg)->alert, user_id, fail);
}

static void okta_paused(void *arg, const struct fail *fail)
{
    news_of_pause(((const struct engine *)arg)->alert, OKTA_OPERATION, fail);
}

/* ---- what comes from Okta ---- */

static void noticed(void *arg, const struct journal_entry *entry)
{
    struct engine *e = arg;

    for (const struct journal_notice *n = entry->alarms; n != NULL; n = n->next)
        news_of_alarm(e->alert, n, e->okta == NULL || n->subject->kind == SUBJECT_SCOPE);
    for (const struct journal_notice *n = entry->containers; n != NULL; n = n->next)
        instance_container_seen(e->instance,
                                n->subject->membership.kind == MEMBERSHIP_APP ? NAME_OKTA_APP
                                                                              : NAME_OKTA_GROUP,
                                n->subject->membership.name, n->subject->membership.container);
    if (e->okta == NULL)
        return;
    if (entry->n > 0 && span_eq(entry->events[0].via, SPAN("hook")))
        okta_source_delivered(e->okta, entry);
    if (entry->n_looks > 0)
        okta_source_kick(e->okta);
}

static void okta_name_seen(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct engine *e = arg;

    instance_container_seen(e->instance, kind, name, id);
}

static void people_due(void *arg)
{
    struct engine *e = arg;

    converge_kick(e->converge);
}

static void secrets_changed(void *arg)
{
    struct engine *e = arg;
    struct okta_credentials credentials = secrets_okta(e->secrets);
    struct fail fail;

    if (e->okta != NULL && okta_source_set_credentials(e->okta, &credentials, &fail) != ERR_NONE)
        log_error("the renewed credentials for Okta cannot be used; the ones from before count",
                  LOG_STR("error", fail.text));
}

/* ---- how the parts are bound together ---- */

static void instance_ready(void *arg)
{
    struct engine *e = arg;

    converge_open(e->converge);
    if (e->reconcile != NULL)
        reconcile_start(e->reconcile);
}

static void instance_learned(void *arg)
{
    struct engine *e = arg;

    converge_kick(e->converge);
}

static void kick_all(struct engine *e)
{
    converge_kick(e->converge);
    if (e->okta != NULL)
        okta_source_kick(e->okta);
}

static void names_forgotten(void *arg)
{
    kick_all(arg);
}

/* Whoever sleeps until what was next by the former clock would sleep on for a while. */
static void hurried(void *arg)
{
    kick_all(arg);
}

static void lacks_name(void *arg)
{
    struct engine *e = arg;

    instance_lacks_name(e->instance);
}

static void resolved(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct engine *e = arg;

    instance_resolved(e->instance, kind, name, id);
}

static void came_to_gate(void *arg, enum gate gate)
{
    struct engine *e = arg;

    gatekeeper_came(e->gatekeeper, gate);
}

static bool has_unplanned(void *arg, enum gate gate, int64_t since_ms)
{
    struct engine *e = arg;

    return converge_has_unplanned(e->converge, gate, since_ms);
}

static enum err lock_store(struct engine *e, struct fail *fail)
{
    struct buf path;
    enum err err;

    buf_init(&path, 8192);
    buf_add(&path, e->settings->store_file);
    buf_add_str(&path, ".lock");
    err = fs_lock(path.p, &e->lock_fd, fail);
    if (err == ERR_CONFLICT)
        err = fail_set(fail, ERR_CONFLICT,
                       "another roster works on the store %.*s; stop it first, or give this one a "
                       "[Store] PATH of its own",
                       SPAN_ARG(e->settings->store_file));
    buf_done(&path);
    return err;
}

static enum err open_store(struct engine *e, struct fail *fail)
{
    char *file = mem_dup(e->settings->store_file);
    char *slash = strrchr(file, '/');
    enum err err = ERR_NONE;

    if (slash != NULL && slash != file) {
        *slash = '\0';
        err = fs_make_folder(file, fail);
        *slash = '/';
    }
    if (err == ERR_NONE)
        err = lock_store(e, fail);
    if (err == ERR_NONE)
        err = committer_start(file, &e->committer, fail);
    if (err == ERR_NONE)
        err = store_open(file, STORE_READ, &e->reader, fail);
    free(file);
    return err;
}

static enum err make_instance(struct engine *e, struct fail *fail)
{
    struct instance_options options = {.loop = e->loop,
                                       .handback = e->handback,
                                       .pace = e->pace,
                                       .connect = e->connect,
                                       .rules = &e->rules,
                                       .names = &e->names,
                                       .instance_id = e->settings->instance_id,
                                       .ready = instance_ready,
                                       .learned = instance_learned,
                                       .forgot = names_forgotten,
                                       .told = tell_of_instance,
                                       .paused = instance_paused,
                                       .resumed = instance_resumed,
                                       .arg = e};

    return instance_new(&options, e->reader, &e->instance, fail);
}

static enum err make_converge(struct engine *e, struct fail *fail)
{
    struct converge_options options = {.loop = e->loop,
                                       .roster = e->roster,
                                       .pace = e->pace,
                                       .connect = e->connect,
                                       .rules = &e->rules,
                                       .names = &e->names,
                                       .instance_id = e->settings->instance_id,
                                       .max_wait_ms = e->settings->max_wait_ms,
                                       .guards_admins = true,
                                       .tell = tell,
                                       .lacks_name = lacks_name,
                                       .resolved = resolved,
                                       .came_to_gate = came_to_gate,
                                       .arg = e};
    struct gatekeeper_options gate = {.loop = e->loop,
                                      .handback = e->handback,
                                      .max_removals = e->settings->max_removals,
                                      .max_changes = e->settings->max_changes,
                                      .has_unplanned = has_unplanned,
                                      .judged = tell_of_gate,
                                      .arg = e};
    enum err err = converge_new(&options, &e->converge, fail);

    if (err == ERR_NONE)
        e->gatekeeper = gatekeeper_new(&gate);
    return err;
}

/* Converging is idle; a page of the System Log may still be on its way to the disk. */
static void look_whether_idle(void *arg)
{
    struct engine *e = arg;

    if ((e->okta == NULL || okta_source_is_idle(e->okta)) &&
        (e->reconcile == NULL || reconcile_is_idle(e->reconcile)))
        e->idle(e->idle_arg);
    else
        loop_timer_set(e->stop_timer, STOP_LOOK_MS);
}

static void forgotten(struct roster_change *change, enum err err, const struct fail *fail)
{
    (void)err; /* it is for people to see; the next start forgets it, too */
    (void)fail;
    arena_done(&change->arena);
}

static void forget_okta_pause(struct engine *e)
{
    e->forget = (struct roster_change){.pause_change = PAUSE_REMOVE,
                                       .pause = {.operation = SPAN(OKTA_OPERATION)},
                                       .done = forgotten};
    e->roster->change(e->roster, &e->forget);
}

static enum err make_okta(struct engine *e, struct fail *fail)
{
    struct okta_source_options options = {.loop = e->loop,
                                          .settings = e->settings,
                                          .credentials = secrets_okta(e->secrets),
                                          .reader = e->reader,
                                          .handback = e->handback,
                                          .journal = e->journal,
                                          .judge = &e->judge,
                                          .seen = okta_name_seen,
                                          .told = tell_of_okta,
                                          .told_of_user = tell_of_user,
                                          .paused = okta_paused,
                                          .due = people_due,
                                          .arg = e};
    enum err err;

    if (e->settings->org_url.n == 0)
        return ERR_NONE;
    err = http_client_new(e->loop, "roster/" ROSTER_VERSION, &e->okta_client, fail);
    options.client = e->okta_client;
    return err == ERR_NONE ? okta_source_new(&options, &e->okta, fail) : err;
}

static void make_reconcile(struct engine *e)
{
    struct reconcile_options options = {.loop = e->loop,
                                        .handback = e->handback,
                                        .reader = e->reader,
                                        .judge = &e->judge,
                                        .settings = e->settings,
                                        .okta = e->okta == NULL ? NULL : okta_source_api(e->okta),
                                        .connect = e->connect,
                                        .pace = e->pace,
                                        .seen = okta_name_seen,
                                        .told = tell_of_okta,
                                        .due = people_due,
                                        .arg = e};

    e->reconcile = reconcile_new(&options);
}

static enum err make_engine(struct loop *loop, const struct settings *settings, struct aws *aws,
                            struct span cause, struct engine **out, struct fail *fail)
{
    struct engine *e = mem_new(1, sizeof(*e));
    enum err err;

    e->loop = loop;
    e->settings = settings;
    e->rules = settings->rules;
    e->judge = (struct judge){&e->rules, &e->names};
    e->lock_fd = -1;
    e->stop_timer = loop_timer_new(loop, look_whether_idle, e);
    current_names_set(&e->names, &names_unread);
    err = open_store(e, fail);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    e->handback = handback_new(loop, e->committer);
    e->journal = store_journal_new(e->handback, &e->judge, noticed, e);
    e->roster = store_roster_new(e->reader, e->handback, &e->judge);
    e->is_limited = cause.n > 0;
    if (e->is_limited)
        store_roster_only(e->roster, cause);
    e->pace = pace_new(loop, ceiling, e);
    e->connect = connect_new(aws, settings->instance_id);
    e->alert = alert_new(loop, settings->alert_command, settings->name);
    e->secrets = secrets_new(loop, settings, secrets_changed, e);
    e->housekeeping = housekeeping_new(loop, e->handback, settings, &e->judge);
    housekeeping_on_hurried(e->housekeeping, hurried, e);
    err = make_instance(e, fail);
    if (err == ERR_NONE)
        err = make_converge(e, fail);
    if (err == ERR_NONE)
        err = cause.n == 0 ? make_okta(e, fail) : ERR_NONE;
    if (err == ERR_NONE && cause.n == 0)
        make_reconcile(e);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    *out = e;
    return ERR_NONE;
}

enum err engine_new(struct loop *loop, const struct settings *settings, struct aws *aws,
                    struct engine **out, struct fail *fail)
{
    return make_engine(loop, settings, aws, SPAN(""), out, fail);
}

enum err engine_new_for(struct loop *loop, const struct settings *settings, struct aws *aws,
                        struct span cause, struct engine **out, struct fail *fail)
{
    return make_engine(loop, settings, aws, cause, out, fail);
}

static void say_what_leaving_means(const struct engine *e)
{
    if (e->rules.on_remove == REMOVE_KEEP)
        log_warn("[Connect] ON_REMOVE is keep: whoever leaves keeps their agent in Amazon Connect; "
                 "set disable or delete",
                 LOG_NOTHING);
}

enum err engine_start(struct engine *e, struct fail *fail)
{
    enum err err = housekeeping_start(e->housekeeping, fail);

    if (err != ERR_NONE)
        return err;
    if (!e->is_limited)
        say_what_leaving_means(e);
    instance_start(e->instance);
    if (e->okta != NULL)
        okta_source_start(e->okta);
    else if (!e->is_limited)
        forget_okta_pause(e);
    return ERR_NONE;
}

void engine_stop(struct engine *e, void (*idle)(void *arg), void *arg)
{
    housekeeping_stop(e->housekeeping);
    gatekeeper_stop(e->gatekeeper);
    instance_stop(e->instance);
    if (e->reconcile != NULL)
        reconcile_stop(e->reconcile);
    if (e->okta != NULL)
        okta_source_stop(e->okta);
    e->idle = idle;
    e->idle_arg = arg;
    converge_stop(e->converge, look_whether_idle, e);
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    committer_stop(e->committer);
    reconcile_free(e->reconcile);
    okta_source_free(e->okta);
    http_client_free(e->okta_client);
    converge_free(e->converge);
    gatekeeper_free(e->gatekeeper);
    housekeeping_free(e->housekeeping);
    instance_free(e->instance);
    alert_free(e->alert);
    connect_free(e->connect);
    pace_free(e->pace);
    store_roster_free(e->roster);
    store_journal_free(e->journal);
    secrets_free(e->secrets);
    loop_timer_free(e->stop_timer);
    handback_free(e->handback);
    store_close(e->reader);
    if (e->lock_fd >= 0)
        (void)close(e->lock_fd); /* releases the lock */
    free(e);
}

struct journal *engine_journal(struct engine *e)
{
    return e->journal;
}

const struct rules *engine_rules(const struct engine *e)
{
    return &e->rules;
}

const struct names *engine_names(const struct engine *e)
{
    return current_names_get(&e->names);
}

int64_t engine_okta_now_ms(const struct engine *e)
{
    return e->okta == NULL ? 0 : okta_api_now_ms(okta_source_api(e->okta));
}

struct store *engine_reader(struct engine *e)
{
    return e->reader;
}

void engine_kick(struct engine *e)
{
    converge_kick(e->converge);
}

const struct secret *engine_hook_secret(const struct engine *e)
{
    return secrets_hook(e->secrets);
}

const struct secret *engine_hook_secret_previous(const struct engine *e)
{
    return secrets_hook_previous(e->secrets);
}

void engine_renew_secrets(struct engine *e)
{
    secrets_renew(e->secrets);
}

double engine_rate(struct engine *e, const char *operation)
{
    return pace_rate(e->pace, operation);
}

void engine_store_worked(struct engine *e, bool worked, const char *text)
{
    if (worked && e->store_failing_since_ms != 0)
        log_info("the store works again",
                 LOG_INT("failed_for_s", (clock_wall_ms() - e->store_failing_since_ms) / MS_PER_S));
    if (worked) {
        e->store_failing_since_ms = 0;
        return;
    }
    if (e->store_failing_since_ms != 0)
        return;
    e->store_failing_since_ms = clock_wall_ms();
    log_error("deliveries cannot be stored; Okta gets 503", LOG_STR("error", text));
    alert_send(e->alert,
               &(struct alert_message){.event = "unhealthy", .code = "store", .text = text});
}

int64_t engine_store_failing_since_ms(const struct engine *e)
{
    return e->store_failing_since_ms;
}

void engine_probe_store(struct engine *e, void (*done)(void *arg, const struct fail *fail),
                        void *arg)
{
    housekeeping_probe(e->housekeeping, done, arg);
}
