/* floor: model; what was applied, as the store keeps it: what is read is written and read alike. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/entitlement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LIMIT = 1024 * 1024 };

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct entitlement e, again, copy;
    struct buf first, second;
    struct arena a = {0};
    struct fail fail;

    if (entitlement_parse(&a, span_n(data, size), &e, &fail) != ERR_NONE) {
        must(fail.text[0] != '\0');
        arena_done(&a);
        return 0;
    }
    buf_init(&first, LIMIT);
    buf_init(&second, LIMIT);
    copy = entitlement_copy(&a, &e);
    entitlement_add_json(&first, &copy);
    must(!first.full && entitlement_parse(&a, buf_span(&first), &again, NULL) == ERR_NONE);
    entitlement_add_json(&second, &again);
    must(strcmp(first.p, second.p) == 0);
    must(entitlement_diff(&e, &again) == 0);
    buf_done(&first);
    buf_done(&second);
    arena_done(&a);
    return 0;
}
