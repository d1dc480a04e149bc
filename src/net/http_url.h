/* What the HTTP client may be asked for. */
#ifndef ROSTER_NET_HTTP_URL_H
#define ROSTER_NET_HTTP_URL_H

#include <stdbool.h>

struct http_url_facts {
    bool is_near; /* loopback, or another address that plain http may lead to: no proxy */
};

/* Where plain http may lead besides loopback. */
struct http_url_plain {
    bool is_for_credentials; /* the fixed addresses that serve credentials */
    const char *host;        /* this "HOST:PORT" as well; NULL = none */
};

/* NULL when the URL may be asked for, else why not. */
const char *http_url_check(const char *url, const struct http_url_plain *plain,
                           struct http_url_facts *out);

#endif
