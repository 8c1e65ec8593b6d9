/* mask_find - where in a text addresses stand, however they are written */
#include "mta/header_words.h"
#include "mta/mask_parts.h"

enum { INNER_MAX = 1000, WORDS_MAX = 4096 };

/* Keys of which the value is an address or a name, as Postfix and Dovecot write
 * them. */
static const struct str keys[] = {STR_INIT("sasl_username="),
    STR_INIT("sasl_sender="), STR_INIT("user="), STR_INIT("login="),
    STR_INIT("username="), STR_INIT("orig_to="), STR_INIT("to="),
    STR_INIT("from="), STR_INIT("ctladdr="), STR_INIT("sender="),
    STR_INIT("recipient="), STR_INIT("rcpt="), STR_INIT("mailbox="),
    STR_INIT("account="), STR_INIT("addr="), STR_INIT("expanded from ")};
enum { KEYS = sizeof(keys) / sizeof(keys[0]), LOGIN_KEYS = 5 };

/* Ways to write "@". Of the first ones only those count that a domain follows:
 * "size=4012" is none. */
static const struct str ats[] = {STR_INIT("=40"), STR_INIT("\\100"),
    STR_INIT("\\x40"), STR_INIT("@"), STR_INIT("%40"), STR_INIT("%2540"),
    STR_INIT("&#64;"), STR_INIT("&#x40;"), STR_INIT("&commat;"),
    STR_INIT("+AEA-"), STR_INIT("\xef\xbc\xa0"), STR_INIT("\xef\xb9\xab"),
    STR_INIT("(at)"), STR_INIT("[at]"), STR_INIT("{at}"), STR_INIT(" (at) "),
    STR_INIT(" [at] "), STR_INIT(" {at} ")};
enum { ATS = sizeof(ats) / sizeof(ats[0]), DOUBTFUL = 3 };

static bool
is_domain_char(char c)
{
	return mask_is_word(c) || c == '.' || c == '-' || c == '_';
}

static bool
is_gap(char c)
{
	return (unsigned char)c <= ' ' || (c && strchr("<>()[],;:\"", c));
}

/* A label, a dot, and letters: "example.com". */
static bool
has_domain(struct str s)
{
	bool has_dot = false, has_letter = false;
	size_t i = 0;

	for (; i < s.n && is_domain_char(s.p[i]); i++) {
		has_dot |= s.p[i] == '.' && i > 0 && i + 1 < s.n &&
			   mask_is_word(s.p[i + 1]);
		has_letter |=
		    mask_is_word(s.p[i]) && !(s.p[i] >= '0' && s.p[i] <= '9');
	}
	return has_dot && has_letter && s.p[0] != '.';
}

static size_t
at_sign(struct str s, size_t i)
{
	struct str rest = str_skip(s, i);

	for (size_t k = 0; k < ATS; k++) {
		if (rest.n < ats[k].n ||
		    !str_is_nocase(str_head(rest, ats[k].n), ats[k]))
			continue;
		if (k < DOUBTFUL && !has_domain(str_skip(rest, ats[k].n)))
			continue;
		return ats[k].n;
	}
	return 0;
}

/* The last at-sign in [from, to): its place and length. */
static bool
find_last_at(struct str s, size_t from, size_t to, size_t *at, size_t *n)
{
	bool is_found = false;

	for (size_t i = from; i < to;) {
		size_t len = at_sign(str_head(s, to), i);

		if (len > 0) {
			*at = i;
			*n = len;
			is_found = true;
		}
		i += len ? len : 1;
	}
	return is_found;
}

/* The key that ends at `end`; -1: none. */
static int
key_before(struct str s, size_t end)
{
	struct str head = str_head(s, end);

	for (size_t k = 0; k < KEYS; k++) {
		size_t begin = end - keys[k].n;

		if (str_ends(head, keys[k]) &&
		    (begin == 0 || (!mask_is_word(s.p[begin - 1]) &&
				       s.p[begin - 1] != '_')))
			return (int)k;
	}
	return -1;
}

/* local and domain of [from, to), whose last at-sign is known. */
static void
take_parts(struct str s, size_t from, size_t to, size_t at, size_t n,
    struct mask_span *out)
{
	size_t end = at + n;

	while (end < to && is_domain_char(s.p[end]))
		end++;
	while (end > at + n && !mask_is_word(s.p[end - 1]))
		end--;
	out->whole = str_make(s.p + from, end - from);
	out->local = str_make(s.p + from, at - from);
	out->at = str_make(s.p + at, n);
	out->domain = str_make(s.p + at + n, end - at - n);
	out->to = end;
	for (size_t i = end; i < to; i++) {
		if (mask_is_word(s.p[i]) && s.p[at + n] != '[') {
			out->after = STR("~");
			out->to = to;
		}
	}
}

/* The ">" that ends what begins at i; quoted ones don't. */
static size_t
find_close(struct str s, size_t i)
{
	bool is_quoted = false;
	size_t first = 0;

	for (size_t k = i; k < s.n && k < i + INNER_MAX; k++) {
		if (s.p[k] == '\\')
			k++;
		else if (s.p[k] == '"')
			is_quoted = !is_quoted;
		else if (s.p[k] == '>' && !is_quoted)
			return k;
		else if (s.p[k] == '>' && !first)
			first = k;
		else if (s.p[k] == '<' && !is_quoted)
			return 0;
	}
	return first;
}

