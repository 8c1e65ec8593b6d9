/* health_spf - what there is to say of a domain's SPF record */
#include "domains/health.h"
#include "domains/spf_survey.h"
#include "domains/spf_term.h"

enum { RECORDS = 10, LONG_RECORD = 450, RIGHT = 8192 };

static bool
is_all(const char *term)
{
	struct str s = str_from(term);

	str_take(&s, STR("+"));
	return str_is_nocase(s, STR("all"));
}

static void
put_ours(struct text *ours, const struct ip *ip)
{
	text_printf(ours, " %s:", ip_is_v4(ip) ? "ip4" : "ip6");
	ip_format(ours, ip);
}

/* Our addresses as terms, those that don't pass; and what to say of them. */
static bool
check_addresses(struct health *h, struct answers *a,
    const struct health_site *site, bool is_permanent_told, struct text *ours)
{
	struct str domain = str_from(h->domain);
	bool is_done = true;

	h->spf_passes = h->spf_fails = site->n_addresses > 0;
	for (size_t i = 0; i < site->n_addresses; i++) {
		const struct health_address *one = &site->addresses[i];
		struct spf_query q = {
		    .ip = one->ip,
		    .sender = domain,
		    .helo = str_from(one->helo),
		};
		struct spf_verdict v;
		char ip[64];
		struct text t;

		spf_check(a, &q, domain, &v);
		is_done &= v.result != SPF_WAITING;
		h->spf_passes &= v.result == SPF_PASS;
		h->spf_fails &=
		    v.result == SPF_FAIL || v.result == SPF_SOFTFAIL;
		if (v.result == SPF_WAITING)
			continue;
		text_init(&t, ip, sizeof(ip));
		ip_format(&t, &one->ip);
		/* +all will not stay. */
		if (v.result == SPF_PASS && is_all(v.term))
			put_ours(ours, &one->ip);
		if (v.result == SPF_PASS)
			continue;
		if (v.result == SPF_TEMPERROR) {
			health_say(h, HEALTH_SPF, HEALTH_UNKNOWN, "SPF_UNKNOWN",
			    "Whether %s may send for it: %s.", ip, v.why);
			continue;
		}
		put_ours(ours, &one->ip);
		if (v.result == SPF_PERMERROR && !is_permanent_told)
			health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_PERMERROR",
			    "For mail from %s the record is an error: %s.", ip,
			    v.why);
		else if (v.result != SPF_PERMERROR && v.result != SPF_NONE)
			health_say(h, HEALTH_SPF, HEALTH_RED,
			    "SPF_NOT_INCLUDED",
			    "Our address %s is not authorised to send for "
			    "%s: the record says %s%s%s.",
			    ip, h->domain, spf_result_word(v.result),
			    *v.term ? " at " : "", v.term);
	}
	return is_done;
}

static void
judge_all(struct health *h, const struct spf_survey *s)
{
	if (*s->open)
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_PLUS_ALL",
		    "+all in the record of %s lets everybody in the world "
		    "send as %s. End it with ~all or -all.",
		    s->open, h->domain);
	else if (s->all == '?' || s->all == '\0')
		health_say(h, HEALTH_SPF, HEALTH_AMBER, "SPF_NEUTRAL_ALL",
		    "The record doesn't say what to think of mail from "
		    "elsewhere (%s). End it with ~all or -all.",
		    s->all ? "?all" : "it has no all");
}

static void
judge_costs(struct health *h, const struct spf_survey *s)
{
	if (s->lookups > SPF_LOOKUPS)
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_PERMERROR_LOOKUPS",
		    "The record asks the DNS %s%u times, with all its "
		    "includes; more than %d are an error for receivers. Take "
		    "out includes that are not needed, or put addresses "
		    "(ip4, ip6) in their place.",
		    s->lookups > SPF_SURVEY_LOOKUPS ? "more than " : "",
		    s->lookups > SPF_SURVEY_LOOKUPS ? SPF_SURVEY_LOOKUPS
						    : s->lookups,
		    SPF_LOOKUPS);
	if (s->voids > 0)
		health_say(h, HEALTH_SPF, HEALTH_AMBER,
		    s->voids > SPF_VOIDS ? "SPF_VOID" : "SPF_VOID_FEW",
		    "%u name%s in it lead%s nowhere (%s); more than %d are an "
		    "error for receivers. Take them out.",
		    s->voids, s->voids > 1 ? "s" : "", s->voids > 1 ? "" : "s",
		    s->void_names, SPF_VOIDS);
}

static void
judge_survey(struct health *h, const struct spf_survey *s)
{
	if (s->result == SPF_TEMPERROR)
		health_say(h, HEALTH_SPF, HEALTH_UNKNOWN, "SPF_UNKNOWN",
		    "Not all of the record could be read: %s.", s->why);
	else if (*s->no_record)
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_INCLUDE_NORECORD",
		    "It refers to %s, which has no SPF record: that makes all "
		    "of it an error. Take it out.",
		    s->no_record);
	else if (s->result == SPF_PERMERROR)
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_SYNTAX",
		    "It is wrong, so that receivers don't take any of it: %s.",
		    s->why);
	judge_all(h, s);
	judge_costs(h, s);
	if (s->has_ptr)
		health_say(h, HEALTH_SPF, HEALTH_AMBER, "SPF_PTR",
		    "It uses ptr, which is slow and which receivers may leave "
		    "out. Put addresses (ip4, ip6, a) in its place.");
	if (*s->broad)
		health_say(h, HEALTH_SPF, HEALTH_AMBER, "SPF_BROAD",
		    "%s lets a huge network send as %s.", s->broad, h->domain);
	if (s->has_all_and_redirect)
		health_say(h, HEALTH_SPF, HEALTH_AMBER, "SPF_REDIRECT_ALL",
		    "redirect= is ignored, since there is an all.");
}

