/* When Okta is left alone: whoever asks it tells what came of that, and when it refuses everything
 * or cannot be reached, all wait, and one tries again after a while. `roster status` shows it as a
 * paused operation. On the loop only. */
#ifndef ROSTER_ENGINE_OKTA_PAUSE_H
#define ROSTER_ENGINE_OKTA_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "engine/handback.h"
#include "net/loop.h"

#define OKTA_OPERATION "Okta API" /* as what it is paused */

struct okta_pause;

struct okta_pause_options {
    struct handback *handback;
    bool was_paused; /* the store says so, of an earlier run */
    /* A person should hear of it; fail is NULL when Okta answers again. */
    void (*told)(void *arg, const struct fail *fail);
    void *arg;
};

struct okta_pause *okta_pause_new(const struct okta_pause_options *options);
/* After the committer has stopped. NULL is fine. */
void okta_pause_free(struct okta_pause *p);
/* Milliseconds until Okta may be asked again; 0 = now. */
int64_t okta_pause_wait_ms(const struct okta_pause *p);
/* What came of asking: NULL when Okta answered. ERR_DENIED concerns everybody; so do ERR_BUSY and
 * ERR_IO, when they come again and again; anything else is an answer. */
void okta_pause_answered(struct okta_pause *p, const struct fail *fail);

/* Okta may be asked again now: what it refused is not what it would be asked with. */
void okta_pause_try_again(struct okta_pause *p);

#endif
