#include <stdlib.h>

#include "base/mem.h"
#include "cmd/commands.h"
#include "cmd/open.h"
#include "cmd/setting_print.h"
#include "cmd/surroundings.h"

enum { LINE_LIMIT = 64 * 1024, KEY_WIDTH = 22 };

static const struct option_row options[] = {{NULL, NULL, NULL}};

/* APP_NAME or GROUP_NAME; empty = not set. */
static struct span plain_name(const struct settings *s, enum test_kind kind)
{
    const struct rule *plain = settings_plain_rule(s);

    for (size_t i = 0; plain != NULL && i < plain->n_tests; i++)
        if (plain->tests[i].kind == kind)
            return plain->tests[i].values[0];
    return SPAN("");
}

static void print_okta(FILE *to, const struct settings *s)
{
    (void)fputs("\n[OKTA]\n", to);
    setting_put_text(to, "APP_NAME", plain_name(s, TEST_APP));
    setting_put_text(to, "GROUP_NAME", plain_name(s, TEST_GROUP));
    setting_put(to, "HOOK", s->has_hook ? "on" : "off");
    setting_put_secret(to, "HOOK_SECRET", &s->hook_secret);
    setting_put_secret(to, "HOOK_SECRET_PREVIOUS", &s->hook_secret_previous);
    setting_put_text(to, "HOOK_HEADER", s->hook_header);
    setting_put_duration(to, "SETTLE", s->rules.settle_ms);
    setting_put_text(to, "USERNAME", s->rules.user_name);
    setting_put_text(to, "ORG_URL", s->org_url);
    if (s->org_url.n == 0)
        return;
    setting_put_secret(to, "API_TOKEN", &s->api_token);
    setting_put_text(to, "CLIENT_ID", s->client_id);
    setting_put_secret(to, "PRIVATE_KEY", &s->private_key);
    setting_put_text(to, "KEY_ID", s->key_id);
    setting_put_duration(to, "CATCH_UP_EVERY", s->catch_up_every_ms);
}

static void print_leavers(FILE *to, const struct settings *s)
{
    static const char *const on_remove[] = {
        [REMOVE_KEEP] = "keep", [REMOVE_DISABLE] = "disable", [REMOVE_DELETE] = "delete"};
    static const char *const on_rename[] = {
        [RENAME_HOLD] = "hold", [RENAME_KEEP] = "keep", [RENAME_REPLACE] = "replace"};
    char count[24] = "not set";

    setting_put(to, "ON_REMOVE", on_remove[s->rules.on_remove]);
    setting_put_duration(to, "REMOVAL_GRACE", s->rules.removal_grace_ms);
    setting_put_bound(to, "MAX_REMOVALS", &s->max_removals);
    setting_put_bound(to, "MAX_CHANGES", &s->max_changes);
    setting_put(to, "ON_RENAME", on_rename[s->rules.on_rename]);
    setting_put_text(to, "PARKED_SECURITY_PROFILE", s->rules.parked_security_profile);
    setting_put_text(to, "PARKED_ROUTING_PROFILE", s->rules.parked_routing_profile);
    setting_put_duration(to, "MAX_WAIT", s->max_wait_ms);
    if (s->max_agents > 0)
        (void)snprintf(count, sizeof(count), "%lld", (long long)s->max_agents);
    setting_put(to, "MAX_AGENTS", count);
    setting_put_duration(to, "RECONCILE_EVERY", s->reconcile_every_ms);
}

static void print_connect(FILE *to, const struct settings *s, struct span region)
{
    const struct rule *plain = settings_plain_rule(s);

    (void)fputs("\n[Connect]\n", to);
    setting_put_text(to, "INSTANCE_ID", s->instance_id);
    setting_put_text(to, "REGION", region);
    if (plain != NULL) {
        setting_put_list(to, "SECURITY_PROFILE_IDS", plain->security_profiles,
                         plain->n_security_profiles);
        setting_put_text(to, "ROUTING_PROFILE_ID", plain->routing_profile);
        setting_put(to, "PHONE_TYPE",
                    plain->phone_type == PHONE_DESK_PHONE ? "DESK_PHONE" : "SOFT_PHONE");
    }
    setting_put_limits(to, "RATE", &s->rate);
    setting_put_limits(to, "BURST", &s->burst);
    setting_put(to, "ON_EXISTING", s->rules.adopts_existing ? "adopt" : "hold");
    print_leavers(to, s);
}

