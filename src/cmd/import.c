#include "cmd/import.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "connect/connect.h"
#include "engine/proposal.h"
#include "model/standing.h"
#include "store/audit.h"

#define OP_ASSOCIATE "AssociateUserProficiencies"

/* ---- the agents that are there ---- */

static int compare(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* Whether Amazon Connect tells names apart by their case is not known, so they are not here. */
static struct span folded(struct arena *a, struct span name)
{
    char *copy = arena_dup(a, name);

    for (size_t i = 0; i < name.n; i++)
        if (copy[i] >= 'A' && copy[i] <= 'Z')
            copy[i] = (char)(copy[i] - 'A' + 'a');
    return span_n(copy, name.n);
}

void import_agents_add(struct import_agents *agents, struct span user_name)
{
    if (agents->n == agents->room) {
        agents->room = agents->room == 0 ? 256 : 2 * agents->room;
        agents->names = mem_grow(agents->names, agents->room, sizeof(*agents->names));
    }
    agents->names[agents->n++] = folded(&agents->arena, user_name);
}

void import_agents_sort(struct import_agents *agents)
{
    if (agents->n > 1)
        qsort(agents->names, agents->n, sizeof(*agents->names), compare);
}

void import_agents_done(struct import_agents *agents)
{
    free(agents->names);
    arena_done(&agents->arena);
    *agents = (struct import_agents){.n = 0};
}

static bool is_there(const struct import_agents *agents, struct span user_name)
{
    struct arena a = {0};
    struct span name = folded(&a, user_name);
    bool is = agents->n > 0 &&
              bsearch(&name, agents->names, agents->n, sizeof(*agents->names), compare) != NULL;

    arena_done(&a);
    return is;
}

/* ---- judging ---- */

struct span import_id(struct arena *a, const struct bulk_row *row)
{
    return span_of(arena_printf(a, IMPORT_ID_PREFIX "%.*s", SPAN_ARG(row->wanted.user_name)));
}

/* An agent that is there may be of its making. */
static bool goes_on(const struct person *p, bool is_there)
{
    return p->agent_id.n > 0 || p->create_sent_ms != 0 || (p->state == PERSON_DUE && !is_there);
}

/* *before: as the store has them from an import before; else only source and id. */
static enum err judge_row(struct opened *o, const struct import *import, size_t row,
                          struct arena *a, struct person *before, enum import_verdict *out,
                          struct fail *fail)
{
    const struct bulk_row *r = &import->bulk->rows[row];
    struct person owner;
    enum err err = ERR_NOT_FOUND;

    *before = (struct person){.source = SPAN(SOURCE_IMPORT), .id = import_id(a, r)};
    *out = is_there(import->agents, r->wanted.user_name) ? IMPORT_EXISTS : IMPORT_NEW;
    if (o->store != NULL)
        err = store_person_of_name(o->store, a, SPAN("okta"), r->wanted.user_name, SPAN(""), &owner,
                                   fail);
    if (err == ERR_NONE)
        *out = IMPORT_KNOWN;
    if (err != ERR_NOT_FOUND || o->store == NULL)
        return err == ERR_NOT_FOUND ? ERR_NONE : err;
    err = store_person_get(o->store, a, before->source, before->id, before, fail);
    if (err == ERR_NONE && goes_on(before, *out == IMPORT_EXISTS))
        *out = IMPORT_GOES_ON;
    return err == ERR_NOT_FOUND ? ERR_NONE : err;
}

enum err import_judge(struct opened *o, struct import *import, struct fail *fail)
{
    const struct bulk *bulk = import->bulk;
    enum err err = ERR_NONE;

    memset(import->count, 0, sizeof(import->count));
    import->verdicts = arena_new(&o->arena, bulk->n, sizeof(*import->verdicts));
    for (size_t i = 0; err == ERR_NONE && i < bulk->n; i++) {
        struct arena a = {0};
        struct person before;

        err = judge_row(o, import, i, &a, &before, &import->verdicts[i], fail);
        import->count[import->verdicts[i]]++;
        arena_done(&a);
    }
    return err;
}

/* ---- hand-over ---- */

/* What an agent of an import gets, as JSON: the row, and Roster's own tag. */
static void import_add_payload(struct buf *out, const struct entitlement *wanted)
{
    const struct tag own = {SPAN(TAG_MANAGED_BY), SPAN(MANAGED_BY_IMPORT)};
    struct entitlement e = *wanted;
    struct tag tags[ENTITLEMENT_TAGS + 1];
    size_t at = 0;

    assert(e.n_tags < ENTITLEMENT_TAGS);
    while (at < e.n_tags && span_cmp(e.tags[at].key, own.key) < 0)
        at++;
    for (size_t i = 0; i < at; i++)
        tags[i] = e.tags[i];
    tags[at] = own;
    for (size_t i = at; i < e.n_tags; i++)
        tags[i + 1] = e.tags[i];
    e.tags = tags;
    e.n_tags++;
    entitlement_add_json(out, &e);
}

static enum err record(struct opened *o, const struct import *import, const struct bulk_row *row,
                       const struct person *p, struct arena *a, int64_t now_ms, struct fail *fail)
{
    struct audit_row audit = {.at_ms = now_ms,
                              .actor = import->actor,
                              .source = p->source,
                              .instance = o->settings->instance_id,
                              .operation = SPAN("import"),
                              .cause = import->cause,
                              .detail = span_of(arena_printf(a, "line %u of the file", row->line)),
                              .user_id = p->id,
                              .user = p->login,
                              .before = p->applied,
                              .after = p->restore};

    return store_audit_action(o->store, &audit, fail);
}

static enum err put_row(struct opened *o, const struct import *import, const struct bulk_row *row,
                        struct person *p, struct arena *a, int64_t now_ms, struct fail *fail)
{
    const struct entitlement *e = &row->wanted;
    struct buf payload;
    enum err err;

    buf_init(&payload, ENTITLEMENT_JSON_LIMIT);
    import_add_payload(&payload, e);
    p->restore = arena_span(a, buf_span(&payload));
    buf_done(&payload);
    p->login = p->app_user_name = e->user_name;
    p->display_name =
        span_of(arena_printf(a, "%.*s %.*s", SPAN_ARG(e->first_name), SPAN_ARG(e->last_name)));
    standing_import(p, now_ms, import->cause);
    err = store_person_put(o->store, p, fail);
    return err == ERR_NONE ? record(o, import, row, p, a, now_ms, fail) : err;
}

enum err import_hand_over(struct opened *o, const struct import *import, size_t row, int64_t now_ms,
                          enum import_verdict *out, struct fail *fail)
{
    struct arena a = {0};
    struct person p;
    enum err err = judge_row(o, import, row, &a, &p, out, fail);

    assert(import->bulk->has_all_names && import->bulk->n_faults == 0);
    if (err == ERR_NONE && (*out == IMPORT_NEW || *out == IMPORT_GOES_ON))
        err = put_row(o, import, &import->bulk->rows[row], &p, &a, now_ms, fail);
    arena_done(&a);
    return err;
}

/* ---- what it takes ---- */

static bool is_made(const struct import *import, size_t row)
{
    return import->verdicts[row] == IMPORT_NEW || import->verdicts[row] == IMPORT_GOES_ON;
}

/* CreateUser takes all but proficiencies. */
static int64_t count_proficient(const struct import *import)
{
    int64_t n = 0;

    for (size_t i = 0; i < import->bulk->n; i++)
        n += is_made(import, i) && import->bulk->rows[i].wanted.n_proficiencies > 0;
    return n;
}

int64_t import_n(const struct import *import)
{
    return (int64_t)(import->count[IMPORT_NEW] + import->count[IMPORT_GOES_ON]);
}

int64_t import_calls(const struct import *import)
{
    return import_n(import) + count_proficient(import);
}

static double seconds(const struct settings *s, const char *operation, int64_t calls)
{
    return proposal_seconds(calls, rate_limits_for(&s->rate, span_of(operation)),
                            rate_limits_for(&s->burst, span_of(operation)));
}

/* Each operation has a bucket of its own; they run beside each other. */
double import_seconds(const struct import *import, const struct settings *s)
{
    double create = seconds(s, OP_CREATE_USER, import_n(import)),
           associate = seconds(s, OP_ASSOCIATE, count_proficient(import));

    return create > associate ? create : associate;
}

int64_t import_beyond(const struct import *import, const struct settings *s)
{
    int64_t places = s->max_agents - (int64_t)import->agents->n;
    int64_t beyond = (int64_t)import->count[IMPORT_NEW] - (places > 0 ? places : 0);

    return s->max_agents == 0 || beyond < 0 ? 0 : beyond;
}
