/* courier - brings events to a target outside, each cause at least once
 *
 * The way of an event: XREADGROUP hands it to this node (it is in the group's
 * pending list from then on, whatever happens to us); the lease; then, since
 * who sends marks before it gives the lease back: is it marked as sent?;
 * on_send, the mark, XACK. Whatever fails on the way, the event goes back to
 * waiting with its pause.
 */
#include "ledger/courier.h"

#include <stdlib.h>

#include "base/time.h"
#include "ledger/courier_parts.h"
#include "ledger/keys.h"

enum {
	TICK_US = 1000 * 1000,
	LEASE_MORE_S = 30, /* than an attempt takes */
	SENT_S = 8 * 86400,
	BEFORE_S = 600, /* an event waits so long for the one before it */
	TOLD = 1024,
	KEY = 256,
};

/* The mark of what the target wanted none of; of others it is who sent. */
static const struct str unwanted = {"-", 1};

/* The courier is freed while a shared writer still owes it answers. */

static void
destroy(struct courier *c)
{
	while (c->first) {
		struct parcel *p = c->first;

		c->first = p->next;
		free(p->json);
		free(p);
	}
	recent_done(&c->told);
	free(c);
}

void
courier_ask(struct courier *c, const struct str *argv, size_t n,
    redis_reply_fn *on_reply, void *ctx)
{
	c->n_asked++;
	redis_ask(c->writer, argv, n, on_reply, ctx);
}

bool
courier_is_over(struct courier *c)
{
	c->n_asked--;
	if (!c->is_dead)
		return false;
	if (c->n_asked == 0)
		destroy(c);
	return true;
}

void
courier_drop(struct parcel *p)
{
	struct courier *c = p->courier;
	struct parcel **at = &c->first;

	if (c->leader == p)
		c->leader = NULL;
	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	c->n--;
	c->n_fresh -= p->is_fresh;
	c->bytes -= p->json_n;
	free(p->json);
	free(p);
}

void
courier_ack(struct courier *c, struct str id)
{
	const struct str argv[] = {
	    STR("XACK"), STR(KEYS_EVENTS), str_from(c->group), id};

	if (id.n > 0)
		redis_ask(c->writer, argv, 4, NULL, NULL);
}

/* Try it later. */
void
courier_put_back(struct parcel *p)
{
	struct courier *c = p->courier;
	int64_t pause = c->options.first_retry;

	for (unsigned i = 1; i < p->attempts && pause < c->options.max_retry;
	     i++)
		pause *= 2;
	if (pause > c->options.max_retry)
		pause = c->options.max_retry;
	c->n_busy--;
	p->step = WAITING;
	p->due_us = loop_now_us(c->loop) + pause * TIME_US;
	if (c->leader == p)
		c->leader = NULL;
}

static void
key_of(const struct courier *c, const char *prefix, const char *name,
    char key[KEY])
{
	struct text t;

	text_init(&t, key, KEY);
	text_printf(&t, "%s%s:%s", prefix, c->group, name);
}

/* Taken by the target, by another node before, or given up: it is over. */
static void
end(struct parcel *p)
{
	struct courier *c = p->courier;

	courier_ack(c, str_from(p->id));
	if (p->is_failed && c->hooks.on_over)
		c->hooks.on_over(c->hooks.ctx, p->name);
	c->n_busy--;
	courier_drop(p);
}

void
courier_release(struct parcel *p)
{
	char lease[KEY];

	key_of(p->courier, KEYS_LEASE, p->name, lease);
	const struct str del[] = {STR("DEL"), str_from(lease)};

	p->is_leased = false;
	redis_ask(p->courier->writer, del, 2, NULL, NULL);
}

static void
on_marked(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;
	struct courier *c = p->courier;

	if (courier_is_over(c))
		return;
	if (r && redis_reply_type(r) != REDIS_ERROR)
		end(p);
	else
		courier_put_back(p);
	courier_start_due(c);
	courier_read_on(c);
}

