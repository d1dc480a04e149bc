/* Cells that hold several tags or proficiencies. */
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "model/bulk_private.h"

/* Facts: https://docs.aws.amazon.com/connect/latest/APIReference/API_TagResource.html and the page
 * of UserProficiency. Lengths in characters. */
enum {
    TAG_KEY_MAX = 128,
    TAG_VALUE_MAX = 256,
    PROFICIENCY_MAX = 100,
    OWN_TAGS = 2, /* that Roster itself gives */
};

bool bulk_next_part(struct span *rest, struct span *part)
{
    while (span_split(rest, '|', part)) {
        *part = span_trim(*part);
        if (part->n > 0)
            return true;
    }
    return false;
}

/* ---- tags ---- */

static bool is_tag_text(struct span text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];

        if (c < 0x80 && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
            !(c >= '0' && c <= '9') && (c == 0 || strchr(" _.:/=+-@", c) == NULL))
            return false;
    }
    return true;
}

static bool begins(struct span key, struct span head)
{
    return key.n >= head.n && span_eq_nocase((struct span){key.p, head.n}, head);
}

/* "key=value"; without a "=", "key:value". */
static void read_tag(struct bulk_reading *r, struct span part, struct tag *tags, size_t *n)
{
    size_t at = span_find(part, '=');
    struct tag tag;

    at = at == part.n ? span_find(part, ':') : at;
    if (at == part.n) {
        bulk_fault(r, BULK_TAGS, "'%s' is no key=value", bulk_shown(r->bulk, part));
        return;
    }
    tag.key = span_trim((struct span){part.p, at});
    tag.value = span_trim((struct span){part.p + at + 1, part.n - at - 1});
    if (tag.key.n == 0 || utf8_length(tag.key) > TAG_KEY_MAX ||
        utf8_length(tag.value) > TAG_VALUE_MAX || !is_tag_text(tag.key) || !is_tag_text(tag.value))
        bulk_fault(r, BULK_TAGS,
                   "'%s': a key has 1 to %d, a value at most %d letters, digits, blanks and _ . : "
                   "/ = + - @",
                   bulk_shown(r->bulk, part), TAG_KEY_MAX, TAG_VALUE_MAX);
    else if (begins(tag.key, SPAN("aws:")) || begins(tag.key, SPAN("roster:")))
        bulk_fault(r, BULK_TAGS, "'%s': keys that begin with aws: and roster: are taken",
                   bulk_shown(r->bulk, tag.key));
    else if (*n == ENTITLEMENT_TAGS - OWN_TAGS)
        bulk_fault(r, BULK_TAGS, "there are more than %d", ENTITLEMENT_TAGS - OWN_TAGS);
    else
        tags[(*n)++] = tag;
}

static int compare_tags(const void *a, const void *b)
{
    return span_cmp(((const struct tag *)a)->key, ((const struct tag *)b)->key);
}

/* No tag has one of these in it, so each may stand between two. */
static bool next_tag(struct span *rest, struct span *part)
{
    while (rest->p != NULL) {
        size_t n = 0;

        while (n < rest->n && rest->p[n] != '\0' && strchr("|;,\r\n", rest->p[n]) == NULL)
            n++;
        *part = span_trim((struct span){rest->p, n});
        *rest =
            n == rest->n ? (struct span){NULL, 0} : (struct span){rest->p + n + 1, rest->n - n - 1};
        if (part->n > 0)
            return true;
    }
    return false;
}

void bulk_read_tags(struct bulk_reading *r)
{
    struct span rest = r->cells[BULK_TAGS], part;
    struct tag *tags;
    size_t n = 0;

    if (rest.n == 0)
        return;
    tags = arena_new(&r->bulk->arena, ENTITLEMENT_TAGS, sizeof(*tags));
    while (next_tag(&rest, &part))
        read_tag(r, part, tags, &n);
    if (n > 1)
        qsort(tags, n, sizeof(*tags), compare_tags);
    for (size_t i = 1; i < n; i++)
        if (span_eq(tags[i].key, tags[i - 1].key))
            bulk_fault(r, BULK_TAGS, "'%s' is there twice", bulk_shown(r->bulk, tags[i].key));
    r->e->tags = tags;
    r->e->n_tags = n;
}

/* ---- proficiencies ---- */

/* "connect:Language:German=4": the instance's own attributes have a colon in their names. */
static bool read_proficiency(struct span part, struct proficiency *out)
{
    const struct span own = SPAN("connect:");
    size_t from = span_starts(part, own) ? own.n : 0, equals = part.n;
    size_t colon = from + span_find((struct span){part.p + from, part.n - from}, ':');
    struct span level;

    for (size_t i = 0; i < part.n; i++)
        equals = part.p[i] == '=' ? i : equals;
    if (colon >= equals || equals == part.n)
        return false;
    level = span_trim((struct span){part.p + equals + 1, part.n - equals - 1});
    out->attribute = span_trim((struct span){part.p, colon});
    out->value = span_trim((struct span){part.p + colon + 1, equals - colon - 1});
    out->level = level.n == 1 ? level.p[0] - '0' : 0;
    return out->attribute.n > 0 && utf8_length(out->attribute) <= PROFICIENCY_MAX &&
           out->value.n > 0 && utf8_length(out->value) <= PROFICIENCY_MAX && out->level >= 1 &&
           out->level <= 5;
}

static int compare_proficiencies(const void *a, const void *b)
{
    const struct proficiency *one = a, *other = b;
    int order = span_cmp(one->attribute, other->attribute);

    return order != 0 ? order : span_cmp(one->value, other->value);
}

void bulk_read_proficiencies(struct bulk_reading *r)
{
    struct span rest = r->cells[BULK_PROFICIENCIES], part;
    struct proficiency *all;
    size_t n = 0;

    if (rest.n == 0)
        return;
    all = arena_new(&r->bulk->arena, ENTITLEMENT_PROFICIENCIES + 1, sizeof(*all));
    while (bulk_next_part(&rest, &part) && n <= ENTITLEMENT_PROFICIENCIES) {
        if (read_proficiency(part, &all[n]))
            n++;
        else
            bulk_fault(r, BULK_PROFICIENCIES,
                       "'%s' is no attribute:value=LEVEL, with a level of 1 "
                       "to 5",
                       bulk_shown(r->bulk, part));
    }
    if (n > ENTITLEMENT_PROFICIENCIES)
        bulk_fault(r, BULK_PROFICIENCIES, "there are more than %d", ENTITLEMENT_PROFICIENCIES);
    if (n > 1)
        qsort(all, n, sizeof(*all), compare_proficiencies);
    for (size_t i = 1; i < n; i++)
        if (compare_proficiencies(&all[i], &all[i - 1]) == 0)
            bulk_fault(r, BULK_PROFICIENCIES, "'%s' is there twice",
                       bulk_shown(r->bulk, all[i].attribute));
    r->e->proficiencies = all;
    r->e->n_proficiencies = n;
}
