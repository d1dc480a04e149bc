#include "engine/naming.h"

#include <stdlib.h>

#include "base/mem.h"
#include "engine/instance_names.h"

enum { TRIES = 6, AGAIN_MS = 500, AGAIN_MAX_MS = 8000 };

struct naming {
    struct naming_options options;
    struct directory *directory;
    bool needs_names;
    const char *operation; /* the directory waits for it */
    struct pace_waiter read_waiter, describe_waiter;
    struct connect_call *describing;
    struct loop_timer *timer;
    int tries;
};

static int64_t pause_ms(int tries)
{
    int64_t ms = AGAIN_MS;

    for (int i = 1; i < tries && ms < AGAIN_MAX_MS; i++)
        ms *= 2;
    return ms;
}

static bool is_passing(enum err err)
{
    return err == ERR_BUSY || err == ERR_IO || err == ERR_UNCLEAR;
}

static void end(struct naming *n, const struct fail *fail)
{
    current_names_set(n->options.names, directory_names(n->directory));
    n->options.done(n->options.arg, fail);
}

/* ---- names ---- */

static void wait_for(void *arg, const char *operation)
{
    struct naming *n = arg;

    n->operation = operation;
    pace_wait(n->options.pace, operation, &n->read_waiter);
}

static void granted(void *arg)
{
    struct naming *n = arg;

    directory_go(n->directory);
}

static void told(void *arg, const char *operation, const struct connect_answer *answer)
{
    struct naming *n = arg;

    if (answer->err == ERR_NONE)
        pace_succeeded(n->options.pace, operation);
    else if (answer->err == ERR_BUSY)
        pace_throttled(n->options.pace, operation, answer->fail->retry_ms);
}

/* The engine tells of them. */
static void news(void *arg, const struct directory_news *said)
{
    (void)arg;
    (void)said;
}

static void was_read(void *arg, enum err err, const struct fail *fail)
{
    struct naming *n = arg;

    if (is_passing(err) && ++n->tries < TRIES)
        loop_timer_set(n->timer, pause_ms(n->tries));
    else
        end(n, err == ERR_NONE || !n->needs_names ? NULL : fail);
}

static void read_names(void *arg)
{
    struct naming *n = arg;

    if (n->options.reads_only_needed && !n->needs_names)
        end(n, NULL);
    else
        directory_read(n->directory, 0);
}

/* ---- how users sign in ---- */

static void described(void *arg, const struct connect_answer *answer)
{
    struct naming *n = arg;

    n->describing = NULL;
    told(n, OP_DESCRIBE_INSTANCE, answer);
    if (answer->err == ERR_NONE)
        (void)rules_identity_parse(answer->identity_type, &n->options.rules->identity);
    if (is_passing(answer->err) && ++n->tries < TRIES) {
        pace_wait(n->options.pace, OP_DESCRIBE_INSTANCE, &n->describe_waiter);
        return;
    }
    n->tries = 0;
    read_names(n); /* who may not describe the instance is taken for SAML, as by the engine */
}

static void describe(void *arg)
{
    struct naming *n = arg;

    n->describing = connect_describe_instance(n->options.connect, described, n);
}

/* ---- life ---- */

static void make_directory(struct naming *n)
{
    struct directory_options options = {.loop = n->options.loop,
                                        .connect = n->options.connect,
                                        .wait = wait_for,
                                        .told = told,
                                        .news = news,
                                        .read = was_read,
                                        .arg = n};

    n->directory = directory_new(&options, n->options.pins, n->options.n_pins);
    n->needs_names = instance_names_use(n->options.rules, n->directory);
    current_names_set(n->options.names, directory_names(n->directory));
}

struct naming *naming_new(const struct naming_options *options)
{
    struct naming *n = mem_new(1, sizeof(*n));

    n->options = *options;
    n->read_waiter = (struct pace_waiter){.grant = granted, .arg = n};
    n->describe_waiter = (struct pace_waiter){.grant = describe, .arg = n};
    n->timer = loop_timer_new(options->loop, read_names, n);
    make_directory(n);
    return n;
}

void naming_free(struct naming *n)
{
    if (n == NULL)
        return;
    if (n->operation != NULL)
        pace_give_up(n->options.pace, n->operation, &n->read_waiter);
    pace_give_up(n->options.pace, OP_DESCRIBE_INSTANCE, &n->describe_waiter);
    connect_cancel(n->describing);
    directory_free(n->directory);
    loop_timer_free(n->timer);
    free(n);
}

void naming_begin(struct naming *n)
{
    if (n->options.reads_identity)
        pace_wait(n->options.pace, OP_DESCRIBE_INSTANCE, &n->describe_waiter);
    else
        read_names(n);
}

void naming_learn(struct naming *n, enum name_kind kind, struct span name, struct span id)
{
    directory_learn(n->directory, kind, name, id);
    current_names_set(n->options.names, directory_names(n->directory));
}
