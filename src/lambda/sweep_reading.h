/* Reads all of Okta that the rules speak of, and all agents of the instance, page by page, into
 * the people of a sweep. It may be paused and gone on with: a listing of Okta's is begun anew then,
 * Amazon Connect's goes on behind its last page. Nothing is concluded from what could not be read.
 * On the loop only. */
#ifndef ROSTER_LAMBDA_SWEEP_READING_H
#define ROSTER_LAMBDA_SWEEP_READING_H

#include "lambda/both_sides.h"
#include "lambda/sweep_judge.h"
#include "lambda/sweep_people.h"

enum { SWEEP_TROUBLES_MAX = 20 };

struct sweep_reading;

struct sweep_reading_options {
    struct loop *loop;
    struct both_sides *sides;    /* prepared, with Okta's API */
    struct sweep_people *people; /* empty */
    /* Once for each begin: all that could be read was (fail NULL), or Amazon Connect could not be.
     */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct sweep_readings {
    int64_t read_ms; /* when it began, by Okta's clock */
    const struct sweep_container *containers;
    size_t n_containers;
    /* Why it is not certain that who was not shown is not there, each a line for people; none: all
     * of Okta was read. */
    const char *troubles[SWEEP_TROUBLES_MAX];
    size_t n_troubles;
    int64_t okta_pages, connect_pages;
};

struct sweep_reading *sweep_reading_new(const struct sweep_reading_options *options);
/* NULL is fine. */
void sweep_reading_free(struct sweep_reading *r);
/* Begins, or goes on after a pause. */
void sweep_reading_begin(struct sweep_reading *r);
void sweep_reading_pause(struct sweep_reading *r);
const struct sweep_readings *sweep_reading_result(const struct sweep_reading *r);

#endif
