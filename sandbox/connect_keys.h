/* Who may call: access keys, and the check of a request's Signature Version 4. */
#ifndef SANDBOX_CONNECT_KEYS_H
#define SANDBOX_CONNECT_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "net/http_server.h"

struct key {
    struct key *next;
    char *id, *secret, *token; /* token NULL: a lasting key */
    int64_t expires_ms;        /* 0: never */
};

struct keys {
    struct key *first;
    int64_t lifetime_s; /* of temporary keys */
};

struct keys_check {
    const char *region, *service;
    int64_t now_ms;
};

enum { KEYS_MESSAGE = 512 };

void keys_done(struct keys *keys);
/* Replaces a key of the same id. */
const struct key *keys_add(struct keys *keys, const char *id, const char *secret, const char *token,
                           int64_t expires_ms);
/* A new temporary key, valid for lifetime_s from now_ms. */
const struct key *keys_make(struct keys *keys, int64_t now_ms);
/* All temporary keys are expired from now on. */
void keys_expire(struct keys *keys);
/* NULL: the request is signed as it should be. Otherwise the code of the 403, and its message. */
const char *keys_refuse(const struct keys *keys, const struct http_exchange *x,
                        const struct keys_check *check, char message[static KEYS_MESSAGE]);

#endif
