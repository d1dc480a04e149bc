/* How json_scan.c and json_walk.c get over bytes: runs of string bytes and of blanks eight at a
 * time, in a machine word. For these two files only; pure and thread-safe. */
#ifndef ROSTER_TEXT_JSON_BYTES_H
#define ROSTER_TEXT_JSON_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "text/json.h"

/* Where containers of at least MARK_LEAST bytes begin and end, in the order of their beginnings. */
enum { MARK_LEAST = 128 };
struct json_mark {
    const char *begin, *behind;
};
struct json_marks {
    struct json_mark *p;
    size_t n, room;
};

#define EVERY_BYTE(byte) (0x0101010101010101ULL * (byte))

/* The high bit of each byte of word that is below limit (at most 0x80). Above the lowest such byte,
 * others may be set wrongly by the borrow: only the lowest counts. */
static inline uint64_t bytes_below(uint64_t word, unsigned char limit)
{
    return (word - EVERY_BYTE(limit)) & ~word & EVERY_BYTE(0x80);
}

static inline uint64_t bytes_equal(uint64_t word, unsigned char byte)
{
    return bytes_below(word ^ EVERY_BYTE(byte), 1);
}

static inline uint64_t word_at(const char *p)
{
    uint64_t word;

    memcpy(&word, p, sizeof(word));
    return le64toh(word);
}

static inline size_t first_of(uint64_t found)
{
    return (size_t)__builtin_ctzll(found) / 8;
}

static inline bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* The first byte in p … end that is not simply a part of a string. */
static inline const char *skip_plain(const char *p, const char *end)
{
    while (end - p >= 8) {
        uint64_t word = word_at(p);
        uint64_t found = bytes_below(word, 0x20) | bytes_equal(word, '"') | bytes_equal(word, '\\');

        if (found != 0)
            return p + first_of(found);
        p += 8;
    }
    while (p < end && is_plain(*p))
        p++;
    return p;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p)) {
        p++;
        while (end - p >= 8 && word_at(p) == EVERY_BYTE(' '))
            p += 8;
    }
    return p;
}

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* The kind of valid value that begins with c. */
static inline enum json_kind kind_of(char c)
{
    switch (c) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

#endif
