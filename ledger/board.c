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
	WALK = 250,
	BEAT_MS = 5000,
	EXPIRE_AFTER = (NODES_COUNTS_DAYS - RECORD_DAYS) * 86400,
	DAYS = 65536,
	PAGE_HEAD = 64, /* the most that stands before a record */
};

/* When a subject's expiry was last set, roughly: two subjects in one slot
 * cost an EXPIRE more. */
struct board_expiry {
	uint32_t hash;
	uint32_t day;
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
	struct board_ask ask;
	bool is_read_back;
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
		ledger_change(b->ledger, p->kind, str_make(p->key, p->n));
	}
	if (!p->is_read_back)
		free(p);
	if (r && !is_error && b->in_flight == b->options.max_in_flight / 2)
		loop_timer_work(b->more);
	board_leave_when_done(b);
}

static void
on_read_back(void *ctx, const struct redis_reply *r)
{
	struct posting *p = ctx;

	(void)board_take(p->board, &p->ask, p->kind, str_make(p->key, p->n), r);
	free(p);
}

static struct board_expiry *
find_expiry(struct board *b, struct str redis_key, struct board_expiry *wanted)
{
	uint64_t hash = map_hash(redis_key);

	*wanted = (struct board_expiry){(uint32_t)(hash >> 32),
	    (uint32_t)(loop_now_us(b->loop) / TIME_US / 86400)};
	return &b->days[hash % DAYS];
}

static void
on_expiring(void *ctx, const struct redis_reply *r)
{
	struct board_expiry *e = ctx;

	/* 0: the record before it was refused. */
	if (!r || redis_reply_integer(r) != 1)
		*e = (struct board_expiry){0, 0};
}

static void
set_expiry(struct board *b, enum subject_kind kind, struct str key)
{
	char buf[24];
	struct text seconds;
	struct board_expiry wanted, *e = find_expiry(b, key, &wanted);

	if (e->hash == wanted.hash && e->day == wanted.day)
		return;
	*e = wanted;
	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, ledger_keeps(b->ledger, kind) + EXPIRE_AFTER);
	const struct str argv[] = {STR("EXPIRE"), key, text_view(&seconds)};

	redis_ask(b->writer, argv, 3, on_expiring, e);
}

static void
print_version(struct board *b, char format, struct text *out)
{
	text_char(out, format);
	pack_u64(out, b->starts);
	pack_u64(out, b->seq);
}

static void
print_page(struct board *b, enum subject_kind kind, struct str key,
    struct str record, struct text *out)
{
	int64_t recipients = 0, messages = 0;

	if (b->hooks.on_admitted)
		b->hooks.on_admitted(
		    b->hooks.ctx, kind, key, &recipients, &messages);
	print_version(b,
	    ledger_is_small_record(record) ? BOARD_FORMAT : BOARD_FORMAT_2,
	    out);
	pack_u64(out, (uint64_t)(loop_now_us(b->loop) / TIME_US));
	pack_u64(out, (uint64_t)recipients);
	pack_u64(out, (uint64_t)messages);
	text_str(out, record);
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
read_back(struct posting *p, struct str redis_key, bool has_sketches)
{
	struct board *b = p->board;
	struct subject *s =
	    ledger_find(b->ledger, p->kind, str_make(p->key, p->n));

	if (b->is_syncing || !s || !board_reads_back(b, s))
		return;
	p->is_read_back = board_ask(b, redis_key,
	    has_sketches || others_read_at(s) == 0, &p->ask, on_read_back, p);
}

static void
post_one(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct board *b = ctx;
	struct posting *p = new_posting(b, kind, key);
	char redis_key[BOARD_KEY];
	struct text k, value, sets;

	b->seq++;
	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(kind, key, &k);
	text_grow(&value, record.n + PAGE_HEAD);
	print_page(b, kind, key, record, &value);
	text_grow(&sets, sketches.n + PAGE_HEAD);
	print_version(b,
	    ledger_is_small(sketches) ? BOARD_FORMAT : BOARD_FORMAT_2, &sets);
	text_str(&sets, sketches);
	const struct str argv[] = {STR("HSET"), text_view(&k),
	    str_from(b->node), text_view(&value), str_from(b->sketches),
	    text_view(&sets)};

	b->in_flight++;
	p->admitted = board_send_cell(b, kind, key);
	redis_ask(b->writer, argv, sketches.n > 0 ? 6 : 4, on_posted, p);
	read_back(p, text_view(&k), sketches.n > 0);
	set_expiry(b, kind, text_view(&k));
	text_done(&value);
	text_done(&sets);
}

static bool
may_post(const struct board *b)
{
	return redis_is_up(b->writer) && b->is_checked && b->is_ours &&
	       b->is_numbered && b->leaving <= BOARD_POSTS_LAST &&
	       b->in_flight < b->options.max_in_flight;
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
		b->is_walking = !walk_some(b->ledger, &b->walk, WALK);
	ledger_each_changed(b->ledger, room, post_one, b);
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
	b->days = xalloc(DAYS, sizeof(*b->days));
	draw_token(b, o->place);
	text_init(&t, b->node, sizeof(b->node));
	text_str(&t, o->node);
	text_init(&t, b->sketches, sizeof(b->sketches));
	text_printf(&t, "%s:s", b->node);
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
	memset(b->days, 0, DAYS * sizeof(*b->days));
	walk_begin(b->ledger, &b->walk);
	b->is_walking = true;
}
