/* The forms of what AWS Lambda needs. */
#include "config/mistakes.h"
#include "config/values.h"
#include "text/url.h"

enum { QUEUE_URL_LIMIT = 512 };

/* The last part of the path is the name, the one before it the account; a FIFO queue's name ends in
 * ".fifo" (CreateQueue). */
static bool is_fifo_path(struct span path)
{
    struct span rest = path, part = {NULL, 0}, before = {NULL, 0};

    while (rest.p != NULL) {
        before = part;
        (void)span_split(&rest, '/', &part);
    }
    return before.n > 0 && part.n > 5 && span_ends(part, SPAN(".fifo"));
}

enum err value_queue_url(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    struct url url;

    if (text.n > QUEUE_URL_LIMIT)
        return fail_set(fail, ERR_INPUT, "the address has more than %d characters",
                        QUEUE_URL_LIMIT);
    if (url_parse(text, &url, fail) != ERR_NONE)
        return ERR_INPUT;
    if (!span_eq_nocase(url.scheme, SPAN("https")) && !url_is_loopback(&url))
        return fail_set(fail, ERR_INPUT, "'%s' is not encrypted", shown(text, buffer));
    if (!is_fifo_path(url.path) || url.query.n > 0 || span_find(text, '?') < text.n)
        return fail_set(fail, ERR_INPUT,
                        "'%s' does not end in an account and the name of a FIFO queue",
                        shown(text, buffer));
    return ERR_NONE;
}
