#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/random.h"
#include "cmd/commands.h"
#include "cmd/init_text.h"
#include "config/settings.h"
#include "crypt/digest.h"

enum { TEXT_LIMIT = 1024 * 1024, LINE_SIZE = 1024, SECRET_BYTES = 32 };

static const struct option_row options[] = {
    {"out", "FILE", "where to write (default: config.ini); must not be there yet"},
    {"instance", "ID", "of the Amazon Connect instance: its id or, better, its ARN"},
    {"region", "REGION", "of the instance, when only its id is given"},
    {"app", "NAME", "the application in Okta: who is assigned to it becomes an agent"},
    {"group", "NAME", "the group in Okta: who is a member becomes an agent"},
    {"security-profile", "NAME", "that agents get: a name, an id or an ARN; may be repeated"},
    {"routing-profile", "NAME", "that agents get"},
    {"org-url", "URL", "the address of the Okta org, to use its API"},
    {"client-id", "ID", "of the API Services application in Okta"},
    {"private-key-file", "FILE", "its private key"},
    {"api-token-file", "FILE", "a token instead of the two"},
    {"on-remove", "WHAT", "keep (default), disable or delete the agents of who leaves"},
    {"parked-security-profile", "NAME", "with disable: all that such an agent may do"},
    {"parked-routing-profile", "NAME", "with disable: its queues"},
    {"hook-secret-file", "FILE",
     "what the event hook sends (default: hook-secret beside the configuration, made when it is "
     "not there)"},
    {NULL, NULL, NULL},
};

struct init_run {
    const struct invocation *i;
    struct arena arena;
    struct init_answers answers;
    bool is_asking; /* on a terminal */
};

/* ---- asking ---- */

/* A line from the terminal, trimmed; what stands in brackets when it is empty. */
static struct span ask(struct init_run *r, const char *question, const char *otherwise)
{
    char line[LINE_SIZE];
    struct span answer;

    (void)fprintf(r->i->out, "%s%s%s%s ", question, otherwise[0] == '\0' ? "" : " [", otherwise,
                  otherwise[0] == '\0' ? "" : "]");
    (void)fflush(r->i->out); /* what is asked must be seen before it is answered */
    if (fgets(line, sizeof(line), stdin) == NULL) {
        (void)fputc('\n', r->i->out);
        r->is_asking = false;
        return span_of(otherwise);
    }
    answer = arena_span(&r->arena, span_trim(span_of(line)));
    return answer.n == 0 ? span_of(otherwise) : answer;
}

static void ask_for(struct init_run *r, struct span *answer, const char *question,
                    const char *otherwise)
{
    if (answer->n == 0 && r->is_asking)
        *answer = ask(r, question, otherwise);
}

static void add_profile(struct init_run *r, struct span name)
{
    struct init_answers *a = &r->answers;

    if (name.n > 0 && a->n_security_profiles < INIT_PROFILES)
        a->security_profiles[a->n_security_profiles++] = name;
}

static void ask_profiles(struct init_run *r)
{
    struct span names, part;

    if (r->answers.n_security_profiles == 0 && r->is_asking) {
        names = ask(r, "Security profiles of agents (names or ids, commas between):", "Agent");
        while (span_split(&names, ',', &part))
            add_profile(r, span_trim(part));
    }
    ask_for(r, &r->answers.routing_profile,
            "Routing profile of agents (a name or an id):", "Basic Routing Profile");
}

static void ask_okta(struct init_run *r)
{
    struct init_answers *a = &r->answers;

    if (a->app.n == 0 && a->group.n == 0) {
        ask_for(r, &a->app, "Application in Okta whose people become agents (empty: none):", "");
        ask_for(r, &a->group, "Group in Okta whose members become agents (empty: none):", "");
    }
    ask_for(r, &a->org_url,
            "Address of the Okta org, to use its API, as https://acme.okta.com (empty: the event "
            "hook alone):",
            "");
    if (a->org_url.n == 0 || a->api_token_file.n > 0)
        return;
    ask_for(r, &a->client_id,
            "Client id of the API Services application (empty: use a token):", "");
    if (a->client_id.n > 0)
        ask_for(r, &a->private_key_file, "File with its private key:", "/etc/roster/okta-key.pem");
    else
        ask_for(r, &a->api_token_file, "File with the API token:", "/etc/roster/okta-token");
}

