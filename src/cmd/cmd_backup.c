#include "cmd/commands.h"
#include "cmd/open.h"

static const struct option_row options[] = {{NULL, NULL, NULL}};

static enum exit_code run(struct invocation *i)
{
    const char *file = i->options.arguments[0];
    struct opened o;
    struct fail fail;
    enum exit_code code = open_store(i, STORE_READ, &o);
    enum err err;

    if (code != EXIT_DONE)
        return code;
    err = store_backup(o.store, file, &fail);
    if (err == ERR_NONE)
        (void)fprintf(i->out, "%.*s is copied to %s\n", SPAN_ARG(o.settings->store_file), file);
    else if (err == ERR_CONFLICT)
        command_complain(i, "%s; name a file that is not there yet", fail.text);
    else
        command_complain(i, "%s", fail.text);
    open_done(&o);
    return err == ERR_NONE ? EXIT_DONE : EXIT_FAILED;
}

const struct command cmd_backup = {
    .name = "backup",
    .help = "copies the store, also while the daemon runs",
    .arguments = "FILE",
    .about =
        "Makes FILE, which must not be there yet: a complete copy of the store as it is at one\n"
        "instant, readable by its owner only. To restore it, stop the daemon, put the copy in the\n"
        "place of the store, remove the files beside it that end in -wal and -shm, and start the\n"
        "daemon.",
    .options = options,
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run,
};
