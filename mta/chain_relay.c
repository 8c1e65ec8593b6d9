/* chain_relay - mail that another host took, or delivers
 *
 * The host that took a message has counted its acceptance and its recipients,
 * the one that delivers it counts the outcomes.
 */
#include "mta/chain_flight.h"

enum { CLOCK_SKEW = 600 };

void
chain_relayed(struct chains *c, struct flight *f, struct str login)
{
	char account[ACCOUNT_TEXT];
	struct text t;

	f->flags |= FLIGHT_RELAYED;
	/* Should there be no reference. */
	text_init(&t, account, sizeof(account));
	if (account_from_login(&c->rules, login, &t))
		f->account = chain_text_new(c, text_view(&t));
	flight_touch(c, f);
}

/* "X-Outpost-Ref: VALUE", whatever follows. */
static bool
take_value(struct str header, struct str *value)
{
	static const char name[] = REF_NAME ": ";
	struct str head = str_head(header, sizeof(name) - 1), rest;

	if (!str_is_nocase(head, str_from(name)))
		return false;
	*value = rest = str_skip(header, head.n);
	str_cut(&rest, ' ', value);
	return true;
}

/* A reference lives as long as a message may: what was seen in mail of long
 * ago can't be used again. */
static bool
is_fresh(const struct chains *c, const struct ref *ref, int64_t at)
{
	return ref->at <= at + CLOCK_SKEW &&
	       ref->at + c->settings->queue_timeout >= at;
}

/* What the reference says that account is; false: it says nothing. */
static bool
name_account(struct chains *c, const struct ref *ref, struct text *out)
{
	if (!ref->is_hashed) {
		text_bytes(out, ref->account, ref->n);
		return true;
	}
	return c->ref_account && c->ref_account(c->ref_ctx, ref, out);
}

static void
resolve(struct chains *c, struct flight *f, struct str account)
{
	f->flags |= FLIGHT_COUNTED;
	f->client = (struct ip){0};
	/* Inbound mail that the other host passes on. */
	if (account.n == 0)
		chain_resolve(c, f, FLIGHT_NOBODY, STR(""));
	else
		chain_resolve(c, f, FLIGHT_ACCOUNT, account);
}

/* The value stays in place of the account, until it is known. */
static void
keep_value(struct chains *c, struct flight *f, struct str value)
{
	chain_text_free(c, &f->account);
	f->account = chain_text_new(c, value);
	flight_touch(c, f);
}

bool
chain_reference(struct chains *c, struct flight *f, int64_t at,
    const struct logline *line, const struct postfix_line *l)
{
	char account[ACCOUNT_TEXT];
	struct str value;
	struct text t;
	struct ref ref;

	if (!take_value(line_get(l, FIELD_HEADER), &value))
		return false;
	if (!f || f->parent || !(f->flags & FLIGHT_RELAYED) ||
	    (f->flags & FLIGHT_MARKED) || f->kind != FLIGHT_WAITING ||
	    !str_is(line->program, STR("cleanup")))
		return true;
	f->flags |= FLIGHT_MARKED;
	flight_touch(c, f);
	if (!c->refs || !ref_open(c->refs, value, &ref) ||
	    !is_fresh(c, &ref, at))
		return true;
	text_init(&t, account, sizeof(account));
	if (name_account(c, &ref, &t))
		resolve(c, f, text_view(&t));
	else
		keep_value(c, f, value);
	return true;
}

void
chain_unmarked(struct chains *c, struct flight *f)
{
	char kept[ACCOUNT_TEXT], account[ACCOUNT_TEXT];
	struct text said, name;
	struct ref ref;

	text_init(&said, kept, sizeof(kept));
	text_init(&name, account, sizeof(account));
	text_str(&said, chain_text_view(f->account));
	chain_text_free(c, &f->account);
	if (c->refs && (f->flags & FLIGHT_MARKED) &&
	    ref_open(c->refs, text_view(&said), &ref)) {
		/* Somebody's, and counted for him there. */
		name_account(c, &ref, &name);
		resolve(c, f, text_view(&name));
		return;
	}
	c->counts[CHAINS_UNMARKED]++;
	if (said.n > 0 || account_from_client(&c->rules, &f->client, &said))
		chain_resolve(c, f, FLIGHT_ACCOUNT, text_view(&said));
	else
		chain_resolve(c, f, FLIGHT_INBOUND, STR(""));
}

/* "connect to HOST[IP]:25: Connection refused" of an outbound host. */
static bool
is_unreachable(struct chains *c, struct str text)
{
	struct str name, address, rest = text;

	return str_take(&rest, STR("connect to ")) &&
	       str_cut(&rest, '[', &name) && str_cut(&rest, ']', &address) &&
	       chain_address(c, address) & ADDRESS_OUTBOUND;
}

bool
chain_outbound(struct chains *c, const struct postfix_line *l, unsigned relay,
    struct delivery *d)
{
	if (!(relay & ADDRESS_OUTBOUND) &&
	    (relay || !is_unreachable(c, d->text)))
		return false;
	if (l->status == LINE_BOUNCED)
		d->outcome = FACT_BOUNCED;
	else
		d->kind = DELIVERY_SEEN;
	return true;
}
