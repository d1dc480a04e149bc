#include "okta/log.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "text/time.h"
#include "text/url.h"

enum { PATH_LIMIT = 8000, TOTAL_MS = 60000 /* Okta gives up after 30 s */ };

struct okta_log_read {
    struct okta_api *api;
    struct okta_call *call;
    struct delivery_rules by;
    bool has_cursor;
    void (*done)(void *arg, const struct okta_log_page *page);
    void *arg;
};

#define IS(type) "eventType eq \"" type "\""
#define BEGINS(type) "eventType sw \"" type "\""
#define OR " or "

/* Beginnings stand for all types of a kind, so that the expression stays short. */
/* clang-format off */
static const char filter[] =
    BEGINS("application.user_membership.") OR
    IS("group.user_membership.add") OR
    IS("group.user_membership.remove") OR
    BEGINS("user.lifecycle.") OR
    IS("user.account.update_profile") OR
    IS("user.account.update_primary_email") OR
    IS("user.account.update_user_type") OR
    BEGINS("group.lifecycle.") OR
    IS("group.profile.update") OR
    BEGINS("group.application_assignment.") OR
    BEGINS("application.lifecycle.") OR
    BEGINS("app.user_management") OR
    IS("system.import.complete") OR
    IS("system.import.roadblock") OR
    BEGINS("event_hook.") OR
    BEGINS("system.org.rate_limit.") OR
    BEGINS("system.operation.rate_limit.");
/* clang-format on */

static void on_answer(void *arg, const struct okta_answer *answer)
{
    struct okta_log_read *r = arg;
    struct okta_log_page page = {.err = answer->err, .fail = answer->fail, .cursor = answer->next};
    struct fail fail = {0};
    struct arena a;

    r->call = NULL;
    arena_init(&a);
    r->by.okta_now_ms = okta_api_now_ms(r->api);
    if (answer->err == ERR_NONE) {
        page.err =
            delivery_decode_log(&a, answer->body, &r->by, clock_wall_ms(), &page.events, &fail);
        page.has_more = page.events.n >= OKTA_LOG_PAGE;
        if (page.err != ERR_NONE) {
            page.err = fail_within(&fail, page.err, "Okta: the System Log");
            page.fail = &fail;
        }
    } else {
        page.is_cursor_lost =
            r->has_cursor && (answer->err == ERR_INPUT || answer->err == ERR_NOT_FOUND);
    }
    r->done(r->arg, &page);
    arena_done(&a);
    free(r);
}

struct okta_log_read *okta_log_read(struct okta_api *api, const struct delivery_rules *by,
                                    struct span cursor, int64_t since_ms,
                                    void (*done)(void *arg, const struct okta_log_page *page),
                                    void *arg)
{
    struct okta_log_read *r = mem_new(1, sizeof(*r));
    struct okta_ask ask = {
        .method = "GET", .answer_limit = OKTA_LOG_BYTES, .total_ms = TOTAL_MS, .path = cursor};
    struct buf path, since;

    *r = (struct okta_log_read){
        .api = api, .by = *by, .has_cursor = cursor.n > 0, .done = done, .arg = arg};
    buf_init(&path, PATH_LIMIT);
    buf_init(&since, 100);
    if (cursor.n == 0) {
        time_add_ms(&since, since_ms);
        buf_printf(&path, "/api/v1/logs?sortOrder=ASCENDING&limit=%d&since=", OKTA_LOG_PAGE);
        url_add_encoded(&path, buf_span(&since));
        buf_add_str(&path, "&filter=");
        url_add_encoded(&path, span_of(filter));
        ask.path = buf_span(&path);
    }
    r->call = okta_ask(api, &ask, on_answer, r);
    buf_done(&path);
    buf_done(&since);
    return r;
}

void okta_log_cancel(struct okta_log_read *read)
{
    if (read == NULL)
        return;
    okta_cancel(read->call);
    free(read);
}
