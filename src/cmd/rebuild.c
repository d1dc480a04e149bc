#include "cmd/rebuild.h"

#include <stdlib.h>

#include "base/mem.h"

enum { OKTA_ID_MAX = 100 };

/* ---- gathering ---- */

/* Whoever may tag agents may write anything there: what stands there becomes a key of the store. */
static bool is_usable_id(struct span id)
{
    for (size_t i = 0; i < id.n; i++)
        if (id.p[i] <= ' ' || id.p[i] > '~')
            return false;
    return id.n > 0 && id.n <= OKTA_ID_MAX;
}

void rebuild_add(struct rebuild *r, const struct agent *agent)
{
    struct span okta_id = agent_tag(agent, SPAN(TAG_OKTA_ID));

    if (r->n == r->room) {
        r->room = r->room == 0 ? 256 : 2 * r->room;
        r->agents = mem_grow(r->agents, r->room, sizeof(*r->agents));
    }
    r->agents[r->n++] = (struct rebuild_agent){
        .id = arena_span(&r->arena, agent->id),
        .arn = arena_span(&r->arena, agent->arn),
        .user_name = arena_span(&r->arena, agent->user_name),
        .okta_id = okta_id.p == NULL ? SPAN("") : arena_span(&r->arena, okta_id)};
}

void rebuild_done(struct rebuild *r)
{
    free(r->agents);
    arena_done(&r->arena);
    *r = (struct rebuild){.n = 0};
}

/* ---- judging ---- */

static int by_okta_id(const void *a, const void *b)
{
    const struct rebuild_agent *p = a, *q = b;
    int difference = span_cmp(p->okta_id, q->okta_id);

    return difference != 0 ? difference : span_cmp(p->id, q->id);
}

/* A page may show again what the one before it has shown, when agents are made meanwhile. */
static void drop_repeated(struct rebuild *r)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n; i++)
        if (n == 0 || !span_eq(r->agents[i].id, r->agents[n - 1].id))
            r->agents[n++] = r->agents[i];
    r->n = n;
}

static void judge_alone(struct rebuild *r)
{
    for (size_t i = 0; i < r->n; i++) {
        struct rebuild_agent *a = &r->agents[i];
        bool is_like_last = i > 0 && span_eq(a->okta_id, a[-1].okta_id);
        bool is_like_next = i + 1 < r->n && span_eq(a->okta_id, a[1].okta_id);

        a->verdict = !is_usable_id(a->okta_id)      ? REBUILD_NO_ID
                     : is_like_last || is_like_next ? REBUILD_TWICE
                                                    : REBUILD_BIND;
    }
}

/* The former agent of a rename is known, too, though it bears the same Okta id. */
static enum err judge_known(struct rebuild_agent *a, struct store *store, struct fail *fail)
{
    struct arena arena = {0};
    struct person p;
    enum err err = store_person_get(store, &arena, SPAN("okta"), a->okta_id, &p, fail);

    if (err == ERR_NONE &&
        (span_eq(p.agent_id, a->id) || (p.old_agent_id.n > 0 && span_eq(p.old_agent_id, a->id))))
        a->verdict = REBUILD_KNOWN;
    else if (err == ERR_NONE && a->verdict == REBUILD_BIND)
        a->verdict = p.agent_id.n > 0 ? REBUILD_DIFFERS : REBUILD_LEFT_ALONE;
    arena_done(&arena);
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err rebuild_judge(struct rebuild *r, struct store *store, struct fail *fail)
{
    enum err err = ERR_NONE;

    if (r->n > 1)
        qsort(r->agents, r->n, sizeof(*r->agents), by_okta_id);
    drop_repeated(r);
    judge_alone(r);
    for (size_t i = 0; err == ERR_NONE && store != NULL && i < r->n; i++)
        if (r->agents[i].verdict != REBUILD_NO_ID)
            err = judge_known(&r->agents[i], store, fail);
    for (size_t i = 0; err == ERR_NONE && i < r->n; i++)
        r->count[r->agents[i].verdict]++;
    return err;
}

const char *rebuild_why(enum rebuild_verdict verdict)
{
    static const char *const words[REBUILD_VERDICTS] = {
        [REBUILD_BIND] = "",
        [REBUILD_KNOWN] = "",
        [REBUILD_LEFT_ALONE] = "the person is known without an agent and was left alone; Roster "
                               "looks for it before it makes one",
        [REBUILD_DIFFERS] = "the store binds another agent to this Okta id: delete one of the two, "
                            "or take its tags away",
        [REBUILD_TWICE] = "several agents bear this Okta id, so none is bound: delete all but one, "
                          "or take their tags away",
        [REBUILD_NO_ID] = "bears no usable tag " TAG_OKTA_ID ": give it one, or take "
                          "" TAG_MANAGED_BY " away",
    };

    return words[verdict];
}

size_t rebuild_troubles(const struct rebuild *r)
{
    return r->count[REBUILD_DIFFERS] + r->count[REBUILD_TWICE] + r->count[REBUILD_NO_ID];
}

/* ---- writing ---- */

/* What the agent has is not known (applied is empty), so it is described before it is changed; and
 * nothing is known of memberships, so nothing is taken away because of that. */
static enum err bind(const struct rebuild_agent *a, struct store *store, const struct settings *s,
                     int64_t now_ms, struct fail *fail)
{
    struct person p = {.source = SPAN("okta"),
                       .id = a->okta_id,
                       .state = PERSON_IN_STEP,
                       .reason = SPAN("bound by 'roster rebuild'; what Okta says of them is not "
                                      "known yet"),
                       .since_ms = now_ms,
                       .cause = SPAN(REBUILD_CAUSE),
                       .agent_id = a->id,
                       .agent_arn = a->arn,
                       .agent_user_name = a->user_name,
                       .agent_since_ms = now_ms,
                       .priority = PRIORITY_CHANGE};
    struct look look = {.source = p.source,
                        .id = p.id,
                        .kind = LOOK_USER,
                        .due_ms = now_ms,
                        .asked_ns = 0, /* no event did, so no reading can be too early */
                        .cause = p.cause};
    enum err err = store_person_put(store, &p, fail);

    return err == ERR_NONE && s->rules.reads_okta ? store_look_put(store, &look, fail) : err;
}

enum err rebuild_write(const struct rebuild *r, struct store *store, const struct settings *s,
                       int64_t now_ms, struct fail *fail)
{
    enum err err = store_note_put(store, "instance", s->instance_id, fail);

    for (size_t i = 0; err == ERR_NONE && i < r->n; i++)
        if (r->agents[i].verdict == REBUILD_BIND)
            err = bind(&r->agents[i], store, s, now_ms, fail);
    return err;
}
