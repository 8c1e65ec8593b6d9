/* dmarc - DMARC records */
#include "domains/dmarc.h"

#include "domains/tags.h"

const char *
dmarc_policy_word(enum dmarc_policy p)
{
	static const char *const words[] = {
	    "absent", "none", "quarantine", "reject"};

	return words[p];
}

bool
dmarc_is_record(struct str txt)
{
	struct tag t;

	return tags_next(&txt, &t) > 0 && str_is(t.name, STR("v")) &&
	       str_is(t.value, STR("DMARC1"));
}

static enum dmarc_policy
policy_of(struct str value, bool *is_bad)
{
	for (enum dmarc_policy p = DMARC_NONE; p <= DMARC_REJECT; p++) {
		if (str_is_nocase(value, str_from(dmarc_policy_word(p))))
			return p;
	}
	*is_bad = true;
	return DMARC_ABSENT;
}

bool
dmarc_uri_domain(struct str uri, struct str *domain)
{
	struct str address = uri;

	if (!str_is_nocase(str_head(uri, 7), STR("mailto:")))
		return false;
	address = str_skip(uri, 7);
	str_cut(&address, '!', &address);
	ptrdiff_t at = str_find_last(address, STR("@"));

	if (at <= 0)
		return false;
	*domain = str_skip(address, (size_t)at + 1);
	return domain->n > 0;
}

static void
put_uris(struct dmarc *d, struct str value, struct str *v, size_t *n)
{
	struct str part, domain;

	while (tags_part(&value, ',', &part)) {
		bool is_mail = dmarc_uri_domain(part, &domain);

		if (str_find_char(part, '!') >= 0)
			d->has_size = true;
		if (!is_mail &&
		    !str_is_nocase(str_head(part, 6), STR("https:")))
			d->has_bad_uri = true;
		else if (*n < DMARC_URIS)
			v[(*n)++] = part;
		else
			d->has_more_uris = true;
	}
}

static void
put_tag(struct dmarc *d, const struct tag *t)
{
	bool is_bad = false;
	uint64_t number;

	if (str_is_nocase(t->name, STR("p")))
		d->p = policy_of(t->value, &d->is_p_bad);
	else if (str_is_nocase(t->name, STR("sp")))
		d->sp = policy_of(t->value, &is_bad);
	else if (str_is_nocase(t->name, STR("np")))
		d->np = policy_of(t->value, &is_bad);
	else if (str_is_nocase(t->name, STR("adkim")))
		d->is_strict_dkim = str_is_nocase(t->value, STR("s"));
	else if (str_is_nocase(t->name, STR("aspf")))
		d->is_strict_spf = str_is_nocase(t->value, STR("s"));
	else if (str_is_nocase(t->name, STR("t")))
		d->is_testing = str_is_nocase(t->value, STR("y"));
	else if (str_is_nocase(t->name, STR("psd")) && t->value.n == 1 &&
		 memchr("ynuYNU", *t->value.p, 6))
		d->psd = (char)(*t->value.p | 0x20);
	else if (str_is_nocase(t->name, STR("rua")))
		put_uris(d, t->value, d->rua, &d->n_rua);
	else if (str_is_nocase(t->name, STR("ruf")))
		put_uris(d, t->value, d->ruf, &d->n_ruf);
	else if (str_is_nocase(t->name, STR("pct")) &&
		 str_to_u64(t->value, &number) && number <= 100)
		d->pct = (int)number;
	if (str_is_nocase(t->name, STR("pct")) ||
	    str_is_nocase(t->name, STR("rf")) ||
	    str_is_nocase(t->name, STR("ri")))
		d->has_old = true;
}

const char *
dmarc_read(struct str txt, struct dmarc *out)
{
	struct tag t;
	int got;

	*out = (struct dmarc){.psd = 'u', .pct = -1};
	if (!dmarc_is_record(txt))
		return "v=DMARC1 must come first";
	while ((got = tags_next(&txt, &t)) > 0)
		put_tag(out, &t);
	if (got < 0)
		return "something in it is no tag (NAME=VALUE;)";
	if (out->p == DMARC_ABSENT && out->n_rua == 0)
		return out->is_p_bad ? "p= is no policy (none, quarantine, "
				       "reject)"
				     : "it has no policy (p=)";
	if (out->p == DMARC_ABSENT)
		out->p = DMARC_NONE;
	return NULL;
}

static void
print_uris(struct text *t, const char *tag, const struct str *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct str uri = v[i];

		str_cut(&uri, '!', &uri);
		text_printf(t, i == 0 ? "; %s=%.*s" : ",%s%.*s",
		    i == 0 ? tag : "", STR_ARG(uri));
	}
}

void
dmarc_print(
    const struct dmarc *d, const char *where, const char *rua, struct text *out)
{
	text_printf(out, "v=DMARC1; p=%s",
	    dmarc_policy_word(d->p == DMARC_ABSENT ? DMARC_NONE : d->p));
	if (d->sp != DMARC_ABSENT)
		text_printf(out, "; sp=%s", dmarc_policy_word(d->sp));
	if (d->np != DMARC_ABSENT)
		text_printf(out, "; np=%s", dmarc_policy_word(d->np));
	if (d->is_strict_dkim)
		text_add(out, "; adkim=s");
	if (d->is_strict_spf)
		text_add(out, "; aspf=s");
	if (d->psd == 'y' || d->psd == 'n')
		text_printf(out, "; psd=%c", d->psd);
	if (d->is_testing)
		text_add(out, "; t=y");
	print_uris(out, "rua", d->rua, d->n_rua);
	if (d->n_rua == 0)
		text_printf(out, "; rua=mailto:%s%s",
		    *rua ? rua : "postmaster@", *rua ? "" : where);
	print_uris(out, "ruf", d->ruf, d->n_ruf);
}
