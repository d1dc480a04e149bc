#include <stdlib.h>
#include <string.h>

#include "aws/aws.h"
#include "base/mem.h"
#include "base/secret.h"
#include "cmd/commands.h"
#include "cmd/open.h"
#include "net/http_client.h"
#include "net/loop.h"

enum { LINE_LIMIT = 64 * 1024, KEY_WIDTH = 22 };

static const struct option_row options[] = {{NULL, NULL, NULL}};

static void put(FILE *to, const char *key, const char *value)
{
    (void)fprintf(to, "  %-*s  %s\n", KEY_WIDTH, key, value);
}

/* Would the file need double quotes around it? */
static bool needs_quotes(struct span value)
{
    if (value.n > 0 && span_trim(value).n != value.n)
        return true;
    for (size_t i = 0; i < value.n; i++)
        if (strchr("#;,\"", value.p[i]) != NULL)
            return true;
    return false;
}

/* As the file would have it. */
static void put_text(FILE *to, const char *key, struct span value)
{
    bool is_quoted = needs_quotes(value);
    struct buf text, shown;

    buf_init(&text, LINE_LIMIT);
    buf_init(&shown, LINE_LIMIT);
    for (size_t i = 0; i < value.n; i++) {
        if (is_quoted && (value.p[i] == '"' || value.p[i] == '\\'))
            buf_add_char(&text, '\\');
        buf_add_char(&text, value.p[i]);
    }
    look_add(&shown, buf_span(&text));
    (void)fprintf(to, "  %-*s  %s%s%s\n", KEY_WIDTH, key, is_quoted ? "\"" : "",
                  value.n == 0 ? "not set" : shown.p, is_quoted ? "\"" : "");
    buf_done(&shown);
    buf_done(&text);
}

static void put_duration(FILE *to, const char *key, int64_t ms)
{
    struct buf text;

    buf_init(&text, 64);
    look_add_setting(&text, ms);
    put(to, key, text.p);
    buf_done(&text);
}

static void put_secret(FILE *to, const char *key, const struct secret *secret)
{
    put(to, key, secret_is_set(secret) ? "set (not shown)" : "not set");
}

static void put_list(FILE *to, const char *key, const struct span *texts, size_t n)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_str(&line, ", ");
        look_add(&line, texts[i]);
    }
    put(to, key, line.p);
    buf_done(&line);
}

static void put_limits(FILE *to, const char *key, const struct rate_limits *limits)
{
    struct buf line;

    buf_init(&line, LINE_LIMIT);
    for (size_t i = 0; i < limits->n; i++) {
        if (i > 0)
            buf_add_str(&line, ", ");
        if (limits->of[i].operation.n > 0)
            buf_printf(&line, "%.*s:", SPAN_ARG(limits->of[i].operation));
        buf_printf(&line, "%g", limits->of[i].per_second);
    }
    put(to, key, line.p);
    buf_done(&line);
}

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
    put_text(to, "APP_NAME", plain_name(s, TEST_APP));
    put_text(to, "GROUP_NAME", plain_name(s, TEST_GROUP));
    put_secret(to, "HOOK_SECRET", &s->hook_secret);
    put_secret(to, "HOOK_SECRET_PREVIOUS", &s->hook_secret_previous);
    put_text(to, "HOOK_HEADER", s->hook_header);
    put_duration(to, "SETTLE", s->rules.settle_ms);
}

static void print_connect(FILE *to, const struct settings *s, struct span region)
{
    const struct rule *plain = settings_plain_rule(s);

    (void)fputs("\n[Connect]\n", to);
    put_text(to, "INSTANCE_ID", s->instance_id);
    put_text(to, "REGION", region);
    if (plain != NULL) {
        put_list(to, "SECURITY_PROFILE_IDS", plain->security_profiles, plain->n_security_profiles);
        put_text(to, "ROUTING_PROFILE_ID", plain->routing_profile);
        put(to, "PHONE_TYPE", plain->phone_type == PHONE_DESK_PHONE ? "DESK_PHONE" : "SOFT_PHONE");
    }
    put_limits(to, "RATE", &s->rate);
    put_limits(to, "BURST", &s->burst);
    put(to, "ON_EXISTING", s->rules.adopts_existing ? "adopt" : "hold");
}

static void print_settings(FILE *to, const struct settings *s, struct span region)
{
    (void)fprintf(to, "%.*s is in order. This is how it is understood:\n\n[Roster]\n",
                  SPAN_ARG(s->origin));
    put_text(to, "NAME", s->name);
    print_okta(to, s);
    print_connect(to, s, region);
    (void)fputs("\n[Server]\n", to);
    put_text(to, "LISTEN", s->listen);
    put_text(to, "TLS_CERT", s->tls_cert);
    put_text(to, "TLS_KEY", s->tls_key);
    (void)fputs("\n[Store]\n", to);
    put_text(to, "PATH (the file)", s->store_file);
    put_duration(to, "KEEP_EVENTS", s->keep_events_ms);
    (void)fputs("\n[Alert]\n", to);
    put_text(to, "COMMAND", s->alert_command);
}

static void print_scope(FILE *to, const struct settings *s)
{
    struct span app = plain_name(s, TEST_APP), group = plain_name(s, TEST_GROUP);
    struct buf line;

    if (settings_plain_rule(s) == NULL)
        return;
    buf_init(&line, LINE_LIMIT);
    buf_add_str(&line, "\nWho is ");
    if (app.n > 0) {
        buf_add_str(&line, "assigned to the application '");
        look_add(&line, app);
        buf_add_char(&line, '\'');
    }
    if (app.n > 0 && group.n > 0)
        buf_add_str(&line, " or ");
    if (group.n > 0) {
        buf_add_str(&line, "a member of the group '");
        look_add(&line, group);
        buf_add_char(&line, '\'');
    }
    (void)fprintf(to, "%s gets an agent.\n", line.p);
    buf_done(&line);
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
}

/* What the daemon learns of AWS before its first request: region, endpoint, profile. */
struct surroundings {
    struct loop *loop;
    struct http_client *client;
    struct aws *aws;
};

static enum err look_around(const struct invocation *i, const struct settings *s,
                            struct surroundings *out, struct fail *fail)
{
    const struct aws_options chain = {
        .region = s->region, .partition = s->partition, .environment = i->environment};
    enum err err = loop_new(&out->loop, fail);

    if (err == ERR_NONE)
        err = http_client_new(out->loop, "roster/" ROSTER_VERSION, &out->client, fail);
    if (err == ERR_NONE)
        err = aws_new(out->loop, out->client, &chain, &out->aws, fail);
    return err;
}

static void surroundings_done(struct surroundings *s)
{
    aws_free(s->aws);
    http_client_free(s->client);
    loop_free(s->loop);
}

static enum exit_code run(struct invocation *i)
{
    struct surroundings around = {0};
    struct settings *settings;
    struct fail fail;
    enum exit_code code = open_settings(i, &settings);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = look_around(i, settings, &around, &fail);
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
