/* redis_wire - one connection to Redis, by hiredis on the loop
 *
 * hiredis may free a context later than it is told, so the context is
 * detached first: what hiredis still says about it is not heard.
 */
#include "base/redis_wire.h"

#include <assert.h>
#include <fcntl.h>
#include <hiredis/async.h>
#include <stdlib.h>

#include "base/loop.h"

enum { FEW = 16 };

struct redis_wire {
	struct redis_wire_events events;
	redisAsyncContext *context; /* NULL: closed */
	struct loop_watch *reader, *writer;
};

static void
on_add_read(void *ctx)
{
	struct redis_wire *w = ctx;

	loop_watch_set(w->reader, LOOP_READ);
}

static void
on_del_read(void *ctx)
{
	struct redis_wire *w = ctx;

	loop_watch_set(w->reader, 0);
}

static void
on_add_write(void *ctx)
{
	struct redis_wire *w = ctx;

	loop_watch_set(w->writer, LOOP_WRITE);
}

static void
on_del_write(void *ctx)
{
	struct redis_wire *w = ctx;

	loop_watch_set(w->writer, 0);
}

static void
on_readable(void *ctx)
{
	struct redis_wire *w = ctx;

	redisAsyncHandleRead(w->context);
}

static void
on_writable(void *ctx)
{
	struct redis_wire *w = ctx;

	redisAsyncHandleWrite(w->context);
}

static void
attach(struct redis_wire *w, struct loop *l, redisAsyncContext *c)
{
	int fd = c->c.fd;

	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	w->context = c;
	w->reader = loop_watch_new(l, fd, 0, on_readable, w);
	w->writer = loop_watch_new(l, fd, 0, on_writable, w);
	c->data = w;
	c->ev.data = w;
	c->ev.addRead = on_add_read;
	c->ev.delRead = on_del_read;
	c->ev.addWrite = on_add_write;
	c->ev.delWrite = on_del_write;
}

static redisAsyncContext *
detach(struct redis_wire *w)
{
	redisAsyncContext *c = w->context;

	loop_watch_free(&w->reader);
	loop_watch_free(&w->writer);
	w->context = NULL;
	if (c) {
		c->data = NULL;
		memset(&c->ev, 0, sizeof(c->ev));
	}
	return c;
}

static void
on_connect(const redisAsyncContext *c, int status)
{
	struct redis_wire *w = c->data;

	if (!w)
		return;
	if (status == REDIS_OK) {
		w->events.on_open(w->events.ctx);
		return;
	}
	detach(w); /* hiredis frees it itself after this */
	w->events.on_close(w->events.ctx, c->errstr);
}

static void
on_disconnect(const redisAsyncContext *c, int status)
{
	struct redis_wire *w = c->data;

	(void)status;
	if (!w)
		return;
	detach(w);
	w->events.on_close(w->events.ctx, c->err ? c->errstr : "closed");
}

static void
on_answer(redisAsyncContext *c, void *reply, void *unused)
{
	struct redis_wire *w = c->data;

	(void)unused;
	/* Without a reply it is closing, on_disconnect follows. */
	if (w && reply)
		w->events.on_reply(w->events.ctx, reply);
}

struct redis_wire *
redis_wire_new(struct loop *l, const char *path, const char *host, int port,
    const struct redis_wire_events *events, struct error *err)
{
	redisAsyncContext *c =
	    path ? redisAsyncConnectUnix(path) : redisAsyncConnect(host, port);

	if (!c)
		fatal("no memory for a connection to Redis");
	if (!c->err && !path)
		redisEnableKeepAlive(&c->c);
	if (c->err || c->c.err) {
		error_set(err, "%s", c->err ? c->errstr : c->c.errstr);
		redisAsyncFree(c);
		return NULL;
	}
	struct redis_wire *w = xalloc(1, sizeof(*w));

	w->events = *events;
	attach(w, l, c);
	redisAsyncSetDisconnectCallback(c, on_disconnect);
	redisAsyncSetConnectCallback(c, on_connect);
	return w;
}

void
redis_wire_free(struct redis_wire **wp)
{
	struct redis_wire *w = *wp;

	if (!w)
		return;
	*wp = NULL;
	redisAsyncContext *c = detach(w);

	if (c)
		redisAsyncFree(c);
	free(w);
}

bool
redis_wire_send(struct redis_wire *w, const struct str *argv, size_t n)
{
	const char *few[FEW] = {0}, **p = few;
	size_t few_n[FEW] = {0}, *len = few_n;

	if (n > FEW) {
		p = xalloc(n, sizeof(*p));
		len = xalloc(n, sizeof(*len));
	}
	for (size_t i = 0; i < n; i++) {
		p[i] = argv[i].p ? argv[i].p : "";
		len[i] = argv[i].n;
	}
	int rc =
	    redisAsyncCommandArgv(w->context, on_answer, NULL, (int)n, p, len);

	if (n > FEW) {
		free(p);
		free(len);
	}
	return rc == REDIS_OK;
}

static const redisReply *
see(const struct redis_reply *r)
{
	return (const void *)r;
}

enum redis_type
redis_reply_type(const struct redis_reply *r)
{
	switch (see(r)->type) {
	case REDIS_REPLY_STRING:
		return REDIS_STRING;
	case REDIS_REPLY_ARRAY:
		return REDIS_ARRAY;
	case REDIS_REPLY_INTEGER:
		return REDIS_INTEGER;
	case REDIS_REPLY_STATUS:
		return REDIS_STATUS;
	case REDIS_REPLY_ERROR:
		return REDIS_ERROR;
	default: /* RESP3's others are never asked for */
		return REDIS_NIL;
	}
}

struct str
redis_reply_text(const struct redis_reply *r)
{
	const redisReply *h = see(r);

	return h->str ? str_make(h->str, (size_t)h->len) : STR("");
}

int64_t
redis_reply_integer(const struct redis_reply *r)
{
	return see(r)->type == REDIS_REPLY_INTEGER ? see(r)->integer : 0;
}

size_t
redis_reply_count(const struct redis_reply *r)
{
	return see(r)->type == REDIS_REPLY_ARRAY ? see(r)->elements : 0;
}

const struct redis_reply *
redis_reply_at(const struct redis_reply *r, size_t i)
{
	assert(i < redis_reply_count(r));
	return (const void *)see(r)->element[i];
}
