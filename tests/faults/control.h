/* What the campaign tells the preloaded libraries, and they tell it: a page of numbers that both
 * have mapped, as rig.py writes it. Operations are numbered from 1; 0 means never. */
#ifndef ROSTER_FAULTS_CONTROL_H
#define ROSTER_FAULTS_CONTROL_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum death {
    DIES_BEFORE,
    DIES_AFTER,
    DIES_TORN,  /* half of what was to be written is written */
    DIES_POWER, /* traced as under way, not carried out */
};

enum { FAILS_WRITES = 1, FAILS_SYNCS = 2, FAILS_OPENS = 4, FAILS_NAMES = 8 };

struct control {
    atomic_llong disk_n; /* what changes a file of the folder */
    atomic_llong disk_dies_at, disk_death;
    atomic_llong disk_fails_from, disk_fails_until, disk_errno, disk_fails; /* FAILS_… together */
    atomic_llong clock_ms; /* so far is the wall clock off */
    atomic_llong net_n;    /* sends and receives on TCP sockets */
    atomic_llong net_dies_at, net_death;
    atomic_llong net_cut_at; /* that connection is cut */
    atomic_llong memory_n;   /* allocations */
    atomic_llong memory_fails_from, memory_fails_until;
    atomic_llong struck_n; /* how often any of that was done */
};

/* NULL when nobody controls this process. Allocates nothing. */
static inline struct control *control_map(void)
{
    const char *path = getenv("FAULTS_CONTROL");
    void *page;
    int fd;

    if (path == NULL)
        return NULL;
    fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    page = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)syscall(SYS_close, fd); /* the mapping stays */
    return page == MAP_FAILED ? NULL : page;
}

#endif
