#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "sandbox.h"
#include "text/url.h"

enum {
    DONE = 0,
    FAILED = 1,
    BAD_USAGE = 64,
    SEED_LIMIT = 256 << 20,
    BODY_LIMIT = 64 << 20,
    HEADER_LIMIT = 64 << 10
};

struct options {
    const char *listen, *seed, *port_file;
    bool is_quiet;
};

static const char usage[] =
    "Usage: roster-sandbox [--listen 127.0.0.1:0] [--seed FILE.json] [--port-file FILE] [--quiet]\n"
    "\n"
    "Plays an Amazon Connect instance, an Okta org, and AWS's queues and secrets on one loopback\n"
    "port, in memory.\n"
    "\n"
    "  --listen ADDRESS   where to listen; loopback only; port 0 takes a free one (default "
    "127.0.0.1:0)\n"
    "  --seed FILE        fills them from a JSON file\n"
    "  --port-file FILE   writes the port number to FILE when it is ready\n"
    "  --quiet            tells no calls on standard error\n"
    "  --help, --version\n"
    "\n"
    "When ready it prints 'listening on http://ADDRESS:PORT'. It ends on SIGTERM and SIGINT.\n"
    "\n"
    "Examples:\n"
    "  roster-sandbox --listen 127.0.0.1:8081\n"
    "  AWS_ENDPOINT_URL_CONNECT=http://127.0.0.1:8081 AWS_REGION=us-east-1 \\\n"
    "    AWS_ACCESS_KEY_ID=AKIASANDBOX000000001 AWS_SECRET_ACCESS_KEY=sandbox-secret-key roster "
    "serve\n"
    "  curl http://127.0.0.1:8081/sandbox/agents\n"
    "  curl -d '{\"operation\": \"CreateUser\", \"rate\": 0.2, \"kinds\": [\"throttle\"]}' \\\n"
    "    http://127.0.0.1:8081/sandbox/faults\n"
    "  curl -d '{\"login\": \"jane@acme.com\", \"first\": \"Jane\", \"last\": \"Doe\"}' \\\n"
    "    http://127.0.0.1:8081/sandbox/okta/user\n"
    "  curl -H 'Authorization: SSWS 00sandbox-api-token' http://127.0.0.1:8081/api/v1/users\n";

static int complain(const char *what, const char *argument)
{
    fprintf(stderr, "roster-sandbox: %s '%s'. Try 'roster-sandbox --help'.\n", what, argument);
    return BAD_USAGE;
}

/* Returns -1 to go on, or the exit code. */
static int read_options(int argc, char **argv, struct options *out)
{
    static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"port-file", required_argument, NULL, 'p'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (c) {
        case 'l':
            out->listen = optarg;
            break;
        case 's':
            out->seed = optarg;
            break;
        case 'p':
            out->port_file = optarg;
            break;
        case 'q':
            out->is_quiet = true;
            break;
        case 'h':
            (void)fputs(usage, stdout);
            return DONE;
        case 'v':
            puts("roster-sandbox " ROSTER_VERSION);
            return DONE;
        default:
            (void)fputs("Try 'roster-sandbox --help'.\n", stderr);
            return BAD_USAGE;
        }
    }
    return optind == argc ? -1 : complain("unexpected argument", argv[optind]);
}

/* Its credentials are public and it believes everybody: nobody else may reach it. */
static bool is_loopback(const char *listen)
{
    const char *colon = strrchr(listen, ':');
    size_t host = colon == NULL ? strlen(listen) : (size_t)(colon - listen);
    char *text = mem_printf("http://%.*s/", (int)host, listen); /* a URL has no port 0 */
    struct url url;
    bool ok = url_parse(span_of(text), &url, NULL) == ERR_NONE && url_is_loopback(&url);

    free(text);
    return ok;
}

static void on_request(void *arg, struct http_exchange *x)
{
    struct sandbox *sandbox = arg;
    struct span path = http_path(x);

    if (span_eq(path, SPAN("/sandbox")) || span_starts(path, SPAN("/sandbox/")))
        sandbox_control(sandbox, x);
    else if (span_starts(path, SPAN("/api/")) || span_starts(path, SPAN("/oauth2/")))
        okta_side_request(sandbox->okta, x);
    else if (!sqs_side_request(sandbox->sqs, x) && !secrets_side_request(sandbox->secrets, x))
        connect_side_request(sandbox->connect, x);
}

static int on_head(void *arg, struct http_exchange *x)
{
    (void)arg;
    (void)x;
    return 0;
}

static void on_signal(void *arg, int signal_number)
{
    struct sandbox *sandbox = arg;

    (void)signal_number;
    loop_stop(sandbox->loop);
}

