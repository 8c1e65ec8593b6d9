/* mime - a mail's headers and bodies as 7-bit text */
#include "notify/mime.h"

enum { LINE = 76, WORD = 75, COLUMNS = 72, VALUE = 4096 };

static const char hex[] = "0123456789ABCDEF";

/* One line of valid UTF-8 without control characters. */
static void
clean(struct text *out, struct str s)
{
	while (s.n > 0) {
		uint32_t rune = 0;
		size_t n = str_utf8(s, &rune);

		if (n == 0)
			text_add(out, "\xef\xbf\xbd");
		else if (rune < ' ' || (rune >= 0x7f && rune < 0xa0))
			text_char(out, ' ');
		else
			text_str(out, str_head(s, n));
		s = str_skip(s, n ? n : 1);
	}
}

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	}
	return str_find(s, STR("=?")) < 0;
}

/* Letters and digits stand for themselves, in any place of a header. */
static bool
is_safe(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static void
put_encoded(struct text *out, struct str rune)
{
	for (size_t i = 0; i < rune.n; i++) {
		unsigned char c = (unsigned char)rune.p[i];

		if (c == ' ') {
			text_char(out, '_');
		} else if (is_safe((char)c)) {
			text_char(out, (char)c);
		} else {
			text_char(out, '=');
			text_char(out, hex[c >> 4]);
			text_char(out, hex[c & 15]);
		}
	}
}

/* Encoded words, each of whole characters; `column` is where it begins. */
static void
write_words(struct text *out, struct str s, size_t column)
{
	static const struct str begin = STR_INIT("=?utf-8?q?");
	char buf[16];
	struct text one;
	size_t used = 0; /* 0: no word is open */

	while (s.n > 0) {
		uint32_t rune = 0;
		size_t n = str_utf8(s, &rune);

		text_init(&one, buf, sizeof(buf));
		put_encoded(&one, str_head(s, n ? n : 1));
		if (used > 0 && used + one.n + 2 > WORD - column) {
			text_add(out, "?=\r\n ");
			column = 1;
			used = 0;
		}
		if (used == 0) {
			text_str(out, begin);
			used = begin.n;
		}
		text_str(out, text_view(&one));
		used += one.n;
		s = str_skip(s, n ? n : 1);
	}
	if (used > 0)
		text_add(out, "?=");
}

/* Can a line be broken wherever it must be? */
static bool
is_foldable(struct str s, size_t column)
{
	for (bool is_first = true; s.n > 0; is_first = false) {
		ptrdiff_t at = str_find_char(s, ' ');
		size_t n = at < 0 ? s.n : (size_t)at;

		if (n == 0 || n + (is_first ? column : 1) > LINE)
			return false;
		s = str_skip(s, n + 1);
	}
	return true;
}

/* As it is, folded before words. */
static void
write_plain(struct text *out, struct str s, size_t column)
{
	for (bool is_first = true; s.n > 0; is_first = false) {
		ptrdiff_t at = str_find_char(s, ' ');
		struct str word = at < 0 ? s : str_head(s, (size_t)at);
		bool is_full = column + 1 + word.n > LINE;

		if (!is_first) {
			text_add(out, is_full ? "\r\n " : " ");
			column = is_full ? 1 : column + 1;
		}
		text_str(out, word);
		column += word.n;
		s = str_skip(s, word.n + 1);
	}
}

void
mime_write_header(struct text *out, const char *name, struct str value)
{
	struct text t;
	size_t column = strlen(name) + 2;

	text_grow(&t, VALUE);
	clean(&t, value);
	struct str s = str_trim(text_view(&t));

	text_printf(out, "%s: ", name);
	if (is_plain(s) && is_foldable(s, column))
		write_plain(out, s, column);
	else
		write_words(out, s, column);
	text_add(out, "\r\n");
	text_done(&t);
}

void
mime_write_address(
    struct text *out, const char *name, struct str display, struct str address)
{
	struct text t;
	size_t column = strlen(name) + 2;

	text_grow(&t, VALUE);
	clean(&t, display);
	struct str s = str_trim(text_view(&t));
	bool is_quotable = is_plain(s) && str_find_char(s, '"') < 0 &&
			   str_find_char(s, '\\') < 0 &&
			   column + s.n + 2 <= LINE;

	text_printf(out, "%s: ", name);
	if (s.n == 0) {
		text_str(out, address);
	} else {
		if (is_quotable)
			text_printf(out, "\"%.*s\"", STR_ARG(s));
		else
			write_words(out, s, column);
		text_add(out, "\r\n <");
		text_str(out, address);
		text_char(out, '>');
	}
	text_add(out, "\r\n");
	text_done(&t);
}

/* Does this byte stand for itself? A blank at a line's end does not, nor what
 * some transport on the way would change: a dot, a "From " at its start. */
static bool
is_literal(struct str line, size_t i, size_t column)
{
	char c = line.p[i];

	if (c == ' ')
		return i + 1 < line.n;
	if (c < '!' || c > '~' || c == '=')
		return false;
	return column > 0 ||
	       (c != '.' &&
		   !(c == 'F' && str_starts(str_skip(line, i), STR("From "))));
}

static void
write_line(struct text *out, struct str line)
{
	size_t column = 0;

	for (size_t i = 0; i < line.n; i++) {
		bool is_itself = is_literal(line, i, column);
		size_t width = is_itself ? 1 : 3;

		if (column + width > LINE - 1) {
			text_add(out, "=\r\n");
			column = 0;
			is_itself = is_literal(line, i, column);
		}
		if (is_itself) {
			text_char(out, line.p[i]);
		} else {
			unsigned char c = (unsigned char)line.p[i];

			text_char(out, '=');
			text_char(out, hex[c >> 4]);
			text_char(out, hex[c & 15]);
		}
		column += is_itself ? 1 : 3;
	}
	text_add(out, "\r\n");
}

void
mime_write_quoted(struct text *out, struct str text)
{
	struct str line;

	while (text.n > 0) {
		if (!str_cut(&text, '\n', &line)) {
			line = text;
			text = STR("");
		}
		write_line(out, line);
	}
}

/* How many characters. */
static size_t
width(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

struct wrapping {
	struct text *out;
	size_t column; /* 0: nothing on this line yet */
	size_t hang;   /* blanks before the lines that follow */
};

static void
wrap_words(struct wrapping *w, struct str line)
{
	while ((line = str_trim(line)).n > 0) {
		ptrdiff_t at = str_find_char(line, ' ');
		struct str word = at < 0 ? line : str_head(line, (size_t)at);
		size_t n = width(word);

		if (w->column > w->hang && w->column + 1 + n > COLUMNS) {
			text_char(w->out, '\n');
			text_pad(w->out, ' ', w->hang);
			w->column = w->hang;
		} else if (w->column > w->hang) {
			text_char(w->out, ' ');
			w->column++;
		}
		text_str(w->out, word);
		w->column += n;
		line = str_skip(line, word.n);
	}
}

static void
wrap_end(struct wrapping *w)
{
	if (w->column > 0)
		text_char(w->out, '\n');
	w->column = w->hang = 0;
}

/* A line that stays by itself: what it begins with is kept. */
static void
wrap_item(struct wrapping *w, struct str line)
{
	size_t n = 0;

	while (n < line.n && strchr(" -*", line.p[n]))
		n++;
	wrap_end(w);
	text_str(w->out, str_head(line, n));
	w->column = w->hang = n;
	wrap_words(w, str_skip(line, n));
}

void
mime_wrap(struct text *out, struct str text)
{
	struct wrapping w = {.out = out};
	struct str line;
	bool is_gap = false;

	while (text.n > 0) {
		if (!str_cut(&text, '\n', &line)) {
			line = text;
			text = STR("");
		}
		if (str_trim(line).n == 0) {
			wrap_end(&w);
			is_gap = out->n > 0;
			continue;
		}
		if (is_gap)
			text_char(out, '\n');
		is_gap = false;
		if (strchr(" -*", *line.p)) {
			wrap_item(&w, line);
		} else {
			if (w.hang > 0)
				wrap_end(&w);
			wrap_words(&w, line);
		}
	}
	wrap_end(&w);
}
