/* The config and credentials files that all AWS tools share. Own reader beside text/ini.h, because
 * indentation has a meaning in them, keys repeat, and quotes are a part of the value. Read-only
 * after reading, hence thread-safe then.
 * https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html */
#ifndef ROSTER_AWS_SHARED_FILES_H
#define ROSTER_AWS_SHARED_FILES_H

#include <stdbool.h>

#include "aws/environment.h"
#include "base/err.h"
#include "base/span.h"

enum { SHARED_FILE_LIMIT = 1024 * 1024, SHARED_SETTINGS_MAX = 20000 };

/* In the order in which a setting is looked for. */
enum shared_file { SHARED_CREDENTIALS, SHARED_CONFIG };

struct shared_files;

/* Reads AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials) and AWS_CONFIG_FILE (else
 * ~/.aws/config). A file that is not there is empty. ERR_INPUT: the file cannot be read, or a line
 * of it cannot be understood; an unreadable file at its default place counts only when AWS_PROFILE
 * is set, because a service often has a HOME that is not its own. */
enum err shared_files_read(const struct environment *environment, struct shared_files **out,
                           struct fail *fail) WARN_UNUSED;
struct shared_files *shared_files_new(void);
/* Wipes and frees; NULL is fine. */
void shared_files_free(struct shared_files *f);
/* Adds a file's text, which is copied. path is for people. ERR_INPUT with path and line. */
enum err shared_files_add(struct shared_files *f, enum shared_file file, const char *path,
                          struct span text, struct fail *fail) WARN_UNUSED;

/* AWS_PROFILE, or "default"; *is_chosen (may be NULL) tells which. */
struct span shared_files_profile(const struct environment *environment, bool *is_chosen);
bool shared_files_has(const struct shared_files *f, struct span profile);
/* A profile's setting, borrowed; p == NULL when it is missing or empty. The credentials file goes
 * before the config file, "[profile default]" before "[default]", and the last line before the ones
 * above. */
struct span shared_files_get(const struct shared_files *f, struct span profile, const char *key);
/* The same, from one of the files only. */
struct span shared_files_get_in(const struct shared_files *f, enum shared_file file,
                                struct span profile, const char *key);
/* The nested setting "key" of "service" in the [services …] section that the profile names. */
struct span shared_files_get_service(const struct shared_files *f, struct span profile,
                                     const char *service, const char *key);

#endif
