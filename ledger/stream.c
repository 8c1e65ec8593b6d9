/* stream - events between the nodes: one Redis stream, and an outbox */
#include "ledger/stream.h"

#include <stdlib.h>
#include <stdio.h>

#include "base/crypto.h"
#include "base/loop.h"
#include "base/time.h"
#include "ledger/keys.h"
#include "ledger/outbox.h"

enum {
	PAGE = 200,
	BLOCK_MS = 5000,
	BLOCK_TIMEOUT_MS = 8000,
	TICK_US = 1000 * 1000,
	TRIM_TICKS = 60,
	SEEN = 4096, /* identities remembered, against events sent twice */
	STREAM_ID = 48,
	EPOCH = 33,
};

struct seen {
	char id[EVENT_ID];
};

struct stream {
	struct stream_options options;
	struct stream_hooks hooks;
	struct redis *writer, *reader;
	struct loop_timer *tick;
	struct outbox outbox;
	char node[17];
	char place[STREAM_ID]; /* the last entry read; "0" at first */
	char epoch[EPOCH];     /* of the Redis that place belongs to; "" */
	bool is_place_saved;
	bool is_reading, is_checking, is_checked;
	unsigned ticks;
	uint64_t written, read, skipped;
	struct map seen;
	struct seen ring[SEEN];
	size_t n_seen;
};

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_str(&t, v);
}

struct stream *
stream_new(const struct stream_options *o, const struct stream_hooks *hooks)
{
	struct stream *s = xalloc(1, sizeof(*s));

	s->options = *o;
	s->hooks = *hooks;
	outbox_init(&s->outbox, o->max_outbox);
	map_init(&s->seen);
	set_text(s->place, sizeof(s->place), STR("0"));
	s->is_place_saved = true;
	return s;
}

void
stream_free(struct stream **sp)
{
	struct stream *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	loop_timer_free(&s->tick);
	outbox_done(&s->outbox);
	map_done(&s->seen);
	free(s);
}

/* false: it was seen before. */
static bool
see(struct stream *s, const char *id)
{
	struct seen *slot = &s->ring[s->n_seen % SEEN];

	if (map_find(&s->seen, str_from(id)))
		return false;
	if (s->n_seen >= SEEN)
		map_remove(&s->seen, str_from(slot->id));
	s->n_seen++;
	set_text(slot->id, sizeof(slot->id), str_from(id));
	map_put(&s->seen, str_from(slot->id), slot);
	return true;
}

/* Sending. */

struct sending {
	struct stream *stream;
	char id[EVENT_ID];
};

static void
on_added(void *ctx, const struct redis_reply *r)
{
	struct sending *q = ctx;
	struct outgoing *e =
	    map_find(&q->stream->outbox.by_id, str_from(q->id));

	if (e) {
		e->is_asked = false;
		e->is_sent = r && redis_reply_type(r) == REDIS_STRING;
		q->stream->written += e->is_sent;
	}
	free(q);
}

static void
send_one(struct stream *s, struct outgoing *e)
{
	struct sending *q = xalloc(1, sizeof(*q));
	const struct str argv[] = {STR("XADD"), STR(KEYS_EVENTS), STR("*"),
	    STR("e"), str_from(e->json)};

	q->stream = s;
	memcpy(q->id, e->id, sizeof(q->id));
	e->is_asked = true;
	redis_ask(s->writer, argv, sizeof(argv) / sizeof(argv[0]), on_added, q);
}

static void
send_all(struct stream *s)
{
	if (!s->writer || !s->is_checked || !redis_is_up(s->writer))
		return;
	for (struct outgoing *e = s->outbox.first; e; e = e->next) {
		if (!e->is_asked && !e->is_sent)
			send_one(s, e);
	}
}

void
stream_emit(struct stream *s, const struct event *e)
{
	char id[EVENT_ID];
	struct text json;

	event_id(e, id);
	text_grow(&json, 64 * 1024);
	event_print(e, &json);
	outbox_add(&s->outbox, str_from(id), text_view(&json));
	text_done(&json);
	see(s, id);
	send_all(s);
}

