/* spf - may this address send for this domain? (RFC 7208's check_host) */
#include "domains/spf_parts.h"

static enum spf_result check_host(struct spf_run *r, struct str domain);

const char *
spf_result_word(enum spf_result result)
{
	static const char *const words[] = {"none", "neutral", "pass", "fail",
	    "softfail", "temperror", "permerror", "waiting"};

	return words[result];
}

enum spf_result
spf_find(struct answers *a, struct str domain, struct str *record, char *why)
{
	const struct dns_answer *answer = answers_get(a, domain, DNS_TXT);
	unsigned n = 0;
	struct text t;

	text_init(&t, why, SPF_WHY);
	if (!answer)
		return SPF_WAITING;
	if (answer->status == DNS_FAILED) {
		text_printf(&t, "the DNS could not be asked for %.*s: %s",
		    STR_ARG(domain), answer->why);
		return SPF_TEMPERROR;
	}
	for (size_t i = 0; i < answer->n; i++) {
		if (!spf_is_record(answer->v[i].text))
			continue;
		*record = answer->v[i].text;
		n++;
	}
	if (n == 1 && record->n > SPF_LONGEST) {
		text_printf(&t, "the record of %.*s is longer than %d bytes",
		    STR_ARG(domain), SPF_LONGEST);
		return SPF_PERMERROR;
	}
	if (n == 0)
		text_printf(&t, "%.*s has no SPF record", STR_ARG(domain));
	if (n > 1)
		text_printf(&t, "%.*s has %u SPF records, only one may be",
		    STR_ARG(domain), n);
	return n == 0 ? SPF_NONE : n == 1 ? SPF_PASS : SPF_PERMERROR;
}

static enum spf_step
match_include(struct spf_run *r, struct str name)
{
	char why[SPF_WHY];

	r->includes++;
	enum spf_result result = check_host(r, name);

	r->includes--;
	switch (result) {
	case SPF_PASS:
		return SPF_MATCH;
	case SPF_NONE:
		memcpy(why, r->out->why, sizeof(why));
		return spf_stop(r, SPF_PERMERROR, "include: %s", why);
	case SPF_TEMPERROR:
	case SPF_PERMERROR:
	case SPF_WAITING:
		r->out->result = result;
		return SPF_STOP;
	default:
		return SPF_NO_MATCH;
	}
}

static enum spf_step
match(struct spf_run *r, struct str domain, const struct spf_term *t)
{
	char buf[SPF_NAME];
	struct str validated, name;
	struct text spec;

	if (t->kind == SPF_ALL)
		return SPF_MATCH;
	if (t->kind == SPF_IP4 || t->kind == SPF_IP6)
		return (t->kind == SPF_IP4) == ip_is_v4(&r->q->ip) &&
			       ip_net_has(&t->net, &r->q->ip)
			   ? SPF_MATCH
			   : SPF_NO_MATCH;
	text_init(&spec, buf, sizeof(buf));
	if (!spf_count(r) || !spf_target(r, domain, t->spec, &spec))
		return SPF_STOP;
	name = text_view(&spec);
	switch (t->kind) {
	case SPF_INCLUDE:
		return match_include(r, name);
	case SPF_A:
		return spf_match_a(r, name, t);
	case SPF_MX:
		return spf_match_mx(r, name, t);
	case SPF_EXISTS:
		return spf_match_exists(r, name);
	default:
		return spf_validate(r, name, &validated);
	}
}

static enum spf_result
of_qualifier(char c)
{
	return c == '-'	  ? SPF_FAIL
	       : c == '~' ? SPF_SOFTFAIL
	       : c == '?' ? SPF_NEUTRAL
			  : SPF_PASS;
}

static void
note_decision(struct spf_run *r, struct str domain, struct str term)
{
	struct text t;

	text_init(&t, r->out->where, sizeof(r->out->where));
	text_printable(&t, domain);
	text_init(&t, r->out->term, sizeof(r->out->term));
	text_printable(&t, term);
}

/* All words are right, and no modifier stands twice? (4.6) */
static bool
check_words(struct spf_run *r, struct str domain, struct str record,
    struct str *redirect, struct str *explanation)
{
	struct str rest = spf_terms(record);
	struct spf_term t;
	const char *why;
	int got;

	*redirect = *explanation = str_make(NULL, 0);
	while ((got = spf_term_next(&rest, &t, &why)) > 0) {
		struct str *once = t.kind == SPF_REDIRECT ? redirect
				   : t.kind == SPF_EXP	  ? explanation
							  : NULL;

		if (once && once->p) {
			why = "it stands there twice";
			got = -1;
			break;
		}
		if (once)
			*once = t.spec;
	}
	if (got == 0)
		return true;
	char word[100];
	struct text shown;