static void ask_leavers(struct init_run *r)
{
    struct init_answers *a = &r->answers;

    ask_for(r, &a->on_remove, "The agents of people who leave: keep, disable or delete?", "keep");
    if (!span_eq(a->on_remove, SPAN("disable")))
        return;
    ask_for(r, &a->parked_security_profile, "Security profile of disabled agents:", "");
    ask_for(r, &a->parked_routing_profile, "Routing profile of disabled agents:", "");
}

static void take_options(struct init_run *r)
{
    const struct options *o = &r->i->options;
    struct init_answers *a = &r->answers;
    const struct {
        const char *option;
        struct span *answer;
    } rows[] = {{"instance", &a->instance},
                {"region", &a->region},
                {"app", &a->app},
                {"group", &a->group},
                {"routing-profile", &a->routing_profile},
                {"org-url", &a->org_url},
                {"client-id", &a->client_id},
                {"private-key-file", &a->private_key_file},
                {"api-token-file", &a->api_token_file},
                {"on-remove", &a->on_remove},
                {"parked-security-profile", &a->parked_security_profile},
                {"parked-routing-profile", &a->parked_routing_profile},
                {"hook-secret-file", &a->hook_secret_file}};
    const char **profiles = options_values(o, "security-profile");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (options_has(o, rows[i].option))
            *rows[i].answer = span_of(options_value(o, rows[i].option));
    for (size_t i = 0; profiles[i] != NULL; i++)
        add_profile(r, span_of(profiles[i]));
    free(profiles);
}

/* What cannot be left out. */
static enum exit_code check_answers(const struct init_run *r)
{
    const struct init_answers *a = &r->answers;

    if (a->instance.n == 0)
        return command_misused(r->i, "init needs --instance, or a terminal to ask on");
    if (a->app.n == 0 && a->group.n == 0)
        return command_misused(r->i, "init needs --app or --group, or both");
    if (a->n_security_profiles == 0 || a->routing_profile.n == 0)
        return command_misused(r->i, "init needs --security-profile and --routing-profile");
    return EXIT_DONE;
}

/* ---- writing ---- */

/* Never over a file that is there. */
static enum err write_new(const char *path, mode_t mode, struct span text, struct fail *fail)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    size_t written = 0;
    enum err err = ERR_NONE;

    if (fd < 0 && errno == EEXIST)
        return fail_set(fail, ERR_CONFLICT, "%s is there already, and is left as it is", path);
    if (fd < 0)
        return fail_errno(fail, ERR_IO, errno, "make %s", path);
    while (err == ERR_NONE && written < text.n) {
        ssize_t n = write(fd, text.p + written, text.n - written);

        if (n < 0 && errno != EINTR)
            err = fail_errno(fail, ERR_IO, errno, "write %s", path);
        written += n > 0 ? (size_t)n : 0;
    }
    if (close(fd) != 0 && err == ERR_NONE)
        err = fail_errno(fail, ERR_IO, errno, "write %s", path);
    if (err != ERR_NONE)
        (void)unlink(path); /* half a file is worse than none */
    return err;
}

/* The configuration itself, as if it stood in ROSTER_CONFIG, so that nothing that is wrong is
 * written. */
static enum exit_code check_text(const struct init_run *r, struct span text)
{
    const char **environment;
    struct settings_mistakes mistakes = {0};
    struct settings *settings = NULL;
    struct settings_sources sources = {0};
    enum err err;
    size_t n = 0;

    while (r->i->environment != NULL && r->i->environment[n] != NULL)
        n++;
    environment = mem_new(n + 2, sizeof(*environment));
    environment[0] = mem_printf("ROSTER_CONFIG=%.*s", SPAN_ARG(text));
    for (size_t i = 0, at = 1; i < n; i++)
        if (!span_starts(span_of(r->i->environment[i]), SPAN("ROSTER_")))
            environment[at++] = r->i->environment[i];
    sources.environment = environment;
    err = settings_load(&sources, &settings, &mistakes);
    if (err != ERR_NONE)
        command_complain(r->i, "these answers make no configuration; nothing is written:");
    for (size_t i = 0; err != ERR_NONE && i < mistakes.n; i++)
        command_complain(r->i, "%s", mistakes.lines[i]);
    settings_mistakes_done(&mistakes);
    settings_free(settings);
    free((void *)(uintptr_t)environment[0]);
    free(environment);
    return err == ERR_NONE ? EXIT_DONE : EXIT_BAD_CONFIG;
}

/* "hook-secret" beside the configuration, with its whole path: the daemon may run elsewhere. */
static struct span default_secret_file(struct init_run *r, const char *config)
{
    const char *slash = strrchr(config, '/');
    char folder[PATH_MAX];
    const char *beside =
        slash == NULL
            ? "."
            : arena_dup(&r->arena, span_n(config, slash == config ? 1 : (size_t)(slash - config)));

