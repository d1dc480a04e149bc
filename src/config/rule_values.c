#include "config/rule_values.h"

#include "base/utf8.h"
#include "config/mistakes.h"
#include "config/values.h"
#include "model/profile.h"
#include "text/arn.h"
#include "text/ini.h"

/* Names, paths, numbers and channels; lists of pairs stand in rule_pairs.c. */

enum { PATH_LEVELS = 5 }; /* of the agent hierarchy */

/* ---- names, ids, ARNs ---- */

/* https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonconnect.html */
static const char *arn_word(enum name_kind kind)
{
    return kind == NAME_SECURITY_PROFILE  ? "security-profile"
           : kind == NAME_ROUTING_PROFILE ? "routing-profile"
                                          : "agent-group";
}

static enum err check_arn(enum name_kind kind, struct span instance, struct span text,
                          struct fail *fail)
{
    struct span rest, part[4] = {{0}};
    char buffer[SHOWN_SIZE];
    struct arn arn;
    size_t n = 0;

    if (arn_parse(text, &arn, fail) != ERR_NONE)
        return ERR_INPUT;
    rest = arn.resource;
    while (n < 4 && span_split(&rest, '/', &part[n]))
        n++;
    if (!span_eq(arn.service, SPAN("connect")) || n != 4 || rest.p != NULL ||
        !span_eq(part[0], SPAN("instance")) || !span_eq(part[2], span_of(arn_word(kind))) ||
        value_id(part[3], NULL) != ERR_NONE)
        return fail_set(fail, ERR_INPUT, "'%s' is no ARN of a %s", shown(text, buffer),
                        name_kind_word(kind));
    if (instance.n > 0 && !span_eq(part[1], instance))
        return fail_set(fail, ERR_INPUT, "'%s' belongs to another instance", shown(text, buffer));
    return ERR_NONE;
}

enum err rule_reference(struct arena *a, enum name_kind kind, struct span instance,
                        struct span text, struct span *out, struct fail *fail)
{
    enum err err = ERR_NONE;

    if (span_starts(text, SPAN("arn:")))
        err = check_arn(kind, instance, text, fail);
    return err != ERR_NONE ? err : value_name(a, text, out, fail);
}

static enum err check_path(struct span path, struct fail *fail)
{
    struct span rest = path, part;
    char buffer[SHOWN_SIZE];
    size_t n = 0;

    while (span_split(&rest, '/', &part)) {
        if (span_trim(part).n == 0)
            return fail_set(fail, ERR_INPUT, "'%s' has an empty name in it", shown(path, buffer));
        n++;
    }
    if (n > PATH_LEVELS)
        return fail_set(fail, ERR_INPUT, "'%s' has %zu levels, and a hierarchy has at most %d",
                        shown(path, buffer), n, PATH_LEVELS);
    return ERR_NONE;
}

enum err rule_reference_template(struct arena *a, enum name_kind kind, struct span instance,
                                 struct span text, struct span *out, struct fail *fail)
{
    enum err err = template_check(text, false, fail);

    if (err == ERR_NONE && template_has_attributes(text))
        return value_name(a, text, out, fail);
    if (err == ERR_NONE && kind == NAME_HIERARCHY_GROUP && !span_starts(text, SPAN("arn:")))
        err = check_path(text, fail);
    return err != ERR_NONE ? err : rule_reference(a, kind, instance, text, out, fail);
}

enum err rule_desk_phone(struct arena *a, struct span text, struct span *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    enum err err = template_check(text, false, fail);

    if (err == ERR_NONE && !template_has_attributes(text) && text.n > 0 &&
        rules_desk_number(a, text).p == NULL)
        return fail_set(fail, ERR_INPUT, "'%s' is no number in the form +4930123456",
                        shown(text, buffer));
    return err != ERR_NONE ? err : value_name(a, text, out, fail);
}

/* ---- lists of texts ---- */

static enum err bad_quotes(struct fail *fail)
{
    return fail_set(fail, ERR_INPUT, "its quotes are not closed, or stand in the middle");
}

static size_t count(struct arena *a, struct span raw)
{
    struct span element;
    bool is_bad = false;
    size_t n = 0;

    while (ini_list_next(a, &raw, &element, &is_bad))
        n++;
    return n;
}

static enum err add_text(struct texts *list, struct span text, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    for (size_t i = 0; i < list->n; i++)
        if (span_eq(list->of[i], text))
            return fail_set(fail, ERR_INPUT, "'%s' is there twice", shown(text, buffer));
    list->of[list->n++] = text;
    return ERR_NONE;
}

enum err rule_texts(struct arena *a, struct span raw, struct texts *out, struct fail *fail)
{
    struct texts found = {.of = arena_new(a, count(a, raw), sizeof(*found.of))};
    struct span element, text = {0};
    bool is_bad = false;

    while (ini_list_next(a, &raw, &element, &is_bad)) {
        enum err err = is_bad ? bad_quotes(fail) : value_name(a, element, &text, fail);

        if (err == ERR_NONE)
            err = add_text(&found, text, fail);
        if (err != ERR_NONE)
            return err;
    }
    *out = found;
    return ERR_NONE;
}

