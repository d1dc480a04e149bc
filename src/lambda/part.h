/* The parts of the program that a function can be: the same package serves them all, and _HANDLER
 * says which one. */
#ifndef ROSTER_LAMBDA_PART_H
#define ROSTER_LAMBDA_PART_H

#include "base/err.h"
#include "lambda/configuration.h"
#include "lambda/invocation.h"
#include "net/http_client.h"
#include "net/loop.h"

/* All of it outlives the part. */
struct part_context {
    struct loop *loop;
    struct http_client *client;
    struct configuration *configuration;
    const char *const *environment;
};

struct part {
    const char *name; /* as _HANDLER has it */
    /* On success out->arg is the part's. ERR_INPUT: the settings do not fit; fail says how. */
    WARN_UNUSED enum err (*make)(const struct part_context *context, struct worker *out,
                                 struct fail *fail);
    void (*free)(void *arg);
};

extern const struct part part_converge;
extern const struct part part_receive, part_sweep;

#endif
