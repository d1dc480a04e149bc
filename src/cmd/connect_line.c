#include "cmd/connect_line.h"

#include "base/mem.h"

#include <stdlib.h>

enum { TRIES = 5, AGAIN_MS = 1000, PAGES_MAX = 100000, TOKEN_LIMIT = 64 * 1024 };

static void ceiling(void *arg, const char *operation, double *out_rate, double *out_burst)
{
    const struct connect_line *line = arg;

    *out_rate = rate_limits_for(&line->settings->rate, span_of(operation));
    *out_burst = rate_limits_for(&line->settings->burst, span_of(operation));
}

enum err connect_line_open(const struct settings *s, const char *const *environment,
                           struct connect_line *out, struct fail *fail)
{
    enum err err;

    *out = (struct connect_line){.settings = s};
    err = surroundings_open(s, environment, true, &out->around, fail);
    if (err != ERR_NONE)
        return err;
    out->pace = pace_new(out->around.loop, ceiling, out);
    out->connect = connect_new(out->around.aws, s->instance_id);
    return ERR_NONE;
}

void connect_line_done(struct connect_line *line)
{
    loop_timer_free(line->timer);
    directory_free(line->directory);
    connect_free(line->connect);
    pace_free(line->pace);
    surroundings_done(&line->around);
}

/* ---- one call ---- */

static void granted(void *arg)
{
    struct connect_line *line = arg;

    line->begin(line, line->arg);
}

static void tell_pace(struct connect_line *line, const char *operation,
                      const struct connect_answer *answer)
{
    if (answer->err == ERR_NONE)
        pace_succeeded(line->pace, operation);
    else if (answer->err == ERR_BUSY)
        pace_throttled(line->pace, operation, answer->fail->retry_ms);
}

void connect_line_end(struct connect_line *line, const struct connect_answer *answer)
{
    line->err = answer->err;
    if (answer->err != ERR_NONE && line->fail != NULL)
        *line->fail = *answer->fail;
    tell_pace(line, line->operation, answer);
    loop_stop(line->around.loop);
}

enum err connect_line_run(struct connect_line *line, const char *operation,
                          void (*begin)(struct connect_line *line, void *arg), void *arg,
                          struct fail *fail)
{
    line->operation = operation;
    line->begin = begin;
    line->arg = arg;
    line->fail = fail;
    line->waiter = (struct pace_waiter){.grant = granted, .arg = line};
    pace_wait(line->pace, operation, &line->waiter);
    loop_run(line->around.loop);
    return line->err;
}

/* ---- identity ---- */

struct identity_ask {
    struct connect_line *line;
    enum identity_type *out;
};

static void identity_answered(void *arg, const struct connect_answer *answer)
{
    struct identity_ask *ask = arg;

    if (answer->err == ERR_NONE)
        (void)rules_identity_parse(answer->identity_type, ask->out); /* else as it was */
    connect_line_end(ask->line, answer);
}

static void ask_identity(struct connect_line *line, void *arg)
{
    (void)connect_describe_instance(line->connect, identity_answered, arg); /* it is waited for */
}

enum err connect_line_identity(struct connect_line *line, enum identity_type *out,
                               struct fail *fail)
{
    struct identity_ask ask = {line, out};

    return connect_line_run(line, OP_DESCRIBE_INSTANCE, ask_identity, &ask, fail);
}

/* ---- agents ---- */

struct agents_ask {
    struct connect_line *line;
    void (*fn)(void *arg, const struct agent *agent);
    void *arg;
    struct buf token, next; /* of the page that is asked for, and of the one behind it */
};

static void page_answered(void *arg, const struct connect_answer *answer)
{
    struct agents_ask *ask = arg;

    for (size_t i = 0; answer->err == ERR_NONE && i < answer->n_agents; i++)
        ask->fn(ask->arg, &answer->agents[i]);
    buf_clear(&ask->next);
    if (answer->err == ERR_NONE)
        buf_add(&ask->next, answer->next_token);
    connect_line_end(ask->line, answer);
}

static void ask_page(struct connect_line *line, void *arg)
{
    struct agents_ask *ask = arg;

    (void)connect_list_agents(line->connect, buf_span(&ask->token), page_answered,
                              ask); /* it is waited for */
}

