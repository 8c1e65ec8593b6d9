/* health_info - MX, PTR and HELO, MTA-STS, TLS-RPT, BIMI: as information */
#include "domains/health.h"
#include "domains/spf.h"
#include "domains/tags.h"

enum { HOSTS = 10 };

/* Asked for a name's addresses: -1 waiting or not to be told, else how many. */
static int
count_addresses(struct answers *a, struct str name, bool *is_done)
{
	const struct dns_answer *v4 = answers_get(a, name, DNS_A);
	const struct dns_answer *v6 = answers_get(a, name, DNS_AAAA);

	*is_done &= v4 && v6;
	if (!v4 || !v6 || v4->status == DNS_FAILED || v6->status == DNS_FAILED)
		return -1;
	return (int)(v4->n + v6->n);
}

static void
judge_host(struct health *h, struct answers *a, struct str host, bool *is_done)
{
	const struct dns_answer *v4 = answers_get(a, host, DNS_A);
	struct ip ip;

	if (ip_parse(host, &ip))
		health_say(h, HEALTH_MX, HEALTH_RED, "MX_ADDRESS",
		    "The MX %.*s is an address; a name must stand there.",
		    STR_ARG(host));
	else if (count_addresses(a, host, is_done) == 0)
		health_say(h, HEALTH_MX, HEALTH_AMBER, "MX_NO_ADDRESS",
		    "The MX %.*s has no address.", STR_ARG(host));
	if (v4 && v4->cnames > 0)
		health_say(h, HEALTH_MX, HEALTH_AMBER, "MX_CNAME",
		    "The MX %.*s is an alias (CNAME), which may not be.",
		    STR_ARG(host));
}

static bool
without_mx(struct health *h, struct answers *a)
{
	bool is_done = true;
	int n = count_addresses(a, str_from(h->domain), &is_done);

	if (n == 0)
		health_say(h, HEALTH_MX, HEALTH_RED, "MX_NONE",
		    "%s has neither MX nor address: no answer and no bounce "
		    "can be delivered, and some receivers refuse its mail "
		    "for that.",
		    h->domain);
	else if (n > 0)
		health_say(h, HEALTH_MX, HEALTH_INFO, "MX_IMPLICIT",
		    "It has no MX: mail for it goes to its address.");
	return is_done;
}

bool
health_mx(struct health *h, struct answers *a)
{
	const struct dns_answer *mx =
	    answers_get(a, str_from(h->domain), DNS_MX);
	bool is_done = true;

	if (!mx)
		return false;
	if (mx->status == DNS_FAILED) {
		health_say(h, HEALTH_MX, HEALTH_UNKNOWN, "MX_UNKNOWN",
		    "The DNS could not be asked for its MX: %s.", mx->why);
		return true;
	}
	if (mx->n == 0)
		return without_mx(h, a);
	if (mx->n == 1 && mx->v[0].text.n == 0) {
		health_say(h, HEALTH_MX, HEALTH_AMBER, "MX_NULL",
		    "%s says that it takes no mail (null MX): some receivers "
		    "refuse mail from such a domain.",
		    h->domain);
		return true;
	}
	for (size_t i = 0; i < mx->n && i < HOSTS; i++)
		judge_host(h, a, mx->v[i].text, &is_done);
	if (is_done && h->colours[HEALTH_MX] == HEALTH_INFO)
		health_say(h, HEALTH_MX, HEALTH_GREEN, "MX_OK",
		    "Mail for it goes to %.*s%s.", STR_ARG(mx->v[0].text),
		    mx->n > 1 ? " and others" : "");
	return is_done;
}

/* Does the name have that address? -1: not known. */
static int
leads_to(struct answers *a, struct str name, const struct ip *ip, bool *is_done)
{
	const struct dns_answer *v =
	    answers_get(a, name, ip_is_v4(ip) ? DNS_A : DNS_AAAA);

	*is_done &= v != NULL;
	if (!v || v->status == DNS_FAILED)
		return -1;
	for (size_t i = 0; i < v->n; i++) {
		if (ip_is(&v->v[i].ip, ip))
			return 1;
	}
	return 0;
}

static void
judge_helo(struct health *h, struct answers *a,
    const struct health_address *one, const char *ip, bool *is_done)
{
	struct spf_query q = {.ip = one->ip, .helo = str_from(one->helo)};
	struct spf_verdict v;

	if (leads_to(a, q.helo, &one->ip, is_done) == 0)
		health_say(h, HEALTH_PTR, HEALTH_AMBER, "HELO_MISMATCH",
		    "%s says HELO %s, a name that doesn't lead to it.", ip,
		    one->helo);
	spf_check(a, &q, q.helo, &v);
	*is_done &= v.result != SPF_WAITING;
	if (v.result == SPF_NONE)
		health_say(h, HEALTH_PTR, HEALTH_INFO, "HELO_SPF_NONE",
		    "%s has no SPF record, by which bounces (without a "
		    "sender) are judged: \"v=spf1 a -all\" there.",
		    one->helo);
	else if (v.result != SPF_PASS && v.result != SPF_WAITING &&
		 v.result != SPF_TEMPERROR)
		health_say(h, HEALTH_PTR, HEALTH_AMBER, "HELO_SPF",
		    "The SPF record of %s, by which bounces are judged, says "
		    "%s for %s.",
		    one->helo, spf_result_word(v.result), ip);
}

