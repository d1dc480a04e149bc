#include "aws/keyring.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

struct keyring {
    struct chain_context context;
    struct credentials credentials; /* access_key unset = none */
    struct credentials rejected;    /* the last ones that AWS refused */
    char origin[CHAIN_ORIGIN_MAX];
    unsigned number;
    int64_t renew_ms;    /* AWS's time; 0 = never */
    bool has_no_expiry;  /* they looked expired when they came: only AWS can tell when they end */
    struct chain *chain; /* the search that is under way */
    struct keyring_waiter *first, *last;
    unsigned round; /* whoever waits now is told by the search of this number */
};

struct keyring *keyring_new(const struct chain_context *context)
{
    struct keyring *k = mem_new(1, sizeof(*k));

    k->context = *context;
    return k;
}

void keyring_free(struct keyring *k)
{
    if (k == NULL)
        return;
    chain_free(k->chain);
    credentials_done(&k->credentials);
    credentials_done(&k->rejected);
    free(k);
}

/* ---- waiting ---- */

void keyring_leave(struct keyring *k, struct keyring_waiter *waiter)
{
    if (!waiter->is_waiting)
        return;
    if (waiter->prev != NULL)
        waiter->prev->next = waiter->next;
    else
        k->first = waiter->next;
    if (waiter->next != NULL)
        waiter->next->prev = waiter->prev;
    else
        k->last = waiter->prev;
    waiter->prev = waiter->next = NULL;
    waiter->is_waiting = false;
}

/* Those that begin to wait while the others are told wait for the next search. */
static void tell_all(struct keyring *k, const struct fail *fail)
{
    unsigned round = k->round++;

    while (k->first != NULL && k->first->round == round) {
        struct keyring_waiter *waiter = k->first;

        keyring_leave(k, waiter);
        waiter->ready(waiter->arg, fail);
    }
}

/* ---- searching ---- */

static bool has_some(const struct keyring *k)
{
    return secret_is_set(&k->credentials.access_key);
}

/* Credentials that look expired when they come are used as long as AWS takes them: either the clock
 * is wrong, or the service that renews them is down, and says so by handing out old ones. */
static void keep(struct keyring *k, const struct chain_result *result)
{
    int64_t now_ms = skew_now_ms(k->context.skew);
    int64_t left_ms = result->credentials->expires_ms - now_ms;
    int64_t margin_ms = left_ms / 2 < KEYRING_MARGIN_MS ? left_ms / 2 : KEYRING_MARGIN_MS;

    credentials_done(&k->credentials);
    k->credentials = *result->credentials;
    *result->credentials = (struct credentials){0};
    (void)snprintf(k->origin, sizeof(k->origin), "%s", result->origin);
    if (!credentials_equal(&k->credentials, &k->rejected))
        k->number++;
    k->has_no_expiry = k->credentials.expires_ms == 0 || left_ms <= KEYRING_LAST_MS;
    if (k->credentials.expires_ms == 0)
        k->renew_ms = 0;
    else
        k->renew_ms =
            k->has_no_expiry ? now_ms + KEYRING_MARGIN_MS : k->credentials.expires_ms - margin_ms;
}

static void searched(void *arg, const struct chain_result *result)
{
    struct keyring *k = arg;
    struct fail fail = *result->fail;

    if (result->err == ERR_NONE)
        keep(k, result);
    else
        k->renew_ms = skew_now_ms(k->context.skew) + KEYRING_AGAIN_MS;
    chain_free(k->chain);
    k->chain = NULL;
    tell_all(k, result->err == ERR_NONE ? NULL : &fail);
}

static void search(struct keyring *k)
{
    if (k->chain == NULL)
        k->chain = chain_start(&k->context, searched, k);
}

const struct credentials *keyring_look(struct keyring *k)
{
    int64_t now_ms = skew_now_ms(k->context.skew);

    if (!has_some(k))
        return NULL;
    if (!k->has_no_expiry && k->credentials.expires_ms - now_ms <= KEYRING_LAST_MS)
        return NULL;
    if (k->renew_ms != 0 && now_ms >= k->renew_ms)
        search(k);
    return &k->credentials;
}

void keyring_wait(struct keyring *k, struct keyring_waiter *waiter)
{
    waiter->round = k->round;
    waiter->prev = k->last;
    waiter->next = NULL;
    waiter->is_waiting = true;
    if (k->last != NULL)
        k->last->next = waiter;
    else
        k->first = waiter;
    k->last = waiter;
    search(k);
}

unsigned keyring_number(const struct keyring *k)
{
    return k->number;
}

void keyring_reject(struct keyring *k, unsigned number)
{
    if (k->number != number || !has_some(k))
        return;
    credentials_done(&k->rejected);
    k->rejected = k->credentials;
    k->credentials = (struct credentials){0};
}

const char *keyring_origin(const struct keyring *k)
{
    return has_some(k) ? k->origin : "none";
}
