/* AWS Signature Version 4 for requests with a body in one piece, own code because libcurl 7.88
 * signs encoded paths and unsorted queries wrongly. Thread-safe.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
#ifndef ROSTER_CRYPT_SIGV4_H
#define ROSTER_CRYPT_SIGV4_H

#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

struct sigv4_header {
    struct span name, value; /* any case; values may have outer blanks */
};

struct sigv4_request {
    struct span method;
    struct span path;  /* as on the wire: already percent-encoded once */
    struct span query; /* as on the wire, without '?' */
    struct span body;
    /* Those to sign: host, x-amz-date, content-type, x-amz-security-token, … */
    const struct sigv4_header *headers;
    size_t n_headers;
};

struct sigv4_scope {
    struct span access_key, secret_key; /* a session token goes in as a header */
    struct span region, service;
    int64_t now_ms; /* must be the instant in the x-amz-date header */
};

/* Appends the value of the Authorization header. out's ceiling should be at least 4 KiB; out->full
 * tells when not. */
void sigv4_add_authorization(struct buf *out, const struct sigv4_request *request,
                             const struct sigv4_scope *scope);
/* The two intermediate texts, for tests and for telling a refused signature apart. */
void sigv4_add_canonical_request(struct buf *out, const struct sigv4_request *request);
void sigv4_add_string_to_sign(struct buf *out, const struct sigv4_request *request,
                              const struct sigv4_scope *scope);
/* The bare signature in hexadecimal (64 characters, no NUL), for whoever checks one. */
void sigv4_signature(const struct sigv4_request *request, const struct sigv4_scope *scope,
                     char out[static 64]);

#endif
