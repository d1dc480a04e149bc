/* Pages of lists: the limit, the cursor, the Link headers, and the brackets around the items. */
#ifndef SANDBOX_OKTA_PAGE_H
#define SANDBOX_OKTA_PAGE_H

#include "okta_ask.h"

struct okta_page_rules {
    size_t usual, most;
    const char *bad_cursor; /* E0000029 or E0000031 */
    bool is_strict;         /* more than the most is an error; else it counts as the most */
    bool has_no_self;       /* as the real lists that know no page */
};

struct okta_page {
    const struct okta_page_rules *rules;
    struct okta_ask *ask;
    size_t limit, n;
    uint64_t from; /* where the cursor says to go on; 0 at the start */
    bool is_first;
};

/* Reads limit and after, and opens the list; false after okta_fail. */
bool okta_page_begin(struct okta_page *page, struct okta_ask *ask,
                     const struct okta_page_rules *rules);
bool okta_page_is_full(const struct okta_page *page);
/* The comma before an item that is about to be added to the body. */
void okta_page_item(struct okta_page *page);
/* Closes the list; with a next link when has_next. */
void okta_page_end(struct okta_page *page, bool has_next, uint64_t next);

#endif
