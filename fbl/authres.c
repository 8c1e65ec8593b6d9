/* authres - what our own MTA found out about who sent a mail */
#include "fbl/authres.h"

#include "base/dns_name.h"

static void
skip_comment(struct str *s)
{
	unsigned depth = 0;

	do {
		char c = *s->p;
		size_t n = 1;

		if (c == '\\' && s->n > 1)
			n = 2;
		depth += c == '(';
		depth -= c == ')';
		*s = str_skip(*s, n);
	} while (depth > 0 && s->n > 0);
}

static void
skip_blanks(struct str *s)
{
	while (s->n > 0) {
		if (*s->p == '(')
			skip_comment(s);
		else if (*s->p == ' ' || *s->p == '\t')
			*s = str_skip(*s, 1);
		else
			return;
	}
}

static bool
is_word(char c)
{
	return c > ' ' && c != ';' && c != '=' && c != '(' && c != '"' &&
	       c != 127;
}

/* A word, or what stands between quotes; the first byte is passed over if it is
 * neither, so that nobody stands still. */
static struct str
take_word(struct str *s)
{
	size_t n = 0;
	struct str word;

	skip_blanks(s);
	if (s->n > 0 && *s->p == '"') {
		*s = str_skip(*s, 1);
		while (n < s->n && s->p[n] != '"')
			n += s->p[n] == '\\' ? 2 : 1;
		word = str_head(*s, n);
		*s = str_skip(*s, n + 1);
		return word;
	}
	while (n < s->n && is_word(s->p[n]))
		n++;
	word = str_head(*s, n);
	*s = str_skip(*s, n);
	return word;
}

