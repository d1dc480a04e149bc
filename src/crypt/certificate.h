/* A server's certificate and its private key, looked at before somebody else does: on OpenSSL.
 * Thread-safe. */
#ifndef ROSTER_CRYPT_CERTIFICATE_H
#define ROSTER_CRYPT_CERTIFICATE_H

#include <stdint.h>

#include "base/err.h"
#include "base/span.h"

struct certificate {
    int64_t not_before_ms, not_after_ms; /* since 1970; of the first one, the server's own */
};

/* Both as PEM. ERR_INPUT: one of them is none, or they do not belong together. */
enum err certificate_read(struct span certificate_pem, struct span key_pem, struct certificate *out,
                          struct fail *fail) WARN_UNUSED;

#endif
