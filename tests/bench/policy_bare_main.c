/* policy_bare - the yardstick: a bare epoll loop that answers DUNNO
 *
 *   policy_bare unix:/path | inet:HOST:PORT
 *
 * Nothing is parsed but a request's end, nothing bounded, nothing timed out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/sock.h"

enum { EVENTS = 64, BUF = 8192, FDS = 4096 };

static struct {
	size_t have;
	char buf[BUF];
} conns[FDS];

static void
watch(int epoll, int fd)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0)
		fatal("epoll_ctl: %s", strerror(errno));
}

static void
accept_all(int epoll, int listener)
{
	int fd;

	while ((fd = accept4(
		    listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (fd >= FDS) {
			close(fd);
			continue;
		}
		conns[fd].have = 0;
		watch(epoll, fd);
	}
}

static void
serve(int fd)
{
	static const char answer[] = "action=DUNNO\n\n";
	size_t have = conns[fd].have;
	char *buf = conns[fd].buf;
	ssize_t n = recv(fd, buf + have, BUF - have, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		close(fd);
		return;
	}
	have += (size_t)n;
	if (have >= 2 && memcmp(buf + have - 2, "\n\n", 2) == 0) {
		if (send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL) < 0)
			perror("send");
		have = 0;
	}
	conns[fd].have = have;
}

int
main(int argc, char **argv)
{
	struct epoll_event ev[EVENTS];
	struct error err;
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener;

	if (argc != 2)
		fatal("usage: policy_bare ADDRESS");
	listener = sock_listen(argv[1], 0666, &err);
	if (listener < 0)
		fatal("%s", err.text);
	watch(epoll, listener);
	for (;;) {
		int n = epoll_wait(epoll, ev, EVENTS, -1);

		for (int i = 0; i < n; i++)
			if (ev[i].data.fd == listener)
				accept_all(epoll, listener);
			else
				serve(ev[i].data.fd);
	}
}
