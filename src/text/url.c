#include "text/url.h"

#include <arpa/inet.h>
#include <stdint.h>

enum { HOST_MAX = 253, PORT_MAX = 65535 }; /* RFC 1035 2.3.4 as text; 16 bits */

static bool is_alnum(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The address of an IPv4 or IPv6 host in its binary form. */
static bool address_parse(int family, struct span host, uint8_t out[static 16])
{
    char text[INET6_ADDRSTRLEN];

    if (host.n == 0 || host.n >= sizeof(text))
        return false;
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    return inet_pton(family, text, out) == 1;
}

static bool is_name(struct span host)
{
    if (host.n == 0 || host.n > HOST_MAX || host.p[0] == '.')
        return false;
    for (size_t i = 0; i < host.n; i++)
        if (!is_alnum(host.p[i]) && host.p[i] != '-' && host.p[i] != '.' && host.p[i] != '_')
            return false;
    return true;
}

static const char *port_parse(struct span text, struct url *u)
{
    unsigned port = 0;

    for (size_t i = 0; i < text.n && port <= PORT_MAX; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return "its port is no number";
        port = port * 10 + (unsigned)(text.p[i] - '0');
    }
    if (port == 0 || port > PORT_MAX)
        return "its port is not between 1 and 65535";
    u->port = port;
    u->has_port = true;
    return NULL;
}

/* Splits "host", "host:port", "[v6]" or "[v6]:port"; NULL, or what is wrong. */
static const char *authority_parse(struct span text, struct url *u)
{
    uint8_t address[16];
    size_t n;

    if (span_find(text, '@') < text.n)
        return "user information is not allowed in it";
    u->is_ipv6 = text.n > 0 && text.p[0] == '[';
    if (u->is_ipv6) {
        n = span_find(text, ']');
        if (n == text.n)
            return "its '[' is not closed";
        u->host = (struct span){text.p + 1, n - 1};
        n++;
        if (!address_parse(AF_INET6, u->host, address))
            return "its host is no IPv6 address";
        if (n < text.n && text.p[n] != ':')
            return "text stands behind its ']'";
    } else {
        n = span_find(text, ':');
        u->host = (struct span){text.p, n};
        if (!is_name(u->host))
            return n == 0 ? "it has no host" : "its host is no name or address";
    }
    return n < text.n ? port_parse((struct span){text.p + n + 1, text.n - n - 1}, u) : NULL;
}

static struct span after(struct span s, size_t n)
{
    return (struct span){s.p + n, s.n - n};
}

static const char *parse(struct span text, struct url *u)
{
    struct span rest = text;
    size_t n;
    const char *wrong;

    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= 0x20 || text.p[i] > 0x7e)
            return "it has a blank, a control character or a character outside ASCII";
    if (span_find(text, '#') < text.n)
        return "a fragment is not allowed in it";
    n = span_find(text, ':');
    u->scheme = (struct span){text.p, n};
    if (span_eq_nocase(u->scheme, SPAN("https")))
        u->port = 443;
    else if (span_eq_nocase(u->scheme, SPAN("http")))
        u->port = 80;
    else
        return "it begins with neither https:// nor http://";
    rest = after(rest, n);
    if (!span_starts(rest, SPAN("://")))
        return "'://' is missing in it";
    rest = after(rest, 3);
    for (n = 0; n < rest.n && rest.p[n] != '/' && rest.p[n] != '?'; n++)
        ;
    wrong = authority_parse((struct span){rest.p, n}, u);
    if (wrong != NULL)
        return wrong;
    rest = after(rest, n);
    n = span_find(rest, '?');
    u->path = (struct span){rest.p, n};
    u->query = n < rest.n ? after(rest, n + 1) : after(rest, n);
    return NULL;
}

enum err url_parse(struct span text, struct url *out, struct fail *fail)
{
    struct url u = {0};
    const char *wrong;

    if (text.p == NULL)
        text = SPAN("");
    wrong = parse(text, &u);
    /* The URL is not repeated: it may carry a password, a token or control characters. */
    if (wrong != NULL)
        return fail_set(fail, ERR_INPUT, "the URL cannot be used: %s", wrong);
    *out = u;
    return ERR_NONE;
}

bool url_is_loopback(const struct url *u)
{
    static const uint8_t v6_loopback[16] = {[15] = 1};
    uint8_t address[16];

    if (u->is_ipv6)
        return address_parse(AF_INET6, u->host, address) &&
               memcmp(address, v6_loopback, sizeof(address)) == 0;
    if (address_parse(AF_INET, u->host, address))
        return address[0] == 127;
    return span_eq_nocase(u->host, SPAN("localhost"));
}

void url_add_encoded(struct buf *out, struct span s)
{
    static const char digits[] = "0123456789ABCDEF";
    char *to;
    size_t n = 0;

    if (s.n > out->limit) {
        out->full = true;
        return;
    }
    for (size_t i = 0; i < s.n; i++)
        n += is_alnum(s.p[i]) || memchr("-._~", s.p[i], 4) != NULL ? 1 : 3;
    to = buf_space(out, n);
    if (to == NULL)
        return;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (is_alnum(s.p[i]) || memchr("-._~", c, 4) != NULL) {
            *to++ = s.p[i];
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    buf_wrote(out, n);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The byte that the escape at s.p[at] stands for, or -1. */
static int escape_at(struct span s, size_t at)
{
    int high = s.n - at < 3 ? -1 : hex_digit(s.p[at + 1]);
    int low = s.n - at < 3 ? -1 : hex_digit(s.p[at + 2]);

    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool url_add_decoded(struct buf *out, struct span s)
{
    size_t n = 0;
    char *to;

    for (size_t i = 0; i < s.n; i++, n++)
        if (s.p[i] == '%') {
            if (escape_at(s, i) <= 0)
                return false;
            i += 2;
        }
    to = buf_space(out, n);
    if (to == NULL)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        *to++ = s.p[i] == '%' ? (char)escape_at(s, i) : s.p[i];
        i += s.p[i] == '%' ? 2 : 0;
    }
    buf_wrote(out, n);
    return true;
}

struct span url_query_get(struct span query, struct span name)
{
    struct span rest = query, pair;

    while (span_split(&rest, '&', &pair)) {
        size_t n = span_find(pair, '=');

        if (span_eq((struct span){pair.p, n}, name))
            return n < pair.n ? after(pair, n + 1) : after(pair, n);
    }
    return (struct span){NULL, 0};
}
