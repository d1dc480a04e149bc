/* The System Log: polled (no until, ascending: in the order of writing, with a next link always),
 * or for a time that is over (in the order of happening, finite). */
#include <ctype.h>
#include <stdlib.h>

#include "base/clock.h"
#include "okta_api.h"
#include "okta_filter.h"
#include "okta_page.h"
#include "text/time.h"

enum {
    USUAL = 100,
    MOST = 1000,
    WEEK_S = 604800,
    MOST_BACK_S = 180 * 86400,
    WORDS = 10,
    WORD = 40
};

#define NS_PER_MS 1000000

struct query {
    const struct okta_filter *filter;
    const char *q;
    int64_t since_ms, until_ms; /* until_ms: INT64_MAX when polled */
    bool is_polled, is_descending;
};

static bool allows(const char *attribute, enum okta_compare compare)
{
    if (strcmp(attribute, "published") == 0)
        return false;
    return compare != OKTA_CO || (strcmp(attribute, "debugContext.debugData.url") != 0 &&
                                  strcmp(attribute, "debugContext.debugData.requestUri") != 0);
}

static bool refuse(struct okta_ask *ask, const char *code, const char *summary, const char *cause)
{
    okta_fail(ask, 400, code, summary, cause);
    return false;
}

static bool read_time(struct okta_ask *ask, const char *name, int64_t *out)
{
    const char *text = okta_ask_query(ask, name);
    int64_t ns;

    if (text == NULL)
        return true;
    if (!time_parse(span_of(text), &ns))
        return refuse(ask, OKTA_VALIDATION, "Api validation failed: date",
                      "The date is not in ISO 8601 form.");
    *out = ns / NS_PER_MS;
    return true;
}

static bool check_q(struct okta_ask *ask, const char *q)
{
    struct span rest = span_of(q), word;
    size_t n = 0;

    while (rest.n > 0 && span_split(&rest, ' ', &word))
        if (++n > WORDS || word.n > WORD)
            return refuse(ask, OKTA_VALIDATION, "Api validation failed: q",
                          "q has at most 10 words of at most 40 characters.");
    return true;
}

static bool read_query(struct okta_ask *ask, struct query *query)
{
    int64_t now_ms = okta_wall_ms(ask->side);
    const char *filter = okta_ask_query(ask, "filter"), *order = okta_ask_query(ask, "sortOrder");

    *query = (struct query){.q = okta_ask_query(ask, "q"),
                            .since_ms = now_ms - (int64_t)WEEK_S * MS_PER_S,
                            .until_ms = INT64_MAX,
                            .is_descending = order != NULL && strcmp(order, "DESCENDING") == 0};
    if (okta_ask_query(ask, "since") != NULL && okta_ask_query(ask, "after") != NULL)
        return refuse(ask, OKTA_VALIDATION, "Api validation failed: since",
                      "since and after exclude each other.");
    if (!read_time(ask, "since", &query->since_ms) || !read_time(ask, "until", &query->until_ms) ||
        !check_q(ask, query->q))
        return false;
    if (query->since_ms < now_ms - (int64_t)MOST_BACK_S * MS_PER_S)
        return refuse(ask, "E0000053", "Invalid date range.",
                      "since must not be more than 180 days ago.");
    if (order != NULL && strcmp(order, "ASCENDING") != 0 && !query->is_descending)
        return refuse(ask, OKTA_VALIDATION, "Api validation failed: sortOrder", NULL);
    query->is_polled = query->until_ms == INT64_MAX && !query->is_descending;
    if (filter != NULL && (query->filter = okta_filter_read(&ask->arena, filter, allows)) == NULL)
        return refuse(ask, strstr(filter, " co ") == NULL ? "E0000053" : "E0000031",
                      "Invalid filter expression.", NULL);
    return true;
}

/* ---- which events ---- */

struct candidate {
    const struct okta_event *event;
    json_t *doc; /* made when it is needed */
};

