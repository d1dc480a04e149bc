#include "aws/split_words.h"

#include <stdbool.h>

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct splitter {
    struct span text;
    size_t at;
    char *to; /* has room for all of text with a NUL behind each word */
};

/* Copies the quoted part that begins at text.p[at]. */
static bool take_quoted(struct splitter *s)
{
    char quote = s->text.p[s->at++];

    for (; s->at < s->text.n; s->at++) {
        char c = s->text.p[s->at];

        if (c == quote) {
            s->at++;
            return true;
        }
        if (c == '\\' && quote == '"' && s->at + 1 < s->text.n &&
            (s->text.p[s->at + 1] == '"' || s->text.p[s->at + 1] == '\\'))
            c = s->text.p[++s->at];
        *s->to++ = c;
    }
    return false;
}

static bool take_word(struct splitter *s)
{
    while (s->at < s->text.n && !is_blank(s->text.p[s->at])) {
        char c = s->text.p[s->at];

        if (c == '\'' || c == '"') {
            if (!take_quoted(s))
                return false;
            continue;
        }
        if (c == '\\') {
            if (s->at + 1 == s->text.n)
                return false;
            c = s->text.p[++s->at];
        }
        *s->to++ = c;
        s->at++;
    }
    *s->to++ = '\0';
    return true;
}

char **split_words(struct arena *a, struct span text)
{
    char **words = arena_new(a, text.n / 2 + 2, sizeof(*words));
    struct splitter s = {.text = text, .to = arena_new(a, text.n + 1, 1)};
    size_t n = 0;

    for (;;) {
        while (s.at < text.n && is_blank(text.p[s.at]))
            s.at++;
        if (s.at == text.n)
            return words;
        words[n++] = s.to;
        if (!take_word(&s))
            return NULL;
    }
}
