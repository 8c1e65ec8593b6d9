/* app_expect - new messages that Postfix is told to put on hold */
#include "daemon/app_expect.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sock.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/holder.h"

enum { PATIENCE_US = 1000 * 1000, EXPECTED_MAX = 64, EXPECT_BYTES = 8192 };

struct app_expected {
	struct app *app;
	struct app_expected *next;
	loop_fn *done;
	void *ctx;
	int fd;
	struct loop_watch *watch;
	struct loop_timer *late;
	struct text out;
	size_t written, n_in;
	char in[EXPECT_BYTES];
};

/* The instance of this queue id: which one asks isn't told. */
static struct str
instance_of(struct app *a, struct str queue_id)
{
	const struct setting_list *all = &a->settings->daemon.instances;
	struct str one, rest;

	for (size_t i = 0; i < all->n; i++) {
		rest = str_from(all->v[i]);
		if (!str_cut(&rest, '=', &one))
			continue;
		one = str_trim(one);
		if (all->n == 1 ||
		    chains_has(pipeline_chains(a->pipeline), one, queue_id))
			return one;
	}
	return STR("");
}

static void
finish(struct app_expected *e)
{
	struct app_expected **at = &e->app->expected;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	e->app->n_expected--;
	loop_watch_free(&e->watch);
	loop_timer_free(&e->late);
	close(e->fd);
	text_done(&e->out);
	e->done(e->ctx);
	free(e);
}

static void
take_answer(struct app_expected *e)
{
	struct str bytes = str_make(e->in, e->n_in), line;
	struct queue_answer a;

	while (str_cut(&bytes, '\n', &line)) {
		if (queue_answer_parse(line, &a) == QUEUE_LINE_MESSAGE)
			holder_expected(
			    app_queue_holder(e->app->queue), &a.message);
	}
}

static void
on_late(void *ctx)
{
	finish(ctx);
}

static bool
is_over(ssize_t n)
{
	return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

static void
write_some(struct app_expected *e)
{
	ssize_t n =
	    sock_send(e->fd, e->out.p + e->written, e->out.n - e->written);

	if (n > 0)
		e->written += (size_t)n;
	if (is_over(n) || e->written == e->out.n) {
		e->written = e->out.n;
		loop_watch_set(e->watch, LOOP_READ);
	}
}

static void
on_ready(void *ctx)
{
	struct app_expected *e = ctx;

	if (e->written < e->out.n) {
		write_some(e);
		return;
	}
	ssize_t n = sock_recv(e->fd, e->in + e->n_in, sizeof(e->in) - e->n_in);

	if (n > 0)
		e->n_in += (size_t)n;
	if (!is_over(n) && e->n_in < sizeof(e->in))
		return;
	take_answer(e);
	finish(e);
}

static bool
ask(struct app *a, const struct queue_message *m, loop_fn *done, void *done_ctx)
{
	static struct queue_request q; /* large; used and done at once */
	char address[256];
	struct error err;
	struct text t;

	text_init(&t, address, sizeof(address));
	text_printf(&t, "unix:%s", a->settings->daemon.queue_socket);
	int fd = sock_connect(address, &err);

	if (fd < 0)
		return false;
	struct app_expected *e = xalloc(1, sizeof(*e));

	q.verb = QUEUE_VERB_EXPECT;
	q.operator= q.reason = STR("");
	q.messages[0] = *m;
	q.n = 1;
	text_grow(&e->out, 2 * QUEUE_LINE_MAX);
	queue_request_print(&q, &e->out);
	e->app = a;
	e->fd = fd;
	e->done = done;
	e->ctx = done_ctx;
	e->watch = loop_watch_new(a->loop, fd, LOOP_WRITE, on_ready, e);
	e->late = loop_timer_new(a->loop, on_late, e);
	loop_timer_in(e->late, PATIENCE_US);
	e->next = a->expected;
	a->expected = e;
	a->n_expected++;
	return true;
}

bool
app_expect_wait(struct app *a, const struct policy_request *q, loop_fn *done,
    void *done_ctx)
{
	char account[ACCOUNT_TEXT];
	struct queue_message m;
	struct text name;
	int64_t until;

	text_init(&name, account, sizeof(account));
	if (q->state != POLICY_END_OF_MESSAGE || !app_expect_can(a) ||
	    a->n_expected >= EXPECTED_MAX ||
	    !pipeline_doubts(a->pipeline, q, &name, &until))
		return false;
	struct holder_new n = {.account = text_view(&name),
	    .instance = instance_of(a, q->queue_id),
	    .queue_id = q->queue_id,
	    .sender = q->sender,
	    .until = until};

	ip_parse(q->client_address, &n.client);
	return holder_expect(app_queue_holder(a->queue), &n,
		   loop_now_us(a->loop) / TIME_US, &m) &&
	       ask(a, &m, done, done_ctx);
}

bool
app_expect_can(void *app)
{
	return app_queue_serves(((struct app *)app)->queue);
}

bool
app_expect_may(void *app, struct str queue_id)
{
	struct app *a = app;

	return holder_has(
	    app_queue_holder(a->queue), instance_of(a, queue_id), queue_id);
}

void
app_expect_stop(struct app *a)
{
	while (a->expected)
		finish(a->expected);
}