    return span_of(arena_printf(&r->arena, "%s/hook-secret",
                                realpath(beside, folder) == NULL ? beside : folder));
}

/* Makes the secret unless its file is there. */
static enum err make_secret(const char *path, bool *is_made, struct fail *fail)
{
    static const char head[] = "Bearer ";
    char text[sizeof(head) + 2 * SECRET_BYTES + 1];
    uint8_t bytes[SECRET_BYTES];
    enum err err;

    *is_made = false;
    if (access(path, F_OK) == 0)
        return ERR_NONE;
    random_bytes(bytes, sizeof(bytes));
    memcpy(text, head, sizeof(head) - 1);
    hex_encode(bytes, sizeof(bytes), text + sizeof(head) - 1);
    text[sizeof(text) - 2] = '\n';
    err = write_new(path, 0600, span_n(text, sizeof(text) - 1), fail);
    explicit_bzero(bytes, sizeof(bytes));
    explicit_bzero(text, sizeof(text));
    *is_made = err == ERR_NONE;
    return err;
}

static enum exit_code write_all(struct init_run *r, const char *path)
{
    struct buf text;
    struct fail fail;
    enum exit_code code;
    enum err err = ERR_NONE;
    bool is_made = false;
    char *secret = arena_dup(&r->arena, r->answers.hook_secret_file);

    buf_init(&text, TEXT_LIMIT);
    r->answers.hook_secret_file = SPAN(""); /* not made yet, and it would be looked for */
    init_add_text(&text, &r->answers);
    code = check_text(r, buf_span(&text));
    if (code == EXIT_DONE) {
        buf_clear(&text);
        r->answers.hook_secret_file = span_of(secret);
        init_add_text(&text, &r->answers);
        err = make_secret(secret, &is_made, &fail);
        if (err == ERR_NONE)
            err = write_new(path, 0644, buf_span(&text), &fail);
        if (err != ERR_NONE && is_made)
            (void)unlink(secret); /* nobody knows it yet */
    }
    buf_done(&text);
    if (err != ERR_NONE) {
        command_complain(r->i, "%s", fail.text);
        code = EXIT_FAILED;
    }
    if (code != EXIT_DONE)
        return code;
    (void)fprintf(r->i->out, "%s is written%s%s%s.\n\nNext:\n", path,
                  is_made ? ", and a new hook secret in " : "", is_made ? secret : "",
                  is_made ? " (for its owner only)" : "");
    (void)fputs("  roster check     shows how it is understood\n"
                "  roster policy    prints the rights that it needs in AWS\n"
                "  roster doctor    tries credentials, rights, names, Okta and the hook\n"
                "  roster serve     runs it\n",
                r->i->out);
    return EXIT_DONE;
}

static enum exit_code run(struct invocation *i)
{
    const char *out = options_value(&i->options, "out");
    struct init_run r = {.i = i, .is_asking = isatty(STDIN_FILENO) != 0};
    const char *path = out == NULL ? "config.ini" : out;
    enum exit_code code;

    if (access(path, F_OK) == 0) {
        command_complain(i, "%s is there already, and is left as it is; write elsewhere with --out",
                         path);
        return EXIT_FAILED;
    }
    take_options(&r);
    ask_for(&r, &r.answers.instance, "Id or ARN of the Amazon Connect instance:", "");
    if (!span_starts(r.answers.instance, SPAN("arn:")))
        ask_for(&r, &r.answers.region, "Its region (empty: as the AWS settings say):", "");
    ask_okta(&r);
    ask_profiles(&r);
    ask_leavers(&r);
    if (r.answers.hook_secret_file.n == 0)
        r.answers.hook_secret_file = default_secret_file(&r, path);
    code = check_answers(&r);
    if (code == EXIT_DONE)
        code = write_all(&r, path);
    arena_done(&r.arena);
    return code;
}

const struct command cmd_init = {
    .name = "init",
    .help = "asks a few questions and writes a commented configuration",
    .arguments = "",
    .about =
        "On a terminal it asks for what the options do not say; elsewhere the options must say it: "
        "at\n"
        "least --instance, --app or --group, --security-profile and --routing-profile. What is "
        "written is\n"
        "checked first, has every other key as a comment with its default, and never replaces a "
        "file.\n"
        "\n"
        "A new secret for the event hook is made beside it, for its owner only.",
    .options = options,
    .run = run,
};
