/* header - header fields, read as leniently as reports need it */
#include "fbl/header.h"

enum { NAME_MAX_BYTES = 100, JUNK_MAX = 5 };

bool
header_line(struct str *rest, struct str *line)
{
	size_t n = 0;

	if (rest->n == 0)
		return false;
	while (n < rest->n && rest->p[n] != '\n' && rest->p[n] != '\r')
		n++;
	*line = str_head(*rest, n);
	*rest = str_skip(*rest, n);
	if (rest->n > 1 && rest->p[0] == '\r' && rest->p[1] == '\n')
		*rest = str_skip(*rest, 2);
	else
		*rest = str_skip(*rest, 1);
	return true;
}

static bool
is_folded(struct str line)
{
	return line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t');
}

static bool
is_from_line(struct str line)
{
	return str_starts(line, STR("From ")) ||
	       str_starts(line, STR(">From "));
}

/* "Name: value"; false when the line is no field. */
static bool
cut_field(struct str line, struct header *out)
{
	size_t n = 0;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f &&
	       line.p[n] != ':')
		n++;
	if (n == 0 || n > NAME_MAX_BYTES)
		return false;
	out->name = str_head(line, n);
	while (n < line.n && (line.p[n] == ' ' || line.p[n] == '\t'))
		n++;
	if (n == line.n || line.p[n] != ':')
		return false;
	out->value = str_trim(str_skip(line, n + 1));
	return true;
}

/* The value with its folded lines, and *rest behind them. */
static struct str
unfold(struct str first, struct str *rest, struct arena *a, bool *is_cut)
{
	struct str at = *rest, line;
	char *buf, *p;
	size_t n = first.n;

	while (is_folded(at) && header_line(&at, &line))
		n += 1 + str_trim(line).n;
	if (n > HEADER_VALUE) {
		n = HEADER_VALUE;
		*is_cut = true;
	}
	if (!is_folded(*rest))
		return str_head(first, n);
	p = buf = arena_alloc(a, n + 1);
	first = str_head(first, n);
	memcpy(p, first.p, first.n);
	p += first.n;
	while (is_folded(*rest) && header_line(rest, &line)) {
		line = str_head(str_trim(line), n - (size_t)(p - buf));
		if (line.n == 0 || (size_t)(p - buf) == n)
			continue;
		if (p > buf)
			*p++ = ' ';
		line = str_head(line, n - (size_t)(p - buf));
		memcpy(p, line.p, line.n);
		p += line.n;
	}
	return str_trim(str_make(buf, (size_t)(p - buf)));
}

static void
add(struct headers *h, struct arena *a, size_t *cap, const struct header *field)
{
	if (h->n == HEADER_FIELDS) {
		h->is_cut = true;
		return;
	}
	if (h->n == *cap) {
		size_t more = *cap ? 4 * *cap : 20;
		struct header *v = arena_alloc(a, more * sizeof(*v));

		if (h->n > 0)
			memcpy(v, h->v, h->n * sizeof(*v));
		h->v = v;
		*cap = more;
	}
	h->v[h->n++] = *field;
}

static void
skip_empty(struct str *rest)
{
	while (rest->n > 0 && (rest->p[0] == '\n' || rest->p[0] == '\r'))
		*rest = str_skip(*rest, 1);
}

/* Adds the fields of one block. */
static void
read_block(struct str *rest, struct arena *a, struct headers *out, size_t *cap)
{
	const char *begin = rest->p;
	struct str before = *rest, line;
	size_t junk = 0;

	while (header_line(rest, &line)) {
		struct header field;

		if (line.n == 0)
			return;
		if ((size_t)(rest->p - begin) > HEADER_BLOCK) {
			out->is_cut = true;
			return;
		}
		if (cut_field(line, &field)) {
			field.value =
			    unfold(field.value, rest, a, &out->is_cut);
			add(out, a, cap, &field);
		} else if (!is_from_line(line) &&
			   (out->n == 0 || ++junk > JUNK_MAX)) {
			*rest = before; /* a text, not a header */
			return;
		}
		before = *rest;
	}
}

void
header_read(struct str *rest, struct arena *a, struct headers *out)
{
	size_t cap = 0;

	*out = (struct headers){0};
	skip_empty(rest);
	read_block(rest, a, out, &cap);
}

/* Does a text begin with a field that messages have? */
static bool
goes_on(struct str rest)
{
	static const char *const names[] = {"To", "Subject", "Message-ID",
	    "MIME-Version", "Content-Type", "Date", "From"};
	struct header field;
	struct str line;

	if (!header_line(&rest, &line) || !cut_field(line, &field))
		return false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (str_is_nocase(field.name, str_from(names[i])))
			return true;
	}
	return false;
}

void
header_read_message(struct str *rest, struct arena *a, struct headers *out)
{
	size_t cap = 0;

	*out = (struct headers){0};
	skip_empty(rest);
	read_block(rest, a, out, &cap);
	if (out->n > 0 && !header_get(out, STR("Message-ID")).p &&
	    !header_get(out, STR("Subject")).p && goes_on(*rest))
		read_block(rest, a, out, &cap);
}

const struct header *
header_next(const struct headers *h, struct str name, size_t *i)
{
	while (*i < h->n) {
		const struct header *field = &h->v[(*i)++];

		if (str_is_nocase(field->name, name))
			return field;
	}
	return NULL;
}

struct str
header_get(const struct headers *h, struct str name)
{
	size_t i = 0;
	const struct header *field = header_next(h, name, &i);

	return field ? field->value : str_make(NULL, 0);
}

struct str
header_address(struct str value)
{
	ptrdiff_t open = str_find_last(value, STR("<")), close, at;
	struct str word, rest = value;

	if (open >= 0) {
		rest = str_skip(value, (size_t)open + 1);
		close = str_find_char(rest, '>');
		return str_trim(
		    close < 0 ? rest : str_head(rest, (size_t)close));
	}
	at = str_find_char(value, '@');
	if (at < 0)
		return str_trim(value);
	while (str_cut(&rest, ' ', &word)) {
		if (str_find_char(word, '@') >= 0)
			return word;
	}
	return str_trim(rest);
}

struct str
header_domain(struct str address)
{
	ptrdiff_t at = str_find_last(address, STR("@"));

	return at < 0 ? STR("") : str_skip(address, (size_t)at + 1);
}
