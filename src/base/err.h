/* How things fail. A code stands for a reaction, not for a cause; the cause is the text in struct
 * fail. Functions return enum err, take struct fail last, and leave their results untouched when
 * they fail. */
#ifndef ROSTER_BASE_ERR_H
#define ROSTER_BASE_ERR_H

#include <stddef.h>

enum err {
    ERR_NONE = 0,
    ERR_INPUT,     /* the data given breaks a rule: never retried */
    ERR_NOT_FOUND, /* what was asked for does not exist */
    ERR_CONFLICT,  /* it exists already, or somebody else changed it */
    ERR_DENIED,    /* credentials or permissions: a person has to act; concerns everybody */
    ERR_BUSY,      /* throttled, locked or full: again after fail.retry_ms */
    ERR_IO,        /* network or disk: again with backoff; nothing is known to have happened */
    ERR_UNCLEAR,   /* a request was sent and its outcome is not known: look before doing it again */
};

enum { FAIL_TEXT = 480, FAIL_CODE = 64, FAIL_REQUEST_ID = 80 };

struct fail {
    enum err err;
    int status;           /* HTTP status, 0 when there was none */
    long retry_ms;        /* with ERR_BUSY: wait at least that long; 0 = not said */
    char code[FAIL_CODE]; /* the service's own, "DuplicateResourceException"; "" = none */
    char request_id[FAIL_REQUEST_ID]; /* the service's request id, "" = none */
    char text[FAIL_TEXT]; /* one line: what was tried, on what, and what to do; cut when too long */
};

/* Sets err and text, clears the rest, and returns err. fail may be NULL when the caller wants no
 * text. */
enum err fail_set(struct fail *fail, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Like fail_set with the text of errno appended: "open /x: No such file or directory". */
enum err fail_errno(struct fail *fail, enum err err, int error_number, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* Puts "what: " before the text that is there, keeping everything else. Returns fail->err (or err
 * when fail is NULL). */
enum err fail_within(struct fail *fail, enum err err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A word for the code, for logs: "input", "not_found", ... */
const char *err_name(enum err err);

#define WARN_UNUSED __attribute__((warn_unused_result))

#endif
