/* An inspection: what would have to be done to bring the whole instance in line with Okta now. It
 * surveys both (engine/survey.h), compares (engine/compare.h), asks one by one for those of whom
 * the listings leave doubts, and judges the whole (engine/proposal.h). Writes nothing but the
 * scan's scratch. On the loop only. */
#ifndef ROSTER_ENGINE_INSPECTION_H
#define ROSTER_ENGINE_INSPECTION_H

#include "config/settings.h"
#include "engine/proposal.h"
#include "engine/survey.h"

struct inspection;

struct inspection_options {
    struct survey_options survey; /* but for its callbacks and arg */
    const struct settings *settings;
    struct span user; /* only this one, by Okta id, login or user name; empty = everybody */
    struct span cause;
    bool leaves_bounds; /* MAX_REMOVALS and MAX_CHANGES are judged elsewhere: by the engine's gates
                         */
    /* People compared in one piece, before the loop goes on: 0 = many. */
    size_t piece;
    double (*rate)(void *arg, const char *operation); /* struct proposal_options */
    void *rate_arg;
    void (*found)(void *arg, enum name_kind kind, struct span name, struct span id);
    void (*moved)(void *arg); /* may be NULL */
    /* fail NULL: inspection_proposal tells. */
    void (*done)(void *arg, const struct fail *fail);
    void *arg;
};

struct inspection *inspection_new(const struct inspection_options *options);
/* Gives up what is under way. NULL is fine. */
void inspection_free(struct inspection *i);
void inspection_begin(struct inspection *i);
struct proposal *inspection_proposal(struct inspection *i);
const struct survey_result *inspection_survey(const struct inspection *i);
/* The options that drifts are made by, for who looks at one person again. */
const struct drift_options *inspection_drift(const struct inspection *i);
/* Processor time of the comparison, in microseconds. */
int64_t inspection_compare_us(const struct inspection *i);

#endif
