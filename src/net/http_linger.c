#include "net/http_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

/* Long enough for an answer to reach the client, short and few enough to be no way of tying up the
 * server. */
enum { LINGER_MS = 2000, LINGER_MAX = 64, READS_AT_ONCE = 16, READ_SIZE = 16384 };

struct http_lingering {
    struct http_server *server;
    struct http_lingering *next;
    struct loop_watch *watch; /* NULL: over */
    int fd;
    int64_t until_ms;
};

static void end(struct http_lingering *l)
{
    loop_unwatch(l->watch);
    l->watch = NULL;
    if (l->fd >= 0)
        (void)close(l->fd);
    l->fd = -1;
}

static void on_readable(void *arg, unsigned events)
{
    static char dropped[READ_SIZE];
    struct http_lingering *l = arg;

    (void)events;
    for (int i = 0; i < READS_AT_ONCE; i++) {
        ssize_t n = recv(l->fd, dropped, sizeof(dropped), MSG_DONTWAIT);

        if (n > 0)
            continue;
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            end(l);
        return;
    }
}

void http_linger(struct http_server *server, int fd)
{
    struct http_lingering *l;
    unsigned n = 0;
    int copy;

    for (l = server->lingering; l != NULL; l = l->next)
        n++;
    if (n >= LINGER_MAX)
        return;
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (copy < 0)
        return;
    (void)shutdown(copy, SHUT_WR);
    l = mem_new(1, sizeof(*l));
    *l = (struct http_lingering){.server = server,
                                 .next = server->lingering,
                                 .fd = copy,
                                 .until_ms = clock_mono_ms() + LINGER_MS};
    server->lingering = l;
    l->watch = loop_watch(server->loop, copy, LOOP_READ, on_readable, l);
    if (!loop_timer_is_set(server->sweep))
        loop_timer_set(server->sweep, HTTP_SWEEP_MS);
}

void http_linger_sweep(struct http_server *server)
{
    struct http_lingering **at = &server->lingering;
    int64_t now_ms = clock_mono_ms();

    while (*at != NULL) {
        struct http_lingering *l = *at;

        if (l->watch != NULL && now_ms >= l->until_ms)
            end(l);
        if (l->watch != NULL) {
            at = &l->next;
        } else {
            *at = l->next;
            free(l);
        }
    }
}

void http_linger_done(struct http_server *server)
{
    while (server->lingering != NULL) {
        struct http_lingering *l = server->lingering;

        server->lingering = l->next;
        end(l);
        free(l);
    }
}