/* Something that was meant as one? */
static void
judge_none(struct health *h, const struct dns_answer *txt)
{
	health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_NONE",
	    txt->status == DNS_NO_NAME
		? "There is no %s in the DNS at all."
		: "%s has no SPF record: nothing says who may send for it.",
	    h->domain);
	for (size_t i = 0; i < txt->n; i++) {
		struct str s = str_head(txt->v[i].text, 60);

		if (str_find_nocase(s, STR("spf1")) < 0 &&
		    str_find_nocase(s, STR("v=spf")) < 0)
			continue;
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_ALMOST",
		    "\"%.*s\" was meant as one, but a record begins with "
		    "v=spf1 and a blank.",
		    STR_ARG(s));
		return;
	}
}

static void
propose(struct health *h, const struct str *records, size_t n, struct str ours,
    const struct health_site *site, const struct spf_survey *s)
{
	char buf[RIGHT], include[DNS_NAME + 10];
	struct text t;

	text_init(&t, include, sizeof(include));
	text_printf(&t, "include:%s", site->spf_include);
	if (*site->spf_include && (ours.n > 0 || n == 0))
		ours = text_view(&t);
	/* Who may send isn't known, or somebody must choose what goes, or it is
	 * not in this record. */
	if ((ours.n == 0 && n == 0) || s->lookups > SPF_LOOKUPS ||
	    (*s->open && strcmp(s->open, h->domain) != 0))
		return;
	text_init(&t, buf, sizeof(buf));
	spf_propose(&t, records, n, ours, s);
	if (!t.is_cut)
		health_record(
		    h, HEALTH_SPF, true, h->domain, text_view(&t), false);
}

static void
judge_type99(struct health *h, struct answers *a, bool *is_done)
{
	const struct dns_answer *old =
	    answers_get(a, str_from(h->domain), DNS_SPF);

	*is_done &= old != NULL;
	if (old && old->n > 0)
		health_say(h, HEALTH_SPF, HEALTH_INFO, "SPF_TYPE99",
		    "There is a record of the old type SPF as well: nobody "
		    "reads it.");
}

static size_t
collect(struct health *h, const struct dns_answer *txt, struct str *records)
{
	size_t n = 0;

	for (size_t i = 0; i < txt->n && n < RECORDS; i++) {
		if (!spf_is_record(txt->v[i].text))
			continue;
		records[n] = txt->v[i].text;
		health_record(h, HEALTH_SPF, false, h->domain, records[n++],
		    txt->is_secure);
		if (txt->v[i].text.n > LONG_RECORD)
			health_say(h, HEALTH_SPF, HEALTH_AMBER, "SPF_LONG",
			    "It is %zu bytes long; with more than %d an "
			    "answer may not fit a packet.",
			    txt->v[i].text.n, LONG_RECORD);
	}
	if (n > 1)
		health_say(h, HEALTH_SPF, HEALTH_RED, "SPF_MULTI",
		    "There are %zu SPF records: receivers take that for an "
		    "error, none of them counts. Make one of them.",
		    n);
	return n;
}

bool
health_spf(struct health *h, struct answers *a, const struct health_site *site)
{
	const struct dns_answer *txt =
	    answers_get(a, str_from(h->domain), DNS_TXT);
	struct spf_survey s = {.result = SPF_PASS};
	struct str records[RECORDS];
	char buf[4096];
	struct text ours;
	bool is_done = true;

	if (txt && txt->status == DNS_FAILED) {
		health_say(h, HEALTH_SPF, HEALTH_UNKNOWN, "SPF_UNKNOWN",
		    "The DNS could not be asked for %s: %s.", h->domain,
		    txt->why);
		return true;
	}
	judge_type99(h, a, &is_done);
	if (!txt)
		return false;
	size_t n = collect(h, txt, records);

	if (n == 0)
		judge_none(h, txt);
	if (n == 1)
		spf_survey(a, str_from(h->domain), &s);
	text_init(&ours, buf, sizeof(buf));
	is_done &= check_addresses(h, a, site,
	    s.result == SPF_PERMERROR || s.lookups > SPF_LOOKUPS || n != 1,
	    &ours);
	if (s.result == SPF_WAITING || !is_done)
		return false;
	if (n == 1)
		judge_survey(h, &s);
	if (n > 0 && site->n_addresses == 0)
		health_say(h, HEALTH_SPF, HEALTH_UNKNOWN, "SPF_NO_ADDRESS",
		    "Whether our own addresses may send for it was not "
		    "checked: sending_addresses is not set.");
	if (h->colours[HEALTH_SPF] > HEALTH_UNKNOWN)
		propose(h, records, n, text_view(&ours), site, &s);
	if (h->colours[HEALTH_SPF] < HEALTH_GREEN)
		health_say(h, HEALTH_SPF, HEALTH_GREEN, "SPF_OK",
		    "Our addresses may send for %s (%u of %d questions).",
		    h->domain, s.lookups, SPF_LOOKUPS);
	return true;
}
