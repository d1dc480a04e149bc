#include "base/log.h"
#include "cmd/commands.h"
#include "cmd/open.h"
#include "serve/daemon.h"

static const struct option_row options[] = {
    {"allow-no-secret", NULL, "runs without a hook secret, on loopback only: to try things out"},
    {NULL, NULL, NULL},
};

static enum exit_code run(struct invocation *i)
{
    struct daemon_options daemon = {.allows_no_secret = options_has(&i->options, "allow-no-secret"),
                                    .environment = i->environment};
    struct settings *settings;
    struct fail fail;
    enum exit_code code = open_settings(i, &settings);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = daemon_run(settings, &daemon, &fail);
    settings_free(settings);
    if (err == ERR_NONE)
        return EXIT_DONE;
    log_error("not running", LOG_STR("error", fail.text));
    return err == ERR_INPUT ? EXIT_BAD_CONFIG : EXIT_FAILED;
}

const struct command cmd_serve = {
    .name = "serve",
    .help = "takes Okta's event hook deliveries and keeps Amazon Connect in step",
    .arguments = "",
    .about =
        "Runs in the foreground until SIGTERM or SIGINT, and logs to standard error. Calls under "
        "way\n"
        "are finished within ten seconds. Makes the store when there is none.\n"
        "\n"
        "Okta's event hook goes to /okta/events; /healthz, /readyz and /metrics tell how it is.\n"
        "Without [OKTA] HOOK_SECRET it does not start, unless [OKTA] HOOK is off.",
    .options = options,
    .run = run,
};
