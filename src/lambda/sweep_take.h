/* Takes agents away from who has left, one after the other: each person is read anew in Okta, and
 * each agent described, before anything is done. In the order: quick connects, a look for contacts,
 * DeleteUser; so that what is broken off leaves an agent that the next sweep finds. On the loop
 * only. */
#ifndef ROSTER_LAMBDA_SWEEP_TAKE_H
#define ROSTER_LAMBDA_SWEEP_TAKE_H

#include "lambda/both_sides.h"
#include "lambda/sweep_judge.h"
#include "lambda/sweep_people.h"

struct sweep_take;

struct sweep_take_options {
    struct loop *loop;
    struct both_sides *sides;
    const struct sweep_people *people; /* those who are marked are taken */
    const struct sweep_container *containers;
    size_t n_containers;
    int64_t now_ms, max_wait_ms;
    /* All were tried (fail NULL), or something stands in the way of all. Not from within begin. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct sweep_takings {
    int64_t deleted, parked;
    int64_t on_contact;   /* put off to the next sweep */
    int64_t not_any_more; /* back in scope, or nothing of it is certain */
    int64_t failed;
    int64_t last_administrators; /* kept: nobody else would be one */
};

struct sweep_take *sweep_take_new(const struct sweep_take_options *options);
/* NULL is fine. */
void sweep_take_free(struct sweep_take *t);
/* Begins, or goes on after a pause: with the one who was under way, from the start. */
void sweep_take_begin(struct sweep_take *t);
void sweep_take_pause(struct sweep_take *t);
const struct sweep_takings *sweep_take_result(const struct sweep_take *t);

#endif
