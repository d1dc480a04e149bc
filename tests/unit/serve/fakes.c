#include "fakes.h"

#include <strings.h>

#include "aws/aws.h"
#include "model/names.h"

struct engine fake_engine;

static const struct span applications[] = {{"Amazon Connect", 14}}, groups[] = {{"Agents", 6}};
static const struct rule_test fake_tests[] = {
    {.kind = TEST_APP, .values = applications, .n = 1},
    {.kind = TEST_GROUP, .values = groups, .n = 1},
};
static const struct rule fake_rule = {.tests = fake_tests, .n_tests = 2, .is_any = true};

static bool append(struct journal *journal, struct journal_entry *entry)
{
    struct engine *e = (struct engine *)journal;

    if (e->is_full)
        return false;
    e->waiting = entry;
    e->n_appended++;
    return true;
}

int fakes_begin(void **state)
{
    if (fixture_store(state) != 0)
        return -1;
    fake_engine = (struct engine){
        .journal = {append}, .reader = ((struct fixture *)*state)->store, .rate = 2};
    fake_engine.rules = (struct rules){.rules = &fake_rule, .n = 1};
    return 0;
}

int fakes_end(void **state)
{
    return fixture_done(state);
}

void fakes_probe_ended(bool works)
{
    struct fail fail;

    (void)fail_set(&fail, ERR_IO, "the disk is full");
    fake_engine.probed(fake_engine.probed_arg, works ? NULL : &fail);
}

/* ---- engine/engine.h ---- */

struct journal *engine_journal(struct engine *e)
{
    return &e->journal;
}

const struct rules *engine_rules(const struct engine *e)
{
    return &e->rules;
}

int64_t engine_okta_now_ms(const struct engine *e)
{
    (void)e;
    return 0;
}

const struct names *engine_names(const struct engine *e)
{
    (void)e;
    return &names_unread;
}

struct store *engine_reader(struct engine *e)
{
    return e->reader;
}

void engine_kick(struct engine *e)
{
    e->n_kicks++;
}

double engine_rate(struct engine *e, const char *operation)
{
    (void)operation;
    return e->rate;
}

void engine_store_worked(struct engine *e, bool worked, const char *text)
{
    e->n_worked += worked;
    e->n_failed += !worked;
    e->failing_since_ms = worked ? 0 : 1777881600000;
    (void)snprintf(e->failing_text, sizeof(e->failing_text), "%s", text);
}

int64_t engine_store_failing_since_ms(const struct engine *e)
{
    return e->failing_since_ms;
}

void engine_probe_store(struct engine *e, void (*done)(void *arg, const struct fail *fail),
                        void *arg)
{
    e->n_probes++;
    e->probed = done;
    e->probed_arg = arg;
}

/* ---- aws/aws.h ---- */

const char *aws_credentials_origin(const struct aws *aws)
{
    (void)aws;
    return "environment";
}

/* ---- net/http_server.h ---- */

struct span http_method(const struct http_exchange *x)
{
    return span_of(x->method);
}

struct span http_path(const struct http_exchange *x)
{
    return span_of(x->path);
}

struct span http_body(const struct http_exchange *x)
{
    return span_of(x->body == NULL ? "" : x->body);
}

struct span http_header(const struct http_exchange *x, struct span name, unsigned *n)
{
    struct span found = {0};

    *n = 0;
    for (int i = 0; i < FAKE_HEADERS && x->headers[i].name != NULL; i++)
        if (span_eq_nocase(span_of(x->headers[i].name), name) && (*n)++ == 0)
            found = span_of(x->headers[i].value);
    return found;
}

void http_each_header(const struct http_exchange *x,
                      void (*fn)(void *arg, struct span name, struct span value), void *arg)
{
    for (int i = 0; i < FAKE_HEADERS && x->headers[i].name != NULL; i++)
        fn(arg, span_of(x->headers[i].name), span_of(x->headers[i].value));
}

void http_reply(struct http_exchange *x, int status, const char *type, struct span body,
                const char *const *headers)
{
    x->n_replies++;
    x->status = status;
    (void)snprintf(x->type, sizeof(x->type), "%s", type == NULL ? "" : type);
    (void)snprintf(x->answer, sizeof(x->answer), "%.*s", SPAN_ARG(body));
    (void)snprintf(x->extra, sizeof(x->extra), "%s",
                   headers == NULL || headers[0] == NULL ? "" : headers[0]);
}
