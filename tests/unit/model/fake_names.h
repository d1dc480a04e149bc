/* A view of names made of rows, for tests. */
#ifndef ROSTER_TESTS_MODEL_FAKE_NAMES_H
#define ROSTER_TESTS_MODEL_FAKE_NAMES_H

#include "base/utf8.h"
#include "model/names.h"

struct fake_row {
    enum name_kind kind;
    const char *name, *id;
};

struct fake_names {
    struct names names; /* first: a fake is its names */
    const struct fake_row *rows;
    size_t n;
    bool knows_okta; /* what is not among the rows is no name of an application or group, either */
};

static inline enum name_answer fake_find(const struct names *names, enum name_kind kind,
                                         struct span ref, struct span *id)
{
    const struct fake_names *fake = (const struct fake_names *)names;
    bool is_okta = kind == NAME_OKTA_APP || kind == NAME_OKTA_GROUP;
    enum name_answer answer = is_okta && !fake->knows_okta ? NAME_NOT_READ : NAME_UNKNOWN;

    if (name_is_id(kind, ref, id))
        return NAME_KNOWN;
    for (size_t i = 0; i < fake->n; i++) {
        if (fake->rows[i].kind != kind || !utf8_eq_nfc(span_of(fake->rows[i].name), ref))
            continue;
        if (answer == NAME_KNOWN)
            return NAME_AMBIGUOUS;
        *id = span_of(fake->rows[i].id);
        answer = NAME_KNOWN;
    }
    return answer;
}

static inline struct span fake_name_of(const struct names *names, enum name_kind kind,
                                       struct span id)
{
    const struct fake_names *fake = (const struct fake_names *)names;

    for (size_t i = 0; i < fake->n; i++)
        if (fake->rows[i].kind == kind && span_eq(span_of(fake->rows[i].id), id))
            return span_of(fake->rows[i].name);
    return (struct span){NULL, 0};
}

static inline const char *fake_closest(const struct names *names, enum name_kind kind,
                                       struct span ref, struct arena *a)
{
    (void)names;
    (void)kind;
    (void)a;
    return ref.n > 0 && ref.p[0] == 'A' ? "'Agent'" : "";
}

static inline struct fake_names fake_names(const struct fake_row *rows, size_t n)
{
    return (struct fake_names){
        .names = {fake_find, fake_name_of, fake_closest}, .rows = rows, .n = n};
}

#endif
