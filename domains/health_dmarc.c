/* health_dmarc - what there is to say of a domain's DMARC record */
#include "domains/dmarc.h"
#include "domains/health.h"

enum { RIGHT = 2048 };

/* The policy that holds for the domain: a sub-domain's comes from above, and
 * one that doesn't exist (RFC 8020) may have its own. SPF has asked. */
static enum dmarc_policy
policy_for(const struct health *h, struct answers *a,
    const struct dmarc_found *f, const struct dmarc *d)
{
	const struct dns_answer *txt =
	    answers_get(a, str_from(h->domain), DNS_TXT);

	if (strcmp(f->where, h->domain) == 0)
		return d->p;
	if (txt && txt->status == DNS_NO_NAME && d->np != DMARC_ABSENT)
		return d->np;
	return d->sp == DMARC_ABSENT ? d->p : d->sp;
}

/* What there is, without what is old or wrong. */
static void
propose(struct health *h, const struct dmarc *d, const char *where,
    const struct health_site *site)
{
	char buf[RIGHT], name[DNS_NAME + 8];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_dmarc.%s", where);
	text_init(&t, buf, sizeof(buf));
	dmarc_print(d, where, site->dmarc_rua, &t);
	health_record(h, HEALTH_DMARC, true, name, text_view(&t), false);
}

/* Reports to somebody else: does he want them? */
static bool
judge_reports(struct health *h, struct answers *a, const struct dmarc_found *f,
    const struct dmarc *d)
{
	bool is_done = true;

	for (size_t i = 0; i < d->n_rua + d->n_ruf; i++) {
		struct str uri =
		    i < d->n_rua ? d->rua[i] : d->ruf[i - d->n_rua];
		char name[DNS_NAME];
		enum dmarc_status s = dmarc_may_report(a, f, uri, name);

		is_done &= s != DMARC_WAITING;
		if (s == DMARC_NOTHING)
			health_say(h, HEALTH_DMARC, HEALTH_AMBER,
			    "DMARC_RUA_UNAUTH",
			    "Reports to %.*s don't arrive: its domain must "
			    "say that it takes them, by a TXT record "
			    "\"v=DMARC1\" at %s.",
			    STR_ARG(uri), name);
		if (s == DMARC_UNKNOWN)
			health_say(h, HEALTH_DMARC, HEALTH_INFO,
			    "DMARC_RUA_UNKNOWN",
			    "Whether reports to %.*s are welcome there could "
			    "not be told.",
			    STR_ARG(uri));
	}
	return is_done;
}

static void
judge_tags(struct health *h, const struct dmarc *d)
{
	if (d->is_p_bad)
		health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_P_BAD",
		    "Its p= is no policy (none, quarantine, reject): it "
		    "counts as none.");
	if (d->n_rua == 0)
		health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_NO_RUA",
		    "Nobody gets reports (rua=), so nobody sees whose mail "
		    "would be lost.");
	if (d->has_bad_uri)
		health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_BAD_URI",
		    "An address for reports isn't written as "
		    "mailto:NAME@DOMAIN.");
	if (d->has_more_uris)
		health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_MANY_URIS",
		    "There are more addresses for reports than receivers "
		    "write to.");
	if (d->pct >= 0 && d->pct < 100)
		health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_PCT",
		    "pct=%d is not defined any more (RFC 9989): receivers "
		    "apply the policy to all mail, or to none. t=y takes its "
		    "place.",
		    d->pct);
	if (d->has_old || d->has_size)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_OBSOLETE_TAG",
		    "pct, rf, ri and sizes (!10m) are not defined any more "
		    "(RFC 9989): leave them out.");
	if (d->is_testing)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_TESTING",
		    "t=y: receivers do one step less than the policy says.");
	if (d->sp != DMARC_ABSENT && d->sp < d->p)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_SP_WEAKER",
		    "For sub-domains less is asked (sp=%s) than for itself "
		    "(p=%s).",
		    dmarc_policy_word(d->sp), dmarc_policy_word(d->p));
	if (d->is_strict_dkim || d->is_strict_spf)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_STRICT_SUB",
		    "Strict alignment: mail of sub-domains must be signed, or "
		    "sent, by exactly that sub-domain.");
}

