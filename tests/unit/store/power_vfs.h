/* A VFS that forgets what was not synced. It lies over SQLite's default VFS; power_vfs_cut_at lets
 * the power fail at the n-th write, truncation or sync, after which every call fails;
 * power_vfs_restore puts the files into a state that the disk may be in then. Names of files count
 * as safe from their creation (the store syncs its folder itself). Thread-safe. */
#ifndef ROSTER_TESTS_STORE_POWER_VFS_H
#define ROSTER_TESTS_STORE_POWER_VFS_H

#include <stdbool.h>

enum power_loss {
    POWER_LOSES_ALL,     /* nothing that was not synced is on the disk */
    POWER_LOSES_NOTHING, /* all of it is */
    POWER_LOSES_SOME,    /* each write is there or not, whatever came before it */
    POWER_TEARS,         /* the same, and 512-byte sectors of one write are there or not */
    POWER_LOSSES,        /* how many */
};

/* Makes it the default VFS; once, before any store is opened. */
void power_vfs_register(void);
/* Starts counting anew; the power fails at operation n, never for 0. */
void power_vfs_cut_at(unsigned n);
bool power_vfs_is_cut(void);
/* Operations so far. */
unsigned power_vfs_count(void);
/* All files must be closed. Everything works again afterwards. */
void power_vfs_restore(enum power_loss loss, unsigned seed);

#endif
