#include "cmd/import.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "connect/connect.h"
#include "store/audit.h"

enum { WORKS_AT_ONCE = 1000 };

#define OP_ASSOCIATE "AssociateUserProficiencies"

/* ---- what waits from before ---- */

struct names_list {
    struct span *names;
    size_t n;
};

static int compare(const void *a, const void *b)
{
    return span_cmp(*(const struct span *)a, *(const struct span *)b);
}

/* The user names of imports that have not come to their end, sorted. */
static enum err read_waiting(struct opened *o, struct names_list *out, struct fail *fail)
{
    struct work *works = NULL;
    int64_t after = 0;
    size_t n = WORKS_AT_ONCE, room = 0;

    while (n == WORKS_AT_ONCE) {
        enum err err = store_work_open(o->store, &o->arena, after, WORKS_AT_ONCE, &works, &n, fail);

        if (err != ERR_NONE)
            return err;
        for (size_t i = 0; i < n; i++) {
            struct entitlement e;

            after = works[i].id;
            if (!span_eq(works[i].kind, SPAN(WORK_IMPORT)) ||
                entitlement_parse(&o->arena, works[i].payload, &e, NULL) != ERR_NONE)
                continue;
            if (out->n == room) {
                room = room == 0 ? 64 : 2 * room;
                out->names = mem_grow(out->names, room, sizeof(*out->names));
            }
            out->names[out->n++] = e.user_name;
        }
    }
    if (out->n > 1)
        qsort(out->names, out->n, sizeof(*out->names), compare);
    return ERR_NONE;
}

/* ---- judging ---- */

static enum err judge_row(struct opened *o, const struct names_list *waiting, struct span user_name,
                          enum import_verdict *out, struct fail *fail)
{
    struct arena a = {0};
    struct person p;
    enum err err = store_person_of_name(o->store, &a, SPAN("okta"), user_name, SPAN(""), &p, fail);

    arena_done(&a);
    if (err != ERR_NONE && err != ERR_NOT_FOUND)
        return err;
    if (err == ERR_NONE)
        *out = IMPORT_KNOWN;
    else if (waiting->n > 0 && bsearch(&user_name, waiting->names, waiting->n,
                                       sizeof(*waiting->names), compare) != NULL)
        *out = IMPORT_WAITING;
    else
        *out = IMPORT_NEW;
    return ERR_NONE;
}

enum err import_judge(struct opened *o, const struct bulk *bulk, struct import *out,
                      struct fail *fail)
{
    struct names_list waiting = {NULL, 0};
    enum err err = ERR_NONE;

    *out = (struct import){.bulk = bulk};
    out->verdicts = arena_new(&o->arena, bulk->n, sizeof(*out->verdicts));
    if (o->store != NULL)
        err = read_waiting(o, &waiting, fail);
    for (size_t i = 0; err == ERR_NONE && i < bulk->n; i++) {
        out->verdicts[i] = IMPORT_NEW;
        if (o->store != NULL)
            err = judge_row(o, &waiting, bulk->rows[i].wanted.user_name, &out->verdicts[i], fail);
        out->count[out->verdicts[i]]++;
    }
    free(waiting.names);
    return err;
}

/* ---- hand-over ---- */

void import_add_payload(struct buf *out, const struct entitlement *wanted)
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

static enum err hand_over_row(struct opened *o, const struct bulk_row *row, struct span actor,
                              int64_t now_ms, struct buf *payload, struct fail *fail)
{
    struct work work = {.kind = SPAN(WORK_IMPORT),
                        .source = SPAN(IMPORT_SOURCE),
                        .user_id = SPAN(""),
                        .cause = SPAN(IMPORT_CAUSE),
                        .created_ms = now_ms};
    struct audit_row audit = {.at_ms = now_ms,
                              .actor = actor,
                              .source = SPAN(IMPORT_SOURCE),
                              .instance = o->settings->instance_id,
                              .operation = SPAN("import"),
                              .cause = SPAN(IMPORT_CAUSE),
                              .user = row->wanted.user_name};
    int64_t id;
    enum err err;

    buf_clear(payload);
    import_add_payload(payload, &row->wanted);
    work.payload = audit.after = buf_span(payload);
    err = store_work_add(o->store, &work, &id, fail);
    return err == ERR_NONE ? store_audit_action(o->store, &audit, fail) : err;
}

enum err import_hand_over(struct opened *o, const struct import *import, struct span actor,
                          int64_t now_ms, struct fail *fail)
{
    struct buf payload;
    enum err err = ERR_NONE;

    assert(import->bulk->has_all_names && import->bulk->n_faults == 0);
    buf_init(&payload, ENTITLEMENT_JSON_LIMIT);
    for (size_t i = 0; err == ERR_NONE && i < import->bulk->n; i++)
        if (import->verdicts[i] == IMPORT_NEW)
            err = hand_over_row(o, &import->bulk->rows[i], actor, now_ms, &payload, fail);
    buf_done(&payload);
    return err;
}

/* ---- what it takes ---- */

/* CreateUser takes all but proficiencies. */
static int64_t count_proficient(const struct import *import)
{
    int64_t n = 0;

    for (size_t i = 0; i < import->bulk->n; i++)
        n += import->verdicts[i] == IMPORT_NEW && import->bulk->rows[i].wanted.n_proficiencies > 0;
    return n;
}

int64_t import_calls(const struct import *import)
{
    return (int64_t)import->count[IMPORT_NEW] + count_proficient(import);
}

static int64_t bucket_ms(const struct settings *s, const char *operation, int64_t calls)
{
    double rate = rate_limits_for(&s->rate, span_of(operation));
    double behind = (double)calls - rate_limits_for(&s->burst, span_of(operation));

    return behind <= 0 ? 0 : (int64_t)(behind / rate * 1000);
}

/* Each operation has a bucket of its own; they run beside each other. */
int64_t import_duration_ms(const struct import *import, const struct settings *s)
{
    int64_t create = bucket_ms(s, OP_CREATE_USER, (int64_t)import->count[IMPORT_NEW]),
            associate = bucket_ms(s, OP_ASSOCIATE, count_proficient(import));

    return create > associate ? create : associate;
}
