#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void set_text(struct fail *fail, enum err err,
                                                           const char *format, va_list args)
{
    char text[FAIL_TEXT];

    /* Through a copy: an argument may point into fail itself. */
    (void)vsnprintf(text, sizeof(text), format, args);
    *fail = (struct fail){.err = err};
    memcpy(fail->text, text, sizeof(text));
}

enum err fail_set(struct fail *fail, enum err err, const char *format, ...)
{
    va_list args;

    if (fail == NULL)
        return err;
    va_start(args, format);
    set_text(fail, err, format, args);
    va_end(args);
    return err;
}

enum err fail_errno(struct fail *fail, enum err err, int error_number, const char *format, ...)
{
    va_list args;
    size_t n;

    if (fail == NULL)
        return err;
    va_start(args, format);
    set_text(fail, err, format, args);
    va_end(args);
    n = strlen(fail->text);
    (void)snprintf(fail->text + n, sizeof(fail->text) - n, ": %s", strerror(error_number));
    return err;
}

enum err fail_within(struct fail *fail, enum err err, const char *format, ...)
{
    char text[FAIL_TEXT];
    va_list args;
    size_t n;

    if (fail == NULL)
        return err;
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    n = strlen(text);
    (void)snprintf(text + n, sizeof(text) - n, ": %s", fail->text);
    memcpy(fail->text, text, sizeof(text));
    return err;
}

const char *err_name(enum err err)
{
    static const char *const names[] = {"none",   "input", "not_found", "conflict",
                                        "denied", "busy",  "io",        "unclear"};

    return (size_t)err < sizeof(names) / sizeof(names[0]) ? names[err] : "unknown";
}
