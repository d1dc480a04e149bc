#include "base/utf8.h"
#include "config/mistakes.h"
#include "config/rule_values.h"
#include "model/profile.h"
#include "text/ini.h"

/* Lists of tags and proficiencies. */

enum {
    TAG_KEY_LIMIT = 128,               /* characters */
    PROFICIENCY_LIMIT = 100,           /* characters of an attribute's name, and of its value */
    TEMPLATE_LIMIT = 1024,             /* bytes */
    TAGS_LIMIT = ENTITLEMENT_TAGS - 2, /* two are Roster's own */
    LEVEL_MAX = 5,
};

/* One element while it is cut into its parts. */
struct pair {
    struct span name, value, level;
};

static enum err bad_quotes(struct fail *fail)
{
    return fail_set(fail, ERR_INPUT, "its quotes are not closed, or stand in the middle");
}

/* A part may be quoted by itself, too: Team="Claims, Berlin". */
static enum err unquote(struct arena *a, struct span *part, struct fail *fail)
{
    *part = span_trim(*part);
    return ini_value(a, *part, part) ? ERR_NONE : bad_quotes(fail);
}

static bool is_template(struct span text)
{
    return span_find(text, '$') < text.n;
}

/* Into normal form C, at most limit characters long unless it is still to be filled in. */
static enum err keep(struct arena *a, struct span text, size_t limit, struct span *out,
                     struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    enum err err = ERR_NONE;
    struct buf nfc;

    buf_init(&nfc, (size_t)TEMPLATE_LIMIT * 4);
    if (text.n > TEMPLATE_LIMIT || !utf8_add_nfc(&nfc, text) ||
        (!is_template(text) && utf8_length(buf_span(&nfc)) > limit))
        err = fail_set(fail, ERR_INPUT, "'%s' has more than %zu characters", shown(text, buffer),
                       limit);
    else
        *out = arena_span(a, buf_span(&nfc));
    buf_done(&nfc);
    return err;
}

static enum err keep_value(struct arena *a, struct span text, size_t limit, struct span *out,
                           struct fail *fail)
{
    enum err err = template_check(text, false, fail);

    return err != ERR_NONE ? err : keep(a, text, limit, out, fail);
}

/* ---- tags ---- */

/* Letters of any script, digits, blanks and _ . : / = + - @, not beginning with aws:.
 * https://docs.aws.amazon.com/connect/latest/APIReference/API_TagResource.html */
static enum err check_tag_key(struct span key, struct fail *fail)
{
    static const char *const taken[] = {"aws:", "roster:"};
    char buffer[SHOWN_SIZE];

    if (key.n == 0)
        return fail_set(fail, ERR_INPUT, "a tag has no key");
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        struct span head = span_of(taken[i]);

        if (key.n >= head.n && span_eq_nocase(span_n(key.p, head.n), head))
            return fail_set(fail, ERR_INPUT, "'%s': keys that begin with %s are %s own",
                            shown(key, buffer), taken[i], i == 0 ? "AWS's" : "Roster's");
    }
    for (size_t i = 0; i < key.n; i++)
        if ((unsigned char)key.p[i] < 0x80 && !(key.p[i] >= 'a' && key.p[i] <= 'z') &&
            !(key.p[i] >= 'A' && key.p[i] <= 'Z') && !(key.p[i] >= '0' && key.p[i] <= '9') &&
            strchr(" _.:/+-@", key.p[i]) == NULL)
            return fail_set(fail, ERR_INPUT, "'%s' has a character that no tag's key has",
                            shown(key, buffer));
    return ERR_NONE;
}

static enum err read_tag(struct arena *a, struct span element, struct tag *out, struct fail *fail)
{
    size_t at = span_find(element, '=');
    char buffer[SHOWN_SIZE];
    struct pair pair;
    struct tag tag;
    enum err err;

    if (at == element.n)
        return fail_set(fail, ERR_INPUT, "'%s' is no KEY=value", shown(element, buffer));
    pair.name = span_n(element.p, at);
    pair.value = span_n(element.p + at + 1, element.n - at - 1);
    err = unquote(a, &pair.name, fail);
    if (err == ERR_NONE)
        err = check_tag_key(pair.name, fail);
    if (err == ERR_NONE)
        err = unquote(a, &pair.value, fail);
    if (err == ERR_NONE && pair.value.n == 0)
        err = fail_set(fail, ERR_INPUT, "'%s' has no value", shown(pair.name, buffer));
    if (err == ERR_NONE && !is_template(pair.value) && pair.value.n > TAG_VALUE_LIMIT)
        err = fail_set(fail, ERR_INPUT, "the value of '%s' has more than %d bytes",
                       shown(pair.name, buffer), TAG_VALUE_LIMIT);
    if (err == ERR_NONE)
        err = keep(a, pair.name, TAG_KEY_LIMIT, &tag.key, fail);
    if (err == ERR_NONE)
        err = keep_value(a, pair.value, TAG_VALUE_LIMIT, &tag.value, fail);
    if (err == ERR_NONE)
        *out = tag;
    return err;
}

