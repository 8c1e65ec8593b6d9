/* queue_client - asks outpost-queue, waiting (for the outpost command) */
#include "queue/queue_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"

enum { CONNECT_MS = 5000, ANSWER_US = 300 * 1000 * 1000 };

/* Who is refused is told so, and hung up on, before the question is read: what
 * can't be sent any more doesn't matter, the answer tells. */
static void
send_all(int fd, struct str rest)
{
	while (rest.n > 0) {
		ssize_t n = send(fd, rest.p, rest.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return;
		if (n > 0)
			rest = str_skip(rest, (size_t)n);
	}
}

static int
receive_all(int fd, struct text *in)
{
	int64_t end_us = time_mono_us() + ANSWER_US;
	char buf[65536];

	for (;;) {
		struct pollfd p = {fd, POLLIN, 0};
		int64_t left_us = end_us - time_mono_us();

		if (left_us <= 0 || in->is_cut)
			return -1;
		if (poll(&p, 1, (int)(left_us / 1000) + 1) <= 0)
			continue;
		ssize_t n = read(fd, buf, sizeof(buf));

		if (n <= 0)
			return n < 0 && in->n == 0 ? -1 : 0;
		text_bytes(in, buf, (size_t)n);
	}
}

static int
read_answer(
    struct str bytes, queue_client_fn *each, void *ctx, struct error *err)
{
	struct queue_answer a;
	struct str line;

	while (str_cut(&bytes, '\n', &line)) {
		enum queue_line what = queue_answer_parse(line, &a);

		if (what == QUEUE_LINE_DONE)
			return (int)a.done;
		if (what == QUEUE_LINE_FAILED)
			return error_set(
			    err, "outpost-queue: %.*s", STR_ARG(a.text));
		if (what == QUEUE_LINE_BAD)
			break;
		each(ctx, what, &a);
	}
	return error_set(err, "outpost-queue gave no whole answer");
}

int
queue_client_ask(const char *socket, const struct queue_request *q,
    queue_client_fn *each, void *ctx, struct error *err)
{
	char address[256];
	struct text out, in;
	int rc = -1;

	text_init(&out, address, sizeof(address));
	text_printf(&out, "unix:%s", socket);
	int fd = sock_connect_wait(address, CONNECT_MS, err);

	if (fd < 0)
		return -1;
	text_grow(&out, QUEUE_REQUEST_MAX);
	text_grow(&in, QUEUE_ANSWER_MAX);
	queue_request_print(q, &out);
	send_all(fd, text_view(&out));
	if (receive_all(fd, &in) < 0)
		error_set(err, "%s: no answer: %s", socket, strerror(errno));
	else
		rc = read_answer(text_view(&in), each, ctx, err);
	text_done(&out);
	text_done(&in);
	close(fd);
	return rc;
}
