#include "okta_text.h"

#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "text/time.h"

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* SplitMix64's last step: every number gives another one. */
static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void okta_id(char out[static OKTA_ID], const char *prefix, uint64_t number)
{
    uint64_t z = mixed(number + 0x9e3779b97f4a7c15U);

    memcpy(out, prefix, 3);
    memcpy(out + 3, "box", 3);
    for (size_t i = 0; i < OKTA_ID_DIGITS; i++) {
        out[OKTA_ID_MADE + i] = alphabet[z % 62];
        z /= 62;
    }
    memcpy(out + OKTA_ID_MADE + OKTA_ID_DIGITS, "5d7", 4);
}

void okta_random_text(char *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] = alphabet[random_below(62)];
}

void okta_add_time(struct buf *out, uint32_t s)
{
    if (s == 0) {
        buf_add_str(out, "null");
        return;
    }
    buf_add_char(out, '"');
    time_add_ms(out, (int64_t)s * MS_PER_S);
    buf_add_char(out, '"');
}

json_t *okta_time(int64_t ms)
{
    struct buf text;
    json_t *value;

    buf_init(&text, 64);
    time_add_ms(&text, ms);
    value = json_stringn(text.p, text.n);
    buf_done(&text);
    return value;
}

void okta_add_string(struct buf *out, struct span text)
{
    size_t from = 0;

    buf_add_char(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        buf_add(out, span_n(text.p + from, i - from));
        if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_printf(out, "\\%c", c);
        from = i + 1;
    }
    buf_add(out, span_n(text.p + from, text.n - from));
    buf_add_char(out, '"');
}

const char *okta_member(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

json_t *okta_unconst(const json_t *from)
{
    return (json_t *)(uintptr_t)from;
}
