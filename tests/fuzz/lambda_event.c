/* floor: lambda. Events as AWS hands them over, front doors and records of SQS. */
#include <stdlib.h>

#include "lambda/front_door.h"
#include "lambda/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

static void count(void *arg, struct span name, struct span value)
{
    (void)name;
    must(value.p != NULL);
    ++*(size_t *)arg;
}

static void door(struct span event, struct arena *a)
{
    struct front_request r;
    size_t n = 0;
    unsigned times;
    enum err err = front_read(a, event, &r, NULL);

    must(err == ERR_NONE || err == ERR_NOT_FOUND || err == ERR_INPUT);
    if (err != ERR_NONE)
        return;
    must(r.method.n > 0 && r.path.n > 0 && r.body.p != NULL);
    must(!r.is_body_bad || r.body.n == 0);
    front_each_header(&r, count, &n);
    must(n == r.n_headers);
    (void)front_header(&r, SPAN("Authorization"), &times);
    must(times <= n);
}

static void records(struct span event, struct arena *a)
{
    struct record *list = NULL;
    size_t n = 0;

    if (records_read(a, event, &list, &n, NULL) != ERR_NONE)
        return;
    for (size_t i = 0; i < n; i++)
        must(list[i].message_id.n > 0 && list[i].body.p != NULL && list[i].n_received >= 0 &&
             (!list[i].is_bad || list[i].body.n == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};

    door(span_n(data, size), &arena);
    records(span_n(data, size), &arena);
    arena_done(&arena);
    return 0;
}
