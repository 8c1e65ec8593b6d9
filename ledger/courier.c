/* courier - brings events to a target outside, each cause at least once
 *
 * The way of an event: XREADGROUP hands it to this node (it is in the group's
 * pending list from then on, whatever happens to us), is it marked as sent?,
 * the lease, on_send, the mark, XACK. Whatever fails on the way, the event
 * goes back to waiting with its pause.
 */
#include "ledger/courier.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/keys.h"

enum {
	PAGE = 20,
	BLOCK_MS = 5000,
	BLOCK_TIMEOUT_MS = 8000,
	TICK_US = 1000 * 1000,
	CLAIM_TICKS = 10,
	CLAIM_IDLE_MS = 120 * 1000, /* longer than any attempt */
	LEASE_S = 90,
	SENT_S = 8 * 86400,
	AGAIN_S = 600,
	TARGET = 96,
	KEY = 256,
	STREAM_ID = 48,
};

enum step { WAITING, ASKING, SENDING, ENDING };

/* An event in our hands. */
struct parcel {
	struct parcel *next;
	struct courier *courier;
	struct courier_delivery *delivery; /* while SENDING */
	char id[STREAM_ID];
	enum step step;
	unsigned attempts;
	int64_t due_us; /* WAITING: not before */
	struct event event;
};

/* Outlives its parcel when the courier is freed meanwhile. */
struct courier_delivery {
	struct parcel *parcel; /* NULL: abandoned */
};

struct courier {
	struct loop *loop;
	struct courier_options options;
	struct courier_hooks hooks;
	struct redis *writer, *reader;
	struct loop_timer *tick;
	char group[TARGET], consumer[17];
	struct parcel *first;
	size_t n, n_busy;
	bool is_ready, is_making, is_reading, is_claiming;
	bool has_own; /* what a former life left pending was read again */
	unsigned ticks;
	uint64_t taken, sent, failed, given_up;
};

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_str(&t, v);
}

static void start_due(struct courier *c);
static void read_on(struct courier *c);

static struct parcel *
find_parcel(const struct courier *c, struct str id)
{
	for (struct parcel *p = c->first; p; p = p->next) {
		if (str_is(str_from(p->id), id))
			return p;
	}
	return NULL;
}

static void
drop(struct parcel *p)
{
	struct parcel **at = &p->courier->first;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->courier->n--;
	free(p);
}

static void
ack_id(struct courier *c, struct str id)
{
	const struct str argv[] = {
	    STR("XACK"), STR(KEYS_EVENTS), str_from(c->group), id};

	redis_ask(c->writer, argv, 4, NULL, NULL);
}

/* Try it later. */
static void
put_back(struct parcel *p)
{
	struct courier *c = p->courier;
	int64_t pause = c->options.first_retry;

	for (unsigned i = 1; i < p->attempts && pause < c->options.max_retry;
	     i++)
		pause *= 2;
	if (pause > c->options.max_retry)
		pause = c->options.max_retry;
	if (p->step != WAITING)
		c->n_busy--;
	p->step = WAITING;
	p->due_us = loop_now_us(c->loop) + pause * TIME_US;
}

static void
key_of(struct parcel *p, const char *prefix, char key[KEY])
{
	struct text t;

	text_init(&t, key, KEY);
	text_printf(&t, "%s%s:%s", prefix, p->courier->group, p->event.cause);
}

/* Taken by the target, or by another node before: it is over. */
static void
end(struct parcel *p)
{
	struct courier *c = p->courier;

	ack_id(c, str_from(p->id));
	c->n_busy--;
	drop(p);
	start_due(c);
}

static void
on_marked(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;

	/* Not marked: at least once means that it may go out again. */
	if (r && redis_reply_type(r) != REDIS_ERROR)
		end(p);
	else
		put_back(p);
}

static void
mark(struct parcel *p)
{
	char sent[KEY], lease[KEY], seconds[16];

	key_of(p, KEYS_SENT, sent);
	key_of(p, KEYS_LEASE, lease);
	snprintf(seconds, sizeof(seconds), "%d", SENT_S);
	const struct str set[] = {STR("SET"), str_from(sent),
	    str_from(p->courier->consumer), STR("EX"), str_from(seconds)};
	const struct str del[] = {STR("DEL"), str_from(lease)};

	p->step = ENDING;
	redis_ask(p->courier->writer, del, 2, NULL, NULL);
	redis_ask(p->courier->writer, set, 5, on_marked, p);
}

static void
release(struct parcel *p)
{
	char lease[KEY];

	key_of(p, KEYS_LEASE, lease);
	const struct str del[] = {STR("DEL"), str_from(lease)};

	redis_ask(p->courier->writer, del, 2, NULL, NULL);
}

