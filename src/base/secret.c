#include "base/secret.h"

#include <stdlib.h>

#include "base/mem.h"

void secret_set(struct secret *s, struct span value)
{
    char *copy = mem_dup(value);

    secret_done(s);
    *s = (struct secret){copy, value.n};
}

void secret_done(struct secret *s)
{
    if (s == NULL)
        return;
    if (s->p != NULL) {
        explicit_bzero(s->p, s->n);
        free(s->p);
    }
    *s = (struct secret){0};
}
