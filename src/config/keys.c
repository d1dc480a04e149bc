#include "config/keys.h"

#include <stdio.h>
#include <string.h>

#include "config/closest.h"
#include "config/settings.h"

#define SETS(member) .offset = offsetof(struct settings, member)
#define LATER .is_later = true, .otherwise = ""

static const char *const phone_types[] = {
    [PHONE_SOFT] = "SOFT_PHONE", [PHONE_DESK] = "DESK_PHONE", NULL};
static const char *const on_existing[] = {
    [EXISTING_HOLD] = "hold", [EXISTING_ADOPT] = "adopt", NULL};

#define SECRET_FORM "text of at most 4096 bytes"
#define ID_FORM "1 to 100 printable characters"
#define NUMBERS_FORM ", then for single operations `OPERATION:NUMBER`, separated by commas"

const struct key keys[] = {
    {.section = "Roster",
     .name = "NAME",
     .kind = KEY_LABEL,
     SETS(name),
     .fallback = "roster",
     .form = "1 to 100 letters, digits, blanks and `_ . : / = + - @`, but not `import`",
     .example = "emea",
     .help = "Marks the agents of this deployment: the value of their tag `roster:managed-by`. "
             "Agents that bear another name are never touched"},

    {.section = "OKTA",
     .name = "APP_NAME",
     .kind = KEY_NAME,
     SETS(app_name),
     .otherwise = "none; it or `GROUP_NAME` is required",
     .form = "a name of 1 to 255 characters",
     .example = "Amazon Connect",
     .help = "The application in Okta: whoever is assigned to it becomes an agent. One name, "
             "compared to the letter"},
    {.section = "OKTA",
     .name = "GROUP_NAME",
     .kind = KEY_NAME,
     SETS(group_name),
     .otherwise = "none; it or `APP_NAME` is required",
     .form = "a name of 1 to 255 characters",
     .example = "Connect Agents",
     .help = "The group in Okta: whoever is a member becomes an agent. One name, compared to the "
             "letter"},
    {.section = "OKTA",
     .name = "APP_MEMBERSHIP_ADD_EVENT",
     .kind = KEY_FIXED,
     .fallback = "application.user_membership.add",
     .form = "`application.user_membership.add`, or leave the line out",
     .example = "application.user_membership.add",
     .help = "The AWS sample's key for the event of an assignment. Okta has no other one"},
    {.section = "OKTA",
     .name = "GROUP_MEMBERSHIP_ADD_EVENT",
     .kind = KEY_FIXED,
     .fallback = "group.user_membership.add",
     .form = "`group.user_membership.add`, or leave the line out",
     .example = "group.user_membership.add",
     .help = "The AWS sample's key for the event of joining a group. Okta has no other one"},
    {.section = "OKTA",
     .name = "HOOK",
     .kind = KEY_FIXED,
     .fallback = "on",
     .form = "`on`; `off` comes with a later version",
     .example = "on",
     .help = "Whether Okta's event hook delivers to this daemon"},
    {.section = "OKTA",
     .name = "HOOK_SECRET",
     .kind = KEY_SECRET,
     SETS(hook_secret),
     .otherwise = "none; `roster serve` needs it",
     .form = SECRET_FORM,
     .example = "Bearer x7Gq…",
     .help = "The whole value of the header in which Okta sends its secret. "
             "Better as `HOOK_SECRET_FILE`"},
    {.section = "OKTA",
     .name = "HOOK_SECRET_PREVIOUS",
     .kind = KEY_SECRET,
     SETS(hook_secret_previous),
     .otherwise = "none",
     .form = SECRET_FORM,
     .example = "Bearer 81kd…",
     .help = "The secret before: accepted too, until it is taken out. "
             "Better as `HOOK_SECRET_PREVIOUS_FILE`"},
    {.section = "OKTA",
     .name = "HOOK_HEADER",
     .kind = KEY_HEADER,
     SETS(hook_header),
     .fallback = "Authorization",
     .form = "the name of an HTTP header",
     .example = "X-Hook-Secret",
     .help = "The header that carries the secret: the authentication field of the hook in Okta"},
    {.section = "OKTA",
     .name = "SETTLE",
     .kind = KEY_DURATION,
     SETS(settle_ms),
     .fallback = "3s",
     .min = "0s",
     .max = "1h",
     .form = "a whole number with `s`, `m`, `h` or `d` behind it, from `0s` to `1h`",
     .example = "5s",
     .help = "With both names set: how long somebody known only from the group waits for the "
             "application's event, which brings the user name"},
    {.section = "OKTA", .name = "ORG_URL", LATER},
    {.section = "OKTA", .name = "API_TOKEN", .kind = KEY_SECRET, LATER},
    {.section = "OKTA", .name = "CLIENT_ID", LATER},
    {.section = "OKTA", .name = "PRIVATE_KEY", .kind = KEY_SECRET, LATER},
    {.section = "OKTA", .name = "KEY_ID", LATER},
    {.section = "OKTA", .name = "CATCH_UP_EVERY", LATER},
    {.section = "OKTA", .name = "USERNAME", LATER},

    {.section = "Connect",
     .name = "INSTANCE_ID",
     .kind = KEY_INSTANCE,
     SETS(instance_id),
     .is_required = true,
     .otherwise = "required",
     .sample_variable = "CONNECT_INSTANCE_ID",
     .form = "the id (" ID_FORM ") or the ARN of an Amazon Connect instance",
     .example = "arn:aws:connect:eu-central-1:123456789012:instance/"
                "8e4dc5a1-0122-4131-adc2-a0ebe5a2b2a7",
     .help = "The Amazon Connect instance. An ARN brings the region, too"},
    {.section = "Connect",
     .name = "SECURITY_PROFILE_IDS",
     .kind = KEY_IDS,
     SETS(security_profile_ids),
     .is_required = true,
     .otherwise = "required",
     .sample_variable = "CONNECT_SECURITY_PROFILE_IDS",
     .form = "1 to 10 different ids, separated by commas, each of " ID_FORM,
     .example = "12345678-1234-2345-abd8-0aa7f5b46852, 65345678-1234-2345-abd8-0aa7f5b46852",
     .help = "The security profiles of new agents"},
    {.section = "Connect",
     .name = "ROUTING_PROFILE_ID",
     .kind = KEY_ID,
     SETS(routing_profile_id),
     .is_required = true,
     .otherwise = "required",
     .sample_variable = "CONNECT_ROUTING_PROFILE_ID",
     .form = "an id of " ID_FORM,
     .example = "87654321-69fb-43b6-a5e6-f8666ac189cb",
     .help = "The routing profile of new agents"},
    {.section = "Connect",
     .name = "REGION",
     .kind = KEY_REGION,
     SETS(region),
     .otherwise = "the ARN's, else what AWS's own settings say (`AWS_REGION`, profile)",
     .form = "the name of an AWS region",
     .example = "eu-central-1",
     .help = "The region of the instance. It must not contradict the ARN"},
    {.section = "Connect",
     .name = "PHONE_TYPE",
     .kind = KEY_CHOICE,
     SETS(phone_type),
     .choices = phone_types,
     .fallback = "SOFT_PHONE",
     .form = "`SOFT_PHONE` or `DESK_PHONE`",
     .example = "SOFT_PHONE",
     .help = "The phone of new agents"},
    {.section = "Connect",
     .name = "RATE",
     .kind = KEY_RATES,
     SETS(rate),
     .fallback = "2",
     .min = "0.001",
     .max = "1000000",
     .form = "a number above 0" NUMBERS_FORM,
     .example = "2, DescribeUser:10",
     .help = "Calls a second of each operation of Amazon Connect, at most. The default is the "
             "quota that AWS gives; raise it only with the quota"},
    {.section = "Connect",
     .name = "BURST",
     .kind = KEY_RATES,
     SETS(burst),
     .fallback = "5",
     .min = "1",
     .max = "1000000",
     .form = "a number from 1" NUMBERS_FORM,
     .example = "5, DescribeUser:20",
     .help = "Calls of each operation that may go out at once after a pause"},
    {.section = "Connect",
     .name = "ON_EXISTING",
     .kind = KEY_CHOICE,
     SETS(on_existing),
     .choices = on_existing,
     .fallback = "hold",
     .form = "`hold` or `adopt`",
     .example = "adopt",
     .help = "When a user name belongs to an agent that Roster has not made: `hold` waits for "
             "`roster adopt USER`, `adopt` takes the agent over. Another deployment's is never "
             "taken"},
    {.section = "Connect", .name = "ON_REMOVE", LATER},
    {.section = "Connect", .name = "REMOVAL_GRACE", LATER},
    {.section = "Connect", .name = "MAX_REMOVALS", LATER},
    {.section = "Connect", .name = "MAX_CHANGES", LATER},
    {.section = "Connect", .name = "ON_RENAME", LATER},
    {.section = "Connect", .name = "PARKED_SECURITY_PROFILE", LATER},
    {.section = "Connect", .name = "PARKED_ROUTING_PROFILE", LATER},
    {.section = "Connect", .name = "MAX_WAIT", LATER},
    {.section = "Connect", .name = "MAX_AGENTS", LATER},
    {.section = "Connect", .name = "RECONCILE_EVERY", LATER},

    {.section = "Server",
     .name = "LISTEN",
     .kind = KEY_LISTEN,
     SETS(listen),
     .fallback = "127.0.0.1:8080",
     .form = "`HOST:PORT`, `[IPv6]:PORT` or `unix:/PATH`",
     .example = "unix:/run/roster/hook",
     .help = "Where the daemon listens. Port 0 takes a free one; `*` or no host means all "
             "addresses"},
    {.section = "Server",
     .name = "TLS_CERT",
     .kind = KEY_PATH,
     SETS(tls_cert),
     .otherwise = "none: plain HTTP",
     .form = "the path of a PEM file",
     .example = "/etc/roster/cert.pem",
     .help = "The certificate and its chain; needs `TLS_KEY`"},
    {.section = "Server",
     .name = "TLS_KEY",
     .kind = KEY_PATH,
     SETS(tls_key),
     .otherwise = "none: plain HTTP",
     .form = "the path of a PEM file that not everybody can read",
     .example = "/etc/roster/key.pem",
     .help = "The certificate's private key; needs `TLS_CERT`"},

    {.section = "Store",
     .name = "PATH",
     .kind = KEY_PATH,
     SETS(store_file),
     .otherwise = "`$STATE_DIRECTORY`; for root `/var/lib/roster`; `$XDG_STATE_HOME/roster`; "
                  "`~/.local/state/roster`: the first that applies",
     .form = "the path of a folder",
     .example = "/var/lib/roster",
     .help = "The folder of the store, `roster.db`. `roster serve` makes it when it is missing"},
    {.section = "Store",
     .name = "KEEP_EVENTS",
     .kind = KEY_DURATION,
     SETS(keep_events_ms),
     .fallback = "30d",
     .min = "1s",
     .max = "3650d",
     .form = "a whole number with `s`, `m`, `h` or `d` behind it, from `1s` to `3650d`",
     .example = "90d",
     .help = "How long events are kept after their work is done. A repeated delivery is "
             "recognized that long"},

    {.section = "Alert",
     .name = "COMMAND",
     .kind = KEY_COMMAND,
     SETS(alert_command),
     .otherwise = "none: alerts are only logged",
     .form = "a command line for `/bin/sh -c`",
     .example = "/usr/local/bin/page-me",
     .help = "Run with a JSON object on its input when a person is needed: something is held, "
             "failed, paused, full or unhealthy"},

    {.section = "Queue", .name = "URL", LATER},
};
const size_t n_keys = sizeof(keys) / sizeof(keys[0]);

