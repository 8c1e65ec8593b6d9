/* courier_group - the courier's share of the stream
 *
 * First what is pending under our own name, page by page, then what is new.
 * Who holds events says so every half minute, so that only those of a dead
 * node are claimed.
 */
#include <stdlib.h>

#include "base/time.h"
#include "ledger/courier_parts.h"
#include "ledger/keys.h"

enum {
	PAGE = 8,	/* a turn of the loop, of each target: 20 us each */
	FRESH_MAX = 80, /* the rest is for the other nodes */
	PARCELS_MAX = 1000,
	BYTES_MAX = 4 << 20,
	BLOCK_MS = 5000,
	BLOCK_TIMEOUT_MS = 8000,
	CLAIM_TICKS = 10,
	HOLD_TICKS = 30,
	CLAIM_IDLE_MS = 120 * 1000,
	AGAIN_S = 600,
};

static struct str
decimal(char buf[24], int64_t v)
{
	struct text t;

	text_init(&t, buf, 24);
	text_i64(&t, v);
	return text_view(&t);
}

static void
set_id(char out[COURIER_STREAM_ID], struct str v)
{
	struct text t;

	text_init(&t, out, COURIER_STREAM_ID);
	text_str(&t, v);
}

static bool
has_room(const struct courier *c)
{
	return c->n_fresh < FRESH_MAX && c->n < PARCELS_MAX &&
	       c->bytes < BYTES_MAX;
}

static bool
holds(const struct courier *c, struct str id)
{
	for (const struct parcel *p = c->first; p; p = p->next) {
		if (str_is(str_from(p->id), id))
			return true;
	}
	return false;
}

/* What was put back after Redis lost its data lost its mark too. It was told
 * long ago, unless it is fresh: then it may be told twice, never not at all. */
static bool
is_old_news(const struct courier *c, const struct event *e)
{
	return e->is_again &&
	       loop_now_us(c->loop) - e->at_us > AGAIN_S * TIME_US;
}

void
courier_add_parcel(
    struct courier *c, struct str id, const struct event *e, struct str json)
{
	struct parcel *p = xalloc(1, sizeof(*p)), **end = &c->first;
	int64_t delay = c->hooks.delay ? c->hooks.delay(c->hooks.ctx, e) : 0;
	int64_t now_us = loop_now_us(c->loop);

	p->courier = c;
	set_id(p->id, id);
	if (*e->cause)
		memcpy(p->name, e->cause, sizeof(e->cause));
	else
		event_id(e, p->name);
	memcpy(p->after, e->after, sizeof(e->after));
	p->json = str_dup(json);
	p->json_n = json.n;
	p->at_us = e->at_us;
	p->due_us = e->at_us + delay * TIME_US;
	if (delay == 0 || p->due_us < now_us)
		p->due_us = now_us;
	p->is_fresh = p->due_us == now_us;
	while (*end)
		end = &(*end)->next;
	*end = p;
	c->n++;
	c->n_fresh += p->is_fresh;
	c->bytes += json.n;
}

/* One that was handed in (courier_add) is in the stream as well: from now on it
 * is that one. */
static bool
adopt(struct courier *c, struct str id, const struct event *e)
{
	char own[EVENT_ID];

	event_id(e, own);
	struct parcel *p = courier_find(c, *e->cause ? e->cause : own);

	if (!p || *p->id)
		return false;
	set_id(p->id, id);
	return true;
}

/* [id, [field, value ...]]; the fields are nil when it was trimmed away. */
static void
take_entry(struct courier *c, const struct redis_reply *entry)
{
	struct event *e;

	if (redis_reply_count(entry) < 2)
		return;
	const struct redis_reply *fields = redis_reply_at(entry, 1);
	struct str id = redis_reply_text(redis_reply_at(entry, 0));

	if (id.n == 0 || id.n >= COURIER_STREAM_ID || holds(c, id))
		return;
	e = xalloc(1, sizeof(*e));
	struct str json = redis_reply_count(fields) < 2
			      ? STR("")
			      : redis_reply_text(redis_reply_at(fields, 1));

	if (event_parse(json, e, NULL) && !adopt(c, id, e) &&
	    !is_old_news(c, e))
		courier_add_parcel(c, id, e, json);
	else if (!holds(c, id))
		courier_ack(c, id);
	free(e);
}

static void
take_entries(struct courier *c, const struct redis_reply *entries)
{
	for (size_t i = 0; i < redis_reply_count(entries); i++)
		take_entry(c, redis_reply_at(entries, i));
	courier_start_due(c);
}

/* Was it the last page of our own? */
static void
turn_page(struct courier *c, const struct redis_reply *entries)
{
	size_t n = entries ? redis_reply_count(entries) : 0;

	c->has_own = n == 0;
	if (n == 0)
		return;
	const struct redis_reply *last = redis_reply_at(entries, n - 1);

	if (redis_reply_count(last) > 0)
		set_id(c->own_from, redis_reply_text(redis_reply_at(last, 0)));
}

