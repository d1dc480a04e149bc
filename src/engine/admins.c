#include "engine/admins.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"

enum { LOST_MAX = 64, ID_MAX = 100 };

struct lost {
    char id[ID_MAX + 1];
    int64_t at_ms;
};

struct admins {
    struct arena arena;         /* of profile_id and token */
    struct arena holders_arena; /* of the last reading */
    struct span profile_id, token;
    bool has_profile; /* whether there is one is known */
    bool is_blind;    /* the profiles' names may not be read */
    struct span *holders;
    size_t n;
    bool has_more, has_read;
    int64_t read_ms;
    bool is_asked;
    int64_t asked_ms;
    struct lost lost[LOST_MAX]; /* a ring */
    size_t next_lost;
};

struct admins *admins_new(void)
{
    struct admins *a = mem_new(1, sizeof(*a));

    a->token = SPAN("");
    return a;
}

void admins_free(struct admins *a)
{
    if (a == NULL)
        return;
    arena_done(&a->arena);
    arena_done(&a->holders_arena);
    free(a);
}

/* ---- which profile ---- */

static struct span profile_of(const struct admins *a, const struct names *names)
{
    struct span id;

    if (a->has_profile)
        return a->profile_id;
    return names->find(names, NAME_SECURITY_PROFILE, SPAN(ADMIN_PROFILE), &id) == NAME_KNOWN
               ? id
               : SPAN("");
}

bool admins_is_profile(const struct admins *a, const struct names *names, struct span id)
{
    struct span profile = profile_of(a, names);

    return profile.n > 0 && span_eq(profile, id);
}

struct span admins_token(const struct admins *a)
{
    return a->token;
}

struct span admins_profile(const struct admins *a)
{
    return a->profile_id;
}

static void set_profile(struct admins *a, struct span id)
{
    a->profile_id = arena_span(&a->arena, id);
    a->has_profile = true;
}

void admins_failed(struct admins *a)
{
    a->is_asked = false;
}

void admins_named(struct admins *a, const struct connect_answer *answer)
{
    a->is_asked = false;
    if (answer->err == ERR_DENIED) {
        log_warn("whether somebody is the last administrator is not known: the names of security "
                 "profiles may not be read; 'roster policy' prints the rights that are needed",
                 LOG_STR("operation", OP_LIST_SECURITY_PROFILES));
        a->is_blind = true;
        return;
    }
    for (size_t i = 0; i < answer->n_named && !a->has_profile; i++)
        if (span_eq(answer->named[i].name, SPAN(ADMIN_PROFILE)))
            set_profile(a, answer->named[i].id);
    a->token = arena_span(&a->arena, answer->next_token);
    if (!a->has_profile && a->token.n == 0)
        set_profile(a, SPAN("")); /* the instance has none */
}

/* ---- who has it ---- */

void admins_held(struct admins *a, const struct connect_answer *answer, int64_t now_ms)
{
    a->is_asked = false;
    arena_done(&a->holders_arena);
    a->holders = arena_new(&a->holders_arena, answer->n_agents, sizeof(*a->holders));
    a->n = answer->n_agents;
    for (size_t i = 0; i < a->n; i++)
        a->holders[i] = arena_span(&a->holders_arena, answer->agents[i].id);
    a->has_more = answer->next_token.n > 0;
    a->has_read = true;
    a->read_ms = now_ms;
}

static bool has_lost(const struct admins *a, struct span id, int64_t now_ms)
{
    for (size_t i = 0; i < LOST_MAX; i++)
        if (a->lost[i].id[0] != '\0' && now_ms - a->lost[i].at_ms < ADMINS_LAG_MS &&
            span_eq(span_of(a->lost[i].id), id))
            return true;
    return false;
}

static void note_lost(struct admins *a, struct span id, int64_t now_ms)
{
    struct lost *lost = &a->lost[a->next_lost];

    if (id.n > ID_MAX || has_lost(a, id, now_ms))
        return;
    memcpy(lost->id, id.p, id.n);
    lost->id[id.n] = '\0';
    lost->at_ms = now_ms;
    a->next_lost = (a->next_lost + 1) % LOST_MAX;
}

/* Others who have it and keep it. */
static bool has_others(const struct admins *a, struct span agent_id, int64_t now_ms)
{
    for (size_t i = 0; i < a->n; i++)
        if (!span_eq(a->holders[i], agent_id) && !has_lost(a, a->holders[i], now_ms))
            return true;
    return a->has_more;
}

static bool is_holder(const struct admins *a, struct span agent_id)
{
    for (size_t i = 0; i < a->n; i++)
        if (span_eq(a->holders[i], agent_id))
            return true;
    return a->has_more;
}

static enum admins_verdict ask(struct admins *a, enum admins_verdict what, int64_t now_ms)
{
    if (a->is_asked && now_ms - a->asked_ms < ADMINS_ASKING_MS)
        return ADMINS_WAIT;
    a->is_asked = true;
    a->asked_ms = now_ms;
    return what;
}

enum admins_verdict admins_judge(struct admins *a, const struct names *names, struct span agent_id,
                                 bool is_taken, int64_t now_ms)
{
    struct span profile = profile_of(a, names);

    if (a->is_blind)
        return ADMINS_SPARE;
    if (!a->has_profile && profile.n > 0)
        set_profile(a, profile);
    if (!a->has_profile)
        return ask(a, ADMINS_ASK_PROFILE, now_ms);
    if (profile.n == 0)
        return ADMINS_SPARE;
    if (!a->has_read || now_ms - a->read_ms >= ADMINS_FRESH_MS)
        return ask(a, ADMINS_ASK_HOLDERS, now_ms);
    if (!is_holder(a, agent_id))
        return ADMINS_SPARE;
    if (!has_others(a, agent_id, now_ms))
        return now_ms - a->read_ms < ADMINS_SURE_MS ? ADMINS_LAST
                                                    : ask(a, ADMINS_ASK_HOLDERS, now_ms);
    if (is_taken)
        note_lost(a, agent_id, now_ms);
    return ADMINS_SPARE;
}
