/* The instance's names, and how its users sign in, for who looks at the instance without being the
 * engine: read once, kept in memory, nothing is written. On the loop only. */
#ifndef ROSTER_ENGINE_NAMING_H
#define ROSTER_ENGINE_NAMING_H

#include "connect/connect.h"
#include "connect/directory.h"
#include "engine/current_names.h"
#include "engine/pace.h"
#include "model/rules.h"
#include "net/loop.h"

struct naming;

struct naming_options {
    struct loop *loop;
    struct connect *connect;
    struct pace *pace;
    struct rules *rules;              /* its identity is set when that has to be read */
    bool reads_identity;              /* else it is known */
    struct current_names *names;      /* set, also before anything was read */
    bool reads_only_needed;           /* no request is made for names that no rule uses */
    const struct directory_pin *pins; /* are taken up; borrowed for naming_new */
    size_t n_pins;
    /* fail NULL: everything was read, or may not be read and is not needed. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct naming *naming_new(const struct naming_options *options);
/* Names must not be used any more. NULL is fine. */
void naming_free(struct naming *n);
void naming_begin(struct naming *n);
/* What a name in the rules means in Okta. */
void naming_learn(struct naming *n, enum name_kind kind, struct span name, struct span id);

#endif