static void
judge_policy(struct health *h, struct answers *a, const struct dmarc_found *f,
    const struct dmarc *d, const struct health_site *site)
{
	enum dmarc_policy p = policy_for(h, a, f, d);
	bool is_known = h->colours[HEALTH_SPF] != HEALTH_UNKNOWN &&
			h->colours[HEALTH_DKIM] != HEALTH_UNKNOWN &&
			site->n_addresses > 0 && site->n_selectors > 0;

	/* t=y: receivers do one step less. */
	bool is_less = d->is_testing && p > DMARC_NONE;

	p = is_less ? (enum dmarc_policy)(p - 1) : p;
	if (p == DMARC_NONE && !is_less)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_P_NONE",
		    "The policy is none: nothing happens to mail that others "
		    "send in its name. Raise it to quarantine once the "
		    "reports are clean.");
	else if (p > DMARC_NONE && is_known && !h->spf_passes &&
		 !h->dkim_is_good)
		health_say(h, HEALTH_DMARC, HEALTH_RED,
		    "DMARC_REJECT_UNALIGNED",
		    "The policy is %s, and neither SPF nor DKIM passes for "
		    "mail sent from here: this domain's own mail will not "
		    "arrive. Mend those first.",
		    dmarc_policy_word(p));
}

static void
judge_none(struct health *h, const struct health_site *site)
{
	struct dmarc nothing = {.psd = 'u'};

	health_say(h, HEALTH_DMARC, HEALTH_AMBER, "DMARC_NONE",
	    "%s has no DMARC record: large receivers ask for one.", h->domain);
	propose(h, &nothing, h->domain, site);
}

static bool
judge_found(struct health *h, struct answers *a, const struct dmarc_found *f,
    const struct health_site *site)
{
	char name[DNS_NAME + 8];
	struct dmarc d;
	struct text t;
	const char *why = dmarc_read(f->record, &d);

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_dmarc.%s", f->where);
	health_record(h, HEALTH_DMARC, false, name, f->record, f->is_secure);
	if (why) {
		health_say(h, HEALTH_DMARC, HEALTH_RED, "DMARC_SYNTAX",
		    "The record at %s counts for nothing: %s.", name, why);
		propose(h, &d, f->where, site);
		return true;
	}
	if (strcmp(f->where, h->domain) != 0)
		health_say(h, HEALTH_DMARC, HEALTH_INFO, "DMARC_INHERITED",
		    "It has no record of its own; that of %s holds.", f->where);
	judge_tags(h, &d);
	judge_policy(h, a, f, &d, site);
	if (!judge_reports(h, a, f, &d))
		return false;
	if (h->colours[HEALTH_DMARC] > HEALTH_UNKNOWN || d.has_old ||
	    d.has_size)
		propose(h, &d, f->where, site);
	if (h->colours[HEALTH_DMARC] < HEALTH_GREEN)
		health_say(h, HEALTH_DMARC, HEALTH_GREEN, "DMARC_OK",
		    "The policy for %s is %s.", h->domain,
		    dmarc_policy_word(policy_for(h, a, f, &d)));
	return true;
}

/* Which of them is to stay is for their owner to say. */
static void
record_all(struct health *h, struct answers *a, const char *where)
{
	char name[DNS_NAME + 8];
	const struct dns_answer *txt;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_dmarc.%s", where);
	txt = answers_get(a, text_view(&t), DNS_TXT);
	for (size_t i = 0; txt && i < txt->n; i++)
		health_record(h, HEALTH_DMARC, false, name, txt->v[i].text,
		    txt->is_secure);
}

bool
health_dmarc(
    struct health *h, struct answers *a, const struct health_site *site)
{
	struct dmarc_found f;

	dmarc_find(a, h->domain, &f);
	switch (f.status) {
	case DMARC_WAITING:
		return false;
	case DMARC_UNKNOWN:
		health_say(h, HEALTH_DMARC, HEALTH_UNKNOWN, "DMARC_UNKNOWN",
		    "The DNS could not be asked for its DMARC record: %s.",
		    f.why);
		return true;
	case DMARC_SEVERAL:
		health_say(h, HEALTH_DMARC, HEALTH_RED, "DMARC_MULTI",
		    "There are several DMARC records at _dmarc.%s: none of "
		    "them counts. Keep one.",
		    f.where);
		record_all(h, a, f.where);
		return true;
	case DMARC_NOTHING:
		judge_none(h, site);
		return true;
	default:
		return judge_found(h, a, &f, site);
	}
}
