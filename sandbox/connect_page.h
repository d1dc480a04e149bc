/* Pages of lists and searches, with tokens as awkward as real ones may be: they hold '+', '/' and
 * '=', they fit only the request that they came from, a full last page still has one, and now and
 * then a page is empty and has one. */
#ifndef SANDBOX_CONNECT_PAGE_H
#define SANDBOX_CONNECT_PAGE_H

#include "connect_side.h"

struct page {
    size_t limit;   /* at most so many items; 0 for a page that is to be empty */
    uint64_t from;  /* where the token says to go on, 0 at the start */
    uint64_t total; /* as it was at the start; 0 when not known */
    bool is_first;
};

/* Reads NextToken and MaxResults; false after call_fail. */
bool page_begin(struct call *call, struct page *page);
/* Puts items (taken) under the operation's result key, and NextToken when is_more, to go on at
 * next. */
void page_end(struct call *call, const struct page *page, json_t *items, bool is_more,
              uint64_t next);
/* All in one: a page of this list (borrowed). Returns the answer for further members, NULL after
 * call_fail. */
json_t *page_of(struct call *call, const json_t *all);

#endif