static const char file_suffix[] = "_FILE";
static const char variable_prefix[] = "ROSTER_";
enum { VARIABLE_SIZE = 96 };

/* Cuts head off the beginning of *text. */
static bool cut(struct span *text, const char *head)
{
    struct span first = span_of(head);

    if (text->n < first.n || !span_eq_nocase(span_n(text->p, first.n), first))
        return false;
    *text = span_n(text->p + first.n, text->n - first.n);
    return true;
}

/* Is name that key's, plain or with _FILE? */
static bool is_name_of(const struct key *key, struct span name, bool *is_file)
{
    if (!cut(&name, key->name))
        return false;
    *is_file = name.n > 0;
    return name.n == 0 || (key->kind == KEY_SECRET && span_eq_nocase(name, span_of(file_suffix)));
}

bool key_is_named(const struct key *key, struct span name)
{
    bool is_file;

    return is_name_of(key, name, &is_file);
}

struct key_use key_find(struct span section, struct span name)
{
    struct key_use use = {0};

    for (size_t i = 0; i < n_keys && use.key == NULL; i++)
        if (span_eq_nocase(section, span_of(keys[i].section)) &&
            is_name_of(&keys[i], name, &use.is_file))
            use.key = &keys[i];
    return use;
}

struct key_use key_find_variable(struct span variable)
{
    struct key_use use = {0};

