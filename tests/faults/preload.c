/* Preloaded into Roster by the fault campaign: counts what changes the store's files and what goes
 * over TCP; at the operation that was chosen it kills the process, fails, or cuts the connection.
 * It also shifts the wall clock, and writes down what was done to the disk, from which power.py
 * makes what a power loss leaves.
 *
 * System calls are made bare, so that it does not matter who else has laid himself between. Syncs
 * are not carried out: whoever is killed leaves the kernel's pages as they are, and power loss is
 * played from the trace. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>

#include "control.h"

#define SHOWN __attribute__((visibility("default")))

enum { MS_PER_S = 1000, NS_PER_MS = 1000000, US_PER_MS = 1000 };

/* Before each operation's path, second path and bytes in the trace. */
struct traced {
    /* 'w'rite, 't'runcate, 's'ync, 'f'ailed sync, sync of a 'd'irectory; 'u'nlink, 'l'ink,
     * 'r'ename, 'm'ake a directory */
    int64_t kind;
    int64_t at; /* of a write; the new size when it is a truncation */
    int64_t n_path, n_path2, n_bytes;
};

struct operation {
    char kind;
    const char *path, *path2;
    const void *bytes;
    size_t n;
    int64_t at;
};

static struct control *control;
static char folder[PATH_MAX];
static int trace_fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void __attribute__((constructor)) begin(void)
{
    const char *path = getenv("FAULTS_FOLDER"), *trace = getenv("FAULTS_TRACE");

    control = control_map();
    if (control == NULL || path == NULL)
        return;
    (void)snprintf(folder, sizeof(folder), "%s", path);
    if (trace != NULL)
        trace_fd = (int)syscall(SYS_openat, AT_FDCWD, trace,
                                O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
}

static void die(void)
{
    control->struck_n++;
    (void)syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

/* ---- the disk ---- */

static bool is_ours(const char *path)
{
    size_t n = strlen(folder);

    return n > 0 && strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool is_our_file(int fd, char path[static PATH_MAX])
{
    char link[64];
    long n;

    if (folder[0] == '\0')
        return false;
    (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = syscall(SYS_readlinkat, AT_FDCWD, link, path, PATH_MAX - 1);
    path[n < 0 ? 0 : n] = '\0';
    return is_ours(path);
}

static void trace(const struct operation *op)
{
    struct traced head = {.kind = op->kind, .at = op->at};
    struct iovec parts[] = {
        {&head, sizeof(head)},
        {(void *)(uintptr_t)op->path, strlen(op->path)},
        {(void *)(uintptr_t)op->path2, op->path2 == NULL ? 0 : strlen(op->path2)},
        {(void *)(uintptr_t)op->bytes, op->n}};

    if (trace_fd < 0)
        return;
    head.n_path = (int64_t)parts[1].iov_len;
    head.n_path2 = (int64_t)parts[2].iov_len;
    head.n_bytes = op->bytes == NULL ? 0 : (int64_t)op->n;
    parts[3].iov_len = (size_t)head.n_bytes;
    (void)!syscall(SYS_writev, trace_fd, parts, 4); /* the campaign notices a trace that is cut */
}

static long long what_fails(char kind)
{
    switch (kind) {
    case 's':
    case 'd':
        return FAILS_SYNCS;
    case 'u':
    case 'l':
    case 'r':
    case 'm':
        return FAILS_NAMES;
    default:
        return FAILS_WRITES;
    }
}

static bool fails(long long number, long long what)
{
    return number >= control->disk_fails_from && number < control->disk_fails_until &&
           (control->disk_fails & what) != 0;
}

/* Carries the operation out, or not; `half` = only half of the bytes. */
typedef long carry_out(int fd, const struct operation *op, bool half);

static long fail_operation(int fd, const struct operation *op, carry_out *really)
{
    struct operation shown = *op;

    control->struck_n++;
    /* A disk becomes full in the midst of a write. */
    if (op->kind == 'w' && op->n > 1 && control->disk_errno == ENOSPC) {
        shown.n = op->n / 2;
        trace(&shown);
        return really(fd, op, true);
    }
    if (op->kind == 's') {
        shown.kind = 'f';
        trace(&shown);
    }
    errno = (int)control->disk_errno;
    return -1;
}

/* One at a time, so that the trace has the order of the disk. */
static long disk(int fd, const struct operation *op, carry_out *really)
{
    long long number, death;
    struct operation done = *op;
    long result;

    (void)pthread_mutex_lock(&lock);
    number = ++control->disk_n;
    death = number == control->disk_dies_at ? control->disk_death : -1;
    if (death == DIES_POWER && what_fails(op->kind) != FAILS_SYNCS)
        trace(op);
    if (death == DIES_TORN && op->kind == 'w')
        (void)really(fd, op, true);
    if (death >= 0 && death != DIES_AFTER)
        die();
    if (fails(number, what_fails(op->kind))) {
        result = fail_operation(fd, op, really);
    } else {
        result = really(fd, op, false);
        done.n = op->kind == 'w' && result >= 0 ? (size_t)result : op->n;
        if (result >= 0)
            trace(&done);
    }
    if (death == DIES_AFTER)
        die();
    (void)pthread_mutex_unlock(&lock);
    return result;
}

static long really_write(int fd, const struct operation *op, bool half)
{
    return syscall(SYS_pwrite64, fd, op->bytes, half ? op->n / 2 : op->n, op->at);
}

/* The file's offset moves, as with write(). */
static long really_append(int fd, const struct operation *op, bool half)
{
    return syscall(SYS_write, fd, op->bytes, half ? op->n / 2 : op->n);
}

static long really_truncate(int fd, const struct operation *op, bool half)
{
    (void)half;
    return syscall(SYS_ftruncate, fd, op->at);
}

static long really_sync(int fd, const struct operation *op, bool half)
{
    (void)fd;
    (void)op;
    (void)half;
    return 0;
}

static long really_unlink(int fd, const struct operation *op, bool half)
{
    (void)fd;
    (void)half;
    return syscall(SYS_unlinkat, AT_FDCWD, op->path, 0);
}

static long really_link(int fd, const struct operation *op, bool half)
{
    (void)fd;
    (void)half;
    return syscall(SYS_linkat, AT_FDCWD, op->path, AT_FDCWD, op->path2, 0);
}

static long really_make(int fd, const struct operation *op, bool half)
{
    (void)fd;
    (void)half;
    return syscall(SYS_mkdirat, AT_FDCWD, op->path, (mode_t)op->at);
}

static long really_rename(int fd, const struct operation *op, bool half)
{
    (void)fd;
    (void)half;
    return syscall(SYS_renameat, AT_FDCWD, op->path, AT_FDCWD, op->path2);
}

SHOWN ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at)
{
    char path[PATH_MAX];

    if (!is_our_file(fd, path))
        return syscall(SYS_pwrite64, fd, bytes, n, at);
    return disk(fd, &(struct operation){'w', path, NULL, bytes, n, at}, really_write);
}

SHOWN int ftruncate64(int fd, off64_t size)
{
    char path[PATH_MAX];

    if (!is_our_file(fd, path))
        return (int)syscall(SYS_ftruncate, fd, size);
    return (int)disk(fd, &(struct operation){.kind = 't', .path = path, .at = size},
                     really_truncate);
}

SHOWN int fdatasync(int fd)
{
    char path[PATH_MAX], kind;
    struct stat info;

    if (!is_our_file(fd, path))
        return 0;
    kind = fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) ? 'd' : 's';
    return (int)disk(fd, &(struct operation){.kind = kind, .path = path}, really_sync);
}

SHOWN int fsync(int fd)
{
    return fdatasync(fd);
}

SHOWN int unlink(const char *path)
{
    if (!is_ours(path))
        return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    return (int)disk(-1, &(struct operation){.kind = 'u', .path = path}, really_unlink);
}

SHOWN int link(const char *from, const char *to)
{
    if (!is_ours(to))
        return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
    return (int)disk(-1, &(struct operation){.kind = 'l', .path = from, .path2 = to}, really_link);
}

SHOWN int rename(const char *from, const char *to)
{
    if (!is_ours(to))
        return (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
    return (int)disk(-1, &(struct operation){.kind = 'r', .path = from, .path2 = to},
                     really_rename);
}

SHOWN int mkdir(const char *path, mode_t mode)
{
    /* Bare where it changes nothing. */
    if (!is_ours(path) || syscall(SYS_faccessat, AT_FDCWD, path, F_OK) == 0)
        return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
    return (int)disk(-1, &(struct operation){.kind = 'm', .path = path, .at = mode}, really_make);
}

/* Opening is not counted: it changes nothing that matters. It fails while everything else does. */
SHOWN int open64(const char *path, int flags, ...)
{
    mode_t mode = 0;
    va_list arguments;

    if ((flags & (O_CREAT | __O_TMPFILE)) != 0) {
        va_start(arguments, flags);
        mode = va_arg(arguments, mode_t);
        va_end(arguments);
    }
    if (control != NULL && (flags & O_ACCMODE) != O_RDONLY && is_ours(path) &&
        fails(control->disk_n, FAILS_OPENS)) {
        control->struck_n++;
        errno = (int)control->disk_errno;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_LARGEFILE, mode);
}

/* ---- the network ---- */

static bool is_tcp(int fd)
{
    int domain = 0;
    socklen_t n = sizeof(domain);

    return control != NULL && getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &n) == 0 &&
           (domain == AF_INET || domain == AF_INET6);
}

struct passage {
    bool is_cut, dies_after;
};

static struct passage net(int fd)
{
    long long number = ++control->net_n;
    struct passage p = {.is_cut = number == control->net_cut_at};

    if (number == control->net_dies_at && control->net_death == DIES_BEFORE)
        die();
    p.dies_after = number == control->net_dies_at;
    if (p.is_cut) {
        control->struck_n++;
        (void)syscall(SYS_shutdown, fd, SHUT_RDWR);
        errno = ECONNRESET;
    }
    return p;
}

static ssize_t after(struct passage p, ssize_t result)
{
    if (p.dies_after)
        die();
    return result;
}

SHOWN ssize_t sendto(int fd, const void *bytes, size_t n, int flags, __CONST_SOCKADDR_ARG to,
                     socklen_t n_to)
{
    struct passage p;

    if (!is_tcp(fd))
        return syscall(SYS_sendto, fd, bytes, n, flags, to.__sockaddr__, n_to);
    p = net(fd);
    if (p.is_cut)
        return -1;
    return after(p, syscall(SYS_sendto, fd, bytes, n, flags, to.__sockaddr__, n_to));
}

SHOWN ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    return sendto(fd, bytes, n, flags, NULL, 0);
}

SHOWN ssize_t recvfrom(int fd, void *restrict bytes, size_t n, int flags, __SOCKADDR_ARG from,
                       socklen_t *restrict n_from)
{
    struct passage p;

    if (!is_tcp(fd))
        return syscall(SYS_recvfrom, fd, bytes, n, flags, from.__sockaddr__, n_from);
    p = net(fd);
    if (p.is_cut)
        return -1;
    return after(p, syscall(SYS_recvfrom, fd, bytes, n, flags, from.__sockaddr__, n_from));
}

SHOWN ssize_t recv(int fd, void *bytes, size_t n, int flags)
{
    return recvfrom(fd, bytes, n, flags, NULL, NULL);
}

SHOWN ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    struct passage p;

    if (!is_tcp(fd))
        return syscall(SYS_sendmsg, fd, message, flags);
    p = net(fd);
    return p.is_cut ? -1 : after(p, syscall(SYS_sendmsg, fd, message, flags));
}