static void
trim(struct stream *s)
{
	char oldest[32];
	struct text t;

	text_init(&t, oldest, sizeof(oldest));
	text_i64(&t, time_now_us() / 1000 - s->options.keep * 1000);
	const struct str argv[] = {STR("XTRIM"), STR(KEYS_EVENTS), STR("MINID"),
	    STR("~"), text_view(&t)};

	redis_ask(s->writer, argv, sizeof(argv) / sizeof(argv[0]), NULL, NULL);
}

/* Reading. */

static void
take_entry(struct stream *s, const struct redis_reply *entry)
{
	static struct event e; /* 8 KiB */
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	char id[EVENT_ID];

	set_text(s->place, sizeof(s->place),
	    redis_reply_text(redis_reply_at(entry, 0)));
	s->is_place_saved = false;
	s->read++;
	if (redis_reply_count(fields) < 2 ||
	    !event_parse(
		redis_reply_text(redis_reply_at(fields, 1)), &e, NULL)) {
		s->skipped++; /* a newer version's, or damaged */
		return;
	}
	event_id(&e, id);
	outbox_remove(&s->outbox, str_from(id));
	if (see(s, id) && strcmp(e.node, s->node) != 0)
		s->hooks.on_event(s->hooks.ctx, &e);
}

static void read_on(struct stream *s);

/* Reply: [[key, [[id, [field, value ...]] ...]]] */
static void
on_read(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	s->is_reading = false;
	if (!r || redis_reply_type(r) == REDIS_ERROR)
		return; /* the next state, or tick, begins again */
	if (redis_reply_type(r) == REDIS_ARRAY && redis_reply_count(r) > 0) {
		const struct redis_reply *entries =
		    redis_reply_at(redis_reply_at(r, 0), 1);

		for (size_t i = 0; i < redis_reply_count(entries); i++)
			take_entry(s, redis_reply_at(entries, i));
	}
	read_on(s);
}

static void
read_on(struct stream *s)
{
	char count[16], block[16];

	if (!s->reader || s->is_reading || !s->is_checked ||
	    !redis_is_up(s->reader))
		return;
	snprintf(count, sizeof(count), "%d", PAGE);
	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	const struct str argv[] = {STR("XREAD"), STR("COUNT"), str_from(count),
	    STR("BLOCK"), str_from(block), STR("STREAMS"), STR(KEYS_EVENTS),
	    str_from(s->place)};

	s->is_reading = true;
	redis_ask_slow(s->reader, argv, sizeof(argv) / sizeof(argv[0]),
	    BLOCK_TIMEOUT_MS, on_read, s);
}

/* Is this the Redis we knew, with what it knew? */

static void
adopt_epoch(struct stream *s, struct str epoch)
{
	bool is_known = str_is(str_from(s->epoch), epoch);
	bool is_first = s->epoch[0] == '\0';

	if (is_known)
		return;
	set_text(s->epoch, sizeof(s->epoch), epoch);
	s->is_place_saved = false;
	if (is_first)
		return;
	set_text(s->place, sizeof(s->place), STR("0"));
	outbox_forget_sent(&s->outbox);
	s->hooks.on_lost(s->hooks.ctx);
}

static void
on_epoch(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	s->is_checking = false;
	if (!r || redis_reply_type(r) != REDIS_STRING)
		return;
	adopt_epoch(s, redis_reply_text(r));
	s->is_checked = true;
	send_all(s);
	read_on(s);
}

static bool
is_before(struct str a, struct str b)
{
	struct str ms_a, ms_b;
	uint64_t x[2] = {0}, y[2] = {0};

	if (!str_cut(&a, '-', &ms_a) || !str_cut(&b, '-', &ms_b) ||
	    !str_to_u64(ms_a, &x[0]) || !str_to_u64(a, &x[1]) ||
	    !str_to_u64(ms_b, &y[0]) || !str_to_u64(b, &y[1]))
		return false;
	return x[0] != y[0] ? x[0] < y[0] : x[1] < y[1];
}

/* A stream whose end is before what we have read lost its last second, or was
 * restored from an older copy: the epoch alone doesn't show that. */
