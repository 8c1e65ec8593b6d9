/* board - this node's pages for the others, in Redis */
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"
#include "ledger/keys.h"
#include "ledger/others.h"
#include "ledger/pack.h"

enum {
	SLICE = 24,	 /* records a turn of the loop */
	SLICE_READ = 16, /* when each is read back, too */
	BEAT_MS = 5000,
	LIVES = NODES_COUNTS_DAYS * 86400,
};

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_printable(&t, v);
}

bool
board_is_complete(const struct board *b)
{
	return b->is_checked && b->is_ours && b->is_numbered &&
	       !b->is_walking && b->in_flight == 0 &&
	       ledger_changed(b->ledger) == 0;
}

void
board_print_key(enum subject_kind kind, struct str key, struct text *out)
{
	text_printf(out, "%s%c:", KEYS_COUNTS, subject_kind_letter(kind));
	text_str(out, key);
}

/* A record under way: its subject is marked again if it doesn't arrive. */
struct posting {
	struct board *board;
	uint16_t admitted; /* recipients that no page told of before */
	enum subject_kind kind;
	size_t n;
	char key[];
};

/* What Redis refuses (it is full, it can't save) is left to the next call:
 * trying again at once would never end. */
static void
on_posted(void *ctx, const struct redis_reply *r)
{
	struct posting *p = ctx;
	struct board *b = p->board;
	bool is_error = r && redis_reply_type(r) == REDIS_ERROR;

	b->in_flight--;
	board_sent_cell(
	    b, p->kind, str_make(p->key, p->n), p->admitted, r && !is_error);
	if (is_error)
		set_text(b->refusal, sizeof(b->refusal), redis_reply_text(r));
	if (r && !is_error) {
		b->posted++;
		*b->refusal = '\0';
	} else {
		b->sweep.is_drained = false;
		ledger_change(b->ledger, p->kind, str_make(p->key, p->n));
	}
	free(p);
	if (r && !is_error && b->in_flight == b->options.max_in_flight / 2)
		loop_timer_work(b->more);
	board_leave_when_done(b);
}

static void
on_expiring(void *ctx, const struct redis_reply *r)
{
	uint32_t *day = ctx;

	/* 0: the record before it was refused. */
	if (!r || redis_reply_integer(r) != 1)
		*day = 0;
}

/* A bucket that this node posts to every day never goes; of a node that is gone
 * it goes when nothing in it counts any more. */
static void
set_expiry(struct board *b, uint32_t bucket, struct str key)
{
	uint32_t *day = &b->days[bucket];
	uint32_t today = (uint32_t)(loop_now_us(b->loop) / TIME_US / 86400);
	char buf[24];
	struct text seconds;

	if (*day == today)
		return;
	*day = today;
	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, LIVES);
	const struct str argv[] = {STR("EXPIRE"), key, text_view(&seconds)};

	redis_ask(b->writer, argv, 3, on_expiring, day);
}

static void
print_page(struct board *b, enum subject_kind kind, struct str key,
    struct str record, struct text *out)
{
	struct board_page p = {.version = {b->starts, b->seq},
	    .at = loop_now_us(b->loop) / TIME_US,
	    .record = record};

	if (b->hooks.on_admitted)
		b->hooks.on_admitted(
		    b->hooks.ctx, kind, key, &p.recipients, &p.messages);
	board_page_print(&p, out);
}

static struct posting *
new_posting(struct board *b, enum subject_kind kind, struct str key)
{
	struct posting *p = xalloc(1, sizeof(*p) + key.n);

	p->board = b;
	p->kind = kind;
	p->n = key.n;
	if (key.n > 0)
		memcpy(p->key, key.p, key.n);
	return p;
}

static void
read_back(
    struct board *b, enum subject_kind kind, struct str key, bool has_sketches)
{
	struct subject *s = ledger_find(b->ledger, kind, key);

	if (b->is_syncing || !s || !board_reads_back(b, s))
		return;
	board_ask(
	    b, kind, key, has_sketches || others_read_at(s) == 0, NULL, NULL);
}

/* Where nodes of format 3 had it. */
static void
remove_own(struct board *b, enum subject_kind kind, struct str key)
{
	char redis_key[BOARD_KEY], sketches[BOARD_FIELD];
	struct text k, t;

	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(kind, key, &k);
	text_init(&t, sketches, sizeof(sketches));
	text_printf(&t, "%s:s", b->node);
	const struct str argv[] = {
	    STR("HDEL"), text_view(&k), str_from(b->node), text_view(&t)};

	redis_ask(b->writer, argv, 4, NULL, NULL);
}

static void
post(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct board *b = ctx;
	struct posting *p = new_posting(b, kind, key);
	char redis_key[BOARD_PAGE_KEY];
	struct text k, value, sets;
	struct board_page_place place;

	b->seq++;
	board_page_find(kind, key, b->bits, &place);
	text_init(&k, redis_key, sizeof(redis_key));
	board_page_print_key(place.bucket, str_from(b->node), &k);
	text_grow(&value, record.n + BOARD_PAGE_HEAD);
	print_page(b, kind, key, record, &value);
	text_grow(&sets, sketches.n + BOARD_PAGE_HEAD);
	board_page_print_sketches(
	    (struct others_version){b->starts, b->seq}, sketches, &sets);
	const struct str argv[] = {STR("HSET"), text_view(&k),
	    board_page_record(&place), text_view(&value),
	    board_page_sketches(&place), text_view(&sets)};

	b->in_flight++;
	p->admitted = board_send_cell(b, kind, key);
	redis_ask(b->writer, argv, sketches.n > 0 ? 6 : 4, on_posted, p);
	board_sweep_note(b, place.bucket);
	set_expiry(b, place.bucket, text_view(&k));
	if (b->has_own_pages)
		remove_own(b, kind, key);
	text_done(&value);
	text_done(&sets);
}

