/* web_flood - many clients of an HTTP port, good and bad ones, for tests
 *
 * usage: web_flood ADDRESS SECONDS SLOW GOOD PATH [HEADER...]
 *   ADDRESS  inet:HOST:PORT or unix:/PATH
 *   SLOW     connections that send a header a byte a second, and come again
 *            when they are cut
 *   GOOD     clients that ask for PATH, one request after the other; a header
 *            with a %d in it gets another number for each client
 * Prints "good N failed N status_2xx N status_4xx N slow_opened N slow_cut N
 * longest_ms N"; the longest is that of a good request, or how long a slow one
 * was let live when there are no good ones.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/text.h"
#include "base/time.h"

enum { CLIENTS = 4096, REQUEST = 2048 };

struct client {
	int fd; /* -1: not connected */
	bool is_slow, has_status;
	int64_t since_us, next_us;
	size_t sent, n;
	char request[REQUEST];
};

static struct client clients[CLIENTS];
static struct pollfd polled[CLIENTS];
static struct {
	long good, failed, ok, refused, opened, cut;
	int64_t longest_us, lived_us;
} counts;

static void
begin(struct client *c, const char *address, int64_t now_us)
{
	struct error err;

	c->fd = sock_connect(address, &err);
	c->since_us = c->next_us = now_us;
	c->sent = 0;
	c->has_status = false;
	if (c->fd >= 0 && c->is_slow)
		counts.opened++;
}

static void
end(struct client *c, int64_t now_us)
{
	int64_t took_us = now_us - c->since_us;

	close(c->fd);
	c->fd = -1;
	if (c->is_slow) {
		counts.cut++;
		if (took_us > counts.lived_us)
			counts.lived_us = took_us;
		return;
	}
	if (c->has_status)
		counts.good++;
	else
		counts.failed++;
	if (took_us > counts.longest_us)
		counts.longest_us = took_us;
}

static void
hear(struct client *c, int64_t now_us)
{
	char buf[65536];
	ssize_t n = sock_recv(c->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		end(c, now_us);
		return;
	}
	if (!c->has_status && n > 12) {
		c->has_status = true;
		counts.ok += buf[9] == '2';
		counts.refused += buf[9] == '4';
	}
}

static void
speak(struct client *c, int64_t now_us)
{
	size_t n = c->is_slow ? 1 : c->n - c->sent;
	ssize_t got;

	if (c->sent == c->n || now_us < c->next_us)
		return;
	got = sock_send(c->fd, c->request + c->sent, n);
	if (got > 0)
		c->sent += (size_t)got;
	else if (errno != EAGAIN && errno != EINTR)
		end(c, now_us);
	c->next_us = now_us + (c->is_slow ? TIME_US : 0);
}

static void
turn(const char *address, size_t n)
{
	int64_t now_us = time_now_us();

	for (size_t i = 0; i < n; i++) {
		struct client *c = &clients[i];

		if (c->fd < 0)
			begin(c, address, now_us);
		bool is_due = c->sent < c->n && now_us >= c->next_us;

		polled[i] = (struct pollfd){.fd = c->fd,
		    .events = (short)(POLLIN | (is_due ? POLLOUT : 0))};
	}
	poll(polled, n, 20);
	now_us = time_now_us();
	for (size_t i = 0; i < n; i++) {
		struct client *c = &clients[i];

		if (c->fd >= 0 && polled[i].revents & POLLOUT)
			speak(c, now_us);
		if (c->fd >= 0 && polled[i].revents & ~POLLOUT)
			hear(c, now_us);
	}
}

static void
make(struct client *c, size_t i, bool is_slow, const char *path,
    char *const *headers)
{
	struct text t;

	c->fd = -1;
	c->is_slow = is_slow;
	text_init(&t, c->request, sizeof(c->request));
	text_printf(&t, "GET %s HTTP/1.1\r\nHost: load\r\n", path);
	for (; *headers; headers++) {
		struct str rest = str_from(*headers);
		ptrdiff_t at = str_find(rest, STR("%d"));

		text_str(&t, str_head(rest, at < 0 ? rest.n : (size_t)at));
		if (at >= 0) {
			text_u64(&t, i % 250 + 1);
			text_str(&t, str_skip(rest, (size_t)at + 2));
		}
		text_add(&t, "\r\n");
	}
	if (is_slow)
		text_pad(&t, 'x', 1500);
	else
		text_add(&t, "\r\n");
	c->n = t.n;
}

int
main(int argc, char **argv)
{
	if (argc < 6) {
		fprintf(stderr, "usage: web_flood ADDRESS SECONDS SLOW GOOD "
				"PATH [HEADER...]\n");
		return 2;
	}
	size_t slow = strtoul(argv[3], NULL, 10);
	size_t n = slow + strtoul(argv[4], NULL, 10);
	int64_t end_us = time_now_us() + strtol(argv[2], NULL, 10) * TIME_US;

	if (n > CLIENTS)
		n = CLIENTS;
	for (size_t i = 0; i < n; i++)
		make(&clients[i], i, i < slow, argv[5], argv + 6);
	while (time_now_us() < end_us)
		turn(argv[1], n);
	printf("good %ld failed %ld status_2xx %ld status_4xx %ld "
	       "slow_opened %ld slow_cut %ld longest_ms %lld\n",
	    counts.good, counts.failed, counts.ok, counts.refused,
	    counts.opened, counts.cut,
	    (long long)(n > slow ? counts.longest_us : counts.lived_us) / 1000);
	return 0;
}
