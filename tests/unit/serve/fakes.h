/* What the doors stand on, in memory: exchanges of HTTP, the engine, its journal, AWS's name for
 * the credentials. The store that is read is a real one. */
#ifndef ROSTER_TESTS_SERVE_FAKES_H
#define ROSTER_TESTS_SERVE_FAKES_H

#include "../store/fixture.h"

#include "engine/engine.h"
#include "net/http_server.h"

enum { FAKE_BODY = 65536, FAKE_HEADERS = 4 };

struct http_exchange {
    const char *method, *path, *body;
    struct {
        const char *name, *value;
    } headers[FAKE_HEADERS];
    /* The answer: */
    int n_replies, status;
    char type[64], answer[FAKE_BODY], extra[256];
};

struct engine {
    struct journal journal; /* first */
    struct store *reader;
    struct rules rules;
    int64_t failing_since_ms;
    char failing_text[128];
    int n_kicks, n_worked, n_failed;
    double rate;
    bool is_full;                  /* the journal takes nothing */
    struct journal_entry *waiting; /* the last one appended */
    int n_appended;
    int n_probes;
    void (*probed)(void *arg, const struct fail *fail);
    void *probed_arg;
};
extern struct engine fake_engine;

/* A store, the engine over it, and no exchange under way. */
int fakes_begin(void **state);
int fakes_end(void **state);
/* Ends the trial write under way. */
void fakes_probe_ended(bool works);

#endif
