/* The daemon: puts the loop, the engine and the doors together and runs until it is told to
 * stop. */
#ifndef ROSTER_SERVE_DAEMON_H
#define ROSTER_SERVE_DAEMON_H

#include <stdbool.h>

#include "base/err.h"
#include "config/settings.h"

struct daemon_options {
    bool allows_no_secret; /* --allow-no-secret: loopback only */
    const char *const *environment;
};

/* ERR_INPUT: the settings do not allow it to run (exit 78); anything else: it could not start, or
 * not go on (exit 1). */
enum err daemon_run(const struct settings *settings, const struct daemon_options *options,
                    struct fail *fail) WARN_UNUSED;

#endif
