/* The credentials in use: found by the chain at the first need, kept, and found anew before they
 * expire. However many calls wait, one search is under way. On the loop only. */
#ifndef ROSTER_AWS_KEYRING_H
#define ROSTER_AWS_KEYRING_H

#include "aws/chain.h"

enum {
    KEYRING_MARGIN_MS =
        5 * 60 *
        1000, /* before they expire, new ones are looked for; the old ones are in use meanwhile */
    KEYRING_LAST_MS = 10 * 1000,  /* that near to their end, new ones are waited for */
    KEYRING_AGAIN_MS = 30 * 1000, /* between searches in the background */
};

struct keyring;

struct keyring_waiter {
    void (*ready)(void *arg, const struct fail *fail); /* fail NULL: keyring_look has some now */
    void *arg;
    struct keyring_waiter *prev, *next; /* the keyring's */
    unsigned round;
    bool is_waiting;
};

/* What context points to must outlive the keyring. */
struct keyring *keyring_new(const struct chain_context *context);
/* Waiters are dropped without a call. NULL is fine. */
void keyring_free(struct keyring *k);

/* The credentials, borrowed until the loop goes on; NULL when there are none that last: then wait.
 */
const struct credentials *keyring_look(struct keyring *k);
/* The number of the credentials that keyring_look gives: each new set has its own, and a rejected
 * one that was found again the number that it had. */
unsigned keyring_number(const struct keyring *k);
/* ready is called once, later, unless the waiter leaves before. */
void keyring_wait(struct keyring *k, struct keyring_waiter *waiter);
/* Also for one that does not wait. */
void keyring_leave(struct keyring *k, struct keyring_waiter *waiter);
/* AWS has refused these credentials: they are dropped, unless others have come already. */
void keyring_reject(struct keyring *k, unsigned number);
/* Where the credentials in use come from, "none" without any. */
const char *keyring_origin(const struct keyring *k);

#endif
