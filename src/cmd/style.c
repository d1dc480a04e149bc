#include "cmd/style.h"

#include <inttypes.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "text/time.h"

enum { NARROWEST = 40 };

static const char *variable(const char *const *environment, const char *name)
{
    size_t n = strlen(name);

    for (; environment != NULL && *environment != NULL; environment++)
        if (strncmp(*environment, name, n) == 0 && (*environment)[n] == '=')
            return *environment + n + 1;
    return "";
}

struct style style_of(FILE *to, const char *const *environment)
{
    struct winsize size = {0};
    struct style style = {0};
    int fd = fileno(to);

    if (fd < 0 || isatty(fd) == 0)
        return style;
    style.has_colour = variable(environment, "NO_COLOR")[0] == '\0' &&
                       strcmp(variable(environment, "TERM"), "dumb") != 0;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= NARROWEST)
        style.width = size.ws_col;
    return style;
}

const char *style_begin(const struct style *style, enum colour colour)
{
    static const char *const sequences[] = {
        [COLOUR_NONE] = "",         [COLOUR_BOLD] = "\033[1m",  [COLOUR_FAINT] = "\033[2m",
        [COLOUR_GOOD] = "\033[32m", [COLOUR_BUSY] = "\033[33m", [COLOUR_BAD] = "\033[31m"};

    return style->has_colour ? sequences[colour] : "";
}

const char *style_end(const struct style *style, enum colour colour)
{
    return style->has_colour && colour != COLOUR_NONE ? "\033[0m" : "";
}

enum colour style_of_state(enum person_state state)
{
    switch (state) {
    case PERSON_DUE:
        return COLOUR_BUSY;
    case PERSON_IN_STEP:
        return COLOUR_GOOD;
    case PERSON_HELD:
    case PERSON_FAILED:
        return COLOUR_BAD;
    default:
        return COLOUR_FAINT;
    }
}

/* The length of the valid UTF-8 sequence at the beginning of s, 0 when there is none. */
static size_t sequence(struct span s)
{
    for (size_t n = 1; n <= 4 && n <= s.n; n++)
        if (utf8_is_valid((struct span){s.p, n}))
            return n;
    return 0;
}

static unsigned code_point(const char *p, size_t n)
{
    static const unsigned char first[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    unsigned c = (unsigned char)p[0] & first[n];

    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3f);
    return c;
}

/* UAX #9 (bidirectional controls), UAX #14 (line and paragraph separator), C0 and C1 controls. */
static bool is_shown(unsigned c)
{
    return c >= 0x20 && !(c >= 0x7f && c <= 0x9f) && c != 0x061c && c != 0x200b && c != 0x200e &&
           c != 0x200f && !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) &&
           c != 0xfeff;
}

void style_add(struct buf *out, struct span text)
{
    while (text.n > 0) {
        size_t n = sequence(text);

        if (n > 0 && is_shown(code_point(text.p, n)))
            buf_add(out, (struct span){text.p, n});
        else
            buf_add_str(out, "\xef\xbf\xbd");
        n += n == 0;
        text = (struct span){text.p + n, text.n - n};
    }
}

void style_add_time(struct buf *out, int64_t ms)
{
    if (ms <= 0)
        buf_add_char(out, '-');
    else
        time_add_ms(out, ms);
}

void style_add_ago(struct buf *out, int64_t ms, int64_t now_ms)
{
    style_add_time(out, ms);
    if (ms <= 0)
        return;
    buf_add_str(out, ms > now_ms ? " (in " : " (");
    time_add_duration(out, ms > now_ms ? ms - now_ms : now_ms - ms);
    buf_add_str(out, ms > now_ms ? ")" : " ago)");
}

void style_add_setting(struct buf *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *unit;
    } units[] = {{86400000, "d"}, {3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;

    while (units[i].ms > 1 && (ms < units[i].ms || ms % units[i].ms != 0))
        i++;
    buf_printf(out, "%" PRId64 "%s", ms / units[i].ms, units[i].unit);
}
