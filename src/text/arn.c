#include "text/arn.h"

enum { SHOWN = 200 }; /* of a text that is no ARN, in the message */

enum err arn_parse(struct span text, struct arn *out, struct fail *fail)
{
    struct span part[6], rest = text;
    struct span shown = {text.p, text.n < SHOWN ? text.n : SHOWN};
    size_t n = 0;

    while (n < 5 && span_split(&rest, ':', &part[n]))
        n++;
    if (n < 5 || rest.p == NULL)
        return fail_set(fail, ERR_INPUT, "'%.*s' is no ARN: it has %zu of 6 parts", SPAN_ARG(shown),
                        n);
    /* Colons belong to the resource. */
    part[5] = rest;
    if (!span_eq(part[0], SPAN("arn")))
        return fail_set(fail, ERR_INPUT, "'%.*s' is no ARN: it does not begin with 'arn:'",
                        SPAN_ARG(shown));
    if (part[1].n == 0 || part[2].n == 0 || part[5].n == 0)
        return fail_set(fail, ERR_INPUT,
                        "'%.*s' is no ARN: its partition, service or resource is empty",
                        SPAN_ARG(shown));
    *out = (struct arn){part[1], part[2], part[3], part[4], part[5]};
    return ERR_NONE;
}
