#include "engine/judge.h"

#include "model/entitlement.h"
#include "model/standing.h"

enum { WAITING_MAX = 1000 };

enum err judge_scope(const struct judge *judge, struct store *store, struct arena *a,
                     const struct person *p, struct membership **out_memberships, size_t *out_n,
                     struct scope *out, struct fail *fail)
{
    struct membership *memberships;
    size_t n;
    enum err err = store_memberships(store, a, p->source, p->id, &memberships, &n, fail);

    if (err != ERR_NONE)
        return err;
    *out = rules_scope(judge->rules, current_names_get(judge->names), p, memberships, n, a);
    *out_memberships = memberships;
    *out_n = n;
    return ERR_NONE;
}

static bool is_held_for(const struct person *p, const char *reason_code)
{
    return p->state == PERSON_HELD && span_eq(p->reason_code, span_of(reason_code));
}

struct span judge_user_name(const struct rules *rules, const struct person *p, struct arena *a)
{
    struct entitlement restored;

    if (p->restore.n > 0 && entitlement_parse(a, p->restore, &restored, NULL) == ERR_NONE)
        return restored.user_name;
    return rules_user_name(rules, p, a);
}

/* What an operator restores is judged by no rule: it is tried again as it is. */
static enum err try_again(const struct judge *judge, struct store *store, struct arena *a,
                          struct person *p, const struct judge_ask *ask, struct fail *fail)
{
    if (p->restore.n == 0 || person_is_import(p))
        return judge_person(judge, store, a, p, ask, fail);
    p->judged_n++;
    p->cause = ask->cause;
    standing_set(p, PERSON_DUE, SPAN(""), SPAN(""), ask->now_ms);
    p->due_ms = p->due_since_ms = ask->now_ms;
    return store_person_put(store, p, fail);
}

/* Those who are held for that reason and want that user name. */
static enum err free_name(const struct judge *judge, struct store *store, struct arena *a,
                          const char *reason_code, struct span user_name, int64_t now_ms,
                          struct fail *fail)
{
    struct person *people;
    size_t n;
    enum err err = store_people_by_reason(store, a, PERSON_HELD, span_of(reason_code), WAITING_MAX,
                                          &people, &n, fail);

    for (size_t i = 0; err == ERR_NONE && i < n; i++) {
        struct judge_ask ask = {
            .now_ms = now_ms,
            .cause = span_of(arena_printf(a, "the user name '%.*s' is free", SPAN_ARG(user_name)))};

        if (!span_eq(judge_user_name(judge->rules, &people[i], a), user_name))
            continue;
        err = try_again(judge, store, a, &people[i], &ask, fail);
    }
    return err;
}

enum err judge_free_names(const struct judge *judge, struct store *store, struct arena *a,
                          const struct person *before, const struct person *after, int64_t now_ms,
                          struct fail *fail)
{
    const struct span had[] = {before->agent_user_name, before->old_agent_name};
    enum err err = ERR_NONE;
    int64_t n;

    if (is_held_for(before, REASON_TWO_CLAIM) && !is_held_for(after, REASON_TWO_CLAIM))
        err = store_people_make_due_for(store, PERSON_HELD, SPAN(REASON_TWO_CLAIM), now_ms,
                                        SPAN("another claim on the user name was given up"), &n,
                                        fail);
    for (size_t i = 0; err == ERR_NONE && i < sizeof(had) / sizeof(had[0]); i++) {
        if (had[i].n == 0 || span_eq(had[i], after->agent_user_name) ||
            span_eq(had[i], after->old_agent_name))
            continue;
        err = free_name(judge, store, a, REASON_EXISTS, had[i], now_ms, fail);
        if (err == ERR_NONE)
            err = free_name(judge, store, a, REASON_TWO_CLAIM, had[i], now_ms, fail);
    }
    return err;
}

/* A person has said no to a change of profiles. Reading again what was known asks for nothing new;
 * other rules do. */
static bool stays_rejected(const struct person *p, const struct scope *scope,
                           const struct judge_ask *ask)
{
    return scope->is_in && p->state == PERSON_IN_STEP && p->removal == REMOVAL_NONE &&
           p->left_ms == 0 && span_eq(p->reason_code, SPAN(REASON_REJECTED)) && !ask->is_news &&
           !ask->is_unsure;
}

enum err judge_person_of(const struct judge *judge, struct store *store, struct arena *a,
                         struct person *p, const struct membership *memberships, size_t n,
                         const struct judge_ask *ask, struct fail *fail)
{
    struct person before = *p;
    struct scope scope =
        rules_scope(judge->rules, current_names_get(judge->names), p, memberships, n, a);
    enum err err;

    if (stays_rejected(p, &scope, ask))
        return store_person_put(store, p, fail);
    scope.is_unsure = scope.is_unsure || (!scope.is_in && ask->is_unsure);
    standing_judge(p, judge->rules, &scope, ask->is_news, ask->now_ms, ask->cause);
    err = store_person_put(store, p, fail);
    if (err == ERR_NONE && is_held_for(&before, REASON_TWO_CLAIM))
        err = judge_free_names(judge, store, a, &before, p, ask->now_ms, fail);
    return err;
}

enum err judge_person(const struct judge *judge, struct store *store, struct arena *a,
                      struct person *p, const struct judge_ask *ask, struct fail *fail)
{
    struct membership *memberships;
    size_t n;
    enum err err = store_memberships(store, a, p->source, p->id, &memberships, &n, fail);

    return err != ERR_NONE ? err : judge_person_of(judge, store, a, p, memberships, n, ask, fail);
}

enum err judge_rivals(const struct judge *judge, struct store *store, struct arena *a,
                      struct person *p, struct span rival_id, int64_t now_ms, struct fail *fail)
{
    struct judge_ask ask = {.now_ms = now_ms, .cause = p->cause};
    struct person rival = {0};
    enum err err = store_person_get(store, a, p->source, rival_id, &rival, fail);
    struct span name = judge_user_name(judge->rules, p, a);
    bool is_claimed;

    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    is_claimed = err == ERR_NONE && (span_eq(rival.agent_user_name, name) ||
                                     (is_held_for(&rival, REASON_TWO_CLAIM) &&
                                      span_eq(judge_user_name(judge->rules, &rival, a), name)));
    if (is_held_for(p, REASON_TWO_CLAIM) && !is_claimed)
        return try_again(judge, store, a, p, &ask, fail);
    if (err != ERR_NONE || rival.state != PERSON_IN_STEP)
        return ERR_NONE;
    return judge_person(judge, store, a, &rival, &ask, fail);
}
