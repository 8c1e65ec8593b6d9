/* sock - listening and connecting: unix paths, TCP addresses, systemd's own */
#include "base/sock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "base/time.h"

enum { BACKLOG = 1024 };

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static int
parse_unix(struct str path, const char *address, union address *out,
    socklen_t *n, struct error *err)
{
	if (path.n == 0 || *path.p != '/')
		return error_set(
		    err, "%s: a socket's path begins with /", address);
	if (path.n >= sizeof(out->un.sun_path))
		return error_set(err,
		    "%s: a socket's path has at most %zu characters", address,
		    sizeof(out->un.sun_path) - 1);
	out->un.sun_family = AF_UNIX;
	memcpy(out->un.sun_path, path.p, path.n);
	*n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n + 1);
	return 0;
}

static bool
parse_host(struct str host, uint16_t port, union address *out, socklen_t *n)
{
	char text[INET6_ADDRSTRLEN];

	if (str_is(host, STR("localhost")))
		host = STR("127.0.0.1");
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = str_make(host.p + 1, host.n - 2);
	if (host.n >= sizeof(text))
		return false;
	memcpy(text, host.p, host.n);
	text[host.n] = '\0';
	if (inet_pton(AF_INET, text, &out->in.sin_addr) == 1) {
		out->in.sin_family = AF_INET;
		out->in.sin_port = htons(port);
		*n = sizeof(out->in);
		return true;
	}
	if (inet_pton(AF_INET6, text, &out->in6.sin6_addr) != 1)
		return false;
	out->in6.sin6_family = AF_INET6;
	out->in6.sin6_port = htons(port);
	*n = sizeof(out->in6);
	return true;
}

static int
parse(const char *address, union address *out, socklen_t *n, struct error *err)
{
	struct str s = str_from(address);
	uint64_t port;

	memset(out, 0, sizeof(*out));
	if (str_take(&s, STR("unix:")))
		return parse_unix(s, address, out, n, err);
	if (!str_take(&s, STR("inet:")))
		return error_set(err,
		    "\"%s\" is no address: unix:/path or inet:HOST:PORT",
		    address);
	ptrdiff_t colon = str_find_last(s, STR(":"));

	if (colon < 0 || !str_to_u64(str_skip(s, (size_t)colon + 1), &port) ||
	    port > 65535)
		return error_set(
		    err, "\"%s\" has no port (0 to 65535)", address);
	if (!parse_host(str_head(s, (size_t)colon), (uint16_t)port, out, n))
		return error_set(err,
		    "\"%s\": the host must be an address or localhost",
		    address);
	return 0;
}

int
sock_check(const char *address, struct error *err)
{
	union address a;
	socklen_t n;

	return parse(address, &a, &n, err);
}

