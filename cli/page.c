/* page - labelled parts that fit one screen */
#include "cli/page.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/table.h"

enum { PARTS = 16, LINES = 256, LINE_BYTES = 4096 };

struct part {
	const char *label;
	char *lines[LINES];
	size_t n, least, shown;
	bool is_apart;
};

struct page {
	struct page_shape shape;
	char *left, *right;
	enum page_color color;
	struct part parts[PARTS];
	size_t n;
	bool is_tight; /* no empty lines */
};

struct page *
page_new(const struct page_shape *s)
{
	struct page *p = xalloc(1, sizeof(*p));

	p->shape = *s;
	return p;
}

void
page_free(struct page **p)
{
	if (!*p)
		return;
	for (size_t i = 0; i < (*p)->n; i++) {
		for (size_t k = 0; k < (*p)->parts[i].n; k++)
			free((*p)->parts[i].lines[k]);
	}
	free((*p)->left);
	free((*p)->right);
	free(*p);
	*p = NULL;
}

static char *
printable(struct str s)
{
	char buf[LINE_BYTES];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printable(&t, s);
	return str_dup(text_view(&t));
}

void
page_head(
    struct page *p, struct str left, struct str right, enum page_color color)
{
	free(p->left);
	free(p->right);
	p->left = printable(left);
	p->right = printable(right);
	p->color = color;
}

void
page_part(struct page *p, const char *label, size_t least, bool is_apart)
{
	if (p->n == PARTS)
		return;
	p->parts[p->n++] =
	    (struct part){.label = label, .least = least, .is_apart = is_apart};
}

void
page_line(struct page *p, struct str line)
{
	struct part *part = p->n ? &p->parts[p->n - 1] : NULL;

	if (part && part->n < LINES)
		part->lines[part->n++] = printable(line);
}

void
page_format(struct page *p, const char *fmt, ...)
{
	char buf[LINE_BYTES];
	struct text t;
	va_list ap;

	text_init(&t, buf, sizeof(buf));
	va_start(ap, fmt);
	text_vprintf(&t, fmt, ap);
	va_end(ap);
	page_line(p, text_view(&t));
}

size_t
page_room(const struct page *p)
{
	if (p->shape.width == 0)
		return SIZE_MAX;
	return p->shape.width > 2 * PAGE_LABEL ? p->shape.width - PAGE_LABEL
					       : PAGE_LABEL;
}

void
page_wrap(struct page *p, struct str words)
{
	while (words.n > 0) {
		size_t width;
		struct str head = table_fit(words, page_room(p), &width);
		size_t n = head.n;

		while (n < words.n && n > 0 && words.p[n] != ' ')
			n--;
		if (n == 0) /* one long word, or no room at all */
			n = head.n ? head.n : words.n;
		page_line(p, str_head(words, n));
		words = str_trim(str_skip(words, n));
	}
}

static size_t
count_lines(const struct page *p)
{
	size_t n = 1;

	for (size_t i = 0; i < p->n; i++) {
		const struct part *part = &p->parts[i];

		n += part->shown +
		     (part->shown > 0 && part->is_apart && !p->is_tight);
	}
	return n;
}

/* One line more for each part that has more, in turn, while there is room. */
static bool
grow(struct page *p, size_t room)
{
	bool has_grown = false;

	for (size_t i = 0; i < p->n; i++) {
		struct part *part = &p->parts[i];

		if (part->shown == part->n)
			continue;
		part->shown++;
		if (count_lines(p) > room)
			part->shown--;
		else
			has_grown = true;
	}
	return has_grown;
}

/* The last parts go first. */
static void
shrink(struct page *p, size_t room)
{
	p->is_tight = count_lines(p) > room;
	for (size_t i = p->n; i-- > 0;) {
		while (p->parts[i].shown > 0 && count_lines(p) > room)
			p->parts[i].shown--;
	}
}

static void
fit(struct page *p)
{
	size_t room = p->shape.height ? p->shape.height - 1 : SIZE_MAX;

	for (size_t i = 0; i < p->n; i++) {
		struct part *part = &p->parts[i];

		part->shown = part->least < part->n ? part->least : part->n;
	}
	shrink(p, room);
	while (grow(p, room)) {
	}
}

static void
print_cut(const struct page *p, struct str line, size_t room, struct text *out)
{
	const char *more = p->shape.is_utf8 ? "…" : "~";
	size_t width;
	struct str head = table_fit(line, room, &width);

	if (head.n < line.n && room > 0)
		head = table_fit(line, room - 1, &width);
	text_str(out, head);
	if (head.n < line.n)
		text_add(out, more);
}

static void
color(const struct page *p, enum page_color c, struct text *out)
{
	static const char *const codes[] = {
	    [PAGE_PLAIN] = "\x1b[0m",
	    [PAGE_BOLD] = "\x1b[1m",
	    [PAGE_RED] = "\x1b[1;31m",
	    [PAGE_YELLOW] = "\x1b[1;33m",
	    [PAGE_GREEN] = "\x1b[32m",
	};

	if (p->shape.is_colored)
		text_add(out, codes[c]);
}

static void
print_head(const struct page *p, struct text *out)
{
	struct str left = str_from(p->left), right = str_from(p->right);
	size_t width = p->shape.width ? p->shape.width : 80;
	size_t right_width, left_width;

	table_fit(right, SIZE_MAX, &right_width);
	size_t room = width > right_width + 2 ? width - right_width - 2 : 0;

	if (p->shape.width == 0)
		room = SIZE_MAX;
	struct str shown = table_fit(left, room, &left_width);

	color(p, PAGE_BOLD, out);
	print_cut(p, left, room, out);
	color(p, PAGE_PLAIN, out);
	if (shown.n < left.n)
		left_width = room;
	text_pad(out, ' ',
	    left_width + right_width + 2 < width
		? width - left_width - right_width
		: 2);
	color(p, p->color, out);
	print_cut(p, right, p->shape.width ? width : SIZE_MAX, out);
	color(p, PAGE_PLAIN, out);
	text_char(out, '\n');
}

static void
print_part(const struct page *p, const struct part *part, struct text *out)
{
	size_t hidden = part->n - part->shown;

	if (part->shown > 0 && part->is_apart && !p->is_tight)
		text_char(out, '\n');
	for (size_t i = 0; i < part->shown; i++) {
		const char *label = i == 0 ? part->label : "";

		color(p, PAGE_BOLD, out);
		text_add(out, label);
		color(p, PAGE_PLAIN, out);
		if (*part->lines[i])
			text_pad(out, ' ', PAGE_LABEL - strlen(label));
		if (hidden > 0 && i > 0 && i + 1 == part->shown)
			text_printf(out, "and %zu more (--full)", hidden + 1);
		else
			print_cut(
			    p, str_from(part->lines[i]), page_room(p), out);
		text_char(out, '\n');
	}
}

void
page_print(struct page *p, struct text *out)
{
	fit(p);
	print_head(p, out);
	for (size_t i = 0; i < p->n; i++)
		print_part(p, &p->parts[i], out);
}
