/* The forms of what Okta's API needs. */
#include "base/utf8.h"
#include "config/mistakes.h"
#include "config/values.h"
#include "crypt/jwt.h"
#include "model/profile.h"
#include "text/url.h"

enum { ORG_URL_LIMIT = 255, TEMPLATE_LIMIT = 1024, COUNT_DIGITS = 7 };

enum err value_pem(struct span text, struct fail *fail)
{
    struct jwt_key *key;
    enum err err;

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "the private key is empty");
    err = jwt_key_read(text, &key, fail);
    if (err == ERR_NONE)
        jwt_key_free(key);
    return err;
}

/* The console for administrators has an address of its own, and the API is not there.
 * https://developer.okta.com/docs/guides/find-your-domain/ */
static enum err refuse_console(struct span host, struct fail *fail)
{
    static const struct span console = {"-admin.okta", 11};

    for (size_t i = 0; i + console.n <= host.n; i++)
        if (span_eq_nocase(span_n(host.p + i, console.n), console))
            return fail_set(fail, ERR_INPUT,
                            "'%.*s' is the address of the console for administrators, and the "
                            "org's has no '-admin'",
                            SPAN_ARG(host));
    return ERR_NONE;
}

static void lower(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text + ('a' - 'A'));
}

enum err value_org_url(struct arena *a, struct span text, struct span *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    struct url url;
    char *kept;

    if (text.n > ORG_URL_LIMIT)
        return fail_set(fail, ERR_INPUT, "the address has more than %d characters", ORG_URL_LIMIT);
    if (url_parse(text, &url, fail) != ERR_NONE)
        return ERR_INPUT;
    if (!span_eq_nocase(url.scheme, SPAN("https")) && !url_is_loopback(&url))
        return fail_set(fail, ERR_INPUT, "'%s' is not encrypted", shown(text, buffer));
    if (url.path.n > 1 || url.query.n > 0 || span_find(text, '?') < text.n)
        return fail_set(fail, ERR_INPUT, "'%s' has a path", shown(text, buffer));
    if (refuse_console(url.host, fail) != ERR_NONE)
        return ERR_INPUT;
    kept = arena_dup(a, span_n(text.p, text.n - url.path.n));
    lower(kept);
    *out = span_of(kept);
    return ERR_NONE;
}

static bool has_reference(struct span text)
{
    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == '$' && text.p[i + 1] == '{')
            return true;
    return false;
}

enum err value_user_name(struct span text, struct fail *fail)
{
    enum err err;

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "the value is empty");
    if (text.n > TEMPLATE_LIMIT)
        return fail_set(fail, ERR_INPUT, "the value has more than %d bytes", TEMPLATE_LIMIT);
    err = template_check(text, true, fail);
    if (err == ERR_NONE && !has_reference(text))
        return fail_set(fail, ERR_INPUT, "it is the same for everybody");
    return err;
}

enum err value_count(struct span text, int64_t *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    int64_t number = 0;

    for (size_t i = 0; i < text.n && i <= COUNT_DIGITS; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return fail_set(fail, ERR_INPUT, "'%s' is no whole number", shown(text, buffer));
        number = number * 10 + (text.p[i] - '0');
    }
    if (text.n > COUNT_DIGITS || number == 0)
        return fail_set(fail, ERR_INPUT, "'%s' is not between 1 and 9999999", shown(text, buffer));
    *out = number;
    return ERR_NONE;
}
