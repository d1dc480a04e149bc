/* Help, made from the tables of commands and options. */
#ifndef ROSTER_CMD_HELP_H
#define ROSTER_CMD_HELP_H

#include "cmd/command.h"

/* The options that every command has, and those of the program itself. */
extern const struct option_row help_common_options[], help_program_options[];

/* commands ends with NULL. */
void help_program(const struct command *const *commands, FILE *to);
void help_command(const struct command *command, FILE *to);

#endif
