#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum { READ_STEP = 64 * 1024 };

static enum err read_all(int fd, const char *path, struct buf *out, struct fail *fail)
{
    for (;;) {
        size_t step = out->limit - out->n < READ_STEP ? out->limit - out->n + 1 : READ_STEP;
        char spare = 0, *at = step <= out->limit - out->n ? buf_space(out, step) : NULL;
        ssize_t got;

        if (at == NULL) {
            step = out->limit - out->n;
            at = step == 0 ? &spare : buf_space(out, step);
            step = step == 0 ? 1 : step;
        }
        got = read(fd, at, step);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(fail, ERR_IO, errno, "read %s", path);
        if (got == 0)
            return ERR_NONE;
        if (at == &spare)
            return fail_set(fail, ERR_INPUT, "%s is larger than %zu bytes", path, out->limit);
        buf_wrote(out, (size_t)got);
    }
}

enum err fs_read(const char *path, struct buf *out, struct fail *fail)
{
    struct stat info;
    enum err err;
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0)
        return fail_errno(fail, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "open %s", path);
    if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
        err = fail_set(fail, ERR_INPUT, "%s is a folder, not a file", path);
    else
        err = read_all(fd, path, out, fail);
    (void)close(fd); /* only read from */
    return err;
}

enum err fs_make_folder(const char *path, struct fail *fail)
{
    char *copy = mem_dup_str(path);
    enum err err = ERR_NONE;
    struct stat info;

    for (char *p = copy + (*copy != '\0'); err == ERR_NONE; p++) {
        char was = *p;

        if (was != '/' && was != '\0')
            continue;
        *p = '\0';
        if (mkdir(copy, 0700) != 0 && errno != EEXIST)
            err = fail_errno(fail, ERR_IO, errno, "make folder %s", copy);
        *p = was;
        if (was == '\0')
            break;
    }
    if (err == ERR_NONE && (stat(path, &info) != 0 || !S_ISDIR(info.st_mode)))
        err = fail_set(fail, ERR_IO, "%s is no folder", path);
    free(copy);
    return err;
}

enum err fs_lock(const char *path, int *out_fd, struct fail *fail)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    enum err err;

    if (fd < 0)
        return fail_errno(fail, ERR_IO, errno, "open %s", path);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        *out_fd = fd;
        return ERR_NONE;
    }
    err = errno == EWOULDBLOCK ? fail_set(fail, ERR_CONFLICT, "%s is held by another process", path)
                               : fail_errno(fail, ERR_IO, errno, "lock %s", path);
    (void)close(fd); /* nothing was written */
    return err;
}

bool fs_exists(const char *path)
{
    return access(path, F_OK) == 0;
}
