/* Private to store/: a VFS that gathers the writes to the WAL. Only for connections with
 * synchronous=FULL. */
#ifndef ROSTER_STORE_WAL_VFS_H
#define ROSTER_STORE_WAL_VFS_H

/* Its name for sqlite3_open_v2; lies over what is SQLite's default VFS at the first call.
 * Thread-safe. */
const char *wal_vfs_name(void);

#endif