enum err rule_tags(struct arena *a, struct span raw, struct rule *out, struct fail *fail)
{
    struct tag *tags = arena_new(a, TAGS_LIMIT, sizeof(*tags)), tag = {0};
    struct span element;
    bool is_bad = false;
    char buffer[SHOWN_SIZE];
    size_t n = 0;

    while (ini_list_next(a, &raw, &element, &is_bad)) {
        enum err err = is_bad ? bad_quotes(fail) : read_tag(a, element, &tag, fail);

        if (err != ERR_NONE)
            return err;
        for (size_t i = 0; i < n; i++)
            if (span_eq(tags[i].key, tag.key))
                return fail_set(fail, ERR_INPUT, "'%s' is there twice", shown(tag.key, buffer));
        if (n == TAGS_LIMIT)
            return fail_set(fail, ERR_INPUT,
                            "there are more than %d: an agent has at most %d, "
                            "and two are Roster's own",
                            TAGS_LIMIT, ENTITLEMENT_TAGS);
        tags[n++] = tag;
    }
    out->tags = tags;
    out->n_tags = n;
    return ERR_NONE;
}

/* ---- proficiencies ---- */

/* The instance's own attributes have a colon in their names: connect:Language, connect:Subtype. */
static size_t attribute_end(struct span text)
{
    static const struct span own = {"connect:", 8};
    size_t from = span_starts(text, own) ? own.n : 0;

    return from + span_find(span_n(text.p + from, text.n - from), ':');
}

static size_t last_equals(struct span text)
{
    size_t at = text.n;

    while (at > 0 && text.p[at - 1] != '=')
        at--;
    return at == 0 ? text.n : at - 1;
}

static enum err read_proficiency(struct arena *a, struct span element, struct rule_proficiency *out,
                                 struct fail *fail)
{
    size_t colon = attribute_end(element), equals = last_equals(element);
    char buffer[SHOWN_SIZE];
    struct rule_proficiency found;
    struct pair pair;
    enum err err;

    if (colon == element.n || equals == element.n || equals < colon)
        return fail_set(fail, ERR_INPUT, "'%s' is no ATTRIBUTE:value=LEVEL",
                        shown(element, buffer));
    pair.name = span_n(element.p, colon);
    pair.value = span_n(element.p + colon + 1, equals - colon - 1);
    pair.level = span_trim(span_n(element.p + equals + 1, element.n - equals - 1));
    err = unquote(a, &pair.name, fail);
    if (err == ERR_NONE)
        err = unquote(a, &pair.value, fail);
    if (err == ERR_NONE && (pair.name.n == 0 || pair.value.n == 0))
        err = fail_set(fail, ERR_INPUT, "'%s' has no %s", shown(element, buffer),
                       pair.name.n == 0 ? "attribute" : "value");
    /* https://docs.aws.amazon.com/connect/latest/APIReference/API_UserProficiency.html */
    if (err == ERR_NONE &&
        (pair.level.n != 1 || pair.level.p[0] < '1' || pair.level.p[0] > '0' + LEVEL_MAX))
        err = fail_set(fail, ERR_INPUT, "'%s' is no level: 1, 2, 3, 4 or 5",
                       shown(pair.level, buffer));
    if (err == ERR_NONE)
        err = keep(a, pair.name, PROFICIENCY_LIMIT, &found.attribute, fail);
    if (err == ERR_NONE)
        err = keep_value(a, pair.value, PROFICIENCY_LIMIT, &found.value, fail);
    if (err == ERR_NONE) {
        found.level = pair.level.p[0] - '0';
        *out = found;
    }
    return err;
}

enum err rule_proficiencies(struct arena *a, struct span raw, struct rule *out, struct fail *fail)
{
    struct rule_proficiency *all = arena_new(a, ENTITLEMENT_PROFICIENCIES, sizeof(*all));
    struct rule_proficiency one = {0};
    struct span element;
    bool is_bad = false;
    char buffer[SHOWN_SIZE];
    size_t n = 0;

    while (ini_list_next(a, &raw, &element, &is_bad)) {
        enum err err = is_bad ? bad_quotes(fail) : read_proficiency(a, element, &one, fail);

        if (err != ERR_NONE)
            return err;
        for (size_t i = 0; i < n; i++)
            if (span_eq(all[i].attribute, one.attribute) && span_eq(all[i].value, one.value))
                return fail_set(fail, ERR_INPUT, "'%s' is there twice", shown(element, buffer));
        if (n == ENTITLEMENT_PROFICIENCIES)
            return fail_set(fail, ERR_INPUT, "there are more than %d", ENTITLEMENT_PROFICIENCIES);
        all[n++] = one;
    }
    out->proficiencies = all;
    out->n_proficiencies = n;
    return ERR_NONE;
}
