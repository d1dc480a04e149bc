#include "cmd/init_text.h"

#include <string.h>

#include "config/keys.h"
#include "model/names.h"

enum { WIDTH = 98 };

/* ---- values ---- */

static bool needs_quotes(struct span value)
{
    if (value.n == 0)
        return false;
    for (size_t i = 0; i < value.n; i++)
        if (value.p[i] != '\0' && strchr(",;#\"", value.p[i]) != NULL)
            return true;
    return span_trim(value).n != value.n;
}

void init_add_value(struct buf *out, struct span value)
{
    if (!needs_quotes(value)) {
        buf_add(out, value);
        return;
    }
    buf_add_char(out, '"');
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == '"' || value.p[i] == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, value.p[i]);
    }
    buf_add_char(out, '"');
}

static void add_profiles(struct buf *out, const struct init_answers *a)
{
    for (size_t i = 0; i < a->n_security_profiles; i++) {
        buf_add_str(out, i == 0 ? "" : ", ");
        init_add_value(out, a->security_profiles[i]);
    }
}

/* ---- rules ---- */

/* Are all profiles ids as they stand, which the plain keys take? */
static bool are_ids(const struct init_answers *a)
{
    struct span id;
    bool are = name_is_id(NAME_ROUTING_PROFILE, a->routing_profile, &id) &&
               span_eq(id, a->routing_profile);

    for (size_t i = 0; i < a->n_security_profiles; i++)
        are = are && name_is_id(NAME_SECURITY_PROFILE, a->security_profiles[i], &id) &&
              span_eq(id, a->security_profiles[i]);
    return are;
}

static void add_mapping(struct buf *out, const struct init_answers *a, const char *name,
                        const char *key, struct span value)
{
    if (value.n == 0)
        return;
    buf_printf(out, "\n[Mapping %s]\n%s = ", name, key);
    init_add_value(out, value);
    buf_add_str(out, "\nSECURITY_PROFILES = ");
    add_profiles(out, a);
    buf_add_str(out, "\nROUTING_PROFILE = ");
    init_add_value(out, a->routing_profile);
    buf_add_char(out, '\n');
}

static void add_mappings(struct buf *out, const struct init_answers *a)
{
    buf_add_str(out,
                "\n# Who gets what. Rules may also test attributes, and give hierarchy groups, "
                "phones, tags and\n# proficiencies: docs/rules.md\n");
    add_mapping(out, a, "Application", "APP", a->app);
    add_mapping(out, a, "Group", "GROUP", a->group);
}

/* ---- keys ---- */

/* The help of a key is Markdown: code has backticks. Wrapped as comments. */
static void add_comment(struct buf *out, const char *text)
{
    size_t column = 0;

    while (*text != '\0') {
        size_t n = strcspn(text, " "), shown = 0;

        for (size_t i = 0; i < n; i++)
            shown += text[i] != '`';
        if (column > 0 && column + 1 + shown > WIDTH) {
            buf_add_char(out, '\n');
            column = 0;
        }
        buf_add_str(out, column == 0 ? "# " : " ");
        column += 1 + shown;
        for (size_t i = 0; i < n; i++)
            if (text[i] != '`')
                buf_add_char(out, text[i]);
        text += n;
        text += strspn(text, " ");
    }
    buf_add_char(out, '\n');
}

static bool is_key(const struct key *key, const char *section, const char *name)
{
    return strcmp(key->section, section) == 0 && strcmp(key->name, name) == 0;
}

/* What was answered for the key; {NULL, 0} = nothing. *suffix: "_FILE" where the answer is a path.
 */
static struct span answer_for(const struct key *key, const struct init_answers *a, bool has_plain,
                              const char **suffix)
{
    const struct {
        const char *section, *name;
        struct span value;
        bool is_file;
    } rows[] = {
        {"OKTA", "APP_NAME", has_plain ? a->app : SPAN(""), false},
        {"OKTA", "GROUP_NAME", has_plain ? a->group : SPAN(""), false},
        {"OKTA", "HOOK_SECRET", a->hook_secret_file, true},
        {"OKTA", "ORG_URL", a->org_url, false},
        {"OKTA", "API_TOKEN", a->api_token_file, true},
        {"OKTA", "CLIENT_ID", a->client_id, false},
        {"OKTA", "PRIVATE_KEY", a->private_key_file, true},
        {"Connect", "INSTANCE_ID", a->instance, false},
        {"Connect", "REGION", a->region, false},
        {"Connect", "ROUTING_PROFILE_ID", has_plain ? a->routing_profile : SPAN(""), false},
        {"Connect", "ON_REMOVE", a->on_remove, false},
        {"Connect", "PARKED_SECURITY_PROFILE", a->parked_security_profile, false},
        {"Connect", "PARKED_ROUTING_PROFILE", a->parked_routing_profile, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (!is_key(key, rows[i].section, rows[i].name) || rows[i].value.n == 0)
            continue;
        *suffix = rows[i].is_file ? "_FILE" : "";
        return rows[i].value;
    }
    return (struct span){NULL, 0};
}

static void add_key(struct buf *out, const struct key *key, const struct init_answers *a,
                    bool has_plain)
{
    const char *suffix = "";
    struct span value = answer_for(key, a, has_plain, &suffix);
    bool is_list = has_plain && is_key(key, "Connect", "SECURITY_PROFILE_IDS");

    /* The sample's keys that have one value only, and those of the plain rule when there is none.
     */
    if (key->kind == KEY_FIXED || strcmp(key->section, "Queue") == 0 ||
        (!has_plain && key->need == NEED_PLAIN_RULE))
        return;
    buf_add_char(out, '\n');
    add_comment(out, key->help);
    if (is_list) {
        buf_printf(out, "%s = ", key->name);
        add_profiles(out, a);
        buf_add_char(out, '\n');
    } else if (value.n > 0) {
        buf_printf(out, "%s%s = ", key->name, suffix);
        init_add_value(out, value);
        buf_add_char(out, '\n');
    } else {
        buf_printf(out, "#%s%s = %s\n", key->name, key_is_secret(key) ? "_FILE" : "",
                   key_is_secret(key)      ? "/etc/roster/secret"
                   : key->fallback != NULL ? key->fallback
                                           : key->example);
    }
}

void init_add_text(struct buf *out, const struct init_answers *answers)
{
    bool has_plain = are_ids(answers);
    const char *section = "";

    buf_add_str(out,
                "# Roster's configuration, made by 'roster init'. A line that begins with # is "
                "a comment: what it\n# shows is the default, or an example where there is "
                "none. All of it: docs/configuration.md\n");
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(section, keys[i].section) != 0 && strcmp(keys[i].section, "Queue") != 0)
            buf_printf(out, "\n[%s]\n", keys[i].section);
        section = keys[i].section;
        add_key(out, &keys[i], answers, has_plain);
    }
    if (!has_plain)
        add_mappings(out, answers);
}