/* "<bob@example.com>", "to=<bob>". */
static bool
take_brackets(struct str s, size_t i, struct mask_span *out)
{
	size_t close = find_close(s, i + 1), at, n;
	int key = key_before(s, i);

	if (close <= i + 1)
		return false;
	*out = (struct mask_span){.from = i + 1,
	    .to = close,
	    .is_login = key >= 0 && key < LOGIN_KEYS};
	if (find_last_at(s, i + 1, close, &at, &n)) {
		take_parts(s, i + 1, close, at, n, out);
		return at > i + 1;
	}
	out->whole = out->local = str_make(s.p + i + 1, close - i - 1);
	return key >= 0;
}

/* Where the local part that ends at `at` begins, not before `least`. */
static size_t
find_left(struct str s, size_t at, size_t least)
{
	size_t left = at;

	if (left > least && s.p[left - 1] == '"') {
		for (size_t i = left - 1; i-- > least;) {
			if (s.p[i] == '"' && (i == 0 || s.p[i - 1] != '\\'))
				return i;
		}
	}
	while (left > least && !is_gap(s.p[left - 1]))
		left--;
	return left;
}

/* An address without brackets around it: i is at its first at-sign. */
static bool
take_plain(
    struct str s, size_t least, size_t i, size_t n, struct mask_span *out)
{
	size_t left = find_left(s, i, least), right = i + n, at = i;

	while (right < s.n && !is_gap(s.p[right]))
		right++;
	find_last_at(s, i, right, &at, &n);
	*out = (struct mask_span){.from = left};
	for (size_t k = left; k < i; k++) {
		if (s.p[k] != '=')
			continue;
		int key = key_before(s, k + 1);

		if (key >= 0) {
			left = k + 1;
			out->is_login = key < LOGIN_KEYS;
		}
		break;
	}
	while (left < i && strchr("'`|{}*!?.", s.p[left]))
		left++;
	out->before = str_make(s.p + out->from, left - out->from);
	take_parts(s, left, right, at, n, out);
	if (out->is_login)
		out->from = left;
	out->before = str_make(s.p + out->from, left - out->from);
	return left < at;
}

/* "rcpt=38/40" counts. */
static bool
is_count(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] < '0' || s.p[i] > '9') && s.p[i] != '/')
			return false;
	}
	return true;
}

/* "sasl_username=bob": a name alone. i is after the "=". */
static bool
take_bare(struct str s, size_t i, struct mask_span *out)
{
	size_t end = i;
	int key = key_before(s, i);

	while (end < s.n && !is_gap(s.p[end]))
		end++;
	if (key < 0 || end == i)
		return false;
	*out = (struct mask_span){
	    .from = i, .to = end, .is_login = key < LOGIN_KEYS};
	out->whole = out->local = str_make(s.p + i, end - i);
	size_t at, n;

	return (out->is_login || !is_count(out->whole)) &&
	       !find_last_at(s, i, end, &at, &n);
}

/* Encoded words in a row: how long they are, and whether an address is in them.
 * One in a charset that isn't read here may have anything. */
static size_t
skip_words(struct str s, size_t i, bool *has_address)
{
	char buf[WORDS_MAX];
	struct str charset;
	struct text bytes;
	size_t end = i, n;

	text_init(&bytes, buf, sizeof(buf));
	*has_address = false;
	for (size_t next = i; next < s.n;) {
		n = header_word(str_skip(s, next), &charset, &bytes);
		if (n == 0)
			break;
		if (!str_is_nocase(str_head(charset, 5), STR("utf-8")) &&
		    !str_is_nocase(str_head(charset, 8), STR("us-ascii")) &&
		    !str_is_nocase(str_head(charset, 8), STR("iso-8859")) &&
		    !str_is_nocase(str_head(charset, 8), STR("windows-")))
			*has_address = true;
		end = next += n;
		while (next < s.n && (unsigned char)s.p[next] <= ' ')
			next++;
	}
	if (bytes.is_cut)
		*has_address = true;
	for (size_t k = 0; k < bytes.n && !*has_address; k++)
		*has_address = at_sign(text_view(&bytes), k) > 0;
	return end - i;
}

bool
mask_find(struct str s, size_t at, struct mask_span *out)
{
	for (size_t i = at; i < s.n; i++) {
		size_t n = at_sign(s, i);
		bool has_address;

		if (n > 0 && take_plain(s, at, i, n, out))
			return true;
		if (s.p[i] == '<' && take_brackets(s, i, out))
			return true;
		if (i > at && s.p[i - 1] == '=' && take_bare(s, i, out))
			return true;
		if (s.p[i] != '=' || (n = skip_words(s, i, &has_address)) == 0)
			continue;
		if (has_address) {
			*out = (struct mask_span){
			    .from = i, .to = i + n, .is_words = true};
			return true;
		}
		i += n - 1;
	}
	return false;
}
