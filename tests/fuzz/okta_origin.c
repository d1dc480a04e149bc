/* floor: okta — where Okta's Link headers may lead: the org's own API, whatever they say, which
 * the HTTP client reads in the same way, or refuses. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/http_url.h"
#include "okta/origin.h"
#include "text/link.h"
#include "text/url.h"

static void follow(const struct origin *origin, struct span target)
{
    static const struct http_url_plain plain = {0};
    struct http_url_facts facts;
    struct url parts;
    char *url;

    if (!origin_owns(origin, target, &parts))
        return;
    assert(span_eq_nocase(parts.scheme, SPAN("https")) && parts.port == 443);
    assert(span_eq_nocase(parts.host, SPAN("acme.okta.com")) && !parts.is_ipv6);
    assert(span_starts(parts.path, SPAN("/api/v1/")));
    url = mem_dup(target);
    assert(http_url_check(url, &plain, &facts) != NULL || !facts.is_near);
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_n(data, size), next;
    struct origin origin = {0}, other = {0};

    assert(origin_parse(SPAN("https://acme.okta.com"), &origin, NULL) == ERR_NONE);
    follow(&origin, text);
    if (link_find(text, SPAN("next"), &next) == LINK_FOUND)
        follow(&origin, next);
    if (origin_parse(text, &other, NULL) == ERR_NONE)
        assert(span_eq_nocase(other.url.scheme, SPAN("https")) || url_is_loopback(&other.url));
    origin_done(&other);
    origin_done(&origin);
    return 0;
}
