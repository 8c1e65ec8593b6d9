/* health_dkim - what there is to say of a domain's DKIM keys */
#include "base/time.h"
#include "domains/dkim_key.h"
#include "domains/health.h"

/* One selector's key: what it adds up to. */
struct key_health {
	bool is_known, is_there, is_good;
};

static const char own_example[] =
    "v=DKIM1; k=rsa; p=THE PUBLIC KEY THAT YOUR MAIL IS SIGNED WITH";

static void
bad(struct health *h, const char *id, const char *name, const char *what)
{
	health_say(
	    h, HEALTH_DKIM, HEALTH_RED, id, "The key at %s %s", name, what);
}

/* Does our own key's record have another key? */
static bool
is_other_key(const struct dkim_key *k, const char *own)
{
	struct dkim_key mine;

	return own && !dkim_key_read(str_from(own), &mine) &&
	       !str_is(str_make((const char *)mine.key, mine.key_n),
		   str_make((const char *)k->key, k->key_n));
}

static bool
judge_size(struct health *h, const char *name, const struct dkim_key *k)
{
	if (k->kind != DKIM_RSA || k->bits >= DKIM_BITS_GOOD)
		return true;
	if (k->bits < DKIM_BITS_MIN) {
		health_say(h, HEALTH_DKIM, HEALTH_RED, "DKIM_WEAK",
		    "The key at %s has %u bits only: receivers must not "
		    "accept fewer than %d. Make one of %d.",
		    name, k->bits, DKIM_BITS_MIN, DKIM_BITS_GOOD);
		return false;
	}
	health_say(h, HEALTH_DKIM, HEALTH_AMBER, "DKIM_SHORT",
	    "The key at %s has %u bits; it should have %d.", name, k->bits,
	    DKIM_BITS_GOOD);
	return true;
}

/* A key that can be read: can mail be verified by it? */
static bool
judge_key(struct health *h, const char *name, const struct dkim_key *k,
    const char *own)
{
	bool is_good = judge_size(h, name, k);

	if (k->is_revoked) {
		bad(h, "DKIM_REVOKED", name,
		    "is empty (p=): it was withdrawn. Publish the current "
		    "one.");
		return false;
	}
	if (is_other_key(k, own)) {
		bad(h, "DKIM_MISMATCH", name,
		    "is not the one that mail is signed with here: no "
		    "signature verifies.");
		is_good = false;
	}
	if (k->is_without_sha256) {
		bad(h, "DKIM_HASH", name,
		    "forbids SHA-256 (h=), and SHA-1 is not accepted any "
		    "more. Leave h= out.");
		is_good = false;
	}
	if (k->is_not_for_mail) {
		bad(h, "DKIM_NOT_MAIL", name,
		    "is not meant for mail (s=). Leave s= out.");
		is_good = false;
	}
	if (k->is_testing)
		health_say(h, HEALTH_DKIM, HEALTH_AMBER, "DKIM_TESTING",
		    "The key at %s says that it is a test (t=y): receivers "
		    "treat such mail as if it were not signed. Leave t=y "
		    "out.",
		    name);
	if (k->is_strict)
		health_say(h, HEALTH_DKIM, HEALTH_INFO, "DKIM_STRICT_I",
		    "The key at %s doesn't hold for sub-domains (t=s).", name);
	if (k->kind == DKIM_ED25519)
		health_say(h, HEALTH_DKIM, HEALTH_INFO, "DKIM_ED25519",
		    "The key at %s is of Ed25519: not every receiver can "
		    "verify that; sign with an RSA key as well.",
		    name);
	return is_good;
}

static const char *
nothing_there(const struct dns_answer *a)
{
	if (a->cnames > 0)
		return "The alias at %s leads to a name without a key.";
	return "There is no key at %s.";
}

static struct key_health
judge_selector(struct health *h, const struct dns_answer *a, const char *name,
    const char *own)
{
	struct key_health out = {.is_known = true};
	struct dkim_key key;
	const struct dns_record *record = NULL;
	size_t n = 0;

	if (a->status == DNS_FAILED) {
		health_say(h, HEALTH_DKIM, HEALTH_UNKNOWN, "DKIM_UNKNOWN",
		    "The DNS could not be asked for %s: %s.", name, a->why);
		out.is_known = false;
		return out;
	}
	for (size_t i = 0; i < a->n; i++) {
		health_record(
		    h, HEALTH_DKIM, false, name, a->v[i].text, a->is_secure);
		record = &a->v[i];
		n++;
	}
	if (n == 0)
		return out;
	out.is_there = true;
	if (n > 1) {
		health_say(h, HEALTH_DKIM, HEALTH_RED, "DKIM_MULTI_TXT",
		    "There are %zu records at %s: which one counts is not "
		    "defined. Keep one.",
		    n, name);
		return out;
	}
	const char *why = dkim_key_read(record->text, &key);

	if (why)
		health_say(h, HEALTH_DKIM, HEALTH_RED, "DKIM_SYNTAX",
		    "The key at %s can't be read: %s.", name, why);
	else
		out.is_good = judge_key(h, name, &key, own);
	return out;
}

