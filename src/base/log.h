/* Structured log lines on standard error: a constant message and typed key/value pairs, as logfmt
 * or JSON, with the "<N>" priority prefix that journald reads when standard error leads there.
 * Values may be anything: what would end a line or steer a terminal is escaped, bytes that are no
 * UTF-8 become U+FFFD, long ones are cut. A line is one write(2). Thread-safe after log_setup. Only
 * engine, serve, cmd and lambda log; lower floors return struct fail.
 *
 *     log_info("agent created", LOG_STR("user", login), LOG_INT("calls", n));
 */
#ifndef ROSTER_BASE_LOG_H
#define ROSTER_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_LOGFMT, LOG_JSON };

enum log_kind { LOG_END, LOG_KIND_SPAN, LOG_KIND_INT, LOG_KIND_REAL, LOG_KIND_BOOL };

struct log_pair {
    enum log_kind kind;
    const char *key;
    struct span text;
    int64_t number;
    double real;
};

#define LOG_SPAN(k, v) ((struct log_pair){.kind = LOG_KIND_SPAN, .key = (k), .text = (v)})
#define LOG_STR(k, v) ((struct log_pair){.kind = LOG_KIND_SPAN, .key = (k), .text = span_of(v)})
#define LOG_INT(k, v) ((struct log_pair){.kind = LOG_KIND_INT, .key = (k), .number = (int64_t)(v)})
#define LOG_REAL(k, v) ((struct log_pair){.kind = LOG_KIND_REAL, .key = (k), .real = (v)})
#define LOG_BOOL(k, v) ((struct log_pair){.kind = LOG_KIND_BOOL, .key = (k), .number = (v)})

/* Lines above level are dropped. Default: LOG_INFO, LOG_LOGFMT. */
void log_setup(enum log_level level, enum log_format format);
bool log_level_parse(struct span text, enum log_level *out);

/* pairs ends with a pair of kind LOG_END. A pair whose text has p == NULL is left out. */
void log_write(enum log_level level, const char *message, const struct log_pair *pairs);

/* For a line without pairs (C17 wants at least one variadic argument). */
#define LOG_NOTHING ((struct log_pair){.kind = LOG_KIND_SPAN, .key = ""})

#define LOG_AT(level, message, ...)                                                                \
    log_write((level), (message), (const struct log_pair[]){__VA_ARGS__, {.kind = LOG_END}})
#define log_error(message, ...) LOG_AT(LOG_ERROR, message, __VA_ARGS__)
#define log_warn(message, ...) LOG_AT(LOG_WARN, message, __VA_ARGS__)
#define log_info(message, ...) LOG_AT(LOG_INFO, message, __VA_ARGS__)
#define log_debug(message, ...) LOG_AT(LOG_DEBUG, message, __VA_ARGS__)

#endif
