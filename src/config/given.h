/* What was set, and where: the command line, the environment and the text of config.ini, brought
 * under the keys of the table by precedence. Nothing is understood yet of the values. For
 * one thread, like all that settings_load stands on. */
#ifndef ROSTER_CONFIG_GIVEN_H
#define ROSTER_CONFIG_GIVEN_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "config/keys.h"
#include "config/mistakes.h"
#include "config/rule_keys.h"
#include "config/settings.h"

/* A later one goes before an earlier one. */
enum given_from { GIVEN_NOT, GIVEN_SAMPLE, GIVEN_TEXT, GIVEN_ENVIRONMENT, GIVEN_OPTION };

struct given {
    enum given_from from;
    bool is_file;      /* as NAME_FILE */
    bool is_lost;      /* it stands where it cannot be read: it is not missing, too */
    unsigned line;     /* of the text, else LINE_BEFORE */
    struct span value; /* as written: quotes are kept */
    const char *place; /* "config.ini:4: [Connect] RATE", "environment: ROSTER_CONNECT_RATE" */
};

/* One line of a [Mapping …] section. */
struct given_rule_value {
    const struct rule_key *key;
    struct span attribute; /* RULE_USER */
    struct given given;
    struct given_rule_value *next;
};

/* A [Mapping …] section, its lines in their order. */
struct given_rule {
    struct span name; /* in normal form C */
    unsigned line;
    const char *place; /* "config.ini:9: [Mapping Claims]" */
    bool is_damaged;   /* a line in it could not be read: nothing is missing in it */
    struct given_rule_value *values, **values_end;
    struct given_rule *next;
};

struct givens {
    struct arena arena;
    struct buf text;                       /* of the file */
    struct given *of;                      /* one for each of keys[] */
    struct given_rule *rules, **rules_end; /* in the order of the text */
    bool has_lost_rule;                    /* there may be one more that could not be read */
    const char *origin;       /* the file, "ROSTER_CONFIG", or NULL when there is no text */
    bool is_text_lost;        /* there is one that could not be read: nothing is missing */
    const char *secret_place; /* where the text itself holds a secret first, or NULL */
    unsigned secret_line;
    struct mistakes *mistakes;
};

/* Collects; what is wrong goes to mistakes. The sources must live as long as out. */
void givens_gather(const struct settings_sources *sources, struct mistakes *mistakes,
                   struct givens *out);
/* Wipes and frees. */
void givens_done(struct givens *g);

/* Takes a value for a key, unless that key was given in the same way before. */
void givens_take(struct givens *g, struct key_use use, struct given given);
/* Notes that a key of that name stands where it cannot be read. */
void givens_lose(struct givens *g, struct span name);
/* Takes all of a config.ini's text; g->origin names it. */
void givens_take_text(struct givens *g, struct span text);
/* Begins a rule that a section of that name (behind "Mapping") makes; NULL, with a mistake told,
 * when it can be none. */
struct given_rule *givens_take_rule(struct givens *g, struct span section, struct span name,
                                    unsigned line);
/* Takes a line of it; place is "config.ini:10: [Mapping Claims] GROUP". */
void given_rule_take(struct givens *g, struct given_rule *rule, struct span key,
                     struct given given);
/* The value for a key of that kind; of RULE_USER the first. NULL = none. */
const struct given_rule_value *given_rule_find(const struct given_rule *rule,
                                               enum rule_key_kind kind);

/* Is a value there, or may one be there that could not be read? */
bool givens_has(const struct givens *g, const char *section, const char *name);
static inline struct given *givens_of(const struct givens *g, const struct key *key)
{
    return &g->of[key - keys];
}
/* The value of an environment variable, or NULL when there is none or it is empty. */
const char *given_variable(const char *const *environment, const char *name);

#endif