static void
mark(struct parcel *p)
{
	char sent[KEY], buf[16];
	struct text seconds;

	key_of(p->courier, KEYS_SENT, p->name, sent);
	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, SENT_S);
	const struct str set[] = {STR("SET"), str_from(sent),
	    p->is_unwanted ? unwanted : str_from(p->courier->consumer),
	    STR("EX"), text_view(&seconds)};

	p->step = MARKING;
	courier_ask(p->courier, set, 5, on_marked, p);
	courier_release(p);
}

static void
take(struct parcel *p)
{
	p->is_taken = true;
	recent_add(&p->courier->told, str_from(p->name));
	mark(p);
}

void
courier_done(struct courier_delivery *d, enum courier_outcome outcome)
{
	struct parcel *p = d->parcel;

	free(d);
	if (!p)
		return;
	struct courier *c = p->courier;

	p->delivery = NULL;
	if (outcome == COURIER_TAKEN) {
		c->sent++;
		courier_riders_done(p, true);
		take(p);
		return;
	}
	p->is_refused = outcome == COURIER_REFUSED;
	if (outcome != COURIER_LATER) {
		c->failed++;
		courier_fail(p);
	}
	courier_release(p);
	courier_put_back(p);
	courier_riders_done(p, false);
	courier_start_due(c);
}

void
courier_take(struct parcel *p)
{
	p->courier->n_busy++;
	p->courier->sent++;
	take(p);
}

static void
count_attempt(struct parcel *p)
{
	p->courier->n_fresh -= p->is_fresh;
	p->is_fresh = false;
	p->attempts++;
}

static void
send(struct parcel *p)
{
	struct courier *c = p->courier;
	struct event *e = xalloc(1, sizeof(*e));
	struct courier_delivery *d = xalloc(1, sizeof(*d));

	p->step = SENDING;
	count_attempt(p);
	p->delivery = d;
	d->parcel = p;
	(void)event_parse(str_make(p->json, p->json_n), e, NULL);
	if (!c->hooks.on_send(c->hooks.ctx, e, d)) {
		p->delivery = NULL;
		free(d);
		p->is_unwanted = true;
		take(p);
	}
	free(e);
}

/* What is told after something is told to who was told that; as long as that
 * is on its way, it waits. */
static void
send_in_turn(struct parcel *p)
{
	struct courier *c = p->courier;
	int64_t age_us = loop_now_us(c->loop) - p->at_us;

	if (!*p->after || p->before == BEFORE_SENT) {
		send(p);
		return;
	}
	count_attempt(p);
	if (p->before == BEFORE_OPEN && age_us < BEFORE_S * TIME_US) {
		courier_release(p);
		courier_put_back(p);
		courier_start_due(c);
		courier_read_on(c);
		return;
	}
	p->is_unwanted = true;
	take(p);
}

static void
on_leased(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;

	if (courier_is_over(p->courier))
		return;
	/* nil: another node is at it. */
	p->is_leased = r && redis_reply_type(r) == REDIS_STATUS;
}

static void
on_before(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;

	if (courier_is_over(p->courier))
		return;
	p->before = BEFORE_OPEN;
	if (r && redis_reply_type(r) == REDIS_STRING)
		p->before = str_is(redis_reply_text(r), unwanted)
				? BEFORE_UNWANTED
				: BEFORE_SENT;
}

/* The answer comes before that of the lease. */
static void
ask_before(struct parcel *p)
{
	char sent[KEY];

	if (!*p->after)
		return;
	key_of(p->courier, KEYS_SENT, p->after, sent);
	const struct str get[] = {STR("GET"), str_from(sent)};

	courier_ask(p->courier, get, 2, on_before, p);
}

