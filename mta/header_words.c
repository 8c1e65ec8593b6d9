/* header_words - a header's words as people read them (RFC 2047) */
#include "mta/header_words.h"

enum { WORD_MAX = 1024 };

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
decode_q(struct str s, struct text *out)
{
	for (size_t i = 0; i < s.n; i++) {
		int high = -1, low = -1;

		if (s.p[i] == '=' && i + 2 < s.n) {
			high = hex_digit(s.p[i + 1]);
			low = hex_digit(s.p[i + 2]);
		}
		if (high >= 0 && low >= 0) {
			text_char(out, (char)(high << 4 | low));
			i += 2;
		} else {
			text_char(out, s.p[i] == '_' ? ' ' : s.p[i]);
		}
	}
}

static void
decode_b(struct str s, struct text *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	unsigned n = 0;

	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] ? strchr(digits, s.p[i]) : NULL;

		if (!at)
			continue;
		bits = bits << 6 | (uint32_t)(at - digits);
		n += 6;
		if (n >= 8) {
			n -= 8;
			text_char(out, (char)(bits >> n & 255));
		}
	}
}

/* RFC 2045's name of a charset, with RFC 2231's language. */
static bool
is_charset(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && (!c || !strchr("-_.:*+", c)))
			return false;
	}
	return s.n > 0 && s.n <= 60;
}

/* "=?charset?b?text?=", without blanks. */
size_t
header_word(struct str s, struct str *charset, struct text *bytes)
{
	struct str rest = str_head(str_skip(s, 2), WORD_MAX), kind, text;

	if (!str_starts(s, STR("=?")) || !str_cut(&rest, '?', charset) ||
	    !is_charset(*charset) || !str_cut(&rest, '?', &kind) ||
	    kind.n != 1 || !str_cut(&rest, '?', &text) ||
	    !str_starts(rest, STR("=")))
		return 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] <= ' ' || text.p[i] > '~')
			return 0;
	}
	bool is_b = kind.p[0] == 'b' || kind.p[0] == 'B';

	if (!is_b && kind.p[0] != 'q' && kind.p[0] != 'Q')
		return 0;
	if (bytes)
		(is_b ? decode_b : decode_q)(text, bytes);
	return (size_t)(rest.p + 1 - s.p);
}

static bool
add_word(struct str charset, struct str bytes, struct text *out)
{
	struct str name = charset;
	ptrdiff_t star = str_find_char(charset, '*'); /* RFC 2231: language */

	if (star >= 0)
		name = str_head(name, (size_t)star);
	if (str_is_nocase(name, STR("utf-8")) ||
	    str_is_nocase(name, STR("us-ascii"))) {
		text_str(out, bytes);
		return true;
	}
	if (!str_is_nocase(name, STR("iso-8859-1")) &&
	    !str_is_nocase(name, STR("iso-8859-15")) &&
	    !str_is_nocase(name, STR("windows-1252")))
		return false;
	for (size_t i = 0; i < bytes.n; i++) {
		unsigned char c = (unsigned char)bytes.p[i];

		if (c >= 0x80)
			text_char(out, (char)(0xc0 | c >> 6));
		text_char(out, (char)(c < 0x80 ? c : 0x80 | (c & 0x3f)));
	}
	return true;
}

static size_t
count_blanks(struct str s)
{
	size_t n = 0;

	while (n < s.n && (s.p[n] == ' ' || s.p[n] == '\t' || s.p[n] == '\r' ||
			      s.p[n] == '\n'))
		n++;
	return n;
}

/* Blanks between two encoded words are none. */
void
header_words(struct str s, struct text *out)
{
	bool is_after_word = false;

	while (s.n > 0) {
		char buf[WORD_MAX];
		struct str charset;
		struct text bytes;
		size_t blanks = is_after_word ? count_blanks(s) : 0;
		struct str next = str_skip(s, blanks);

		text_init(&bytes, buf, sizeof(buf));
		size_t n = header_word(next, &charset, &bytes);

		is_after_word =
		    n > 0 && add_word(charset, text_view(&bytes), out);
		if (is_after_word) {
			s = str_skip(next, n);
			continue;
		}
		n = n > 0 ? n + blanks : blanks + 1;
		text_str(out, str_head(s, n));
		s = str_skip(s, n);
	}
}
