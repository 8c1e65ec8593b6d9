/* table - aligned columns for a person at a terminal */
#include "base/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"

enum { COLUMNS_MAX = 32, NARROWEST = 8, GAP = 2, CELL_SIZE_MAX = 4096 };

struct cell {
	struct str value; /* in the arena */
	size_t width;
};

struct column {
	struct cell header;
	enum table_align align;
};

struct table {
	struct arena arena;
	struct column columns[COLUMNS_MAX];
	size_t width; /* in columns */
	struct cell *cells;
	size_t n, cap;
};

struct range {
	uint32_t first, last;
};

static bool
is_in(uint32_t rune, const struct range *ranges, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rune >= ranges[i].first && rune <= ranges[i].last)
			return true;
	}
	return false;
}

/* Roughly wcwidth, which depends on the locale. */
static size_t
measure_rune(uint32_t rune)
{
	static const struct range combining[] = {{0x300, 0x36f}, {0x483, 0x489},
	    {0x591, 0x5bd}, {0x610, 0x61a}, {0x64b, 0x65f}, {0x200b, 0x200d},
	    {0x20d0, 0x20f0}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}};
	static const struct range wide[] = {{0x1100, 0x115f}, {0x2e80, 0x303e},
	    {0x3041, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
	    {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6},
	    {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
	    {0x20000, 0x3fffd}};

	if (rune < 0x300)
		return 1;
	if (is_in(rune, combining, sizeof(combining) / sizeof(combining[0])))
		return 0;
	return is_in(rune, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

struct str
table_fit(struct str s, size_t max, size_t *width)
{
	size_t n = 0;

	*width = 0;
	while (n < s.n) {
		uint32_t rune = '?';
		size_t step = str_utf8(str_skip(s, n), &rune);
		size_t w = measure_rune(rune);

		if (*width + w > max)
			break;
		*width += w;
		n += step ? step : 1;
	}
	return str_head(s, n);
}

struct table *
table_new(void)
{
	struct table *t = xalloc(1, sizeof(*t));

	arena_init(&t->arena);
	return t;
}

void
table_free(struct table **t)
{
	if (!*t)
		return;
	arena_done(&(*t)->arena);
	free((*t)->cells);
	free(*t);
	*t = NULL;
}

static struct cell
make_cell(struct table *t, struct str value)
{
	char buf[CELL_SIZE_MAX];
	struct text printable;
	struct cell cell;

	text_init(&printable, buf, sizeof(buf));
	text_printable(&printable, value);
	cell.value = arena_str(&t->arena, text_view(&printable));
	table_fit(cell.value, SIZE_MAX, &cell.width);
	return cell;
}

void
table_column(struct table *t, const char *header, enum table_align align)
{
	assert(t->width < COLUMNS_MAX && t->n == 0);
	t->columns[t->width++] =
	    (struct column){make_cell(t, str_from(header)), align};
}

void
table_cell(struct table *t, struct str value)
{
	assert(t->width > 0);
	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 64;
		t->cells = xrealloc(t->cells, t->cap, sizeof(*t->cells));
	}
	t->cells[t->n++] = make_cell(t, value);
}

void
table_cell_i64(struct table *t, int64_t value)
{
	char buf[24];
	struct text text;

	text_init(&text, buf, sizeof(buf));
	text_i64(&text, value);
	table_cell(t, text_view(&text));
}

void
table_cell_format(struct table *t, const char *fmt, ...)
{
	char buf[CELL_SIZE_MAX];
	struct text text;
	va_list ap;

	text_init(&text, buf, sizeof(buf));
	va_start(ap, fmt);
	text_vprintf(&text, fmt, ap);
	va_end(ap);
	table_cell(t, text_view(&text));
}

void
table_end_row(struct table *t)
{
	while (t->n % t->width != 0)
		table_cell(t, STR(""));
}

size_t
table_count(const struct table *t)
{
	return t->width ? (t->n + t->width - 1) / t->width : 0;
}

/* How wide each column has to be; returns the whole line's. */
static size_t
measure(const struct table *t, size_t *widths)
{
	size_t line = 0;

	for (size_t c = 0; c < t->width; c++) {
		widths[c] = t->columns[c].header.width;
		for (size_t i = c; i < t->n; i += t->width) {
			if (t->cells[i].width > widths[c])
				widths[c] = t->cells[i].width;
		}
		line += widths[c] + (c ? GAP : 0);
	}
	return line;
}

static void
narrow(const struct table *t, size_t *widths, size_t line, size_t limit)
{
	while (line > limit) {
		size_t *widest = NULL;

		for (size_t c = 0; c < t->width; c++) {
			if (t->columns[c].align == TABLE_LEFT &&
			    widths[c] > NARROWEST &&
			    (!widest || widths[c] > *widest))
				widest = &widths[c];
		}
		if (!widest)
			return;
		(*widest)--;
		line--;
	}
}

static void
put_cell(struct text *out, const struct cell *cell, size_t width)
{
	size_t kept;

	if (cell->width <= width) {
		text_str(out, cell->value);
		return;
	}
	text_str(out, table_fit(cell->value, width - 1, &kept));
	text_add(out, "\xe2\x80\xa6");
	text_pad(out, ' ', width - 1 - kept);
}

/* `due` blanks are put before the next thing printed: none end a line. */
static void
put_row(const struct table *t, struct text *out, const size_t *widths,
    const struct cell *cells, size_t n)
{
	size_t due = 0;

	for (size_t c = 0; c < n; c++) {
		size_t used =
		    cells[c].width < widths[c] ? cells[c].width : widths[c];
		size_t blanks = widths[c] - used;
		bool is_right = t->columns[c].align == TABLE_RIGHT;

		if (used > 0) {
			text_pad(out, ' ', due + (is_right ? blanks : 0));
			put_cell(out, &cells[c], widths[c]);
			due = is_right ? 0 : blanks;
		} else {
			due += blanks;
		}
		due += GAP;
	}
	text_char(out, '\n');
}

void
table_print(const struct table *t, struct text *out, size_t width)
{
	size_t widths[COLUMNS_MAX];
	struct cell headers[COLUMNS_MAX];
	bool has_header = false;
	size_t line = measure(t, widths);

	if (width > 0)
		narrow(t, widths, line, width);
	for (size_t c = 0; c < t->width; c++) {
		headers[c] = t->columns[c].header;
		has_header = has_header || headers[c].width > 0;
	}
	if (has_header)
		put_row(t, out, widths, headers, t->width);
	for (size_t i = 0; i < t->n; i += t->width)
		put_row(t, out, widths, t->cells + i,
		    t->n - i < t->width ? t->n - i : t->width);
}
