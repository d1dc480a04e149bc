#include "engine/quick_connects.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* A list is shared by removals that come together; whose a quick connect is changes rarely. */
enum { LIST_KEPT_MS = 60 * 1000, OWNER_KEPT_MS = 3600 * 1000, ASKED_MS = 60 * 1000 };

struct quick {
    char *id, *user_id; /* user_id NULL = not known */
    int64_t known_ms, asked_ms;
    bool is_listed; /* in the list that is being read, or was read last */
};

struct quick_connects {
    struct quick *items;
    size_t n;
    char *token; /* of the next page; NULL = from the start */
    bool is_listed;
    int64_t listed_ms, list_asked_ms; /* list_asked_ms 0 = nobody asks */
};

struct quick_connects *quick_connects_new(void)
{
    return mem_new(1, sizeof(struct quick_connects));
}

static void release(struct quick *quick)
{
    free(quick->id);
    free(quick->user_id);
}

void quick_connects_free(struct quick_connects *q)
{
    if (q == NULL)
        return;
    for (size_t i = 0; i < q->n; i++)
        release(&q->items[i]);
    free(q->items);
    free(q->token);
    free(q);
}

static struct quick *find(struct quick_connects *q, struct span id)
{
    for (size_t i = 0; i < q->n; i++)
        if (span_eq(span_of(q->items[i].id), id))
            return &q->items[i];
    return NULL;
}

static bool is_owner_known(const struct quick *quick, int64_t now_ms)
{
    return quick->user_id != NULL && now_ms - quick->known_ms < OWNER_KEPT_MS;
}

static enum quick_ask ask_list(struct quick_connects *q, int64_t now_ms, struct span *what)
{
    if (q->list_asked_ms != 0 && now_ms - q->list_asked_ms < ASKED_MS)
        return QUICK_WAIT;
    if (q->is_listed) { /* too old: from the start */
        q->is_listed = false;
        free(q->token);
        q->token = NULL;
    }
    q->list_asked_ms = now_ms;
    *what = q->token == NULL ? SPAN("") : span_of(q->token);
    return QUICK_LIST;
}

enum quick_ask quick_connects_next(struct quick_connects *q, struct span agent_id, int64_t now_ms,
                                   struct span *what)
{
    bool others_ask = false;

    if (!q->is_listed || now_ms - q->listed_ms >= LIST_KEPT_MS)
        return ask_list(q, now_ms, what);
    for (size_t i = 0; i < q->n; i++) {
        struct quick *quick = &q->items[i];
        bool is_known = is_owner_known(quick, now_ms);

        if (!quick->is_listed || (is_known && !span_eq(span_of(quick->user_id), agent_id)))
            continue;
        if (quick->asked_ms != 0 && now_ms - quick->asked_ms < ASKED_MS) {
            others_ask = true;
            continue;
        }
        quick->asked_ms = now_ms;
        *what = span_of(quick->id);
        return is_known ? QUICK_DELETE : QUICK_DESCRIBE;
    }
    return others_ask ? QUICK_WAIT : QUICK_NONE;
}

void quick_connects_listed(struct quick_connects *q, const struct named *named, size_t n,
                           struct span next_token, int64_t now_ms)
{
    if (q->token == NULL)
        for (size_t i = 0; i < q->n; i++)
            q->items[i].is_listed = false;
    for (size_t i = 0; i < n; i++) {
        struct quick *quick = find(q, named[i].id);

        if (quick == NULL) {
            q->items = mem_grow(q->items, q->n + 1, sizeof(*q->items));
            quick = &q->items[q->n++];
            *quick = (struct quick){.id = mem_dup(named[i].id)};
        }
        quick->is_listed = true;
    }
    free(q->token);
    q->token = next_token.n > 0 ? mem_dup(next_token) : NULL;
    q->list_asked_ms = 0;
    q->is_listed = next_token.n == 0;
    if (!q->is_listed)
        return;
    q->listed_ms = now_ms;
    for (size_t i = q->n; i-- > 0;)
        if (!q->items[i].is_listed) {
            release(&q->items[i]);
            q->items[i] = q->items[--q->n];
        }
}

void quick_connects_described(struct quick_connects *q, struct span id, struct span user_id)
{
    struct quick *quick = find(q, id);

    if (quick == NULL)
        return;
    free(quick->user_id);
    quick->user_id = mem_dup(user_id);
    quick->known_ms = quick->asked_ms;
    quick->asked_ms = 0;
}

void quick_connects_gone(struct quick_connects *q, struct span id)
{
    struct quick *quick = find(q, id);

    if (quick == NULL)
        return;
    release(quick);
    *quick = q->items[--q->n];
}

void quick_connects_failed(struct quick_connects *q, enum quick_ask ask, struct span id)
{
    struct quick *quick = ask == QUICK_LIST ? NULL : find(q, id);

    if (ask == QUICK_LIST) { /* from the start: a token may have gone stale */
        q->list_asked_ms = 0;
        free(q->token);
        q->token = NULL;
    }
    if (quick != NULL)
        quick->asked_ms = 0;
}