static void
on_looked(void *ctx, const struct redis_reply *r)
{
	struct parcel *p = ctx;
	struct courier *c = p->courier;

	if (courier_is_over(c))
		return;
	bool is_known = r && redis_reply_type(r) != REDIS_ERROR;
	bool is_sent = (is_known && redis_reply_type(r) == REDIS_STRING) ||
		       recent_has(&c->told, str_from(p->name));

	if (is_known && !is_sent && p->is_leased) {
		send_in_turn(p);
		return;
	}
	if (p->is_leased)
		courier_release(p);
	if (is_known && is_sent)
		end(p); /* this cause has been told */
	else
		courier_put_back(p);
	courier_start_due(c);
	courier_read_on(c);
}

static void
lease(struct parcel *p)
{
	struct courier *c = p->courier;
	char key[KEY], sent[KEY], buf[32];
	struct text seconds;

	key_of(c, KEYS_LEASE, p->name, key);
	key_of(c, KEYS_SENT, p->name, sent);
	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, c->options.attempt + LEASE_MORE_S);
	const struct str set[] = {STR("SET"), str_from(key),
	    str_from(c->consumer), STR("NX"), STR("EX"), text_view(&seconds)};
	const struct str get[] = {STR("GET"), str_from(sent)};

	ask_before(p);
	courier_ask(c, set, 6, on_leased, p);
	courier_ask(c, get, 2, on_looked, p);
}

static bool
is_too_old(const struct parcel *p)
{
	const struct courier_options *o = &p->courier->options;
	int64_t age_us = loop_now_us(p->courier->loop) - p->at_us;
	int64_t most = p->is_refused ? o->give_up_refused : o->give_up;

	if (p->until_us > 0)
		return loop_now_us(p->courier->loop) > p->until_us;
	return age_us > most * TIME_US;
}

static void
give_up(struct parcel *p)
{
	struct courier *c = p->courier;
	struct event *e = xalloc(1, sizeof(*e));

	c->given_up++;
	p->is_failed = false; /* its owner is told of this instead */
	(void)event_parse(str_make(p->json, p->json_n), e, NULL);
	c->hooks.on_given_up(c->hooks.ctx, e);
	free(e);
	end(p);
}

static void
start(struct parcel *p)
{
	p->step = ASKING;
	p->courier->n_busy++;
	if (*p->kind)
		p->courier->leader = p;
	if (p->is_taken)
		mark(p);
	else if (is_too_old(p))
		give_up(p);
	else
		lease(p);
}

/* The one that waits longest. Of those that were gathered one at a time leads
 * the others. */
static struct parcel *
next_due(struct courier *c)
{
	int64_t now_us = loop_now_us(c->loop);
	struct parcel *best = NULL;

	for (struct parcel *p = c->first; p; p = p->next) {
		if (p->step == WAITING && p->due_us <= now_us &&
		    (!*p->kind || !c->leader) &&
		    (!best || p->due_us < best->due_us))
			best = p;
	}
	return best;
}

void
courier_start_due(struct courier *c)
{
	struct parcel *p;

	while (redis_is_up(c->writer) && c->n_busy < c->options.at_once &&
	       (p = next_due(c)))
		start(p);
}

void
courier_on_state(struct courier *c)
{
	if (!redis_is_up(c->writer))
		c->is_ready = false;
	courier_make_group(c);
	courier_start_due(c);
	courier_read_on(c);
}

static void
set_text(char *out, size_t cap, struct str v)
{
	struct text t;

	text_init(&t, out, cap);
	text_str(&t, v);
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
	recent_init(&c->told, TOLD);
	set_text(c->group, sizeof(c->group), str_from(o->target));
	set_text(c->consumer, sizeof(c->consumer), o->node);
	c->tick = loop_timer_new(l, courier_on_tick, c);
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
	for (struct parcel *p = c->first; p; p = p->next) {
		if (p->delivery)
			p->delivery->parcel = NULL;
	}
	c->is_dead = true;
	if (c->n_asked == 0)
		destroy(c);
}
