#include "okta/origin.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static enum err check(const struct url *url, struct fail *fail)
{
    if (url->path.n > 0 || url->query.n > 0)
        return fail_set(fail, ERR_INPUT,
                        "Okta: [OKTA] ORG_URL has a path; the form is "
                        "https://example.okta.com");
    if (!span_eq_nocase(url->scheme, SPAN("https")) && !url_is_loopback(url))
        return fail_set(fail, ERR_INPUT, "Okta: [OKTA] ORG_URL must begin with https://");
    if (memmem(url->host.p, url->host.n, "-admin.okta", 11) != NULL)
        return fail_set(fail, ERR_INPUT,
                        "Okta: [OKTA] ORG_URL is the Admin Console's address; "
                        "leave '-admin' out of it");
    return ERR_NONE;
}

enum err origin_parse(struct span text, struct origin *out, struct fail *fail)
{
    struct origin origin = {0};
    enum err err;

    text = span_trim(text);
    if (text.n > 0 && text.p[text.n - 1] == '/')
        text.n--;
    origin.text = mem_dup(text);
    err = url_parse(span_of(origin.text), &origin.url, fail);
    if (err != ERR_NONE)
        err = fail_within(fail, err, "Okta: [OKTA] ORG_URL");
    else
        err = check(&origin.url, fail);
    if (err != ERR_NONE) {
        origin_done(&origin);
        return err;
    }
    *out = origin;
    return ERR_NONE;
}

void origin_done(struct origin *origin)
{
    free(origin->text);
    *origin = (struct origin){0};
}

bool origin_owns(const struct origin *origin, struct span url, struct url *parts)
{
    const struct url *org = &origin->url;

    return url_parse(url, parts, NULL) == ERR_NONE && span_eq_nocase(parts->scheme, org->scheme) &&
           parts->port == org->port && parts->is_ipv6 == org->is_ipv6 &&
           span_eq_nocase(parts->host, org->host) && span_starts(parts->path, SPAN("/api/v1/"));
}
