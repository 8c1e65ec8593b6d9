/* dmarc_advice - which DMARC record a domain should have next */
#include "domains/dmarc_advice.h"

/* Of a thousand messages so many may fail: somebody's own forwarder. */
enum { FAILED_PER_MILLE = 5, URI = 320 };

static struct str
find_record(const struct health *h)
{
	char name[DNS_NAME + 8];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "_dmarc.%s", h->domain);
	for (size_t i = 0; i < h->n_records; i++) {
		const struct health_record *r = &h->records[i];

		if (r->part == HEALTH_DMARC && !r->is_right &&
		    strcmp(r->name, name) == 0)
			return r->text;
	}
	return STR("");
}

static bool
is_clean(const struct dmarc_wish *w)
{
	return w->days >= DMARC_STAGE_DAYS && w->seen > 0 &&
	       w->failed * 1000 <= w->seen * FAILED_PER_MILLE;
}

/* The highest policy under which mail of its own would not fall. */
static enum dmarc_policy
safe_policy(const struct health *h, const struct dmarc_wish *w,
    enum dmarc_policy now, struct text *why)
{
	if (!h->spf_passes && !h->dkim_is_good) {
		text_add(why, "Neither SPF nor DKIM passes for mail sent from "
			      "here: mend those first (outpost domain fix).");
		return DMARC_NONE;
	}
	if (!h->dkim_is_good) {
		text_add(why, "Only SPF passes, which is lost when a message "
			      "is forwarded: publish a DKIM key first.");
		return now > DMARC_NONE ? now : DMARC_NONE;
	}
	if (is_clean(w)) {
		text_printf(why,
		    "By reports of %lld days nearly all mail in its name "
		    "passes (%llu of %llu would be lost): the next stage is "
		    "safe.",
		    (long long)w->days, (unsigned long long)w->failed,
		    (unsigned long long)w->seen);
		return now >= DMARC_QUARANTINE ? DMARC_REJECT
					       : DMARC_QUARANTINE;
	}
	if (w->days > 0 && w->seen > 0) {
		text_printf(why,
		    "By reports of %lld days %llu of %llu messages in its name "
		    "would be lost: find out whose they are first, and wait "
		    "for %d days of reports.",
		    (long long)w->days, (unsigned long long)w->failed,
		    (unsigned long long)w->seen, DMARC_STAGE_DAYS);
		return now > DMARC_NONE ? now : DMARC_NONE;
	}
	if (w->has_others) {
		text_add(why, "Others send in its name: let reports show first "
			      "whether their mail passes.");
		return now > DMARC_NONE ? now : DMARC_NONE;
	}
	text_add(why,
	    now == DMARC_ABSENT
		? "There is no record yet: begin with none, and look at the "
		  "reports for two weeks."
		: "SPF and DKIM pass for mail sent from here, and nobody else "
		  "sends in its name: the next stage is safe.");
	if (now == DMARC_ABSENT)
		return DMARC_NONE;
	return now == DMARC_NONE ? DMARC_QUARANTINE : DMARC_REJECT;
}

static void
add_reports(struct dmarc *d, const char *address, char uri[URI])
{
	struct text t;

	text_init(&t, uri, URI);
	text_printf(&t, "mailto:%s", address);
	for (size_t i = 0; i < d->n_rua; i++) {
		struct str one = d->rua[i];

		str_cut(&one, '!', &one);
		if (str_is_nocase(one, text_view(&t)))
			return;
	}
	if (d->n_rua < DMARC_URIS)
		d->rua[d->n_rua++] = text_view(&t);
}

void
dmarc_advise(const struct health *h, const struct dmarc_wish *w,
    struct dmarc_advice *out)
{
	struct dmarc d = {.psd = 'u', .pct = -1};
	struct str found = find_record(h);
	char uri[URI];
	struct text why, record;

	*out = (struct dmarc_advice){.now = DMARC_ABSENT};
	if (found.n > 0 && !dmarc_read(found, &d))
		out->now = d.p == DMARC_ABSENT ? DMARC_NONE : d.p;
	else
		d = (struct dmarc){.psd = 'u', .pct = -1};
	text_init(&why, out->why, sizeof(out->why));
	enum dmarc_policy safe = safe_policy(h, w, out->now, &why);

	out->next = w->policy == DMARC_ABSENT ? safe : w->policy;
	out->is_early = out->next > safe && out->next > out->now;
	d.p = out->next;
	if (*w->reports_to)
		add_reports(&d, w->reports_to, uri);
	text_init(&record, out->record, sizeof(out->record));
	dmarc_print(&d, h->domain, "", &record);
}

const char *
dmarc_check(struct str record)
{
	struct dmarc d;
	const char *why = dmarc_is_record(record)
			      ? dmarc_read(record, &d)
			      : "it doesn't begin with v=DMARC1;";

	if (why)
		return why;
	if (d.is_p_bad)
		return "p= is no policy: none, quarantine or reject";
	if (d.p == DMARC_ABSENT)
		return "it has no policy (p=)";
	if (d.has_bad_uri)
		return "an address for reports isn't mailto:NAME@DOMAIN";
	if (d.has_more_uris)
		return "it has too many addresses for reports";
	if (d.has_old || d.pct >= 0)
		return "pct, rf and ri are not defined any more (RFC 9989); "
		       "t=y takes the place of pct";
	if (d.has_size)
		return "sizes (!10m) are not defined any more (RFC 9989)";
	return NULL;
}
