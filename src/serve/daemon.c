#include "serve/daemon.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "net/http_server.h"
#include "net/loop.h"
#include "net/notify.h"
#include "serve/doors.h"
#include "text/url.h"

enum { STOP_MS = 9500, STOP_LOOK_MS = 20, PEM_LIMIT = 1024 * 1024, CONNECTIONS = 4096 };

struct daemon {
    struct loop *loop;
    struct http_client *client;
    struct aws *aws;
    struct engine *engine;
    struct doors *doors;
    struct http_server *server;
    struct loop_timer *stop_timer;
    struct buf cert, key;
    bool is_stopping, is_idle;
    int64_t stop_until_ms;
};

/* Without a secret anybody who reaches the port may give people access: on loopback only, and only
 * when it is asked for. */
static enum err check_secret(const struct settings *settings, const struct daemon_options *options,
                             const char *listen, struct fail *fail)
{
    struct url url;
    char *text;
    bool is_local;

    if (secret_is_set(&settings->hook_secret) || !settings->has_hook)
        return ERR_NONE;
    if (!options->allows_no_secret)
        return fail_set(fail, ERR_INPUT,
                        "there is no hook secret: set [OKTA] HOOK_SECRET_FILE (or "
                        "ROSTER_OKTA_HOOK_SECRET) to the secret of the event "
                        "hook in Okta; --allow-no-secret goes without one, on loopback only");
    if (span_starts(span_of(listen), SPAN("unix:")))
        return ERR_NONE;
    /* A port 0 is no port of a URL. */
    text = mem_printf("http://%.*s/",
                      (int)(strrchr(listen, ':') == NULL ? strlen(listen)
                                                         : (size_t)(strrchr(listen, ':') - listen)),
                      listen);
    is_local = url_parse(span_of(text), &url, NULL) == ERR_NONE && url_is_loopback(&url);
    free(text);
    if (is_local)
        return ERR_NONE;
    return fail_set(fail, ERR_INPUT,
                    "--allow-no-secret is for loopback only, and [Server] LISTEN is '%s'", listen);
}

static void look_whether_done(void *arg)
{
    struct daemon *d = arg;
    bool is_over = clock_mono_ms() >= d->stop_until_ms;

    if (d->is_idle && http_server_active(d->server) == 0 && doors_pending(d->doors) == 0) {
        loop_stop(d->loop);
    } else if (is_over) {
        log_warn("stopping with calls under way; the next start looks what became of them",
                 LOG_NOTHING);
        loop_stop(d->loop);
    } else {
        loop_timer_set(d->stop_timer, STOP_LOOK_MS);
    }
}

static void idle(void *arg)
{
    ((struct daemon *)arg)->is_idle = true;
}

static void on_signal(void *arg, int number)
{
    struct daemon *d = arg;

    if (number == SIGHUP) {
        log_info("SIGHUP: secrets are read again; restart to take a changed configuration",
                 LOG_NOTHING);
        engine_renew_secrets(d->engine);
        return;
    }
    if (d->is_stopping)
        return;
    d->is_stopping = true;
    log_info("stopping", LOG_INT("signal", number));
    notify_send("STOPPING=1");
    d->stop_until_ms = clock_mono_ms() + STOP_MS;
    http_server_quiesce(d->server);
    engine_stop(d->engine, idle, d);
    look_whether_done(d);
}

static enum err read_pem(struct span path, struct buf *out, struct fail *fail)
{
    char *file = mem_dup(path);
    enum err err = ERR_NONE;

    if (path.n > 0 && fs_read(file, out, fail) != ERR_NONE)
        err = fail_within(fail, ERR_INPUT, "[Server] TLS_CERT and TLS_KEY");
    free(file);
    return err;
}

static enum err start_server(struct daemon *d, const struct settings *settings, struct fail *fail)
{
    char *listen = mem_dup(settings->listen);
    struct http_server_options options = {
        .listen = listen,
        .listen_fd = notify_listen_fd(),
        .limits = {.body = HOOK_BODY_LIMIT,
                   .connections = CONNECTIONS,
                   .connections_each = CONNECTIONS},
        .on_head = doors_on_head,
        .on_request = doors_on_request,
        .arg = d->doors,
    };
    enum err err = read_pem(settings->tls_cert, &d->cert, fail);

