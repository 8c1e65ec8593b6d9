/* address - is an own address named as receivers want it? */
#include "reputation/address.h"

#include <stdarg.h>

const char *
address_level_text(enum address_level l)
{
	static const char *const texts[] = {
	    [ADDRESS_OK] = "ok",
	    [ADDRESS_UNKNOWN] = "unknown",
	    [ADDRESS_WARN] = "warn",
	    [ADDRESS_BAD] = "bad",
	};

	return texts[l];
}

struct judging {
	const struct address_names *names;
	struct address_report *out;
	char ip[64];
};

/* mend: a sentence, or NULL. */
static void
say(struct judging *j, enum address_level level, const char *id,
    const char *mend, const char *fmt, ...)
{
	struct address_report *r = j->out;
	struct text t;
	va_list ap;

	if (level > r->worst)
		r->worst = level;
	if (r->n == ADDRESS_FINDINGS)
		return;
	struct address_finding *f = &r->v[r->n++];

	f->level = level;
	f->id = id;
	text_init(&t, f->text, sizeof(f->text));
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	text_init(&t, f->mend, sizeof(f->mend));
	text_add(&t, mend ? mend : "");
}

/* Providers name what they rent out by its number. */
static bool
has_number(const char *name, const struct ip *ip)
{
	static const char *const forms[] = {"%u.%u.%u.%u", "%u-%u-%u-%u"};

	for (size_t i = 0; ip_is_v4(ip) && i < 4; i++) {
		const uint8_t *b = ip->b + 12;
		char buf[32];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		if (i < 2)
			text_printf(&t, forms[i], b[0], b[1], b[2], b[3]);
		else
			text_printf(&t, forms[i - 2], b[3], b[2], b[1], b[0]);
		if (str_find(str_from(name), text_view(&t)) >= 0)
			return true;
	}
	return false;
}

/* The first name that leads back, else the first one. */
static size_t
best_name(const struct address_names *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (n->leads[i] == ADDRESS_LEADS)
			return i;
	}
	return 0;
}

static void
judge_ptr(struct judging *j)
{
	const struct address_names *n = j->names;
	size_t best = best_name(n);
	bool is_told = true;

	for (size_t i = 0; i < n->n; i++)
		is_told &= n->leads[i] != ADDRESS_NOT_TOLD;
	if (n->is_failed)
		say(j, ADDRESS_UNKNOWN, "PTR_UNKNOWN", NULL,
		    "the DNS could not be asked for the name of %s", j->ip);
	else if (n->n == 0)
		say(j, ADDRESS_BAD, "PTR_NONE",
		    "have who gave you the address set a PTR record: the name "
		    "that you say in HELO",
		    "%s has no name (PTR): many receivers refuse its mail",
		    j->ip);
	else if (n->leads[best] == ADDRESS_LEADS)
		say(j, ADDRESS_OK, "PTR_OK", NULL, "%s is %s, and back", j->ip,
		    n->name[best]);
	else if (!is_told)
		say(j, ADDRESS_UNKNOWN, "PTR_UNKNOWN", NULL,
		    "the DNS could not be asked whether %s is %s", n->name[0],
		    j->ip);
	else
		say(j, ADDRESS_BAD, "PTR_MISMATCH",
		    "give that name an A (AAAA) record with this address, or "
		    "have the PTR record name one that has it",
		    "%s is called %s (PTR), which doesn't lead back to it: "
		    "Gmail and others refuse its mail",
		    j->ip, n->name[0]);
	if (n->n > 0 && has_number(n->name[best], &n->ip))
		say(j, ADDRESS_WARN, "PTR_GENERIC",
		    "have the PTR record name it as a mail server: "
		    "mx1.example.net",
		    "the name %s looks like one of an address that is rented "
		    "out: some receivers take it for a home's",
		    n->name[best]);
	if (n->n > 1)
		say(j, ADDRESS_WARN, "PTR_MANY", "keep one PTR record",
		    "%s has %zu names (PTR): receivers look at any of them",
		    j->ip, n->n);
}

static bool
is_named(const struct address_names *n, const char *name)
{
	for (size_t i = 0; i < n->n; i++) {
		if (strcmp(n->name[i], name) == 0)
			return true;
	}
	return false;
}

static void
judge_helo(struct judging *j)
{
	const struct address_names *n = j->names;

	if (!n->helo)
		return;
	if (!strchr(n->helo, '.'))
		say(j, ADDRESS_BAD, "HELO_NAME",
		    "set helo (smtp_helo_name) to the host's full name",
		    "it says HELO %s, which is no full name: receivers refuse "
		    "that",
		    n->helo);
	else if (n->helo_leads == ADDRESS_ELSEWHERE)
		say(j, ADDRESS_BAD, "HELO_MISMATCH",
		    "give the HELO name an A (AAAA) record with this address, "
		    "or say another one",
		    "it says HELO %s, a name that doesn't lead to %s: receivers "
		    "and Spamhaus CSS hold that against it",
		    n->helo, j->ip);
	else if (n->helo_leads == ADDRESS_NOT_TOLD)
		say(j, ADDRESS_UNKNOWN, "HELO_UNKNOWN", NULL,
		    "the DNS could not be asked for the HELO name %s", n->helo);
	else if (n->n > 0 && !is_named(n, n->helo))
		say(j, ADDRESS_WARN, "HELO_OTHER",
		    "let the PTR record and HELO say one name",
		    "it says HELO %s and is called %s (PTR)", n->helo,
		    n->name[0]);
	else
		say(j, ADDRESS_OK, "HELO_OK", NULL,
		    "it says HELO %s, which leads to it", n->helo);
}

void
address_judge(const struct address_names *n, struct address_report *out)
{
	struct judging j = {.names = n, .out = out};
	struct text t;

	*out = (struct address_report){0};
	text_init(&t, j.ip, sizeof(j.ip));
	ip_format(&t, &n->ip);
	judge_ptr(&j);
	judge_helo(&j);
}
