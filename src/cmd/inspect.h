/* Looking at the whole of Okta and Amazon Connect for a command: opens what is needed, and runs an
 * inspection (engine/inspection.h) to its end. */
#ifndef ROSTER_CMD_INSPECT_H
#define ROSTER_CMD_INSPECT_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/open.h"
#include "cmd/surroundings.h"
#include "engine/inspection.h"
#include "engine/naming.h"

struct inspect_options {
    enum store_mode mode; /* with STORE_READ a store that is not there is taken for an empty one */
    bool is_deep;
    bool trusts_listings; /* engine/survey.h */
    const char *user;     /* only this one; NULL = everybody */
    const char *cause;
};

struct inspect {
    const struct invocation *invocation;
    struct inspect_options options;
    struct opened opened;
    char *stand_in; /* the folder of a store that is none; NULL = there is one */
    struct surroundings around;
    struct okta_api *okta; /* NULL: its API is not used */
    struct connect *connect;
    struct pace *pace;
    struct scan *scan;
    struct current_names names;
    struct judge judge;
    struct naming *naming;
    struct inspection *inspection;
    int64_t began_cpu_us, read_cpu_us, compare_cpu_us;
    bool is_over, is_interrupted, shows_progress;
    enum err err;
    struct fail fail;
};

/* On failure everything is released and was complained about. */
enum exit_code inspect_open(const struct invocation *i, const struct inspect_options *options,
                            struct inspect *out);
/* Complains when it comes to nothing. */
enum exit_code inspect_run(struct inspect *r);
void inspect_done(struct inspect *r);

#endif
