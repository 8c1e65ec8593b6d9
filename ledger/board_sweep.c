/* board_sweep - who was dropped leaves the board, too
 *
 * A page goes with its subject. When Redis couldn't be told (it was down, or
 * this process died just then), all is posted again, as after each start, and
 * then whatever in our buckets is of before that is nobody's: bucket after
 * bucket is looked through, a few at each heartbeat.
 */
#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"

enum {
	BUCKETS = 16,	   /* a beat */
	WALK_AFTER = 3600, /* seconds since the last */
	FIELDS = 64,	   /* removed at once */
};

static void
on_removed(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (!r || redis_reply_type(r) == REDIS_ERROR)
		b->sweep.has_missed = true;
}

static void
remove_fields(struct board *b, uint32_t bucket, struct str *argv, size_t n)
{
	char key[BOARD_PAGE_KEY];
	struct text k;

	text_init(&k, key, sizeof(key));
	board_page_print_key(bucket, str_from(b->node), &k);
	argv[0] = STR("HDEL");
	argv[1] = text_view(&k);
	b->days[bucket] = 0; /* an empty hash is gone, and so is its expiry */
	redis_ask(b->writer, argv, n, on_removed, b);
}

void
board_on_drop(void *ctx, enum subject_kind kind, struct str key)
{
	struct board *b = ctx;
	struct board_page_place place;

	if (!board_may_write(b)) {
		b->sweep.has_missed = true;
		return;
	}
	board_page_find(kind, key, b->bits, &place);
	struct str argv[4] = {
	    [2] = board_page_record(&place), [3] = board_page_sketches(&place)};

	remove_fields(b, place.bucket, argv, 4);
}

void
board_forget(struct board *b, enum subject_kind kind, struct str key)
{
	struct board_page_place place;
	char redis_key[BOARD_PAGE_KEY];
	struct text k;

	board_page_find(kind, key, b->bits, &place);
	b->days[place.bucket] = 0;
	for (size_t i = 0; i <= b->nodes.n; i++) {
		text_init(&k, redis_key, sizeof(redis_key));
		board_page_print_key(place.bucket,
		    str_from(i < b->nodes.n ? b->nodes.v[i].id : b->node), &k);
		const struct str argv[] = {STR("HDEL"), text_view(&k),
		    board_page_record(&place), board_page_sketches(&place)};

		redis_ask(b->writer, argv, 4, NULL, NULL);
	}
}

void
board_sweep_begin(struct board *b)
{
	struct board_sweep *w = &b->sweep;

	w->floor = b->seq;
	w->next = 0;
	w->is_due = true;
	w->is_drained = false;
	w->has_missed = false;
	w->walked_us = time_mono_us();
}

void
board_sweep_note(struct board *b, uint32_t bucket)
{
	if (bucket == b->sweep.next)
		b->sweep.is_changed = true;
}

/* Nobody's: the ledger posted all it has since then. What can't be read isn't
 * of this version, nor of use. */
static bool
is_left_over(const struct board *b, struct str value)
{
	struct others_version v;

	return !board_page_take_version(&value, &v) || v.starts < b->starts ||
	       (v.starts == b->starts && v.seq <= b->sweep.floor);
}

static void
remove_left_over(struct board *b, const struct redis_reply *r)
{
	struct str argv[2 + FIELDS];
	size_t n = 2;

	for (size_t i = 0; i + 1 < redis_reply_count(r); i += 2) {
		if (!is_left_over(
			b, redis_reply_text(redis_reply_at(r, i + 1))))
			continue;
		argv[n++] = redis_reply_text(redis_reply_at(r, i));
		if (n < 2 + FIELDS)
			continue;
		remove_fields(b, b->sweep.next, argv, n);
		n = 2;
	}
	if (n > 2)
		remove_fields(b, b->sweep.next, argv, n);
}

static bool
may_sweep(const struct board *b)
{
	return board_may_write(b) && b->sweep.is_due && b->sweep.is_drained &&
	       b->leaving == BOARD_STAYS && !*b->refusal;
}

static void ask_next(struct board *b);

static void
on_bucket(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;
	struct board_sweep *w = &b->sweep;

	w->is_asked = false;
	/* What was to take its place may have been refused meanwhile. */
	if (!r || redis_reply_type(r) != REDIS_ARRAY || !may_sweep(b))
		return;
	/* What was posted since must not go: it is asked for again. */
	if (!w->is_changed) {
		remove_left_over(b, r);
		w->next++;
	}
	if (w->next == 1u << b->bits)
		w->is_due = false;
	else if (--w->left > 0)
		ask_next(b);
}

static void
ask_next(struct board *b)
{
	char key[BOARD_PAGE_KEY];
	struct text k;

	if (!may_sweep(b))
		return;
	text_init(&k, key, sizeof(key));
	board_page_print_key(b->sweep.next, str_from(b->node), &k);
	const struct str argv[] = {STR("HGETALL"), text_view(&k)};

	b->sweep.is_asked = true;
	b->sweep.is_changed = false;
	redis_ask(b->writer, argv, 2, on_bucket, b);
}

void
board_sweep_some(struct board *b)
{
	struct board_sweep *w = &b->sweep;

	if (w->has_missed && !w->is_due && board_may_write(b) &&
	    time_mono_us() - w->walked_us > (int64_t)WALK_AFTER * TIME_US)
		board_post_all(b);
	if (w->is_asked || !may_sweep(b))
		return;
	b->has_own_pages = false;
	w->left = BUCKETS;
	ask_next(b);
}
