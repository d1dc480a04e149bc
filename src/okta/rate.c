#include "okta/rate.h"

#include "base/random.h"

/* The part of the path behind "/api/v1/", cut into at most three pieces; how many there are. */
static size_t pieces(struct span path, struct span piece[static 3])
{
    static const struct span base = {"/api/v1/", 8};
    struct span rest = {path.p, span_find(path, '?')};
    size_t n = 0;

    if (!span_starts(rest, base))
        return 0;
    rest = (struct span){rest.p + base.n, rest.n - base.n};
    while (n < 3 && span_split(&rest, '/', &piece[n]))
        n++;
    return n;
}

enum rate_bucket rate_bucket_of(struct span path)
{
    struct span piece[3];
    size_t n = pieces(path, piece);

    if (n == 0)
        return span_starts(path, SPAN("/oauth2/v1/token")) ? RATE_TOKEN : RATE_OTHER;
    if (span_eq(piece[0], SPAN("users")))
        return n == 1 ? RATE_USERS : n == 2 ? RATE_USER : RATE_USER_PARTS;
    if (span_eq(piece[0], SPAN("groups")))
        return n == 2 ? RATE_GROUP : RATE_GROUPS;
    if (span_eq(piece[0], SPAN("apps")))
        return n == 2 ? RATE_APP : RATE_APPS;
    return span_eq(piece[0], SPAN("logs")) ? RATE_LOGS : RATE_OTHER;
}

int64_t rate_number(struct span text)
{
    int64_t number = 0;

    text = span_trim(text);
    if (text.n == 0 || text.n > 15)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        number = number * 10 + (text.p[i] - '0');
    }
    return number;
}

int64_t rate_wait(struct rate *r, unsigned share, int64_t now_ms)
{
    int64_t usable;

    if (now_ms < r->closed_until_ms)
        return r->closed_until_ms - now_ms;
    /* A new window's limit is learnt from one answer before more is sent: others may have been
     * quicker. */
    if (r->is_known && now_ms >= r->reset_ms)
        r->is_known = false;
    if (!r->is_known)
        return r->is_free || r->in_flight == 0 ? 0 : -1;
    usable = r->limit * share / 100;
    if (usable < 1)
        usable = 1;
    return r->remaining > r->limit - usable ? 0 : r->reset_ms - now_ms;
}

void rate_sent(struct rate *r)
{
    r->in_flight++;
    if (r->is_known)
        r->remaining--;
}

static int64_t until_reset(const struct rate_headers *h)
{
    int64_t wait_ms = h->reset_s < 0 ? -1 : h->reset_s * 1000 - h->date_ms;

    /* A reset that has just passed tells nothing of the next; the jitter parts those who wait. */
    if (wait_ms < 0 || wait_ms > RATE_WAIT_MAX_MS)
        return -1;
    return wait_ms + RATE_SLACK_MS + (int64_t)random_below(RATE_SLACK_MS / 2);
}

static void throttled(struct rate *r, const struct rate_headers *h, int64_t now_ms)
{
    int64_t wait_ms = until_reset(h);

    /* Limit and Remaining of 0 mean too many at once; the reset means nothing then. */
    if (wait_ms < 0 || h->limit == 0)
        wait_ms = RATE_WAIT_MS / 2 + (int64_t)random_below(RATE_WAIT_MS);
    if (now_ms + wait_ms > r->closed_until_ms)
        r->closed_until_ms = now_ms + wait_ms;
    r->is_known = false;
}

void rate_answered(struct rate *r, const struct rate_headers *h, int64_t now_ms)
{
    int64_t wait_ms;

    if (r->in_flight > 0)
        r->in_flight--;
    if (h == NULL)
        return;
    if (h->is_throttled) {
        throttled(r, h, now_ms);
        return;
    }
    wait_ms = until_reset(h);
    r->is_free = h->limit <= 0 || h->remaining < 0;
    if (r->is_free || wait_ms < 0) {
        r->is_known = false;
        return;
    }
    /* Answers may overtake each other, and some of those under way are not counted in this one. */
    if (!r->is_known || h->limit != r->limit || now_ms + wait_ms > r->reset_ms + 2 * RATE_SLACK_MS)
        *r = (struct rate){.is_known = true,
                           .limit = h->limit,
                           .remaining = h->remaining - r->in_flight,
                           .reset_ms = now_ms + wait_ms,
                           .closed_until_ms = r->closed_until_ms,
                           .in_flight = r->in_flight};
    else if (h->remaining < r->remaining)
        r->remaining = h->remaining;
}
