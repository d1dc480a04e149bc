#include "engine/release.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/standing.h"

const char *release_note_name(enum gate gate)
{
    return gate == GATE_CHANGES ? NOTE_CHANGES_HELD : NOTE_REMOVALS_HELD;
}

const char *release_setting(enum gate gate)
{
    switch (gate) {
    case GATE_REMOVALS:
        return "MAX_REMOVALS";
    case GATE_CHANGES:
        return "MAX_CHANGES";
    case GATE_NONE:
        break;
    }
    return "";
}

enum gate release_gate_of(const struct person *p)
{
    if (p->state != PERSON_HELD)
        return GATE_NONE;
    if (span_eq(p->reason_code, SPAN(REASON_CHANGES)))
        return GATE_CHANGES;
    return span_eq(p->reason_code, SPAN(REASON_REMOVALS)) ||
                   span_eq(p->reason_code, SPAN(REASON_UNSURE))
               ? GATE_REMOVALS
               : GATE_NONE;
}

/* ---- what becomes of one person ---- */

bool release_pass(struct person *p, int64_t now_ms)
{
    enum gate gate = release_gate_of(p);

    if (gate == GATE_NONE)
        return false;
    if (gate == GATE_REMOVALS)
        p->removal = REMOVAL_PASSED;
    else
        p->passed_changes = true;
    p->priority = gate == GATE_REMOVALS ? PRIORITY_REMOVAL : PRIORITY_CHANGE;
    p->needs_gate = false;
    p->attempts = 0;
    p->judged_n++;
    p->due_ms = p->due_since_ms = now_ms;
    p->cause = SPAN(RELEASE_CAUSE);
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
    return true;
}

bool release_reject(struct person *p, int64_t now_ms)
{
    bool runs_grace = p->state == PERSON_DUE && p->removal == REMOVAL_WAITS && p->left_ms != 0;
    enum gate gate = runs_grace ? GATE_REMOVALS : release_gate_of(p);

    if (gate == GATE_NONE)
        return false;
    if (gate == GATE_REMOVALS)
        p->removal = REMOVAL_REJECTED;
    else
        p->passed_changes = false;
    p->judged_n++;
    p->cause = SPAN(REJECT_CAUSE);
    standing_set(p, PERSON_IN_STEP, SPAN(REASON_REJECTED),
                 gate == GATE_REMOVALS
                     ? SPAN("the removal was rejected, so the agent is kept until Okta says "
                            "something new")
                     : SPAN("the change of profiles was rejected, so the agent is kept as it is "
                            "until Okta says something new"),
                 now_ms);
    return true;
}

/* ---- the store ---- */

static enum err open_gate(struct store *s, enum gate gate, struct fail *fail)
{
    struct arena a = {0};
    struct span note;
    enum err err = store_note_get(s, &a, release_note_name(gate), &note, fail);

    if (err == ERR_NONE && note.n > 0)
        err = store_note_put(s, release_note_name(gate), SPAN(""), fail);
    arena_done(&a);
    return err;
}

/* Opens the gate when it is shut and nobody is held by its bound: whoever was has come back. */
static enum err release_open(struct store *s, enum gate gate, struct fail *fail)
{
    struct arena a = {0};
    struct person *held;
    size_t n;
    enum err err = store_people_by_reason(
        s, &a, PERSON_HELD, span_of(gate == GATE_CHANGES ? REASON_CHANGES : REASON_REMOVALS), 1,
        &held, &n, fail);

    arena_done(&a);
    return err == ERR_NONE && n == 0 ? open_gate(s, gate, fail) : err;
}

/* Decides about the person as they stand; nothing is written when there is nothing to decide. */
static enum err decide(struct store *s, struct person *p, enum release_decision decision,
                       int64_t now_ms, bool *is_changed, struct fail *fail)
{
    enum gate gate = release_gate_of(p);
    enum err err;

    *is_changed = decision == RELEASE_PASS ? release_pass(p, now_ms) : release_reject(p, now_ms);
    if (!*is_changed)
        return ERR_NONE;
    err = store_person_put(s, p, fail);
    if (err == ERR_NONE && decision == RELEASE_PASS)
        err = store_passage_add(s, gate, p->source, p->id, now_ms, fail);
    return err;
}

enum err release_one(struct store *s, struct arena *a, struct span source, struct span id,
                     enum release_decision decision, int64_t now_ms, struct person *out,
                     bool *is_changed, struct fail *fail)
{
    struct person p;
    enum gate gate;
    enum err err = store_person_get(s, a, source, id, &p, fail);

    if (err != ERR_NONE)
        return err;
    gate = release_gate_of(&p);
    err = decide(s, &p, decision, now_ms, is_changed, fail);
    if (err == ERR_NONE && gate != GATE_NONE)
        err = release_open(s, gate, fail);
    if (err == ERR_NONE)
        *out = p;
    return err;
}

/* ---- everybody ---- */

struct walk {
    bool (*fn)(void *arg, const struct person *p, enum gate gate);
    void *arg;
};

static bool look_at(void *arg, const struct person *p)
{
    const struct walk *walk = arg;
    enum gate gate = release_gate_of(p);

    return gate == GATE_NONE || walk->fn(walk->arg, p, gate);
}

enum err release_each(struct store *s,
                      bool (*fn)(void *arg, const struct person *p, enum gate gate), void *arg,
                      struct fail *fail)
{
    struct walk walk = {fn, arg};

    return store_people_each(s, PERSON_HELD, look_at, &walk, fail);
}

struct held {
    struct arena arena;
    struct person *p;
    size_t n, room;
};

/* Nothing may be written while the people are walked. */
static bool keep(void *arg, const struct person *p, enum gate gate)
{
    struct held *held = arg;

    (void)gate;
    if (held->n == held->room) {
        held->room = held->room == 0 ? 64 : 2 * held->room;
        held->p = mem_grow(held->p, held->room, sizeof(*held->p));
    }
    held->p[held->n++] = person_copy(&held->arena, p);
    return true;
}

enum err release_all(struct store *s, enum release_decision decision, int64_t now_ms,
                     int64_t *out_n, struct fail *fail)
{
    struct held held = {.n = 0};
    enum err err = release_each(s, keep, &held, fail);
    bool is_changed;

    for (size_t i = 0; err == ERR_NONE && i < held.n; i++)
        err = decide(s, &held.p[i], decision, now_ms, &is_changed, fail);
    if (err == ERR_NONE)
        err = open_gate(s, GATE_REMOVALS, fail);
    if (err == ERR_NONE)
        err = open_gate(s, GATE_CHANGES, fail);
    if (err == ERR_NONE)
        *out_n = (int64_t)held.n;
    free(held.p);
    arena_done(&held.arena);
    return err;
}