static void
post_one(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	post(ctx, kind, key, record, sketches);
	read_back(ctx, kind, key, sketches.n > 0);
}

bool
board_may_write(const struct board *b)
{
	return redis_is_up(b->writer) && b->is_checked && b->is_ours &&
	       b->is_numbered && b->leaving <= BOARD_POSTS_LAST;
}

static bool
may_post(const struct board *b)
{
	return board_may_write(b) && b->in_flight < b->options.max_in_flight;
}

/* What changed comes first, for at most half of the room; what Redis refuses is
 * enough to ask again. Who sleeps has nobody who could read the others' pages;
 * who wakes is posted then, and they are read. */
static size_t
post_walked(struct board *b, size_t room)
{
	size_t n = ledger_each_changed(b->ledger, (room + 1) / 2, post_one, b);

	if (*b->refusal)
		return n;
	n += walk_some(b->ledger, &b->walk, room - n, post, b);
	b->is_walking = !b->walk.is_over;
	return n;
}

void
board_post(struct board *b)
{
	if (!may_post(b))
		return;
	size_t room = b->options.max_in_flight - b->in_flight;
	size_t slice = b->nodes.n_alive > 0 ? SLICE_READ : SLICE;

	if (room > slice)
		room = slice;
	if (b->is_walking)
		room -= post_walked(b, room);
	ledger_each_changed(b->ledger, room, post_one, b);
	if (!b->is_walking && ledger_changed(b->ledger) == 0)
		b->sweep.is_drained = true;
	if ((b->is_walking || ledger_changed(b->ledger) > 0) && !*b->refusal &&
	    b->in_flight < b->options.max_in_flight)
		loop_timer_work(b->more);
}

void
board_post_next(struct board *b, bool is_read_back)
{
	b->is_syncing = !is_read_back;
	ledger_each_changed(b->ledger, 1, post_one, b);
	b->is_syncing = false;
}

static void
on_more(void *ctx)
{
	board_post(ctx);
}

static void
draw_token(struct board *b, struct str place)
{
	char drawn[EPOCH];
	struct text t;

	epoch_draw(drawn);
	text_init(&t, b->token, sizeof(b->token));
	text_str(&t, str_head(place, EPOCH - 1));
	text_char(&t, '.');
	b->place_n = t.n;
	text_add(&t, drawn);
}

struct board *
board_new(struct loop *l, const struct board_options *o,
    const struct board_hooks *hooks, struct ledger *ledger,
    struct redis *writer)
{
	struct board *b = xalloc(1, sizeof(*b));
	struct text t;

	b->loop = l;
	b->ledger = ledger;
	b->writer = writer;
	b->options = *o;
	b->hooks = *hooks;
	if (b->options.beat_ms == 0)
		b->options.beat_ms = BEAT_MS;
	b->starts = o->starts;
	b->since = loop_now_us(l) / TIME_US;
	map_init(&b->doubts);
	b->bits = o->bits ? o->bits : BOARD_PAGE_BITS;
	b->days = xalloc((size_t)1 << b->bits, sizeof(*b->days));
	ledger_on_drop(ledger, board_on_drop, b);
	draw_token(b, o->place);
	text_init(&t, b->node, sizeof(b->node));
	text_str(&t, o->node);
	text_init(&t, b->alive, sizeof(b->alive));
	text_printf(&t, "%s%s", KEYS_NODE, b->node);
	b->beat = loop_timer_new(l, board_on_beat, b);
	b->more = loop_timer_new(l, on_more, b);
	b->patience = loop_timer_new(l, board_on_patience, b);
	loop_timer_every(b->beat, b->options.beat_ms * 1000LL);
	board_on_state(b);
	return b;
}

void
board_free(struct board **bp)
{
	struct board *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	loop_timer_free(&b->beat);
	loop_timer_free(&b->more);
	loop_timer_free(&b->patience);
	board_forget_doubts(b);
	free(b->cells);
	free(b->days);
	ledger_on_drop(b->ledger, NULL, NULL);
	free(b);
}

void
board_status(const struct board *b, struct board_status *out)
{
	*out = (struct board_status){
	    .posted = b->posted,
	    .read = b->read,
	    .unread = b->unread,
	    .in_flight = b->in_flight,
	    .is_duplicate = b->is_duplicate,
	    .is_complete = board_is_complete(b),
	    .refusal = b->refusal,
	};
}

const struct nodes *
board_nodes(const struct board *b)
{
	return &b->nodes;
}

/* What had been counted before it is posted again, in slices. */
void
board_post_all(struct board *b)
{
	memset(b->days, 0, sizeof(*b->days) << b->bits);
	board_sweep_begin(b);
	walk_begin(b->ledger, &b->walk);
	b->is_walking = true;
}
