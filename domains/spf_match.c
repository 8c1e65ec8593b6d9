/* spf_match - what the terms of an SPF record that ask the DNS say */
#include "domains/spf_parts.h"

#include "base/dns_name.h"

enum { HOSTS = 10 };

enum spf_step
spf_stop(struct spf_run *r, enum spf_result result, const char *fmt, ...)
{
	struct text t;
	va_list ap;

	r->out->result = result;
	text_init(&t, r->out->why, sizeof(r->out->why));
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	return SPF_STOP;
}

/* The answer to a term's question. false: stopped. Those that count and are
 * empty are void. */
static bool
ask(struct spf_run *r, struct str name, enum dns_type type,
    const struct dns_answer **out)
{
	const struct dns_answer *a = answers_get(r->answers, name, type);

	*out = a;
	if (!a) {
		spf_stop(r, SPF_WAITING, "the DNS is asked");
		return false;
	}
	if (a->status == DNS_FAILED) {
		spf_stop(r, SPF_TEMPERROR,
		    "the DNS could not be asked for %.*s: %s", STR_ARG(name),
		    a->why);
		return false;
	}
	if (a->n == 0 && ++r->out->voids > SPF_VOIDS) {
		spf_stop(r, SPF_PERMERROR,
		    "more than %d names in it do not exist or have no "
		    "address, the last one %.*s",
		    SPF_VOIDS, STR_ARG(name));
		return false;
	}
	return true;
}

static enum dns_type
address_type(const struct spf_run *r)
{
	return ip_is_v4(&r->q->ip) ? DNS_A : DNS_AAAA;
}

/* Does one of the answer's addresses lie where ours does? */
static bool
has_address(const struct spf_run *r, const struct dns_answer *a,
    const struct spf_term *t)
{
	bool is_v4 = ip_is_v4(&r->q->ip);
	unsigned bits = is_v4 ? t->cidr4 + 96u : t->cidr6;
	struct ip_net ours = ip_net_of(&r->q->ip, bits);

	for (size_t i = 0; i < a->n; i++) {
		if (ip_is_v4(&a->v[i].ip) == is_v4 &&
		    ip_net_has(&ours, &a->v[i].ip))
			return true;
	}
	return false;
}

enum spf_step
spf_validate(struct spf_run *r, struct str domain, struct str *out)
{
	static const struct spf_term exact = {.cidr4 = 32, .cidr6 = 128};
	char reverse[DNS_NAME];
	const struct dns_answer *names, *a;
	bool is_waiting = false, is_best_below = false;

	*out = STR("");
	dns_reverse(&r->q->ip, NULL, reverse);
	names = answers_get(r->answers, str_from(reverse), DNS_PTR);
	if (!names)
		return spf_stop(r, SPF_WAITING, "the DNS is asked");
	for (size_t i = 0; i < names->n && i < HOSTS; i++) {
		struct str name = names->v[i].text;

		a = answers_get(r->answers, name, address_type(r));
		is_waiting |= !a;
		if (!a || !has_address(r, a, &exact))
			continue;
		bool is_below_it = dns_is_below(name, domain);

		if (out->n == 0 || (is_below_it && !is_best_below) ||
		    str_is_nocase(name, domain)) {
			*out = name;
			is_best_below = is_below_it;
		}
	}
	if (is_waiting)
		return spf_stop(r, SPF_WAITING, "the DNS is asked");
	return is_best_below ? SPF_MATCH : SPF_NO_MATCH;
}

void
spf_fill_macro(struct spf_run *r, struct str domain, struct spf_macro *m)
{
	*m = (struct spf_macro){
	    .ip = r->q->ip,
	    .sender = str_from(r->sender),
	    .helo = r->q->helo,
	    .domain = domain,
	    .validated = STR("unknown"),
	    .receiver = r->q->receiver,
	    .now = r->q->now,
	};
}

bool
spf_target(
    struct spf_run *r, struct str domain, struct str spec, struct text *out)
{
	struct spf_macro m;
	struct str name, label, validated;

	if (spec.n == 0) {
		text_str(out, domain);
		return true;
	}
	spf_fill_macro(r, domain, &m);
	if (spf_needs_validated(spec)) {
		if (spf_validate(r, domain, &validated) == SPF_STOP)
			return false;
		if (validated.n > 0)
			m.validated = validated;
	}
	spf_expand(out, spec, &m);
	name = text_view(out);
	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	while (name.n > 253 && str_cut(&name, '.', &label))
		;
	memmove(out->p, name.p, name.n);
	out->n = name.n;
	out->p[out->n] = '\0';
	return true;
}

enum spf_step
spf_match_a(struct spf_run *r, struct str name, const struct spf_term *t)
{
	const struct dns_answer *a;

	if (!ask(r, name, address_type(r), &a))
		return SPF_STOP;
	return has_address(r, a, t) ? SPF_MATCH : SPF_NO_MATCH;
}

enum spf_step
spf_match_mx(struct spf_run *r, struct str name, const struct spf_term *t)
{
	const struct dns_answer *mx;
	enum spf_step step = SPF_NO_MATCH;

	if (!ask(r, name, DNS_MX, &mx))
		return SPF_STOP;
	if (mx->n > HOSTS)
		return spf_stop(r, SPF_PERMERROR,
		    "%.*s has more than %d MX records", STR_ARG(name), HOSTS);
	/* All are asked at once; what the first say holds. */
	for (size_t i = 0; i < mx->n; i++) {
		if (mx->v[i].text.n > 0)
			answers_get(r->answers, mx->v[i].text, address_type(r));
	}
	for (size_t i = 0; i < mx->n && step == SPF_NO_MATCH; i++) {
		if (mx->v[i].text.n > 0)
			step = spf_match_a(r, mx->v[i].text, t);
	}
	return step;
}

enum spf_step
spf_match_exists(struct spf_run *r, struct str name)
{
	const struct dns_answer *a;

	if (!ask(r, name, DNS_A, &a))
		return SPF_STOP;
	return a->n > 0 ? SPF_MATCH : SPF_NO_MATCH;
}

bool
spf_count(struct spf_run *r)
{
	if (++r->out->lookups <= SPF_LOOKUPS)
		return true;
	spf_stop(r, SPF_PERMERROR,
	    "more than %d of its terms ask the DNS (include, a, mx, ptr, "
	    "exists, redirect)",
	    SPF_LOOKUPS);
	return false;
}
