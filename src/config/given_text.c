#include "config/given.h"

#include "text/ini.h"

/* Reading the text of a config.ini. No message shows a value, nor a line that is no pair: it may be
 * the rest of a secret. */

struct reader {
    struct givens *g;
    struct ini ini;
    struct span text;
    bool is_skipping;        /* the section is unknown, and was told so */
    struct given_rule *rule; /* the section is a rule */
};

/* The line that ini_next read last. */
static struct span last_line(const struct reader *r)
{
    const char *start = r->text.p;
    const char *end = r->ini.rest.p == NULL ? start + r->text.n : r->ini.rest.p - 1;
    const char *at = end;

    while (at > start && at[-1] != '\n')
        at--;
    return span_trim(span_n(at, (size_t)(end - at)));
}

static struct span first_word(struct span line)
{
    size_t n = 0;

    while (n < line.n && line.p[n] != ' ' && line.p[n] != '\t' && line.p[n] != ':')
        n++;
    return span_n(line.p, n);
}

static void refuse_line(struct reader *r, const struct ini_item *item)
{
    struct span line = last_line(r), word = first_word(line);
    char buffer[SHOWN_SIZE], word_buffer[SHOWN_SIZE];

    if (span_starts(line, SPAN("["))) {
        r->is_skipping = r->g->has_lost_rule = true;
        r->rule = NULL;
        mistakes_add(r->g->mistakes, item->line, "%s:%u: '%s': %s", r->g->origin, item->line,
                     shown(line, buffer), item->error);
        return;
    }
    if (r->rule != NULL)
        r->rule->is_damaged = true;
    if (key_home(word) != NULL || (r->rule != NULL && rule_key_find(word).key != NULL)) {
        if (r->rule == NULL)
            givens_lose(r->g, word);
        mistakes_add(r->g->mistakes, item->line, "%s:%u: [%s] %s: %s", r->g->origin, item->line,
                     shown(item->section, buffer), shown(word, word_buffer), item->error);
    } else {
        mistakes_add(r->g->mistakes, item->line, "%s:%u: %s", r->g->origin, item->line,
                     item->error);
    }
}

static void refuse_section(struct reader *r, const struct ini_item *item)
{
    const char *closest = key_closest_section(item->section);
    char buffer[SHOWN_SIZE], name_buffer[SHOWN_SIZE];
    struct span name;

    if (rule_section_is_close(item->section, &name)) {
        r->g->has_lost_rule = true;
        mistakes_add(r->g->mistakes, item->line,
                     "%s:%u: [%s]: there is no such section; did you mean [Mapping %s]?",
                     r->g->origin, item->line, shown(item->section, buffer),
                     shown(name, name_buffer));
    } else if (closest != NULL) {
        mistakes_add(r->g->mistakes, item->line,
                     "%s:%u: [%s]: there is no such section; did you mean [%s]?", r->g->origin,
                     item->line, shown(item->section, buffer), closest);
    } else {
        mistakes_add(r->g->mistakes, item->line,
                     "%s:%u: [%s]: there is no such section; use [Roster], [OKTA], [Connect], "
                     "[Server], [Store], [Alert], [Queue] or [Mapping NAME]",
                     r->g->origin, item->line, shown(item->section, buffer));
    }
}

static void enter_section(struct reader *r, const struct ini_item *item)
{
    struct span name;

    r->rule = NULL;
    r->is_skipping = false;
    if (key_section(item->section) != NULL)
        return;
    if (rule_section(item->section, &name))
        r->rule = givens_take_rule(r->g, item->section, name, item->line);
    else
        refuse_section(r, item);
    r->is_skipping = r->rule == NULL;
}

static void refuse_key(struct reader *r, const struct ini_item *item, const char *place)
{
    const char *closest = key_closest(item->section, item->key);
    const char *section = key_home(item->key);
    const char *names = key_names(item->section, &r->g->arena);

    if (item->section.n == 0)
        mistakes_add(r->g->mistakes, item->line,
                     "%s: it stands before any section; put it below [%s]", place,
                     section == NULL ? "its section" : section);
    else if (section != NULL)
        mistakes_add(r->g->mistakes, item->line, "%s: this key belongs to [%s]", place, section);
    else if (closest == NULL && rule_key_find(item->key).key != NULL)
        mistakes_add(r->g->mistakes, item->line, "%s: this key belongs to a [Mapping NAME] section",
                     place);
    else if (closest != NULL)
        mistakes_add(r->g->mistakes, item->line, "%s: there is no such key; did you mean %s?",
                     place, closest);
    else
        mistakes_add(r->g->mistakes, item->line, "%s: there is no such key%s%s", place,
                     names[0] == '\0' ? "" : "; use one of ", names);
    givens_lose(r->g, item->key);
}

/* On Lambda an ARN stands for what is behind it, and is no secret. */
static void note_secret(struct givens *g, struct key_use use, const struct given *given)
{
    if (g->secret_place != NULL || !key_is_secret(use.key) || use.is_file || given->value.n == 0 ||
        span_starts(given->value, SPAN("arn:")))
        return;
    g->secret_place = given->place;
    g->secret_line = given->line;
}

static void take_pair(struct reader *r, const struct ini_item *item)
{
    struct key_use use = key_find(item->section, item->key);
    char a[SHOWN_SIZE], b[SHOWN_SIZE];
    const char *place;
    struct given given;

    if (r->is_skipping) {
        givens_lose(r->g, item->key);
        return;
    }
    place =
        item->section.n == 0
            ? arena_printf(&r->g->arena, "%s:%u: %s", r->g->origin, item->line, shown(item->key, b))
            : arena_printf(&r->g->arena, "%s:%u: [%s] %s", r->g->origin, item->line,
                           shown(item->section, a), shown(item->key, b));
    given = (struct given){
        .from = GIVEN_TEXT, .line = item->line, .value = item->value, .place = place};
    if (r->rule != NULL) {
        given_rule_take(r->g, r->rule, item->key, given);
    } else if (use.key == NULL) {
        refuse_key(r, item, place);
    } else {
        note_secret(r->g, use, &given);
        givens_take(r->g, use, given);
    }
}

void givens_take_text(struct givens *g, struct span text)
{
    struct reader r = {.g = g};
    struct ini_item item;

    ini_init(&r.ini, text);
    r.text = r.ini.rest;
    while ((item = ini_next(&r.ini)).kind != INI_END) {
        if (g->mistakes->n > MISTAKES_KEPT) { /* it is no config.ini */
            g->is_text_lost = true;
            return;
        }
        if (item.kind == INI_ERROR)
            refuse_line(&r, &item);
        else if (item.kind == INI_SECTION)
            enter_section(&r, &item);
        else
            take_pair(&r, &item);
    }
}
