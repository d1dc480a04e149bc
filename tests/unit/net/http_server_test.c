/* When answers come, and to whom: late, many, slow, over which sockets. */
#include "server_fixture.h"

#include <poll.h>
#include <sys/resource.h>

static void answer_waiting(void *arg)
{
    unsigned n = owner.n_waiting;

    (void)arg;
    owner.n_waiting = 0;
    for (unsigned i = 0; i < n; i++)
        http_reply(owner.waiting[i], 200, "text/plain", SPAN("late"), NULL);
}

static void cut_waiting(void *arg)
{
    (void)arg;
    for (unsigned i = 0; i < owner.n_waiting; i++)
        http_abort(owner.waiting[i], SPAN("cut"));
    owner.n_waiting = 0;
}

static void ask_late(void *arg)
{
    struct probe *probe = arg;
    char answer[WIRE_ANSWER];
    int gone = wire_connect(http_server_address(server)),
        reset = wire_connect(http_server_address(server)),
        stays = wire_connect(http_server_address(server)),
        cut = wire_connect(http_server_address(server));
    static const struct linger hard = {1, 0};

    wire_say(gone, "POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi");
    wire_say(reset, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_say(stays, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n" HEAD
                    "\r\n"); /* the second one waits its turn */
    usleep(100000);
    close(gone);
    (void)setsockopt(reset, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
    close(reset);
    usleep(50000);
    loop_post(loop, answer_waiting, NULL);
    probe->was_closed = wire_read_until(stays, probe->answer, "Content-Length: 0\r\n\r\n") &&
                        wire_count(probe->answer, "HTTP/1.1 200 ") == 2;
    wire_say(cut, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(50000);
    loop_post(loop, cut_waiting, NULL);
    probe->was_closed =
        probe->was_closed && wire_read_all(cut, answer) && strcmp(answer, "cut") == 0;
    close(cut);
    close(stays);
    usleep(50000);
}

static void test_late(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, ask_late, &probe);
    assert_true(probe.was_closed);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    assert_int_equal(owner.n_requests, 5);
    assert_int_equal(http_server_active(server), 0);
    end();
}

static void ask_and_leave(void *arg)
{
    int *fd = arg;

    *fd = wire_connect(http_server_address(server));
    wire_say(*fd, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    usleep(100000);
}

static void test_free_while_waiting(void **state)
{
    struct http_server_options options = usual();
    int fd;

    (void)state;
    start(&options);
    wire_while(loop, ask_and_leave, &fd);
    assert_int_equal(owner.n_waiting, 1);
    assert_int_equal(http_server_active(server), 1);
    end();
    close(fd);
}

static void quiesce(void *arg)
{
    (void)arg;
    http_server_quiesce(server);
}

static void ask_around_quiesce(void *arg)
{
    struct probe *probe = arg;
    char answer[WIRE_ANSWER];
    int waits = wire_connect(http_server_address(server)),
        idle = wire_connect(http_server_address(server));
    int late;

    wire_say(waits, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
    wire_say(idle, HEAD "\r\n");
    (void)wire_read_until(idle, answer, "\r\n\r\n");
    usleep(50000);
    loop_post(loop, quiesce, NULL);
    probe->was_closed = wire_read_all(idle, answer);
    loop_post(loop, answer_waiting, NULL);
    probe->was_closed = probe->was_closed && wire_read_all(waits, probe->answer);
    late = wire_connect(
        http_server_address(server)); /* the kernel's queue takes it, nobody else does */
    wire_say(late, HEAD END);
    wire_patience(late, 200);
    probe->was_closed = probe->was_closed && recv(late, answer, 1, 0) <= 0;
    close(late);
    close(waits);
    close(idle);
}

static void test_quiesce(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, ask_around_quiesce, &probe);
    assert_true(probe.was_closed);
    assert_non_null(strstr(probe.answer, "\r\nConnection: close\r\n"));
    assert_int_equal(http_server_active(server), 0);
    end();
}

/* The stall of libmicrohttpd's own thread: a multiple of 128 events at once. */

enum { CROWD = 256 };

struct crowd {
    int fd[CROWD];
    pthread_barrier_t barrier;
    unsigned n_answers;
};

static void hold_loop(void *arg)
{
    struct crowd *crowd = arg;

    (void)pthread_barrier_wait(&crowd->barrier); /* the loop stands still */
    (void)pthread_barrier_wait(&crowd->barrier); /* while all of them send */
}

static void ask_together(struct crowd *crowd, size_t n, const char *request, const char *wanted)
{
    char answer[WIRE_ANSWER];

    loop_post(loop, hold_loop, crowd);
    (void)pthread_barrier_wait(&crowd->barrier);
    for (size_t i = 0; i < n; i++)
        wire_say(crowd->fd[i], request);
    (void)pthread_barrier_wait(&crowd->barrier);
    if (strstr(request, "/late") != NULL) {
        usleep(50000);
        loop_post(loop, answer_waiting, NULL);
    }
    for (size_t i = 0; i < n; i++)
        crowd->n_answers += wire_read_until(crowd->fd[i], answer, wanted) ? 1 : 0;
}

static void be_a_crowd(void *arg)
{
    struct crowd *crowd = arg;

    for (size_t i = 0; i < CROWD; i++)
        crowd->fd[i] = wire_connect(http_server_address(server));
    for (int round = 0; round < 5; round++) {
        ask_together(crowd, CROWD, POST "Content-Length: 2\r\n\r\nhi", "hi");
        ask_together(crowd, 128, POST "Content-Length: 2\r\n\r\nhi", "hi");
        ask_together(crowd, CROWD, "GET /late HTTP/1.1\r\nHost: a\r\n\r\n", "late");
    }
    for (size_t i = 0; i < CROWD; i++)
        close(crowd->fd[i]);
}

static void test_many_at_once(void **state)
{
    struct http_server_options options = usual();
    struct crowd crowd = {.n_answers = 0};
    int64_t since_ms = clock_mono_ms();

    (void)state;
    start(&options);
    (void)pthread_barrier_init(&crowd.barrier, NULL, 2);
    wire_while(loop, be_a_crowd, &crowd);
    (void)pthread_barrier_destroy(&crowd.barrier);
    assert_int_equal(crowd.n_answers, 5 * (2 * CROWD + 128));
    assert_in_range(clock_mono_ms() - since_ms, 0, 20000);
    end();
}

static void be_too_many(void *arg)
{
    struct crowd *crowd = arg;
    char answer[WIRE_ANSWER];

    for (size_t i = 0; i < 12; i++) {
        crowd->fd[i] = wire_connect(http_server_address(server));
        wire_say(crowd->fd[i], HEAD "\r\n");
    }
    for (size_t i = 0; i < 12; i++) {
        crowd->n_answers += wire_read_until(crowd->fd[i], answer, "\r\n\r\n") ? 1 : 0;
        close(crowd->fd[i]); /* makes room for one that waits */
    }
}

static void test_connection_limit(void **state)
{
    struct http_server_options options = usual();
    struct crowd crowd = {.n_answers = 0};

    (void)state;
    options.limits.connections = 4;
    start(&options);
    wire_while(loop, be_too_many, &crowd);
    assert_int_equal(crowd.n_answers, 12);
    end();
}

/* Nobody of the eight says a word or leaves. */
static void be_crowded_out(void *arg)
{
    struct crowd *crowd = arg;
    char answer[WIRE_ANSWER];

    for (size_t i = 0; i < 9; i++)
        crowd->fd[i] = wire_connect(http_server_address(server));
    wire_say(crowd->fd[8], HEAD "\r\n");
    crowd->n_answers += wire_read_until(crowd->fd[8], answer, "\r\n\r\n") ? 1 : 0;
    for (size_t i = 0; i < 9; i++)
        close(crowd->fd[i]);
}

static void test_crowded(void **state)
{
    struct http_server_options options = usual();
    struct crowd crowd = {.n_answers = 0};

    (void)state;
    options.limits.connections = 8;
    start(&options);
    wire_while(loop, be_crowded_out, &crowd);
    assert_int_equal(crowd.n_answers, 1);
    end();
}

struct large {
    char answer[WIRE_ANSWER], small_answer[WIRE_ANSWER];
};

/* Two bodies that do not end, one of which is refused, and a small one beside them. */
static void be_large(void *arg)
{
    static const char part[100000];
    struct large *large = arg;
    struct pollfd answers[2];
    int fd[2], small;

    for (size_t i = 0; i < 2; i++) {
        fd[i] = wire_connect(http_server_address(server));
        wire_say(fd[i], POST "Content-Length: 300000\r\n\r\n");
        wire_send(fd[i], part, sizeof(part));
        answers[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
    }
    (void)poll(answers, 2, 20000);
    (void)wire_read_all(fd[answers[0].revents != 0 ? 0 : 1], large->answer);
    small = wire_connect(http_server_address(server));
    wire_say(small, POST "Content-Length: 2\r\n" END "hi");
    (void)wire_read_all(small, large->small_answer);
    close(small);
    close(fd[0]);
    close(fd[1]);
}

static void test_bodies_together(void **state)
{
    static struct large large;
    struct http_server_options options = usual();

    (void)state;
    options.limits.body = 400000;
    options.limits.bodies = 200000;
    start(&options);
    wire_while(loop, be_large, &large);
    assert_non_null(strstr(large.answer, "HTTP/1.1 503 "));
    assert_non_null(strstr(large.answer, "\"busy\""));
    assert_non_null(strstr(large.small_answer, "HTTP/1.1 200 "));
    end();
}

/* The server cannot take the second connection until the limit is lifted and the first is closed.
 */
static void be_without_descriptors(void *arg)
{
    struct probe *probe = arg;
    char answer[WIRE_ANSWER];
    int first = wire_connect(http_server_address(server)), second, next;
    struct rlimit limit, few;

    wire_say(first, HEAD "\r\n");
    (void)wire_read_until(first, answer, "\r\n\r\n");
    next = dup(first);
    close(next);
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    few = limit;
    few.rlim_cur = (rlim_t)next + 1;
    (void)setrlimit(RLIMIT_NOFILE, &few);
    second = wire_connect(http_server_address(server));
    wire_say(second, HEAD END);
    usleep(100000);
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    close(first);
    probe->was_closed = wire_read_all(second, probe->answer);
    close(second);
}

static void test_no_descriptors(void **state)
{
    struct http_server_options options = usual();
    struct probe probe = {0};

    (void)state;
    start(&options);
    wire_while(loop, be_without_descriptors, &probe);
    assert_true(probe.was_closed);
    assert_int_equal(wire_count(probe.answer, "HTTP/1.1 200 "), 1);
    end();
}

/* Time limits */

enum { SLOW = 6 };

static const struct slow {
    const char *name, *first, *rest; /* rest: byte by byte, again and again */
    int64_t least_ms, most_ms;
} slow_ones[SLOW] = {
    {"request line, byte by byte", "G", "E", 600, 2200},
    {"headers, byte by byte", "GET /echo HTTP/1.1\r\nHost: a\r\nX: ", "a", 600, 1700},
    {"headers, then silence", "GET /echo HTTP/1.1\r\nHost: a\r\n", "", 600, 1700},
    {"body, byte by byte", POST "Content-Length: 4000\r\n\r\n", "a", 600, 1700},
    {"chunks, byte by byte", POST "Transfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", 600, 1700},
    {"silence", "", "", 1400, 2500},
};

struct slowness {
    int64_t ended_ms[SLOW];
};

static void be_slow(void *arg)
{
    struct slowness *s = arg;
    int fd[SLOW];
    int64_t since_ms = clock_mono_ms();
    size_t n_open = SLOW, tick = 0;

    for (size_t i = 0; i < SLOW; i++) {
        fd[i] = wire_connect(http_server_address(server));
        wire_say(fd[i], slow_ones[i].first);
    }
    while (n_open > 0 && clock_mono_ms() - since_ms < 5000) {
        usleep(20000);
        tick++;
        for (size_t i = 0; i < SLOW; i++) {
            size_t n = strlen(slow_ones[i].rest);
            char c;

            if (s->ended_ms[i] != 0)
                continue;
            if (n > 0)
                wire_send(fd[i], slow_ones[i].rest + (tick - 1) % n, 1);
            if (recv(fd[i], &c, 1, MSG_DONTWAIT) == 0 ||
                (errno != EAGAIN && errno != EWOULDBLOCK)) {
                s->ended_ms[i] = clock_mono_ms() - since_ms;
                n_open--;
            }
            errno = EAGAIN;
        }
    }
    for (size_t i = 0; i < SLOW; i++)
        close(fd[i]);
}

static void test_deadlines(void **state)
{
    struct http_server_options options = usual();
    struct slowness s = {{0}};

    (void)state;
    options.limits.request_ms = 600;
    options.limits.idle_ms = 1400;
    start(&options);
    errno = EAGAIN;
    wire_while(loop, be_slow, &s);
    for (size_t i = 0; i < SLOW; i++) {
        if (s.ended_ms[i] < slow_ones[i].least_ms || s.ended_ms[i] > slow_ones[i].most_ms)
            fail_msg("%s: cut after %lld ms", slow_ones[i].name, (long long)s.ended_ms[i]);
    }
    end();
}

/* Where it listens */

static void test_addresses(void **state)
{
    static const struct {
        const char *listen, *address; /* its beginning; NULL: refused */
    } cases[] = {
        {"127.0.0.1:0", "127.0.0.1:"},
        {"[::1]:0", "[::1]:"},
        {"localhost:0", ""},
        {":0", ""},
        {"127.0.0.1", NULL},
        {"127.0.0.1:", NULL},
        {"::1:80", NULL},
        {"127.0.0.1:http", NULL},
        {"127.0.0.1:99999", NULL},
        {"unix:relative", NULL},
        {"192.0.2.1:0", NULL},
        {"unix:/nowhere/at/all", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct http_server_options options = usual();
        enum err err;

        options.listen = cases[i].listen;
        assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
        server = NULL;
        err = http_server_new(loop, &options, &server, &fail);
        if ((err == ERR_NONE) != (cases[i].address != NULL))
            fail_msg("%s: %s", cases[i].listen, err == ERR_NONE ? "accepted" : fail.text);
        if (err == ERR_NONE &&
            strncmp(http_server_address(server), cases[i].address, strlen(cases[i].address)) != 0)
            fail_msg("%s: %s", cases[i].listen, http_server_address(server));
        end();
    }
}

static void ask_unix(void *arg)
{
    struct probe *probe = arg;
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(to.sun_path, sizeof(to.sun_path), "%s", http_server_address(server) + strlen("unix:"));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0) {
        wire_say(fd, HEAD END);
        probe->was_closed = wire_read_all(fd, probe->answer);
    }
    close(fd);
}

static void test_unix_socket(void **state)
{
    struct http_server_options options = usual();
    struct http_server *second = NULL;
    char folder[] = "/tmp/net-test-XXXXXX", path[64], listen_text[80];
    struct sockaddr_un stale = {.sun_family = AF_UNIX};
    struct probe probe = {0};
    struct stat st;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/s", folder);
    snprintf(listen_text, sizeof(listen_text), "unix:%s", path);
    snprintf(stale.sun_path, sizeof(stale.sun_path), "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&stale, sizeof(stale)), 0);
    close(fd); /* what a killed process leaves behind */

    options.listen = listen_text;
    start(&options);
    assert_string_equal(http_server_address(server), listen_text);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
    assert_int_equal(http_server_new(loop, &options, &second, &fail), ERR_CONFLICT);
    wire_while(loop, ask_unix, &probe);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    end();
    assert_int_equal(stat(path, &st), -1);
    fd = open(path, O_CREAT | O_WRONLY, 0600);
    close(fd);
    assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
    assert_int_equal(http_server_new(loop, &options, &second, &fail), ERR_CONFLICT);
    assert_int_equal(stat(path, &st), 0); /* a file is never removed */
    loop_free(loop);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_inherited_socket(void **state)
{
    struct http_server_options options = usual();
    struct sockaddr_in address = {.sin_family = AF_INET};
    static const char request[] = HEAD END;
    struct probe probe = {.request = request, .n = sizeof(request) - 1};

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    options.listen = NULL;
    options.listen_fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(options.listen_fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(options.listen_fd, 10), 0);
    start(&options);
    wire_while(loop, send_probe, &probe);
    assert_int_equal(strncmp(probe.answer, "HTTP/1.1 200 ", 13), 0);
    end();
}

static void test_tls_needs_both(void **state)
{
    struct http_server_options options = usual();

    (void)state;
    assert_int_equal(loop_new(&loop, &fail), ERR_NONE);
    options.tls_cert = SPAN("x");
    assert_int_equal(http_server_new(loop, &options, &server, &fail), ERR_INPUT);
    options.tls_key = SPAN("y");
    assert_int_equal(http_server_new(loop, &options, &server, &fail), ERR_INPUT);
    assert_non_null(strstr(fail.text, "HTTP server on 127.0.0.1:"));
    loop_free(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_free_while_waiting),
        cmocka_unit_test(test_quiesce),
        cmocka_unit_test(test_many_at_once),
        cmocka_unit_test(test_connection_limit),
        cmocka_unit_test(test_crowded),
        cmocka_unit_test(test_bodies_together),
        cmocka_unit_test(test_no_descriptors),
        cmocka_unit_test(test_deadlines),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_unix_socket),
        cmocka_unit_test(test_inherited_socket),
        cmocka_unit_test(test_tls_needs_both),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
