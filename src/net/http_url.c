/* Read by libcurl's own parser, so that what is judged here is what is connected to. */
#include "net/http_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* AWS SDKs and Tools Reference Guide, "Container credential provider" and "IMDS credential
 * provider". */
static const char *const credential_hosts[] = {"169.254.169.254", "169.254.170.2", "169.254.170.23",
                                               "fd00:ec2::23", "fd00:ec2::254"};

struct host {
    int family; /* 0: a name */
    unsigned char address[16];
};

static bool read_address(const char *text, struct host *out)
{
    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, text, out->address) == 1)
        out->family = AF_INET;
    else if (inet_pton(AF_INET6, text, out->address) == 1)
        out->family = AF_INET6;
    return out->family != 0;
}

static bool is_loopback(const char *text)
{
    static const unsigned char one[16] = {[15] = 1};
    struct host host;

    if (!read_address(text, &host))
        return strcasecmp(text, "localhost") == 0;
    return host.family == AF_INET ? host.address[0] == 127 : memcmp(host.address, one, 16) == 0;
}

static bool is_for_credentials(const char *text)
{
    struct host host, known;

    if (!read_address(text, &host))
        return false;
    for (size_t i = 0; i < sizeof(credential_hosts) / sizeof(credential_hosts[0]); i++) {
        if (read_address(credential_hosts[i], &known) && memcmp(&host, &known, sizeof(host)) == 0)
            return true;
    }
    return false;
}

/* Is it exactly that host and port? A port that is not written is 80. */
static bool is_at(CURLU *parts, const char *host, const char *plain)
{
    const char *colon = strrchr(plain, ':');
    size_t n = colon == NULL ? strlen(plain) : (size_t)(colon - plain);
    char *port = NULL;
    bool is_same;

    if (curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) != CURLUE_OK)
        return false;
    is_same = strlen(host) == n && strncasecmp(host, plain, n) == 0 &&
              strcmp(port, colon == NULL ? "80" : colon + 1) == 0;
    curl_free(port);
    return is_same;
}

static const char *check_parts(CURLU *parts, const struct http_url_plain *plain,
                               struct http_url_facts *out)
{
    char *scheme = NULL, *host = NULL, *user = NULL;
    const char *fault = NULL;
    bool is_plain, is_named;
    char name[64] = "";
    size_t n;

    if (curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK) {
        fault = "the URL has no scheme or no host";
        goto out;
    }
    n = strlen(host);
    if (host[0] == '[' && n > 2 && n - 2 < sizeof(name))
        memcpy(name, host + 1, n - 2);
    else if (n < sizeof(name))
        memcpy(name, host, n);
    is_plain = strcasecmp(scheme, "http") == 0;
    is_named = (plain->is_for_credentials && is_for_credentials(name)) ||
               (plain->host != NULL && is_at(parts, host, plain->host));
    if (!is_plain && strcasecmp(scheme, "https") != 0)
        fault = "the URL is neither https nor http";
    else if (curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK)
        fault = "the URL has a user name in it";
    else if (is_plain && !is_loopback(name) && !is_named)
        fault = "plain http is for loopback addresses only; use https";
    out->is_near = is_loopback(name) || (is_plain && is_named);
out:
    curl_free(scheme);
    curl_free(host);
    curl_free(user);
    return fault;
}

const char *http_url_check(const char *url, const struct http_url_plain *plain,
                           struct http_url_facts *out)
{
    CURLU *parts;
    const char *fault;

    for (const char *p = url; *p != '\0'; p++) {
        if (*p <= ' ' || *p >= 0x7f || *p == '#' ||
            *p == '\\') /* char is signed: bytes from 0x80 are below */
            return "the URL has a character that must be encoded";
    }
    parts = curl_url();
    if (parts == NULL)
        abort(); /* no memory */
    fault = curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK ? check_parts(parts, plain, out)
                                                                    : "the URL is malformed";
    curl_url_cleanup(parts);
    return fault;
}
