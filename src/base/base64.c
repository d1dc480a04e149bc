#include "base/base64.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void add(struct buf *out, struct span bytes, const char *alphabet, bool is_padded)
{
    size_t whole = bytes.n / 3, left = bytes.n % 3;
    const unsigned char *from = (const unsigned char *)bytes.p;
    size_t n = whole * 4 + (left == 0 ? 0 : is_padded ? 4 : left + 1);
    char *to;

    if (bytes.n > out->limit) {
        out->full = true;
        return;
    }
    to = buf_space(out, n);
    if (to == NULL)
        return;
    for (; whole > 0; whole--, from += 3) {
        *to++ = alphabet[from[0] >> 2];
        *to++ = alphabet[(from[0] & 3) << 4 | from[1] >> 4];
        *to++ = alphabet[(from[1] & 15) << 2 | from[2] >> 6];
        *to++ = alphabet[from[2] & 63];
    }
    if (left > 0) {
        unsigned second = left == 2 ? from[1] : 0;

        *to++ = alphabet[from[0] >> 2];
        *to++ = alphabet[(from[0] & 3U) << 4 | second >> 4];
        if (left == 2)
            *to++ = alphabet[(second & 15) << 2];
        for (size_t i = left; is_padded && i < 3; i++)
            *to++ = '=';
    }
    buf_wrote(out, n);
}

void base64_add(struct buf *out, struct span bytes)
{
    add(out, bytes, standard, true);
}

void base64url_add(struct buf *out, struct span bytes)
{
    add(out, bytes, for_urls, false);
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+' || c == '-')
        return 62;
    return c == '/' || c == '_' ? 63 : -1;
}

/* The text without its padding; false for a wrong padding, a foreign character and a mix of the
 * alphabets. */
static bool checked(struct span *text)
{
    bool is_standard = false, is_for_urls = false;
    size_t padding = 0;

    while (padding < 2 && padding < text->n && text->p[text->n - 1 - padding] == '=')
        padding++;
    if (padding > 0 && text->n % 4 != 0)
        return false;
    text->n -= padding;
    if (text->n % 4 == 1)
        return false;
    for (size_t i = 0; i < text->n; i++) {
        if (value_of(text->p[i]) < 0)
            return false;
        is_standard |= text->p[i] == '+' || text->p[i] == '/';
        is_for_urls |= text->p[i] == '-' || text->p[i] == '_';
    }
    return !(is_standard && is_for_urls);
}

bool base64_add_decoded(struct buf *out, struct span text)
{
    unsigned bits = 0, n_bits = 0;
    size_t n;
    char *to;

    if (!checked(&text))
        return false;
    /* RFC 4648 3.5: bits that are left over must be zero, or two texts would mean the same
     * bytes. */
    if (text.n % 4 != 0 && (value_of(text.p[text.n - 1]) & (text.n % 4 == 2 ? 15 : 3)) != 0)
        return false;
    n = text.n / 4 * 3 + (text.n % 4 == 0 ? 0 : text.n % 4 - 1);
    to = buf_space(out, n);
    if (to == NULL)
        return false;
    for (size_t i = 0; i < text.n; i++) {
        bits = (bits << 6 | (unsigned)value_of(text.p[i])) & 0xffff;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            *to++ = (char)(bits >> n_bits & 0xff);
        }
    }
    buf_wrote(out, n);
    return true;
}
