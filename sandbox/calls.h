/* What was called, how often, and how it ended: for tests and benchmarks. */
#ifndef SANDBOX_CALLS_H
#define SANDBOX_CALLS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct model;

struct call_entry {
    int64_t time_ms; /* arrival */
    const char *operation;
    char *user;        /* name or id, NULL: none */
    int status;        /* 0: no answer yet, or the connection was cut */
    const char *code;  /* NULL: fine */
    const char *fault; /* NULL: none */
    bool is_done;      /* it took effect, whatever the answer was */
    json_t *input;     /* what was asked, where that is kept; else NULL */
};

struct calls {
    struct call_entry *entries;
    size_t n, room;
    size_t dropped; /* entries that did not fit any more */
    bool keeps_inputs;
};

enum { CALLS_NONE = -1 };

void calls_done(struct calls *calls);
void calls_reset(struct calls *calls);
/* Returns the place of the entry, or CALLS_NONE when the log is full. Takes user. */
size_t calls_add(struct calls *calls, const struct call_entry *entry);
/* NULL for an entry that is not there (any more). */
struct call_entry *calls_at(struct calls *calls, size_t i);
/* {"CreateUser": {"ok", "throttled", "failed", "done", "first_ms", "last_ms"}} */
json_t *calls_summary(const struct calls *calls);
/* Every call, oldest first. */
json_t *calls_log(const struct calls *calls);

#endif
