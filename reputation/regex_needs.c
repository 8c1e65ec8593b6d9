/* regex_needs - what every match of a regular expression (PCRE2) holds */
#include "reputation/regex_needs.h"

static char
byte_at(struct str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

static bool
is_one_of(char c, const char *set)
{
	return c && strchr(set, c);
}

/* "\x41", "(?x)", "(*UCP)": what follows isn't what it looks like. */
static bool
is_obscure(struct str s)
{
	char c = byte_at(s, 1), third = byte_at(s, 2);

	if (byte_at(s, 0) == '\\')
		return !is_one_of(c, "dswbDSWBAzZ") &&
		       ((c | 32) >= 'a' && (c | 32) <= 'z');
	return byte_at(s, 0) == '(' && (c == '*' || (c == '?' && third != ':'));
}

/* The end of a class or an escape or a byte that begins at i. */
static size_t
skip_flat(struct str s, size_t i)
{
	if (s.p[i] == '\\')
		return i + 2;
	if (s.p[i] != '[')
		return i + 1;
	i += byte_at(s, i + 1) == '^';
	for (i += 2; i < s.n && s.p[i] != ']'; i++)
		i += s.p[i] == '\\';
	return i + 1;
}

static size_t
skip_one(struct str s, size_t i)
{
	unsigned depth = 0;

	if (s.p[i] != '(')
		return skip_flat(s, i);
	while (i < s.n) {
		depth += s.p[i] == '(';
		if (s.p[i] == ')' && --depth == 0)
			break;
		i = skip_flat(s, i);
	}
	return i + 1;
}

/* "a" and "[.]" are one byte; '\0': it isn't. */
static char
literal_at(struct str s, size_t i)
{
	char c = s.p[i];

	if (c == '[' && byte_at(s, i + 2) == ']' && s.p[i + 1] != '^' &&
	    s.p[i + 1] != '\\')
		return s.p[i + 1];
	return strchr("\\[](){}.*+?^$|", c) ? '\0' : c;
}

void
regex_needs_literal(struct str s, struct regex_literal *out)
{
	struct regex_literal run = {0};
	bool is_whole = true;

	*out = run;
	for (size_t i = 0; i < s.n;) {
		char c = literal_at(s, i);
		size_t next = skip_one(s, i);
		bool is_optional = is_one_of(byte_at(s, next), "?*{");

		if (is_obscure(str_skip(s, i))) {
			out->n = 0;
			return;
		}
		if (c && !is_optional && run.n < sizeof(run.p)) {
			run.p[run.n++] = c;
		} else {
			is_whole = false;
			run.n = 0;
		}
		if (run.n > out->n)
			*out = run;
		if (byte_at(s, next) == '{')
			while (next < s.n && s.p[next] != '}')
				next++;
		i = next;
	}
	out->is_whole = is_whole && s.n > 0;
}

bool
regex_needs_group(struct str s, size_t *at, struct str *inside)
{
	for (size_t i = *at; i < s.n;) {
		size_t next = skip_one(s, i);

		if (is_obscure(str_skip(s, i)))
			return false;
		if (s.p[i] == '(' && next <= s.n &&
		    !is_one_of(byte_at(s, next), "?*{")) {
			*at = next;
			*inside = str_make(s.p + i + 1, next - i - 2);
			str_take(inside, STR("?:"));
			return true;
		}
		i = next;
	}
	return false;
}

bool
regex_needs_next(struct str *rest, struct str *alternative)
{
	size_t i = 0;

	while (i < rest->n && rest->p[i] != '|')
		i = skip_one(*rest, i);
	if (i >= rest->n) {
		*alternative = *rest;
		*rest = str_make(rest->p + rest->n, 0);
		return false;
	}
	*alternative = str_head(*rest, i);
	*rest = str_skip(*rest, i + 1);
	return true;
}
