#include "lambda/batch.h"

#include "model/standing.h"

enum { HIDE_FIRST_S = 5, HIDE_LAST_S = 15 * 60, MS_PER_S = 1000 };

/* ---- reading ---- */

static struct batch_person *person_of(struct batch *b, const struct event *e)
{
    const struct event_subject *s = &e->subjects[0];

    for (size_t i = 0; i < b->n_people; i++)
        if (span_eq(b->people[i].told.id, s->user_id) &&
            span_eq(b->people[i].told.source, e->source))
            return &b->people[i];
    b->people[b->n_people] =
        (struct batch_person){.told = {.source = e->source, .id = s->user_id, .cause = e->uuid}};
    return &b->people[b->n_people++];
}

static void take_membership(struct batch_person *p, const struct membership *said)
{
    for (size_t i = 0; i < p->n_memberships; i++) {
        struct membership *known = &p->memberships[i];

        if (known->kind != said->kind || !span_eq(known->container, said->container))
            continue;
        if (membership_replaces(said, known))
            *known = *said;
        return;
    }
    p->memberships[p->n_memberships++] = *said;
}

static void take_item(struct arena *a, struct batch *b, struct batch_item *item)
{
    const struct event_subject *s = &item->event.subjects[0];
    struct batch_person *p = person_of(b, &item->event);

    item->person = p;
    if (p->memberships == NULL)
        p->memberships = arena_new(a, b->n, sizeof(*p->memberships));
    standing_take_facts(&p->told, s);
    if (s->has_membership)
        take_membership(p, &s->membership);
    if (item->event.published_ns > p->published_ns)
        p->published_ns = item->event.published_ns;
    if (span_eq(item->event.type, SPAN("user.account.update_profile")) &&
        item->event.published_ns > p->profile_ns)
        p->profile_ns = item->event.published_ns;
    if (item->record->n_received > p->n_received)
        p->n_received = item->record->n_received;
}

static void read_item(struct arena *a, struct batch *b, struct batch_item *item)
{
    struct fail fail;

    if (item->record->is_bad)
        (void)fail_set(&fail, ERR_INPUT, "the message's body is no text");
    else if (message_read(a, item->record->body, &item->event, &fail) == ERR_NONE) {
        if (item->event.subjects[0].kind == SUBJECT_USER)
            take_item(a, b, item);
        return;
    }
    item->end = (struct batch_end){.fate = BATCH_DEAD,
                                   .code = SPAN("bad_message"),
                                   .reason = span_of(arena_dup(a, span_of(fail.text)))};
}

enum err batch_read(struct arena *a, struct span event, struct batch *out, struct fail *fail)
{
    struct batch b = {0};
    enum err err = records_read(a, event, &b.records, &b.n, fail);

    if (err != ERR_NONE)
        return err;
    b.items = arena_new(a, b.n, sizeof(*b.items));
    b.people = arena_new(a, b.n, sizeof(*b.people));
    for (size_t i = 0; i < b.n; i++) {
        b.items[i].record = &b.records[i];
        read_item(a, &b, &b.items[i]);
    }
    *out = b;
    return ERR_NONE;
}

/* ---- the end ---- */

static bool is_behind(const struct batch *b, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (b->items[k].end.fate == BATCH_AGAIN && b->items[i].record->group.n > 0 &&
            span_eq(b->items[k].record->group, b->items[i].record->group))
            return true;
    return false;
}

void batch_close(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        struct batch_item *item = &b->items[i];

        if (item->person != NULL && item->end.fate == BATCH_OPEN)
            item->end = item->person->end;
        if (item->end.fate == BATCH_OPEN)
            item->end = (struct batch_end){.fate = BATCH_AGAIN};
        if (item->end.fate != BATCH_AGAIN && is_behind(b, i))
            item->end = (struct batch_end){.fate = BATCH_AGAIN, .wait_ms = MS_PER_S};
    }
}

unsigned batch_hide_s(const struct batch_item *item, uint64_t random)
{
    int64_t s = HIDE_FIRST_S, n = item->record->n_received;

    if (item->end.wait_ms > 0) {
        s = (item->end.wait_ms + MS_PER_S - 1) / MS_PER_S;
        return (unsigned)(s < HIDE_LAST_S ? s : HIDE_LAST_S);
    }
    while (--n > 0 && s < HIDE_LAST_S)
        s *= 2;
    s = s < HIDE_LAST_S ? s : HIDE_LAST_S;
    /* Between the half and the whole. */
    return (unsigned)(s - (int64_t)(random % (uint64_t)(s / 2 + 1)));
}

void batch_add_answer(struct buf *out, const struct batch *b)
{
    struct arena a = {0};
    bool *has_failed = arena_new(&a, b->n, sizeof(*has_failed));

    for (size_t i = 0; i < b->n; i++)
        has_failed[i] = b->items[i].end.fate == BATCH_AGAIN;
    records_add_answer(out, b->records, has_failed, b->n);
    arena_done(&a);
}
