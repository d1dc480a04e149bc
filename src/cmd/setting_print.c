#include "cmd/setting_print.h"

#include <stdbool.h>
#include <string.h>

#include "cmd/style.h"

enum { LINE_LIMIT = 64 * 1024, KEY_WIDTH = 23 };

void setting_put(FILE *to, const char *key, const char *value)
{
    (void)fprintf(to, "  %-*s  %s\n", KEY_WIDTH, key, value);
}

/* Would the file need double quotes around it? */
static bool needs_quotes(struct span value)
{
    if (value.n == 0 || span_trim(value).n != value.n)
        return true;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] == '\0' || strchr("#;,\"", value.p[i]) != NULL)
            return true;
    return false;
}

static void add_text(struct buf *line, struct span value)
{
    bool is_quoted = needs_quotes(value);
    struct buf text;

    buf_init(&text, LINE_LIMIT);
    for (size_t i = 0; i < value.n; i++) {
        if (is_quoted && (value.p[i] == '"' || value.p[i] == '\\'))
            buf_add_char(&text, '\\');
        buf_add_char(&text, value.p[i]);
    }
    buf_add_str(line, is_quoted ? "\"" : "");
    style_add(line, buf_span(&text));
    buf_add_str(line, is_quoted ? "\"" : "");
    buf_done(&text);
}

static void put_line(FILE *to, const char *key, struct buf *line)
{
    setting_put(to, key, line->p);
    buf_done(line);
}

void setting_put_text(FILE *to, const char *key, struct span value)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    if (value.n == 0)
        buf_add_str(&line, "not set");
    else
        add_text(&line, value);
    put_line(to, key, &line);
}

void setting_put_list(FILE *to, const char *key, const struct span *texts, size_t n)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < n; i++) {
        buf_add_str(&line, i == 0 ? "" : ", ");
        add_text(&line, texts[i]);
    }
    put_line(to, key, &line);
}

void setting_put_duration(FILE *to, const char *key, int64_t ms)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    style_add_setting(&line, ms);
    put_line(to, key, &line);
}

void setting_put_secret(FILE *to, const char *key, const struct secret *secret)
{
    setting_put(to, key, secret_is_set(secret) ? "set (not shown)" : "not set");
}

void setting_put_limits(FILE *to, const char *key, const struct rate_limits *limits)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < limits->n; i++) {
        buf_add_str(&line, i == 0 ? "" : ", ");
        if (limits->of[i].operation.n > 0)
            buf_printf(&line, "%.*s:", SPAN_ARG(limits->of[i].operation));
        buf_printf(&line, "%g", limits->of[i].per_second);
    }
    put_line(to, key, &line);
}

void setting_put_bound(FILE *to, const char *key, const struct guard_bound *bound)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    if (bound->count >= 0)
        buf_printf(&line, "%lld", (long long)bound->count);
    if (bound->percent >= 0)
        buf_printf(&line, "%s%g%%", line.n > 0 ? ", " : "", bound->percent);
    if (line.n == 0)
        buf_add_str(&line, "none");
    put_line(to, key, &line);
}

/* ---- rules ---- */

static void put_tests(FILE *to, const struct rule *rule)
{
    struct buf key;

    buf_init(&key, LINE_LIMIT);
    for (size_t i = 0; i < rule->n_tests; i++) {
        const struct rule_test *test = &rule->tests[i];

        buf_clear(&key);
        if (test->kind == TEST_ATTRIBUTE)
            buf_printf(&key, "USER.%.*s", SPAN_ARG(test->attribute));
        else
            buf_add_str(&key, test->kind == TEST_APP ? "APP" : "GROUP");
        setting_put_list(to, key.p, test->values, test->n);
    }
    buf_done(&key);
}

static void put_channels(FILE *to, const char *key, const struct channel_setting *setting,
                         bool is_switch)
{
    struct buf line;

    if (!setting->is_given)
        return;
    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < (setting->is_per_channel ? CHANNELS : 1); i++) {
        if (setting->of[i] == CHANNEL_UNSET)
            continue;
        buf_add_str(&line, line.n == 0 ? "" : ", ");
        if (setting->is_per_channel)
            buf_printf(&line, "%s:", channel_name((enum channel)i));
        if (is_switch)
            buf_add_str(&line, setting->of[i] != 0 ? "yes" : "no");
        else
            buf_printf(&line, "%llds", (long long)setting->of[i]);
    }
    put_line(to, key, &line);
}

static void put_tags(FILE *to, const struct rule *rule)
{
    struct buf line, one;

    if (rule->n_tags == 0)
        return;
    buf_init(&line, LINE_LIMIT);
    buf_init(&one, LINE_LIMIT);
    for (size_t i = 0; i < rule->n_tags; i++) {
        buf_clear(&one);
        buf_printf(&one, "%.*s=%.*s", SPAN_ARG(rule->tags[i].key), SPAN_ARG(rule->tags[i].value));
        buf_add_str(&line, i == 0 ? "" : ", ");
        add_text(&line, buf_span(&one));
    }
    buf_done(&one);
    put_line(to, "TAGS", &line);
}

static void put_proficiencies(FILE *to, const struct rule *rule)
{
    struct buf line, one;

    if (rule->n_proficiencies == 0)
        return;
    buf_init(&line, LINE_LIMIT);
    buf_init(&one, LINE_LIMIT);
    for (size_t i = 0; i < rule->n_proficiencies; i++) {
        const struct rule_proficiency *p = &rule->proficiencies[i];

        buf_clear(&one);
        buf_printf(&one, "%.*s:%.*s=%g", SPAN_ARG(p->attribute), SPAN_ARG(p->value), p->level);
        buf_add_str(&line, i == 0 ? "" : ", ");
        add_text(&line, buf_span(&one));
    }
    buf_done(&one);
    put_line(to, "PROFICIENCIES", &line);
}

static void put_given(FILE *to, const char *key, struct span value)
{
    if (value.n > 0)
        setting_put_text(to, key, value);
}

static void put_rule(FILE *to, const struct rule *rule)
{
    struct buf name;

    buf_init(&name, LINE_LIMIT);
    style_add(&name, rule->name);
    (void)fprintf(to, "\n[Mapping %s]\n", name.p);
    buf_done(&name);
    put_tests(to, rule);
    if (rule->n_security_profiles > 0)
        setting_put_list(to, "SECURITY_PROFILES", rule->security_profiles,
                         rule->n_security_profiles);
    put_given(to, "ROUTING_PROFILE", rule->routing_profile);
    put_given(to, "HIERARCHY_GROUP", rule->hierarchy_group);
    if (rule->phone_type != PHONE_UNSET)
        setting_put(to, "PHONE_TYPE",
                    rule->phone_type == PHONE_DESK_PHONE ? "DESK_PHONE" : "SOFT_PHONE");
    put_given(to, "DESK_PHONE", rule->desk_phone);
    put_channels(to, "AUTO_ACCEPT", &rule->auto_accept, true);
    put_channels(to, "AFTER_CONTACT_WORK", &rule->after_contact_work, false);
    put_tags(to, rule);
    put_proficiencies(to, rule);
}

void setting_put_rules(FILE *to, const struct settings *s)
{
    for (size_t i = 0; i < s->rules.n; i++)
        if (!s->rules.rules[i].has_ids)
            put_rule(to, &s->rules.rules[i]);
}
