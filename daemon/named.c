/* named - does a text name an account? */
#include "daemon/named.h"

#include <ctype.h>

static bool
is_inner(struct str s, size_t i)
{
	if (i >= s.n)
		return false;
	if (s.p[i] == '.') /* the end of a sentence, or not */
		return i + 1 < s.n && isalnum((unsigned char)s.p[i + 1]);
	return isalnum((unsigned char)s.p[i]) || strchr("_%+-@", s.p[i]);
}

static bool
begins_within(struct str s, size_t at)
{
	return at > 0 && s.p[at - 1] &&
	       (isalnum((unsigned char)s.p[at - 1]) ||
		   strchr("._%+-@", s.p[at - 1]));
}

bool
named_in(struct str text, struct str account)
{
	struct str rest = text;
	ptrdiff_t at;

	if (account.n == 0)
		return false;
	while ((at = str_find_nocase(rest, account)) >= 0) {
		size_t from = (size_t)(rest.p - text.p) + (size_t)at;

		if (!begins_within(text, from) &&
		    (from + account.n >= text.n || !text.p[from + account.n] ||
			!is_inner(text, from + account.n)))
			return true;
		rest = str_skip(rest, (size_t)at + 1);
	}
	return false;
}

bool
named_in_event(struct str json, struct str account)
{
	static const struct str subject = STR_INIT("\"subject\":\"");
	ptrdiff_t at = str_find(json, subject);
	struct str value, rest;

	if (str_find_char(account, '@') >= 0)
		return named_in(json, account);
	if (at < 0)
		return false;
	rest = str_skip(json, (size_t)at + subject.n);
	return str_cut(&rest, '"', &value) && str_is(value, account);
}
