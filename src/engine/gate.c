#include "engine/gate.h"

#include "base/buf.h"
#include "engine/release.h"
#include "model/standing.h"

enum { WAITING_MAX = 1000000 };

static enum err pass(struct store *store, enum gate gate, struct person *p, int64_t now_ms,
                     struct fail *fail)
{
    enum err err;

    p->judged_n++;
    p->needs_gate = false;
    p->due_ms = now_ms;
    if (gate == GATE_REMOVALS)
        p->removal = REMOVAL_PASSED;
    else
        p->passed_changes = true;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), now_ms);
    err = store_person_put(store, p, fail);
    return err != ERR_NONE
               ? err
               : store_passage_add(store, (int64_t)gate, p->source, p->id, now_ms, fail);
}

static enum err hold(struct store *store, enum gate gate, struct person *p, const char *reason,
                     int64_t now_ms, struct fail *fail)
{
    p->judged_n++;
    if (gate == GATE_REMOVALS)
        p->removal = REMOVAL_HELD;
    standing_set(p, PERSON_HELD,
                 gate == GATE_REMOVALS ? SPAN(REASON_REMOVALS) : SPAN(REASON_CHANGES),
                 span_of(reason), now_ms);
    return store_person_put(store, p, fail);
}

static enum err count(struct store *store, enum gate gate, const struct guard_bound *bound,
                      int64_t now_ms, size_t waiting, struct arena *a, struct guard_ask *out,
                      struct fail *fail)
{
    struct guard_ask ask = {.bound = *bound, .waiting = (int64_t)waiting};
    struct span note;
    enum err err = store_note_get(store, a, release_note_name(gate), &note, fail);

    if (err == ERR_NONE)
        err = store_passages(store, (int64_t)gate, now_ms - GUARD_WINDOW_MS, &ask.passed, fail);
    if (err == ERR_NONE)
        err = store_managed_count(store, &ask.managed, fail);
    if (err != ERR_NONE)
        return err;
    ask.is_held = note.n > 0;
    *out = ask;
    return ERR_NONE;
}

enum err gate_judge(struct store *store, enum gate gate, const struct guard_bound *bound,
                    int64_t now_ms, struct arena *a, struct gate_verdict *out, struct fail *fail)
{
    struct guard_verdict verdict;
    struct guard_ask ask;
    struct person *people;
    size_t n;
    enum err err =
        store_gate_waiting(store, a, gate == GATE_REMOVALS, WAITING_MAX, &people, &n, fail);

    *out = (struct gate_verdict){.reason = arena_dup(a, SPAN(""))};
    if (err != ERR_NONE || n == 0)
        return err;
    err = count(store, gate, bound, now_ms, n, a, &ask, fail);
    if (err != ERR_NONE)
        return err;
    verdict = guard_judge(release_setting(gate), &ask, a);
    for (size_t i = 0; err == ERR_NONE && i < n; i++)
        err = verdict.passes ? pass(store, gate, &people[i], now_ms, fail)
                             : hold(store, gate, &people[i], verdict.reason, now_ms, fail);
    if (verdict.passes) {
        out->passed = (int64_t)n;
        return err;
    }
    out->held = (int64_t)n;
    out->reason = verdict.reason;
    out->is_new = !ask.is_held;
    if (err == ERR_NONE && out->is_new)
        err = store_note_put(store, release_note_name(gate), span_of(verdict.reason), fail);
    return err;
}
