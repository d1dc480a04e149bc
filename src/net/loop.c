/* One epoll set, one heap of timers, one signalfd, one eventfd. A round is: the callbacks of
 * loop_on_round, one wait, the events, the timers that are due. A watch that is given up stays in
 * memory until its round ends, so that an event already fetched for it finds it marked, and not
 * freed. */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

enum { EVENTS_MAX = 128, ROUND_MAX = 4, SIGNALS_MAX = 65 };

struct post {
    void (*fn)(void *arg);
    void *arg;
};

struct posts {
    struct post *p;
    size_t n, room;
};

struct signal_handler {
    void (*fn)(void *arg, int signal_number);
    void *arg;
};

struct loop_watch {
    struct loop *loop;
    int fd;
    unsigned events;
    void (*fn)(void *arg, unsigned events); /* NULL: given up */
    void *arg;
    struct loop_watch *next_gone;
};

struct loop_timer {
    struct loop *loop;
    void (*fn)(void *arg);
    void *arg;
    int64_t due_us;
    uint64_t order; /* of setting: equal times are served in this order */
    size_t place;   /* in the heap, counted from 1; 0 = not set */
};

struct loop {
    int epoll_fd;
    bool is_stopped;
    bool has_no_pwait2; /* the kernel is older than 5.11, or a sandbox forbids the call */
    struct loop_watch *gone;

    struct loop_timer **heap; /* heap[0] is due first */
    size_t n_timers, timers_room;
    uint64_t order;

    struct post rounds[ROUND_MAX];
    unsigned n_rounds;

    int wake_fd;
    struct loop_watch *wake_watch;
    pthread_mutex_t lock;
    struct posts posted; /* under lock */
    struct posts taken;

    int signal_fd; /* -1 until the first handler */
    struct loop_watch *signal_watch;
    sigset_t signals;
    struct signal_handler handlers[SIGNALS_MAX];
};

/* Watches */

static void watch_control(struct loop_watch *watch, int operation)
{
    struct epoll_event event = {.data.ptr = watch};
    int rc;

    if ((watch->events & LOOP_READ) != 0)
        event.events |= EPOLLIN | EPOLLRDHUP;
    if ((watch->events & LOOP_WRITE) != 0)
        event.events |= EPOLLOUT;
    rc = epoll_ctl(watch->loop->epoll_fd, operation, watch->fd, &event);
    assert(rc == 0 || operation == EPOLL_CTL_DEL);
    (void)rc;
}

struct loop_watch *loop_watch(struct loop *loop, int fd, unsigned events,
                              void (*fn)(void *arg, unsigned events), void *arg)
{
    struct loop_watch *watch = mem_new(1, sizeof(*watch));

    assert(fd >= 0 && fn != NULL);
    *watch = (struct loop_watch){.loop = loop, .fd = fd, .fn = fn, .arg = arg};
    loop_watch_set(watch, events);
    return watch;
}

void loop_watch_set(struct loop_watch *watch, unsigned events)
{
    unsigned before = watch->events;

    assert(watch->fn != NULL);
    if (events == before)
        return;
    watch->events = events;
    /* Hang-ups are reported whatever is asked for, so a watch for nothing has to leave the set. */
    if (events == 0)
        watch_control(watch, EPOLL_CTL_DEL);
    else
        watch_control(watch, before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD);
}

void loop_unwatch(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    assert(watch->fn != NULL);
    loop_watch_set(watch, 0);
    watch->fn = NULL;
    watch->next_gone = watch->loop->gone;
    watch->loop->gone = watch;
}

static void free_gone(struct loop *loop)
{
    while (loop->gone != NULL) {
        struct loop_watch *watch = loop->gone;

        loop->gone = watch->next_gone;
        free(watch);
    }
}

/* Timers: a binary heap over due_us, then order. */

