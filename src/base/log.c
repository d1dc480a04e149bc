#include "base/log.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/utf8.h"

/* A value is cut at VALUE_LIMIT bytes, and a pair that would pass LINE_LIMIT is left out. */
enum { LINE_LIMIT = 16 * 1024, VALUE_LIMIT = 2048 };

static enum log_level threshold = LOG_INFO;
static enum log_format line_format = LOG_LOGFMT;
static bool has_priority;

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const int priorities[] = {3, 4, 6, 7}; /* syslog(3) */

/* The variable is inherited, standard error may be another by now: systemd.exec(5) says to compare
 * "device:inode". */
static bool is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat info;
    char own[48];

    if (stream == NULL || fstat(STDERR_FILENO, &info) != 0)
        return false;
    (void)snprintf(own, sizeof(own), "%ju:%ju", (uintmax_t)info.st_dev, (uintmax_t)info.st_ino);
    return strcmp(stream, own) == 0;
}

void log_setup(enum log_level level, enum log_format format)
{
    threshold = level;
    line_format = format;
    has_priority = is_journal();
}

bool log_level_parse(struct span text, enum log_level *out)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++)
        if (span_eq_nocase(text, span_of(level_names[i]))) {
            *out = (enum log_level)i;
            return true;
        }
    return false;
}

static bool needs_quotes(struct span s)
{
    if (s.n == 0)
        return true;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f)
            return true;
    }
    return false;
}

/* What ends a line or steers a terminal: controls, line separators, bidirectional controls. */
static bool is_control(int32_t point)
{
    return point < ' ' || (point >= 0x7f && point < 0xa0) || point == 0x2028 || point == 0x2029 ||
           (point >= 0x202a && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* JSON's escapes serve logfmt as well. Collectors refuse whole lines for one byte that is no
 * UTF-8. */
static void add_escaped(struct buf *line, struct span s)
{
    int32_t point = 0;

    for (size_t at = 0, n; at < s.n; at += n) {
        n = utf8_point((struct span){s.p + at, s.n - at}, &point);
        if (n == 0) {
            buf_add_str(line, "\xef\xbf\xbd"); /* U+FFFD */
            n = 1;
        } else if (point == '"' || point == '\\') {
            buf_add_char(line, '\\');
            buf_add_char(line, (char)point);
        } else if (point == '\n') {
            buf_add_str(line, "\\n");
        } else if (is_control(point)) {
            buf_printf(line, "\\u%04" PRIx32, (uint32_t)point);
        } else {
            buf_add(line, (struct span){s.p + at, n});
        }
    }
}

static void add_quoted(struct buf *line, struct span s)
{
    size_t n = s.n;

    if (n > VALUE_LIMIT)
        for (n = VALUE_LIMIT; n > VALUE_LIMIT - 4 && ((unsigned char)s.p[n] & 0xc0) == 0x80;)
            n--;
    buf_add_char(line, '"');
    add_escaped(line, (struct span){s.p, n});
    if (n < s.n)
        buf_add_str(line, "\xe2\x80\xa6"); /* … */
    buf_add_char(line, '"');
}

static void add_key(struct buf *line, const char *key)
{
    buf_add_str(line, line_format == LOG_JSON ? ",\"" : " ");
    buf_add_str(line, key);
    buf_add_str(line, line_format == LOG_JSON ? "\":" : "=");
}

static void add_text(struct buf *line, const char *key, struct span value)
{
    add_key(line, key);
    if (line_format == LOG_JSON || value.n > VALUE_LIMIT || needs_quotes(value))
        add_quoted(line, value);
    else
        buf_add(line, value);
}

static void add_time(struct buf *line)
{
    int64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / MS_PER_S);
    char text[24];
    struct tm tm;

    (void)gmtime_r(&seconds, &tm);
    (void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    buf_printf(line, line_format == LOG_JSON ? "{\"time\":\"%s.%03dZ\"" : "time=%s.%03dZ", text,
               (int)(now % MS_PER_S));
}

static void add_pair(struct buf *line, const struct log_pair *pair)
{
    switch (pair->kind) {
    case LOG_KIND_SPAN:
        if (pair->text.p != NULL)
            add_text(line, pair->key, pair->text);
        break;
    case LOG_KIND_INT:
        add_key(line, pair->key);
        buf_printf(line, "%" PRId64, pair->number);
        break;
    case LOG_KIND_REAL:
        add_key(line, pair->key);
        if (isfinite(pair->real))
            buf_printf(line, "%.3f", pair->real);
        else
            buf_add_str(line, "null"); /* JSON has no other word for it */
        break;
    case LOG_KIND_BOOL:
        add_key(line, pair->key);
        buf_add_str(line, pair->number != 0 ? "true" : "false");
        break;
    case LOG_END:
        break;
    }
}

void log_write(enum log_level level, const char *message, const struct log_pair *pairs)
{
    struct buf line;
    size_t whole;

    if (level > threshold)
        return;
    buf_init(&line, LINE_LIMIT);
    if (has_priority)
        buf_printf(&line, "<%d>", priorities[level]);
    add_time(&line);
    add_text(&line, "level", span_of(level_names[level]));
    add_text(&line, "msg", span_of(message));
    for (; pairs->kind != LOG_END; pairs++) {
        whole = line.n;
        add_pair(&line, pairs);
        if (line.full || line.n > LINE_LIMIT - 2)
            buf_cut(&line, whole);
    }
    buf_add_str(&line, line_format == LOG_JSON ? "}\n" : "\n");
    (void)!write(STDERR_FILENO, line.p, line.n); /* nowhere to tell it */
    buf_done(&line);
}
