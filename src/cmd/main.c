#include <unistd.h>

#include "cmd/commands.h"
#include "lambda/lambda.h"

static const struct command *const commands[] = {
    &cmd_check,   &cmd_serve,  &cmd_status, &cmd_users,   &cmd_show,   &cmd_retry,
    &cmd_adopt,   &cmd_events, &cmd_held,   &cmd_release, &cmd_reject, &cmd_backup,
    &cmd_rebuild, &cmd_hook,   &cmd_audit,  &cmd_import,  &cmd_export, &cmd_completion,
    &cmd_policy,  &cmd_init,   &cmd_doctor, &cmd_plan,    &cmd_apply,  &cmd_provision,
    &cmd_undo,    &cmd_why,    &cmd_names,  &cmd_lambda,  &cmd_dlq,    NULL,
};

int main(int argc, char **argv)
{
    const char *const *environment = (const char *const *)environ;

    /* AWS Lambda starts its runtimes without arguments. */
    if (argc == 1 && lambda_is_asked_for(environment))
        return lambda_run(environment);
    return command_main(commands, argc, argv, stdout, stderr, environment);
}
