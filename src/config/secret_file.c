#include "config/secret_file.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "config/values.h"

enum { FILE_LIMIT = 16384 }; /* an RSA key of 8192 bits has 6.4 KB as PEM */

/* Who beside its owner? NULL: nobody. Of a file that root owns, root has chosen the group that
 * reads it: so are the files that systemd and Kubernetes hand to a service. */
static const char *who_else_can(const struct stat *info, bool is_change)
{
    if ((info->st_mode & (is_change ? S_IWOTH : S_IROTH)) != 0)
        return "everybody";
    if ((info->st_mode & S_IWGRP) != 0 && is_change)
        return "its group";
    return (info->st_mode & S_IRGRP) != 0 && !is_change && info->st_uid != 0 ? "its group" : NULL;
}

enum err secret_file_check(const char *path, struct fail *fail)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return fail_errno(fail, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "open %s", path);
    for (int is_change = 0; is_change <= 1 && S_ISREG(info.st_mode); is_change++) {
        const char *who = who_else_can(&info, is_change == 1);

        if (who != NULL)
            return fail_set(fail, ERR_INPUT, "%s can %s %s; chmod 600 it", who,
                            is_change == 1 ? "change" : "read", path);
    }
    return ERR_NONE;
}

enum err secret_file_check_text(const char *path, struct fail *fail)
{
    struct stat info;

    if (stat(path, &info) != 0)
        return fail_errno(fail, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "open %s", path);
    if (S_ISREG(info.st_mode) && (info.st_mode & S_IWOTH) != 0)
        return fail_set(fail, ERR_INPUT,
                        "everybody can change %s, and so who is given what; chmod 644 it", path);
    return ERR_NONE;
}

static struct span without_line_ends(struct span text)
{
    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
        text.n--;
    return text;
}

static enum err read_with(enum err (*check)(struct span text, struct fail *fail), const char *path,
                          struct secret *out, struct fail *fail)
{
    struct buf content;
    enum err err = secret_file_check(path, fail);

    if (err != ERR_NONE)
        return err;
    buf_init(&content, FILE_LIMIT);
    err = fs_read(path, &content, fail);
    if (err == ERR_NONE)
        err = check(without_line_ends(buf_span(&content)), fail);
    if (err == ERR_NONE)
        secret_set(out, without_line_ends(buf_span(&content)));
    explicit_bzero(content.p, content.n);
    buf_done(&content);
    return err;
}

enum err secret_file_read(const char *path, struct secret *out, struct fail *fail)
{
    return read_with(value_secret, path, out, fail);
}

enum err secret_file_read_pem(const char *path, struct secret *out, struct fail *fail)
{
    return read_with(value_pem, path, out, fail);
}