static void
on_last(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	if (!r || redis_reply_type(r) != REDIS_ARRAY)
		return;
	struct str last =
	    redis_reply_count(r) == 0
		? STR("0-0")
		: redis_reply_text(redis_reply_at(redis_reply_at(r, 0), 0));

	if (s->epoch[0] && is_before(last, str_from(s->place)))
		set_text(s->epoch, sizeof(s->epoch), STR("lost"));
}

static void
check(struct stream *s)
{
	uint8_t random[16];
	char epoch[EPOCH];
	struct text t;

	if (!s->writer || s->is_checking || s->is_checked ||
	    !redis_is_up(s->writer))
		return;
	crypto_random(random, sizeof(random));
	text_init(&t, epoch, sizeof(epoch));
	text_hex(&t, random, sizeof(random));
	const struct str last[] = {STR("XREVRANGE"), STR(KEYS_EVENTS), STR("+"),
	    STR("-"), STR("COUNT"), STR("1")};
	const struct str set[] = {
	    STR("SET"), STR(KEYS_EPOCH), text_view(&t), STR("NX")};
	const struct str get[] = {STR("GET"), STR(KEYS_EPOCH)};

	s->is_checking = true;
	redis_ask(s->writer, last, 6, on_last, s);
	redis_ask(s->writer, set, 4, NULL, NULL);
	redis_ask(s->writer, get, 2, on_epoch, s);
}

void
stream_on_state(struct stream *s)
{
	if (s->writer && !redis_is_up(s->writer)) {
		s->is_checked = false;
		outbox_forget_sent(&s->outbox);
	}
	check(s);
	send_all(s);
	read_on(s);
}

static void
on_tick(void *ctx)
{
	struct stream *s = ctx;

	check(s);
	send_all(s);
	read_on(s);
	if (++s->ticks % TRIM_TICKS == 0 && s->is_checked &&
	    redis_is_up(s->writer))
		trim(s);
}

void
stream_start(struct stream *s, struct str node, struct loop *l,
    struct redis *writer, struct redis *reader)
{
	set_text(s->node, sizeof(s->node), node);
	s->writer = writer;
	s->reader = reader;
	s->tick = loop_timer_new(l, on_tick, s);
	loop_timer_every(s->tick, TICK_US);
	stream_on_state(s);
}

void
stream_status(const struct stream *s, struct stream_status *out)
{
	*out = (struct stream_status){
	    .outbox = s->outbox.by_id.n,
	    .written = s->written,
	    .read = s->read,
	    .given_up = s->outbox.given_up,
	};
}

/* The part of the books: the outbox, and "@PLACE EPOCH". */

static void
print_place(const struct stream *s, struct text *out)
{
	text_printf(out, "%s %s", s->place, s->epoch);
}

static bool
take_place(struct stream *s, struct str v)
{
	struct str place;

	if (!str_cut(&v, ' ', &place) || place.n >= STREAM_ID || v.n >= EPOCH)
		return false;
	set_text(s->place, sizeof(s->place), place);
	set_text(s->epoch, sizeof(s->epoch), v);
	return true;
}

static void
save(void *ctx, struct text *out)
{
	struct stream *s = ctx;

	outbox_save(&s->outbox, out);
	if (s->is_place_saved)
		return;
	text_char(out, '@');
	print_place(s, out);
	text_char(out, '\n');
	s->is_place_saved = true;
}

static bool
replay(void *ctx, struct str section)
{
	struct stream *s = ctx;
	struct str line;

	while (str_cut(&section, '\n', &line)) {
		bool is_place = str_take(&line, STR("@"));

		if (is_place ? !take_place(s, line)
			     : !outbox_replay(&s->outbox, line))
			return false;
	}
	return section.n == 0;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct stream *s = ctx;
	char place[STREAM_ID + EPOCH + 2];
	struct text t;

	outbox_fold(&s->outbox, b, table);
	text_init(&t, place, sizeof(place));
	print_place(s, &t);
	disk_put(b, table, STR("@"), text_view(&t));
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct stream *s = ctx;

	if (str_is(key, STR("@")))
		return take_place(s, value);
	outbox_load(&s->outbox, key, value);
	return true;
}

struct books_part
stream_part(struct stream *s)
{
	return (struct books_part){.tag = 'E',
	    .table = "outbox",
	    .ctx = s,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load};
}
