/* reporter - is a report's sender who he says? */
#include "fbl/reporter.h"

#include "base/text.h"
#include "fbl/received.h"

enum { RESULTS_MAX = 4096, METHODS = REPORTER_SPF + 1 };

static const struct {
	struct str method;
	struct str properties[2]; /* what was authenticated */
} methods[METHODS] = {
    [REPORTER_DMARC] = {STR_INIT("dmarc"), {STR_INIT("header.from")}},
    [REPORTER_DKIM] = {STR_INIT("dkim"),
	{STR_INIT("header.d"), STR_INIT("header.i")}},
    [REPORTER_SPF] = {STR_INIT("spf"), {STR_INIT("smtp.mailfrom")}},
};

struct search {
	struct str domain; /* of From */
	bool is_told[METHODS], is_passed[METHODS];
};

struct str
reporter_by_text(enum reporter_by by)
{
	return methods[by].method;
}

/* Without (comments), which may be nested, and quotes; what was quoted has no
 * structure of its own any more. */
static void
strip_comments(struct str s, struct text *out)
{
	bool is_quoted = false;
	size_t depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && i + 1 < s.n && (is_quoted || depth > 0)) {
			i++;
			continue;
		}
		if (c == '"' && depth == 0)
			is_quoted = !is_quoted;
		else if (c == '(' && !is_quoted)
			depth++;
		else if (c == ')' && !is_quoted && depth > 0)
			depth--;
		else if (depth == 0 && is_quoted)
			text_char(out, c && strchr(";= \t", c) ? '_' : c);
		else if (depth == 0)
			text_char(out, c == '\t' ? ' ' : c);
	}
}

static bool
cut_word(struct str *s, struct str *word)
{
	*s = str_trim(*s);
	if (s->n == 0)
		return false;
	if (!str_cut(s, ' ', word)) {
		*word = *s;
		s->n = 0;
	}
	return true;
}

/* Is the domain the other one or below it? Not below a single label. */
static bool
is_below(struct str domain, struct str above)
{
	if (str_is_nocase(domain, above))
		return domain.n > 0;
	return above.n > 0 && str_find_char(above, '.') > 0 &&
	       domain.n > above.n + 1 &&
	       domain.p[domain.n - above.n - 1] == '.' &&
	       str_is_nocase(str_skip(domain, domain.n - above.n), above);
}

/* "header.d=example.com" for one of the method's properties. */
static bool
is_aligned(const struct search *s, int method, struct str word)
{
	struct str name, value = word, domain;

	if (!str_cut(&value, '=', &name))
		return false;
	domain = header_domain(value);
	if (domain.n == 0)
		domain = value;
	for (size_t i = 0; i < 2; i++) {
		if (methods[method].properties[i].n > 0 &&
		    str_is_nocase(name, methods[method].properties[i]))
			return is_below(s->domain, domain);
	}
	return false;
}

/* "dkim=pass header.d=example.com header.s=2026". A mail has several
 * signatures: within one field any of them may pass. */
static void
take_result(struct search *s, struct str rest, bool told_before[METHODS])
{
	struct str word, name, result;

	if (!cut_word(&rest, &word))
		return;
	result = word;
	if (!str_cut(&result, '=', &name))
		return;
	for (int m = REPORTER_DMARC; m < METHODS; m++) {
		if (!str_is_nocase(name, methods[m].method) || told_before[m])
			continue;
		s->is_told[m] = true;
		while (str_is_nocase(result, STR("pass")) &&
		       cut_word(&rest, &word))
			s->is_passed[m] |= is_aligned(s, m, word);
	}
}

static void
take_field(struct search *s, const struct setting_list *ids, struct str value)
{
	char buf[RESULTS_MAX];
	bool told_before[METHODS];
	struct str rest, piece, id;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	strip_comments(value, &t);
	rest = text_view(&t);
	if (t.is_cut || !str_cut(&rest, ';', &piece) ||
	    !cut_word(&piece, &id) || !received_is_of(ids, id))
		return;
	memcpy(told_before, s->is_told, sizeof(told_before));
	while (str_cut(&rest, ';', &piece))
		take_result(s, piece, told_before);
	take_result(s, rest, told_before);
}

/* One From with one address. */
static struct str
get_domain(const struct headers *mail)
{
	const struct header *from;
	size_t i = 0;

	from = header_next(mail, STR("From"), &i);
	if (!from || header_next(mail, STR("From"), &i) ||
	    str_find_char(header_address(from->value), ',') >= 0)
		return STR("");
	return header_domain(header_address(from->value));
}

void
reporter_check(const struct headers *mail, const struct setting_list *ids,
    const struct setting_list *own_hosts, struct reporter *out)
{
	struct search s = {.domain = get_domain(mail)};

	for (size_t i = 0; i < mail->n; i++) {
		const struct header *h = &mail->v[i];
		struct received received;

		if (str_is_nocase(h->name, STR("Authentication-Results")))
			take_field(&s, ids, h->value);
		if (!str_is_nocase(h->name, STR("Received")))
			continue;
		received_parse(h->value, &received);
		if (!received_is_of(own_hosts, received.host))
			break;
	}
	*out = (struct reporter){REPORTER_NOBODY, s.domain};
	for (int m = METHODS - 1; m > REPORTER_NOBODY && s.domain.n > 0; m--) {
		if (s.is_passed[m])
			out->by = (enum reporter_by)m;
	}
}
