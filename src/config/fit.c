#include "config/fit.h"

#include "config/secret_file.h"
#include "model/profile.h"

static const struct given *given_for(const struct givens *g, const char *section, const char *name)
{
    return givens_of(g, key_find(span_of(section), span_of(name)).key);
}

static bool is_set(const struct givens *g, const char *section, const char *name)
{
    return given_for(g, section, name)->from != GIVEN_NOT;
}

const char *fit_origin(const struct givens *g)
{
    return g->origin == NULL ? "configuration" : g->origin;
}

/* ---- what is required ---- */

static bool has_plain_rule(const struct givens *g)
{
    return givens_has(g, "OKTA", "APP_NAME") || givens_has(g, "OKTA", "GROUP_NAME");
}

static bool has_rules(const struct givens *g)
{
    return g->rules != NULL || g->has_lost_rule;
}

static void check_key(struct givens *g, const struct key *key)
{
    if (key->need == NEED_NOBODY || givens_has(g, key->section, key->name))
        return;
    if (key->need == NEED_PLAIN_RULE && has_rules(g)) {
        if (has_plain_rule(g))
            mistakes_add(g->mistakes, LINE_BEHIND,
                         "%s: [%s] %s is missing, which those get whom [OKTA] APP_NAME and "
                         "GROUP_NAME name; use %s, as in %s, or take these two out",
                         fit_origin(g), key->section, key->name, key->form, key->example);
        return;
    }
    mistakes_add(g->mistakes, LINE_BEHIND, "%s: [%s] %s is missing; use %s, as in %s",
                 fit_origin(g), key->section, key->name, key->form, key->example);
}

/* The plain profiles without anybody to give them to. */
static void check_plain_keys(struct givens *g)
{
    static const char *const names[] = {"SECURITY_PROFILE_IDS", "ROUTING_PROFILE_ID", "PHONE_TYPE"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct given *given = given_for(g, "Connect", names[i]);

        if (given->from != GIVEN_NOT && !has_plain_rule(g) && has_rules(g))
            mistakes_add(g->mistakes, given->line,
                         "%s: nobody gets it, because [OKTA] APP_NAME and GROUP_NAME are missing; "
                         "set one of these, or move it into the [Mapping …] sections",
                         given->place);
    }
}

static void check_required(struct givens *g)
{
    size_t before = g->mistakes->n;

    for (size_t i = 0; i < n_keys; i++)
        check_key(g, &keys[i]);
    if (!has_plain_rule(g) && !has_rules(g))
        mistakes_add(g->mistakes, LINE_BEHIND,
                     "%s: [OKTA] APP_NAME and GROUP_NAME are missing; use the name of an "
                     "application, of a group, or both, or write [Mapping NAME] sections",
                     fit_origin(g));
    if (g->mistakes->n > before && g->origin == NULL)
        mistakes_add(g->mistakes, LINE_BEHIND,
                     "configuration: there is no config.ini here and no /etc/roster/config.ini; "
                     "name one by --config FILE");
    check_plain_keys(g);
}

/* ---- what needs another ---- */

static const struct pair {
    const char *section, *name, *other;
} pairs[] = {
    {"Server", "TLS_CERT", "TLS_KEY"},
    {"Server", "TLS_KEY", "TLS_CERT"},
    {"OKTA", "HOOK_SECRET_PREVIOUS", "HOOK_SECRET"},
    {"OKTA", "API_TOKEN", "ORG_URL"},
    {"OKTA", "CLIENT_ID", "ORG_URL"},
    {"OKTA", "CLIENT_ID", "PRIVATE_KEY"},
    {"OKTA", "PRIVATE_KEY", "CLIENT_ID"},
    {"OKTA", "KEY_ID", "CLIENT_ID"},
    {"Connect", "PARKED_SECURITY_PROFILE", "PARKED_ROUTING_PROFILE"},
    {"Connect", "PARKED_ROUTING_PROFILE", "PARKED_SECURITY_PROFILE"},
};

static void check_pair(struct givens *g, const char *section, const char *name, const char *other)
{
    const struct given *given = given_for(g, section, name);
    const struct key *key = key_find(span_of(section), span_of(other)).key;

    if (given->from != GIVEN_NOT && !givens_has(g, section, other))
        mistakes_add(g->mistakes, given->line, "%s: it needs [%s] %s%s, which is missing",
                     given->place, section, other, key->kind == KEY_PEM ? "_FILE" : "");
}

static void check_okta(struct givens *g, const struct draft *d)
{
    const struct given *given = given_for(g, "OKTA", "ORG_URL");

    if (given->from != GIVEN_NOT && !givens_has(g, "OKTA", "API_TOKEN") &&
        !givens_has(g, "OKTA", "CLIENT_ID"))
        mistakes_add(g->mistakes, given->line,
                     "%s: it needs [OKTA] API_TOKEN_FILE, which is missing, or CLIENT_ID and "
                     "PRIVATE_KEY_FILE",
                     given->place);
    given = given_for(g, "OKTA", "API_TOKEN");
    if (given->from != GIVEN_NOT && is_set(g, "OKTA", "CLIENT_ID"))
        mistakes_add(g->mistakes, given->line,
                     "%s: [OKTA] CLIENT_ID is set, too; keep one of the two ways to sign in, best "
                     "CLIENT_ID",
                     given->place);
    given = given_for(g, "OKTA", "HOOK");
    if (given->from != GIVEN_NOT && !d->settings.has_hook && !givens_has(g, "OKTA", "ORG_URL"))
        mistakes_add(g->mistakes, given->line,
                     "%s: without the hook it needs [OKTA] ORG_URL, which is missing: else nothing "
                     "tells what happens in Okta",
                     given->place);
    given = given_for(g, "OKTA", "USERNAME");
    if (template_has_attributes(d->settings.rules.user_name) && !givens_has(g, "OKTA", "ORG_URL"))
        mistakes_add(g->mistakes, given->line,
                     "%s: it needs [OKTA] ORG_URL, which is missing: an event does not tell the "
                     "attributes of a user, Okta's API does",
                     given->place);
}

static void check_removal(struct givens *g, const struct draft *d)
{
    const struct given *given = given_for(g, "Connect", "ON_REMOVE");

    if (d->settings.rules.on_remove == REMOVE_DISABLE &&
        !givens_has(g, "Connect", "PARKED_SECURITY_PROFILE") &&
        !givens_has(g, "Connect", "PARKED_ROUTING_PROFILE"))
        mistakes_add(g->mistakes, given->line,
                     "%s: 'disable' parks agents, and it needs [Connect] PARKED_SECURITY_PROFILE "
                     "and PARKED_ROUTING_PROFILE, which are missing",
                     given->place);
}

static void check_tls_file(struct givens *g, const char *name, struct span path, bool is_secret)
{
    const struct given *given = given_for(g, "Server", name);
    struct fail fail = {0};
    enum err err;

    if (path.n == 0)
        return;
    err = secret_file_check(path.p, &fail);
    if (err == ERR_NOT_FOUND || (err == ERR_INPUT && is_secret))
        mistakes_add(g->mistakes, given->line, "%s: %s", given->place, fail.text);
}

void fit_check(struct givens *g, const struct draft *d)
{
    check_required(g);
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        check_pair(g, pairs[i].section, pairs[i].name, pairs[i].other);
    check_okta(g, d);
    check_removal(g, d);
    check_tls_file(g, "TLS_CERT", d->settings.tls_cert, false);
    check_tls_file(g, "TLS_KEY", d->settings.tls_key, true);
}
