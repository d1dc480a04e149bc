/* The story of one person: what came in about them, each call to Amazon Connect with what it
 * changed, what operators did, and what is still to happen. */
#ifndef ROSTER_CMD_STORY_H
#define ROSTER_CMD_STORY_H

#include "cmd/dossier.h"
#include "engine/fields.h"
#include "store/audit.h"

enum { STORY_MOST = 1000 }; /* the newest events, and the newest rows of the audit log */

struct story_entry {
    int64_t at_ms;
    bool is_event;
    struct event_row event;
    struct audit_row row;       /* when it is no event */
    const struct field *fields; /* what the call changed, as far as the log tells */
    size_t n_fields;
};

struct story {
    const struct dossier *dossier;
    struct story_entry *entries; /* oldest first */
    size_t n;
    bool is_cut; /* there is more than STORY_MOST of something */

    /* What is still to happen, by what is known now. */
    const char *const *operations; /* calls, in their order */
    size_t n_operations;
    const struct field *fields; /* what they would change */
    size_t n_fields;
    struct span because, held;      /* held: why nothing happens; else empty */
    const struct step_record *sent; /* calls that are under way */
    size_t n_sent;
};

/* Texts are in o->arena. d must outlive *out. */
enum err story_read(struct opened *o, const struct dossier *d, int64_t now_ms, struct story *out,
                    struct fail *fail) WARN_UNUSED;

void story_print(const struct story *s, FILE *to, const struct style *style, int64_t now_ms);
/* One object: "person", "story" and "next". */
void story_json(const struct story *s, struct json_out *out);

#endif
