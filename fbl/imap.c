/* imap - what an IMAP server answers, and what is said to it (RFC 3501) */
#include "fbl/imap.h"

void
imap_init(struct imap *m, size_t max_literal)
{
	*m = (struct imap){.max_literal = max_literal};
	text_grow(&m->line, IMAP_LINE);
	text_grow(&m->literal, max_literal + 1);
}

void
imap_done(struct imap *m)
{
	text_done(&m->line);
	text_done(&m->literal);
}

/* "...{123}" or "...{123+}" at the line's end. */
static bool
ends_with_literal(struct str line, uint64_t *n)
{
	ptrdiff_t at = str_find_last(line, STR("{"));

	if (at < 0 || !str_ends(line, STR("}")))
		return false;
	struct str digits = str_skip(line, (size_t)at + 1);

	digits = str_head(digits, digits.n - 1);
	if (str_ends(digits, STR("+")))
		digits = str_head(digits, digits.n - 1);
	return str_to_u64(digits, n);
}

static void
take_literal(struct imap *m, struct str *bytes)
{
	size_t n = bytes->n < m->left ? bytes->n : (size_t)m->left;

	if (m->is_first)
		text_str(&m->literal, str_head(*bytes, n));
	m->left -= n;
	*bytes = str_skip(*bytes, n);
}

static enum imap_turn
end_cut(struct imap *m)
{
	m->line.is_cut = false;
	return str_starts(text_view(&m->line), STR("* SEARCH "))
		   ? IMAP_RESPONSE
		   : IMAP_TOO_LONG; /* there may have been a literal */
}

static enum imap_turn
end_line(struct imap *m)
{
	struct str line = text_view(&m->line);
	uint64_t n;

	if (str_ends(line, STR("\r")))
		m->line.n--;
	line = text_view(&m->line);
	if (m->line.is_cut)
		return end_cut(m);
	if (!ends_with_literal(line, &n))
		return IMAP_RESPONSE;
	if (n > m->max_literal)
		return IMAP_TOO_LONG;
	m->line.n = (size_t)str_find_last(line, STR("{"));
	text_add(&m->line, "{}");
	m->is_first = !m->has_literal;
	m->has_literal = true;
	m->left = n;
	return IMAP_MORE;
}

static void
begin(struct imap *m)
{
	m->is_whole = false;
	m->has_literal = false;
	text_clear(&m->line);
	text_clear(&m->literal);
}

enum imap_turn
imap_feed(struct imap *m, struct str *bytes)
{
	enum imap_turn turn = IMAP_MORE;

	if (m->is_whole)
		begin(m);
	while (bytes->n > 0) {
		if (m->left > 0) {
			take_literal(m, bytes);
			continue;
		}
		ptrdiff_t end = str_find_char(*bytes, '\n');

		text_str(&m->line,
		    str_head(*bytes, end < 0 ? bytes->n : (size_t)end));
		*bytes = str_skip(*bytes, end < 0 ? bytes->n : (size_t)end + 1);
		if (end < 0)
			return IMAP_MORE;
		turn = end_line(m);
		m->is_whole = turn == IMAP_RESPONSE;
		if (turn != IMAP_MORE)
			return turn;
	}
	return IMAP_MORE;
}

static bool
take_word(struct str *s, struct str word)
{
	if (!str_is_nocase(str_head(*s, word.n), word) ||
	    (s->n > word.n && s->p[word.n] != ' '))
		return false;
	*s = str_trim(str_skip(*s, word.n));
	return true;
}

enum imap_status
imap_status(struct str line, struct str tag, struct str *words)
{
	if (!str_take(&line, tag) || !str_take(&line, STR(" ")))
		return IMAP_OTHER;
	enum imap_status status = take_word(&line, STR("OK"))	? IMAP_OK
				  : take_word(&line, STR("NO")) ? IMAP_NO
								: IMAP_BAD;

	*words = line;
	return status;
}

