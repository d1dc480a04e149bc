#include "okta_rates.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "okta_ask.h"

enum { WINDOW_MS = 60000, FAULT_RESET_S = 2, FAULT_LIMIT = 600 };

/* What one token may use of a Workforce Identity org's buckets: half of each. */
static const struct {
    const char *name;
    const char *path; /* "{}" is any one part; without it, whatever begins so */
    unsigned limit;
} buckets[OKTA_BUCKETS] = {
    {"/oauth2/v1/token", "/oauth2/v1/token", 150},
    {"/api/v1/apps/{id}", "/api/v1/apps/{}", 250},
    {"/api/v1/apps", "/api/v1/apps", 50},
    {"/api/v1/groups/{id}", "/api/v1/groups/{}", 500},
    {"/api/v1/groups", "/api/v1/groups", 250},
    {"/api/v1/users/{id}", "/api/v1/users/{}", 1000},
    {"/api/v1/users", "/api/v1/users", 300},
    {"/api/v1/logs", "/api/v1/logs", 60},
    {"other", "", 600},
};

struct okta_window {
    struct okta_window *next;
    size_t bucket;
    char *who;
    unsigned n;
    int64_t ends_ms; /* monotonic */
};

static void windows_free(struct okta_rates *rates)
{
    while (rates->windows != NULL) {
        struct okta_window *window = rates->windows;

        rates->windows = window->next;
        free(window->who);
        free(window);
    }
}

void okta_rates_init(struct okta_rates *rates)
{
    for (size_t i = 0; i < OKTA_BUCKETS; i++) {
        rates->limit[i] = buckets[i].limit;
        rates->window_ms[i] = WINDOW_MS;
    }
}

void okta_rates_done(struct okta_rates *rates)
{
    windows_free(rates);
}

enum err okta_rates_set(struct okta_rates *rates, const json_t *from, struct fail *fail)
{
    static const char *const names[] = {"bucket", "limit", "window_s", NULL};
    const char *name = okta_member(from, "bucket");
    const json_t *limit = json_object_get(from, "limit");
    double window_s = json_number_value(json_object_get(from, "window_s"));
    bool is_all = name == NULL || strcmp(name, "*") == 0, is_found = is_all;

    if (sandbox_only(from, names, fail) != ERR_NONE)
        return ERR_INPUT;
    if (!json_is_integer(limit) || json_integer_value(limit) < 0)
        return fail_set(fail, ERR_INPUT, "limit is a number of calls a window, 0 for no limit");
    for (size_t i = 0; i < OKTA_BUCKETS; i++) {
        if (!is_all && strcmp(name, buckets[i].name) != 0)
            continue;
        is_found = true;
        rates->limit[i] = (unsigned)json_integer_value(limit);
        rates->window_ms[i] = window_s > 0 ? (int64_t)(window_s * MS_PER_S) : WINDOW_MS;
    }
    windows_free(rates);
    return is_found ? ERR_NONE : fail_set(fail, ERR_INPUT, "no bucket '%s'", name);
}

json_t *okta_rates_show(const struct okta_rates *rates)
{
    json_t *all = json_array();

    for (size_t i = 0; i < OKTA_BUCKETS; i++)
        json_array_append_new(all, json_pack("{s:s, s:i, s:f}", "bucket", buckets[i].name, "limit",
                                             (int)rates->limit[i], "window_s",
                                             (double)rates->window_ms[i] / MS_PER_S));
    return all;
}

static bool is_in(struct span path, const char *pattern)
{
    struct span whole = span_of(pattern);

    if (!span_ends(whole, SPAN("{}")))
        return span_starts(path, whole);
    whole.n -= 2;
    return span_starts(path, whole) &&
           span_find(span_n(path.p + whole.n, path.n - whole.n), '/') == path.n - whole.n;
}

static size_t bucket_of(const struct okta_ask *ask)
{
    size_t i = 0;

    while (!is_in(http_path(ask->x), buckets[i].path))
        i++;
    return i;
}

static struct okta_window *window_of(struct okta_rates *rates, size_t bucket, const char *who)
{
    int64_t now_ms = clock_mono_ms();
    struct okta_window *window = rates->windows;

    while (window != NULL && (window->bucket != bucket || strcmp(window->who, who) != 0))
        window = window->next;
    if (window == NULL) {
        window = mem_new(1, sizeof *window);
        *window =
            (struct okta_window){.next = rates->windows, .bucket = bucket, .who = mem_dup_str(who)};
        rates->windows = window;
    }
    if (window->ends_ms <= now_ms) {
        window->n = 0;
        window->ends_ms = now_ms + rates->window_ms[bucket];
    }
    return window;
}

static void add_headers(struct okta_ask *ask, unsigned limit, unsigned remaining, int64_t reset_s)
{
    bool is_lower = ask->side->n_answers % 2 == 0;

    okta_ask_header(ask, "%s: %u", is_lower ? "x-rate-limit-limit" : "X-Rate-Limit-Limit", limit);
    okta_ask_header(ask, "%s: %u", is_lower ? "x-rate-limit-remaining" : "X-Rate-Limit-Remaining",
                    remaining);
    okta_ask_header(ask, "%s: %lld", is_lower ? "x-rate-limit-reset" : "X-Rate-Limit-Reset",
                    (long long)reset_s);
}

bool okta_rates_take(struct okta_ask *ask)
{
    struct okta_rates *rates = &ask->side->rates;
    size_t bucket = bucket_of(ask);
    unsigned limit = rates->limit[bucket];
    struct okta_window *window;
    int64_t left_ms;
    bool is_fine;

    if (limit == 0)
        return true;
    window = window_of(rates, bucket, ask->token == NULL ? "" : ask->token->owner);
    is_fine = window->n < limit;
    window->n += is_fine;
    left_ms = window->ends_ms - clock_mono_ms();
    add_headers(ask, limit, limit - window->n,
                (okta_wall_ms(ask->side) + left_ms + MS_PER_S - 1) / MS_PER_S);
    if (!is_fine)
        okta_fail(ask, 429, "E0000047", "API call exceeded rate limit due to too many requests.",
                  NULL);
    return is_fine;
}

void okta_rates_exceeded(struct okta_ask *ask, bool is_concurrency)
{
    unsigned limit = ask->side->rates.limit[bucket_of(ask)];

    add_headers(ask,
                is_concurrency ? 0
                : limit == 0   ? OKTA_BUCKETS
                               : limit,
                0, okta_wall_ms(ask->side) / MS_PER_S + FAULT_RESET_S);
}