static json_t *get_attribute(void *arg, const char *attribute)
{
    struct candidate *c = arg;

    if (strcmp(attribute, "eventType") == 0)
        return json_string(c->event->type);
    if (c->doc == NULL)
        c->doc = json_loads(c->event->text, 0, NULL);
    return okta_filter_at(c->doc, attribute);
}

static bool has_word(const char *text, struct span word)
{
    const char *p = text, *end = text + strlen(text);

    while ((p = memmem(p, (size_t)(end - p), word.p, word.n)) != NULL) {
        if ((p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[word.n]))
            return true;
        p++;
    }
    return false;
}

static bool has_words(const struct okta_event *event, const char *q)
{
    struct span rest = span_of(q), word;

    while (rest.n > 0 && span_split(&rest, ' ', &word))
        if (word.n > 0 && !has_word(event->text, word))
            return false;
    return true;
}

static bool fits(const struct query *query, const struct okta_event *event, bool has_cursor)
{
    struct candidate c = {.event = event};
    int64_t time_ms = query->is_polled ? event->written_ms : event->published_ms;
    bool is = true;

    if ((!has_cursor || !query->is_polled) &&
        (time_ms < query->since_ms || time_ms >= query->until_ms))
        return false;
    if (query->q != NULL && !has_words(event, query->q))
        return false;
    if (query->filter != NULL)
        is = okta_filter_fits(query->filter, get_attribute, &c);
    json_decref(c.doc);
    return is;
}

static bool is_kept(const struct okta_side *side, const struct okta_event *event)
{
    return event->published_ms >= okta_wall_ms(side) - side->log.retention_s * MS_PER_S;
}

static void list_polled(struct okta_ask *ask, const struct query *query, struct okta_page *page)
{
    const struct okta_log *log = &ask->side->log;
    size_t i = page->from > log->first ? (size_t)(page->from - log->first) : 0;

    for (; i < log->n && !okta_page_is_full(page); i++) {
        if (!is_kept(ask->side, &log->events[i]) || !fits(query, &log->events[i], !page->is_first))
            continue;
        okta_page_item(page);
        buf_add_str(&ask->body, log->events[i].text);
    }
    okta_page_end(page, true, log->first + i);
}

static int by_published(const void *a, const void *b)
{
    const struct okta_event *const *x = a, *const *y = b;

    if ((*x)->published_ms != (*y)->published_ms)
        return (*x)->published_ms < (*y)->published_ms ? -1 : 1;
    return *x < *y ? -1 : 1;
}

/* The cursor is the place among those that fit. */
static void list_bounded(struct okta_ask *ask, const struct query *query, struct okta_page *page)
{
    const struct okta_log *log = &ask->side->log;
    const struct okta_event **found =
        arena_new(&ask->arena, log->n + 1, sizeof(const struct okta_event *));
    size_t n = 0, i;

    for (i = 0; i < log->n; i++)
        if (is_kept(ask->side, &log->events[i]) && fits(query, &log->events[i], !page->is_first))
            found[n++] = &log->events[i];
    qsort(found, n, sizeof *found, by_published);
    for (i = (size_t)page->from; i < n && !okta_page_is_full(page); i++) {
        okta_page_item(page);
        buf_add_str(&ask->body, found[query->is_descending ? n - 1 - i : i]->text);
    }
    okta_page_end(page, i < n, i);
}

void okta_list_logs(struct okta_ask *ask)
{
    static const struct okta_page_rules rules = {
        .usual = USUAL, .most = MOST, .bad_cursor = "E0000031", .is_strict = true};
    struct query query;
    struct okta_page page;

    okta_log_settle(&ask->side->log, okta_wall_ms(ask->side));
    if (!read_query(ask, &query) || !okta_page_begin(&page, ask, &rules))
        return;
    if (ask->token->role == OKTA_ROLE_EMPTY)
        okta_page_end(&page, query.is_polled, page.from);
    else if (query.is_polled)
        list_polled(ask, &query, &page);
    else
        list_bounded(ask, &query, &page);
}
