/* board_read - the other nodes' pages about one subject */
#include <stdlib.h>

#include "base/loop.h"
#include "ledger/board.h"
#include "ledger/keys.h"
#include "ledger/pack.h"

enum { KEY = 400 };

/* Answered by Redis or by the clock, whichever comes first; freed when both
 * have come. */
struct reading {
	struct ledger *ledger;
	struct loop_timer *timer;
	board_read_fn *on_done;
	void *ctx;
	enum subject_kind kind;
	char node[17];
	bool is_done, is_answered;
	size_t n;
	char key[];
};

static void
finish(struct reading *q, bool is_fresh)
{
	if (!q->is_done) {
		q->is_done = true;
		q->on_done(q->ctx, is_fresh);
	}
	loop_timer_free(&q->timer);
	if (q->is_answered)
		free(q);
}

/* A field is NODE (a record) or NODE:s (sketches); its value begins with the
 * version, two numbers. */
static void
take_field(struct reading *q, struct str field, struct str value)
{
	struct str key = str_make(q->key, q->n), node = field, head;
	uint64_t starts, seq;

	if (!pack_take_u64(&value, &starts) || !pack_take_u64(&value, &seq))
		return;
	bool is_sketches = str_cut(&node, ':', &head);

	if (is_sketches)
		node = head;
	if (str_is(node, str_from(q->node)))
		return;
	if (is_sketches)
		ledger_set_other_sketches(q->ledger, q->kind, key, node, value);
	else
		ledger_set_other(q->ledger, q->kind, key, node, value);
}

static void
on_fields(void *ctx, const struct redis_reply *r)
{
	struct reading *q = ctx;
	bool is_fresh = r && redis_reply_type(r) == REDIS_ARRAY;

	q->is_answered = true;
	for (size_t i = 0; is_fresh && i + 1 < redis_reply_count(r); i += 2)
		take_field(q, redis_reply_text(redis_reply_at(r, i)),
		    redis_reply_text(redis_reply_at(r, i + 1)));
	finish(q, is_fresh);
}

static void
on_late(void *ctx)
{
	finish(ctx, false);
}

void
board_read(struct board *b, enum subject_kind kind, struct str key,
    int timeout_ms, board_read_fn *on_done, void *ctx)
{
	struct reading *q = xalloc(1, sizeof(*q) + key.n);
	struct board_ways ways;
	char redis_key[KEY];
	struct text k, node;

	board_ways(b, &ways);
	q->ledger = ways.ledger;
	q->kind = kind;
	q->on_done = on_done;
	q->ctx = ctx;
	q->n = key.n;
	memcpy(q->key, key.p, key.n);
	text_init(&node, q->node, sizeof(q->node));
	text_str(&node, ways.node);
	q->timer = loop_timer_new(ways.loop, on_late, q);
	loop_timer_in(q->timer, timeout_ms * 1000LL);
	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(kind, key, &k);
	const struct str argv[] = {STR("HGETALL"), text_view(&k)};

	redis_ask(ways.writer, argv, 2, on_fields, q);
}
