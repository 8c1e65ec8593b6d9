/* chain - from log lines to facts: what each line does to its flight */
#include "mta/chain_flight.h"

#include "base/time.h"

enum { NRCPT_MAX = 1000000 };

/* One line on its way: where it is from, and when. */
struct step {
	struct chains *c;
	const struct logline *line;
	const struct postfix_line *l;
	int64_t at;
	struct flight_name name; /* of the line's queue id */
};

/* chains_expect has found out most of it. */
static void
set_name(struct step *s)
{
	const struct logline *line = s->line;
	struct chains *c = s->c;
	struct str id = s->l->queue_id;

	s->name.queue_id = id;
	s->name.instance = names_get(&c->instances, line->instance);
	if (line->id_hash && id.p == line->text.p && id.n == line->id_n) {
		s->name.host = line->id_host;
		s->name.hash = line->id_hash;
	} else {
		s->name = flight_name(
		    c, names_get(&c->hosts, line->host), s->name.instance, id);
	}
}

/* The line's flight; NULL: not known. */
static struct flight *
find(const struct step *s)
{
	return flight_find(s->c, &s->name);
}

/* Another one of this host and instance. */
static struct flight *
find_by_id(const struct step *s, struct str queue_id)
{
	const struct flight_name name =
	    flight_name(s->c, s->name.host, s->name.instance, queue_id);

	return flight_find(s->c, &name);
}

/* A line of its own: it is there. */
static void
appear(struct chains *c, struct flight *f, uint16_t instance)
{
	if (!(f->flags & FLIGHT_STUB))
		return;
	f->flags &= (uint16_t)~FLIGHT_STUB;
	if (!f->instance)
		f->instance = instance;
	chain_relist(c, f);
	if (!f->parent)
		return;
	for (struct delivery *d = flight_take_queue(f); d;) {
		struct delivery *next = d->next;

		delivery_free(c, d);
		d = next;
	}
}

/* A first line. A queue id that is still known was used again, unless a stub
 * stands for it. NULL: no room. */
static struct flight *
start(struct step *s, bool may_continue)
{
	struct chains *c = s->c;
	struct flight *f = flight_find_own(c, &s->name);
	bool is_waited_for =
	    f && (f->flags & FLIGHT_STUB) && f->kind != FLIGHT_NOBODY;

	if (is_waited_for && !f->forced && (!f->parent || may_continue) &&
	    (f->kind == FLIGHT_WAITING || may_continue)) {
		appear(c, f, s->name.instance);
		/* What its followers said for it. */
		f->flags &= (uint16_t)~FLIGHT_ACTIVE;
		chain_text_free(c, &f->sender);
		f->pending = 0;
	} else {
		if (f)
			chain_give_up(c, f);
		f = flight_new(c, &s->name);
	}
	if (f)
		flight_put(c, f, LIST_NEW);
	return f;
}

/* "orig_queue_id=" of one of ours: whoever may use XFORWARD there can name any
 * message, and any client. So it is only kept, until that message's own line
 * names this one. */
static void
keep_orig(struct chains *c, struct flight *f, struct str id)
{
	chain_text_free(c, &f->account);
	f->account = chain_text_new(c, str_head(id, FLIGHT_QUEUE_ID));
	f->flags |= FLIGHT_NAMES | FLIGHT_OWN;
	flight_touch(c, f);
}

static void
take_client(struct step *s)
{
	struct chains *c = s->c;
	struct ip ip;
	char account[ACCOUNT_TEXT];
	struct text t;
	unsigned is =
	    chain_client(c, line_get(s->l, FIELD_CLIENT_ADDRESS), &ip);
	struct str login = line_get(s->l, FIELD_SASL_USERNAME);
	bool is_ours = (is & (ADDRESS_OWN | ADDRESS_TRUSTED)) != 0;
	bool is_named = is_ours && line_has(s->l, FIELD_ORIG_QUEUE_ID);
	struct flight *f =
	    start(s, login.n == 0 && (is_named || is & ADDRESS_OWN));

	if (!f)
		return;
	bool is_known = f->parent || f->kind != FLIGHT_WAITING;

	if (!is_known)
		f->client = ip;
	if (is_known)
		return;
	if (is_named && login.n == 0) {
		keep_orig(c, f, s->l->field[FIELD_ORIG_QUEUE_ID]);
		return;
	}
	if (is & ADDRESS_SUBMISSION) {
		chain_relayed(c, f, login);
		return;
	}
	text_init(&t, account, sizeof(account));
	if (is & ADDRESS_FRONT && !(is & ADDRESS_OWN && login.n == 0))
		f->client = (struct ip){0};
	if (account_from_login(&c->rules, login, &t))
		chain_resolve(c, f, FLIGHT_ACCOUNT, text_view(&t));
	else if (is & ADDRESS_OWN)
		f->flags |= FLIGHT_OWN;
	else if (account_from_client(&c->rules, &ip, &t))
		chain_resolve(c, f, FLIGHT_ACCOUNT, text_view(&t));
	else
		chain_resolve(c, f, FLIGHT_INBOUND, STR(""));
}