bool
imap_is_bye(struct str line, struct str *words)
{
	if (!str_take(&line, STR("* ")) || !take_word(&line, STR("BYE")))
		return false;
	*words = line;
	return true;
}

static bool
take_number(struct str *s, uint64_t *out)
{
	size_t n = 0;

	while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
		n++;
	if (!str_to_u64(str_head(*s, n), out))
		return false;
	*s = str_skip(*s, n);
	return true;
}

bool
imap_uidvalidity(struct str line, uint64_t *out)
{
	if (!str_take(&line, STR("* ")) || !take_word(&line, STR("OK")))
		return false;
	ptrdiff_t at = str_find_nocase(line, STR("[UIDVALIDITY "));

	if (at != 0)
		return false;
	line = str_skip(line, strlen("[UIDVALIDITY "));
	return take_number(&line, out) && str_starts(line, STR("]"));
}

bool
imap_is_capability(struct str line)
{
	return str_take(&line, STR("* ")) &&
	       take_word(&line, STR("CAPABILITY"));
}

bool
imap_has_word(struct str line, struct str word)
{
	struct str one;
	bool is_more = true;

	while (is_more) {
		is_more = str_cut(&line, ' ', &one);
		if (str_is_nocase(is_more ? one : line, word))
			return true;
	}
	return false;
}

bool
imap_next_found(struct str *rest, uint32_t *uid)
{
	uint64_t n;

	if (str_take(rest, STR("* ")) && !take_word(rest, STR("SEARCH")))
		*rest = STR("");
	while (rest->n > 0) {
		if (!take_number(rest, &n)) {
			*rest = str_skip(*rest, 1);
			continue;
		}
		if (n == 0 || n > UINT32_MAX)
			continue;
		*uid = (uint32_t)n;
		return true;
	}
	return false;
}

/* Steps over one value of a list: an atom, a quoted string, a list. */
static void
skip_value(struct str *s)
{
	size_t depth = 0, i = 0;
	bool is_quoted = false;

	for (; i < s->n; i++) {
		char c = s->p[i];

		if (is_quoted && c == '\\')
			i++;
		else if (c == '"')
			is_quoted = !is_quoted;
		else if (is_quoted)
			continue;
		else if (c == '(')
			depth++;
		else if (c == ')' && depth == 0)
			break;
		else if (c == ')')
			depth--;
		else if (c == ' ' && depth == 0)
			break;
	}
	*s = str_trim(str_skip(*s, i));
}

/* "BODY[HEADER.FIELDS (DATE)]" is one. */
static void
skip_name(struct str *s)
{
	size_t i = 0;
	bool is_in = false;

	for (; i < s->n && (is_in || s->p[i] != ' '); i++) {
		if (s->p[i] == '[' || s->p[i] == ']')
			is_in = s->p[i] == '[';
	}
	*s = str_trim(str_skip(*s, i));
}

bool
imap_fetch_number(struct str line, struct str name, uint64_t *out)
{
	uint64_t number;

	if (!str_take(&line, STR("* ")) || !take_number(&line, &number))
		return false;
	line = str_trim(line);
	if (!take_word(&line, STR("FETCH")) || !str_take(&line, STR("(")))
		return false;
	while (line.n > 0 && *line.p != ')') {
		if (take_word(&line, name))
			return take_number(&line, out);
		skip_name(&line);
		skip_value(&line);
	}
	return false;
}

bool
imap_can_quote(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] < ' ' || (unsigned char)s.p[i] > 126)
			return false;
	}
	return true;
}

void
imap_quote(struct text *out, struct str s)
{
	text_char(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			text_char(out, '\\');
		text_char(out, s.p[i]);
	}
	text_char(out, '"');
}

void
imap_set(struct text *out, const uint32_t *uids, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t last = i;

		while (last + 1 < n && uids[last + 1] == uids[last] + 1)
			last++;
		text_printf(
		    out, "%s%lu", i > 0 ? "," : "", (unsigned long)uids[i]);
		if (last > i)
			text_printf(out, ":%lu", (unsigned long)uids[last]);
		i = last;
	}
}
