/* The table in which Amazon Connect's console takes new users, one a row: read, with all that is
 * wrong with it at once, and written. All generations of the console's template are understood, and
 * a form of Roster's own that has all that an agent can have. Columns are known by their titles,
 * whatever their order: case, blanks and underscores do not matter, nor what stands in parentheses
 * or behind a "|". Pure and thread-safe.
 *
 * What the generations have:
 * https://docs.aws.amazon.com/connect/latest/adminguide/user-management.html (2026), and the
 * templates before it. Cells that hold several things have "|" between them. */
#ifndef ROSTER_MODEL_BULK_H
#define ROSTER_MODEL_BULK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/span.h"
#include "model/entitlement.h"
#include "model/names.h"
#include "model/rules.h"

enum { BULK_ROWS = 100000, BULK_FAULTS = 1000 };

enum bulk_column {
    BULK_FIRST_NAME,
    BULK_LAST_NAME,
    BULK_EMAIL,
    BULK_SECONDARY_EMAIL,
    BULK_MOBILE,
    BULK_PASSWORD,
    BULK_USER_NAME,
    BULK_AGENT_HIERARCHY,
    BULK_ROUTING_PROFILE,
    BULK_SECURITY_PROFILES,
    BULK_USER_HIERARCHY,
    BULK_PHONE_TYPE,
    BULK_PHONE_NUMBER,
    BULK_AUTO_ACCEPT,
    BULK_AFTER_CONTACT_WORK,
    BULK_TAGS,
    BULK_PERSISTENT_CONNECTION,
    BULK_AUDIO_ENHANCEMENT,
    BULK_PROFICIENCIES,
    BULK_OKTA_ID, /* these are written for people, and passed over when read */
    BULK_AGENT_ID,
    BULK_STATE,
    BULK_COLUMNS
};
/* As the newest template that has it writes it. */
const char *bulk_title(enum bulk_column column);
/* False when it is no column's. */
bool bulk_find_column(struct span title, enum bulk_column *out);

/* ---- reading ---- */

/* What is wrong with a cell (or, without a column, with a row; with line 1, with the titles). */
struct bulk_fault {
    unsigned line;
    struct span column; /* its title as it stands in the file; empty = none */
    const char *text;
};

/* What is right and will not be carried out: of each column once. */
struct bulk_note {
    enum bulk_column column;
    unsigned line; /* the first one */
    size_t n;      /* rows */
    const char *text;
};

struct bulk_row {
    unsigned line;
    struct entitlement wanted; /* of profiles and hierarchy group, until bulk_resolve, what was
                                  written. Tags without Roster's own */
};

struct bulk {
    struct arena arena; /* owns all below; texts may point into what was read */
    struct bulk_row *rows;
    size_t n;
    struct bulk_fault *faults; /* in the order of lines; the first BULK_FAULTS */
    size_t n_faults, n_more_faults;
    struct bulk_note notes[BULK_COLUMNS];
    size_t n_notes;
    struct span titles[BULK_COLUMNS]; /* as they stand in the file; p == NULL = it is not there */
    bool has_all_names;               /* after bulk_resolve: none was NAME_NOT_READ */
};

/* text must live as long as *out, which is released by bulk_done in any case. */
void bulk_read(struct span text, enum identity_type identity, struct bulk *out);
/* Puts ids in the place of names; those that the instance does not have are faults. */
void bulk_resolve(struct bulk *b, const struct names *names);
void bulk_done(struct bulk *b);

/* ---- writing ---- */

enum bulk_format { BULK_CONSOLE_2026, BULK_CONSOLE_2023, BULK_ROSTER, BULK_FORMATS };
/* "console-2026", "console-2023", "roster". */
const char *bulk_format_name(enum bulk_format format);
bool bulk_format_parse(struct span name, enum bulk_format *out);

/* What stands beside an agent in Roster's own form. */
struct bulk_about {
    struct span okta_id, agent_id, state;
};
/* Appends the line of titles; the row of one agent, with names for ids where names has them. Tags
 * of Roster's own are left out. */
void bulk_add_titles(struct buf *out, enum bulk_format format);
void bulk_add_agent(struct buf *out, enum bulk_format format, const struct entitlement *e,
                    const struct bulk_about *about, const struct names *names);

#endif
