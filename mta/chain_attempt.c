/* chain_attempt - reads a delivery line: whose outcome, outward or inside,
 * or a hop to ourselves */
#include "mta/chain_flight.h"

/* Agents that never leave the host. */
static bool
is_inside_agent(struct str program)
{
	return str_is(program, STR("local")) ||
	       str_is(program, STR("virtual")) ||
	       str_is(program, STR("lmtp")) || str_is(program, STR("pipe")) ||
	       str_is(program, STR("discard"));
}

/* What Postfix says itself of addresses that would be its own. */
static bool
is_own_unknown(struct str text)
{
	static const char *const texts[] = {
	    "User unknown in local recipient table",
	    "User unknown in virtual alias table",
	    "User unknown in virtual mailbox table",
	    "User unknown in relay recipient table"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (str_starts(text, str_from(texts[i])))
			return true;
	}
	return false;
}

bool
chains_is_inside(struct chains *c, struct str domain)
{
	uint64_t hash = chain_hash(c->seed, domain);

	return domains_has(&c->inside, hash) || domains_has(&c->learned, hash);
}

static bool
is_inside_domain(struct chains *c, struct str address)
{
	if (c->inside.n == 0 && c->learned.n == 0)
		return false;
	uint64_t hash = chain_domain_hash(c, address);

	return hash && (domains_has(&c->inside, hash) ||
			   domains_has(&c->learned, hash));
}

/* What the line's server is to us: ADDRESS_*; 0: none is named. */
static unsigned
relay_of(struct chains *c, const struct postfix_line *l)
{
	if (line_has(l, FIELD_RELAY_ADDRESS))
		return chain_address(c, l->field[FIELD_RELAY_ADDRESS]) |
		       ADDRESS_KNOWN;
	if (line_has(l, FIELD_RELAY_PATH))
		return ADDRESS_KNOWN | ADDRESS_OWN | ADDRESS_INSIDE;
	return 0;
}

static bool
is_outward(struct chains *c, const struct logline *line,
    const struct postfix_line *l, unsigned relay, const struct delivery *d)
{
	if (relay & ADDRESS_OUTBOUND)
		return !is_inside_domain(c, d->to);
	if (relay & ADDRESS_INSIDE || is_inside_agent(line->program))
		return false;
	if (relay)
		return true;
	return !is_inside_domain(c, d->to) &&
	       !(l->status == LINE_BOUNCED && is_own_unknown(d->text));
}

/* Which domains are inside; a hop to ourselves shows nothing. A server of our
 * own that isn't known as one may be a content filter: nor does that. */
static void
learn(struct chains *c, const struct logline *line, unsigned relay,
    const struct delivery *d)
{
	if (d->flags & DELIVERY_OUTWARD) {
		if (relay)
			chain_learn(c, d->to, false);
		return;
	}
	if (str_is(line->program, STR("discard")) ||
	    (relay & ADDRESS_OWN && !str_is(line->program, STR("lmtp"))))
		return;
	chain_learn(c, d->to, true);
}

static enum fact_kind
bounce_kind(const struct chains *c, const struct postfix_line *l)
{
	struct str dsn = line_get(l, FIELD_DSN);
	enum outcome outcome = outcome_of_status(dsn);

	if (c->outcome)
		c->outcome(c->outcome_ctx, line_get(l, FIELD_RELAY_NAME), dsn,
		    line_get(l, FIELD_TEXT), &outcome);
	switch (outcome) {
	case OUTCOME_UNKNOWN_USER:
		return FACT_UNKNOWN_USER;
	case OUTCOME_REFUSED:
		return FACT_REFUSED;
	default:
		return FACT_BOUNCED;
	}
}

/* Nobody was asked: qmgr waits for a destination that failed, or the transport
 * is one of defer_transports, where deliveries are paused; it isn't even there
 * (see mta/maincf.h), which a flush brings to light. */
static bool
is_without_attempt(struct str text)
{
	return str_starts(text, STR("delivery temporarily suspended")) ||
	       str_is(text, STR("deferred transport")) ||
	       str_is(text, STR("mail transport unavailable"));
}