	note_decision(r, domain, t.text);
	text_init(&shown, word, sizeof(word));
	text_printable(&shown, t.text);
	spf_stop(r, SPF_PERMERROR, "in the record of %.*s, at \"%s\": %s",
	    STR_ARG(domain), word, why);
	return false;
}

/* Goes through the mechanisms; SPF_STOP with out->result, or SPF_NO_MATCH. */
static enum spf_step
check_terms(struct spf_run *r, struct str domain, struct str record)
{
	struct str rest = spf_terms(record);
	struct spf_term t;
	const char *why;

	while (spf_term_next(&rest, &t, &why) > 0) {
		if (t.kind >= SPF_REDIRECT)
			continue;
		enum spf_step step = match(r, domain, &t);

		if (step == SPF_NO_MATCH)
			continue;
		if (step == SPF_MATCH) {
			note_decision(r, domain, t.text);
			r->out->result = of_qualifier(t.qualifier);
		}
		return SPF_STOP;
	}
	return SPF_NO_MATCH;
}

/* What the domain says to a fail (6.2); any trouble: nothing. */
static void
explain(struct spf_run *r, struct str domain, struct str spec)
{
	struct spf_verdict before = *r->out;
	char buf[SPF_NAME];
	struct spf_macro m;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	bool is_known = spf_target(r, domain, spec, &t);
	const struct dns_answer *a =
	    is_known ? answers_get(r->answers, text_view(&t), DNS_TXT) : NULL;
	bool is_waiting = is_known ? !a : r->out->result == SPF_WAITING;

	*r->out = before;
	if (is_waiting) {
		spf_stop(r, SPF_WAITING, "the DNS is asked");
		return;
	}
	if (!a || a->n != 1 || spf_string_check(a->v[0].text, true))
		return;
	spf_fill_macro(r, domain, &m);
	text_init(&t, buf, sizeof(buf));
	spf_expand(&t, a->v[0].text, &m);
	struct text shown;

	text_init(&shown, r->out->explanation, sizeof(r->out->explanation));
	text_printable(&shown, text_view(&t));
}

static enum spf_result
redirected(struct spf_run *r, struct str domain, struct str spec)
{
	char buf[SPF_NAME];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (!spf_count(r) || !spf_target(r, domain, spec, &t))
		return r->out->result;
	if (check_host(r, text_view(&t)) == SPF_NONE) {
		char why[SPF_WHY];

		memcpy(why, r->out->why, sizeof(why));
		spf_stop(r, SPF_PERMERROR, "redirect: %s", why);
	}
	return r->out->result;
}

/* Malformed, or of one label: there is nothing to ask for (4.3). */
static bool
is_domain(struct str domain)
{
	char folded[DNS_NAME];

	return dns_name(domain, folded) && strchr(folded, '.');
}

static enum spf_result
check_host(struct spf_run *r, struct str domain)
{
	struct str record, redirect, explanation;
	struct spf_verdict *out = r->out;

	if (!is_domain(domain)) {
		spf_stop(r, SPF_NONE, "\"%.*s\" is no full domain name",
		    STR_ARG(str_head(domain, 100)));
		return SPF_NONE;
	}
	out->result = spf_find(r->answers, domain, &record, out->why);
	if (out->result != SPF_PASS)
		return out->result;
	if (!check_words(r, domain, record, &redirect, &explanation))
		return out->result;
	if (check_terms(r, domain, record) == SPF_STOP) {
		if (out->result == SPF_FAIL && explanation.n > 0 &&
		    r->includes == 0)
			explain(r, domain, explanation);
		return out->result;
	}
	if (redirect.n > 0)
		return redirected(r, domain, redirect);
	note_decision(r, domain, STR(""));
	out->result = SPF_NEUTRAL;
	return SPF_NEUTRAL;
}

void
spf_check(struct answers *a, const struct spf_query *q, struct str domain,
    struct spf_verdict *out)
{
	struct spf_run r = {.answers = a, .q = q, .out = out};
	struct text t;

	*out = (struct spf_verdict){0};
	text_init(&t, r.sender, sizeof(r.sender));
	if (q->sender.n == 0 || str_find_char(q->sender, '@') < 0)
		text_printf(&t, "postmaster@%.*s",
		    STR_ARG(q->sender.n > 0 ? q->sender : domain));
	else if (*q->sender.p == '@')
		text_printf(&t, "postmaster%.*s", STR_ARG(q->sender));
	else
		text_str(&t, q->sender);
	check_host(&r, domain);
	if (out->result != SPF_TEMPERROR && out->result != SPF_PERMERROR &&
	    out->result != SPF_NONE)
		out->why[0] = '\0';
}
