/* Two rounds: the configuration itself may be a reference, and have references in it. */
#include "lambda/references.h"

#include <stdlib.h>
#include <string.h>

#include "aws/reference.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "lambda/reference_places.h"
#include "text/ini.h"

static const char *const usual_files[] = {"config.ini", "/etc/roster/config.ini"};

/* Calls go to the reference's own region. */
struct region {
    struct region *next;
    char *name;
    struct aws *aws;
};

struct references {
    struct loop *loop;
    struct http_client *client;
    const char *const *given;
    struct region *regions;
    char **environment; /* NULL = nothing has been fetched */
    bool has_references;
    int64_t fetched_ms; /* clock_wall_ms, which goes on while the process is frozen */
    void (*done)(void *arg, enum err err, const struct fail *fail);
    void *arg;

    /* The fetch under way. */
    bool is_fetching, is_first_round;
    struct loop_timer *end;         /* calls done, later */
    char **base;                    /* the environment with the configuration's text in it */
    struct reference_places places; /* of the round */
    struct reference_call *calls[REFERENCE_PLACES_MAX];
    size_t n_open;
    enum err err;
    struct fail fail;
};

static const char *const *base_of(const struct references *r)
{
    return r->base == NULL ? r->given : (const char *const *)r->base;
}

/* ---- the end of a fetch ---- */

static void drop_fetch(struct references *r)
{
    for (size_t i = 0; i < REFERENCE_PLACES_MAX; i++) {
        reference_cancel(r->calls[i]);
        r->calls[i] = NULL;
    }
    reference_places_done(&r->places);
    reference_places_environment_free(r->base);
    r->base = NULL;
    r->n_open = 0;
    r->is_fetching = false;
}

static void on_end(void *arg)
{
    struct references *r = arg;
    enum err err = r->err;

    if (err == ERR_NONE) {
        reference_places_environment_free(r->environment);
        r->environment = reference_places_environment(base_of(r), &r->places);
        r->fetched_ms = clock_wall_ms();
    }
    drop_fetch(r);
    if (r->done != NULL)
        r->done(r->arg, err, &r->fail);
}

/* ---- a round ---- */

static struct aws *aws_of(struct references *r, struct span region, struct fail *fail)
{
    const struct aws_options options = {.region = region, .environment = r->given};
    struct region *of = r->regions;

    while (of != NULL && !span_eq(span_of(of->name), region))
        of = of->next;
    if (of != NULL)
        return of->aws;
    of = mem_new(1, sizeof(*of));
    if (aws_new(r->loop, r->client, &options, &of->aws, fail) != ERR_NONE) {
        free(of);
        return NULL;
    }
    of->name = mem_dup(region);
    of->next = r->regions;
    r->regions = of;
    return of->aws;
}

static void second_round(struct references *r);

static void close_one(struct references *r)
{
    if (--r->n_open > 0)
        return;
    if (r->err == ERR_NONE && r->is_first_round)
        second_round(r);
    else
        loop_timer_set(r->end, 0);
}

struct place_call {
    struct references *r;
    size_t i;
};

static void answered(void *arg, const struct reference_answer *answer)
{
    struct place_call call = *(struct place_call *)arg; /* it goes with the round */
    struct references *r = call.r;
    struct reference_place *place = &r->places.places[call.i];

    r->calls[call.i] = NULL;
    if (answer->err == ERR_NONE) {
        secret_set(&place->current, answer->current);
        if (answer->previous.p != NULL)
            secret_set(&place->previous, answer->previous);
    } else if (r->err == ERR_NONE) {
        r->fail = *answer->fail;
        r->err = fail_within(&r->fail, answer->err, "%s", place->variable);
    }
    close_one(r);
}

static void fetch_places(struct references *r)
{
    struct place_call *calls = arena_new(&r->places.arena, r->places.n, sizeof(*calls));

    r->has_references |= r->places.n > 0;
    r->n_open = r->places.n + 1; /* one for this function */
    for (size_t i = 0; i < r->places.n; i++) {
        struct reference_place *place = &r->places.places[i];
        struct aws *aws = aws_of(r, place->reference.region, &r->fail);

        calls[i] = (struct place_call){r, i};
        if (aws == NULL) {
            r->err = fail_within(&r->fail, r->fail.err, "%s", place->variable);
            r->n_open--;
            continue;
        }
        r->calls[i] =
            reference_ask(aws, &place->reference, place->wants_previous, answered, &calls[i]);
    }
    close_one(r);
}

