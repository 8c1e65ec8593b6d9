/* address_check - asks the DNS for the names of an own address */
#include <stdlib.h>

#include "base/dns.h"
#include "reputation/address.h"

/* PTR, then each of its names, then HELO: one question at a time. */
struct address_check {
	struct dns *dns;
	struct dns_ask *ask;
	struct address_names names;
	char helo[DNS_NAME];
	size_t at;
	address_fn *on_done;
	void *ctx;
};

static void next(struct address_check *c);

void
address_check_cancel(struct address_check **cp)
{
	struct address_check *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	dns_cancel(&c->ask);
	free(c);
}

static enum address_leads
leads(const struct address_check *c, const struct dns_answer *a)
{
	if (a->status == DNS_FAILED)
		return ADDRESS_NOT_TOLD;
	for (size_t i = 0; i < a->n; i++) {
		if (ip_is(&a->v[i].ip, &c->names.ip))
			return ADDRESS_LEADS;
	}
	return ADDRESS_ELSEWHERE;
}

static void
on_forward(void *ctx, const struct dns_answer *a)
{
	struct address_check *c = ctx;

	c->ask = NULL;
	if (c->at < c->names.n)
		c->names.leads[c->at] = leads(c, a);
	else
		c->names.helo_leads = leads(c, a);
	c->at++;
	next(c);
}

static void
on_ptr(void *ctx, const struct dns_answer *a)
{
	struct address_check *c = ctx;
	struct address_names *n = &c->names;

	c->ask = NULL;
	n->is_failed = a->status == DNS_FAILED;
	for (size_t i = 0; i < a->n && n->n < ADDRESS_NAMES; i++) {
		if (dns_name(a->v[i].text, n->name[n->n]))
			n->n++;
	}
	next(c);
}

static void
next(struct address_check *c)
{
	const struct address_names *n = &c->names;
	const char *name = c->at < n->n ? n->name[c->at] : n->helo;
	struct address_report report;

	if (c->at < n->n || (c->at == n->n && name)) {
		c->ask = dns_ask(c->dns, str_from(name),
		    ip_is_v4(&n->ip) ? DNS_A : DNS_AAAA, on_forward, c);
		return;
	}
	address_fn *on_done = c->on_done;
	void *ctx = c->ctx;

	address_judge(n, &report);
	address_check_cancel(&c);
	on_done(ctx, &report);
}

struct address_check *
address_check_start(struct dns *d, const struct ip *ip, const char *helo,
    address_fn *on_done, void *ctx)
{
	struct address_check *c = xalloc(1, sizeof(*c));
	char reverse[DNS_NAME];

	c->dns = d;
	c->names.ip = *ip;
	c->on_done = on_done;
	c->ctx = ctx;
	if (helo && *helo && dns_name(str_from(helo), c->helo))
		c->names.helo = c->helo;
	dns_reverse(ip, NULL, reverse);
	c->ask = dns_ask(d, str_from(reverse), DNS_PTR, on_ptr, c);
	return c;
}
