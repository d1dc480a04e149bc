#include "fill.h"

#include <stdlib.h>
#include <string.h>

#include "okta_text.h"

enum { WIDEST = 19 };

static void add_mark(struct buf *out, struct span mark, uint32_t n)
{
    char id[OKTA_ID];
    long width = mark.n > 3 ? strtol(mark.p + 3, NULL, 10) : 0;

    if (span_eq(mark, SPAN("{n:id"))) {
        okta_id(id, "000", n);
        buf_add(out, span_n(id + OKTA_ID_MADE, OKTA_ID_DIGITS));
    } else {
        buf_printf(out, "%0*u", width > 0 && width <= WIDEST ? (int)width : 1, n);
    }
}

void fill_add(struct buf *out, const char *pattern, uint32_t n)
{
    const char *open;

    while ((open = strstr(pattern, "{n")) != NULL) {
        const char *close = strchr(open, '}');

        if (close == NULL)
            break;
        buf_add(out, span_n(pattern, (size_t)(open - pattern)));
        add_mark(out, span_n(open, (size_t)(close - open)), n);
        pattern = close + 1;
    }
    buf_add_str(out, pattern);
}

bool fill_is_pattern(const char *text)
{
    return strstr(text, "{n") != NULL;
}