/* ---- the configuration ---- */

static bool is_whole_text(struct span config)
{
    return span_find(config, '\n') < config.n || span_starts(span_trim(config), SPAN("["));
}

/* What cannot be read here is told by whoever reads the settings. */
static void read_text(const struct references *r, struct buf *out)
{
    struct span config = reference_places_variable(base_of(r), REFERENCE_PLACES_CONFIG);
    enum err err = ERR_NOT_FOUND;

    if (config.p == NULL) {
        for (size_t i = 0; err == ERR_NOT_FOUND && i < sizeof(usual_files) / sizeof(usual_files[0]);
             i++)
            err = fs_read(usual_files[i], out, NULL);
    } else if (is_whole_text(config)) {
        buf_add(out, config);
        err = ERR_NONE;
    } else {
        err = fs_read(config.p, out, NULL); /* a variable ends with a NUL */
    }
    if (err != ERR_NONE)
        buf_clear(out);
}

static void second_round(struct references *r)
{
    char **base = reference_places_environment(base_of(r), &r->places);
    struct buf text;

    reference_places_done(&r->places);
    reference_places_environment_free(r->base);
    r->base = base;
    r->is_first_round = false;
    buf_init(&text, INI_SIZE_LIMIT);
    read_text(r, &text);
    reference_places_find(base_of(r), buf_span(&text), &r->places);
    explicit_bzero(text.p, text.n);
    buf_done(&text);
    if (r->places.is_too_many) {
        r->err = fail_set(&r->fail, ERR_INPUT, "more than %d settings are references to secrets",
                          (int)REFERENCE_PLACES_MAX);
        loop_timer_set(r->end, 0);
        return;
    }
    fetch_places(r);
}

static void first_round(struct references *r)
{
    struct span config = reference_places_variable(r->given, REFERENCE_PLACES_CONFIG);
    char *only[2] = {NULL, NULL};

    r->is_first_round = true;
    if (config.p != NULL)
        only[0] = mem_printf("%s=%.*s", REFERENCE_PLACES_CONFIG, SPAN_ARG(config));
    reference_places_find((const char *const *)only, SPAN(""), &r->places);
    free(only[0]);
    fetch_places(r);
}

void references_fetch(struct references *r,
                      void (*done)(void *arg, enum err err, const struct fail *fail), void *arg)
{
    r->done = done;
    r->arg = arg;
    if (r->is_fetching)
        return;
    r->is_fetching = true;
    r->has_references = false;
    r->err = ERR_NONE;
    r->fail = (struct fail){0};
    first_round(r);
}

void references_forget(struct references *r)
{
    r->done = NULL;
}

/* ---- all of it ---- */

struct references *references_new(struct loop *loop, struct http_client *client,
                                  const char *const *environment)
{
    struct references *r = mem_new(1, sizeof(*r));

    *r = (struct references){.loop = loop, .client = client, .given = environment};
    r->end = loop_timer_new(loop, on_end, r);
    return r;
}

void references_free(struct references *r)
{
    if (r == NULL)
        return;
    drop_fetch(r);
    reference_places_environment_free(r->environment);
    while (r->regions != NULL) {
        struct region *of = r->regions;

        r->regions = of->next;
        aws_free(of->aws);
        free(of->name);
        free(of);
    }
    loop_timer_free(r->end);
    free(r);
}

const char *const *references_environment(const struct references *r)
{
    return r->environment == NULL ? r->given : (const char *const *)r->environment;
}

int64_t references_age_ms(const struct references *r, int64_t now_ms)
{
    int64_t age_ms = now_ms - r->fetched_ms;

    if (r->environment == NULL)
        return INT64_MAX;
    if (!r->has_references)
        return 0;
    return age_ms < 0 ? INT64_MAX : age_ms; /* the clock was set back */
}
