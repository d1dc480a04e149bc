/* What people see while work is carried out. Private to carry.c. */
#ifndef ROSTER_CMD_CARRY_SHOW_H
#define ROSTER_CMD_CARRY_SHOW_H

#include "base/buf.h"
#include "cmd/carry.h"

struct carry_show {
    const struct carry_options *options;
    bool has_bar;
    int64_t began_ms, shown_ms; /* of clock_mono_ms */
    struct buf troubles;        /* who came to nothing, a line each */
    int64_t n_troubles;
    int64_t pauses;
};

/* What has kept somebody from being done. */
struct carry_trouble {
    const char *state; /* "held", "failed", "waits"; NULL = they are done */
    const char *why;   /* shown where the person has no reason; may be NULL */
    int64_t until_ms;  /* of clock_wall_ms: nothing is tried before; 0 = not known */
};

/* options are borrowed. */
void carry_show_init(struct carry_show *s, const struct carry_options *options);
/* That person has come to an end. */
void carry_show_person(struct carry_show *s, const struct person *p,
                       const struct carry_trouble *trouble);
void carry_show_pause(struct carry_show *s, const struct pause *pause);
void carry_show_progress(struct carry_show *s, const struct carry_result *r);
void carry_show_end(struct carry_show *s, const struct carry_result *r, bool is_well);

#endif
