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
#include "engine/housekeeping.h"
#include "engine/intake.h"
#include "engine/pace.h"
#include "engine/store_roster.h"
#include "store/committer.h"

struct engine {
    struct loop *loop;
    const struct settings *settings;
    struct rules rules;
    int lock_fd;
    struct store *reader;
    struct committer *committer;
    struct handback *handback;
    struct journal *journal;
    struct roster *roster;
    struct pace *pace;
    struct connect *connect;
    struct alert *alert;
    struct converge *converge;
    struct housekeeping *housekeeping;
    int64_t store_failing_since_ms;
};

struct rules engine_rules_of(const struct settings *s)
{
    return s->rules;
}

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct settings *s = ((const struct engine *)arg)->settings;

    *out_rate = rate_limits_for(&s->rate, span_of(operation));
    *out_burst = rate_limits_for(&s->burst, span_of(operation));
}

static void tell(void *arg, const struct converge_news *news)
{
    static const char *const events[] = {[NEWS_HELD] = "held",
                                         [NEWS_FAILED] = "failed",
                                         [NEWS_PAUSED] = "paused",
                                         [NEWS_RESUMED] = "resumed",
                                         [NEWS_FULL] = "full"};
    struct engine *e = arg;
    struct alert_message message = {.event = events[news->kind],
                                    .code = news->code,
                                    .text = news->text,
                                    .operation = news->operation};

    if (news->person != NULL) {
        message.okta_id = news->person->id;
        message.user = person_user_name(news->person);
        log_warn(news->kind == NEWS_HELD ? "person held" : "person failed",
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

enum err engine_new(struct loop *loop, const struct settings *settings, struct aws *aws,
                    struct engine **out, struct fail *fail)
{
    struct engine *e = mem_new(1, sizeof(*e));
    struct converge_options options;
    enum err err;

    *e = (struct engine){
        .loop = loop, .settings = settings, .rules = engine_rules_of(settings), .lock_fd = -1};
    err = open_store(e, fail);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    e->handback = handback_new(loop, e->committer);
    e->journal = store_journal_new(e->handback, &e->rules);
    e->roster = store_roster_new(e->reader, e->handback, &e->rules);
    e->pace = pace_new(loop, ceiling, e);
    e->connect = connect_new(aws, settings->instance_id);
    e->alert = alert_new(loop, settings->alert_command, settings->name);
    options = (struct converge_options){.loop = loop,
                                        .roster = e->roster,
                                        .pace = e->pace,
                                        .connect = e->connect,
                                        .rules = &e->rules,
                                        .instance_id = settings->instance_id,
                                        .tell = tell,
                                        .arg = e};
    e->housekeeping = housekeeping_new(loop, e->handback, settings, &e->rules);
    err = converge_new(&options, &e->converge, fail);
    if (err != ERR_NONE) {
        engine_free(e);
        return err;
    }
    *out = e;
    return ERR_NONE;
}

enum err engine_start(struct engine *e, struct fail *fail)
{
    return housekeeping_start(e->housekeeping, fail);
}

void engine_stop(struct engine *e, void (*idle)(void *arg), void *arg)
{
    housekeeping_stop(e->housekeeping);
    converge_stop(e->converge, idle, arg);
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    committer_stop(e->committer);
    converge_free(e->converge);
    housekeeping_free(e->housekeeping);
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