static void print_settings(FILE *to, const struct settings *s, struct span region)
{
    char count[24];

    (void)fprintf(to, "%.*s is in order. This is how it is understood:\n\n[Roster]\n",
                  SPAN_ARG(s->origin));
    setting_put_text(to, "NAME", s->name);
    print_okta(to, s);
    print_connect(to, s, region);
    (void)fputs("\n[Server]\n", to);
    setting_put_text(to, "LISTEN", s->listen);
    setting_put_text(to, "TLS_CERT", s->tls_cert);
    setting_put_text(to, "TLS_KEY", s->tls_key);
    (void)fputs("\n[Store]\n", to);
    setting_put_text(to, "PATH (the file)", s->store_file);
    setting_put_duration(to, "KEEP_EVENTS", s->keep_events_ms);
    setting_put_duration(to, "KEEP_AUDIT", s->keep_audit_ms);
    (void)fputs("\n[Alert]\n", to);
    setting_put_text(to, "COMMAND", s->alert_command);
    if (s->queue_url.n > 0) {
        (void)fputs("\n[Queue]\n", to);
        setting_put_text(to, "URL", s->queue_url);
        (void)snprintf(count, sizeof(count), "%lld", (long long)s->queue_concurrency);
        setting_put(to, "CONCURRENCY", count);
        setting_put_text(to, "SWEEP_URL", s->sweep_queue_url);
    }
    setting_put_rules(to, s);
}

/* What the rules come to, in words. */
static void print_scope(FILE *to, const struct settings *s)
{
    struct span app = plain_name(s, TEST_APP), group = plain_name(s, TEST_GROUP);
    bool has_plain_rule = settings_plain_rule(s) != NULL, has_others;
    struct buf line;

    has_others = s->rules.n > (has_plain_rule ? 1 : 0);
    buf_init(&line, LINE_LIMIT);
    buf_add_str(&line, has_plain_rule ? "\nWho is " : "\nWho matches a [Mapping …] section");
    if (app.n > 0) {
        buf_add_str(&line, "assigned to the application '");
        style_add(&line, app);
        buf_add_char(&line, '\'');
    }
    if (app.n > 0 && group.n > 0)
        buf_add_str(&line, " or ");
    if (group.n > 0) {
        buf_add_str(&line, "a member of the group '");
        style_add(&line, group);
        buf_add_char(&line, '\'');
    }
    if (has_plain_rule && has_others)
        buf_add_str(&line, ", or matches a [Mapping …] section,");
    (void)fprintf(to, "%s gets an agent.\n", line.p);
    buf_done(&line);
}

/* What becomes of leavers is said at every start, and here: the default keeps everybody. */
static void print_leaving(FILE *to, const struct settings *s)
{
    switch (s->rules.on_remove) {
    case REMOVE_KEEP:
        (void)fputs("\nON_REMOVE IS KEEP: who leaves in Okta keeps their agent, with all that it "
                    "may do, until somebody\ndeletes it in Amazon Connect. Set [Connect] ON_REMOVE "
                    "to disable or delete to have it taken away.\n",
                    to);
        break;
    case REMOVE_DISABLE:
        (void)fputs("\nON_REMOVE is disable: the agent of who leaves in Okta is parked on the "
                    "PARKED_… profiles once\nREMOVAL_GRACE is over, within MAX_REMOVALS.\n",
                    to);
        break;
    case REMOVE_DELETE:
        (void)fputs("\nON_REMOVE is delete: the agent of who leaves in Okta is deleted once "
                    "REMOVAL_GRACE is over, within\nMAX_REMOVALS.\n",
                    to);
        break;
    }
}

/* What is no mistake, and will still surprise. */
static void print_warnings(FILE *to, const struct settings *s)
{
    if (s->has_hook && !secret_is_set(&s->hook_secret))
        (void)fputs("\nThere is no hook secret: 'roster serve' will not start. Set [OKTA] "
                    "HOOK_SECRET_FILE, or ROSTER_OKTA_HOOK_SECRET\nin the environment, to what "
                    "the event hook in Okta sends.\n",
                    to);
    if (secret_is_set(&s->hook_secret_previous))
        (void)fputs("\nHOOK_SECRET_PREVIOUS is accepted, too: take it out once Okta sends the new "
                    "secret.\n",
                    to);
    print_leaving(to, s);
    if (s->org_url.n == 0)
        (void)fputs("\nThere is no [OKTA] ORG_URL: Roster knows what the event hook delivers and "
                    "nothing else. What is not\ndelivered is not known, and attributes cannot be "
                    "used.\n",
                    to);
}

static enum exit_code run(struct invocation *i)
{
    struct surroundings around;
    struct settings *settings;
    struct fail fail;
    enum exit_code code = open_settings(i, &settings);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = surroundings_open(settings, i->environment, true, &around, &fail);
    if (err == ERR_NONE) {
        print_settings(i->out, settings, span_of(aws_region(around.aws)));
        print_scope(i->out, settings);
        (void)fprintf(i->out, "Amazon Connect is asked at %s.\n",
                      aws_endpoint(around.aws, "connect"));
        print_warnings(i->out, settings);
    } else {
        command_complain(i, "%s", fail.text);
        code = err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
    }
    surroundings_done(&around);
    settings_free(settings);
    return code;
}

const struct command cmd_check = {
    .name = "check",
    .help = "reads the configuration and says what it understood, or every mistake",
    .arguments = "",
    .about = "Reads the configuration as 'roster serve' would and shows every value in force, "
             "wherever it\n"
             "comes from, but no secret. With a mistake in it, all mistakes are told, each with "
             "file and\n"
             "line, and the exit code is 78. Nothing is contacted and nothing is written.",
    .options = options,
    .run = run,
};
