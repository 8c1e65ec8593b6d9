/* board_beat - who this node is on the board, and who else is there
 *
 * The heartbeat's key says whose process the node's id belongs to; the hash of
 * nodes tells the others of us, and us of them.
 */
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"
#include "ledger/keys.h"
#include "ledger/others.h"

enum {
	ALIVE_BEATS = 6,   /* a dead process's key is gone by then */
	FOREIGN_BEATS = 8, /* in a row */
	RECENT = 60,	   /* seconds */
	RECENT_MAX = 20000,
};

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_printable(&t, v);
}

static void beat(struct board *b);

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
	board_post_all(b);
}

/* The process before us, in the very same place: it is dead. */
static bool
is_predecessor(const struct board *b, struct str token)
{
	return b->place_n > 1 &&
	       str_starts(token, str_make(b->token, b->place_n));
}

static void
take_over(struct board *b)
{
	const struct str set[] = {
	    STR("SET"), str_from(b->alive), str_from(b->token)};

	redis_ask(b->writer, set, 3, NULL, NULL);
	beat(b);
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
	if (is_predecessor(b, redis_reply_text(r)) && !b->has_taken_over) {
		b->has_taken_over = true;
		take_over(b);
		return;
	}
	if (++b->foreign_beats < FOREIGN_BEATS || b->is_duplicate)
		return;
	b->is_duplicate = true;
	b->hooks.on_duplicate(b->hooks.ctx);
}

/* The list of nodes. */

static struct nodes_one
look_at_us(struct board *b)
{
	struct nodes_one self = {.since = b->since,
	    .starts = b->starts,
	    .beats = b->beats,
	    .at = loop_now_us(b->loop) / TIME_US,
	    .born = b->options.born,
	    .layout = BOARD_PAGE_FORMAT,
	    .began = ledger_began(b->ledger)};

	if (b->hooks.on_beat)
		b->hooks.on_beat(b->hooks.ctx, &self);
	return self;
}

static void
tell_of_us(struct board *b)
{
	struct nodes_one self = look_at_us(b);
	char field[BOARD_FIELD], json[512];
	struct text f, j;

	text_init(&f, field, sizeof(field));
	text_printf(&f, "%s%s", b->node, b->is_ours ? "" : ":copy");
	text_init(&j, json, sizeof(json));
	nodes_print(&self, &j);
	const struct str argv[] = {
	    STR("HSET"), STR(KEYS_NODES), text_view(&f), text_view(&j)};

	redis_ask(b->writer, argv, 4, NULL, NULL);
}

/* The state directory may have been restored from an older copy: then versions
 * of ours are on the board that are higher than what the books say. */
static void
note_self(struct board *b, struct str json)
{
	struct nodes_one known;

	if (!nodes_parse(str_from(b->node), json, &known))
		return;
	if (known.starts >= b->starts)
		b->starts = known.starts + 1;
	b->has_own_pages = known.layout <= BOARD_PAGE_FORMAT_OWN;
}

static void
forget_node(struct board *b, struct str field)
{
	const struct str argv[] = {STR("HDEL"), STR(KEYS_NODES), field};

	redis_ask(b->writer, argv, 3, NULL, NULL);
}

static void
take_nodes(struct board *b, const struct redis_reply *r)
{
	static struct nodes_reading reading; /* 10 KiB */
	struct nodes_one self = look_at_us(b);
	int64_t life_us = b->options.beat_ms * 1000LL * ALIVE_BEATS;

	nodes_begin(&reading, &b->nodes, b->node,
	    loop_now_us(b->loop) / TIME_US, time_mono_us());
	for (size_t i = 0; i + 1 < redis_reply_count(r); i += 2) {
		struct str field = redis_reply_text(redis_reply_at(r, i));
		struct str json = redis_reply_text(redis_reply_at(r, i + 1));

		if (!b->is_numbered && str_is(field, str_from(b->node)))
			note_self(b, json);
		if (!nodes_take(&reading, field, json))
			forget_node(b, field);
	}
	nodes_end(&reading, &self, life_us);
	others_note_ends(b->ledger, &b->nodes);
}

static void
on_nodes(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;
	size_t n_alive = b->nodes.n_alive;

	if (!r || redis_reply_type(r) != REDIS_ARRAY)
		return;
	take_nodes(b, r);
	if (b->is_ours && !b->is_numbered) {
		b->is_numbered = true;
		tell_of_us(b);
	}
	if (b->nodes.n_alive > n_alive)
		walk_recent(
		    b->ledger, ledger_now(b->ledger) - RECENT, RECENT_MAX);
	if (b->hooks.on_nodes)
		b->hooks.on_nodes(b->hooks.ctx, &b->nodes);
}

/* Redis is full, or can't save: then the heartbeat isn't there, and nothing is
 * posted. */
static void
on_set(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (!r)
		return;
	if (redis_reply_type(r) == REDIS_ERROR)
		set_text(b->refusal, sizeof(b->refusal), redis_reply_text(r));
	else if (b->is_mute)
		*b->refusal = '\0';
	b->is_mute = redis_reply_type(r) == REDIS_ERROR;
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
	const struct str all[] = {STR("HGETALL"), STR(KEYS_NODES)};

	b->beats++;
	redis_ask(b->writer, set, 6, on_set, b);
	if (b->is_ours)
		redis_ask(b->writer, renew, 3, NULL, NULL);
	redis_ask(b->writer, get, 2, on_owner, b);
	if ((b->is_ours && b->is_numbered) || b->is_duplicate)
		tell_of_us(b);
	redis_ask(b->writer, all, 2, on_nodes, b);
}

void
board_on_beat(void *ctx)
{
	struct board *b = ctx;

	if (!redis_is_up(b->writer) || b->leaving)
		return;
	beat(b);
	board_sweep_some(b);
	epoch_ask(b->writer, on_epoch, b); /* FLUSHALL closes no connection */
}

void
board_on_state(struct board *b)
{
	const struct str info[] = {STR("INFO"), STR("server")};

	b->is_checked = b->is_ours = false;
	if (!redis_is_up(b->writer)) {
		board_leave_when_done(b);
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
	b->leaving = BOARD_IS_GONE;
	loop_timer_stop(b->patience);
	loop_timer_stop(b->more);
	b->on_left(b->left_ctx);
}

static void
on_given_up(void *ctx, const struct redis_reply *r)
{
	struct board *b = ctx;

	if (r && b->leaving == BOARD_GIVES_UP)
		finish_leaving(b);
}

static void
give_heartbeat_up(struct board *b)
{
	const struct str argv[] = {STR("DEL"), str_from(b->alive)};
	bool can_ask = b->is_ours && redis_is_up(b->writer);

	b->leaving = BOARD_GIVES_UP;
	loop_timer_in(b->patience, can_ask ? b->leave_us / 2 : 0);
	if (can_ask)
		redis_ask(b->writer, argv, 2, on_given_up, b);
}

void
board_leave_when_done(struct board *b)
{
	if (b->leaving == BOARD_POSTS_LAST &&
	    (board_is_complete(b) || !b->is_ours))
		give_heartbeat_up(b);
}

void
board_on_patience(void *ctx)
{
	struct board *b = ctx;

	if (b->leaving == BOARD_GIVES_UP)
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
	b->leaving = BOARD_POSTS_LAST;
	b->leave_us = timeout_ms * 1000LL;
	b->on_left = on_left;
	b->left_ctx = ctx;
	loop_timer_in(b->patience, b->leave_us / 2);
	board_post(b);
	board_leave_when_done(b);
}
