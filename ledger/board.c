/* board - this node's pages for the others, in Redis */
#include "ledger/board.h"

#include <stdlib.h>

#include "base/loop.h"
#include "base/map.h"
#include "base/time.h"
#include "ledger/epoch.h"
#include "ledger/keys.h"
#include "ledger/pack.h"

enum {
	SLICE = 100, /* records a turn of the loop */
	BEAT_MS = 5000,
	ALIVE_BEATS = 6,   /* a dead process's key is gone by then */
	FOREIGN_BEATS = 8, /* in a row */
	EXPIRE_S = 36 * 86400,
	DAYS = 65536,
	KEY = 400,
	FIELD = 24,
};

/* When a subject's expiry was last set, roughly: two subjects in one slot
 * cost an EXPIRE more. */
struct expiry {
	uint32_t hash;
	uint32_t day;
};

enum leaving { STAYS, POSTS_LAST, GIVES_UP, IS_GONE };

struct board {
	struct loop *loop;
	struct ledger *ledger;
	struct redis *writer;
	struct board_options options;
	struct board_hooks hooks;
	struct loop_timer *beat, *more, *patience;
	char node[17], sketches[FIELD], alive[64], token[EPOCH], epoch[EPOCH];
	char run[64]; /* id of the redis-server's process */
	uint64_t seq, posted;
	size_t in_flight;
	bool is_checked; /* this is the Redis we knew */
	bool is_lost;	 /* no, or it may have lost something */
	bool is_ours;	 /* the heartbeat key is */
	bool is_duplicate;
	unsigned beats, foreign_beats;
	char refusal[128];
	struct expiry *days;
	enum leaving leaving;
	int64_t leave_us;
	void (*on_left)(void *ctx);
	void *left_ctx;
};

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_printable(&t, v);
}

static void leave_when_done(struct board *b);

static bool
is_complete(const struct board *b)
{
	return b->is_checked && b->is_ours && b->in_flight == 0 &&
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
	if (is_error)
		set_text(b->refusal, sizeof(b->refusal), redis_reply_text(r));
	if (r && !is_error) {
		b->posted++;
		*b->refusal = '\0';
	} else {
		ledger_change(b->ledger, p->kind, str_make(p->key, p->n));
	}
	free(p);
	if (r && !is_error && b->in_flight == b->options.max_in_flight / 2)
		loop_timer_in(b->more, 0);
	leave_when_done(b);
}

static struct expiry *
find_expiry(struct board *b, struct str redis_key, struct expiry *wanted)
{
	uint64_t hash = map_hash(redis_key);

	*wanted = (struct expiry){(uint32_t)(hash >> 32),
	    (uint32_t)(loop_now_us(b->loop) / TIME_US / 86400)};
	return &b->days[hash % DAYS];
}

static void
on_expiring(void *ctx, const struct redis_reply *r)
{
	struct expiry *e = ctx;

	/* 0: the record before it was refused. */
	if (!r || redis_reply_integer(r) != 1)
		*e = (struct expiry){0, 0};
}

static void
set_expiry(struct board *b, struct str key)
{
	char buf[24];
	struct text seconds;
	struct expiry wanted, *e = find_expiry(b, key, &wanted);

	if (e->hash == wanted.hash && e->day == wanted.day)
		return;
	*e = wanted;
	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, EXPIRE_S);
	const struct str argv[] = {STR("EXPIRE"), key, text_view(&seconds)};

	redis_ask(b->writer, argv, 3, on_expiring, e);
}

static void
post_one(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct board *b = ctx;
	struct posting *p = xalloc(1, sizeof(*p) + key.n);
	char redis_key[KEY], version[2 * 10];
	struct text k, v, value, sets;

	p->board = b;
	p->kind = kind;
	p->n = key.n;
	memcpy(p->key, key.p, key.n);
	text_init(&k, redis_key, sizeof(redis_key));
	board_print_key(kind, key, &k);
	text_init(&v, version, sizeof(version));
	pack_u64(&v, b->options.starts);
	pack_u64(&v, ++b->seq);
	text_grow(&value, v.n + record.n + 1);
	text_str(&value, text_view(&v));
	text_str(&value, record);
	text_grow(&sets, v.n + sketches.n + 1);
	text_str(&sets, text_view(&v));
	text_str(&sets, sketches);
	const struct str argv[] = {STR("HSET"), text_view(&k),
	    str_from(b->node), text_view(&value), str_from(b->sketches),
	    text_view(&sets)};

	b->in_flight++;
	redis_ask(b->writer, argv, sketches.n > 0 ? 6 : 4, on_posted, p);
	set_expiry(b, text_view(&k));
	text_done(&value);
	text_done(&sets);
}

void
board_post(struct board *b)
{
	if (!redis_is_up(b->writer) || !b->is_checked || !b->is_ours ||
	    b->leaving > POSTS_LAST || b->in_flight >= b->options.max_in_flight)
		return;
	size_t room = b->options.max_in_flight - b->in_flight;

	if (room > SLICE)
		room = SLICE;
	ledger_each_changed(b->ledger, room, post_one, b);
	if (ledger_changed(b->ledger) > 0 && !*b->refusal &&
	    b->in_flight < b->options.max_in_flight)
		loop_timer_in(b->more, 0);
}

static void
on_more(void *ctx)
{
	board_post(ctx);
}

/* Is this the Redis that has our pages? A process that starts posts all of
 * them: what it had posted before it ended is not known. */

static void
note_identity(char *known, size_t cap, struct str now, struct board *b)
{
	if (str_is(str_from(known), now))
		return;
	set_text(known, cap, now);
	b->is_lost = true;
}

