#include "text/ini.h"

#include "base/utf8.h"

static const struct span byte_order_mark = {"\xef\xbb\xbf", 3};

void ini_init(struct ini *ini, struct span text)
{
    if (span_starts(text, byte_order_mark))
        text = (struct span){text.p + byte_order_mark.n, text.n - byte_order_mark.n};
    *ini = (struct ini){.rest = text, .section = SPAN("")};
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Passes the quoted part that begins at s.p[*at]; false, with *at at the end, when it is not
 * closed. */
static bool skip_quoted(struct span s, size_t *at)
{
    for (size_t i = *at + 1; i < s.n; i++) {
        if (s.p[i] == '"') {
            *at = i + 1;
            return true;
        }
        if (s.p[i] == '\\' && i + 1 < s.n && (s.p[i + 1] == '"' || s.p[i + 1] == '\\'))
            i++;
    }
    *at = s.n;
    return false;
}

static struct span without_comment(struct span line)
{
    size_t at = 0;

    while (at < line.n) {
        if ((line.p[at] == '#' || line.p[at] == ';') && (at == 0 || is_blank(line.p[at - 1])))
            break;
        if (line.p[at] != '"')
            at++;
        else
            (void)skip_quoted(line, &at); /* ini_value refuses what is not closed */
    }
    return (struct span){line.p, at};
}

static bool is_text(struct span line)
{
    for (size_t i = 0; i < line.n; i++)
        if (((unsigned char)line.p[i] < 0x20 && line.p[i] != '\t') || line.p[i] == 0x7f)
            return false;
    return utf8_is_valid(line);
}

static struct ini_item failed(struct ini_item item, const char *error)
{
    item.kind = INI_ERROR;
    item.error = error;
    return item;
}

static struct ini_item read_section(struct ini *ini, struct ini_item item, struct span line)
{
    struct span name;

    /* Until a readable section, the pairs belong to none: they must not fall to the one before. */
    item.section = ini->section = SPAN("");
    if (line.p[line.n - 1] != ']')
        return failed(item, "a section ends with ']'");
    name = span_trim((struct span){line.p + 1, line.n - 2});
    if (name.n == 0)
        return failed(item, "a section needs a name");
    if (span_find(name, '[') < name.n || span_find(name, ']') < name.n)
        return failed(item, "a section's name has no brackets in it");
    item.kind = INI_SECTION;
    item.section = ini->section = name;
    return item;
}

static struct ini_item read_pair(struct ini_item item, struct span line)
{
    size_t at = span_find(line, '=');

    if (at == line.n)
        return failed(item, "a line is '[section]', 'KEY = value' or a comment");
    item.key = span_trim((struct span){line.p, at});
    if (item.key.n == 0)
        return failed(item, "there is no key before '='");
    item.kind = INI_PAIR;
    item.value = span_trim((struct span){line.p + at + 1, line.n - at - 1});
    return item;
}

struct ini_item ini_next(struct ini *ini)
{
    struct ini_item item = {.kind = INI_END};
    struct span line;

    while (span_split(&ini->rest, '\n', &line)) {
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        item.line = ++ini->line;
        item.section = ini->section;
        if (!is_text(line)) {
            if (span_starts(span_trim(line), SPAN("[")))
                item.section = ini->section = SPAN("");
            return failed(item, "the line is no UTF-8 text or has control characters");
        }
        line = span_trim(without_comment(line));
        if (line.n == 0)
            continue;
        return line.p[0] == '[' ? read_section(ini, item, line) : read_pair(item, line);
    }
    item.line = ini->line;
    item.section = ini->section;
    item.kind = INI_END;
    return item;
}

/* Quotes that stand within a value are a part of it, and only have to come in pairs. */
static bool is_balanced(struct span value)
{
    for (size_t at = 0; at < value.n;) {
        if (value.p[at] != '"')
            at++;
        else if (!skip_quoted(value, &at))
            return false;
    }
    return true;
}

bool ini_value(struct arena *a, struct span value, struct span *out)
{
    struct span inner;
    size_t end = 0;
    char *copy;

    value = span_trim(value);
    if (value.n == 0 || value.p[0] != '"') {
        if (!is_balanced(value))
            return false;
        *out = value;
        return true;
    }
    if (!skip_quoted(value, &end) || end != value.n)
        return false;
    inner = (struct span){value.p + 1, value.n - 2};
    *out = inner;
    if (span_find(inner, '\\') == inner.n)
        return true;
    copy = arena_new(a, inner.n + 1, 1);
    end = 0;
    for (size_t i = 0; i < inner.n; i++) {
        i += inner.p[i] == '\\' && i + 1 < inner.n &&
             (inner.p[i + 1] == '"' || inner.p[i + 1] == '\\');
        copy[end++] = inner.p[i];
    }
    *out = (struct span){copy, end};
    return true;
}

bool ini_list_next(struct arena *a, struct span *rest, struct span *out, bool *is_bad)
{
    struct span element;
    size_t at = 0;

    if (rest->p == NULL)
        return false;
    while (at < rest->n && rest->p[at] != ',') {
        if (rest->p[at] != '"')
            at++;
        else
            (void)skip_quoted(*rest, &at); /* ini_value refuses what is not closed */
    }
    element = span_trim((struct span){rest->p, at});
    *rest =
        at < rest->n ? (struct span){rest->p + at + 1, rest->n - at - 1} : (struct span){NULL, 0};
    if (!ini_value(a, element, out)) {
        *is_bad = true;
        *out = element;
    }
    return true;
}
