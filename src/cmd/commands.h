/* The commands, one file each. */
#ifndef ROSTER_CMD_COMMANDS_H
#define ROSTER_CMD_COMMANDS_H

#include "cmd/command.h"

extern const struct command cmd_check, cmd_serve, cmd_status, cmd_users, cmd_show, cmd_retry,
    cmd_adopt, cmd_events, cmd_held, cmd_release, cmd_reject, cmd_backup, cmd_rebuild, cmd_hook,
    cmd_audit, cmd_import, cmd_export, cmd_completion, cmd_policy, cmd_init, cmd_doctor, cmd_plan,
    cmd_apply, cmd_provision, cmd_undo, cmd_why, cmd_names, cmd_lambda, cmd_dlq;

#endif