/* postsuper -r: the same message under another queue id. */
static void
requeue(struct step *s, struct str old_id)
{
	struct chains *c = s->c;
	struct flight *old = find_by_id(s, old_id);
	struct flight *stale = flight_find_own(c, &s->name);

	if (stale && stale != old)
		chain_give_up(c, stale);
	old = find_by_id(s, old_id);
	if (!old) {
		struct flight *f = flight_new(c, &s->name);

		if (f)
			chain_resolve(c, f, FLIGHT_NOBODY, STR(""));
		return;
	}
	appear(c, old, s->name.instance);
	flight_rename(c, old, &s->name);
}

static void
take_pickup(struct step *s)
{
	struct chains *c = s->c;
	uint32_t uid = (uint32_t)line_number(s->l, FIELD_UID);
	char account[ACCOUNT_TEXT], name[ACCOUNT_TEXT];
	struct text t, user;

	if (line_has(s->l, FIELD_ORIG_ID)) {
		requeue(s, s->l->field[FIELD_ORIG_ID]);
		return;
	}
	struct flight *f = start(s, false);

	if (!f)
		return;
	text_init(&t, account, sizeof(account));
	text_init(&user, name, sizeof(name));
	if (c->uid_name)
		c->uid_name(c->uid_ctx, uid, &user);
	account_from_uid(uid, text_view(&user), &t);
	chain_resolve(c, f, FLIGHT_ACCOUNT, text_view(&t));
}

static void
set_active(struct chains *c, struct flight *f, const struct step *s)
{
	uint64_t size = line_number(s->l, FIELD_SIZE);
	uint64_t nrcpt = line_number(s->l, FIELD_NRCPT);
	struct str from = str_head(line_get(s->l, FIELD_FROM), ACCOUNT_MAX);

	f->flags |= FLIGHT_ACTIVE;
	f->accepted_at = (uint32_t)s->at;
	f->size_bytes = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	if (f->parent)
		return;
	f->pending = nrcpt < NRCPT_MAX ? (uint32_t)nrcpt : NRCPT_MAX;
	chain_text_free(c, &f->sender);
	if (from.n > 0 && f->kind != FLIGHT_NOBODY)
		f->sender = chain_text_new(c, from);
}

/* Logged at each activation; the first is the acceptance. */
static void
take_active(struct step *s)
{
	struct chains *c = s->c;
	struct flight *f = find(s);

	if (!f)
		f = flight_new(c, &s->name);
	if (!f)
		return;
	appear(c, f, s->name.instance);
	struct flight *root = flight_root(c, f);

	if (!(f->flags & FLIGHT_ACTIVE)) {
		set_active(c, f, s);
		/* Should the first link never appear, this stands for it. */
		if (root != f && (root->flags & FLIGHT_STUB) &&
		    root->kind == FLIGHT_WAITING &&
		    !(root->flags & FLIGHT_ACTIVE)) {
			set_active(c, root, s);
			flight_touch(c, root);
		}
		if (f->kind == FLIGHT_ACCOUNT)
			fact_accepted(c, f);
	} else if (f->list == LIST_LINK) {
		return;
	}
	bool is_waiting = root == f && f->kind == FLIGHT_WAITING;

	flight_put(c, f, is_waiting ? LIST_LINK : LIST_QUEUE);
}

static void
take_delivery(struct step *s)
{
	struct flight *f = find(s);

	if (!f) {
		s->c->counts[CHAINS_STRAY]++;
		return;
	}
	appear(s->c, f, s->name.instance);
	chain_delivery(s->c, f, s->at, s->line, s->l);
}

/* A bounce is nobody's. That a message was delivered is told only if its sender
 * asked for it, to whatever address he named, with all that he wrote: that is a
 * message of his. */
static void
resolve_notification(struct step *s, struct flight *of, struct flight *f)
{
	const struct flight *root = of ? flight_root(s->c, of) : NULL;
	struct str what = line_get(s->l, FIELD_NOTIFICATION);

	if (!root || root->kind != FLIGHT_ACCOUNT ||
	    !str_is(what, STR("sender delivery status"))) {
		chain_resolve(s->c, f, FLIGHT_NOBODY, STR(""));
		return;
	}
	f->client = root->client;
	chain_resolve(s->c, f, FLIGHT_ACCOUNT, chain_text_view(root->account));
}

static void
take_notification(struct step *s)
{
	struct str id = line_get(s->l, FIELD_NOTIFICATION_ID);
	const struct flight_name name =
	    flight_name(s->c, s->name.host, s->name.instance, id);
	struct flight *of = find(s), *f = flight_find(s->c, &name);

	if (!f && of)
		f = chain_stub(s->c, of, &name);
	else if (f && (f->kind != FLIGHT_WAITING || f->parent ||
			  f->flags & (FLIGHT_OWN | FLIGHT_STUB)))
		return;
	if (f)
		resolve_notification(s, of, f);
}

