/* template - text with fields: how a file is read */
#include "notify/template.h"

#include <string.h>

#include "notify/template_parts.h"

/* A section that is not closed yet. */
struct open {
	size_t node;
	int line;
	uint8_t lists;			/* how many it stands in */
	const struct template_file *in; /* sections end in their file */
	struct template_html html;	/* where it began */
};

struct template_file {
	struct template_source source;
	size_t at, line_at; /* where reading is; where that line begins */
	int line, depth;
	bool is_words; /* no markup stands in them */
	struct str text;
};

struct parser {
	struct arena *arena;
	struct template *t;
	template_find_fn *find;
	void *ctx;
	struct error *err;
	struct template_html html;
	struct open open[TEMPLATE_DEPTH];
	size_t n_open;
	const struct template_field *tables[TEMPLATE_DEPTH + 1];
	uint8_t lists; /* tables[lists] is the innermost */
};

static int
fail(struct parser *p, const struct template_file *f, const char *why)
{
	return error_set(p->err, "%s:%d: %s", f->source.file, f->line, why);
}

static int
fail_name(struct parser *p, const struct template_file *f, struct str name,
    const char *why)
{
	return error_set(p->err, "%s:%d: {{%.*s}} %s", f->source.file, f->line,
	    STR_ARG(str_head(name, 60)), why);
}

static struct template_node *
add(struct parser *p, enum template_op op)
{
	struct template *t = p->t;

	if (t->n == t->cap) {
		struct template_node *old = t->v;

		t->cap = t->cap ? t->cap * 2 : 32;
		t->v = arena_alloc(p->arena, t->cap * sizeof(*t->v));
		if (old)
			memcpy(t->v, old, t->n * sizeof(*old));
	}
	t->v[t->n].op = op;
	return &t->v[t->n++];
}

static struct str
escaped(struct arena *a, struct str s)
{
	struct text t;

	text_grow(&t, 6 * s.n + 1);
	template_escape(TEMPLATE_HTML, s, true, &t);
	s = arena_str(a, text_view(&t));
	text_done(&t);
	return s;
}

static void
add_literal(struct parser *p, const struct template_file *f, struct str s)
{
	if (s.n == 0)
		return;
	if (f->is_words && p->t->kind == TEMPLATE_HTML)
		s = escaped(p->arena, s);
	add(p, TEMPLATE_LITERAL)->text = s;
	if (p->t->kind == TEMPLATE_HTML)
		template_html_feed(&p->html, s);
}

/* The innermost table that has it. */
static const struct template_field *
find_field(const struct parser *p, struct str name, struct template_node *out)
{
	for (int k = p->lists; k >= 0; k--) {
		const struct template_field *f = p->tables[k];

		for (size_t i = 0; f && f[i].name; i++) {
			if (!str_is(name, str_from(f[i].name)))
				continue;
			out->index = (uint16_t)i;
			out->up = (uint8_t)(p->lists - k);
			return out->field = &f[i];
		}
	}
	return NULL;
}

static int
parse_field(struct parser *p, const struct template_file *f, struct str name)
{
	struct template_node node = {.op = TEMPLATE_FIELD};
	const struct template_field *field = find_field(p, name, &node);
	const char *why = NULL;

	if (!field)
		return fail_name(p, f, name, "is no field");
	if (field->type > TEMPLATE_URL)
		return fail_name(p, f, name,
		    "is a condition or a list: {{#...}} or {{^...}}");
	if (p->t->kind == TEMPLATE_HTML)
		why = template_html_refuses(&p->html, field->type);
	if (why)
		return fail(p, f, why);
	node.is_value = p->html.place == PLACE_VALUE;
	p->html.is_first = false;
	*add(p, TEMPLATE_FIELD) = node;
	return 0;
}

static int
parse_section(struct parser *p, const struct template_file *f, struct str name,
    enum template_op op)
{
	struct template_node node = {.op = op};
	const struct template_field *field = find_field(p, name, &node);

	if (!field)
		return fail_name(p, f, name, "is no field");
	if (p->n_open == TEMPLATE_DEPTH)
		return fail(p, f, "too many sections in each other");
	p->open[p->n_open++] =
	    (struct open){p->t->n, f->line, p->lists, f, p->html};
	*add(p, op) = node;
	if (field->type == TEMPLATE_LIST && op == TEMPLATE_SECTION)
		p->tables[++p->lists] = field->of;
	return 0;
}

static int
parse_end(struct parser *p, const struct template_file *f, struct str name)
{
	struct open *o = p->n_open ? &p->open[p->n_open - 1] : NULL;

	if (!o || o->in != f)
		return fail_name(p, f, name, "is closed, but was not opened");
	if (!str_is(name, str_from(p->t->v[o->node].field->name)))
		return error_set(p->err,
		    "%s:%d: {{%s}}, opened in line %d, is closed as {{%.*s}}",
		    f->source.file, f->line, p->t->v[o->node].field->name,
		    o->line, STR_ARG(str_head(name, 60)));
	if (o->html.place != p->html.place)
		return fail_name(p, f, name,
		    "begins and ends at different places of HTML's tags");
	p->t->v[o->node].end = p->t->n;
	p->lists = o->lists;
	p->html = o->html;
	p->n_open--;
	return 0;
}

static int parse_file(struct parser *p, struct template_file *f);

