/* The engine's roster without a store: the people of one invocation, as their sources have just
 * told. What is written lives as long as the invocation; what Okta and the agents' tags say next
 * time counts then. Pauses are kept from one invocation to the next. On the loop only. */
#ifndef ROSTER_LAMBDA_MEMORY_ROSTER_H
#define ROSTER_LAMBDA_MEMORY_ROSTER_H

#include "engine/current_names.h"
#include "engine/roster.h"
#include "model/rules.h"
#include "net/loop.h"

struct memory_roster;

struct memory_roster_options {
    struct loop *loop;
    /* Something has been written; not from inside the engine. paused: an operation waits for all.
     */
    void (*changed)(void *arg, bool paused);
    void *arg;
};

struct memory_roster *memory_roster_new(const struct memory_roster_options *options);
/* With changes under way their done is not called. NULL is fine. */
void memory_roster_free(struct memory_roster *r);
/* The engine's view. */
struct roster *memory_roster_of(struct memory_roster *r);
/* Forgets all people. rules and names: of those that follow; they must outlive them. */
void memory_roster_clear(struct memory_roster *r, const struct rules *rules,
                         const struct current_names *names);
/* Copies them; returns their number, from 0. Not twice the same person. */
size_t memory_roster_add(struct memory_roster *r, const struct person *p,
                         const struct membership *memberships, size_t n);
/* As they were written last; borrowed until the next change. */
const struct person *memory_roster_person(const struct memory_roster *r, size_t number);
size_t memory_roster_count(const struct memory_roster *r);

#endif
