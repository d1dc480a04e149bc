/* floor: lambda. Events that ask for a comparison. */
#include <stdlib.h>

#include "lambda/sweep_order.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sweep_order order, back;
    struct buf text;
    enum err err = sweep_order_read(span_n(data, size), &order, NULL);

    must(err == ERR_NONE || err == ERR_INPUT);
    if (err != ERR_NONE)
        return 0;
    must(order.release_removals >= 0 && order.release_changes >= 0 && order.round >= 0);
    buf_init(&text, 1024);
    sweep_order_add(&text, &order);
    must(sweep_order_read(buf_span(&text), &back, NULL) == ERR_NONE);
    must(back.release_removals == order.release_removals && back.round == order.round &&
         back.release_changes == order.release_changes &&
         back.trusts_listings == order.trusts_listings);
    buf_done(&text);
    return 0;
}
