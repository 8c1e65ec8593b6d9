/* template_write - what fills a template, and its text */
#include <assert.h>

#include "notify/template_parts.h"

struct scope {
	const struct template_data *data;
	const struct scope *up;
};

static size_t
count(const struct template_field *fields)
{
	size_t n = 0;

	while (fields && fields[n].name)
		n++;
	return n;
}

struct template_data *
template_data_new(struct arena *a, const struct template_field *fields)
{
	struct template_data *d = arena_alloc(a, sizeof(*d));

	d->arena = a;
	d->fields = fields;
	d->v = arena_alloc(a, (count(fields) + 1) * sizeof(*d->v));
	return d;
}

static struct template_value *
get(struct template_data *d, const char *name,
    const struct template_field **field)
{
	for (size_t i = 0; d->fields[i].name; i++) {
		if (strcmp(d->fields[i].name, name) == 0) {
			*field = &d->fields[i];
			return &d->v[i];
		}
	}
	assert(!"a field that the table lacks");
	return NULL;
}

void
template_put(struct template_data *d, const char *name, struct str value)
{
	const struct template_field *field;
	struct template_value *v = get(d, name, &field);

	assert(field->type <= TEMPLATE_URL);
	v->text = arena_str(d->arena, value);
}

void
template_printf(struct template_data *d, const char *name, const char *fmt, ...)
{
	struct text t;
	va_list ap;

	text_grow(&t, TEMPLATE_FILE);
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	template_put(d, name, text_view(&t));
	text_done(&t);
}

void
template_put_flag(struct template_data *d, const char *name, bool is_set)
{
	const struct template_field *field;
	struct template_value *v = get(d, name, &field);

	assert(field->type == TEMPLATE_FLAG);
	v->is_set = is_set;
}

struct template_data *
template_add_item(struct template_data *d, const char *name)
{
	const struct template_field *field;
	struct template_value *v = get(d, name, &field);
	struct template_data *item;

	assert(field->type == TEMPLATE_LIST);
	item = template_data_new(d->arena, field->of);
	if (v->last)
		v->last->next = item;
	else
		v->first = item;
	v->last = item;
	return item;
}

/* U+FFFD instead of what can't be shown or turns the line around; a blank
 * instead of what would end it. */
static void
escape_rune(uint32_t c, struct str bytes, bool has_lines, struct text *out)
{
	bool is_end = c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;

	if (c == '\t' || is_end)
		text_char(out, has_lines && c == '\n' ? '\n' : ' ');
	else if (c < ' ' || (c >= 0x7f && c < 0xa0) ||
		 (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
		 (c & 0xfffe) == 0xfffe || c == 0xfeff ||
		 (c >= 0xfdd0 && c <= 0xfdef) || (c >= 0xfff9 && c < 0xfffc) ||
		 (c >> 12) == 0xe0)
		text_add(out, "\xef\xbf\xbd");
	else
		text_str(out, bytes);
}

static void
escape_html(char c, struct text *out)
{
	switch (c) {
	case '&':
		text_add(out, "&amp;");
		break;
	case '<':
		text_add(out, "&lt;");
		break;
	case '>':
		text_add(out, "&gt;");
		break;
	case '"':
		text_add(out, "&quot;");
		break;
	case '\'':
		text_add(out, "&#39;");
		break;
	case '\n':
		text_add(out, "<br>\n");
		break;
	default:
		text_char(out, c);
	}
}

void
template_escape(
    enum template_kind kind, struct str s, bool has_lines, struct text *out)
{
	while (s.n > 0) {
		uint32_t rune = 0;
		size_t n = str_utf8(s, &rune);

		if (n == 0)
			text_add(out, "\xef\xbf\xbd");
		else if (rune == '\r' && str_starts(s, STR("\r\n")))
			; /* the newline follows */
		else if (kind == TEMPLATE_HTML && n == 1 && rune < 0x7f &&
			 (rune >= ' ' || (rune == '\n' && has_lines)))
			escape_html((char)rune, out);
		else
			escape_rune(rune, str_head(s, n), has_lines, out);
		s = str_skip(s, n ? n : 1);
	}
}

bool
template_is_url(struct str s)
{
	static const char *const schemes[] = {
	    "http://", "https://", "mailto:", "tel:"};

	for (size_t i = 0; i < s.n; i++) {
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    s.p[i] == '\\')
			return false;
	}
	for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct str scheme = str_from(schemes[i]);

		if (s.n > scheme.n &&
		    str_is_nocase(str_head(s, scheme.n), scheme))
			return true;
	}
	if (s.n == 0 || strchr("?#", *s.p))
		return s.n > 0;
	return *s.p == '/' && !str_starts(s, STR("//"));
}

bool
template_begins(const struct template *t, struct str words)
{
	return t->n > 0 && t->v[0].op == TEMPLATE_LITERAL &&
	       str_starts(t->v[0].text, words);
}

static const struct template_value *
find(const struct template_node *node, const struct scope *s)
{
	for (int i = 0; i < node->up; i++)
		s = s->up;
	return &s->data->v[node->index];
}

static void
write_field(const struct template *t, const struct template_node *node,
    const struct scope *s, struct text *out)
{
	struct str value = find(node, s)->text;
	enum template_type type = node->field->type;

	if (type == TEMPLATE_URL && value.n > 0 && !template_is_url(value))
		value = STR("#");
	template_escape(
	    t->kind, value, type == TEMPLATE_LINES && !node->is_value, out);
}

static bool
holds(const struct template_node *node, const struct template_value *v)
{
	switch (node->field->type) {
	case TEMPLATE_FLAG:
		return v->is_set;
	case TEMPLATE_LIST:
		return v->first != NULL;
	default:
		return v->text.n > 0;
	}
}

static void write_nodes(const struct template *t, size_t i, size_t end,
    const struct scope *s, struct text *out);

static void
write_section(
    const struct template *t, size_t i, const struct scope *s, struct text *out)
{
	const struct template_node *node = &t->v[i];
	const struct template_value *v = find(node, s);

	if (holds(node, v) != (node->op == TEMPLATE_SECTION))
		return;
	if (node->field->type != TEMPLATE_LIST ||
	    node->op == TEMPLATE_INVERSE) {
		write_nodes(t, i + 1, node->end, s, out);
		return;
	}
	for (const struct template_data *item = v->first; item;
	     item = item->next) {
		struct scope inner = {item, s};

		write_nodes(t, i + 1, node->end, &inner, out);
	}
}

static void
write_nodes(const struct template *t, size_t i, size_t end,
    const struct scope *s, struct text *out)
{
	while (i < end && !out->is_cut) {
		const struct template_node *node = &t->v[i];

		if (node->op == TEMPLATE_LITERAL)
			text_str(out, node->text);
		else if (node->op == TEMPLATE_FIELD)
			write_field(t, node, s, out);
		else
			write_section(t, i, s, out);
		i = node->op >= TEMPLATE_SECTION ? node->end : i + 1;
	}
}

void
template_write(const struct template *t, const struct template_data *data,
    struct text *out)
{
	struct scope s = {data, NULL};

	assert(data->fields == t->fields);
	write_nodes(t, 0, t->n, &s, out);
}