static enum err read_security_profile(struct arena *a, struct span instance, struct span text,
                                      struct span *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    for (size_t i = 0; i + 1 < text.n; i++)
        if (text.p[i] == '$' && text.p[i + 1] == '{')
            return fail_set(fail, ERR_INPUT,
                            "'%s' would take rights from an attribute, and an attribute that "
                            "people edit themselves must never grant rights",
                            shown(text, buffer));
    return rule_reference(a, NAME_SECURITY_PROFILE, instance, text, out, fail);
}

enum err rule_security_profiles(struct arena *a, struct span instance, struct span raw,
                                struct texts *out, struct fail *fail)
{
    struct texts found = {.of = arena_new(a, ENTITLEMENT_SECURITY_PROFILES, sizeof(*found.of))};
    struct span element, text = {0};
    bool is_bad = false;

    while (ini_list_next(a, &raw, &element, &is_bad)) {
        enum err err =
            is_bad ? bad_quotes(fail) : read_security_profile(a, instance, element, &text, fail);

        if (err == ERR_NONE && found.n == ENTITLEMENT_SECURITY_PROFILES)
            err =
                fail_set(fail, ERR_INPUT, "there are more than %d", ENTITLEMENT_SECURITY_PROFILES);
        if (err == ERR_NONE)
            err = add_text(&found, text, fail);
        if (err != ERR_NONE)
            return err;
    }
    *out = found;
    return ERR_NONE;
}

/* ---- channels ---- */

static enum err read_yes(struct span text, int64_t *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    if (!span_eq_nocase(text, SPAN("yes")) && !span_eq_nocase(text, SPAN("no")))
        return fail_set(fail, ERR_INPUT, "'%s' is neither yes nor no", shown(text, buffer));
    *out = span_eq_nocase(text, SPAN("yes"));
    return ERR_NONE;
}

static enum err read_seconds(struct span text, int64_t *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];
    bool is_number = text.n > 0;
    int64_t value = 0;

    for (size_t i = 0; i < text.n; i++) {
        is_number = is_number && text.p[i] >= '0' && text.p[i] <= '9';
        if (is_number && value <= AFTER_CONTACT_WORK_MAX_S)
            value = value * 10 + (text.p[i] - '0');
    }
    if (!is_number) {
        enum err err = value_duration(text, &value, fail);

        if (err != ERR_NONE)
            return err;
        value /= 1000;
    }
    if (value > AFTER_CONTACT_WORK_MAX_S)
        return fail_set(fail, ERR_INPUT, "'%s' is more than %d seconds", shown(text, buffer),
                        AFTER_CONTACT_WORK_MAX_S);
    *out = value;
    return ERR_NONE;
}

static enum err find_channel(struct span name, size_t *out, struct fail *fail)
{
    char buffer[SHOWN_SIZE];

    for (size_t i = 0; i < CHANNELS; i++)
        if (span_eq_nocase(name, span_of(channel_name((enum channel)i)))) {
            *out = i;
            return ERR_NONE;
        }
    return fail_set(fail, ERR_INPUT, "'%s' is no channel", shown(name, buffer));
}

/* What is said of all channels, and of each. */
struct channels {
    int64_t all, of[CHANNELS];
    enum err (*read)(struct span text, int64_t *out, struct fail *fail);
};

static enum err read_channel(struct channels *c, struct span element, struct fail *fail)
{
    size_t colon = span_find(element, ':'), channel = 0;
    struct span value = element;
    int64_t *place = &c->all, found;
    enum err err = ERR_NONE;

    if (colon < element.n) {
        err = find_channel(span_trim(span_n(element.p, colon)), &channel, fail);
        if (err != ERR_NONE)
            return err;
        place = &c->of[channel];
        value = span_trim(span_n(element.p + colon + 1, element.n - colon - 1));
    }
    if (*place != CHANNEL_UNSET)
        return fail_set(fail, ERR_INPUT, "%s is there twice",
                        place == &c->all ? "a value for all channels"
                                         : channel_name((enum channel)channel));
    err = c->read(value, &found, fail);
    if (err == ERR_NONE)
        *place = found;
    return err;
}

static enum err read_channels(struct arena *a, struct span raw, struct channels *c,
                              struct channel_setting *out, struct fail *fail)
{
    struct channel_setting setting = {.is_given = true};
    struct span element;
    bool is_bad = false;

    c->all = CHANNEL_UNSET;
    for (size_t i = 0; i < CHANNELS; i++)
        c->of[i] = CHANNEL_UNSET;
    while (ini_list_next(a, &raw, &element, &is_bad)) {
        enum err err = is_bad ? bad_quotes(fail) : read_channel(c, element, fail);

        if (err != ERR_NONE)
            return err;
    }
    for (size_t i = 0; i < CHANNELS; i++)
        setting.is_per_channel |= c->of[i] != CHANNEL_UNSET;
    for (size_t i = 0; i < CHANNELS; i++)
        setting.of[i] = c->of[i] != CHANNEL_UNSET          ? c->of[i]
                        : setting.is_per_channel || i == 0 ? c->all
                                                           : CHANNEL_UNSET;
    *out = setting;
    return ERR_NONE;
}

enum err rule_auto_accept(struct arena *a, struct span raw, struct channel_setting *out,
                          struct fail *fail)
{
    struct channels channels = {.read = read_yes};

    return read_channels(a, raw, &channels, out, fail);
}

enum err rule_after_contact_work(struct arena *a, struct span raw, struct channel_setting *out,
                                 struct fail *fail)
{
    struct channels channels = {.read = read_seconds};

    return read_channels(a, raw, &channels, out, fail);
}
