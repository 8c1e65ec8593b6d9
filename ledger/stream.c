/* stream - events between the nodes: one Redis stream, and an outbox */
#include <stdlib.h>
#include <stdio.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/epoch.h"
#include "ledger/keys.h"
#include "ledger/stream_parts.h"

enum {
	PAGE = 8, /* events a turn of the loop: 16 us each, or 40 of news */
	IN_FLIGHT = 64, /* so many answers, and events sent for them, a turn */
	BLOCK_MS = 5000,
	BLOCK_TIMEOUT_MS = 8000,
	TICK_US = 1000 * 1000,
	CHECK_TICKS = 5,
	TRIM_TICKS = 60,
	RENEWALS = 4, /* while an event stays in the stream */
	SEEN = 4096,  /* identities remembered, against events sent twice */
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
	recent_init(&s->seen, SEEN);
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
	recent_done(&s->seen);
	free(s);
}

/* Sending. */

static void send_some(struct stream *s);

struct sending {
	struct stream *stream;
	char id[EVENT_ID];
};

static void
on_added(void *ctx, const struct redis_reply *r)
{
	struct sending *q = ctx;
	struct stream *s = q->stream;
	bool is_sent = r && redis_reply_type(r) == REDIS_STRING;

	s->in_flight--;
	s->written += is_sent;
	outbox_answered(&s->outbox, str_from(q->id), is_sent);
	free(q);
	/* What Redis refuses waits for the next tick. */
	if (is_sent)
		send_some(s);
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
	s->in_flight++;
	redis_ask(s->writer, argv, sizeof(argv) / sizeof(argv[0]), on_added, q);
}

static void
send_some(struct stream *s)
{
	struct outgoing *e;

	if (!s->writer || !s->is_checked || !redis_is_up(s->writer))
		return;
	while (s->in_flight < IN_FLIGHT && (e = outbox_next(&s->outbox)))
		send_one(s, e);
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
	recent_add(&s->seen, str_from(id));
	send_some(s);
}

static void
trim(struct stream *s)
{
	char oldest[32];
	struct text t;

	text_init(&t, oldest, sizeof(oldest));
	text_i64(&t, loop_now_us(s->loop) / 1000 - s->options.keep * 1000);
	const struct str argv[] = {STR("XTRIM"), STR(KEYS_EVENTS), STR("MINID"),
	    STR("~"), text_view(&t)};

	redis_ask(s->writer, argv, sizeof(argv) / sizeof(argv[0]), NULL, NULL);
}

static void
on_renewed(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	/* nil: it is too early, or another node has. */
	if (r && redis_reply_type(r) == REDIS_STATUS)
		s->hooks.on_renew(s->hooks.ctx);
}

static void
renew(struct stream *s)
{
	char seconds[32];
	struct text t;

	if (!s->hooks.on_renew)
		return;
	text_init(&t, seconds, sizeof(seconds));
	text_i64(&t, s->options.keep / RENEWALS);
	const struct str argv[] = {STR("SET"), STR(KEYS_RENEWED),
	    str_from(s->node), STR("NX"), STR("EX"), text_view(&t)};

	redis_ask(s->writer, argv, 6, on_renewed, s);
}

/* Reading. */

static void
take_entry(struct stream *s, const struct redis_reply *entry)
{
	static struct event e; /* 8 KiB */
	char id[EVENT_ID];

	if (redis_reply_count(entry) < 2)
		return;
	const struct redis_reply *fields = redis_reply_at(entry, 1);

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
	if (recent_add(&s->seen, str_from(id)))
		s->hooks.on_event(s->hooks.ctx, &e);
}

static void read_on(struct stream *s);

/* [[key, [[id, [field, value ...]] ...]]], or nil. */
static void
take_page(struct stream *s, const struct redis_reply *r)
{
	if (redis_reply_count(r) == 0 ||
	    redis_reply_count(redis_reply_at(r, 0)) < 2)
		return;
	const struct redis_reply *entries =
	    redis_reply_at(redis_reply_at(r, 0), 1);

	for (size_t i = 0; i < redis_reply_count(entries); i++)
		take_entry(s, redis_reply_at(entries, i));
}

static bool
take_id(struct str s, uint64_t id[2])
{
	struct str ms;

	return str_cut(&s, '-', &ms) && str_to_u64(ms, &id[0]) &&
	       str_to_u64(s, &id[1]);
}

static bool
is_before(struct str a, struct str b)
{
	uint64_t x[2], y[2];

	if (!take_id(a, x) || !take_id(b, y))
		return false;
	return x[0] != y[0] ? x[0] < y[0] : x[1] < y[1];
}

/* Nothing more was there. */
static bool
is_end(const struct redis_reply *r)
{
	return redis_reply_count(r) == 0;
}

static void
note_current(struct stream *s, bool has_ended)
{
	struct str place = str_from(s->place);

	if (str_is(place, STR("0")))
		place = STR("0-0");
	if (*s->end && (has_ended || !is_before(place, str_from(s->end))))
		s->is_current = true;
}

