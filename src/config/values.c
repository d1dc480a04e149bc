#include "config/values.h"

#include <string.h>

#include "base/utf8.h"
#include "config/mistakes.h"
#include "text/arn.h"

enum {
    ID_LIMIT = 100,
    NAME_LIMIT = 255, /* characters; Okta's group names end there */
    REGION_LIMIT = 32,
    HEADER_LIMIT = 100,
    HOST_LIMIT = 253,
    UNIX_PATH_LIMIT = 107, /* sun_path of Linux, without its NUL */
    PORT_LIMIT = 65535,
    LINE_LIMIT = 4096,
    SECRET_LIMIT = 4096, /* fits into the header of a request */
    DURATION_DIGITS = 7,
    NUMBER_DIGITS = 7,
    DECIMALS = 3,
};

static const char letters_and_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Only of letters and digits, or characters of more. */
static bool is_made_of(struct span text, const char *more)
{
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] == '\0' ||
            (strchr(letters_and_digits, text.p[i]) == NULL && strchr(more, text.p[i]) == NULL))
            return false;
    return text.n > 0;
}

/* The number at the beginning of *text, which is cut off; false when there are no digits, or more
 * than limit. */
static bool cut_digits(struct span *text, size_t limit, int64_t *out, size_t *out_n)
{
    int64_t number = 0;
    size_t n = 0;

    while (n < text->n && is_digit(text->p[n]) && n <= limit) {
        number = number * 10 + (text->p[n] - '0');
        n++;
    }
    if (n == 0 || n > limit)
        return false;
    *text = span_n(text->p + n, text->n - n);
    *out = number;
    *out_n = n;
    return true;
}

enum err value_duration(struct span text, int64_t *out_ms, struct fail *fail)
{
    static const struct {
        char unit;
        int64_t ms;
    } units[] = {{'s', 1000}, {'m', 60 * 1000}, {'h', 3600 * 1000}, {'d', 24 * 3600 * 1000}};
    struct span rest = text;
    char buffer[SHOWN_SIZE];
    int64_t number;
    size_t n;

    if (!cut_digits(&rest, DURATION_DIGITS, &number, &n))
        return fail_set(fail, ERR_INPUT, "'%s' is no duration", shown(text, buffer));
    for (size_t i = 0; rest.n == 1 && i < sizeof(units) / sizeof(units[0]); i++) {
        if (rest.p[0] == units[i].unit) {
            *out_ms = number * units[i].ms;
            return ERR_NONE;
        }
    }
    return fail_set(fail, ERR_INPUT, rest.n == 0 ? "'%s' has no unit" : "'%s' is no duration",
                    shown(text, buffer));
}

enum err value_duration_within(struct span text, const char *min, const char *max, int64_t *out_ms,
                               struct fail *fail)
{
    int64_t ms = 0, low = 0, high = 0;
    char buffer[SHOWN_SIZE];
    enum err err = value_duration(text, &ms, fail);

    if (err == ERR_NONE)
        err = value_duration(span_of(min), &low, fail);
    if (err == ERR_NONE)
        err = value_duration(span_of(max), &high, fail);
    if (err != ERR_NONE)
        return err;
    if (ms < low || ms > high)
        return fail_set(fail, ERR_INPUT, "'%s' is not between %s and %s", shown(text, buffer), min,
                        max);
    *out_ms = ms;
    return ERR_NONE;
}

static enum err parse_number(struct span text, double *out, struct fail *fail)
{
    struct span rest = text;
    int64_t whole, decimals = 0;
    size_t n, scale = 0;
    char buffer[SHOWN_SIZE];
    bool is_good = cut_digits(&rest, NUMBER_DIGITS, &whole, &n);
    double value;

    if (is_good && rest.n > 0 && rest.p[0] == '.') {
        rest = span_n(rest.p + 1, rest.n - 1);
        is_good = cut_digits(&rest, DECIMALS, &decimals, &scale);
    }
    if (!is_good || rest.n > 0)
        return fail_set(fail, ERR_INPUT, "'%s' is no number of at most %d digits and %d decimals",
                        shown(text, buffer), NUMBER_DIGITS, DECIMALS);
    value = (double)decimals;
    for (; scale > 0; scale--)
        value /= 10;
    *out = (double)whole + value;
    return ERR_NONE;
}