static void
propose(struct health *h, const char *name, const char *own)
{
	size_t n = h->n_records;

	health_record(h, HEALTH_DKIM, true, name,
	    str_from(own ? own : own_example), false);
	if (h->n_records > n)
		h->records[n].is_example = !own;
}

/* Nothing is configured: perhaps there is no key at all, whatever its name. */
static bool
without_selectors(struct health *h, struct answers *a)
{
	char name[DNS_NAME + 16];
	const struct dns_answer *base;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_domainkey.%s", h->domain);
	base = answers_get(a, text_view(&t), DNS_TXT);
	if (!base)
		return false;
	if (base->status == DNS_NO_NAME)
		health_say(h, HEALTH_DKIM, HEALTH_RED, "DKIM_NONE",
		    "%s has no DKIM key at all: nothing exists below %s.",
		    h->domain, name);
	else
		health_say(h, HEALTH_DKIM, HEALTH_UNKNOWN, "DKIM_NO_SELECTOR",
		    "Under which name (selector) its key is published is not "
		    "known: set dkim_selectors, or give --selector.");
	return true;
}

static void
judge_absent(struct health *h, const struct health_site *site)
{
	char name[DNS_NAME + 80];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%s._domainkey.%s", site->selectors[0].name, h->domain);
	health_say(h, HEALTH_DKIM, HEALTH_RED, "DKIM_NONE",
	    "%s has no DKIM key under the selectors that are known here: "
	    "receivers can't verify that its mail is genuine. Publish the "
	    "one that mail is signed with.",
	    h->domain);
	propose(h, name, site->selectors[0].own);
}

/* What leaves, as it came elsewhere. That a receiver finds a signature broken
 * may be a mailing list's doing; a test message comes by none. */
static void
judge_told(struct health *h, const struct health_told *told)
{
	static const struct {
		const char *id, *text;
	} say[] = {
	    [HEALTH_SIGNED_GOOD] = {"DKIM_TOLD_GOOD",
		"was signed, and the signature held"},
	    [HEALTH_SIGNED_BAD] = {"DKIM_TOLD_BAD",
		"was signed, but the signature did not hold"},
	    [HEALTH_SIGNED_NOT] = {"DKIM_TOLD_NOT", "was not signed"},
	};
	bool is_wrong = told->what == HEALTH_SIGNED_NOT ||
			(told->what == HEALTH_SIGNED_BAD &&
			    strcmp(told->by, HEALTH_TEST) == 0);
	struct civil c = time_to_utc(told->at);

	if (told->what == HEALTH_SIGNED_UNTOLD)
		return;
	health_say(h, HEALTH_DKIM, is_wrong ? HEALTH_AMBER : HEALTH_INFO,
	    say[told->what].id, "Mail of %s that left %s (%s, %04d-%02d-%02d).",
	    h->domain, say[told->what].text, told->by, c.year, c.month, c.day);
}

bool
health_dkim(struct health *h, struct answers *a, const struct health_site *site)
{
	bool is_done = true, is_known = true, is_any = false;

	if (site->n_selectors == 0) {
		judge_told(h, &site->told);
		return without_selectors(h, a);
	}
	for (size_t i = 0; i < site->n_selectors; i++) {
		const struct health_selector *s = &site->selectors[i];
		char name[DNS_NAME + 80];
		const struct dns_answer *answer;
		struct text t;

		text_init(&t, name, sizeof(name));
		text_printf(&t, "%s._domainkey.%s", s->name, h->domain);
		answer = answers_get(a, text_view(&t), DNS_TXT);
		is_done &= answer != NULL;
		if (!answer)
			continue;
		struct key_health k = judge_selector(h, answer, name, s->own);

		is_known &= k.is_known;
		is_any |= k.is_there;
		h->dkim_is_good |= k.is_good;
		if (k.is_known && !k.is_there)
			health_say(h, HEALTH_DKIM, HEALTH_INFO, "DKIM_NOT_HERE",
			    nothing_there(answer), name);
		if (k.is_there && !k.is_good)
			propose(h, name, s->own);
	}
	if (!is_done)
		return false;
	if (is_known && !is_any)
		judge_absent(h, site);
	judge_told(h, &site->told);
	/* A bad one beside a good one does no harm today. */
	if (h->dkim_is_good && h->colours[HEALTH_DKIM] == HEALTH_RED)
		h->colours[HEALTH_DKIM] = HEALTH_AMBER;
	if (h->dkim_is_good && h->colours[HEALTH_DKIM] < HEALTH_GREEN)
		health_say(h, HEALTH_DKIM, HEALTH_GREEN, "DKIM_OK",
		    "%s has a DKIM key that mail can be verified with.",
		    h->domain);
	return true;
}
