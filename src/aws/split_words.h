/* A command line as a shell would split it, without a shell. Pure. */
#ifndef ROSTER_AWS_SPLIT_WORDS_H
#define ROSTER_AWS_SPLIT_WORDS_H

#include "base/arena.h"
#include "base/span.h"

/* POSIX 2.2: words are separated by blanks; '…' is literal, within "…" a backslash quotes " and \,
 * elsewhere it quotes any character. Nothing is expanded. The list ends with NULL and is in a; NULL
 * itself when a quote is not closed. */
char **split_words(struct arena *a, struct span text);

#endif
