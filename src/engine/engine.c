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
#include "engine/pace.h"
#include "engine/store_roster.h"
#include "store/committer.h"

struct engine {
    struct loop *loop;
    const struct settings *settings;
    struct rules rules; /* the settings', with the instance's identity */
    struct current_names names;
    struct judge judge;
    int lock_fd;
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
    static const char *const events[] = {
        [NEWS_HELD] = "held",     [NEWS_FAILED] = "failed",   [NEWS_PARKED] = "parked",
        [NEWS_PAUSED] = "paused", [NEWS_RESUMED] = "resumed", [NEWS_FULL] = "full"};
    struct engine *e = arg;
    struct alert_message message = {.event = events[news->kind],
                                    .code = news->code,
                                    .text = news->text,
                                    .operation = news->operation};

    if (news->person != NULL) {
        message.okta_id = news->person->id;
        message.user = person_label(news->person);
        log_warn(news->kind == NEWS_HELD     ? "person held"
                 : news->kind == NEWS_PARKED ? "person parked"
                                             : "person failed",
                 LOG_SPAN("okta_id", message.okta_id), LOG_SPAN("user", message.user),
                 LOG_STR("code", news->code), LOG_STR("reason", news->text));
    } else if (news->kind == NEWS_RESUMED) {
        log_info("operation resumed", LOG_STR("operation", news->operation));
    } else {
        log_error("operation paused for everybody", LOG_STR("operation", news->operation),
                  LOG_STR("code", news->code), LOG_STR("reason", news->text));
    }
    alert_send(e->alert, &message);
}

static void tell_of_gate(void *arg, enum gate gate, int64_t passed, int64_t held,
                         const char *reason, bool is_new)
{
    struct engine *e = arg;
    const char *what = gate == GATE_REMOVALS ? "removals" : "changes";

    if (passed > 0)
        log_info("a set passed its bound", LOG_STR("of", what), LOG_INT("people", passed));
    if (held > 0) {
        log_error("a set was held at its bound", LOG_STR("of", what), LOG_INT("people", held),
                  LOG_STR("reason", reason));
        if (is_new)
            alert_send(e->alert,
                       &(struct alert_message){.event = "held", .code = what, .text = reason});
    }
    converge_kick(e->converge);
}

static void tell_of_instance(void *arg, const char *code, const char *text)
{
    struct engine *e = arg;

    log_error("a name in the configuration", LOG_STR("code", code), LOG_STR("problem", text));
    alert_send(e->alert, &(struct alert_message){.event = "unhealthy", .code = code, .text = text});
}

static void instance_paused(void *arg, const char *operation, const struct fail *fail)
{
    tell(arg,
         &(struct converge_news){
             .kind = NEWS_PAUSED, .operation = operation, .code = fail->code, .text = fail->text});
}

static void instance_resumed(void *arg, const char *operation)
{
    tell(arg, &(struct converge_news){
                  .kind = NEWS_RESUMED, .operation = operation, .code = "", .text = ""});
}

static void tell_alarm(struct engine *e, const struct journal_notice *notice)
{
    const struct membership *m = &notice->subject->membership;
    struct span name = m->name.n > 0 ? m->name : m->container;
    char *text = mem_printf("%s: '%.*s' (event %.*s); nobody is removed because of that",
                            notice->subject->alarm, SPAN_ARG(name), SPAN_ARG(notice->event->uuid));

    log_warn("Okta tells of something to look at", LOG_STR("alarm", notice->subject->alarm),
             LOG_SPAN("name", name), LOG_SPAN("event", notice->event->uuid));
    alert_send(e->alert,
               &(struct alert_message){.event = "unhealthy", .code = "okta_alarm", .text = text});
    free(text);
}

/* ---- what comes from Okta ---- */

/* Looks at users, groups or applications have been asked for: whoever carries them out begins
 * soon. */
static void looks_asked(struct engine *e)
{
    (void)e;
}

static void noticed(void *arg, const struct journal_entry *entry)
{
    struct engine *e = arg;

    for (const struct journal_notice *n = entry->alarms; n != NULL; n = n->next)
        tell_alarm(e, n);
    for (const struct journal_notice *n = entry->containers; n != NULL; n = n->next)
        instance_container_seen(e->instance,
                                n->subject->membership.kind == MEMBERSHIP_APP ? NAME_OKTA_APP
                                                                              : NAME_OKTA_GROUP,
                                n->subject->membership.name, n->subject->membership.container);
    if (entry->n_looks > 0)
        looks_asked(e);
}

/* ---- how the parts are bound together ---- */

static void instance_ready(void *arg)
{
    struct engine *e = arg;

    converge_open(e->converge);
}

static void instance_learned(void *arg)
{
    struct engine *e = arg;

    converge_kick(e->converge);
}

static void lacks_name(void *arg)
{
    struct engine *e = arg;

    instance_lacks_name(e->instance);
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
                                       .tell = tell,
                                       .lacks_name = lacks_name,
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

enum err engine_new(struct loop *loop, const struct settings *settings, struct aws *aws,
                    struct engine **out, struct fail *fail)
{
    struct engine *e = mem_new(1, sizeof(*e));
    enum err err;

    e->loop = loop;
    e->settings = settings;
    e->rules = settings->rules;
    e->judge = (struct judge){&e->rules, &e->names};
    e->lock_fd = -1;
    current_names_set(&e->names, &names_unread);
    err = open_store(e, fail);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    e->handback = handback_new(loop, e->committer);
    e->journal = store_journal_new(e->handback, &e->judge, noticed, e);
    e->roster = store_roster_new(e->reader, e->handback, &e->judge);
    e->pace = pace_new(loop, ceiling, e);
    e->connect = connect_new(aws, settings->instance_id);
    e->alert = alert_new(loop, settings->alert_command, settings->name);
    e->housekeeping = housekeeping_new(loop, e->handback, settings, &e->judge);
    err = make_instance(e, fail);
    if (err == ERR_NONE)
        err = make_converge(e, fail);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    *out = e;
    return ERR_NONE;
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
    say_what_leaving_means(e);
    instance_start(e->instance);
    return ERR_NONE;
}

void engine_stop(struct engine *e, void (*idle)(void *arg), void *arg)
{
    housekeeping_stop(e->housekeeping);
    gatekeeper_stop(e->gatekeeper);
    instance_stop(e->instance);
    converge_stop(e->converge, idle, arg);
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    committer_stop(e->committer);
    converge_free(e->converge);
    gatekeeper_free(e->gatekeeper);
    housekeeping_free(e->housekeeping);
    instance_free(e->instance);
    alert_free(e->alert);
    connect_free(e->connect);
    pace_free(e->pace);
    store_roster_free(e->roster);
    store_journal_free(e->journal);
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

const struct judge *engine_judge(const struct engine *e)
{
    return &e->judge;
}

struct store *engine_reader(struct engine *e)
{
    return e->reader;
}

void engine_kick(struct engine *e)
{
    converge_kick(e->converge);
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
