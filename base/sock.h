/* sock - listening and connecting: unix paths, TCP addresses, systemd's own
 *
 * An address is "unix:/path" or "inet:HOST:PORT" (HOST an address literal or
 * localhost; [..] for IPv6), the forms that Postfix uses. Port 0 is any.
 */
#ifndef BASE_SOCK_H
#define BASE_SOCK_H

#include <sys/types.h>
#include "base/error.h"
#include "base/ip.h"
#include "base/str.h"

/* Has it such a form? -1 with an error that names it. */
int sock_check(const char *address, struct error *err);
/* A non-blocking, close-on-exec listener. A stale unix socket is replaced only
 * if nobody answers on it; mode is the unix socket's. -1 with an error,
 * errno EADDRINUSE when another program listens there. */
int sock_listen(const char *address, mode_t mode, struct error *err);
/* The listeners that systemd passed under this FileDescriptorName: i counts
 * from 0; -1 when there is no further one. */
int sock_inherited(const char *name, int i);
/* recv and send that do not wait. Not libc's, which a thread could be cancelled
 * in: with threads that costs more than the rest of the call's way. */
ssize_t sock_recv(int fd, void *p, size_t n);
ssize_t sock_send(int fd, const void *p, size_t n);
/* Accept one: non-blocking, close-on-exec; -1 when none (or none can be). */
int sock_accept(int listener);
/* In a child of fork that has closed the descriptors it doesn't need: one of
 * them was kept here in reserve, and its number may be another's by now. */
void sock_forget(void);
/* Non-blocking connect (EINPROGRESS is fine). */
int sock_connect(const char *address, struct error *err);
/* Blocking connect with a time-out, for the command line. */
int sock_connect_wait(const char *address, int timeout_ms, struct error *err);
/* Peer of a unix socket; NULL for what is not wanted. -1: not known. */
int sock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid);
/* The address of a TCP socket's peer; false: it has none. */
bool sock_client(int fd, struct ip *out);
/* false: no interface has this address (and none that is missing may be bound,
 * net.ipv4.ip_nonlocal_bind); what can't be told is true. */
bool sock_is_here(const struct ip *ip);
/* The port a TCP listener got. */
int sock_port(int fd);

#endif
