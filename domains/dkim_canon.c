/* dkim_canon - what of a message is signed, byte by byte */
#include "domains/dkim_canon.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Runs of blanks are one, those at the end none. */
static void
add_relaxed(struct str line, struct text *out)
{
	while (line.n > 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	for (size_t i = 0; i < line.n; i++) {
		if (!is_blank(line.p[i]))
			text_char(out, line.p[i]);
		else if (i == 0 || !is_blank(line.p[i - 1]))
			text_char(out, ' ');
	}
}

/* Empty lines count when another one follows. */
void
dkim_canon_body(struct str body, bool is_relaxed, struct text *out)
{
	size_t empty = 0, begin = out->n;

	while (body.n > 0) {
		ptrdiff_t end = str_find(body, STR("\r\n"));
		struct str line = end < 0 ? body : str_head(body, (size_t)end);
		size_t before = out->n;

		body = str_skip(body, line.n + 2);
		if (is_relaxed)
			while (line.n > 0 && is_blank(line.p[line.n - 1]))
				line.n--;
		if (line.n == 0) {
			empty++;
			continue;
		}
		for (; empty > 0; empty--)
			text_add(out, "\r\n");
		if (is_relaxed)
			add_relaxed(line, out);
		else
			text_str(out, line);
		if (out->n > before)
			text_add(out, "\r\n");
	}
	if (!is_relaxed && out->n == begin)
		text_add(out, "\r\n");
}

void
dkim_canon_field(struct str field, bool is_relaxed, struct text *out)
{
	struct str name;

	if (!is_relaxed) {
		text_str(out, field);
		return;
	}
	str_cut(&field, ':', &name);
	name = str_trim(name);
	for (size_t i = 0; i < name.n; i++)
		text_char(out, name.p[i] >= 'A' && name.p[i] <= 'Z'
				   ? (char)(name.p[i] + 32)
				   : name.p[i]);
	text_char(out, ':');
	field = str_trim(field);
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];

		if (c == '\r' || c == '\n')
			continue;
		if (!is_blank(c))
			text_char(out, c);
		else if (out->n > 0 && out->p[out->n - 1] != ' ')
			text_char(out, ' ');
	}
	text_add(out, "\r\n");
}

/* From behind "b=" to the next ; or the end. */
static struct str
find_value(struct str field)
{
	size_t i = (size_t)(str_find_char(field, ':') + 1);

	while (i < field.n) {
		struct str rest = str_skip(field, i);
		ptrdiff_t semicolon = str_find_char(rest, ';');
		struct str tag =
		    semicolon < 0 ? rest : str_head(rest, (size_t)semicolon);
		ptrdiff_t equals = str_find_char(tag, '=');

		if (equals > 0 &&
		    str_is(str_trim(str_head(tag, (size_t)equals)), STR("b")))
			return str_skip(tag, (size_t)equals + 1);
		i += tag.n + 1;
	}
	return str_skip(field, field.n);
}

void
dkim_canon_own(struct str field, bool is_relaxed, struct text *out)
{
	struct str value = find_value(field);
	size_t at = (size_t)(value.p - field.p);
	struct text bare;

	text_grow(&bare, field.n + 3);
	text_str(&bare, str_head(field, at));
	text_str(&bare, str_skip(field, at + value.n));
	if (!str_ends(text_view(&bare), STR("\r\n")))
		text_add(&bare, "\r\n");
	dkim_canon_field(text_view(&bare), is_relaxed, out);
	text_done(&bare);
	out->n -= 2;
	out->p[out->n] = '\0';
}
