#include "cmd/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "text/json.h"

enum { TEXT_LIMIT = 8 * 1024, WHAT_WIDTH = 13 };

static const struct {
    const char *word, *json;
    enum colour colour;
} verdicts[] = {[DOCTOR_GOOD] = {"ok", "ok", COLOUR_GOOD},
                [DOCTOR_NOTE] = {"note", "note", COLOUR_BUSY},
                [DOCTOR_WRONG] = {"WRONG", "wrong", COLOUR_BAD}};

static void print_json(const struct doctor *d, enum doctor_verdict verdict, const char *what,
                       struct span text)
{
    struct json_out out;
    struct buf line;

    buf_init(&line, 4 * TEXT_LIMIT);
    out = json_out(&line);
    json_out_begin(&out, '{');
    json_put_str(&out, "check", span_of(what));
    json_put_str(&out, "verdict", span_of(verdicts[verdict].json));
    json_put_str(&out, "text", text);
    json_out_end(&out, '}');
    (void)fprintf(d->to, "%s\n", line.p);
    buf_done(&line);
}

void doctor_tell(struct doctor *d, enum doctor_verdict verdict, const char *what,
                 const char *format, ...)
{
    struct buf text, shown;
    va_list args;

    buf_init(&text, TEXT_LIMIT);
    buf_init(&shown, 4 * TEXT_LIMIT);
    va_start(args, format);
    buf_vprintf(&text, format, args);
    va_end(args);
    d->n_wrong += verdict == DOCTOR_WRONG;
    style_add(&shown, buf_span(&text));
    if (d->is_json)
        print_json(d, verdict, what, buf_span(&text));
    else
        (void)fprintf(d->to, "%s%-5s%s  %-*s  %s\n",
                      style_begin(&d->style, verdicts[verdict].colour), verdicts[verdict].word,
                      style_end(&d->style, verdicts[verdict].colour), WHAT_WIDTH, what, shown.p);
    (void)fflush(d->to); /* some checks take a while: each is told at once */
    buf_done(&text);
    buf_done(&shown);
}

enum doctor_right doctor_right_of(enum err err, const char *code)
{
    switch (err) {
    case ERR_NONE:
    case ERR_INPUT:
    case ERR_NOT_FOUND:
    case ERR_CONFLICT:
        return RIGHT_GIVEN;
    case ERR_DENIED:
        /* A full instance denies nobody the right. */
        return strcmp(code, "LimitExceededException") == 0 ||
                       strcmp(code, "ServiceQuotaExceededException") == 0
                   ? RIGHT_GIVEN
                   : RIGHT_DENIED;
    case ERR_BUSY:
    case ERR_IO:
    case ERR_UNCLEAR:
        break;
    }
    return RIGHT_UNKNOWN;
}