static int
open_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* A socket file that nobody serves is left from a crash: away with it. */
static int
remove_stale(
    const union address *a, socklen_t n, const char *address, struct error *err)
{
	struct stat st;

	if (lstat(a->un.sun_path, &st) < 0)
		return errno == ENOENT
			   ? 0
			   : error_set(err, "%s: %s", address, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return error_set(err, "%s: exists and is no socket", address);
	int fd = open_socket(AF_UNIX);

	if (fd < 0)
		return error_set(err, "%s: %s", address, strerror(errno));
	int rc = connect(fd, &a->any, n);
	int why = rc < 0 ? errno : 0;

	close(fd);
	if (why == 0 || why == EAGAIN) {
		error_set(err, "%s: another program listens there", address);
		errno = EADDRINUSE;
		return -1;
	}
	if (why != ECONNREFUSED && why != ENOENT)
		return error_set(err, "%s: %s", address, strerror(why));
	if (unlink(a->un.sun_path) < 0 && errno != ENOENT)
		return error_set(err, "%s: %s", address, strerror(errno));
	return 0;
}

/* Out of descriptors, a level-triggered listener would spin: one descriptor
 * is kept in reserve, to accept with and hang up. */
static int spare = -1;

static void
keep_spare(void)
{
	if (spare < 0)
		spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
shed(int listener)
{
	if (spare >= 0)
		close(spare);
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		close(fd);
	spare = -1;
	keep_spare();
}

void
sock_forget(void)
{
	spare = -1;
	keep_spare();
}

static void
set_option(int fd, int level, int name)
{
	int on = 1;

	(void)setsockopt(fd, level, name, &on, sizeof(on));
}

int
sock_listen(const char *address, mode_t mode, struct error *err)
{
	union address a;
	socklen_t n;

	if (parse(address, &a, &n, err) < 0)
		return -1;
	bool is_unix = a.any.sa_family == AF_UNIX;

	if (is_unix && remove_stale(&a, n, address, err) < 0)
		return -1;
	int fd = open_socket(a.any.sa_family);

	if (fd < 0)
		return error_set(err, "%s: %s", address, strerror(errno));
	if (!is_unix) {
		set_option(fd, SOL_SOCKET, SO_REUSEADDR);
		/* What is accepted inherits it. */
		set_option(fd, IPPROTO_TCP, TCP_NODELAY);
		if (a.any.sa_family == AF_INET6)
			set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	}
	/* chmod before listen: nobody can connect in between. */
	if (bind(fd, &a.any, n) < 0 ||
	    (is_unix && chmod(a.un.sun_path, mode) < 0) ||
	    listen(fd, BACKLOG) < 0) {
		int why = errno;

		error_set(err, "%s: cannot listen: %s", address, strerror(why));
		close(fd);
		errno = why;
		return -1;
	}
	keep_spare();
	return fd;
}

int
sock_inherited(const char *name, int i)
{
	char **names = NULL;
	int n = sd_listen_fds_with_names(0, &names);
	int fd = -1;

	for (int k = 0; k < n; k++) {
		if (names && strcmp(names[k], name) == 0 && i-- == 0)
			fd = SD_LISTEN_FDS_START + k;
		if (names)
			free(names[k]);
	}
	free(names);
	if (fd >= 0)
		(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	keep_spare();
	return fd;
}

ssize_t
sock_recv(int fd, void *p, size_t n)
{
	return syscall(SYS_recvfrom, fd, p, n, MSG_DONTWAIT, NULL, NULL);
}

ssize_t
sock_send(int fd, const void *p, size_t n)
{
	return syscall(SYS_sendto, fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT, NULL,
	    (socklen_t)0);
}

int
sock_accept(int listener)
{
	for (;;) {
		int fd =
		    accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			return fd;
		if (errno == EMFILE || errno == ENFILE)
			shed(listener);
		if (errno != EINTR && errno != ECONNABORTED)
			return -1;
	}
}

int
sock_connect(const char *address, struct error *err)
{
	union address a;
	socklen_t n;

	if (parse(address, &a, &n, err) < 0)
		return -1;
	int fd = open_socket(a.any.sa_family);

	if (fd < 0)
		return error_set(err, "%s: %s", address, strerror(errno));
	if (a.any.sa_family != AF_UNIX)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY);
	if (connect(fd, &a.any, n) < 0 && errno != EINPROGRESS) {
		error_set(err, "%s: %s", address, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* 0 or an errno. */
static int
wait_connected(int fd, int timeout_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	int64_t end = time_mono_us() + (int64_t)timeout_ms * 1000;
	int why;
	socklen_t n = sizeof(why);

	for (;;) {
		int64_t left = end - time_mono_us();
		int got = poll(&p, 1, left > 0 ? (int)(left / 1000) : 0);

		if (got > 0)
			break;
		if (got == 0)
			return ETIMEDOUT;
		if (errno != EINTR)
			return errno;
	}
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &why, &n) < 0 ? errno : why;
}

int
sock_connect_wait(const char *address, int timeout_ms, struct error *err)
{
	int fd = sock_connect(address, err);

	if (fd < 0)
		return -1;
	int why = wait_connected(fd, timeout_ms);

	if (why) {
		close(fd);
		return error_set(err, "%s: %s", address, strerror(why));
	}
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return fd;
}

int
sock_peer(int fd, uid_t *uid, gid_t *gid, pid_t *pid)
{
	struct ucred c;
	socklen_t n = sizeof(c);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c, &n) < 0)
		return -1;
	if (uid)
		*uid = c.uid;
	if (gid)
		*gid = c.gid;
	if (pid)
		*pid = c.pid;
	return 0;
}

bool
sock_is_here(const struct ip *ip)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	bool is_v4 = ip_is_v4(ip);
	int fd =
	    socket(is_v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return true;
	memcpy(&v4.sin_addr, ip->b + 12, 4);
	memcpy(&v6.sin6_addr, ip->b, 16);
	int rc = is_v4 ? bind(fd, (struct sockaddr *)&v4, sizeof(v4))
		       : bind(fd, (struct sockaddr *)&v6, sizeof(v6));
	bool is_here = rc == 0 || errno != EADDRNOTAVAIL;

	close(fd);
	return is_here;
}

int
sock_port(int fd)
{
	union address a;
	socklen_t n = sizeof(a);

	if (getsockname(fd, &a.any, &n) < 0)
		return -1;
	if (a.any.sa_family == AF_INET)
		return ntohs(a.in.sin_port);
	return a.any.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port) : -1;
}

bool
sock_client(int fd, struct ip *out)
{
	union address a;
	socklen_t n = sizeof(a);
	struct ip ip = {{[10] = 0xff, 0xff}}; /* v4-mapped */

	if (getpeername(fd, &a.any, &n) < 0)
		return false;
	if (a.any.sa_family == AF_INET)
		memcpy(ip.b + 12, &a.in.sin_addr, 4);
	else if (a.any.sa_family == AF_INET6)
		memcpy(ip.b, &a.in6.sin6_addr, sizeof(ip.b));
	else
		return false;
	*out = ip;
	return true;
}
