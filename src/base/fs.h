/* Files: whole reads with a ceiling, folders, locks. Thread-safe. */
#ifndef ROSTER_BASE_FS_H
#define ROSTER_BASE_FS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

/* Appends the content of the file; ERR_NOT_FOUND when there is none, ERR_INPUT when it passes out's
 * ceiling or is no regular file (a pipe or /dev/stdin is read, too), ERR_IO else. */
enum err fs_read(const char *path, struct buf *out, struct fail *fail) WARN_UNUSED;
/* Makes the folder and its parents, mode 0700 for those it makes. */
enum err fs_make_folder(const char *path, struct fail *fail) WARN_UNUSED;
/* Takes an exclusive lock on the file (made when missing, mode 0600), which the system releases
 * when the process ends in whatever way. ERR_CONFLICT when another process holds it. *out_fd is the
 * caller's to close. */
enum err fs_lock(const char *path, int *out_fd, struct fail *fail) WARN_UNUSED;
bool fs_exists(const char *path);

#endif