    if (err == ERR_NONE)
        err = read_pem(settings->tls_key, &d->key, fail);
    if (err == ERR_NONE) {
        options.tls_cert = buf_span(&d->cert);
        options.tls_key = buf_span(&d->key);
        err = http_server_new(d->loop, &options, &d->server, fail);
    }
    free(listen);
    return err;
}

static enum err start(struct daemon *d, const struct settings *settings,
                      const struct daemon_options *options, struct fail *fail)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    struct aws_options aws = {.region = settings->region,
                              .partition = settings->partition,
                              .environment = options->environment};
    struct doors_options doors = {.started_ms = clock_wall_ms()};
    enum err err = loop_new(&d->loop, fail);

    for (size_t i = 0; err == ERR_NONE && i < sizeof(signals) / sizeof(signals[0]); i++)
        err = loop_signal(d->loop, signals[i], on_signal, d, fail);
    if (err == ERR_NONE)
        err = http_client_new(d->loop, "roster/" ROSTER_VERSION, &d->client, fail);
    if (err == ERR_NONE)
        err = aws_new(d->loop, d->client, &aws, &d->aws, fail);
    if (err == ERR_NONE)
        err = engine_new(d->loop, settings, d->aws, &d->engine, fail);
    if (err == ERR_NONE)
        err = engine_start(d->engine, fail);
    if (err != ERR_NONE)
        return err;
    doors.engine = d->engine;
    doors.aws = d->aws;
    doors.hook = (struct hook){.secret = engine_hook_secret(d->engine),
                               .secret_previous = engine_hook_secret_previous(d->engine),
                               .header = settings->hook_header,
                               .allows_no_secret = options->allows_no_secret};
    doors.is_hook_off = !settings->has_hook;
    d->doors = doors_new(&doors);
    d->stop_timer = loop_timer_new(d->loop, look_whether_done, d);
    err = start_server(d, settings, fail);
    /* systemd may have handed over another socket than the settings say. */
    return err == ERR_NONE ? check_secret(settings, options, http_server_address(d->server), fail)
                           : err;
}

static void end(struct daemon *d)
{
    /* First whoever still reads what belongs to the requests: the committer's thread. */
    engine_free(d->engine);
    http_server_free(d->server);
    doors_free(d->doors);
    aws_free(d->aws);
    http_client_free(d->client);
    loop_timer_free(d->stop_timer);
    loop_free(d->loop);
    if (d->key.p != NULL && d->key.n > 0)
        explicit_bzero(d->key.p, d->key.n);
    buf_done(&d->cert);
    buf_done(&d->key);
}

enum err daemon_run(const struct settings *settings, const struct daemon_options *options,
                    struct fail *fail)
{
    struct daemon d = {0};
    char *listen = mem_dup(settings->listen);
    enum err err = check_secret(settings, options, listen, fail);

    free(listen);
    if (err != ERR_NONE)
        return err;
    (void)signal(SIGPIPE, SIG_IGN); /* a client that is gone is an error code, not an end */
    buf_init(&d.cert, PEM_LIMIT);
    buf_init(&d.key, PEM_LIMIT);
    err = start(&d, settings, options, fail);
    if (err == ERR_NONE) {
        log_info("listening", LOG_STR("address", http_server_address(d.server)),
                 LOG_STR("region", aws_region(d.aws)), LOG_SPAN("instance", settings->instance_id),
                 LOG_SPAN("store", settings->store_file));
        if (settings->has_hook && !secret_is_set(&settings->hook_secret))
            log_warn(
                "running without a hook secret: whoever reaches this port may give people access",
                LOG_NOTHING);
        notify_send("READY=1");
        loop_run(d.loop);
        log_info("stopped", LOG_NOTHING);
    }
    end(&d);
    return err;
}