/* A line with two readings still shows that there is such a recipient. */
static void
set_outcome(struct chains *c, const struct postfix_line *l, struct delivery *d)
{
	switch (l->status) {
	case LINE_SENT:
		d->outcome = FACT_DELIVERED;
		break;
	case LINE_BOUNCED:
		d->outcome = (uint8_t)bounce_kind(c, l);
		break;
	case LINE_DEFERRED:
	case LINE_SOFTBOUNCE:
		d->outcome = FACT_DEFERRED;
		if (is_without_attempt(d->text))
			d->flags |= DELIVERY_SUSPENDED;
		break;
	default:
		d->kind = DELIVERY_SEEN;
		c->counts[CHAINS_DOUBTFUL]++;
	}
}

/* The next link is there, or may come; false: this was the last one. */
static bool
follow(struct chains *c, struct flight *f, const struct delivery *d,
    struct str next_id, uint64_t forced)
{
	const struct flight_name name =
	    flight_name(c, f->host, f->instance, next_id);
	struct flight *next = flight_find(c, &name);
	struct delivery hop = *d;

	if (next && !chain_may_follow(c, next, f, forced))
		return false;
	hop.kind = forced ? DELIVERY_FORWARD : DELIVERY_HOP;
	if (!is_inside_domain(c, d->to))
		hop.flags |= DELIVERY_OUTWARD;
	chain_submit(c, f, &hop);
	/* It came and went before this line was read. */
	if (!next && f->followed == name.hash)
		return true;
	if (!next)
		next = chain_stub(c, f, &name);
	if (!next)
		return false;
	chain_link(c, next, f, forced);
	if (next->flags & FLIGHT_STUB) {
		struct delivery *kept = delivery_keep(c, d);

		if (kept)
			flight_queue(c, next, kept);
	}
	return true;
}

/* Each says that the other is the same message. */
static bool
is_named_by(
    struct chains *c, const struct flight *f, const struct postfix_line *l)
{
	const struct flight_name name =
	    flight_name(c, f->host, f->instance, l->field[FIELD_QUEUED_AS]);
	const struct flight *next = flight_find(c, &name);

	return next && chain_names(next, f);
}

/* False when the line is no hop. */
static bool
try_hop(struct chains *c, struct flight *f, const struct logline *line,
    const struct postfix_line *l, unsigned relay, const struct delivery *d)
{
	if (l->status != LINE_SENT)
		return false;
	if (line_has(l, FIELD_QUEUED_AS) &&
	    (relay & ADDRESS_OWN || is_named_by(c, f, l)))
		return follow(c, f, d, l->field[FIELD_QUEUED_AS], 0);
	if (line_has(l, FIELD_FORWARDED_AS) &&
	    str_is(line->program, STR("local")))
		return follow(c, f, d, l->field[FIELD_FORWARDED_AS], d->key);
	return false;
}

void
chain_delivery(struct chains *c, struct flight *f, int64_t at,
    const struct logline *line, const struct postfix_line *l)
{
	struct delivery d = {
	    .at = at,
	    .where = (uint32_t)f->id,
	    .repeats = l->repeats ? l->repeats : 1,
	    .kind = DELIVERY_OUTCOME,
	    .to = line_get(l, FIELD_TO),
	    .orig_to = line_get(l, FIELD_ORIG_TO),
	    .text = line_get(l, FIELD_TEXT),
	};

	if (l->status == LINE_UNDELIVERABLE || l->status == LINE_DELIVERABLE ||
	    !line_has(l, FIELD_TO))
		return;
	unsigned relay = relay_of(c, l);

	d.key = d.key_to = chain_hash(c->seed, d.to);
	if (d.orig_to.n > 0)
		d.key = chain_hash(c->seed, d.orig_to);
	if (!f->parent)
		d.flags |= DELIVERY_OF_ROOT;
	set_outcome(c, l, &d);
	if (is_outward(c, line, l, relay, &d))
		d.flags |= DELIVERY_OUTWARD;
	if (chain_outbound(c, l, relay, &d)) {
		chain_submit(c, f, &d);
		return;
	}
	if (try_hop(c, f, line, l, relay, &d))
		return;
	if (l->status == LINE_SENT)
		learn(c, line, relay, &d);
	chain_submit(c, f, &d);
}

void
chain_expired(struct chains *c, struct flight *f, int64_t at)
{
	struct delivery d = {
	    .at = at,
	    .where = (uint32_t)f->id,
	    .kind = DELIVERY_EXPIRED,
	    .outcome = FACT_BOUNCED,
	};

	chain_submit(c, f, &d);
}