static bool
take_char(struct str *s, char c)
{
	skip_blanks(s);
	if (s->n == 0 || *s->p != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

static void
vouch(struct authres *a, struct str domain)
{
	struct str behind = header_domain(domain);

	if (behind.n > 0)
		domain = behind;
	if (domain.n > 0 && a->n < AUTHRES_DOMAINS)
		a->v[a->n++] = domain;
}

/* Which property of a method that passed names the domain. */
static const struct {
	struct str method, property;
} telling[] = {
    {STR_INIT("dkim"), STR_INIT("header.d")},
    {STR_INIT("dkim"), STR_INIT("header.i")},
    {STR_INIT("dmarc"), STR_INIT("header.from")},
    {STR_INIT("spf"), STR_INIT("smtp.mailfrom")},
    {STR_INIT("spf"), STR_INIT("smtp.mail")},
};

enum { TELLING = sizeof(telling) / sizeof(telling[0]) };

/* A bit per row. */
static unsigned
rows_of(struct str method)
{
	unsigned rows = 0;

	for (unsigned i = 0; i < TELLING; i++) {
		if (str_is_nocase(method, telling[i].method))
			rows |= 1u << i;
	}
	return rows;
}

static bool
is_telling(unsigned rows, struct str property)
{
	for (unsigned i = 0; i < TELLING; i++) {
		if ((rows & 1u << i) &&
		    str_is_nocase(property, telling[i].property))
			return true;
	}
	return false;
}

/* "dkim=pass (good) header.d=example.com header.s=s1", up to the semicolon. Of
 * a method that a field above told of (told), nothing more is believed. */
static void
take_result(struct str *s, unsigned told, unsigned *tells, struct authres *a)
{
	struct str method = take_word(s), slash, result;

	if (str_cut(&method, '/', &slash)) /* "dkim/1" */
		method = slash;
	if (!take_char(s, '='))
		return;
	result = take_word(s);
	unsigned rows = rows_of(method);
	bool has_passed = !(rows & told) && str_is_nocase(result, STR("pass"));

	*tells |= rows;

	while (s->n > 0) {
		struct str name, value;

		skip_blanks(s);
		if (s->n == 0 || *s->p == ';')
			return;
		name = take_word(s);
		if (!take_char(s, '=')) {
			if (name.n == 0 && s->n > 0)
				*s = str_skip(*s, 1);
			continue;
		}
		value = take_word(s);
		if (has_passed && is_telling(rows, name))
			vouch(a, value);
	}
}

static bool
is_ours(struct str name, const struct setting_list *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (str_is_nocase(name, str_from(names->v[i])))
			return true;
	}
	return false;
}

static void
take_field(struct str value, const struct setting_list *names, unsigned *told,
    struct authres *a)
{
	unsigned tells = 0;

	if (!is_ours(take_word(&value), names))
		return;
	ptrdiff_t at =
	    str_find_char(value, ';'); /* a version may stand before */

	if (at < 0)
		return;
	value = str_skip(value, (size_t)at);
	while (value.n > 0) {
		if (take_char(&value, ';'))
			take_result(&value, *told, &tells, a);
		else
			value = str_skip(value, 1);
	}
	*told |= tells;
}

void
authres_read(const struct headers *mail, const struct setting_list *names,
    int64_t hops, struct authres *out)
{
	int64_t received = 0;
	unsigned told = 0;

	out->n = 0;
	for (size_t i = 0; i < mail->n && received <= hops; i++) {
		const struct header *h = &mail->v[i];

		if (str_is_nocase(h->name, STR("Received")))
			received++;
		else if (received <= hops &&
			 str_is_nocase(h->name, STR("Authentication-Results")))
			take_field(h->value, names, &told, out);
	}
}

static bool
read_signed(struct str result, enum authres_result *out)
{
	static const struct {
		struct str word;
		enum authres_result result;
	} words[] = {
	    {STR_INIT("pass"), AUTHRES_PASS},
	    {STR_INIT("fail"), AUTHRES_FAIL},
	    {STR_INIT("permerror"), AUTHRES_FAIL},
	    {STR_INIT("none"), AUTHRES_NONE},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (str_is_nocase(result, words[i].word)) {
			*out = words[i].result;
			return true;
		}
	}
	return false;
}

/* "dkim=fail header.d=example.com", up to the semicolon; the first property
 * that names a domain counts. false: it is no such result. */
static bool
take_signed(struct str *s, struct str from, struct authres_signed *out)
{
	struct str method = take_word(s), slash, result;
	bool is_named = false;

	if (str_cut(&method, '/', &slash))
		method = slash;
	if (!take_char(s, '='))
		return false;
	result = take_word(s);
	bool is_wanted = str_is_nocase(method, STR("dkim")) &&
			 read_signed(result, &out->result);

	while (s->n > 0) {
		struct str name, value;

		skip_blanks(s);
		if (s->n == 0 || *s->p == ';')
			break;
		name = take_word(s);
		if (!take_char(s, '=')) {
			if (name.n == 0 && s->n > 0)
				*s = str_skip(*s, 1);
			continue;
		}
		value = take_word(s);
		if (is_named || !is_telling(rows_of(STR("dkim")), name))
			continue;
		struct str behind = header_domain(value);

		out->domain = behind.n > 0 ? behind : value;
		is_named = out->domain.n > 0;
	}
	if (!is_named && out->result == AUTHRES_NONE)
		out->domain = from;
	return is_wanted && (is_named || out->result == AUTHRES_NONE) &&
	       out->domain.n > 0;
}

static struct str
topmost(const struct headers *h)
{
	for (size_t i = 0; i < h->n; i++) {
		if (str_is_nocase(h->v[i].name, STR("Received")))
			break;
		if (str_is_nocase(h->v[i].name, STR("Authentication-Results")))
			return h->v[i].value;
	}
	return STR("");
}

size_t
authres_signed(const struct headers *part, const struct headers *original,
    struct authres_signed out[AUTHRES_DOMAINS])
{
	struct str value = header_get(part, STR("Authentication-Results"));
	struct str from =
	    header_domain(header_address(header_get(original, STR("From"))));
	size_t n = 0;

	if (value.n == 0)
		value = topmost(original);
	while (value.n > 0 && n < AUTHRES_DOMAINS) {
		if (!take_char(&value, ';'))
			value = str_skip(value, 1);
		else if (take_signed(&value, from, &out[n]))
			n++;
	}
	return n;
}

bool
authres_vouches(const struct authres *a, const struct setting_list *domains)
{
	for (size_t i = 0; i < a->n; i++) {
		for (size_t k = 0; k < domains->n; k++) {
			if (dns_is_below(a->v[i], str_from(domains->v[k])))
				return true;
		}
	}
	return false;
}
