/* A roster that stands in memory. Changes are done a moment later, as through the committer, and
 * can be made to fail. With the simulated time of sim.h. */
#ifndef ROSTER_TESTS_ENGINE_FAKE_ROSTER_H
#define ROSTER_TESTS_ENGINE_FAKE_ROSTER_H

#include <stdbool.h>

#include "engine/roster.h"
#include "model/rules.h"
#include "net/loop.h"

enum { FAKE_PEOPLE = 2048, FAKE_STEPS = 4096, FAKE_PAUSES = 4, FAKE_GROUPS = 12 };

struct fake_person {
    struct person p;
    bool is_in_scope; /* by the application "Amazon Connect" */
    bool is_suspended;
    bool is_in[FAKE_GROUPS];  /* "Group 0", … */
    bool was_in[FAKE_GROUPS]; /* so Okta has said that they are not, any more */
    bool is_looked_at;
};

struct fake_roster {
    struct roster roster; /* first */
    struct loop *loop;
    const struct rules *rules;
    struct arena arena;
    struct fake_person people[FAKE_PEOPLE];
    int n_people;
    struct step_record steps[FAKE_STEPS];
    int n_steps;
    struct pause pauses[FAKE_PAUSES];
    int n_pauses;
    int n_failing;                                /* so many changes fail from now on */
    void (*before_change)(struct fake_person *p); /* what happens meanwhile; may be NULL */
    bool has_moved;
    int n_changes;
};

struct fake_roster *fake_roster_new(struct loop *loop, const struct rules *rules);
void fake_roster_free(struct fake_roster *r);
/* Somebody with that login who is due at once; the pointer stays. */
struct fake_person *fake_roster_add(struct fake_roster *r, const char *id, const char *login);
/* Okta has said something new of the person: they are judged by what is so now. */
void fake_roster_tell(struct fake_roster *r, struct fake_person *p);
/* What the gates let pass, or hold. */
void fake_roster_gate(struct fake_roster *r, bool passes);
/* Of those who wait before a gate. */
int fake_roster_waiting(const struct fake_roster *r);
int fake_roster_count(const struct fake_roster *r, enum person_state state);
/* Steps with that outcome. */
int fake_roster_steps(const struct fake_roster *r, const char *outcome);

#endif
