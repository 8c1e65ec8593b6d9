/* spf_macro - names with macros in SPF records */
#include "domains/spf_macro.h"

#include "base/dns_answer.h"

enum { PARTS_MAX = 256 };

static const char delimiters[] = ".-+,/_=";

/* %{...} taken apart. */
struct macro {
	char letter; /* lower-case */
	bool is_escaped, is_reversed;
	unsigned parts; /* 0: all */
	struct str delimiters;
};

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* At "%{": how long it is; 0: it is wrong. */
static size_t
read_macro(struct str s, struct macro *out)
{
	size_t i = 2;

	*out = (struct macro){0};
	if (s.n < 4 || !memchr("slodiphcrtv", lower(s.p[i]), 11))
		return 0;
	out->letter = lower(s.p[i]);
	out->is_escaped = s.p[i++] != out->letter;
	size_t digits = i;

	while (i < s.n && is_digit(s.p[i])) {
		if (out->parts < 1000)
			out->parts = out->parts * 10 + (unsigned)(s.p[i] - '0');
		i++;
	}
	if (i > digits && out->parts == 0)
		return 0;
	if (i < s.n && lower(s.p[i]) == 'r') {
		out->is_reversed = true;
		i++;
	}
	size_t begin = i;

	while (i < s.n && s.p[i] != '\0' && strchr(delimiters, s.p[i]))
		i++;
	out->delimiters = str_make(s.p + begin, i - begin);
	return i < s.n && s.p[i] == '}' ? i + 1 : 0;
}

/* Length of the macro at s (which begins with %); 0: it is wrong. */
static size_t
check_macro(struct str s, bool is_explanation)
{
	struct macro m;

	if (s.n < 2)
		return 0;
	if (s.p[1] == '%' || s.p[1] == '_' || s.p[1] == '-')
		return 2;
	size_t n = s.p[1] == '{' ? read_macro(s, &m) : 0;

	if (n > 0 && !is_explanation && strchr("crt", m.letter))
		return 0;
	return n;
}

const char *
spf_string_check(struct str s, bool is_explanation)
{
	while (s.n > 0) {
		size_t n = *s.p == '%' ? check_macro(s, is_explanation) : 1;

		if (n == 0)
			return "a macro in it (behind %) is wrong";
		if (*s.p > '~' || *s.p < (is_explanation ? ' ' : '!'))
			return "it has a character that isn't allowed";
		s = str_skip(s, n);
	}
	return NULL;
}

static bool
is_top_label(struct str s)
{
	bool has_alpha = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = lower(s.p[i]);

		if (!(c >= 'a' && c <= 'z') && !is_digit(c) && c != '-')
			return false;
		has_alpha |= !is_digit(c);
	}
	return s.n > 0 && has_alpha && *s.p != '-' && s.p[s.n - 1] != '-';
}

const char *
spf_spec_check(struct str spec)
{
	const char *why = spf_string_check(spec, false);
	struct str rest = spec;
	bool ends_in_macro = false;

	if (why)
		return why;
	for (size_t n; rest.n > 0; rest = str_skip(rest, n)) {
		n = *rest.p == '%' ? check_macro(rest, false) : 1;
		ends_in_macro = *rest.p == '%' && rest.p[1] == '{';
	}
	if (ends_in_macro)
		return NULL;
	if (spec.p[spec.n - 1] == '.')
		spec.n--;
	ptrdiff_t dot = str_find_last(spec, STR("."));

	if (dot < 0 || !is_top_label(str_skip(spec, (size_t)dot + 1)))
		return "its name is no full domain name";
	return NULL;
}

bool
spf_needs_validated(struct str s)
{
	struct macro m;

	for (size_t n; s.n > 0; s = str_skip(s, n)) {
		n = *s.p == '%' ? check_macro(s, true) : 1;
		if (n == 0)
			return false;
		if (n > 2 && read_macro(s, &m) > 0 && m.letter == 'p')
			return true;
	}
	return false;
}

static void
put_dotted(struct text *t, const struct ip *ip)
{
	if (ip_is_v4(ip)) {
		ip_format(t, ip);
		return;
	}
	for (int i = 0; i < 16; i++)
		text_printf(t, "%s%x.%x", i > 0 ? "." : "", ip->b[i] >> 4u,
		    ip->b[i] & 15u);
}

static void
put_value(struct text *t, char letter, const struct spf_macro *m)
{
	ptrdiff_t at = str_find_last(m->sender, STR("@"));

	switch (letter) {
	case 's':
		text_str(t, m->sender);
		break;
	case 'l':
		text_str(t, str_head(m->sender, at < 0 ? 0 : (size_t)at));
		break;
	case 'o':
		text_str(t, str_skip(m->sender, (size_t)(at + 1)));
		break;
	case 'd':
		text_str(t, m->domain);
		break;
	case 'i':
		put_dotted(t, &m->ip);
		break;
	case 'c':
		ip_format(t, &m->ip);
		break;
	case 'p':
		text_str(t, m->validated);
		break;
	case 'v':
		text_add(t, ip_is_v4(&m->ip) ? "in-addr" : "ip6");
		break;
	case 'h':
		text_str(t, m->helo);
		break;
	case 'r':
		text_str(t, m->receiver.n > 0 ? m->receiver : STR("unknown"));
		break;
	default:
		text_i64(t, m->now);
	}
}

/* As in URIs: all but the unreserved characters as %XX. */
static void
put_escaped(struct text *t, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		char l = lower((char)c);

		if ((l >= 'a' && l <= 'z') || is_digit(l) ||
		    (c != '\0' && strchr("-._~", c)))
			text_char(t, (char)c);
		else
			text_printf(t, "%%%02X", c);
	}
}

/* Split at the delimiters, reversed, the last so many, joined by dots. */
static void
put_parts(struct text *t, struct str value, const struct macro *m)
{
	struct str parts[PARTS_MAX];
	struct str cut = m->delimiters.n > 0 ? m->delimiters : STR(".");
	size_t n = 0, begin = 0;

	for (size_t i = 0; i <= value.n && n < PARTS_MAX; i++) {
		if (i < value.n && !memchr(cut.p, value.p[i], cut.n))
			continue;
		parts[n++] = str_make(value.p + begin, i - begin);
		begin = i + 1;
	}
	size_t first = m->parts > 0 && m->parts < n ? n - m->parts : 0;

	for (size_t i = first; i < n; i++) {
		struct str part = parts[m->is_reversed ? n - 1 - i : i];

		if (i > first)
			text_char(t, '.');
		if (m->is_escaped)
			put_escaped(t, part);
		else
			text_str(t, part);
	}
}

static size_t
put_macro(struct text *t, struct str s, const struct spf_macro *m)
{
	char value[1024];
	struct macro one;
	struct text v;

	if (s.p[1] == '%' || s.p[1] == '_') {
		text_char(t, s.p[1] == '%' ? '%' : ' ');
		return 2;
	}
	if (s.p[1] == '-') {
		text_add(t, "%20");
		return 2;
	}
	size_t n = read_macro(s, &one);

	text_init(&v, value, sizeof(value));
	put_value(&v, one.letter, m);
	put_parts(t, text_view(&v), &one);
	return n;
}

void
spf_expand(struct text *out, struct str s, const struct spf_macro *m)
{
	while (s.n > 0) {
		size_t n = 1;

		if (*s.p == '%')
			n = put_macro(out, s, m);
		else
			text_char(out, *s.p);
		s = str_skip(s, n);
	}
}