static void pause_ended(void *arg)
{
    struct connect_line *line = arg;

    loop_stop(line->around.loop);
}

/* A page that fails in passing is asked for again. */
static enum err read_page(struct agents_ask *ask, struct fail *fail)
{
    struct connect_line *line = ask->line;
    struct loop_timer *timer = loop_timer_new(line->around.loop, pause_ended, line);
    enum err err = ERR_BUSY;

    for (int i = 0; i < TRIES; i++) {
        if (i > 0) {
            loop_timer_set(timer, AGAIN_MS << (i - 1));
            loop_run(line->around.loop);
        }
        err = connect_line_run(line, OP_SEARCH_USERS, ask_page, ask, fail);
        if (err != ERR_BUSY && err != ERR_IO && err != ERR_UNCLEAR)
            break;
    }
    loop_timer_free(timer);
    return err;
}

enum err connect_line_agents(struct connect_line *line,
                             void (*fn)(void *arg, const struct agent *agent), void *arg,
                             struct fail *fail)
{
    struct agents_ask ask = {.line = line, .fn = fn, .arg = arg};
    enum err err = ERR_NONE;
    int pages = 0;

    buf_init(&ask.token, TOKEN_LIMIT);
    buf_init(&ask.next, TOKEN_LIMIT);
    do {
        err = read_page(&ask, fail);
        if (err == ERR_NONE && ask.next.n > 0 &&
            (++pages == PAGES_MAX || span_eq(buf_span(&ask.next), buf_span(&ask.token))))
            err = fail_set(fail, ERR_UNCLEAR, "%s: the pages do not end", OP_SEARCH_USERS);
        buf_clear(&ask.token);
        buf_add(&ask.token, buf_span(&ask.next));
    } while (err == ERR_NONE && ask.token.n > 0);
    buf_done(&ask.token);
    buf_done(&ask.next);
    return err;
}

/* ---- names ---- */

static void go(struct connect_line *line, void *arg)
{
    (void)arg;
    directory_go(line->directory);
}

static void wait_for_turn(void *arg, const char *operation)
{
    struct connect_line *line = arg;

    line->operation = operation;
    line->begin = go;
    line->waiter = (struct pace_waiter){.grant = granted, .arg = line};
    pace_wait(line->pace, operation, &line->waiter);
}

static void told(void *arg, const char *operation, const struct connect_answer *answer)
{
    tell_pace(arg, operation, answer);
}

/* Whoever only looks pins nothing; the daemon tells what has changed. */
static void ignore_news(void *arg, const struct directory_news *news)
{
    (void)arg;
    (void)news;
}

static void names_read(void *arg, enum err err, const struct fail *fail)
{
    struct connect_line *line = arg;

    line->err = err;
    if (err != ERR_NONE && line->fail != NULL)
        *line->fail = *fail;
    loop_stop(line->around.loop);
}

static void read_again(void *arg)
{
    struct connect_line *line = arg;

    directory_read(line->directory, 0);
}

static void open_directory(struct connect_line *line, const struct pinned_names *pins)
{
    const struct directory_options options = {.loop = line->around.loop,
                                              .connect = line->connect,
                                              .wait = wait_for_turn,
                                              .told = told,
                                              .news = ignore_news,
                                              .read = names_read,
                                              .arg = line};
    size_t n = pins == NULL ? 0 : pins->n;
    struct directory_pin *copies = mem_new(n, sizeof(*copies));

    for (size_t i = 0; i < n; i++)
        copies[i] = (struct directory_pin){(enum name_kind)pins->pins[i].kind, pins->pins[i].name,
                                           pins->pins[i].id};
    line->directory = directory_new(&options, copies, n);
    line->timer = loop_timer_new(line->around.loop, read_again, line);
    free(copies);
}

enum err connect_line_names(struct connect_line *line, const struct pinned_names *pins,
                            const struct names **out, struct fail *fail)
{
    if (line->directory == NULL)
        open_directory(line, pins);
    line->fail = fail;
    for (int i = 0; i < TRIES; i++) {
        loop_timer_set(line->timer, i == 0 ? 0 : AGAIN_MS << (i - 1));
        loop_run(line->around.loop);
        if (line->err != ERR_BUSY && line->err != ERR_IO)
            break;
    }
    if (line->err == ERR_NONE)
        *out = directory_names(line->directory);
    return line->err;
}
