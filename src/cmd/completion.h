/* What shells need to complete the words of this program, made from the tables of commands and
 * options. Pure. */
#ifndef ROSTER_CMD_COMPLETION_H
#define ROSTER_CMD_COMPLETION_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/span.h"
#include "cmd/command.h"

enum shell { SHELL_BASH, SHELL_ZSH, SHELL_FISH, SHELLS };

bool completion_shell(struct span name, enum shell *out);
/* commands ends with NULL; `help` is added by itself. */
void completion_add(struct buf *out, enum shell shell, const struct command *const *commands);

/* The words that may stand as a command's first argument: those of `arguments` in lower case, each
 * between blanks, brackets or "|". False at the end; start with *rest = the arguments. */
bool completion_word(struct span *rest, struct span *word);
/* Does an argument of that name stand for a file? */
bool completion_is_file(const char *argument);

#endif
