#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"

enum { LINE_LIMIT = 16 * 1024 };

static enum log_level threshold = LOG_INFO;
static enum log_format line_format = LOG_LOGFMT;
static bool has_priority;

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const int priorities[] = {3, 4, 6, 7}; /* syslog(3) */

void log_setup(enum log_level level, enum log_format format)
{
    threshold = level;
    line_format = format;
    has_priority = getenv("JOURNAL_STREAM") != NULL;
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

        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f)
            return true;
    }
    return false;
}

/* JSON's escapes serve logfmt as well; other bytes, valid UTF-8 or not, pass (a terminal or
 * collector copes). */
static void add_quoted(struct buf *line, struct span s)
{
    buf_add_char(line, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];

        if (c == '"' || c == '\\') {
            buf_add_char(line, '\\');
            buf_add_char(line, (char)c);
        } else if (c == '\n') {
            buf_add_str(line, "\\n");
        } else if (c < ' ' || c == 0x7f) {
            buf_printf(line, "\\u%04x", c);
        } else {
            buf_add_char(line, (char)c);
        }
    }
    buf_add_char(line, '"');
}

static void add_key(struct buf *line, const char *key)
{
    if (line_format == LOG_JSON) {
        buf_add_str(line, line->p[line->n - 1] == '{' ? "\"" : ",\"");
        buf_add_str(line, key);
        buf_add_str(line, "\":");
        return;
    }
    if (line->n > 0 && line->p[line->n - 1] != '>')
        buf_add_char(line, ' ');
    buf_add_str(line, key);
    buf_add_char(line, '=');
}

static void add_text(struct buf *line, const char *key, struct span value)
{
    add_key(line, key);
    if (line_format == LOG_JSON || needs_quotes(value))
        add_quoted(line, value);
    else
        buf_add(line, value);
}

static void add_time(struct buf *line)
{
    int64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / MS_PER_S);
    char text[40], whole[24];
    struct tm tm;

    (void)gmtime_r(&seconds, &tm);
    (void)strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(text, sizeof(text), "%s.%03dZ", whole, (int)(now % MS_PER_S));
    add_text(line, "time", span_of(text));
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
        buf_printf(line, "%.3f", pair->real);
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

    if (level > threshold)
        return;
    buf_init(&line, LINE_LIMIT);
    if (has_priority)
        buf_printf(&line, "<%d>", priorities[level]);
    if (line_format == LOG_JSON)
        buf_add_char(&line, '{');
    add_time(&line);
    add_text(&line, "level", span_of(level_names[level]));
    add_text(&line, "msg", span_of(message));
    for (; pairs->kind != LOG_END; pairs++)
        add_pair(&line, pairs);
    buf_add_str(&line, line_format == LOG_JSON ? "}\n" : "\n");
    (void)!write(STDERR_FILENO, line.p, line.n); /* nowhere to tell it */
    buf_done(&line);
}