/* A milter refused the whole message for good, and for what it is. */
static bool
is_filtered(const struct postfix_line *l)
{
	return l->kind == LINE_FILTER ||
	       (l->kind == LINE_MILTER &&
		   str_is(line_get(l, FIELD_ACTION), STR("milter-reject")) &&
		   str_is(line_get(l, FIELD_WHERE), STR("END-OF-MESSAGE")) &&
		   str_starts(line_get(l, FIELD_DSN), STR("5.7.")));
}

static void
take_verdict(struct step *s)
{
	struct flight *f = find(s);

	if (f && is_filtered(s->l))
		fact_filtered(s->c, flight_root(s->c, f));
}

/* Refused when the whole message was there: nothing of it follows. */
static void
take_refusal(struct step *s)
{
	struct str action = line_get(s->l, FIELD_ACTION);
	struct flight *f = find(s);

	if (!f || (f->flags & FLIGHT_ACTIVE) ||
	    !str_ends(action, STR("reject")))
		return;
	if (s->l->kind == LINE_CHECK ||
	    str_is(line_get(s->l, FIELD_WHERE), STR("END-OF-MESSAGE")))
		chain_end(s->c, f);
}

static void
take_lost(struct step *s)
{
	uint64_t n = line_number(s->l, FIELD_MESSAGES);
	struct fact fact = {
	    .kind = FACT_LOST_LINES,
	    .at = s->at,
	    .n = n < INT32_MAX ? (int32_t)n : INT32_MAX,
	    .host = s->line->host,
	    .instance = s->line->instance,
	    .text = line_get(s->l, FIELD_TEXT),
	};

	s->c->on_fact(s->c->ctx, &fact);
}

static void
take_end(struct step *s)
{
	struct flight *f = find(s);

	if (f)
		chain_end(s->c, f);
}

static void
take(struct step *s)
{
	struct flight *f;

	switch (s->l->kind) {
	case LINE_CLIENT:
		take_client(s);
		break;
	case LINE_PICKUP:
		take_pickup(s);
		break;
	case LINE_QUEUE_ACTIVE:
		take_active(s);
		break;
	case LINE_DELIVERY:
		take_delivery(s);
		break;
	case LINE_REMOVED:
		take_end(s);
		break;
	case LINE_EXPIRED:
		f = find(s);
		if (f)
			chain_expired(s->c, f, s->at);
		break;
	case LINE_POSTSUPER:
		if (str_is(line_get(s->l, FIELD_ACTION), STR("removed")))
			take_end(s);
		break;
	case LINE_NOTIFICATION:
		take_notification(s);
		break;
	case LINE_NOQUEUE_CLIENT:
	case LINE_PROXY_ACCEPT:
	case LINE_PROXY_REJECT:
		chain_proxy(
		    s->c, s->name.host, s->name.instance, s->line, s->l);
		break;
	case LINE_CHECK:
		f = find(s);
		if (chain_reference(s->c, f, s->at, s->line, s->l))
			break;
		chain_subject(s->c, f, s->line, s->l);
		take_refusal(s);
		break;
	case LINE_FILTER:
		take_verdict(s);
		break;
	case LINE_MESSAGE_ID:
		chain_message(s->c, find(s), s->at, s->l);
		break;
	case LINE_REJECT:
	case LINE_MILTER:
		take_verdict(s);
		take_refusal(s);
		break;
	default:
		break;
	}
}

/* The lines that mean something here. */
static bool
is_wanted(const struct chains *c, const struct postfix_line *l)
{
	const uint64_t kinds = 1ull << LINE_CLIENT | 1ull << LINE_PICKUP |
			       1ull << LINE_QUEUE_ACTIVE |
			       1ull << LINE_DELIVERY | 1ull << LINE_REMOVED |
			       1ull << LINE_EXPIRED | 1ull << LINE_POSTSUPER |
			       1ull << LINE_NOTIFICATION | 1ull << LINE_REJECT |
			       1ull << LINE_MILTER | 1ull << LINE_CHECK |
			       1ull << LINE_FILTER;
	const uint64_t proxy = 1ull << LINE_NOQUEUE_CLIENT |
			       1ull << LINE_PROXY_ACCEPT |
			       1ull << LINE_PROXY_REJECT;

	if (l->kind == LINE_MESSAGE_ID)
		return c->on_message != NULL;
	return ((l->queue_id.n > 0 ? kinds | proxy : proxy) >> l->kind & 1) !=
	       0;
}

void
chains_line(
    struct chains *c, const struct logline *line, const struct postfix_line *l)
{
	struct step s = {.c = c, .line = line, .l = l};

	s.at = line->at_us / TIME_US;
	if (s.at <= 0 || s.at >= UINT32_MAX)
		return;
	chains_tick(c, s.at);
	if (is_wanted(c, l)) {
		set_name(&s);
		take(&s);
	} else if (l->kind == LINE_LOGIN_FAILED || l->kind == LINE_LOGIN ||
		   l->kind == LINE_PASSDB_FAILED) {
		chain_login(c, s.at, line, l);
	} else if (l->kind == LINE_LOST) {
		take_lost(&s);
	}
}