void
courier_done(struct courier_delivery *d, bool is_taken)
{
	struct parcel *p = d->parcel;

	free(d);
	if (!p)
		return;
	p->delivery = NULL;
	if (is_taken) {
		p->courier->sent++;
		mark(p);
		return;
	}
	p->courier->failed++;
	release(p);
	put_back(p);
}

static void
on_leased(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;
	struct courier *c = p->courier;

	/* nil: another node is at it. */
	if (!r || redis_reply_type(r) != REDIS_STATUS) {
		put_back(p);
		return;
	}
	p->step = SENDING;
	p->attempts++;
	p->delivery = xalloc(1, sizeof(*p->delivery));
	p->delivery->parcel = p;
	c->hooks.on_send(c->hooks.ctx, &p->event, p->delivery);
}

static void
on_looked(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;
	char lease[KEY], seconds[16];

	if (!r || redis_reply_type(r) == REDIS_ERROR) {
		put_back(p);
		return;
	}
	if (redis_reply_type(r) == REDIS_STRING) {
		end(p); /* this cause has been told */
		return;
	}
	key_of(p, KEYS_LEASE, lease);
	snprintf(seconds, sizeof(seconds), "%d", LEASE_S);
	const struct str argv[] = {STR("SET"), str_from(lease),
	    str_from(p->courier->consumer), STR("NX"), STR("EX"),
	    str_from(seconds)};

	redis_ask(p->courier->writer, argv, 6, on_leased, p);
}

static void
start(struct parcel *p)
{
	struct courier *c = p->courier;
	int64_t age_us = loop_now_us(c->loop) - p->event.at_us;
	char sent[KEY];

	p->step = ASKING;
	c->n_busy++;
	if (age_us > c->options.give_up * TIME_US) {
		c->given_up++;
		c->hooks.on_given_up(c->hooks.ctx, &p->event);
		end(p);
		return;
	}
	key_of(p, KEYS_SENT, sent);
	const struct str argv[] = {STR("GET"), str_from(sent)};

	redis_ask(c->writer, argv, 2, on_looked, p);
}

static struct parcel *
next_due(struct courier *c)
{
	int64_t now_us = loop_now_us(c->loop);

	for (struct parcel *p = c->first; p; p = p->next) {
		if (p->step == WAITING && p->due_us <= now_us)
			return p;
	}
	return NULL;
}

static void
start_due(struct courier *c)
{
	struct parcel *p;

	while (redis_is_up(c->writer) && c->n_busy < c->options.at_once &&
	       (p = next_due(c)))
		start(p);
}

/* What was put back after Redis lost its data lost its mark too. It was told
 * long ago, unless it is fresh: then it may be told twice, never not at all. */
static bool
is_old_news(const struct courier *c, const struct event *e)
{
	return e->is_again &&
	       loop_now_us(c->loop) - e->at_us > AGAIN_S * TIME_US;
}

/* [id, [field, value ...]]; the fields are nil when it was trimmed away. */
static void
take_entry(struct courier *c, const struct redis_reply *entry)
{
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	struct str id = redis_reply_text(redis_reply_at(entry, 0));
	struct parcel *p, **end = &c->first;

	if (id.n == 0 || id.n >= STREAM_ID || find_parcel(c, id))
		return;
	p = xalloc(1, sizeof(*p));
	p->courier = c;
	set_text(p->id, sizeof(p->id), id);
	if (redis_reply_count(fields) < 2 ||
	    !event_parse(
		redis_reply_text(redis_reply_at(fields, 1)), &p->event, NULL) ||
	    is_old_news(c, &p->event)) {
		ack_id(c, id);
		free(p);
		return;
	}
	while (*end)
		end = &(*end)->next;
	*end = p;
	c->n++;
	c->taken++;
}

static void
take_entries(struct courier *c, const struct redis_reply *entries)
{
	/* NULL: there was nothing to read. */
	for (size_t i = 0; entries && i < redis_reply_count(entries); i++)
		take_entry(c, redis_reply_at(entries, i));
	start_due(c);
}

static void
on_read(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	c->is_reading = false;
	if (!r)
		return;
	if (redis_reply_type(r) == REDIS_ERROR) {
		c->is_ready = false; /* NOGROUP: Redis lost its data */
		return;
	}
	const struct redis_reply *entries = NULL;
	uint64_t taken = c->taken;

	if (redis_reply_type(r) == REDIS_ARRAY && redis_reply_count(r) > 0)
		entries = redis_reply_at(redis_reply_at(r, 0), 1);
	take_entries(c, entries);
	if (c->taken == taken)
		c->has_own = true; /* nothing that wasn't in our hands */
	read_on(c);
}

