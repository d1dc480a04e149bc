/* systemd's readiness protocol without its library (sd_notify(3), sd_listen_fds(3)). Call from the
 * main thread. */
#ifndef ROSTER_NET_NOTIFY_H
#define ROSTER_NET_NOTIFY_H

/* Sends state ("READY=1", "STOPPING=1", "STATUS=…") to $NOTIFY_SOCKET; does nothing when that is
 * not set. */
void notify_send(const char *state);
/* The one listening socket that systemd handed over, or -1. Unsets LISTEN_FDS and LISTEN_PID. */
int notify_listen_fd(void);

#endif
