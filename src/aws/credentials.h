/* A set of AWS credentials, and the forms in which others hand them over. Pure, but for wiping what
 * is released. */
#ifndef ROSTER_AWS_CREDENTIALS_H
#define ROSTER_AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/secret.h"
#include "base/span.h"

/* What is longer is no credential; the token of a role in a large organisation has about 2,000
 * bytes. */
enum { CREDENTIALS_KEY_MAX = 256, CREDENTIALS_TOKEN_MAX = 16 * 1024 };

struct credentials {
    struct secret access_key, secret_key;
    struct secret token; /* unset for keys that last */
    int64_t expires_ms;  /* since 1970; 0 = they last */
};

/* Wipes; may be zeroed or NULL. */
void credentials_done(struct credentials *c);
bool credentials_equal(const struct credentials *a, const struct credentials *b);
/* Printable ASCII without blanks, at most max bytes. */
bool credentials_fit_header(struct span s, size_t max);
/* The three become header values, so anything but printable ASCII without blanks is ERR_INPUT.
 * token.n == 0 = none. Like the two below, replaces what *out (zeroed or set) held, or leaves it as
 * it was. */
enum err credentials_set(struct credentials *out, struct span access_key, struct span secret_key,
                         struct span token, struct fail *fail) WARN_UNUSED;

enum credentials_form {
    CREDENTIALS_OF_PROCESS, /* Version 1, SessionToken: credential_process */
    CREDENTIALS_OF_HOST,    /* Code, Token: instance metadata and container credentials */
};

/* ERR_INPUT when the text is no such JSON; ERR_DENIED when it says that there are none, with its
 * code and message. The text of a failure never repeats what was read as a key. */
enum err credentials_from_json(struct span json, enum credentials_form form,
                               struct credentials *out, struct fail *fail) WARN_UNUSED;
/* The Credentials element of an answer of STS. */
enum err credentials_from_xml(struct span xml, struct credentials *out,
                              struct fail *fail) WARN_UNUSED;

#endif
