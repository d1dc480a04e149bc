#include "net/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { FIRST_LISTEN_FD = 3 }; /* SD_LISTEN_FDS_START of sd_listen_fds(3) */

void notify_send(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = path == NULL ? 0 : strlen(path);
    int fd;

    if (n < 2 || n >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(address.sun_path, path, n);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract socket, whose name is not terminated */
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)sendto(
        fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&address,
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (path[0] == '/' ? 1 : 0)));
    (void)close(fd);
}

static long number_in(const char *name)
{
    const char *text = getenv(name);
    char *end;
    long number;

    if (text == NULL || text[0] == '\0')
        return -1;
    errno = 0;
    number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' ? number : -1;
}

int notify_listen_fd(void)
{
    long pid = number_in("LISTEN_PID"), n = number_in("LISTEN_FDS");
    int is_listening = 0;
    socklen_t size = sizeof(is_listening);

    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    if (pid != (long)getpid() || n < 1)
        return -1;
    if (getsockopt(FIRST_LISTEN_FD, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 ||
        is_listening == 0)
        return -1;
    (void)fcntl(FIRST_LISTEN_FD, F_SETFD, FD_CLOEXEC);
    return FIRST_LISTEN_FD;
}
