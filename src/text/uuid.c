#include "text/uuid.h"

#include <string.h>

#include "base/random.h"

static bool is_hyphen_at(size_t i)
{
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool uuid_parse(struct span text, uint8_t out[static UUID_BYTES])
{
    uint8_t bytes[UUID_BYTES] = {0};
    size_t n = 0;

    if (text.n != UUID_TEXT)
        return false;
    for (size_t i = 0; i < UUID_TEXT; i++) {
        int digit = hex_digit(text.p[i]);

        if (is_hyphen_at(i)) {
            if (text.p[i] != '-')
                return false;
            continue;
        }
        if (digit < 0)
            return false;
        bytes[n / 2] = (uint8_t)(bytes[n / 2] << 4 | digit);
        n++;
    }
    memcpy(out, bytes, sizeof(bytes));
    return true;
}

void uuid_format(const uint8_t uuid[static UUID_BYTES], char out[static UUID_TEXT + 1])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    for (size_t i = 0; i < UUID_TEXT; i++) {
        if (is_hyphen_at(i)) {
            out[i] = '-';
            continue;
        }
        out[i] = digits[n % 2 == 0 ? uuid[n / 2] >> 4 : uuid[n / 2] & 15];
        n++;
    }
    out[UUID_TEXT] = '\0';
}

void uuid_random(char out[static UUID_TEXT + 1])
{
    uint8_t bytes[UUID_BYTES];

    random_bytes(bytes, sizeof(bytes));
    /* RFC 9562 5.4: the version and the variant. */
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    uuid_format(bytes, out);
}
