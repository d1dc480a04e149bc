/* What the HTTP client may be asked for. */
#ifndef ROSTER_NET_HTTP_URL_H
#define ROSTER_NET_HTTP_URL_H

#include <stdbool.h>

struct http_url_facts {
    bool is_near; /* loopback, or an address that serves credentials: no proxy */
};

/* NULL when the URL may be asked for, else why not. Plain http is for loopback, and for the fixed
 * credential addresses when is_for_credentials. */
const char *http_url_check(const char *url, bool is_for_credentials, struct http_url_facts *out);

#endif
