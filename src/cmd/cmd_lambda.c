/* `roster lambda invoke EVENT.json`: a function's work, here. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "cmd/commands.h"
#include "lambda/lambda.h"

enum {
    EVENT_LIMIT = 7 * 1024 * 1024, /* AWS's own limit is 6 MiB */
    ANSWER_LIMIT = 7 * 1024 * 1024,
    SECONDS = 60,
    SECONDS_MAX = 900, /* AWS's own */
    NUMBER_BASE = 10,
};

static const struct option_row options[] = {
    {"handler", "NAME", "the part to play: receive (default), converge or sweep"},
    {"timeout", "SECONDS", "the function's time-out: 1 to 900, default 60"},
    {NULL, NULL, NULL},
};

/* 0 = it is none. */
static int64_t seconds_of(const char *text)
{
    char *end;
    long n;

    if (text == NULL)
        return SECONDS;
    n = strtol(text, &end, NUMBER_BASE);
    return *text >= '0' && *text <= '9' && *end == '\0' && n <= SECONDS_MAX ? n : 0;
}

/* The environment with --config in it; the caller frees both. */
static const char **environment_of(const struct invocation *i, char **out_config)
{
    static const char variable[] = "ROSTER_CONFIG=";
    const char *file = options_value(&i->options, "config"), **copy;
    size_t n = 0, kept = 0;

    while (i->environment[n] != NULL)
        n++;
    copy = mem_new(n + 2, sizeof(*copy));
    for (size_t k = 0; k < n; k++)
        if (file == NULL || strncmp(i->environment[k], variable, strlen(variable)) != 0)
            copy[kept++] = i->environment[k];
    *out_config = file == NULL ? NULL : mem_printf("%s%s", variable, file);
    if (file != NULL)
        copy[kept] = *out_config;
    return copy;
}

static enum exit_code invoke(const struct invocation *i, struct span event, int64_t seconds)
{
    const char *handler = options_value(&i->options, "handler");
    char *config;
    const char **environment = environment_of(i, &config);
    struct buf answer;
    int code;

    buf_init(&answer, ANSWER_LIMIT);
    code = lambda_invoke(environment, handler == NULL ? "receive" : handler, event, seconds * 1000,
                         &answer);
    if (answer.n > 0)
        (void)fprintf(i->out, "%s\n", answer.p);
    buf_done(&answer);
    free(config);
    free(environment);
    return (enum exit_code)code;
}

static enum exit_code run(struct invocation *i)
{
    int64_t seconds = seconds_of(options_value(&i->options, "timeout"));
    const char *file = i->options.n_arguments > 1 ? i->options.arguments[1] : NULL;
    enum exit_code code;
    struct fail fail;
    struct buf event;

    if (strcmp(i->options.arguments[0], "invoke") != 0)
        return command_misused(i, "lambda needs invoke EVENT.json, not '%s'",
                               i->options.arguments[0]);
    if (file == NULL)
        return command_misused(i, "lambda invoke needs the file of an event");
    if (seconds == 0)
        return command_misused(i, "--timeout is a number of seconds from 1 to %d", SECONDS_MAX);
    if (options_has(&i->options, "set"))
        return command_misused(i, "a function takes its settings from the environment: "
                                  "ROSTER_SECTION_KEY instead of --set");
    buf_init(&event, EVENT_LIMIT);
    if (fs_read(file, &event, &fail) == ERR_NONE) {
        code = invoke(i, buf_span(&event), seconds);
    } else {
        command_complain(i, "%s", fail.text);
        code = EXIT_FAILED;
    }
    buf_done(&event);
    return code;
}

const struct command cmd_lambda = {
    .name = "lambda",
    .help = "on AWS Lambda: runs a function's work here, on an event in a file",
    .arguments = "invoke EVENT.json",
    .about =
        "Does what the function would do on AWS Lambda with that event, with the same settings\n"
        "(ROSTER_… in the environment, or --config), credentials and queue: nothing is only "
        "played.\n"
        "EVENT.json is what AWS hands over: a request of API Gateway, a Function URL or a load\n"
        "balancer (receive), messages of SQS (converge), a schedule or {\"kind\": \"sweep\"} "
        "(sweep);\n"
        "/dev/stdin reads it from a pipe. Prints the answer; the log is on standard error. Ends "
        "with "
        "1\n"
        "when the invocation failed, with 78 when the settings are wrong.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 2,
    .run = run,
};
