/* board_read - the other nodes' pages */
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"
#include "ledger/keys.h"
#include "ledger/others.h"
#include "ledger/pack.h"

enum {
	DOUBT_MS = 50,
	DOUBTS_MAX = 1000,
	DOUBT_AFTER = 60, /* seconds since they were read */
};

static int64_t
now_s(const struct board *b)
{
	return loop_now_us(b->loop) / TIME_US;
}

bool
board_is_alone(const struct board *b)
{
	return b->nodes.n == 0;
}

size_t
board_alive(const struct board *b)
{
	return b->nodes.n_alive + 1;
}

bool
board_reads_back(const struct board *b, struct subject *s)
{
	if (board_is_alone(b) ||
	    (b->hooks.on_reads &&
		!b->hooks.on_reads(b->hooks.ctx, subject_kind(s))))
		return false;
	return b->nodes.n_alive > 0 || others_read_at(s) == 0;
}

bool
board_ask(struct board *b, struct str redis_key, bool has_sketches,
    struct board_ask *ask, redis_reply_fn *on_reply, void *ctx)
{
	struct str argv[2 + 2 * NODES_MAX] = {STR("HMGET"), redis_key};
	char fields[NODES_MAX][BOARD_FIELD];
	size_t n = 2;

	if (board_is_alone(b))
		return false;
	*ask =
	    (struct board_ask){b->nodes.n, b->nodes.generation, has_sketches};
	for (size_t i = 0; i < ask->n; i++)
		argv[n++] = str_from(b->nodes.v[i].id);
	for (size_t i = 0; has_sketches && i < ask->n; i++) {
		struct text t;

		text_init(&t, fields[i], sizeof(fields[i]));
		text_printf(&t, "%s:s", b->nodes.v[i].id);
		argv[n++] = text_view(&t);
	}
	redis_ask(b->writer, argv, n, on_reply, ctx);
	return true;
}

static bool
take_version(struct str *value, struct others_version *v)
{
	if (value->n == 0 || value->p[0] < 1 || value->p[0] > BOARD_FORMAT)
		return false;
	*value = str_skip(*value, 1);
	return pack_take_u64(value, &v->starts) &&
	       pack_take_u64(value, &v->seq);
}

static enum others_result
take_page(struct board *b, struct subject *s, struct others_page *page,
    bool is_ended, struct str value)
{
	uint64_t at, recipients, messages;

	if (!take_version(&value, &page->version) ||
	    !pack_take_u64(&value, &at) ||
	    !pack_take_u64(&value, &recipients) ||
	    !pack_take_u64(&value, &messages))
		return OTHERS_DAMAGED;
	page->posted_at = (int64_t)at;
	page->recipients = (int64_t)(recipients & INT32_MAX);
	page->messages = (int64_t)(messages & INT32_MAX);
	page->is_ended = is_ended;
	page->record = value;
	return others_set(b->ledger, s, page);
}

static enum others_result
take_sketches(struct subject *s, struct str node, struct str value)
{
	struct others_version version;

	if (!take_version(&value, &version))
		return OTHERS_DAMAGED;
	return others_set_sketches(s, node, version, value);
}

/* A page in which nothing counts any more: its node is gone. */
static void
remove_page(
    struct board *b, enum subject_kind kind, struct str key, const char *node)
{
	char redis_key[BOARD_KEY], sketches[BOARD_FIELD];
	struct text k, t;

	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(kind, key, &k);
	text_init(&t, sketches, sizeof(sketches));
	text_printf(&t, "%s:s", node);
	const struct str argv[] = {
	    STR("HDEL"), text_view(&k), str_from(node), text_view(&t)};

	redis_ask(b->writer, argv, 4, NULL, NULL);
}

static bool
is_over(const struct board *b, const struct nodes_one *node,
    const struct others_page *page)
{
	int64_t oldest = now_s(b) - NODES_COUNTS_DAYS * 86400;

	return !node->is_alive && page->posted_at < oldest;
}

static bool
take_field(struct board *b, struct subject *s, const struct nodes_one *node,
    bool is_sketches, struct str value)
{
	struct others_page page = {.node = str_from(node->id)};
	enum others_result result =
	    is_sketches ? take_sketches(s, page.node, value)
			: take_page(b, s, &page, node->ends_at != 0, value);

	if (result == OTHERS_DAMAGED)
		b->unread++;
	else if (!is_sketches && is_over(b, node, &page))
		remove_page(b, subject_kind(s), subject_key(s), node->id);
	return result == OTHERS_NEWS;
}

static bool
has_page(const struct redis_reply *r)
{
	for (size_t i = 0; i < redis_reply_count(r); i++) {
		if (redis_reply_type(redis_reply_at(r, i)) == REDIS_STRING)
			return true;
	}
	return false;
}

bool
board_take(struct board *b, const struct board_ask *ask, enum subject_kind kind,
    struct str key, const struct redis_reply *r)
{
	struct subject *s;
	bool is_news = false;