static void
judge_address(struct health *h, struct answers *a,
    const struct health_address *one, bool *is_done)
{
	const struct dns_answer *ptr;
	char reverse[DNS_NAME], ip[64];
	int best = 0;
	struct text t;

	text_init(&t, ip, sizeof(ip));
	ip_format(&t, &one->ip);
	dns_reverse(&one->ip, NULL, reverse);
	ptr = answers_get(a, str_from(reverse), DNS_PTR);
	*is_done &= ptr != NULL;
	if (one->helo && *one->helo)
		judge_helo(h, a, one, ip, is_done);
	if (!ptr || ptr->status == DNS_FAILED)
		return;
	for (size_t i = 0; i < ptr->n && i < HOSTS; i++) {
		int leads = leads_to(a, ptr->v[i].text, &one->ip, is_done);

		best = leads == 1 || best == 1 ? 1 : leads < 0 ? -1 : best;
	}
	if (ptr->n == 0)
		health_say(h, HEALTH_PTR, HEALTH_RED, "PTR_NONE",
		    "Our address %s has no name (PTR): many receivers refuse "
		    "mail from it.",
		    ip);
	else if (best == 0)
		health_say(h, HEALTH_PTR, HEALTH_RED, "PTR_MISMATCH",
		    "The name of our address %s (PTR), %.*s, doesn't lead "
		    "back to it.",
		    ip, STR_ARG(ptr->v[0].text));
	else if (best == 1)
		health_say(h, HEALTH_PTR, HEALTH_GREEN, "PTR_OK",
		    "%s is %.*s, and back.", ip, STR_ARG(ptr->v[0].text));
}

bool
health_addresses(
    struct health *h, struct answers *a, const struct health_site *site)
{
	bool is_done = true;

	for (size_t i = 0; i < site->n_addresses; i++)
		judge_address(h, a, &site->addresses[i], &is_done);
	return is_done;
}

/* Records at a fixed name below the domain, of which one is needed. */
static const struct text_rule {
	enum health_part part;
	const char *prefix, *version, *must_have;
	const char *none_id, *bad_id, *multi_id, *ok_id, *unknown_id;
} text_rules[] = {
    {HEALTH_MTA_STS, "_mta-sts", "STSv1", "id", "STS_NONE", "STS_SYNTAX",
	"STS_MULTI", "STS_OK", "STS_UNKNOWN"},
    {HEALTH_TLS_RPT, "_smtp._tls", "TLSRPTv1", "rua", "TLSRPT_NONE",
	"TLSRPT_SYNTAX", "TLSRPT_MULTI", "TLSRPT_OK", "TLSRPT_UNKNOWN"},
    {HEALTH_BIMI, "default._bimi", "BIMI1", "l", "BIMI_NONE", "BIMI_SYNTAX",
	"BIMI_MULTI", "BIMI_OK", "BIMI_UNKNOWN"},
};

static bool
has_tag(struct str record, const char *name)
{
	struct tag t;

	while (tags_next(&record, &t) > 0) {
		if (str_is_nocase(t.name, str_from(name)))
			return true;
	}
	return false;
}

static bool
is_version(struct str record, const char *version)
{
	struct tag t;

	return tags_next(&record, &t) > 0 && str_is(t.name, STR("v")) &&
	       str_is(t.value, str_from(version));
}

static bool
judge_text(struct health *h, struct answers *a, const struct text_rule *r)
{
	char name[DNS_NAME + 16];
	const struct dns_answer *txt;
	struct str record = {"", 0};
	unsigned n = 0;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%s.%s", r->prefix, h->domain);
	txt = answers_get(a, text_view(&t), DNS_TXT);
	if (!txt)
		return false;
	for (size_t i = 0; i < txt->n; i++) {
		if (!is_version(txt->v[i].text, r->version))
			continue;
		record = txt->v[i].text;
		n++;
		health_record(h, r->part, false, name, record, txt->is_secure);
	}
	if (txt->status == DNS_FAILED)
		health_say(h, r->part, HEALTH_UNKNOWN, r->unknown_id,
		    "The DNS could not be asked for %s: %s.", name, txt->why);
	else if (n == 0)
		health_say(h, r->part, HEALTH_INFO, r->none_id,
		    "There is none (%s).", name);
	else if (n > 1)
		health_say(h, r->part, HEALTH_AMBER, r->multi_id,
		    "There are %u records at %s: none of them counts.", n,
		    name);
	else if (!has_tag(record, r->must_have))
		health_say(h, r->part, HEALTH_AMBER, r->bad_id,
		    "The record at %s has no %s=.", name, r->must_have);
	else
		health_say(h, r->part, HEALTH_GREEN, r->ok_id,
		    "There is one at %s.", name);
	return true;
}

bool
health_texts(struct health *h, struct answers *a)
{
	bool is_done = true;

	for (size_t i = 0; i < sizeof(text_rules) / sizeof(*text_rules); i++)
		is_done = judge_text(h, a, &text_rules[i]) && is_done;
	return is_done;
}
