#include "connect_page.h"

#include <stdlib.h>

#include "base/buf.h"
#include "crypt/digest.h"
#include "base/base64.h"

enum { DEFAULT_LIMIT = 100, TOKEN_BYTES = 26, TOKEN_LIMIT = 2500 };

struct token {
    uint64_t fingerprint, from, total;
    bool was_empty;
};

/* Of everything that the request asks for, but for which part of it. */
static uint64_t fingerprint(const struct call *call)
{
    json_t *asked = json_copy(call->input);
    char *text;
    uint8_t digest[SHA256_BYTES];
    uint64_t print = 0;

    json_object_del(asked, "NextToken");
    json_object_del(asked, "MaxResults");
    json_object_set_new(asked, " operation", json_string(call->op->name));
    text = json_dumps(asked, JSON_COMPACT | JSON_SORT_KEYS);
    sha256(span_of(text), digest);
    memcpy(&print, digest, sizeof print);
    free(text);
    json_decref(asked);
    return print;
}

static void veil(uint8_t bytes[static TOKEN_BYTES])
{
    uint8_t mask[SHA256_BYTES];

    sha256(span_n(bytes, 1), mask);
    for (size_t i = 1; i < TOKEN_BYTES; i++)
        bytes[i] ^= mask[i];
}

static void token_add(struct buf *out, const struct token *token)
{
    for (unsigned salt = 0; salt < 256; salt++) {
        uint8_t bytes[TOKEN_BYTES] = {(uint8_t)salt};

        memcpy(bytes + 1, &token->fingerprint, 8);
        memcpy(bytes + 9, &token->from, 8);
        memcpy(bytes + 17, &token->total, 8);
        bytes[25] = token->was_empty;
        veil(bytes);
        buf_clear(out);
        base64_add(out, span_n(bytes, TOKEN_BYTES));
        if (strchr(out->p, '+') != NULL && strchr(out->p, '/') != NULL)
            return;
    }
}

static bool token_read(struct span text, struct token *out)
{
    struct buf raw;
    uint8_t bytes[TOKEN_BYTES];
    bool ok;

    buf_init(&raw, TOKEN_LIMIT);
    ok = text.n % 4 == 0 && base64_add_decoded(&raw, text) && raw.n == TOKEN_BYTES;
    if (ok) {
        memcpy(bytes, raw.p, TOKEN_BYTES);
        veil(bytes);
        memcpy(&out->fingerprint, bytes + 1, 8);
        memcpy(&out->from, bytes + 9, 8);
        memcpy(&out->total, bytes + 17, 8);
        out->was_empty = bytes[25] != 0;
    }
    buf_done(&raw);
    return ok;
}

bool page_begin(struct call *call, struct page *page)
{
    const json_t *limit = json_object_get(call->input, "MaxResults");
    const char *text = call_text(call, "NextToken");
    struct token token = {0};

    *page =
        (struct page){.limit = limit == NULL ? DEFAULT_LIMIT : (size_t)json_integer_value(limit),
                      .is_first = text == NULL};
    if (text == NULL)
        return true;
    if (!token_read(span_of(text), &token) || token.fingerprint != fingerprint(call)) {
        call_fail(call, BAD_PARAMETER, "NextToken is not valid for this request");
        return false;
    }
    page->from = token.from;
    page->total = token.total;
    if (!token.was_empty && call->side->empty_each > 0 &&
        ++call->side->n_pages % call->side->empty_each == 0)
        page->limit = 0;
    return true;
}

void page_end(struct call *call, const struct page *page, json_t *items, bool is_more,
              uint64_t next)
{
    json_t *out = json_object();
    struct token token = {.from = page->limit == 0 ? page->from : next,
                          .total = page->total,
                          .was_empty = page->limit == 0};

    json_object_set_new(out, call->op->result_key == NULL ? "UserDataList" : call->op->result_key,
                        items);
    if (is_more || page->limit == 0) {
        struct buf text;

        token.fingerprint = fingerprint(call);
        buf_init(&text, TOKEN_LIMIT);
        token_add(&text, &token);
        json_object_set_new(out, "NextToken", json_stringn(text.p, text.n));
        buf_done(&text);
    }
    call_ok(call, out);
}

json_t *page_of(struct call *call, const json_t *all)
{
    struct page page;
    json_t *items;
    size_t i;

    if (!page_begin(call, &page))
        return NULL;
    items = json_array();
    for (i = page.from; i < json_array_size(all) && json_array_size(items) < page.limit; i++)
        json_array_append(items, json_array_get(all, i));
    page_end(call, &page, items, page.limit > 0 && json_array_size(items) == page.limit, i);
    return call->out;
}