/* Files and sockets alike. */
SHOWN ssize_t write(int fd, const void *bytes, size_t n)
{
    char path[PATH_MAX];
    int64_t at;

    if (is_our_file(fd, path)) {
        at = syscall(SYS_lseek, fd, 0, SEEK_CUR);
        return disk(fd, &(struct operation){'w', path, NULL, bytes, n, at}, really_append);
    }
    if (is_tcp(fd))
        return send(fd, bytes, n, 0);
    return syscall(SYS_write, fd, bytes, n);
}

/* ---- the clock ---- */

SHOWN int clock_gettime(clockid_t id, struct timespec *out)
{
    long result = syscall(SYS_clock_gettime, id, out);
    int64_t ms = control == NULL ? 0 : control->clock_ms;

    if (result == 0 && ms != 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
        control->struck_n++;
        ms += out->tv_sec * MS_PER_S + out->tv_nsec / NS_PER_MS;
        out->tv_sec = ms / MS_PER_S;
        out->tv_nsec = ms % MS_PER_S * NS_PER_MS + out->tv_nsec % NS_PER_MS;
    }
    return (int)result;
}

SHOWN int gettimeofday(struct timeval *restrict out, void *restrict zone)
{
    struct timespec now;

    (void)zone;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    *out = (struct timeval){now.tv_sec, now.tv_nsec / (NS_PER_MS / US_PER_MS)};
    return 0;
}

SHOWN time_t time(time_t *out)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec;
    return now.tv_sec;
}