enum err value_number_within(struct span text, const char *min, const char *max, double *out,
                             struct fail *fail)
{
    double value = 0, low = 0, high = 0;
    char buffer[SHOWN_SIZE];
    enum err err = parse_number(text, &value, fail);

    if (err == ERR_NONE)
        err = parse_number(span_of(min), &low, fail);
    if (err == ERR_NONE)
        err = parse_number(span_of(max), &high, fail);
    if (err != ERR_NONE)
        return err;
    if (value < low || value > high)
        return fail_set(fail, ERR_INPUT, "'%s' is not between %s and %s", shown(text, buffer), min,
                        max);
    *out = value;
    return ERR_NONE;
}

enum err value_choice(struct span text, const char *const *choices, unsigned *out,
                      struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    for (unsigned i = 0; choices[i] != NULL; i++) {
        if (span_eq_nocase(text, span_of(choices[i]))) {
            *out = i;
            return ERR_NONE;
        }
    }
    return fail_set(fail, ERR_INPUT, "'%s' is not one of its values", shown(text, buffer));
}

enum err value_id(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "an id is empty");
    if (span_starts(text, SPAN("arn:")))
        return fail_set(fail, ERR_INPUT,
                        "'%s' is an ARN, and the id is what stands behind its last '/'",
                        shown(text, buffer));
    if (text.n > ID_LIMIT)
        return fail_set(fail, ERR_INPUT, "'%s' has %zu characters, and an id has at most %d",
                        shown(text, buffer), text.n, ID_LIMIT);
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] < 0x20 || text.p[i] > 0x7e)
            return fail_set(fail, ERR_INPUT, "'%s' has characters that no id has",
                            shown(text, buffer));
    return ERR_NONE;
}

enum err value_name(struct arena *a, struct span text, struct span *out, struct fail *fail)
{
    struct buf nfc;
    enum err err = ERR_NONE;

    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "the name is empty");
    buf_init(&nfc, (size_t)NAME_LIMIT * 4);
    if (!utf8_add_nfc(&nfc, text) || utf8_length(buf_span(&nfc)) > NAME_LIMIT)
        err = fail_set(fail, ERR_INPUT, "the name has more than %d characters", NAME_LIMIT);
    else
        *out = arena_span(a, buf_span(&nfc));
    buf_done(&nfc);
    return err;
}

bool value_attribute(struct span name)
{
    return is_made_of(name, "_-");
}

/* https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html: letters,
 * digits, blanks and _ . : / = + - @ can be used with all services. */
enum err value_label(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (!is_made_of(text, " _.:/=+-@") || text.n > ID_LIMIT)
        return fail_set(fail, ERR_INPUT, "'%s' cannot be written into a tag", shown(text, buffer));
    if (span_eq(text, SPAN("import")))
        return fail_set(fail, ERR_INPUT, "'import' is what the tags of imported agents say");
    return ERR_NONE;
}

enum err value_region(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    bool is_good =
        text.n > 0 && text.n <= REGION_LIMIT && text.p[0] != '-' && text.p[text.n - 1] != '-';

    for (size_t i = 0; i < text.n; i++)
        is_good = is_good && ((text.p[i] >= 'a' && text.p[i] <= 'z') || is_digit(text.p[i]) ||
                              text.p[i] == '-');
    return is_good ? ERR_NONE : fail_set(fail, ERR_INPUT, "'%s' is no region", shown(text, buffer));
}

enum err value_header(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (!is_made_of(text, "!#$%&'*+-.^_`|~") || text.n > HEADER_LIMIT)
        return fail_set(fail, ERR_INPUT, "'%s' is no header's name", shown(text, buffer));
    return ERR_NONE;
}

/* "localhost", "127.0.0.1", "[::1]"; "" and "*" stand for all addresses. */
static bool is_host(struct span host)
{
    if (host.n == 0 || span_eq(host, SPAN("*")))
        return true;
    if (host.p[0] == '[' && host.n > 2 && host.p[host.n - 1] == ']')
        return is_made_of(span_n(host.p + 1, host.n - 2), ":.%") && host.n <= HOST_LIMIT;
    return is_made_of(host, ".-_") && host.n <= HOST_LIMIT;
}

