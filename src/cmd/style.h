/* How things are shown to people: colour and width of where they are written, and texts from
 * outside made fit to be shown. */
#ifndef ROSTER_CMD_STYLE_H
#define ROSTER_CMD_STYLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/span.h"
#include "model/person.h"

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_FAINT, COLOUR_GOOD, COLOUR_BUSY, COLOUR_BAD };

struct style {
    bool has_colour; /* on a terminal, unless NO_COLOR is set (https://no-color.org) */
    size_t width;    /* columns of the terminal; 0 = unlimited */
};

struct style style_of(FILE *to, const char *const *environment);
/* Escape sequences, or "" without colour. */
const char *style_begin(const struct style *style, enum colour colour);
const char *style_end(const struct style *style, enum colour colour);
enum colour style_of_state(enum person_state state);

/* Appends text on one line: what could act on a terminal or hide something (control and
 * bidirectional characters, line separators, bytes that are no UTF-8) becomes U+FFFD. */
void style_add(struct buf *out, struct span text);
/* Appends "2026-05-04T08:00:01.234Z", "-" for 0. */
void style_add_time(struct buf *out, int64_t ms);
/* Appends "2026-05-04T08:00:01.234Z (4 s ago)", "-" for 0. */
void style_add_ago(struct buf *out, int64_t ms, int64_t now_ms);
/* Appends a duration as the configuration writes it: "90s", "24h". */
void style_add_setting(struct buf *out, int64_t ms);

#endif
