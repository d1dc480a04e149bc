/* MD5 (RFC 1321), by which SQS names the bodies of its messages. Nothing is protected by it. */
#ifndef SANDBOX_MD5_H
#define SANDBOX_MD5_H

#include "base/span.h"

enum { MD5_HEX = 32 };

/* Lower-case hexadecimal and a NUL. */
void md5_hex(struct span data, char out[static MD5_HEX + 1]);

#endif
