/* spf_term - the words of an SPF record */
#include "domains/spf_term.h"

#include "domains/spf_macro.h"

bool
spf_is_record(struct str txt)
{
	return str_is_nocase(str_head(txt, 6), STR("v=spf1")) &&
	       (txt.n == 6 || txt.p[6] == ' ');
}

struct str
spf_terms(struct str record)
{
	return str_skip(record, 6);
}

static const struct {
	const char *name;
	enum spf_kind kind;
	enum { MUST, MAY, NEVER } has_spec;
	bool has_cidr;
} mechanisms[] = {
    {"all", SPF_ALL, NEVER, false},
    {"include", SPF_INCLUDE, MUST, false},
    {"a", SPF_A, MAY, true},
    {"mx", SPF_MX, MAY, true},
    {"ptr", SPF_PTR, MAY, false},
    {"ip4", SPF_IP4, MUST, false},
    {"ip6", SPF_IP6, MUST, false},
    {"exists", SPF_EXISTS, MUST, false},
};

/* Takes "/NUMBER" off the end; false: there is none. No leading zeros. */
static bool
take_length(struct str *s, uint64_t max, uint8_t *out, const char **why)
{
	size_t n = s->n;
	uint64_t v;

	while (n > 0 && s->p[n - 1] >= '0' && s->p[n - 1] <= '9')
		n--;
	if (n == s->n || n == 0 || s->p[n - 1] != '/')
		return false;
	struct str digits = str_skip(*s, n);

	if (digits.n > 3 || !str_to_u64(digits, &v) || v > max ||
	    (digits.n > 1 && *digits.p == '0'))
		*why = "the length behind / is none";
	else
		*out = (uint8_t)v;
	s->n = n - 1;
	return true;
}

/* [ "/" ip4 ] [ "//" ip6 ] at the end of an a or mx. */
static void
take_cidr(struct str *s, struct spf_term *out, const char **why)
{
	struct str before = *s;
	uint8_t length = 0;
	const char *bad = NULL;

	out->cidr4 = 32;
	out->cidr6 = 128;
	if (!take_length(s, 128, &length, &bad))
		return;
	if (s->n > 0 && s->p[s->n - 1] == '/') {
		s->n--;
		out->cidr6 = length;
		before = *s;
		if (bad || !take_length(s, 32, &length, &bad)) {
			*why = bad;
			return;
		}
		out->cidr4 = length;
		*why = bad;
		return;
	}
	*s = before;
	bad = NULL;
	take_length(s, 32, &length, &bad);
	out->cidr4 = length;
	*why = bad;
}

static const char *
read_net(struct str s, struct spf_term *out)
{
	bool is_v4 = out->kind == SPF_IP4;
	uint8_t bits = is_v4 ? 32 : 128;
	const char *why = NULL;
	struct ip ip;

	take_length(&s, is_v4 ? 32 : 128, &bits, &why);
	if (why)
		return why;
	/* ip_parse takes more forms than RFC 7208. */
	if (s.n == 0 || *s.p == '[' || *s.p == 'I' || *s.p == 'i' ||
	    (str_find_char(s, ':') >= 0) == is_v4 || !ip_parse(s, &ip))
		return is_v4 ? "that is no IPv4 address"
			     : "that is no IPv6 address";
	out->net = ip_net_of(&ip, is_v4 ? bits + 96u : bits);
	return NULL;
}

static const char *
read_mechanism(struct str word, struct spf_term *out)
{
	size_t n = 0, i = 0;
	const char *why = NULL;

	while (n < word.n && word.p[n] != ':' && word.p[n] != '/')
		n++;
	while (i < sizeof(mechanisms) / sizeof(*mechanisms) &&
	       !str_is_nocase(str_head(word, n), str_from(mechanisms[i].name)))
		i++;
	if (i == sizeof(mechanisms) / sizeof(*mechanisms))
		return "there is no such mechanism";
	struct str rest = str_skip(word, n);
	bool has_colon = rest.n > 0 && *rest.p == ':';

	out->kind = mechanisms[i].kind;
	if (mechanisms[i].has_cidr)
		take_cidr(&rest, out, &why);
	if (why)
		return why;
	out->spec = str_skip(rest, 1);
	if (rest.n > 0 && (!has_colon || mechanisms[i].has_spec == NEVER))
		return "something stands behind the mechanism that doesn't "
		       "belong there";
	if (out->spec.n == 0 && (has_colon || mechanisms[i].has_spec == MUST))
		return "what it is about is missing (NAME:VALUE)";
	if (out->kind == SPF_IP4 || out->kind == SPF_IP6)
		return read_net(out->spec, out);
	return out->spec.n > 0 ? spf_spec_check(out->spec) : NULL;
}

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* NAME=VALUE: how long NAME is; 0: it is no modifier. */
static size_t
modifier_name(struct str word)
{
	size_t n = 0;

	if (word.n == 0 || !is_alpha(*word.p))
		return 0;
	while (n < word.n &&
	       (is_alpha(word.p[n]) || (word.p[n] >= '0' && word.p[n] <= '9') ||
		   word.p[n] == '-' || word.p[n] == '_' || word.p[n] == '.'))
		n++;
	return n < word.n && word.p[n] == '=' ? n : 0;
}

static const char *
read_modifier(struct str word, size_t n, struct spf_term *out)
{
	struct str name = str_head(word, n);

	out->spec = str_skip(word, n + 1);
	out->kind = SPF_OTHER;
	if (str_is_nocase(name, STR("redirect")))
		out->kind = SPF_REDIRECT;
	else if (str_is_nocase(name, STR("exp")))
		out->kind = SPF_EXP;
	else
		return spf_string_check(out->spec, false);
	if (out->spec.n == 0)
		return "the name behind = is missing";
	return spf_spec_check(out->spec);
}

int
spf_term_next(struct str *rest, struct spf_term *out, const char **why)
{
	struct str word = *rest;
	size_t n = 0;

	while (word.n > 0 && *word.p == ' ')
		word = str_skip(word, 1);
	if (word.n == 0)
		return 0;
	while (n < word.n && word.p[n] != ' ')
		n++;
	*rest = str_skip(word, n);
	word = str_head(word, n);
	*out = (struct spf_term){.text = word, .qualifier = '+'};
	for (size_t i = 0; i < word.n; i++) {
		if (word.p[i] <= ' ' || word.p[i] > '~') {
			*why = "it has a character that isn't allowed";
			return -1;
		}
	}
	n = modifier_name(word);
	if (n > 0) {
		*why = read_modifier(word, n, out);
		return *why ? -1 : 1;
	}
	if (memchr("+-~?", *word.p, 4)) {
		out->qualifier = *word.p;
		word = str_skip(word, 1);
	}
	*why = read_mechanism(word, out);
	return *why ? -1 : 1;
}