/* [[key, [entry ...]]], or nil. */
static const struct redis_reply *
find_entries(const struct redis_reply *r)
{
	if (redis_reply_count(r) == 0 ||
	    redis_reply_count(redis_reply_at(r, 0)) < 2)
		return NULL;
	return redis_reply_at(redis_reply_at(r, 0), 1);
}

static void
on_read(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	if (courier_is_over(c))
		return;
	c->is_reading = false;
	if (!r)
		return;
	if (redis_reply_type(r) == REDIS_ERROR) {
		c->is_ready = false; /* NOGROUP: Redis lost its data */
		return;
	}
	const struct redis_reply *entries = find_entries(r);

	if (c->is_reading_own)
		turn_page(c, entries);
	if (entries)
		take_entries(c, entries);
	courier_read_on(c);
}

void
courier_read_on(struct courier *c)
{
	char count[24], block[24];

	if (!c->is_ready || c->is_reading || !redis_is_up(c->writer) ||
	    !redis_is_up(c->reader) || !has_room(c))
		return;
	const struct str argv[] = {STR("XREADGROUP"), STR("GROUP"),
	    str_from(c->group), str_from(c->consumer), STR("COUNT"),
	    decimal(count, PAGE), STR("BLOCK"), decimal(block, BLOCK_MS),
	    STR("STREAMS"), STR(KEYS_EVENTS),
	    c->has_own ? STR(">") : str_from(c->own_from)};

	c->is_reading = true;
	c->is_reading_own = !c->has_own;
	c->n_asked++;
	redis_ask_slow(c->reader, argv, sizeof(argv) / sizeof(argv[0]),
	    BLOCK_TIMEOUT_MS, on_read, c);
}

/* [next, entries, gone]: events of nodes that died with them. */
static void
on_claimed(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	if (courier_is_over(c))
		return;
	c->is_claiming = false;
	if (!r || redis_reply_count(r) < 2)
		return;
	set_id(c->claim_from, redis_reply_text(redis_reply_at(r, 0)));
	take_entries(c, redis_reply_at(r, 1));
}

static void
claim(struct courier *c)
{
	char idle[24], count[24];

	if (!c->is_ready || !c->has_own || c->is_claiming || !has_room(c) ||
	    !redis_is_up(c->writer))
		return;
	const struct str argv[] = {STR("XAUTOCLAIM"), STR(KEYS_EVENTS),
	    str_from(c->group), str_from(c->consumer),
	    decimal(idle, CLAIM_IDLE_MS), str_from(c->claim_from), STR("COUNT"),
	    decimal(count, PAGE)};

	c->is_claiming = true;
	courier_ask(c, argv, sizeof(argv) / sizeof(argv[0]), on_claimed, c);
}

/* What is in our hands is idle in no node's eyes. */
static void
hold(struct courier *c)
{
	enum { HEAD = 5 };
	size_t n = HEAD;

	if (!c->is_ready || c->n == 0 || !redis_is_up(c->writer))
		return;
	struct str *argv = xalloc(HEAD + c->n + 1, sizeof(*argv));

	argv[0] = STR("XCLAIM");
	argv[1] = STR(KEYS_EVENTS);
	argv[2] = str_from(c->group);
	argv[3] = str_from(c->consumer);
	argv[4] = STR("0");
	for (const struct parcel *p = c->first; p; p = p->next) {
		if (*p->id)
			argv[n++] = str_from(p->id);
	}
	argv[n++] = STR("JUSTID");
	if (n > HEAD + 1)
		redis_ask(c->writer, argv, n, NULL, NULL);
	free(argv);
}

static void
on_made(void *ctx, const struct redis_reply *r)
{
	struct courier *c = ctx;

	if (courier_is_over(c))
		return;
	c->is_making = false;
	if (!r || (redis_reply_type(r) == REDIS_ERROR &&
		      !str_starts(redis_reply_text(r), STR("BUSYGROUP"))))
		return;
	c->is_ready = c->was_ready = true;
	courier_read_on(c);
}

/* A group that went away did so with the whole stream: what was told again
 * since then may not be missed. */
void
courier_make_group(struct courier *c)
{
	const struct str argv[] = {STR("XGROUP"), STR("CREATE"),
	    STR(KEYS_EVENTS), str_from(c->group),
	    c->was_ready ? STR("0") : STR("$"), STR("MKSTREAM")};

	if (c->is_ready || c->is_making || !redis_is_up(c->writer))
		return;
	c->is_making = true;
	c->has_own = false;
	set_id(c->own_from, STR("0"));
	set_id(c->claim_from, STR("0"));
	courier_ask(c, argv, sizeof(argv) / sizeof(argv[0]), on_made, c);
}

void
courier_on_tick(void *ctx)
{
	struct courier *c = ctx;

	courier_make_group(c);
	courier_start_due(c);
	courier_read_on(c);
	c->ticks++;
	if (c->ticks % CLAIM_TICKS == 0)
		claim(c);
	if (c->ticks % HOLD_TICKS == 0)
		hold(c);
}