static bool is_before(const struct loop_timer *a, const struct loop_timer *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void heap_put(struct loop *loop, size_t i, struct loop_timer *timer)
{
    loop->heap[i] = timer;
    timer->place = i + 1;
}

static void heap_up(struct loop *loop, size_t i, struct loop_timer *timer)
{
    while (i > 0 && is_before(timer, loop->heap[(i - 1) / 2])) {
        heap_put(loop, i, loop->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    heap_put(loop, i, timer);
}

static void heap_down(struct loop *loop, size_t i, struct loop_timer *timer)
{
    for (;;) {
        size_t child = 2 * i + 1;

        if (child + 1 < loop->n_timers && is_before(loop->heap[child + 1], loop->heap[child]))
            child++;
        if (child >= loop->n_timers || !is_before(loop->heap[child], timer))
            break;
        heap_put(loop, i, loop->heap[child]);
        i = child;
    }
    heap_put(loop, i, timer);
}

struct loop_timer *loop_timer_new(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    struct loop_timer *timer = mem_new(1, sizeof(*timer));

    *timer = (struct loop_timer){.loop = loop, .fn = fn, .arg = arg};
    return timer;
}

void loop_timer_clear(struct loop_timer *timer)
{
    struct loop *loop = timer->loop;
    struct loop_timer *last;
    size_t i = timer->place;

    if (i == 0)
        return;
    i--;
    timer->place = 0;
    last = loop->heap[--loop->n_timers];
    if (last == timer)
        return;
    if (i > 0 && is_before(last, loop->heap[(i - 1) / 2]))
        heap_up(loop, i, last);
    else
        heap_down(loop, i, last);
}

void loop_timer_set_at_us(struct loop_timer *timer, int64_t mono_us)
{
    struct loop *loop = timer->loop;

    loop_timer_clear(timer);
    timer->due_us = mono_us;
    timer->order = ++loop->order;
    if (loop->n_timers == loop->timers_room) {
        loop->timers_room = loop->timers_room == 0 ? 16 : 2 * loop->timers_room;
        loop->heap = mem_grow(loop->heap, loop->timers_room, sizeof(struct loop_timer *));
    }
    loop->n_timers++;
    heap_up(loop, loop->n_timers - 1, timer);
}

void loop_timer_set(struct loop_timer *timer, int64_t delay_ms)
{
    const int64_t longest_ms = INT64_MAX / 4000;

    if (delay_ms < 0)
        delay_ms = 0;
    if (delay_ms > longest_ms)
        delay_ms = longest_ms;
    loop_timer_set_at_us(timer, clock_mono_us() + delay_ms * 1000);
}

bool loop_timer_is_set(const struct loop_timer *timer)
{
    return timer->place != 0;
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    loop_timer_clear(timer);
    free(timer);
}

/* Timers that the callbacks set wait for the next round, even when they are due at once, so that
 * events get their turn. */
static void run_timers(struct loop *loop)
{
    uint64_t last = loop->order;
    int64_t now_us;

    if (loop->n_timers == 0)
        return;
    now_us = clock_mono_us();
    while (loop->n_timers > 0 && loop->heap[0]->due_us <= now_us && loop->heap[0]->order <= last &&
           !loop->is_stopped) {
        struct loop_timer *timer = loop->heap[0];

        loop_timer_clear(timer);
        timer->fn(timer->arg);
    }
}

/* Posts */

void loop_post(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    static const uint64_t one = 1;
    struct posts *q = &loop->posted;
    bool was_empty;

    (void)pthread_mutex_lock(&loop->lock);
    was_empty = q->n == 0;
    if (q->n == q->room) {
        q->room = q->room == 0 ? 16 : 2 * q->room;
        q->p = mem_grow(q->p, q->room, sizeof(*q->p));
    }
    q->p[q->n++] = (struct post){fn, arg};
    /* Under the lock, so that loop_free cannot close it between; it fails only when the counter is
     * full, and then the loop is awake. */
    if (was_empty)
        (void)!write(loop->wake_fd, &one, sizeof(one));
    (void)pthread_mutex_unlock(&loop->lock);
}

static void on_wake(void *arg, unsigned events)
{
    struct loop *loop = arg;
    struct posts run;
    uint64_t count;

    (void)events;
    (void)!read(loop->wake_fd, &count, sizeof(count));
    (void)pthread_mutex_lock(&loop->lock);
    run = loop->posted;
    loop->posted = loop->taken;
    (void)pthread_mutex_unlock(&loop->lock);
    for (size_t i = 0; i < run.n; i++)
        run.p[i].fn(run.p[i].arg);
    run.n = 0;
    loop->taken = run;
}

void loop_on_round(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    assert(loop->n_rounds < ROUND_MAX);
    loop->rounds[loop->n_rounds++] = (struct post){fn, arg};
}

void loop_off_round(struct loop *loop, void (*fn)(void *arg), void *arg)
{
    for (unsigned i = 0; i < loop->n_rounds; i++) {
        if (loop->rounds[i].fn == fn && loop->rounds[i].arg == arg) {
            loop->n_rounds--;
            memmove(&loop->rounds[i], &loop->rounds[i + 1],
                    (loop->n_rounds - i) * sizeof(loop->rounds[0]));
            return;
        }
    }
}

/* Signals */

static void on_signal(void *arg, unsigned events)
{
    struct loop *loop = arg;
    struct signalfd_siginfo info;

    (void)events;
    while (read(loop->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        struct signal_handler handler =
            loop->handlers[info.ssi_signo < SIGNALS_MAX ? info.ssi_signo : 0];

        if (handler.fn != NULL)
            handler.fn(handler.arg, (int)info.ssi_signo);
    }
}

enum err loop_signal(struct loop *loop, int signal_number, void (*fn)(void *arg, int signal_number),
                     void *arg, struct fail *fail)
{
    int fd;

    assert(signal_number > 0 && signal_number < SIGNALS_MAX);
    (void)sigaddset(&loop->signals, signal_number);
    (void)pthread_sigmask(SIG_BLOCK, &loop->signals, NULL);
    fd = signalfd(loop->signal_fd, &loop->signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return fail_errno(fail, ERR_IO, errno, "signalfd");
    loop->handlers[signal_number] = (struct signal_handler){fn, arg};
    if (loop->signal_fd < 0) {
        loop->signal_fd = fd;
        loop->signal_watch = loop_watch(loop, fd, LOOP_READ, on_signal, loop);
    }
    return ERR_NONE;
}

/* The loop */

enum err loop_new(struct loop **out, struct fail *fail)
{
    struct loop *loop = mem_new(1, sizeof(*loop));
    struct sigaction pipe_action;

    loop->signal_fd = -1;
    loop->wake_fd = -1;
    (void)sigemptyset(&loop->signals);
    (void)pthread_mutex_init(&loop->lock, NULL);
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd >= 0)
        loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->wake_fd < 0) {
        int error = errno;

        loop_free(loop);
        return fail_errno(fail, ERR_IO, error, "epoll or eventfd");
    }
    /* A peer that has gone is an error of write(2), never the end of the process. */
    if (sigaction(SIGPIPE, NULL, &pipe_action) == 0 && pipe_action.sa_handler == SIG_DFL)
        (void)signal(SIGPIPE, SIG_IGN);
    loop->wake_watch = loop_watch(loop, loop->wake_fd, LOOP_READ, on_wake, loop);
    *out = loop;
    return ERR_NONE;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    loop_unwatch(loop->wake_watch);
    loop_unwatch(loop->signal_watch);
    free_gone(loop);
    assert(loop->n_timers == 0);
    (void)pthread_mutex_lock(&loop->lock);
    if (loop->wake_fd >= 0)
        (void)close(loop->wake_fd);
    (void)pthread_mutex_unlock(&loop->lock);
    if (loop->signal_fd >= 0)
        (void)close(loop->signal_fd);
    if (loop->epoll_fd >= 0)
        (void)close(loop->epoll_fd);
    (void)pthread_mutex_destroy(&loop->lock);
    free(loop->posted.p);
    free(loop->taken.p);
    free(loop->heap);
    free(loop);
}

/* -1 = for ever. */
static int64_t time_to_wait_us(const struct loop *loop)
{
    int64_t wait_us;

    if (loop->n_timers == 0)
        return -1;
    wait_us = loop->heap[0]->due_us - clock_mono_us();
    return wait_us < 0 ? 0 : wait_us;
}

static int wait_for_events(struct loop *loop, struct epoll_event *events)
{
    int64_t wait_us = time_to_wait_us(loop);
    const int64_t longest_ms = INT32_MAX;
    int64_t wait_ms;

    if (wait_us > 0 && !loop->has_no_pwait2) {
        struct timespec t = {(time_t)(wait_us / 1000000), (long)(wait_us % 1000000) * 1000};
        int n = epoll_pwait2(loop->epoll_fd, events, EVENTS_MAX, &t, NULL);

        if (n >= 0 || (errno != ENOSYS && errno != EPERM))
            return n;
        loop->has_no_pwait2 = true;
    }
    wait_ms = wait_us < 0 ? -1 : (wait_us + 999) / 1000;
    return epoll_wait(loop->epoll_fd, events, EVENTS_MAX,
                      (int)(wait_ms > longest_ms ? longest_ms : wait_ms));
}

static unsigned events_of(const struct loop_watch *watch, uint32_t events)
{
    unsigned found = 0;

    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0)
        found |= LOOP_READ;
    if ((events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) != 0)
        found |= LOOP_WRITE;
    return found & watch->events;
}

void loop_run(struct loop *loop)
{
    struct epoll_event events[EVENTS_MAX];

    while (!loop->is_stopped) {
        int n;

        for (unsigned i = 0; i < loop->n_rounds; i++)
            loop->rounds[i].fn(loop->rounds[i].arg);
        if (loop->is_stopped)
            break;
        n = wait_for_events(loop, events);
        assert(n >= 0 || errno == EINTR);
        for (int i = 0; i < n; i++) {
            struct loop_watch *watch = events[i].data.ptr;
            unsigned found = watch->fn == NULL ? 0 : events_of(watch, events[i].events);

            if (found != 0)
                watch->fn(watch->arg, found);
        }
        run_timers(loop);
        free_gone(loop);
    }
    loop->is_stopped = false;
}

void loop_stop(struct loop *loop)
{
    loop->is_stopped = true;
}