	if (!r || redis_reply_type(r) != REDIS_ARRAY ||
	    ask->generation != b->nodes.generation)
		return false;
	b->read++;
	s = has_page(r) ? ledger_get(b->ledger, kind, key)
			: ledger_find(b->ledger, kind, key);
	if (!s)
		return true;
	for (size_t i = 0; i < redis_reply_count(r); i++) {
		const struct redis_reply *value = redis_reply_at(r, i);

		if (redis_reply_type(value) == REDIS_STRING)
			is_news |= take_field(b, s, &b->nodes.v[i % ask->n],
			    i >= ask->n, redis_reply_text(value));
	}
	others_set_read_at(s, now_s(b));
	if (is_news && b->hooks.on_news)
		b->hooks.on_news(b->hooks.ctx, s);
	return true;
}

/* One subject, now: answered by Redis or by the clock, whichever comes first;
 * freed when both have come. */
struct reading {
	struct board *board; /* NULL: it is gone */
	struct loop_timer *timer;
	board_read_fn *on_done;
	void *ctx;
	struct board_ask ask;
	enum subject_kind kind;
	bool is_done, is_answered;
	size_t n;
	char key[];
};

static void
finish(struct reading *q, bool is_fresh)
{
	loop_timer_free(&q->timer);
	if (!q->is_done) {
		q->is_done = true;
		q->on_done(q->ctx, is_fresh);
	}
	if (q->is_answered)
		free(q);
}

static void
on_fields(void *ctx, const struct redis_reply *r)
{
	struct reading *q = ctx;

	q->is_answered = true;
	finish(q,
	    board_take(q->board, &q->ask, q->kind, str_make(q->key, q->n), r));
}

static void
on_late(void *ctx)
{
	finish(ctx, false);
}

static void
on_nobody(void *ctx)
{
	struct reading *q = ctx;

	q->is_answered = true;
	finish(q, redis_is_up(q->board->writer));
}

static struct reading *
start_reading(struct board *b, enum subject_kind kind, struct str key,
    board_read_fn *on_done, void *ctx)
{
	struct reading *q = xalloc(1, sizeof(*q) + key.n);

	q->board = b;
	q->kind = kind;
	q->on_done = on_done;
	q->ctx = ctx ? ctx : q;
	q->n = key.n;
	if (key.n > 0)
		memcpy(q->key, key.p, key.n);
	return q;
}

static void
ask_for(struct reading *q, int timeout_ms)
{
	struct board *b = q->board;
	char redis_key[BOARD_KEY];
	struct text k;

	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(q->kind, str_make(q->key, q->n), &k);
	if (board_ask(b, text_view(&k), true, &q->ask, on_fields, q)) {
		q->timer = loop_timer_new(b->loop, on_late, q);
		loop_timer_in(q->timer, timeout_ms * 1000LL);
	} else {
		q->timer = loop_timer_new(b->loop, on_nobody, q);
		loop_timer_in(q->timer, 0);
	}
}

void
board_read(struct board *b, enum subject_kind kind, struct str key,
    int timeout_ms, board_read_fn *on_done, void *ctx)
{
	ask_for(start_reading(b, kind, key, on_done, ctx), timeout_ms);
}

/* Doubts. */

static struct str
doubt_name(enum subject_kind kind, struct str key, char buf[BOARD_KEY])
{
	struct text t;

	text_init(&t, buf, BOARD_KEY);
	board_print_key(kind, key, &t);
	return text_view(&t);
}

struct doubt {
	struct board *board;
	enum subject_kind kind;
	size_t n;
	char name[]; /* the Redis key; ends with the subject's */
};

static void
on_settled(void *ctx, bool is_fresh)
{
	struct doubt *d = ctx;
	struct board *b = d->board;
	size_t head = sizeof(KEYS_COUNTS) - 1 + 2;
	struct subject *s = ledger_find(
	    b->ledger, d->kind, str_make(d->name + head, d->n - head));

	map_remove(&b->doubts, str_make(d->name, d->n));
	free(d);
	if (s && !is_fresh)
		others_set_read_at(s, now_s(b));
	if (s && b->hooks.on_news)
		b->hooks.on_news(b->hooks.ctx, s);
}

/* A clock that was put back makes what was read old, not new. */
int64_t
board_read_ago(const struct board *b, const struct subject *s)
{
	int64_t ago = now_s(b) - others_read_at(s);

	return ago >= 0 ? ago : INT64_MAX;
}

bool
board_doubt(struct board *b, struct subject *s)
{
	char buf[BOARD_KEY];
	struct str key = subject_key(s);
	bool was_read = others_read_at(s) != 0;

	if (board_is_alone(b) || !redis_is_up(b->writer) ||
	    (b->nodes.n_alive == 0 && was_read) ||
	    board_read_ago(b, s) < DOUBT_AFTER)
		return false;
	struct str name = doubt_name(subject_kind(s), key, buf);

	if (map_find(&b->doubts, name))
		return true;
	if (b->doubts.n >= DOUBTS_MAX)
		return false;
	struct doubt *d = xalloc(1, sizeof(*d) + name.n);

	d->board = b;
	d->kind = subject_kind(s);
	d->n = name.n;
	memcpy(d->name, name.p, name.n);
	map_put(&b->doubts, str_make(d->name, d->n), d);
	board_read(b, d->kind, key, DOUBT_MS, on_settled, d);
	return true;
}

void
board_forget_doubts(struct board *b)
{
	struct doubt *d;

	for (size_t i = 0; (d = map_next(&b->doubts, &i));)
		free(d);
	map_done(&b->doubts);
}
