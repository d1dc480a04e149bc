/* Instants and durations as text. Pure and thread-safe. */
#ifndef ROSTER_TEXT_TIME_H
#define ROSTER_TEXT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

/* RFC 3339 ("2026-05-04T08:00:01.000Z", 0 to 9 fraction digits, offset Z or +hh:mm; a blank instead
 * of T and a missing offset, read as UTC, are accepted: both occur in exported System Logs).
 * Nanoseconds since 1970; years 1970-2200. False for anything else. */
bool time_parse(struct span text, int64_t *out_ns);
/* Appends "2026-05-04T08:00:01.234Z". */
void time_add_ms(struct buf *out, int64_t ms);
/* Appends AWS's basic form "20260504T080001Z". */
void time_add_basic(struct buf *out, int64_t ms);
/* HTTP-date (RFC 9110 5.6.7), IMF-fixdate form only. */
bool time_parse_http(struct span text, int64_t *out_ms);
/* "3s", "15m", "24h", "7d", also "250ms"; a number without a unit is refused. False unless 0 <=
 * result <= 10 years. */
bool time_parse_duration(struct span text, int64_t *out_ms);
/* Appends "3 s", "4 min 5 s", "2 h 3 min", "5 d": at most two units, for people. */
void time_add_duration(struct buf *out, int64_t ms);

#endif
