#include "net/http_private.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

enum { BACKLOG = 1024 };

static const char unix_prefix[] = "unix:";

/* A socket that nobody listens on any more is what a killed process leaves behind. */
static enum err remove_stale(const struct sockaddr_un *address, struct fail *fail)
{
    struct stat st;
    int fd, rc, error;

    if (lstat(address->sun_path, &st) != 0)
        return ERR_NONE;
    if (!S_ISSOCK(st.st_mode))
        return fail_set(fail, ERR_CONFLICT, "%s is there and is no socket", address->sun_path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(fail, ERR_IO, errno, "socket");
    rc = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    error = errno;
    (void)close(fd);
    if (rc == 0 || error != ECONNREFUSED)
        return fail_set(fail, ERR_CONFLICT, "another process listens on %s", address->sun_path);
    (void)unlink(address->sun_path);
    return ERR_NONE;
}

static enum err listen_unix(const char *path, int *out_fd, char **unix_path, struct fail *fail)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    enum err err;
    int fd;

    if (path[0] != '/' || strlen(path) >= sizeof(address.sun_path))
        return fail_set(fail, ERR_INPUT,
                        "'unix:%s': an absolute path of at most %zu bytes is needed", path,
                        sizeof(address.sun_path) - 1);
    memcpy(address.sun_path, path, strlen(path));
    err = remove_stale(&address, fail);
    if (err != ERR_NONE)
        return err;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return fail_errno(fail, ERR_IO, errno, "socket");
    /* The mode is set before anybody can connect. */
    if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        chmod(path, 0660) != 0 || listen(fd, BACKLOG) != 0) {
        err = fail_errno(fail, ERR_IO, errno, "listen on %s", path);
        (void)close(fd);
        return err;
    }
    *unix_path = mem_dup_str(path);
    *out_fd = fd;
    return ERR_NONE;
}

/* Cuts "host:port" or "[host]:port" in place. */
static bool split_host(char *text, char **host, char **port)
{
    char *colon = strrchr(text, ':');
    size_t n;

    if (colon == NULL || colon[1] == '\0')
        return false;
    *colon = '\0';
    *port = colon + 1;
    n = strlen(text);
    if (text[0] == '[' && n > 2 && text[n - 1] == ']') {
        text[n - 1] = '\0';
        text++;
    } else if (strchr(text, ':') != NULL || strchr(text, '[') != NULL) {
        return false;
    }
    *host = text[0] == '\0' || strcmp(text, "*") == 0 ? NULL : text;
    return strspn(*port, "0123456789") == strlen(*port) && strlen(*port) <= 5 &&
           strtoul(*port, NULL, 10) <= UINT16_MAX;
}

static int listen_on(const struct addrinfo *info)
{
    static const int on = 1, off = 0;
    int error, fd = socket(info->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (info->ai_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    if (bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    error = errno;
    (void)close(fd);
    errno = error;
    return -1;
}

static enum err listen_tcp(const char *listen, int *out_fd, struct fail *fail)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *infos = NULL;
    char *text = mem_dup_str(listen), *host, *port;
    enum err err = ERR_NONE;
    int fd, rc;

    if (!split_host(text, &host, &port)) {
        err = fail_set(fail, ERR_INPUT,
                       "'%s' is not of the form 127.0.0.1:8080, [::1]:8080 or unix:/path", listen);
        goto out;
    }
    rc = getaddrinfo(host, port, &hints, &infos);
    if (rc != 0) {
        err = fail_set(fail, ERR_INPUT, "listen on %s: %s", listen, gai_strerror(rc));
        goto out;
    }
    fd = listen_on(infos);
    if (fd < 0) {
        err = fail_errno(fail, ERR_IO, errno, "listen on %s", listen);
        goto out;
    }
    *out_fd = fd;
out:
    if (infos != NULL)
        freeaddrinfo(infos);
    free(text);
    return err;
}

enum err http_listen(const char *listen, int *out_fd, char **unix_path, struct fail *fail)
{
    if (strncmp(listen, unix_prefix, sizeof(unix_prefix) - 1) == 0)
        return listen_unix(listen + sizeof(unix_prefix) - 1, out_fd, unix_path, fail);
    return listen_tcp(listen, out_fd, fail);
}

char *http_listen_address(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof(address);
    char host[NI_MAXHOST], port[NI_MAXSERV];

    if (getsockname(fd, (struct sockaddr *)&address, &n) != 0)
        return mem_dup_str("?");
    if (address.ss_family == AF_UNIX)
        return mem_printf("unix:%s", ((const struct sockaddr_un *)&address)->sun_path);
    if (getnameinfo((const struct sockaddr *)&address, n, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return mem_dup_str("?");
    return mem_printf(address.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}
