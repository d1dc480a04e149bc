/* An import, as people are told of it. */
#ifndef ROSTER_CMD_IMPORT_SHOW_H
#define ROSTER_CMD_IMPORT_SHOW_H

#include "cmd/command.h"
#include "cmd/import.h"

struct import_show {
    const struct invocation *i;
    const struct settings *settings;
    const char *file;
    const struct bulk *bulk;
    const struct names *names; /* for the names of profiles */
};

/* All that is wrong with the file, on i->err. */
void import_show_faults(const struct import_show *s);
/* What would be done, row by row, and what is right and will not be carried out. */
void import_show_rows(const struct import_show *s, const struct import *import);
/* Whom it leaves alone, row by row, on i->err. */
void import_show_left_alone(const struct import_show *s, const struct import *import);
/* [Connect] MAX_AGENTS leaves no room for so many of them. */
void import_show_beyond(const struct import_show *s, const struct import *import, int64_t beyond);

#endif
