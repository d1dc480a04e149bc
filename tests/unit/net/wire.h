/* Clients for the tests of net: plain blocking sockets on a thread of their own, while the loop
 * runs on the test's. They only note what they see; the test judges it afterwards, since cmocka's
 * assertions belong to its own thread. */
#ifndef ROSTER_TESTS_NET_WIRE_H
#define ROSTER_TESTS_NET_WIRE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/loop.h"

enum { WIRE_ANSWER = 65536 };

struct wire_run {
    struct loop *loop;
    void (*fn)(void *arg);
    void *arg;
};

static inline void wire_stop(void *arg)
{
    loop_stop(arg);
}

static inline void *wire_thread(void *arg)
{
    struct wire_run *run = arg;

    run->fn(run->arg);
    loop_post(run->loop, wire_stop, run->loop);
    return NULL;
}

/* Runs the loop until fn, on another thread, has returned. */
static inline void wire_while(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct wire_run run = {loop, fn, arg};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, wire_thread, &run), 0);
    loop_run(loop);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static inline void wire_patience(int fd, int ms)
{
    struct timeval t = {ms / 1000, (ms % 1000) * 1000};

    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
}

/* -1 when it does not come about. */
static inline int wire_connect(const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET};
    const char *colon = strrchr(address, ':');
    static const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_port = htons((uint16_t)strtoul(colon + 1, NULL, 10));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    wire_patience(fd, 5000);
    return fd;
}

static inline void wire_send(int fd, const void *p, size_t n)
{
    (void)!send(fd, p, n, MSG_NOSIGNAL);
}

static inline void wire_say(int fd, const char *text)
{
    wire_send(fd, text, strlen(text));
}

/* Reads to the end of the connection. True when that came as an orderly close. */
static inline int wire_read_all(int fd, char *out)
{
    size_t n = 0;
    ssize_t got;

    do {
        got = recv(fd, out + n, WIRE_ANSWER - 1 - n, 0);
        n += got > 0 ? (size_t)got : 0;
    } while (got > 0 && n < WIRE_ANSWER - 1);
    out[n] = '\0';
    return got == 0;
}

/* Reads until text has come. */
static inline int wire_read_until(int fd, char *out, const char *text)
{
    size_t n = 0;

    out[0] = '\0';
    while (strstr(out, text) == NULL && n < WIRE_ANSWER - 1) {
        ssize_t got = recv(fd, out + n, WIRE_ANSWER - 1 - n, 0);

        if (got <= 0)
            return 0;
        n += (size_t)got;
        out[n] = '\0';
    }
    return 1;
}

static inline unsigned wire_count(const char *text, const char *what)
{
    unsigned n = 0;

    for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what))
        n++;
    return n;
}

#endif