enum err value_listen(struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    size_t colon = text.n, n;
    struct span port;
    int64_t number = 0;

    if (span_starts(text, SPAN("unix:"))) {
        struct span path = span_n(text.p + 5, text.n - 5);

        if (!span_starts(path, SPAN("/")) || path.n > UNIX_PATH_LIMIT)
            return fail_set(fail, ERR_INPUT,
                            "'%s': unix: needs an absolute path of at most %d bytes",
                            shown(text, buffer), UNIX_PATH_LIMIT);
        return ERR_NONE;
    }
    while (colon > 0 && text.p[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return fail_set(fail, ERR_INPUT, "'%s' has no port", shown(text, buffer));
    port = span_n(text.p + colon, text.n - colon);
    if (!cut_digits(&port, 5, &number, &n) || port.n > 0 || number > PORT_LIMIT)
        return fail_set(fail, ERR_INPUT, "'%s' has no port from 0 to %d", shown(text, buffer),
                        PORT_LIMIT);
    if (!is_host(span_n(text.p, colon - 1)))
        return fail_set(fail, ERR_INPUT, "'%s' has no host name or address", shown(text, buffer));
    return ERR_NONE;
}

enum err value_line(struct span text, struct fail *fail)
{
    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "the value is empty");
    if (text.n > LINE_LIMIT)
        return fail_set(fail, ERR_INPUT, "the value has more than %d bytes", LINE_LIMIT);
    return ERR_NONE;
}

static bool is_secret_reference(struct span text)
{
    struct arn arn;

    return arn_parse(text, &arn, NULL) == ERR_NONE &&
           (span_eq(arn.service, SPAN("secretsmanager")) || span_eq(arn.service, SPAN("ssm")));
}

enum err value_secret(struct span text, struct fail *fail)
{
    if (text.n == 0)
        return fail_set(fail, ERR_INPUT, "the secret is empty");
    if (text.n > SECRET_LIMIT)
        return fail_set(fail, ERR_INPUT, "the secret has more than %d bytes", SECRET_LIMIT);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] < 0x20 || text.p[i] == 0x7f)
            return fail_set(fail, ERR_INPUT,
                            "the secret has control characters, which a header does not carry");
    if (text.p[0] == ' ' || text.p[text.n - 1] == ' ')
        return fail_set(fail, ERR_INPUT,
                        "the secret begins or ends with a blank, which a header does not carry");
    /* Taken as it stands, the address would be the secret, and it is no secret. */
    if (is_secret_reference(text))
        return fail_set(fail, ERR_INPUT,
                        "it is the ARN of a secret, and counts on AWS Lambda only");
    return ERR_NONE;
}

static bool is_account(struct span account)
{
    bool is_good = account.n == 12;

    for (size_t i = 0; i < account.n; i++)
        is_good = is_good && is_digit(account.p[i]);
    return is_good;
}

enum err value_instance(struct span text, struct instance *out, struct fail *fail)
{
    static const struct span prefix = {"instance/", 9};
    char buffer[SHOWN_SIZE];
    struct span id;
    struct arn arn;
    enum err err;

    if (!span_starts(text, SPAN("arn:"))) {
        err = value_id(text, fail);
        if (err == ERR_NONE)
            *out = (struct instance){.id = text};
        return err;
    }
    err = arn_parse(text, &arn, fail);
    if (err != ERR_NONE)
        return err;
    if (!span_eq(arn.service, SPAN("connect")) || !span_starts(arn.resource, prefix) ||
        value_region(arn.region, NULL) != ERR_NONE || !is_account(arn.account) ||
        !is_made_of(arn.partition, "-"))
        return fail_set(fail, ERR_INPUT, "'%s' is no ARN of an Amazon Connect instance",
                        shown(text, buffer));
    id = span_n(arn.resource.p + prefix.n, arn.resource.n - prefix.n);
    if (span_find(id, '/') < id.n || span_find(id, ':') < id.n)
        return fail_set(fail, ERR_INPUT, "'%s' is the ARN of something within an instance",
                        shown(text, buffer));
    err = value_id(id, fail);
    if (err == ERR_NONE)
        *out = (struct instance){id, arn.partition, arn.account, arn.region};
    return err;
}
