/* http_sink - a web server for tests that keeps what it was sent
 *
 * usage: http_sink [-d DIR] [-c CODE] [-n N] [-w SECONDS] HOST:PORT
 *   -d DIR      writes request number i to DIR/i.head and its body to
 *               DIR/i.body (1, 2, ...; the body appears complete, by rename)
 *   -c CODE     the answer's status (200)
 *   -n N        only the first N requests get -c's status, then 200
 *   -w SECONDS  waits before it answers
 *
 * One connection after the other, no keep-alive: a webhook needs no more.
 * Prints "METHOD PATH BYTES" per request. Ends with 1 when it cannot listen.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { REQUEST_MAX = 1 << 20 };

struct sink {
	const char *dir;
	int code;
	long failures;
	unsigned wait_s;
	long count;
	char buf[REQUEST_MAX + 1];
};

static int
open_listener(const char *target)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	const char *colon = strrchr(target, ':');
	char host[64];
	int fd, one = 1;

	if (colon == NULL || (size_t)(colon - target) >= sizeof(host))
		return -1;
	snprintf(host, sizeof(host), "%.*s", (int)(colon - target), target);
	sin.sin_port = htons((uint16_t)atoi(colon + 1));
	if (inet_pton(AF_INET, host, &sin.sin_addr) != 1)
		return -1;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) != 0 ||
	    listen(fd, 100) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
save(const struct sink *s, const char *suffix, const char *p, size_t n)
{
	char tmp[512], path[512];
	FILE *f;

	if (s->dir == NULL)
		return;
	snprintf(tmp, sizeof(tmp), "%s/.tmp", s->dir);
	snprintf(path, sizeof(path), "%s/%ld.%s", s->dir, s->count, suffix);
	f = fopen(tmp, "w");
	if (f == NULL)
		return;
	fwrite(p, 1, n, f);
	fclose(f);
	if (rename(tmp, path) != 0)
		perror(path);
}

static size_t
body_length(const char *head)
{
	const char *p = strcasestr(head, "\r\nContent-Length:");
	unsigned long n = p == NULL ? 0 : strtoul(p + 17, NULL, 10);

	return n > REQUEST_MAX ? REQUEST_MAX : n;
}

/* Reads until the body is there; returns its offset, or 0. */
static size_t
read_request(struct sink *s, int fd, size_t *len)
{
	size_t n = 0;

	for (;;) {
		char *end;
		ssize_t k = recv(fd, s->buf + n, REQUEST_MAX - n, 0);

		if (k <= 0)
			return 0;
		n += (size_t)k;
		s->buf[n] = '\0';
		end = strstr(s->buf, "\r\n\r\n");
		if (end == NULL)
			continue;
		*len = body_length(s->buf);
		if ((size_t)(end + 4 - s->buf) + *len <= n)
			return (size_t)(end + 4 - s->buf);
		/* curl wants this before a larger body. */
		if (strcasestr(s->buf, "\r\nExpect: 100") != NULL &&
		    end + 4 == s->buf + n)
			send(fd, "HTTP/1.1 100 Continue\r\n\r\n", 25,
			    MSG_NOSIGNAL);
	}
}

static void
serve(struct sink *s, int fd)
{
	struct timeval patience = {.tv_sec = 10};
	char answer[128];
	size_t len = 0, body;
	int code, n;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	body = read_request(s, fd, &len);
	if (body == 0)
		return;
	s->count++;
	code = s->failures == 0 || s->count <= s->failures ? s->code : 200;
	printf("%.*s %zu\n",
	    (int)(strcspn(s->buf, "\r") > 200 ? 200 : strcspn(s->buf, "\r")),
	    s->buf, len);
	save(s, "head", s->buf, body);
	save(s, "body", s->buf + body, len);
	if (s->wait_s > 0)
		sleep(s->wait_s);
	n = snprintf(answer, sizeof(answer),
	    "HTTP/1.1 %d Told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	    code);
	send(fd, answer, (size_t)n, MSG_NOSIGNAL);
}

int
main(int argc, char **argv)
{
	static struct sink s = {.code = 200};
	int c, listener;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((c = getopt(argc, argv, "d:c:n:w:")) != -1) {
		if (c == 'd')
			s.dir = optarg;
		else if (c == 'c')
			s.code = atoi(optarg);
		else if (c == 'n')
			s.failures = atol(optarg);
		else if (c == 'w')
			s.wait_s = (unsigned)atoi(optarg);
		else
			return 64;
	}
	listener = optind + 1 == argc ? open_listener(argv[optind]) : -1;
	if (listener < 0) {
		fprintf(stderr, "http_sink: cannot listen\n");
		return 1;
	}
	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd < 0)
			continue;
		serve(&s, fd);
		close(fd);
	}
}
