#include "engine/inspection.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "engine/admins.h"
#include "engine/compare.h"
#include "engine/release.h"
#include "engine/rules_digest.h"

enum { AGENTS_ASKED_MAX = 200, USERS_ASKED_MAX = 2000, PIECE = 2000 };

/* Of whom a listing left doubts. */
struct doubts {
    struct span *ids, *agents; /* agents: of the same person, or of users alone: empty */
    size_t n, room;
    bool are_too_many;
};

struct inspection {
    struct inspection_options options;
    struct arena arena;
    struct survey *survey;
    struct proposal proposal;
    bool has_proposal;
    struct drift_options drift;
    struct compare *compare;
    struct loop_timer *timer;
    struct doubts users, agents;
    int64_t users_most; /* so many absent users are asked for */
    bool is_asking;
    int64_t compare_us;
};

/* ---- the end ---- */

static void end(struct inspection *i, const struct fail *fail)
{
    i->options.done(i->options.arg, fail);
}

static void judge(struct inspection *i)
{
    int64_t began_us = clock_cpu_us();
    const struct survey_result *survey = survey_result(i->survey);
    struct fail fail;
    enum err err;

    for (size_t k = 0; k < survey->n_troubles; k++)
        proposal_guard(&i->proposal, "source_health", span_of(survey->troubles[k]));
    err = proposal_judge(&i->proposal, &fail);
    i->compare_us += clock_cpu_us() - began_us;
    end(i, err == ERR_NONE ? NULL : &fail);
}

/* ---- doubts ---- */

static void doubt(struct inspection *i, struct doubts *d, int64_t most, struct span user_id,
                  struct span agent_id)
{
    if ((int64_t)d->n >= most) {
        d->are_too_many = true;
        return;
    }
    if (d->n == d->room) {
        d->room = d->room == 0 ? 64 : 2 * d->room;
        d->ids = mem_grow(d->ids, d->room, sizeof(*d->ids));
        d->agents = mem_grow(d->agents, d->room, sizeof(*d->agents));
    }
    d->ids[d->n] = arena_span(&i->arena, user_id);
    d->agents[d->n++] = arena_span(&i->arena, agent_id);
}

static void doubts_done(struct doubts *d)
{
    free(d->ids);
    free(d->agents);
}

static enum err found(void *arg, const struct drift *drift, struct fail *fail)
{
    struct inspection *i = arg;

    if (!i->is_asking && drift->is_absent && drift->bound == GATE_REMOVALS)
        doubt(i, &i->users, i->users_most, drift->person.id, SPAN(""));
    if (!i->is_asking && drift->is_doubtful)
        doubt(i, &i->agents, AGENTS_ASKED_MAX, drift->person.id, drift->person.agent_id);
    return proposal_take(&i->proposal, drift, fail);
}

static enum err take_back(struct inspection *i, struct span user_id, struct fail *fail)
{
    int64_t n = 0;
    enum err err = scan_change_remove(i->options.survey.scan, user_id, &n, fail);

    if (err == ERR_NONE && n == 0)
        i->proposal.unchanged--; /* what nothing is to be told of is only counted */
    return err;
}

/* Anew, by what was said of them alone. */
static enum err compare_again(struct inspection *i, const struct doubts *d, struct fail *fail)
{
    struct compare_options options = {
        .drift = i->drift, .store = i->options.survey.store, .found = found, .arg = i};
    enum err err = ERR_NONE;

    for (size_t k = 0; err == ERR_NONE && k < d->n; k++) {
        err = take_back(i, d->ids[k], fail);
        if (err == ERR_NONE)
            err = compare_one(&options, d->ids[k], fail);
    }
    return err;
}

static void was_asked(struct inspection *i)
{
    int64_t began_us = clock_cpu_us();
    struct fail fail;
    enum err err = compare_again(i, &i->users, &fail);

    if (err == ERR_NONE)
        err = compare_again(i, &i->agents, &fail);
    i->compare_us += clock_cpu_us() - began_us;
    if (err == ERR_NONE)
        judge(i);
    else
        end(i, &fail);
}

static void ask(struct inspection *i)
{
    /* A set that no bound lets pass need not be asked for. */
    size_t n_users = i->users.are_too_many || i->options.survey.okta == NULL ? 0 : i->users.n;

    i->users.n = n_users;
    i->is_asking = true;
    if (n_users + i->agents.n == 0)
        judge(i);
    else
        survey_ask(i->survey, i->users.ids, n_users, i->agents.agents, i->agents.n);
}

/* ---- comparing ---- */

static enum err make_proposal(struct inspection *i, struct fail *fail)
{
    const struct inspection_options *o = &i->options;
    const struct rules *rules = o->survey.judge->rules;
    const struct names *names = current_names_get(o->survey.judge->names);
    struct proposal_options options = {.settings = o->settings,
                                       .rules = rules,
                                       .names = names,
                                       .scan = o->survey.scan,
                                       .store = o->survey.store,
                                       .now_ms = clock_wall_ms(),
                                       .leaves_bounds = o->leaves_bounds,
                                       .is_of_one = o->user.n > 0,
                                       .rate = o->rate,
                                       .rate_arg = o->rate_arg};
    struct span id;
    int64_t managed;
    enum err err = scan_agents_count(o->survey.scan, &options.agents, fail);

