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

/* One subject, of all nodes: each is asked for its own hash. */
struct answer {
	struct asking *asking;
	size_t i; /* of b->nodes */
};

struct asking {
	struct board *board;
	board_read_fn *on_done; /* may be NULL */
	void *ctx;
	enum subject_kind kind;
	uint64_t generation;
	size_t left;
	bool is_whole, is_news;
	struct answer answers[NODES_MAX];
	size_t key_n;
	char key[];
};

static enum others_result
take_page(struct board *b, struct subject *s, const struct nodes_one *node,
    struct str value)
{
	struct others_page page = {
	    .node = str_from(node->id), .is_ended = node->ends_at != 0};
	enum others_result result = OTHERS_DAMAGED;
	struct text room;
	struct board_page p;

	text_grow(&room, value.n + BOARD_PAGE_HEAD);
	if (board_page_take(value, &room, &p)) {
		page.version = p.version;
		page.posted_at = p.at;
		page.recipients = p.recipients;
		page.messages = p.messages;
		page.record = p.record;
		result = others_set(b->ledger, s, &page);
	}
	text_done(&room);
	return result;
}

static enum others_result
take_sketches(struct subject *s, struct str node, struct str value)
{
	struct others_sketches sketches;

	return board_page_take_sketches(value, &sketches)
		   ? others_set_sketches(s, node, &sketches)
		   : OTHERS_DAMAGED;
}

static bool
take_field(struct board *b, struct subject *s, const struct nodes_one *node,
    bool is_sketches, struct str value)
{
	enum others_result result =
	    is_sketches ? take_sketches(s, str_from(node->id), value)
			: take_page(b, s, node, value);

	b->unread += result == OTHERS_DAMAGED;
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

static void
take_fields(
    struct asking *a, const struct nodes_one *node, const struct redis_reply *r)
{
	struct board *b = a->board;
	struct str key = str_make(a->key, a->key_n);
	struct subject *s =
	    has_page(r) ? ledger_get(b->ledger, a->kind, key) : NULL;

	for (size_t i = 0; s && i < redis_reply_count(r); i++) {
		const struct redis_reply *value = redis_reply_at(r, i);

		if (redis_reply_type(value) == REDIS_STRING)
			a->is_news |= take_field(
			    b, s, node, i > 0, redis_reply_text(value));
	}
}

static void
finish_asking(struct asking *a)
{
	struct board *b = a->board;
	struct subject *s = NULL;

	if (a->is_whole) {
		b->read++;
		s = ledger_find(b->ledger, a->kind, str_make(a->key, a->key_n));
	}
	if (s)
		others_set_read_at(s, now_s(b));
	if (s && a->is_news && b->hooks.on_news)
		b->hooks.on_news(b->hooks.ctx, s);
	if (a->on_done)
		a->on_done(a->ctx, a->is_whole);
	free(a);
}

static void
on_fields(void *ctx, const struct redis_reply *r)
{
	const struct answer *answer = ctx;
	struct asking *a = answer->asking;
	struct board *b = a->board;

	if (r && redis_reply_type(r) == REDIS_ARRAY &&
	    a->generation == b->nodes.generation)
		take_fields(a, &b->nodes.v[answer->i], r);
	else
		a->is_whole = false;
	if (--a->left == 0)
		finish_asking(a);
}

/* A node that hasn't posted since it was upgraded, or never will. */
static void
ask_own(struct asking *a, struct answer *answer, const struct nodes_one *node,
    bool has_sketches)
{
	char redis_key[BOARD_KEY], field[BOARD_FIELD];
	struct text k, f;

	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(a->kind, str_make(a->key, a->key_n), &k);
	text_init(&f, field, sizeof(field));
	text_printf(&f, "%s:s", node->id);
	const struct str argv[] = {
	    STR("HMGET"), text_view(&k), str_from(node->id), text_view(&f)};

	redis_ask(
	    a->board->writer, argv, has_sketches ? 4 : 3, on_fields, answer);
}

static void
ask_page(struct asking *a, struct answer *answer,
    const struct board_page_place *place, const struct nodes_one *node,
    bool has_sketches)
{
	char redis_key[BOARD_PAGE_KEY];
	struct text k;

	text_init(&k, redis_key, sizeof(redis_key));
	board_page_print_key(place->bucket, str_from(node->id), &k);
	const struct str argv[] = {STR("HMGET"), text_view(&k),
	    board_page_record(place), board_page_sketches(place)};

	redis_ask(
	    a->board->writer, argv, has_sketches ? 4 : 3, on_fields, answer);
}

bool
board_ask(struct board *b, enum subject_kind kind, struct str key,
    bool has_sketches, board_read_fn *on_done, void *ctx)
{
	struct board_page_place place;
	struct asking *a;

	if (board_is_alone(b))
		return false;
	a = xalloc(1, sizeof(*a) + key.n);
	a->board = b;
	a->on_done = on_done;
	a->ctx = ctx;
	a->kind = kind;
	a->generation = b->nodes.generation;
	a->left = b->nodes.n;
	a->is_whole = true;
	a->key_n = key.n;
	if (key.n > 0)
		memcpy(a->key, key.p, key.n);
	board_page_find(kind, key, b->bits, &place);
	for (size_t i = 0; i < b->nodes.n; i++) {
		const struct nodes_one *node = &b->nodes.v[i];

		a->answers[i] = (struct answer){a, i};
		if (node->layout <= BOARD_PAGE_FORMAT_OWN)
			ask_own(a, &a->answers[i], node, has_sketches);
		else
			ask_page(a, &a->answers[i], &place, node, has_sketches);
	}
	return true;
}

/* One subject, now: answered by Redis or by the clock, whichever comes first;
 * freed when both have come. */
struct reading {
	struct board *board; /* NULL: it is gone */
	struct loop_timer *timer;
	board_read_fn *on_done;
	void *ctx;
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
on_asked(void *ctx, bool is_fresh)
{
	struct reading *q = ctx;

	q->is_answered = true;
	finish(q, is_fresh);
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

	if (board_ask(b, q->kind, str_make(q->key, q->n), true, on_asked, q)) {
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
