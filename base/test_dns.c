/* test_dns - a DNS server on loopback that also does what servers shouldn't */
#include "base/test_dns.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/test_dns_zone.h"

enum { CLIENTS = 32, TCP_MS = 2000 };

struct test_dns {
	pthread_t thread;
	pthread_mutex_t lock;
	struct test_dns_zone *zone; /* under lock */
	int udp, tcp, end;
	uint16_t port;
	char server[32];
	atomic_uint queries;
	uint8_t out[2 + TEST_DNS_PACKET];
};

static size_t
answer(struct test_dns *s, struct str question, bool is_tcp)
{
	unsigned queries = s->queries++;

	pthread_mutex_lock(&s->lock);
	size_t n = test_dns_zone_answer(
	    s->zone, question, is_tcp, queries, s->out + 2);

	pthread_mutex_unlock(&s->lock);
	return n;
}

static void
serve_udp(struct test_dns *s)
{
	char in[1500];
	struct sockaddr_in from;
	socklen_t from_n = sizeof(from);
	ssize_t n = recvfrom(s->udp, in, sizeof(in), MSG_DONTWAIT,
	    (struct sockaddr *)&from, &from_n);

	if (n < 12)
		return;
	size_t out_n = answer(s, str_make(in, (size_t)n), false);

	if (out_n > 0)
		sendto(s->udp, s->out + 2, out_n, 0, (struct sockaddr *)&from,
		    from_n);
}

static bool
read_all(int fd, void *p, size_t n)
{
	return recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* One question; false: the client has gone. */
static bool
serve_tcp(struct test_dns *s, int fd)
{
	uint8_t head[2];
	char in[1500];

	if (!read_all(fd, head, 2))
		return false;
	size_t n = (size_t)head[0] << 8 | head[1];

	if (n > sizeof(in) || n < 12 || !read_all(fd, in, n))
		return false;
	size_t out_n = answer(s, str_make(in, n), true);

	s->out[0] = (uint8_t)(out_n >> 8);
	s->out[1] = (uint8_t)out_n;
	return out_n == 0 || send(fd, s->out, out_n + 2, MSG_NOSIGNAL) ==
				 (ssize_t)(out_n + 2);
}

static void *
serve(void *ctx)
{
	struct test_dns *s = ctx;
	struct pollfd fds[3 + CLIENTS] = {
	    {s->end, POLLIN, 0}, {s->udp, POLLIN, 0}, {s->tcp, POLLIN, 0}};
	struct timeval limit = {TCP_MS / 1000, 0};
	nfds_t n = 3;

	while (poll(fds, n, -1) >= 0 && !fds[0].revents) {
		if (fds[1].revents)
			serve_udp(s);
		for (nfds_t i = 3; i < n; i++) {
			if (!fds[i].revents || serve_tcp(s, fds[i].fd))
				continue;
			close(fds[i].fd);
			fds[i--] = fds[--n];
		}
		if (!fds[2].revents || n == 3 + CLIENTS)
			continue;
		int fd = accept(s->tcp, NULL, NULL);

		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
		fds[n++] = (struct pollfd){fd, POLLIN, 0};
	}
	while (n > 3)
		close(fds[--n].fd);
	return NULL;
}

static bool
bind_both(struct test_dns *s, uint16_t port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	socklen_t n = sizeof(a);
	int on = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(s->tcp, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(s->tcp, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    getsockname(s->tcp, (struct sockaddr *)&a, &n) == 0 &&
	    bind(s->udp, (struct sockaddr *)&a, sizeof(a)) == 0 &&
	    listen(s->tcp, CLIENTS) == 0) {
		s->port = ntohs(a.sin_port);
		return true;
	}
	close(s->tcp);
	close(s->udp);
	return false;
}

struct test_dns *
test_dns_start(struct str zone, uint16_t port, struct error *err)
{
	struct test_dns *s = xalloc(1, sizeof(*s));
	bool is_bound = false;

	s->zone = test_dns_zone_read(zone, err);
	if (!s->zone) {
		free(s);
		return NULL;
	}
	/* What TCP got may be taken for UDP: another one. */
	for (int i = 0; i < 20 && !is_bound; i++)
		is_bound = bind_both(s, port);
	if (!is_bound) {
		error_set(err, "port %u can't be bound", port);
		test_dns_zone_free(&s->zone);
		free(s);
		return NULL;
	}
	snprintf(s->server, sizeof(s->server), "127.0.0.1:%u", s->port);
	s->end = eventfd(0, EFD_CLOEXEC);
	pthread_mutex_init(&s->lock, NULL);
	if (s->end < 0 || pthread_create(&s->thread, NULL, serve, s) != 0)
		fatal("no thread for the DNS server");
	return s;
}

void
test_dns_stop(struct test_dns **sp)
{
	static const uint64_t one = 1;
	struct test_dns *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	if (write(s->end, &one, sizeof(one)) < 0)
		fatal("eventfd");
	pthread_join(s->thread, NULL);
	close(s->end);
	close(s->udp);
	close(s->tcp);
	pthread_mutex_destroy(&s->lock);
	test_dns_zone_free(&s->zone);
	free(s);
}

uint16_t
test_dns_port(const struct test_dns *s)
{
	return s->port;
}

const char *
test_dns_server(const struct test_dns *s)
{
	return s->server;
}

unsigned
test_dns_queries(const struct test_dns *s)
{
	return s->queries;
}

int
test_dns_load(struct test_dns *s, struct str zone, struct error *err)
{
	struct test_dns_zone *z = test_dns_zone_read(zone, err);

	if (!z)
		return -1;
	pthread_mutex_lock(&s->lock);
	struct test_dns_zone *old = s->zone;

	s->zone = z;
	pthread_mutex_unlock(&s->lock);
	test_dns_zone_free(&old);
	return 0;
}