static enum err read_seed(struct sandbox *sandbox, const char *path, struct fail *fail)
{
    struct buf text;
    json_error_t error;
    json_t *seed = NULL;
    enum err err;

    buf_init(&text, SEED_LIMIT);
    err = fs_read(path, &text, fail);
    if (err != ERR_NONE)
        goto out;
    seed = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(seed)) {
        err = fail_set(fail, ERR_INPUT, "%s:%d: %s", path, seed == NULL ? error.line : 1,
                       seed == NULL ? error.text : "no JSON object");
        goto out;
    }
    err = connect_side_seed(sandbox->connect, json_object_get(seed, "connect"), fail);
    if (err == ERR_NONE)
        err = okta_side_seed(sandbox->okta, json_object_get(seed, "okta"), fail);
    if (err == ERR_NONE)
        err = sqs_side_seed(sandbox->sqs, json_object_get(seed, "sqs"), fail);
    if (err == ERR_NONE)
        err = secrets_side_seed(sandbox->secrets, json_object_get(seed, "secrets"), fail);
    if (err != ERR_NONE)
        fail_within(fail, err, "%s", path);
out:
    json_decref(seed);
    buf_done(&text);
    return err;
}

/* Under its name only when it is whole: who waits for the file may read it at once. */
static enum err write_port(const char *path, const char *address, struct fail *fail)
{
    const char *colon = strrchr(address, ':');
    char *beside = mem_printf("%s.new", path);
    FILE *file = fopen(beside, "we");
    bool ok = file != NULL && fprintf(file, "%s\n", colon == NULL ? "" : colon + 1) > 0;

    if (file != NULL)
        ok = fclose(file) == 0 && ok;
    ok = ok && rename(beside, path) == 0;
    if (!ok)
        fail_errno(fail, ERR_IO, errno, "write %s", path);
    free(beside);
    return ok ? ERR_NONE : ERR_IO;
}

static enum err start(struct sandbox *sandbox, const struct options *options,
                      struct http_server **server, struct fail *fail)
{
    const struct http_server_options listen = {
        .listen = options->listen,
        .listen_fd = -1,
        .limits = {.body = BODY_LIMIT, .header = HEADER_LIMIT},
        .on_head = on_head,
        .on_request = on_request,
        .arg = sandbox};
    enum err err;

    (void)signal(SIGPIPE, SIG_IGN);
    if ((err = loop_new(&sandbox->loop, fail)) != ERR_NONE ||
        (err = loop_signal(sandbox->loop, SIGTERM, on_signal, sandbox, fail)) != ERR_NONE ||
        (err = loop_signal(sandbox->loop, SIGINT, on_signal, sandbox, fail)) != ERR_NONE ||
        (err = http_client_new(sandbox->loop, "roster-sandbox/" ROSTER_VERSION, &sandbox->client,
                               fail)) != ERR_NONE)
        return err;
    sandbox->connect = connect_side_new(sandbox);
    sandbox->okta = okta_side_new(sandbox);
    sandbox->sqs = sqs_side_new(sandbox);
    sandbox->secrets = secrets_side_new(sandbox);
    if ((err = http_server_new(sandbox->loop, &listen, server, fail)) != ERR_NONE)
        return err;
    sandbox->address = http_server_address(*server);
    if (options->seed != NULL && (err = read_seed(sandbox, options->seed, fail)) != ERR_NONE)
        return err;
    if (options->port_file != NULL &&
        (err = write_port(options->port_file, sandbox->address, fail)) != ERR_NONE)
        return err;
    printf("listening on http://%s\n", sandbox->address);
    (void)fflush(stdout);
    return ERR_NONE;
}

int main(int argc, char **argv)
{
    struct options options = {.listen = "127.0.0.1:0"};
    struct sandbox sandbox = {0};
    struct http_server *server = NULL;
    struct fail fail = {0};
    int code = read_options(argc, argv, &options);

    if (code >= 0)
        return code;
    if (!is_loopback(options.listen))
        return complain("it listens on loopback only, not on", options.listen);
    sandbox.is_quiet = options.is_quiet;
    code = DONE;
    if (start(&sandbox, &options, &server, &fail) == ERR_NONE) {
        loop_run(sandbox.loop);
    } else {
        fprintf(stderr, "roster-sandbox: %s\n", fail.text);
        code = FAILED;
    }
    http_server_free(server);
    secrets_side_free(sandbox.secrets);
    sqs_side_free(sandbox.sqs);
    okta_side_free(sandbox.okta);
    connect_side_free(sandbox.connect);
    http_client_free(sandbox.client);
    loop_free(sandbox.loop);
    return code;
}
