#include <unistd.h>

#include "cmd/commands.h"

static const struct command *const commands[] = {
    &cmd_check,  &cmd_serve,  &cmd_status,  &cmd_users, &cmd_show,
    &cmd_retry,  &cmd_adopt,  &cmd_events,  &cmd_held,  &cmd_release,
    &cmd_reject, &cmd_backup, &cmd_rebuild, &cmd_hook,  NULL,
};

int main(int argc, char **argv)
{
    return command_main(commands, argc, argv, stdout, stderr, (const char *const *)environ);
}
