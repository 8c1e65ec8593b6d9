/* board - this node's pages for the others, in Redis */
#include "ledger/board.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/loop.h"
#include "base/map.h"
#include "base/time.h"
#include "ledger/keys.h"
#include "ledger/pack.h"

enum {
	SLICE = 200, /* records a turn of the loop: about a millisecond */
	BEAT_US = 5 * 1000 * 1000,
	ALIVE_S = 30,
	FOREIGN_US =
	    35 * 1000 * 1000, /* a dead process's key is gone by then */
	EXPIRE_S = 36 * 86400,
	DAYS = 65536,
	KEY = 400,
	TOKEN = 33,
	FIELD = 24,
};

/* When a subject's expiry was last set, roughly: two subjects in one slot
 * cost an EXPIRE more. */
struct expiry {
	uint32_t hash;
	uint32_t day;
};

struct board {
	struct loop *loop;
	struct ledger *ledger;
	struct redis *writer;
	struct board_options options;
	struct board_hooks hooks;
	struct loop_timer *beat;
	char node[17], sketches[FIELD], alive[64], token[TOKEN], epoch[TOKEN];
	uint64_t seq, posted;
	size_t in_flight;
	bool is_checked; /* this is the Redis we knew */
	bool is_ours;	 /* the heartbeat key is */
	bool is_duplicate;
	bool is_drained;    /* the last call found nothing to post */
	int64_t foreign_us; /* since when the key is somebody else's; 0 */
	struct expiry *days;
};

static void
random_hex(char out[TOKEN])
{
	uint8_t bytes[(TOKEN - 1) / 2];
	struct text t;

	crypto_random(bytes, sizeof(bytes));
	text_init(&t, out, TOKEN);
	text_hex(&t, bytes, sizeof(bytes));
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

static void
on_posted(void *ctx, const struct redis_reply *r)
{
	struct posting *p = ctx;
	struct board *b = p->board;

	b->in_flight--;
	if (r && redis_reply_type(r) != REDIS_ERROR)
		b->posted++;
	else
		ledger_change(b->ledger, p->kind, str_make(p->key, p->n));
	free(p);
	if (r && !b->is_drained && b->in_flight < b->options.max_in_flight / 2)
		board_post(b);
}

static bool
needs_expiry(struct board *b, struct str redis_key)
{
	uint64_t hash = map_hash(redis_key);
	struct expiry *e = &b->days[hash % DAYS];
	uint32_t day = (uint32_t)(time_now_us() / TIME_US / 86400);

	if (e->hash == (uint32_t)(hash >> 32) && e->day == day)
		return false;
	*e = (struct expiry){(uint32_t)(hash >> 32), day};
	return true;
}

static void
set_expiry(struct board *b, struct str key)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", EXPIRE_S);
	const struct str argv[] = {STR("EXPIRE"), key, str_from(seconds)};

	redis_ask(b->writer, argv, 3, NULL, NULL);
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
	if (needs_expiry(b, text_view(&k)))
		set_expiry(b, text_view(&k));
	text_done(&value);
	text_done(&sets);
}

void
board_post(struct board *b)
{
	size_t room = b->options.max_in_flight - b->in_flight;

	if (!redis_is_up(b->writer) || !b->is_checked || !b->is_ours ||
	    b->in_flight >= b->options.max_in_flight)
		return;
	if (room > SLICE)
		room = SLICE;
	b->is_drained =
	    ledger_each_changed(b->ledger, room, post_one, b) < room;
}

/* Is this the Redis that has our pages? A process that starts posts all of
 * them: what it had posted before it ended is not known. */
static void
on_epoch(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (!r || redis_reply_type(r) != REDIS_STRING)
		return;
	struct str epoch = redis_reply_text(r);

	if (!str_is(epoch, str_from(b->epoch))) {
		struct text t;

		text_init(&t, b->epoch, sizeof(b->epoch));
		text_str(&t, epoch);
		memset(b->days, 0, DAYS * sizeof(*b->days));
		ledger_change_all(b->ledger);
	}
	b->is_checked = true;
	b->is_drained = false;
}

static void
check(struct board *b)
{
	char epoch[TOKEN];

	random_hex(epoch);
	const struct str set[] = {
	    STR("SET"), STR(KEYS_EPOCH), str_from(epoch), STR("NX")};
	const struct str get[] = {STR("GET"), STR(KEYS_EPOCH)};

	redis_ask(b->writer, set, 4, NULL, NULL);
	redis_ask(b->writer, get, 2, on_epoch, b);
}

/* Two processes with one node id would overwrite each other's pages. The key
 * of a process that died goes by itself; one that stays is alive. */
static void
on_owner(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;
	int64_t now_us = time_mono_us();

	if (!r || redis_reply_type(r) == REDIS_ERROR)
		return;
	b->is_ours = redis_reply_type(r) == REDIS_STRING &&
		     str_is(redis_reply_text(r), str_from(b->token));
	if (b->is_ours) {
		char seconds[16];

		snprintf(seconds, sizeof(seconds), "%d", ALIVE_S);
		const struct str argv[] = {
		    STR("EXPIRE"), str_from(b->alive), str_from(seconds)};

		redis_ask(b->writer, argv, 3, NULL, NULL);
		b->foreign_us = 0;
		b->is_duplicate = false;
		return;
	}
	if (b->foreign_us == 0)
		b->foreign_us = now_us;
	if (!b->is_duplicate && now_us - b->foreign_us > FOREIGN_US) {
		b->is_duplicate = true;
		b->hooks.on_duplicate(b->hooks.ctx);
	}
}

static void
beat(struct board *b)
{
	char seconds[16];

	snprintf(seconds, sizeof(seconds), "%d", ALIVE_S);
	const struct str set[] = {STR("SET"), str_from(b->alive),
	    str_from(b->token), STR("NX"), STR("EX"), str_from(seconds)};
	const struct str get[] = {STR("GET"), str_from(b->alive)};

	if (!redis_is_up(b->writer))
		return;
	redis_ask(b->writer, set, 6, NULL, NULL);
	redis_ask(b->writer, get, 2, on_owner, b);
}

static void
on_beat(void *ctx)
{
	struct board *b = ctx;

	beat(b);
	if (redis_is_up(b->writer) && !b->is_checked)
		check(b);
}

void
board_on_state(struct board *b)
{
	b->is_checked = false;
	if (!redis_is_up(b->writer))
		return;
	check(b);
	beat(b);
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
	b->days = xalloc(DAYS, sizeof(*b->days));
	random_hex(b->token);
	text_init(&t, b->node, sizeof(b->node));
	text_str(&t, o->node);
	text_init(&t, b->sketches, sizeof(b->sketches));
	text_printf(&t, "%s:s", b->node);
	text_init(&t, b->alive, sizeof(b->alive));
	text_printf(&t, "%s%s", KEYS_NODE, b->node);
	b->beat = loop_timer_new(l, on_beat, b);
	loop_timer_every(b->beat, BEAT_US);
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
board_leave(struct board *b)
{
	const struct str argv[] = {STR("DEL"), str_from(b->alive)};

	if (b->is_ours && redis_is_up(b->writer))
		redis_ask(b->writer, argv, 2, NULL, NULL);
}

void
board_free(struct board **bp)
{
	struct board *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	loop_timer_free(&b->beat);
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
	    .is_complete = b->is_drained && b->in_flight == 0,
	};
}