/* First what is pending under our own name, page by page, then what is new.
 * No more is taken than a few pages: the rest is for the others. */
static void
read_on(struct courier *c)
{
	char count[16], block[16];
	const struct parcel *last = c->first;

	if (!c->is_ready || c->is_reading || !redis_is_up(c->reader) ||
	    (c->has_own && c->n >= 4 * PAGE))
		return;
	while (last && last->next)
		last = last->next;
	struct str from = c->has_own ? STR(">")
			  : last     ? str_from(last->id)
				     : STR("0");

	snprintf(count, sizeof(count), "%d", PAGE);
	snprintf(block, sizeof(block), "%d", BLOCK_MS);
	const struct str argv[] = {STR("XREADGROUP"), STR("GROUP"),
	    str_from(c->group), str_from(c->consumer), STR("COUNT"),
	    str_from(count), STR("BLOCK"), str_from(block), STR("STREAMS"),
	    STR(KEYS_EVENTS), from};

	c->is_reading = true;
	redis_ask_slow(c->reader, argv, sizeof(argv) / sizeof(argv[0]),
	    BLOCK_TIMEOUT_MS, on_read, c);
}

/* [next, entries, gone]: events of nodes that died with them. */
static void
on_claimed(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	c->is_claiming = false;
	if (r && redis_reply_type(r) == REDIS_ARRAY)
		take_entries(c, redis_reply_at(r, 1));
}

static void
claim(struct courier *c)
{
	char idle[16], count[16];

	if (!c->is_ready || !c->has_own || c->is_claiming ||
	    !redis_is_up(c->writer) || c->n >= 4 * PAGE)
		return;
	snprintf(idle, sizeof(idle), "%d", CLAIM_IDLE_MS);
	snprintf(count, sizeof(count), "%d", PAGE);
	const struct str argv[] = {STR("XAUTOCLAIM"), STR(KEYS_EVENTS),
	    str_from(c->group), str_from(c->consumer), str_from(idle), STR("0"),
	    STR("COUNT"), str_from(count)};

	c->is_claiming = true;
	redis_ask(
	    c->writer, argv, sizeof(argv) / sizeof(argv[0]), on_claimed, c);
}

static void
on_made(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	c->is_making = false;
	if (!r || (redis_reply_type(r) == REDIS_ERROR &&
		      !str_starts(redis_reply_text(r), STR("BUSYGROUP"))))
		return;
	c->is_ready = true;
	read_on(c);
}

static void
make_group(struct courier *c)
{
	const struct str argv[] = {STR("XGROUP"), STR("CREATE"),
	    STR(KEYS_EVENTS), str_from(c->group), STR("$"), STR("MKSTREAM")};

	if (c->is_ready || c->is_making || !redis_is_up(c->writer))
		return;
	c->is_making = true;
	c->has_own = false;
	redis_ask(c->writer, argv, sizeof(argv) / sizeof(argv[0]), on_made, c);
}

void
courier_on_state(struct courier *c)
{
	if (!redis_is_up(c->writer))
		c->is_ready = false;
	make_group(c);
	start_due(c);
	read_on(c);
}

static void
on_tick(void *ctx)
{
	struct courier *c = ctx;

	make_group(c);
	start_due(c);
	read_on(c);
	if (++c->ticks % CLAIM_TICKS == 0)
		claim(c);
}

struct courier *
courier_new(struct loop *l, const struct courier_options *o,
    const struct courier_hooks *hooks, struct redis *writer,
    struct redis *reader)
{
	struct courier *c = xalloc(1, sizeof(*c));

	c->loop = l;
	c->options = *o;
	c->hooks = *hooks;
	c->writer = writer;
	c->reader = reader;
	set_text(c->group, sizeof(c->group), str_from(o->target));
	set_text(c->consumer, sizeof(c->consumer), o->node);
	c->tick = loop_timer_new(l, on_tick, c);
	loop_timer_every(c->tick, TICK_US);
	courier_on_state(c);
	return c;
}

void
courier_free(struct courier **cp)
{
	struct courier *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	loop_timer_free(&c->tick);
	while (c->first) {
		struct parcel *p = c->first;

		if (p->delivery)
			p->delivery->parcel = NULL;
		c->first = p->next;
		free(p);
	}
	free(c);
}

void
courier_status(const struct courier *c, struct courier_status *out)
{
	*out = (struct courier_status){c->sent, c->failed, c->given_up, c->n};
}
