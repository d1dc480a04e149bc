/* How things stand: what `roster status` shows, as data, and whether a person is needed. */
#ifndef ROSTER_CMD_STATUS_H
#define ROSTER_CMD_STATUS_H

#include "cmd/okta_health.h"
#include "cmd/open.h"
#include "text/json.h"

enum { STATUS_ERRORS = 10, STATUS_NEEDS = 12, STATUS_LOOKS = 10000 };

struct status {
    int64_t now_ms;
    struct store_counts counts;
    int64_t oldest_due_since_ms; /* of all who are due, also those who wait after a failure, but not
                                    for REMOVAL_GRACE or the end of a contact; 0 = none */
    int64_t n_after_failure;     /* of those who are due */
    int64_t n_in_grace;          /* of those who are due: left, and REMOVAL_GRACE runs */
    int64_t n_removals, n_changes;         /* held by the bounds */
    int64_t n_unsure;                      /* held whatever the number */
    struct span removals_why, changes_why; /* why a gate is shut; empty = it is not */
    size_t n_looks;                        /* readings of Okta that are outstanding, at most
                                              STATUS_LOOKS */
    const struct pin *pins; /* names whose things are called otherwise now, or are gone */
    size_t n_pins;
    const struct call_count *calls;
    size_t n_calls;
    const struct pause *pauses;
    size_t n_pauses;
    const struct step_record *errors; /* the newest first */
    size_t n_errors;
    const struct skip_count *skips;
    size_t n_skips;
    const struct kept_body *kept;
    size_t n_kept;
    struct okta_health okta;
    struct span engine; /* "pid 123 since …" as the daemon noted it; empty = none has run */
    long engine_pid;    /* 0 = it does not run (as far as can be seen from here) */
    int64_t engine_since_ms;
    const char *needs[STATUS_NEEDS]; /* why a person is needed, a line each */
    size_t n_needs;
};

/* Texts are in o->arena. */
enum err status_read(struct opened *o, int64_t now_ms, struct status *out,
                     struct fail *fail) WARN_UNUSED;
/* Fills in s->needs. per_second: the ceiling of CreateUser. A queue is stuck when its oldest has
 * waited longer than ten minutes and twice the time that its length takes. */
void status_judge(struct status *s, double per_second, struct arena *a);
void status_print(const struct status *s, const struct settings *settings, FILE *to,
                  const struct style *style);
/* Only why a person is needed, a line each. */
void status_print_needs(const struct status *s, FILE *to, const struct style *style);
/* with_bodies: the bodies kept aside, too. */
void status_json(const struct status *s, bool with_bodies, struct json_out *out);

#endif