static void
on_read(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;
	bool is_stale = s->is_stale;

	s->is_reading = s->is_stale = false;
	if (!r || redis_reply_type(r) == REDIS_ERROR)
		return; /* the next state, or tick, begins again */
	if (!is_stale) {
		take_page(s, r);
		note_current(s, is_end(r));
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

/* Is this the Redis we knew, with what it knew? Asked at each connection, and
 * now and then: FLUSHALL closes none. */

static void
adopt_epoch(struct stream *s, struct str epoch)
{
	bool is_known = str_is(str_from(s->epoch), epoch) && !s->is_short;
	bool is_first = s->epoch[0] == '\0';

	if (is_known)
		return;
	set_text(s->epoch, sizeof(s->epoch), epoch);
	s->is_place_saved = false;
	if (is_first)
		return;
	set_text(s->place, sizeof(s->place), STR("0"));
	s->is_stale = s->is_reading;
	outbox_forget_sent(&s->outbox);
	s->is_untold = true;
	s->hooks.on_lost(s->hooks.ctx);
}

void
stream_is_told(struct stream *s)
{
	s->is_place_saved &= !s->is_untold;
	s->is_untold = false;
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
	note_current(s, false);
	send_some(s);
	read_on(s);
}

/* XINFO STREAM: names and values by turns; an error when there is none. */
static const struct redis_reply *
find_info(const struct redis_reply *r, struct str name)
{
	for (size_t i = 0; i + 1 < redis_reply_count(r); i += 2) {
		if (str_is(redis_reply_text(redis_reply_at(r, i)), name))
			return redis_reply_at(r, i + 1);
	}
	return NULL;
}

/* As it was when Redis was first reached; an error says that it isn't there,
 * or that Redis isn't ready. */
static void
note_end(struct stream *s, const struct redis_reply *r,
    const struct redis_reply *last)
{
	if (*s->end)
		return;
	if (last)
		set_text(s->end, sizeof(s->end),
		    s->is_empty ? STR("0-0") : redis_reply_text(last));
	else if (str_find(redis_reply_text(r), STR("no such key")) >= 0)
		set_text(s->end, sizeof(s->end), STR("0-0"));
}

/* A stream whose end is before what we have read lost its last second, or was
 * restored from an older copy: the epoch alone doesn't show that. */
static void
on_last(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	if (!r)
		return;
	const struct redis_reply *last = find_info(r, STR("last-generated-id"));
	const struct redis_reply *length = find_info(r, STR("length"));

	s->is_short = is_before(last ? redis_reply_text(last) : STR("0-0"),
	    str_from(s->asked_place));
	s->is_empty = !length || redis_reply_integer(length) == 0;
	note_end(s, r, last);
}

/* Trimmed by age; what is younger than half of that never is. */
static bool
is_young(const struct stream *s, struct str place)
{
	uint64_t ms[2];

	return take_id(place, ms) &&
	       (int64_t)ms[0] * 1000 >
		   loop_now_us(s->loop) - s->options.keep * TIME_US / 2;
}

/* Others may have written to the older copy before we saw it: then its end
 * tells nothing, but what we have read last is not in it. */
static void
on_place(void *ctx, const struct redis_reply *r)
{
	struct stream *s = ctx;

	if (r && redis_reply_type(r) == REDIS_ARRAY &&
	    redis_reply_count(r) == 0 && !s->is_empty &&
	    is_young(s, str_from(s->asked_place)))
		s->is_short = true;
}

static void
check(struct stream *s)
{
	const struct str last[] = {
	    STR("XINFO"), STR("STREAM"), STR(KEYS_EVENTS)};

	if (!s->writer || s->is_checking || !redis_is_up(s->writer))
		return;
	s->is_checking = true;
	memcpy(s->asked_place, s->place, sizeof(s->place));
	const struct str place[] = {STR("XRANGE"), STR(KEYS_EVENTS),
	    str_from(s->asked_place), str_from(s->asked_place)};

	redis_ask(s->writer, last, 3, on_last, s);
	redis_ask(s->writer, place, 4, on_place, s);
	epoch_ask(s->writer, on_epoch, s);
}

void
stream_on_state(struct stream *s)
{
	if (s->writer && !redis_is_up(s->writer)) {
		s->is_checked = false;
		outbox_forget_sent(&s->outbox);
	}
	if (!s->is_checked)
		check(s);
	send_some(s);
	read_on(s);
}

static void
on_tick(void *ctx)
{
	struct stream *s = ctx;

	s->ticks++;
	if (!s->is_checked || s->ticks % CHECK_TICKS == 0)
		check(s);
	send_some(s);
	read_on(s);
	if (s->ticks % TRIM_TICKS == 1 && s->is_checked &&
	    redis_is_up(s->writer)) {
		renew(s);
		trim(s);
	}
}

void
stream_start(struct stream *s, struct str node, struct loop *l,
    struct redis *writer, struct redis *reader)
{
	set_text(s->node, sizeof(s->node), node);
	s->loop = l;
	s->writer = writer;
	s->reader = reader;
	s->tick = loop_timer_new(l, on_tick, s);
	loop_timer_every(s->tick, TICK_US);
	stream_on_state(s);
}

bool
stream_is_current(const struct stream *s)
{
	return s->is_current;
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
