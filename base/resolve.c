/* resolve - a host's addresses, without stopping the loop */
#include "base/resolve.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"
#include "base/loop.h"
#include "base/str.h"

/* Held by the thread and by the loop's side; the last one frees it. */
struct resolve {
	atomic_int holders;
	char *host;
	int done_fd;
	struct resolve_result result;

	/* The loop's alone. */
	struct loop_watch *watch;
	resolve_fn *on_done;
	void *ctx;
};

static void
let_go(struct resolve *r)
{
	if (atomic_fetch_sub(&r->holders, 1) > 1)
		return;
	close(r->done_fd);
	free(r->host);
	free(r);
}

static void
look_up(struct resolve *r)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	struct resolve_result *out = &r->result;
	int rc = getaddrinfo(r->host, NULL, &hints, &list);

	for (struct addrinfo *a = list; a && out->n < RESOLVE_MAX;
	     a = a->ai_next) {
		if (getnameinfo(a->ai_addr, a->ai_addrlen, out->address[out->n],
			RESOLVE_TEXT, NULL, 0, NI_NUMERICHOST) == 0)
			out->n++;
	}
	if (list)
		freeaddrinfo(list);
	if (out->n == 0)
		out->error = rc ? gai_strerror(rc) : "has no address";
}

static void *
run(void *ctx)
{
	static const uint64_t one = 1;
	struct resolve *r = ctx;

	look_up(r);
	while (write(r->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	let_go(r);
	return NULL;
}

static void
on_ready(void *ctx)
{
	struct resolve *r = ctx;
	uint64_t n;

	/* The thread has written its result before. */
	if (read(r->done_fd, &n, sizeof(n)) < 0)
		return;
	loop_watch_free(&r->watch);
	r->on_done(r->ctx, &r->result);
	let_go(r);
}

static void
start_thread(struct resolve *r)
{
	static const uint64_t one = 1;
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	int rc = pthread_create(&thread, &attr, run, r);

	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attr);
	if (rc == 0)
		return;
	r->result.error = strerror(rc);
	if (write(r->done_fd, &one, sizeof(one)) < 0)
		fatal("eventfd: %s", strerror(errno));
	let_go(r);
}

struct resolve *
resolve_start(struct loop *l, const char *host, resolve_fn *on_done, void *ctx)
{
	struct resolve *r = xalloc(1, sizeof(*r));

	r->holders = 2;
	r->host = str_dup(str_from(host));
	r->done_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (r->done_fd < 0)
		fatal("eventfd: %s", strerror(errno));
	r->on_done = on_done;
	r->ctx = ctx;
	r->watch = loop_watch_new(l, r->done_fd, LOOP_READ, on_ready, r);
	start_thread(r);
	return r;
}

void
resolve_cancel(struct resolve **rp)
{
	struct resolve *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	loop_watch_free(&r->watch);
	let_go(r);
}
