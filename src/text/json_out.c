#include "text/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct json_out json_out(struct buf *b)
{
    return (struct json_out){b, false};
}

static void begin_value(struct json_out *o)
{
    if (o->needs_comma)
        buf_add_char(o->b, ',');
    o->needs_comma = true;
}

void json_out_begin(struct json_out *o, char bracket)
{
    begin_value(o);
    buf_add_char(o->b, bracket);
    o->needs_comma = false;
}

void json_out_end(struct json_out *o, char bracket)
{
    buf_add_char(o->b, bracket);
    o->needs_comma = true;
}

static void add_escaped(struct buf *b, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char *short_form = c == 0 ? NULL : strchr(from, c);

    if (short_form != NULL)
        buf_printf(b, "\\%c", to[short_form - from]);
    else
        buf_printf(b, "\\u%04x", c);
}

static void add_string(struct buf *b, struct span s)
{
    size_t at = 0, done = 0;
    int32_t point;

    if (s.p == NULL)
        s = SPAN("");
    buf_add_char(b, '"');
    while (at < s.n) {
        unsigned char c = (unsigned char)s.p[at];
        size_t n = c < 0x80 ? 1 : utf8_point((struct span){s.p + at, s.n - at}, &point);

        if (n > 0 && c >= 0x20 && c != '"' && c != '\\') {
            at += n;
            continue;
        }
        buf_add(b, (struct span){s.p + done, at - done});
        if (n > 0)
            add_escaped(b, c);
        else
            buf_add_str(b, "\xef\xbf\xbd"); /* U+FFFD */
        done = ++at;
    }
    buf_add(b, (struct span){s.p + done, at - done});
    buf_add_char(b, '"');
}

void json_out_key(struct json_out *o, const char *key)
{
    begin_value(o);
    add_string(o->b, span_of(key));
    buf_add_char(o->b, ':');
    o->needs_comma = false;
}

void json_out_str(struct json_out *o, struct span s)
{
    begin_value(o);
    add_string(o->b, s);
}

void json_out_int(struct json_out *o, int64_t n)
{
    begin_value(o);
    buf_printf(o->b, "%" PRId64, n);
}

void json_out_real(struct json_out *o, double x)
{
    char text[40];

    if (!isfinite(x)) {
        json_out_null(o);
        return;
    }
    /* The fewest digits that read back as the same number. */
    for (int digits = 15; digits <= 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    for (char *p = text; *p != '\0'; p++)
        if (*p == ',') /* some locales */
            *p = '.';
    begin_value(o);
    buf_add_str(o->b, text);
}

void json_out_bool(struct json_out *o, bool b)
{
    begin_value(o);
    buf_add_str(o->b, b ? "true" : "false");
}

void json_out_null(struct json_out *o)
{
    begin_value(o);
    buf_add_str(o->b, "null");
}

void json_out_raw(struct json_out *o, struct span json)
{
    begin_value(o);
    buf_add(o->b, json);
}

void json_put_str(struct json_out *o, const char *key, struct span s)
{
    json_out_key(o, key);
    if (s.p == NULL)
        json_out_null(o);
    else
        json_out_str(o, s);
}

void json_put_int(struct json_out *o, const char *key, int64_t n)
{
    json_out_key(o, key);
    json_out_int(o, n);
}

void json_put_bool(struct json_out *o, const char *key, bool b)
{
    json_out_key(o, key);
    json_out_bool(o, b);
}