static int
parse_part(struct parser *p, const struct template_file *f, struct str name,
    bool is_words)
{
	struct template_file part = {
	    .depth = f->depth + 1, .is_words = is_words};

	if (part.depth > TEMPLATE_PARTS)
		return fail(p, f, "too many parts in each other");
	if (!p->find || !p->find(p->ctx, name, is_words, &part.source))
		return fail_name(p, f, name,
		    is_words ? "has no words in this language" : "is no part");
	part.line = part.source.line ? part.source.line : 1;
	return parse_file(p, &part);
}

static bool
is_blank(struct str s)
{
	return str_trim(s).n == 0;
}

/* The tag at f->at: reading goes on behind it. A tag that stands alone takes
 * its line along, but no field does. */
static int
parse_tag(struct parser *p, struct template_file *f, struct str tag)
{
	struct str name = str_trim(str_skip(tag, 1));

	if (p->t->n >= TEMPLATE_NODES)
		return fail(p, f, "too long");
	switch (tag.n ? *tag.p : 0) {
	case '#':
		return parse_section(p, f, name, TEMPLATE_SECTION);
	case '^':
		return parse_section(p, f, name, TEMPLATE_INVERSE);
	case '/':
		return parse_end(p, f, name);
	case '>':
		return parse_part(p, f, name, false);
	case '=':
		return parse_part(p, f, name, true);
	case '!':
		return 0;
	case '{':
	case '&':
		return fail(p, f, "nothing is written unescaped");
	default:
		return parse_field(p, f, str_trim(tag));
	}
}

static void
count_lines(struct template_file *f, size_t to)
{
	for (size_t i = f->at; i < to; i++) {
		if (f->text.p[i] == '\n') {
			f->line++;
			f->line_at = i + 1;
		}
	}
	f->at = to;
}

/* One literal and the tag behind it. 1: the file is at its end. */
static int
parse_step(struct parser *p, struct template_file *f)
{
	struct str rest = str_skip(f->text, f->at);
	ptrdiff_t begin = str_find(rest, STR("{{"));

	if (begin < 0) {
		add_literal(p, f, rest);
		return 1;
	}
	size_t from = f->at;

	count_lines(f, f->at + (size_t)begin);
	size_t tag_at = f->at + 2;
	ptrdiff_t n = str_find(str_skip(f->text, tag_at), STR("}}"));

	if (n < 0)
		return fail(p, f, "{{ without }}");
	struct str tag = str_head(str_skip(f->text, tag_at), (size_t)n);
	size_t line_at = f->line_at, end = tag_at + (size_t)n + 2;
	ptrdiff_t eol = str_find_char(str_skip(f->text, end), '\n');
	size_t next = eol < 0 ? f->text.n : end + (size_t)eol + 1;
	bool is_alone =
	    tag.n > 0 && strchr("#^/>!", *tag.p) && line_at >= from &&
	    is_blank(str_make(f->text.p + line_at, f->at - line_at)) &&
	    is_blank(str_make(f->text.p + end, next - end));
	size_t literal_end = is_alone ? line_at : f->at;

	add_literal(p, f, str_make(f->text.p + from, literal_end - from));
	if (parse_tag(p, f, tag) != 0)
		return -1;
	count_lines(f, is_alone ? next : end);
	return 0;
}

static int
parse_file(struct parser *p, struct template_file *f)
{
	int done = 0;

	if (f->source.text.n > TEMPLATE_FILE)
		return error_set(p->err, "%s: more than %d bytes",
		    f->source.file, TEMPLATE_FILE);
	f->text = arena_str(p->arena, f->source.text);
	while (done == 0)
		done = parse_step(p, f);
	if (done < 0)
		return -1;
	if (p->n_open && p->open[p->n_open - 1].in == f) {
		f->line = p->open[p->n_open - 1].line;
		return fail_name(p, f,
		    str_from(p->t->v[p->open[p->n_open - 1].node].field->name),
		    "is not closed");
	}
	return 0;
}

static bool
is_used(const struct template *t, const struct template_field *field)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].op != TEMPLATE_LITERAL && t->v[i].field == field)
			return true;
	}
	return false;
}

static int
check_needed(const struct template *t, const struct template_field *fields,
    const char *file, struct error *err)
{
	for (; fields && fields->name; fields++) {
		if (fields->is_needed && !is_used(t, fields))
			return error_set(
			    err, "%s: {{%s}} is missing", file, fields->name);
		if (fields->type == TEMPLATE_LIST && is_used(t, fields) &&
		    check_needed(t, fields->of, file, err) != 0)
			return -1;
	}
	return 0;
}

const struct template *
template_parse(struct arena *a, enum template_kind kind,
    const struct template_field *fields, const struct template_source *source,
    template_find_fn *find, void *ctx, struct error *err)
{
	struct template *t = arena_alloc(a, sizeof(*t));
	struct parser p = {.arena = a,
	    .t = t,
	    .find = find,
	    .ctx = ctx,
	    .err = err,
	    .tables = {fields}};
	struct template_file f = {.source = *source, .line = 1};

	t->kind = kind;
	t->fields = fields;
	if (parse_file(&p, &f) != 0)
		return NULL;
	if (p.html.place != PLACE_TEXT) {
		error_set(err, "%s: a tag or remark of HTML is not closed",
		    source->file);
		return NULL;
	}
	return check_needed(t, fields, source->file, err) == 0 ? t : NULL;
}
