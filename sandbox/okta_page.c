#include "okta_page.h"

#include <stdlib.h>

#include "crypt/digest.h"
#include "base/base64.h"
#include "text/url.h"

enum { CURSOR_BYTES = 25, CURSOR_TEXT = 64, LINK = 65536 };

/* Of everything that the request asks for, but for which part of it. */
static uint64_t fingerprint(struct okta_ask *ask)
{
    struct span rest = http_query(ask->x), part;
    struct buf text;
    uint8_t digest[SHA256_BYTES];
    uint64_t print;

    buf_init(&text, LINK);
    buf_printf(&text, "%llu ", (unsigned long long)ask->side->log.epoch);
    buf_add(&text, http_path(ask->x));
    while (span_split(&rest, '&', &part))
        if (!span_starts(part, SPAN("after=")) && !span_starts(part, SPAN("limit=")) &&
            !span_starts(part, SPAN("since=")))
            buf_add(&text, part);
    sha256(buf_span(&text), digest);
    memcpy(&print, digest, sizeof print);
    buf_done(&text);
    return print;
}

static void veil(uint8_t bytes[static CURSOR_BYTES])
{
    uint8_t mask[SHA256_BYTES];

    sha256(span_n(bytes, 9), mask);
    for (size_t i = 9; i < CURSOR_BYTES; i++)
        bytes[i] ^= mask[i];
}

/* 25 bytes end in "==" as base64: a cursor has to be sent back as it came. */
static void add_cursor(struct buf *out, uint64_t print, uint64_t at)
{
    uint8_t bytes[CURSOR_BYTES] = {7};
    struct buf text;

    memcpy(bytes + 1, &print, 8);
    memcpy(bytes + 9, &at, 8);
    veil(bytes);
    buf_init(&text, CURSOR_TEXT);
    base64_add(&text, span_n(bytes, CURSOR_BYTES));
    url_add_encoded(out, buf_span(&text));
    buf_done(&text);
}

static bool read_cursor(const char *text, uint64_t print, uint64_t *out)
{
    uint8_t bytes[CURSOR_BYTES];
    struct buf raw;
    bool ok;

    buf_init(&raw, CURSOR_TEXT);
    ok = base64_add_decoded(&raw, span_of(text)) && raw.n == CURSOR_BYTES;
    if (ok) {
        memcpy(bytes, raw.p, CURSOR_BYTES);
        veil(bytes);
        ok = memcmp(bytes + 1, &print, 8) == 0;
        memcpy(out, bytes + 9, 8);
    }
    buf_done(&raw);
    return ok;
}

static bool read_limit(struct okta_page *page)
{
    const char *text = okta_ask_query(page->ask, "limit");
    char *end = NULL;
    long n = text == NULL ? (long)page->rules->usual : strtol(text, &end, 10);

    if (text != NULL && (*text == '\0' || *end != '\0' || n < 0 ||
                         (page->rules->is_strict && (size_t)n > page->rules->most))) {
        okta_fail(page->ask, 400, OKTA_VALIDATION, "Api validation failed: limit",
                  "limit: The value is not within the permitted range.");
        return false;
    }
    page->limit = (size_t)n > page->rules->most || (n == 0 && !page->rules->is_strict)
                      ? page->rules->most
                      : (size_t)n;
    return true;
}

bool okta_page_begin(struct okta_page *page, struct okta_ask *ask,
                     const struct okta_page_rules *rules)
{
    const char *after = okta_ask_query(ask, "after");

    *page = (struct okta_page){.rules = rules, .ask = ask, .is_first = after == NULL};
    if (!read_limit(page))
        return false;
    if (after != NULL && !read_cursor(after, fingerprint(ask), &page->from)) {
        okta_fail(ask, 400, rules->bad_cursor,
                  strcmp(rules->bad_cursor, "E0000029") == 0 ? "Invalid paging request."
                                                             : "Invalid search criteria.",
                  "Invalid cursor.");
        return false;
    }
    buf_clear(&ask->body);
    buf_add_char(&ask->body, '[');
    return true;
}

bool okta_page_is_full(const struct okta_page *page)
{
    return page->n >= page->limit;
}

void okta_page_item(struct okta_page *page)
{
    if (page->n++ > 0)
        buf_add_char(&page->ask->body, ',');
}

/* ---- Link ---- */

static void add_link(struct okta_page *page, struct buf *out, bool is_next, uint64_t next)
{
    struct okta_ask *ask = page->ask;
    struct span rest = http_query(ask->x), part;
    bool is_foreign = is_next && ask->fault != NULL && ask->fault->way == FAULT_FOREIGN;
    char mark = '?';

    buf_printf(out, "<%s", is_foreign ? "http://localhost:9" : ask->base);
    buf_add(out, http_path(ask->x));
    if (is_next) {
        buf_add_str(out, "?after=");
        add_cursor(out, fingerprint(ask), next);
        mark = '&';
    }
    if (okta_ask_query(ask, "limit") == NULL) {
        buf_printf(out, "%climit=%zu", mark, page->limit);
        mark = '&';
    }
    while (span_split(&rest, '&', &part)) {
        if (part.n == 0 ||
            (is_next && (span_starts(part, SPAN("after=")) || span_starts(part, SPAN("since=")))))
            continue;
        buf_add_char(out, mark);
        buf_add(out, part);
        mark = '&';
    }
    buf_printf(out, ">; rel=\"%s\"", is_next ? "next" : "self");
}

/* Each relation in a line of its own, or both in one; with names in either case: both occur. */
static void add_links(struct okta_page *page, bool has_next, uint64_t next)
{
    uint64_t turn = page->ask->side->n_answers;
    const char *name = turn % 2 == 0 ? "link" : "Link";
    struct buf self, more;

    buf_init(&self, LINK);
    buf_init(&more, LINK);
    if (!page->rules->has_no_self)
        add_link(page, &self, false, 0);
    if (has_next)
        add_link(page, &more, true, next);
    if (self.n > 0 && more.n > 0 && turn % 3 == 0) {
        okta_ask_header(page->ask, "%s: %s, %s", name, self.p, more.p);
    } else {
        if (self.n > 0)
            okta_ask_header(page->ask, "%s: %s", name, self.p);
        if (more.n > 0)
            okta_ask_header(page->ask, "%s: %s", name, more.p);
    }
    buf_done(&self);
    buf_done(&more);
}

/* What a fault leaves of the page: half of it, or nothing. */
static void cut_short(struct okta_page *page)
{
    struct okta_ask *ask = page->ask;
    json_t *items = json_loadb(ask->body.p, ask->body.n, 0, NULL);
    size_t kept = ask->fault->way == FAULT_EMPTY_PAGE ? 0 : json_array_size(items) / 2;

    while (json_array_size(items) > kept)
        json_array_remove(items, json_array_size(items) - 1);
    okta_ask_json(ask, items);
}

void okta_page_end(struct okta_page *page, bool has_next, uint64_t next)
{
    const struct fault *fault = page->ask->fault;
    bool is_cut =
        fault != NULL && (fault->way == FAULT_EMPTY_PAGE || fault->way == FAULT_SHORT_PAGE);

    buf_add_char(&page->ask->body, ']');
    if (is_cut)
        cut_short(page);
    add_links(page, has_next && !is_cut, next);
}
