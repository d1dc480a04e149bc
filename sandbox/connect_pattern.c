#include "connect_pattern.h"

#include <ctype.h>

static bool is_in(char c, const char *more)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr(more, c) != NULL);
}

static bool all_in(struct span text, const char *more)
{
    for (size_t i = 0; i < text.n; i++)
        if (!is_in(text.p[i], more))
            return false;
    return true;
}

bool pattern_is_username(struct span text, size_t min, size_t max)
{
    return text.n >= min && text.n <= max && all_in(text, "_.@-");
}

/* SecondaryEmail, API_UserIdentityInfo:
 * (?=^.{0,265}$)[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,63} */
bool pattern_is_email(struct span text)
{
    size_t at = span_find(text, '@');
    struct span host, top;

    if (text.n > 265 || at == 0 || at >= text.n || !all_in(span_n(text.p, at), "._%+-"))
        return false;
    host = span_n(text.p + at + 1, text.n - at - 1);
    top = host;
    while (span_find(top, '.') < top.n)
        top = span_n(top.p + span_find(top, '.') + 1, top.n - span_find(top, '.') - 1);
    if (!all_in(host, ".-") || top.n < 2 || top.n > 63 || top.n + 2 > host.n)
        return false;
    for (size_t i = 0; i < top.n; i++)
        if (!isalpha((unsigned char)top.p[i]))
            return false;
    return true;
}

/* The model's PhoneNumber has its backslashes doubled; CloudFormation's schema of
 * AWS::Connect::User shows what is meant: ^\+[1-9]\d{1,14}$ */
bool pattern_is_phone(struct span text)
{
    if (text.n < 3 || text.n > 16 || text.p[0] != '+' || text.p[1] < '1' || text.p[1] > '9')
        return false;
    for (size_t i = 2; i < text.n; i++)
        if (!isdigit((unsigned char)text.p[i]))
            return false;
    return true;
}

/* The model's Password has JavaScript's slashes around it. */
static bool pattern_is_password(struct span text)
{
    bool lower = false, upper = false, digit = false;

    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (isspace(c))
            return false;
        lower |= islower(c) != 0;
        upper |= isupper(c) != 0;
        digit |= isdigit(c) != 0;
    }
    return text.n >= 8 && text.n <= 64 && lower && upper && digit;
}

/* ^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]*$; of what is beyond ASCII only the C1 controls are told
 * apart from letters. */
static bool pattern_is_tag_key(struct span text)
{
    if (span_starts(text, SPAN("aws:")))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c == 0xc2 && i + 1 < text.n && (unsigned char)text.p[i + 1] < 0xa0)
            return false;
        if (c < 0x80 && !is_in((char)c, " _.:/=+-@"))
            return false;
    }
    return true;
}

/* The pattern wants hexadecimal ids; the sandbox's own instance may have any, as in the AWS
 * sample's configuration. */
static bool is_instance_id_or_arn(struct span text)
{
    return text.n > 0 && all_in(text, "-:/_");
}

static const struct {
    const char *shape;
    bool (*fits)(struct span text);
} patterns[] = {
    {"PhoneNumber", pattern_is_phone},          {"SensitivePhoneNumber", pattern_is_phone},
    {"Password", pattern_is_password},          {"TagKey", pattern_is_tag_key},
    {"InstanceIdOrArn", is_instance_id_or_arn},
};

bool pattern_fits(const char *shape, struct span text)
{
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++)
        if (strcmp(patterns[i].shape, shape) == 0)
            return patterns[i].fits(text);
    return true;
}