/* A redis-server that began anew may have lost the last second before. */
static void
on_info(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;
	struct str text, line;

	if (!r || redis_reply_type(r) != REDIS_STRING)
		return;
	text = redis_reply_text(r);
	while (str_cut(&text, '\n', &line)) {
		if (str_take(&line, STR("run_id:")))
			note_identity(
			    b->run, sizeof(b->run), str_trim(line), b);
	}
}

static void
on_epoch(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (!r || redis_reply_type(r) != REDIS_STRING)
		return;
	note_identity(b->epoch, sizeof(b->epoch), redis_reply_text(r), b);
	b->is_checked = true;
	if (!b->is_lost)
		return;
	b->is_lost = false;
	memset(b->days, 0, DAYS * sizeof(*b->days));
	ledger_change_all(b->ledger);
}

/* Two processes with one node id would overwrite each other's pages. The key
 * of a process that died goes by itself; one that stays is alive. */
static void
on_owner(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (!r || redis_reply_type(r) == REDIS_ERROR || b->leaving)
		return;
	bool is_set = redis_reply_type(r) == REDIS_STRING;

	b->is_ours = is_set && str_is(redis_reply_text(r), str_from(b->token));
	if (b->is_ours || !is_set) {
		b->foreign_beats = 0;
		b->is_duplicate = false;
		return;
	}
	if (++b->foreign_beats < FOREIGN_BEATS || b->is_duplicate)
		return;
	b->is_duplicate = true;
	b->hooks.on_duplicate(b->hooks.ctx);
}

static void
beat(struct board *b)
{
	char buf[24];
	struct text life;

	text_init(&life, buf, sizeof(buf));
	text_i64(&life, (int64_t)b->options.beat_ms * ALIVE_BEATS);
	const struct str set[] = {STR("SET"), str_from(b->alive),
	    str_from(b->token), STR("NX"), STR("PX"), text_view(&life)};
	const struct str renew[] = {
	    STR("PEXPIRE"), str_from(b->alive), text_view(&life)};
	const struct str get[] = {STR("GET"), str_from(b->alive)};

	if (b->is_ours)
		redis_ask(b->writer, renew, 3, NULL, NULL);
	redis_ask(b->writer, set, 6, NULL, NULL);
	redis_ask(b->writer, get, 2, on_owner, b);
}

static void
on_beat(void *ctx)
{
	struct board *b = ctx;

	if (!redis_is_up(b->writer) || b->leaving)
		return;
	beat(b);
	epoch_ask(b->writer, on_epoch, b); /* FLUSHALL closes no connection */
}

void
board_on_state(struct board *b)
{
	const struct str info[] = {STR("INFO"), STR("server")};

	b->is_checked = b->is_ours = false;
	if (!redis_is_up(b->writer)) {
		leave_when_done(b);
		return;
	}
	redis_ask(b->writer, info, 2, on_info, b);
	epoch_ask(b->writer, on_epoch, b);
	beat(b);
}

/* Leaving: post, then give the heartbeat up; half the time for each. */

static void
finish_leaving(struct board *b)
{
	b->leaving = IS_GONE;
	loop_timer_stop(b->patience);
	loop_timer_stop(b->more);
	b->on_left(b->left_ctx);
}

static void
on_given_up(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (r && b->leaving == GIVES_UP)
		finish_leaving(b);
}

static void
give_heartbeat_up(struct board *b)
{
	const struct str argv[] = {STR("DEL"), str_from(b->alive)};
	bool can_ask = b->is_ours && redis_is_up(b->writer);

	b->leaving = GIVES_UP;
	loop_timer_in(b->patience, can_ask ? b->leave_us / 2 : 0);
	if (can_ask)
		redis_ask(b->writer, argv, 2, on_given_up, b);
}

static void
leave_when_done(struct board *b)
{
	if (b->leaving == POSTS_LAST && (is_complete(b) || !b->is_ours))
		give_heartbeat_up(b);
}

static void
on_patience(void *ctx)
{
	struct board *b = ctx;

	if (b->leaving == GIVES_UP)
		finish_leaving(b);
	else
		give_heartbeat_up(b);
}

void
board_leave(
    struct board *b, int timeout_ms, void (*on_left)(void *ctx), void *ctx)
{
	if (b->leaving)
		return;
	b->leaving = POSTS_LAST;
	b->leave_us = timeout_ms * 1000LL;
	b->on_left = on_left;
	b->left_ctx = ctx;
	loop_timer_in(b->patience, b->leave_us / 2);
	board_post(b);
	leave_when_done(b);
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
	b->days = xalloc(DAYS, sizeof(*b->days));
	epoch_draw(b->token);
	text_init(&t, b->node, sizeof(b->node));
	text_str(&t, o->node);
	text_init(&t, b->sketches, sizeof(b->sketches));
	text_printf(&t, "%s:s", b->node);
	text_init(&t, b->alive, sizeof(b->alive));
	text_printf(&t, "%s%s", KEYS_NODE, b->node);
	b->beat = loop_timer_new(l, on_beat, b);
	b->more = loop_timer_new(l, on_more, b);
	b->patience = loop_timer_new(l, on_patience, b);
	loop_timer_every(b->beat, b->options.beat_ms * 1000LL);
	board_on_state(b);
	return b;
}

void
board_ways(const struct board *b, struct board_ways *out)
{
	*out = (struct board_ways){
	    b->loop, b->writer, b->ledger, str_from(b->node)};
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
	free(b->days);
	free(b);
}

void
board_status(const struct board *b, struct board_status *out)
{
	*out = (struct board_status){
	    .posted = b->posted,
	    .in_flight = b->in_flight,
	    .is_duplicate = b->is_duplicate,
	    .is_complete = is_complete(b),
	    .refusal = b->refusal,
	};
}
