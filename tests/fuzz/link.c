/* floor: text; the Link header: what is found lies inside what was given. */
#include <stdint.h>
#include <stdlib.h>

#include "text/link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span header = span_n(data, size), target;

    if (link_find(header, SPAN("next"), &target) == LINK_FOUND &&
        (target.n == 0 || target.n > LINK_TARGET_MAX || target.p <= header.p ||
         target.p + target.n >= header.p + header.n))
        abort();
    return 0;
}
