/* queue_asker - asks outpost-queue one question at a time, never waits */
#include "daemon/queue_asker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"

struct queue_asker {
	struct loop *loop;
	struct queue_asker_hooks hooks;
	int patience_s;
	int fd; /* -1: no question is under way */
	struct loop_watch *watch;
	struct loop_timer *patience;
	struct text out, in;
	size_t written;
};

static void
hang_up(struct queue_asker *a)
{
	loop_watch_free(&a->watch);
	loop_timer_stop(a->patience);
	if (a->fd >= 0)
		close(a->fd);
	a->fd = -1;
}

static void
fail(struct queue_asker *a, const char *why)
{
	hang_up(a);
	a->hooks.on_fail(a->hooks.ctx, why);
}

static void
on_patience(void *ctx)
{
	fail(ctx, "outpost-queue takes too long");
}

static void
write_some(struct queue_asker *a)
{
	ssize_t n =
	    sock_send(a->fd, a->out.p + a->written, a->out.n - a->written);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	/* Who is refused is told so before the question is read: the answer
	 * tells why it isn't taken. */
	a->written = n < 0 ? a->out.n : a->written + (size_t)n;
	if (a->written == a->out.n)
		loop_watch_set(a->watch, LOOP_READ);
}

static void
read_some(struct queue_asker *a)
{
	char buf[65536];
	ssize_t n = sock_recv(a->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		text_bytes(&a->in, buf, (size_t)n);
	} else if (n == 0 || a->in.n > 0) {
		hang_up(a);
		a->hooks.on_answer(a->hooks.ctx, text_view(&a->in));
	} else {
		fail(a, "outpost-queue hung up");
	}
}

static void
on_ready(void *ctx)
{
	struct queue_asker *a = ctx;

	if (a->written < a->out.n)
		write_some(a);
	else
		read_some(a);
}

struct queue_asker *
queue_asker_new(
    struct loop *l, int patience_s, const struct queue_asker_hooks *hooks)
{
	struct queue_asker *a = xalloc(1, sizeof(*a));

	a->loop = l;
	a->hooks = *hooks;
	a->patience_s = patience_s;
	a->fd = -1;
	a->patience = loop_timer_new(l, on_patience, a);
	text_grow(&a->out, QUEUE_REQUEST_MAX);
	text_grow(&a->in, QUEUE_ANSWER_MAX);
	return a;
}

void
queue_asker_free(struct queue_asker **ap)
{
	struct queue_asker *a = *ap;

	if (!a)
		return;
	*ap = NULL;
	hang_up(a);
	loop_timer_free(&a->patience);
	text_done(&a->out);
	text_done(&a->in);
	free(a);
}

int
queue_asker_ask(struct queue_asker *a, const char *socket,
    const struct queue_request *q, struct error *err)
{
	char address[256];
	struct text t;

	assert(a->fd < 0);
	text_init(&t, address, sizeof(address));
	text_printf(&t, "unix:%s", socket);
	a->fd = sock_connect(address, err);
	if (a->fd < 0)
		return -1;
	text_clear(&a->out);
	text_clear(&a->in);
	queue_request_print(q, &a->out);
	a->written = 0;
	loop_timer_in(a->patience, a->patience_s * TIME_US);
	a->watch = loop_watch_new(a->loop, a->fd, LOOP_WRITE, on_ready, a);
	return 0;
}

bool
queue_asker_is_busy(const struct queue_asker *a)
{
	return a->fd >= 0;
}
