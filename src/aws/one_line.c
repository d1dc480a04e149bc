#include "aws/one_line.h"

#include "base/utf8.h"

void one_line(char *out, size_t size, struct span text)
{
    struct span rest = span_trim(text);
    size_t n = 0;

    while (rest.n > 0 && rest.p[0] != '\n' && rest.p[0] != '\r') {
        int32_t point = 0;
        size_t taken = utf8_point(rest, &point);
        bool is_control = taken > 0 && (point < 0x20 || (point >= 0x7f && point < 0xa0));

        if (n + (taken == 0 ? 1 : taken) >= size)
            break;
        if (taken == 0 || is_control)
            out[n++] = taken == 0 ? '?' : ' ';
        else
            memcpy(out + n, rest.p, taken), n += taken;
        taken = taken == 0 ? 1 : taken;
        rest = (struct span){rest.p + taken, rest.n - taken};
    }
    out[n] = '\0';
}
