#include "connect_throttle.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"

/* Service Quotas gives these 10 requests a second; everything else has 2 with a burst of 5. */
static const char *const fast[] = {
    "DescribeUser",
    "ListUsers",
    "ListRoutingProfiles",
    "DescribeRoutingProfile",
    "ListUserHierarchyGroups",
    "DescribeUserHierarchyGroup",
    "DescribeUserHierarchyStructure",
    "ListUserProficiencies",
    "ListPredefinedAttributes",
    "DescribePredefinedAttribute",
    "ListAgentStatuses",
    "ListQuickConnects",
    "DescribeQuickConnect",
};

static bool is_fast(const char *name)
{
    for (size_t i = 0; i < sizeof fast / sizeof *fast; i++)
        if (strcmp(fast[i], name) == 0)
            return true;
    return false;
}

void throttle_init(struct throttle *throttle, const struct model *model)
{
    throttle->n = model_count(model);
    throttle->buckets = mem_new(throttle->n, sizeof *throttle->buckets);
    for (size_t i = 0; i < throttle->n; i++) {
        bool ten = is_fast(model_at(model, i)->name);

        throttle_set(throttle, i, ten ? 10 : 2, ten ? 10 : 5);
    }
}

void throttle_done(struct throttle *throttle)
{
    free(throttle->buckets);
    *throttle = (struct throttle){0};
}

void throttle_set(struct throttle *throttle, size_t operation, double rate, double burst)
{
    throttle->buckets[operation] =
        (struct bucket){.rate = rate, .burst = burst, .tokens = burst, .at_us = clock_mono_us()};
}

bool throttle_take(struct throttle *throttle, size_t operation)
{
    struct bucket *bucket = &throttle->buckets[operation];
    int64_t now_us = clock_mono_us();

    if (bucket->rate <= 0)
        return true;
    bucket->tokens += bucket->rate * (double)(now_us - bucket->at_us) / 1e6;
    bucket->at_us = now_us;
    if (bucket->tokens > bucket->burst)
        bucket->tokens = bucket->burst;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}
