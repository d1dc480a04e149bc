#include "config/mistakes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/utf8.h"

enum { TEXT_SIZE = 6144, SHOWN_CHARACTERS = 60 };

void mistakes_add(struct mistakes *m, unsigned line, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list args;

    if (m->n < MISTAKES_KEPT) {
        va_start(args, format);
        (void)vsnprintf(text, sizeof(text), format, args); /* cut when it is longer */
        va_end(args);
        m->of[m->n] = (struct mistake){line, m->n, mem_dup_str(text)};
    }
    m->n++;
}

static int by_line(const void *a, const void *b)
{
    const struct mistake *x = a, *y = b;

    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

void mistakes_take(struct mistakes *m, struct settings_mistakes *out)
{
    size_t kept = m->n < MISTAKES_KEPT ? m->n : MISTAKES_KEPT;

    *out = (struct settings_mistakes){0};
    if (m->n == 0)
        return;
    qsort(m->of, kept, sizeof(m->of[0]), by_line);
    out->lines = mem_new(kept + 1, sizeof(*out->lines));
    for (size_t i = 0; i < kept; i++)
        out->lines[i] = m->of[i].text;
    out->n = kept;
    if (m->n > kept)
        out->lines[out->n++] = mem_dup_str("and more; these come first");
    m->n = 0;
}

const char *shown(struct span text, char out[SHOWN_SIZE])
{
    bool is_utf8 = utf8_is_valid(text);
    struct span part = is_utf8
                           ? utf8_prefix(text, SHOWN_CHARACTERS)
                           : span_n(text.p, text.n < SHOWN_CHARACTERS ? text.n : SHOWN_CHARACTERS);
    int n = 0;

    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        bool is_fit = c >= 0x20 && c != 0x7f && (c < 0x80 || is_utf8);

        out[n++] = is_fit ? part.p[i] : '?';
    }
    (void)snprintf(out + n, (size_t)(SHOWN_SIZE - n), "%s", part.n < text.n ? "..." : "");
    return out;
}
