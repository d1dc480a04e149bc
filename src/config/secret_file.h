/* Files that hold secrets: refused when others than their owner can read or change them.
 * Thread-safe. */
#ifndef ROSTER_CONFIG_SECRET_FILE_H
#define ROSTER_CONFIG_SECRET_FILE_H

#include "base/err.h"
#include "base/secret.h"

/* ERR_INPUT: everybody or its group can read or change it (the group of a file that root owns may
 * read it); the text says what to do. ERR_NOT_FOUND, ERR_IO: it cannot be looked at. */
enum err secret_file_check(const char *path, struct fail *fail) WARN_UNUSED;
/* Of a file that decides much and holds no secret. ERR_INPUT: everybody can change it. */
enum err secret_file_check_text(const char *path, struct fail *fail) WARN_UNUSED;
/* The content without the line ends behind it. Also ERR_INPUT: the content is no secret (see
 * value_secret); ERR_NOT_FOUND. */
enum err secret_file_read(const char *path, struct secret *out, struct fail *fail) WARN_UNUSED;
/* The same for a private key of several lines (value_pem). */
enum err secret_file_read_pem(const char *path, struct secret *out, struct fail *fail) WARN_UNUSED;

#endif