    for (size_t i = 0; i < n_keys && use.key == NULL; i++) {
        struct span name = variable;

        if (cut(&name, variable_prefix) && cut(&name, keys[i].section) && cut(&name, "_") &&
            is_name_of(&keys[i], name, &use.is_file))
            use.key = &keys[i];
    }
    return use;
}

const char *key_section(struct span name)
{
    for (size_t i = 0; i < n_keys; i++)
        if (span_eq_nocase(name, span_of(keys[i].section)))
            return keys[i].section;
    return NULL;
}

const char *key_closest_section(struct span name)
{
    struct closest closest;

    closest_init(&closest, name);
    for (size_t i = 0; i < n_keys; i++)
        (void)closest_offer(&closest, keys[i].section);
    return closest.best;
}

const char *key_closest(struct span section, struct span name)
{
    struct closest closest;

    closest_init(&closest, name);
    for (size_t i = 0; i < n_keys; i++)
        if (span_eq_nocase(section, span_of(keys[i].section)))
            (void)closest_offer(&closest, keys[i].name);
    return closest.best;
}

char *key_names(struct span section, struct arena *a)
{
    char *names = arena_dup(a, SPAN(""));

    for (size_t i = 0; i < n_keys; i++)
        if (!keys[i].is_later && span_eq_nocase(section, span_of(keys[i].section)))
            names = arena_printf(a, "%s%s%s%s", names, names[0] == '\0' ? "" : ", ", keys[i].name,
                                 keys[i].kind == KEY_SECRET ? file_suffix : "");
    return names;
}

static void upper(char *text)
{
    for (; *text != '\0'; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - ('a' - 'A'));
}

bool key_closest_variable(struct span variable, char *out, size_t size)
{
    struct closest closest;
    bool is_found = false;

    closest_init(&closest, variable);
    for (size_t i = 0; i < 2 * n_keys; i++) {
        const struct key *key = &keys[i / 2];
        bool is_file = i % 2 == 1;
        char name[VARIABLE_SIZE];

        if (is_file && key->kind != KEY_SECRET)
            continue;
        (void)snprintf(name, sizeof(name), "%s%s_%s%s", variable_prefix, key->section, key->name,
                       is_file ? file_suffix : "");
        if (!closest_offer(&closest, name))
            continue;
        upper(name);
        (void)snprintf(out, size, "%s", name);
        is_found = true;
    }
    return is_found;
}
