/* What the fake Amazon Connect was asked. */
#include "fake_connect.h"

#include <string.h>

void fake_connect_forget(void)
{
    fake.n_calls = fake.n_counted = 0;
}

int fake_connect_count(const char *operation)
{
    int n = 0;

    for (int i = 0; i < fake.n_calls; i++)
        n += strcmp(fake.calls[i].operation, operation) == 0;
    return n;
}

bool fake_connect_is_read(const char *operation)
{
    return strncmp(operation, "List", 4) == 0 || strncmp(operation, "Search", 6) == 0 ||
           strncmp(operation, "Describe", 8) == 0 || strncmp(operation, "Get", 3) == 0;
}

int fake_connect_writes(void)
{
    int n = 0;

    for (int i = fake.n_counted; i < fake.n_calls; i++)
        n += !fake_connect_is_read(fake.calls[i].operation);
    fake.n_counted = fake.n_calls;
    return n;
}

int64_t fake_connect_at(const char *operation, int n)
{
    for (int i = 0; i < fake.n_calls; i++)
        if (strcmp(fake.calls[i].operation, operation) == 0 && n-- == 0)
            return fake.calls[i].at_ms;
    return -1;
}
