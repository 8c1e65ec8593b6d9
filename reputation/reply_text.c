/* reply_text - what a receiver said, in the form that is looked at */
#include "reputation/reply_text.h"

enum { ADDRESS_MAX = 320 };

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
byte_at(struct str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* The length of "5.7.1", "4.7.650" at the beginning, 0: there is none. */
static size_t
status_length(struct str s)
{
	size_t i = 0;

	if (!strchr("245", byte_at(s, 0)) || !byte_at(s, 0))
		return 0;
	for (unsigned part = 0; part < 3; part++) {
		size_t from = i;

		while (is_digit(byte_at(s, i)))
			i++;
		if (i == from || i > from + 3)
			return 0;
		if (part < 2 && byte_at(s, i++) != '.')
			return 0;
	}
	return i;
}

static bool
is_code(struct str s)
{
	char end = byte_at(s, 3);

	return strchr("245", byte_at(s, 0)) && is_digit(byte_at(s, 1)) &&
	       is_digit(byte_at(s, 2)) &&
	       (end == ' ' || end == '-' || end == '\0');
}

/* "host NAME[IP] said: REPLY (in reply to RCPT TO command)", also behind
 * "<RECIPIENT>: " as in a bounce. */
static struct str
take_reply(struct str s, struct str *host)
{
	static const struct str verbs[] = {
	    STR_INIT(" said: "), STR_INIT(" refused to talk to me: ")};
	ptrdiff_t at, end = str_find(s, STR(">: host "));

	str_take(&s, STR("delivery temporarily suspended: "));
	if (byte_at(s, 0) == '<' && end >= 0 && end < ADDRESS_MAX)
		s = str_skip(s, (size_t)end + 3);
	if (!str_starts(s, STR("host ")))
		return s;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		struct str head;

		if ((at = str_find(s, verbs[i])) < 0)
			continue;
		head = str_skip(str_head(s, (size_t)at), 5);
		if (head.n == 0 || str_find_char(head, ' ') >= 0)
			continue;
		if (!str_cut(&head, '[', host))
			*host = head;
		s = str_skip(s, (size_t)at + verbs[i].n);
		break;
	}
	at = str_find_last(s, STR(" (in reply to "));
	return at >= 0 && str_ends(s, STR(" command)"))
		   ? str_head(s, (size_t)at)
		   : s;
}

static void
put(struct reply_text *out, char c)
{
	if (c == '\t' || c == '\0' || c == '\r' || c == '\n')
		c = ' ';
	if (c == ' ' && (out->n == 0 || out->plain[out->n - 1] == ' '))
		return;
	if (out->n < sizeof(out->plain) - 1)
		out->plain[out->n++] =
		    c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool
is_in_address(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
	       (c && strchr("._+-", c));
}

/* What begins a line of the reply, behind a blank: the code again. */
static size_t
skip_codes(struct str s, struct str code, bool *is_long)
{
	if (!str_starts(s, code) || !is_code(s))
		return 0;
	struct str rest = str_skip(s, 4);
	size_t n = status_length(rest);
	bool is_last = byte_at(s, 3) != '-';

	/* "550 550" could be anything, but for the last of many lines. */
	if (is_last && n == 0 && !*is_long)
		return 0;
	*is_long |= !is_last;
	return 4 + (n ? n + 1 : 0);
}

/* The step over an address in brackets at s; 0: it is none. */
static size_t
skip_brackets(struct str s)
{
	ptrdiff_t end = str_find_char(str_head(s, ADDRESS_MAX), '>');

	return end > 0 ? (size_t)end + 1 : 0;
}

/* The "@" has come: its left half is taken back. */
static size_t
put_address(struct reply_text *out, struct str from_at)
{
	size_t n = 1;

	while (out->n > 0 && is_in_address(out->plain[out->n - 1]))
		out->n--;
	put(out, '@');
	while (n < from_at.n && is_in_address(from_at.p[n]))
		n++;
	/* The stop behind it is the sentence's. */
	return n > 1 && from_at.p[n - 1] == '.' ? n - 1 : n;
}

static void
put_plain(struct reply_text *out, struct str s, struct str code, bool is_long)
{
	for (size_t i = 0; i < s.n;) {
		struct str rest = str_skip(s, i);
		size_t n = 0;

		if (code.n && i > 0 && s.p[i - 1] == ' ')
			n = skip_codes(rest, code, &is_long);
		if (n == 0 && s.p[i] == '<' && (n = skip_brackets(rest))) {
			put(out, '<');
			put(out, '>');
		}
		if (n == 0 && s.p[i] == '@')
			n = put_address(out, rest);
		if (n == 0) {
			put(out, s.p[i]);
			n = 1;
		}
		i += n;
	}
	while (out->n > 0 && out->plain[out->n - 1] == ' ')
		out->n--;
	out->plain[out->n] = '\0';
}

/* The code of the reply: a number, and its three digits are put. */
static struct str
put_code(struct reply_text *out, struct str s)
{
	out->code = (unsigned)((s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 +
			       s.p[2] - '0');
	for (size_t i = 0; i < 3; i++)
		put(out, s.p[i]);
	return str_head(s, 3);
}

static void
put_status(struct reply_text *out, struct str status)
{
	put(out, ' ');
	for (size_t i = 0; i < status.n; i++)
		put(out, status.p[i]);
	put(out, ' ');
}

void
reply_text_read(struct reply_text *out, struct str dsn, struct str text)
{
	struct str code = {"", 0}, s;
	bool is_long = false;
	size_t n;

	out->host = code;
	out->code = 0;
	out->n = 0;
	s = str_trim(take_reply(str_trim(text), &out->host));
	if (is_code(s)) {
		code = put_code(out, s);
		is_long = byte_at(s, 3) == '-';
		s = str_skip(s, 4);
	} else if (status_length(s) == 0) {
		put_status(out, str_head(dsn, status_length(dsn)));
	}
	n = status_length(s);
	put_status(out, str_head(s, n));
	put_plain(out, str_skip(s, n), code, is_long);
}
