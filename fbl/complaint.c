/* complaint - what a report means, and how far it is to be believed */
#include "fbl/complaint.h"

#include "base/crypto.h"
#include "base/time.h"
#include "fbl/authres.h"
#include "mta/account.h"

enum {
	OLDEST = 35 * 86400,
	WEEK = 7 * 86400,
	INCIDENTS = 1000,
	IDENTITY = 65536
};

static bool
is_reporter(const struct fbl_settings *s, struct str from)
{
	for (size_t i = 0; i < s->reporters.n; i++) {
		if (account_matches(s->reporters.v[i], from))
			return true;
	}
	return false;
}

/* One From line with one address in it: of several each reader takes another
 * one for the sender. */
static struct str
from_of(const struct fbl_report *r)
{
	size_t i = 0;
	const struct header *h = header_next(&r->mail, STR("From"), &i);

	if (!h || header_next(&r->mail, STR("From"), &i))
		return STR("");
	struct str from = header_address(h->value);
	ptrdiff_t at = str_find_char(from, '@');

	if (at < 0 || str_find_char(str_skip(from, (size_t)at + 1), '@') >= 0 ||
	    str_find_char(from, ',') >= 0)
		return STR("");
	return from;
}

/* The domain that is vouched for need not be the From's own, but one of them is
 * below the other (DMARC's relaxed alignment, which a domain under which
 * strangers register can't sign for). */
static bool
is_aligned(const struct authres *a, struct str domain)
{
	for (size_t i = 0; i < a->n; i++) {
		struct authres one = {{domain}, 1};
		char name[256];
		const char *const names[] = {name};
		const struct setting_list list = {names, 1};
		struct text t;

		text_init(&t, name, sizeof(name));
		text_str(&t, a->v[i]);
		if (t.is_cut || str_find_char(a->v[i], '.') < 0)
			continue;
		if (authres_vouches(&one, &list))
			return true; /* the From's is below it */
		one.v[0] = a->v[i];
		text_clear(&t);
		text_str(&t, domain);
		if (!t.is_cut && authres_vouches(&one, &list))
			return true;
	}
	return false;
}

static bool
is_vouched(
    const struct fbl_settings *s, const struct fbl_report *r, struct str from)
{
	struct authres a;

	/* Who unsubscribes speaks for himself. */
	if (from.n == 0 ||
	    (r->format != FBL_FORMAT_UNSUBSCRIBE && !is_reporter(s, from)))
		return false;
	authres_read(&r->mail, &s->authserv_ids, s->fbl_hops, &a);
	return is_aligned(&a, header_domain(from));
}

/* XARF says where its evidence is from. Of others: Abusix' subject. */
static bool
is_trap(const struct fbl_report *r)
{
	struct str source = fbl_report_get(r, FBL_SOURCE);
	struct str subject = header_get(&r->mail, STR("Subject"));

	return str_find_nocase(source, STR("trap")) >= 0 ||
	       str_find_nocase(subject, STR("spamtraphit")) >= 0;
}

static enum fact_kind
fact_of(const struct fbl_report *r, bool is_vouched)
{
	switch (r->type) {
	case FBL_TYPE_ABUSE:
	case FBL_TYPE_FRAUD:
	case FBL_TYPE_VIRUS:
		if (!is_vouched)
			return FACT_CLAIM;
		return is_trap(r) ? FACT_TRAP : FACT_COMPLAINT;
	case FBL_TYPE_NOT_SPAM:
		return is_vouched ? FACT_NOT_SPAM : FACT_KINDS;
	case FBL_TYPE_OPT_OUT:
		return is_vouched ? FACT_OPT_OUT : FACT_KINDS;
	default:
		return FACT_KINDS;
	}
}

static void
judge(const struct fbl_report *r, bool is_vouched, struct complaint *c)
{
	c->is_vouched = is_vouched;
	c->fact = fact_of(r, is_vouched);
	c->incidents = r->incidents < INCIDENTS ? r->incidents : INCIDENTS;
	if (c->fact == FACT_CLAIM)
		c->incidents = 1;
}

void
complaint_vouch(const struct fbl_report *r, struct complaint *c)
{
	judge(r, true, c);
}

void
complaint_read(const struct fbl_settings *s, const struct fbl_report *r,
    struct complaint *out)
{
	struct complaint c = {.reporter = from_of(r)};

	judge(r, is_vouched(s, r, c.reporter), &c);
	c.complainer = fbl_report_get(r, FBL_RCPT_TO);
	if (c.complainer.n == 0)
		c.complainer = fbl_report_get(r, FBL_REMOVAL);
	if (r->format == FBL_FORMAT_UNSUBSCRIBE)
		c.complainer = c.reporter;
	*out = c;
}

/* It only has to be the same again: no secret is needed. */
static void
make_key(struct str text, uint8_t key[SEEN_KEY])
{
	static const struct crypto_key none;
	uint8_t all[32];

	crypto_hmac(&none, text, all);
	memcpy(key, all, SEEN_KEY);
}

void
complaint_report_key(const struct fbl_report *r, uint8_t key[SEEN_KEY])
{
	struct text t;

	text_grow(&t, IDENTITY);
	text_add(&t, "report:");
	fbl_report_identity(r, &t);
	make_key(text_view(&t), key);
	text_done(&t);
}

static void
add_lower(struct text *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char b = s.p[i];

		text_char(t, b >= 'A' && b <= 'Z' ? (char)(b | 32) : b);
	}
}

void
complaint_key(
    const struct complaint *c, struct str token, uint8_t key[SEEN_KEY])
{
	char buf[2048];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s:", fact_kind_text(c->fact));
	text_str(&t, token);
	text_char(&t, ':');
	if (c->is_vouched)
		add_lower(&t, c->complainer);
	make_key(text_view(&t), key);
}

bool
complaint_person_key(const struct complaint *c, struct str account, int64_t at,
    int64_t mark, uint8_t key[SEEN_KEY])
{
	char buf[2048];
	struct text t;

	bool is_back = c->fact == FACT_NOT_SPAM;

	if (c->complainer.n == 0 ||
	    (c->fact != FACT_COMPLAINT && c->fact != FACT_TRAP && !is_back))
		return false;
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s:%lld:%lld:%zu:", is_back ? "back" : "person",
	    (long long)(at / WEEK), (long long)mark, account.n);
	text_str(&t, account);
	add_lower(&t, c->complainer);
	make_key(text_view(&t), key);
	return true;
}

int64_t
complaint_time(const struct fbl_report *r, int64_t message_at, int64_t now)
{
	int64_t at = message_at != TIME_NEVER ? message_at : r->arrived_at;

	if (at == TIME_NEVER || at > now || at < now - OLDEST)
		return now;
	return at;
}
