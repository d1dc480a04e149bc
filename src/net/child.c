#include "net/child.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"

enum { POLL_MS = 20, READ_SIZE = 16384 };

struct child {
    struct loop *loop;
    void (*done)(void *arg, const struct child_result *result);
    void *arg;
    pid_t pid;
    int pid_fd; /* -1: the kernel is older than 5.3, so it is asked again and again */
    int in_fd, out_fd;
    struct loop_watch *pid_watch, *in_watch, *out_watch;
    struct loop_timer *time_out, *poll;
    char *input;
    size_t n_input, n_written;
    struct buf output;
    int64_t timeout_ms;
    enum err err;
    char text[96];
};

static void close_end(int *fd, struct loop_watch **watch)
{
    loop_unwatch(*watch);
    *watch = NULL;
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void free_child(struct child *child)
{
    close_end(&child->in_fd, &child->in_watch);
    close_end(&child->out_fd, &child->out_watch);
    close_end(&child->pid_fd, &child->pid_watch);
    loop_timer_free(child->time_out);
    loop_timer_free(child->poll);
    explicit_bzero(child->input, child->n_input);
    free(child->input);
    explicit_bzero(child->output.p, child->output.n);
    buf_done(&child->output);
    free(child);
}

/* The first reason counts; the end is reported when the process is gone. */
static void stop(struct child *child, enum err err, const char *text)
{
    if (child->err != ERR_NONE)
        return;
    child->err = err;
    (void)snprintf(child->text, sizeof(child->text), "%s", text);
    (void)kill(-child->pid, SIGKILL);
}

static void on_input(void *arg, unsigned events)
{
    struct child *child = arg;
    ssize_t n =
        write(child->in_fd, child->input + child->n_written, child->n_input - child->n_written);

    (void)events;
    if (n > 0)
        child->n_written += (size_t)n;
    /* A program need not read what it is given. */
    if (child->n_written == child->n_input || (n < 0 && errno != EAGAIN && errno != EINTR))
        close_end(&child->in_fd, &child->in_watch);
}

/* False when there is nothing more to read, now or ever. */
static bool read_some(struct child *child)
{
    char bytes[READ_SIZE];
    ssize_t n = read(child->out_fd, bytes, sizeof(bytes));

    if (n > 0) {
        buf_add(&child->output, span_n(bytes, (size_t)n));
        explicit_bzero(bytes, (size_t)n);
        if (!child->output.full)
            return true;
        stop(child, ERR_INPUT, "its output is too large");
    }
    if (n >= 0 || (errno != EAGAIN && errno != EINTR))
        close_end(&child->out_fd, &child->out_watch);
    return false;
}

static void on_output(void *arg, unsigned events)
{
    (void)events;
    (void)read_some(arg);
}

static void on_end(struct child *child, int status)
{
    struct child_result result = {.text = child->text};

    /* What is in the pipe; not to its end, which a grandchild may keep open. */
    while (child->out_fd >= 0 && child->err == ERR_NONE && read_some(child))
        ;
    result.err = child->err;
    result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    result.output = buf_span(&child->output);
    child->done(child->arg, &result);
    free_child(child);
}

static void look_for_end(struct child *child)
{
    int status = 0;
    pid_t pid = waitpid(child->pid, &status, WNOHANG);

    if (pid == child->pid)
        on_end(child, status);
    else if (child->pid_watch == NULL)
        loop_timer_set(child->poll, POLL_MS);
}

static void on_pid(void *arg, unsigned events)
{
    (void)events;
    look_for_end(arg);
}

static void on_poll(void *arg)
{
    look_for_end(arg);
}

static void on_time_out(void *arg)
{
    struct child *child = arg;
    char text[64];

    (void)snprintf(text, sizeof(text), "it did not end within %lld ms",
                   (long long)child->timeout_ms);
    stop(child, ERR_IO, text);
}

/* A group of its own, to be killed as a whole; no signal blocked or ignored; no descriptor of ours.
 */
static int spawn(struct child *child, const char *const *argv, int in_fd, int out_fd)
{
    union {
        const char *const *given;
        char *const
            *taken; /* the prototype lacks a const; the strings are not changed (posix_spawn(3)) */
    } args = {.given = argv};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int rc;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    rc = posix_spawn_file_actions_init(&actions);
    assert(rc == 0);
    rc = posix_spawnattr_init(&attributes);
    assert(rc == 0);
    (void)posix_spawn_file_actions_adddup2(&actions, in_fd, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    (void)posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    rc = posix_spawnp(&child->pid, argv[0], &actions, &attributes, args.taken, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    (void)posix_spawnattr_destroy(&attributes);
    return rc;
}

static enum err start(struct child *child, const char *const *argv, struct fail *fail)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1};
    enum err err = ERR_NONE;
    int rc;

    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        err = fail_errno(fail, ERR_IO, errno, "pipe");
        goto out;
    }
    rc = spawn(child, argv, in[0], out[1]);
    if (rc != 0) {
        err = fail_errno(fail,
                         rc == ENOENT   ? ERR_NOT_FOUND
                         : rc == EACCES ? ERR_DENIED
                                        : ERR_IO,
                         rc, "run %s", argv[0]);
        goto out;
    }
    child->in_fd = in[1];
    child->out_fd = out[0];
    in[1] = out[0] = -1;
    (void)fcntl(child->in_fd, F_SETFL, O_NONBLOCK);
    (void)fcntl(child->out_fd, F_SETFL, O_NONBLOCK);
    child->pid_fd = pidfd_open(child->pid, 0);
out:
    for (int i = 0; i < 2; i++) {
        if (in[i] >= 0)
            (void)close(in[i]);
        if (out[i] >= 0)
            (void)close(out[i]);
    }
    return err;
}

enum err child_start(struct loop *loop, const struct child_options *options,
                     void (*done)(void *arg, const struct child_result *result), void *arg,
                     struct child **out, struct fail *fail)
{
    struct child *child = mem_new(1, sizeof(*child));
    enum err err;

    *child = (struct child){
        .loop = loop, .done = done, .arg = arg, .pid_fd = -1, .in_fd = -1, .out_fd = -1};
    child->input = mem_dup(options->input);
    child->n_input = options->input.n;
    child->timeout_ms = options->timeout_ms;
    buf_init(&child->output, options->output_limit);
    child->time_out = loop_timer_new(loop, on_time_out, child);
    child->poll = loop_timer_new(loop, on_poll, child);
    err = start(child, options->argv, fail);
    if (err != ERR_NONE) {
        free_child(child);
        return err;
    }
    child->out_watch = loop_watch(loop, child->out_fd, LOOP_READ, on_output, child);
    if (child->n_input > 0)
        child->in_watch = loop_watch(loop, child->in_fd, LOOP_WRITE, on_input, child);
    else
        close_end(&child->in_fd, &child->in_watch);
    if (child->pid_fd >= 0)
        child->pid_watch = loop_watch(loop, child->pid_fd, LOOP_READ, on_pid, child);
    else
        loop_timer_set(child->poll, POLL_MS);
    if (options->timeout_ms > 0)
        loop_timer_set(child->time_out, options->timeout_ms);
    *out = child;
    return ERR_NONE;
}

void child_kill(struct child *child)
{
    if (child == NULL)
        return;
    (void)kill(-child->pid, SIGKILL);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free_child(child);
}