    if (err == ERR_NONE)
        err = store_managed_count(o->survey.store, &managed, fail);
    if (err != ERR_NONE)
        return err;
    i->users_most = guard_allowed(&o->settings->max_removals, managed);
    if (i->users_most > USERS_ASKED_MAX || o->leaves_bounds)
        i->users_most = USERS_ASKED_MAX;
    if (names->find(names, NAME_SECURITY_PROFILE, SPAN(ADMIN_PROFILE), &id) == NAME_KNOWN)
        options.admin_profile_id = arena_span(&i->arena, id);
    proposal_init(&i->proposal, &options);
    i->has_proposal = true;
    return err;
}

/* Than when people were judged last. */
static enum err have_rules_changed(struct inspection *i, bool *out, struct fail *fail)
{
    char digest[SHA256_HEX + 1];
    struct span note;
    enum err err = store_note_get(i->options.survey.store, &i->arena, RULES_NOTE, &note, fail);

    if (err != ERR_NONE)
        return err;
    rules_digest(i->options.settings, digest);
    *out = note.p != NULL && !span_eq(note, span_of(digest));
    return ERR_NONE;
}

static enum err begin_comparing(struct inspection *i, struct fail *fail)
{
    const struct inspection_options *o = &i->options;
    const struct survey_result *survey = survey_result(i->survey);
    struct compare_options options = {.store = o->survey.store, .found = found, .arg = i};
    enum err err = make_proposal(i, fail);

    if (err == ERR_NONE)
        err = have_rules_changed(i, &i->drift.has_other_rules, fail);
    if (err != ERR_NONE)
        return err;
    i->drift = (struct drift_options){.rules = o->survey.judge->rules,
                                      .names = current_names_get(o->survey.judge->names),
                                      .scan = o->survey.scan,
                                      .containers = survey->containers,
                                      .n_containers = survey->n_containers,
                                      .has_other_rules = i->drift.has_other_rules,
                                      .has_users = o->survey.okta != NULL,
                                      .stops_removals = survey->stops_removals,
                                      .read_ms = survey->read_ms,
                                      .now_ms = i->proposal.options.now_ms,
                                      .max_wait_ms = o->settings->max_wait_ms,
                                      .cause = o->cause};
    options.drift = i->drift;
    if (o->user.n > 0)
        return compare_one(&options, survey_user_id(i->survey), fail);
    return compare_new(&options, &i->compare, fail);
}

static enum err compare_people(struct inspection *i, bool *out_is_done, struct fail *fail)
{
    struct store *store = i->options.survey.store;
    enum err err = store_read_begin(store, fail);

    if (err != ERR_NONE)
        return err;
    err = compare_some(i->compare, i->options.piece == 0 ? PIECE : i->options.piece, out_is_done,
                       fail);
    store_read_end(store);
    return err;
}

static void compare_piece(void *arg)
{
    struct inspection *i = arg;
    bool is_first = !i->has_proposal, is_done = i->compare == NULL;
    struct fail fail;
    /* A part of reading, whose time is told apart. */
    enum err err = is_first ? scan_sort(i->options.survey.scan, &fail) : ERR_NONE;
    int64_t began_us = clock_cpu_us();

    if (err == ERR_NONE && is_first)
        err = begin_comparing(i, &fail);
    if (err == ERR_NONE && i->compare != NULL)
        err = compare_people(i, &is_done, &fail);
    else
        is_done = true;
    i->compare_us += clock_cpu_us() - began_us;
    if (err != ERR_NONE)
        end(i, &fail);
    else if (is_done)
        ask(i);
    else
        loop_timer_set(i->timer, 0);
}

static void surveyed(void *arg, const struct fail *fail)
{
    struct inspection *i = arg;

    if (fail != NULL)
        end(i, fail);
    else if (i->is_asking)
        was_asked(i);
    else
        loop_timer_set(i->timer, 0);
}

static void name_found(void *arg, enum name_kind kind, struct span name, struct span id)
{
    struct inspection *i = arg;

    i->options.found(i->options.arg, kind, name, id);
}

static void moved(void *arg)
{
    struct inspection *i = arg;

    if (i->options.moved != NULL)
        i->options.moved(i->options.arg);
}

/* ---- life ---- */

struct inspection *inspection_new(const struct inspection_options *options)
{
    struct inspection *i = mem_new(1, sizeof(*i));

    i->options = *options;
    i->options.survey.found = name_found;
    i->options.survey.moved = moved;
    i->options.survey.done = surveyed;
    i->options.survey.arg = i;
    i->survey = survey_new(&i->options.survey);
    i->timer = loop_timer_new(options->survey.loop, compare_piece, i);
    return i;
}

void inspection_free(struct inspection *i)
{
    if (i == NULL)
        return;
    compare_free(i->compare);
    if (i->has_proposal)
        proposal_done(&i->proposal);
    survey_free(i->survey);
    loop_timer_free(i->timer);
    doubts_done(&i->users);
    doubts_done(&i->agents);
    arena_done(&i->arena);
    free(i);
}

void inspection_begin(struct inspection *i)
{
    if (i->options.user.n > 0)
        survey_begin_one(i->survey, i->options.user);
    else
        survey_begin(i->survey);
}

struct proposal *inspection_proposal(struct inspection *i)
{
    return &i->proposal;
}

const struct survey_result *inspection_survey(const struct inspection *i)
{
    return survey_result(i->survey);
}

const struct drift_options *inspection_drift(const struct inspection *i)
{
    return &i->drift;
}

int64_t inspection_compare_us(const struct inspection *i)
{
    return i->compare_us;
}
