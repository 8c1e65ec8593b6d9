/* top_draw - a frame of `outpost top` as lines of text */
#include "cli/top_draw.h"

#include "base/table.h"
#include "base/time.h"

enum {
	MINUTES = 60,
	HEAD_LINES = 4, /* with the table's heading */
	FOOT_LINES = 1,
	TEXT_MAX = 1 << 20,
};

#define BOLD "\x1b[1m"
#define RED "\x1b[31m"
#define YELLOW "\x1b[33m"
#define INVERSE "\x1b[7m"
#define PLAIN "\x1b[0m"
#define CLEAR_LINE "\x1b[K"
#define CLEAR_BELOW "\x1b[J"

void
top_sparkline(const uint64_t *v, size_t n, uint64_t max, size_t width,
    bool is_utf8, struct text *out)
{
	static const char *const blocks[] = {
	    " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {
	    " ", ".", ":", "-", "=", "+", "*", "#", "@"};

	if (width > n)
		width = n;
	for (size_t i = 0; i < width; i++) {
		size_t from = i * n / width, to = (i + 1) * n / width;
		uint64_t most = 0;

		for (size_t k = from; k < to; k++)
			most = v[k] > most ? v[k] : most;
		size_t level = max ? (most * 8 + max - 1) / max : 0;

		if (level > 8)
			level = 8;
		text_add(out, is_utf8 ? blocks[level] : plain[level]);
	}
}

static uint64_t
number(const struct json *v, const char *key)
{
	int64_t n = json_number(json_get(v, key), 0);

	return n > 0 ? (uint64_t)n : 0;
}

static uint64_t
take_series(const struct json *v, uint64_t out[MINUTES])
{
	const struct json *series = json_get(v, "series");
	uint64_t max = 0;

	for (size_t i = 0; i < MINUTES; i++) {
		int64_t n = json_number(json_at(series, i), 0);

		out[i] = n > 0 ? (uint64_t)n : 0;
		max = out[i] > max ? out[i] : max;
	}
	return max;
}

/* 1234567 as "1.2M": no wider than five. */
static void
print_short(uint64_t n, struct text *out)
{
	static const char units[] = "kMGTPE";
	size_t unit = 0;

	if (n < 10000) {
		text_u64(out, n);
		return;
	}
	while (n >= 1000000 && unit < 5) {
		n /= 1000;
		unit++;
	}
	if (n < 10000)
		text_printf(out, "%u.%u%c", (unsigned)(n / 1000),
		    (unsigned)(n % 1000 / 100), units[unit]);
	else
		text_printf(out, "%u%c", (unsigned)(n / 1000), units[unit]);
}

static void
cell_short(struct table *t, uint64_t n)
{
	char buf[32];
	struct text w;

	text_init(&w, buf, sizeof(buf));
	print_short(n, &w);
	table_cell(t, text_view(&w));
}

static void
cell_percent(struct table *t, bool is_known, uint64_t percent)
{
	if (!is_known)
		table_cell(t, STR("-"));
	else
		table_cell_format(t, "%llu%%",
		    (unsigned long long)(percent < 9999 ? percent : 9999));
}

static size_t
chart_width(const struct top_shape *s)
{
	return s->width >= 130 ? 60 : s->width >= 100 ? 30 : 12;
}

static void
end_line(const struct top_shape *s, struct text *out)
{
	text_add(out, s->is_live ? CLEAR_LINE "\n" : "\n");
}

static void
add_row(struct table *t, const struct json *row, const struct top_shape *s)
{
	uint64_t series[MINUTES], max = take_series(row, series);
	uint64_t failed = number(row, "unknown_user") + number(row, "refused") +
			  number(row, "bounced");
	uint64_t tried = failed + number(row, "delivered");
	struct str standing = json_text(json_get(row, "standing"));
	struct str observed = json_text(json_get(row, "observed"));
	char buf[256];
	struct text chart;

	table_cell(t, json_text(json_get(row, "account")));
	if (str_is(standing, STR("good")) && !str_is(observed, STR("good")))
		table_cell_format(t, "(%.*s)", STR_ARG(observed));
	else if (json_is_true(json_get(row, "is_exempt")))
		table_cell(t, STR("exempt"));
	else
		table_cell(t, standing);
	cell_short(t, number(row, "ten_minutes"));
	cell_short(t, number(row, "hour"));
	cell_percent(
	    t, json_get(row, "limit") != NULL, number(row, "limit_percent"));
	cell_percent(t, tried > 0, tried ? 100 * failed / tried : 0);
	cell_short(t, number(row, "networks"));
	text_init(&chart, buf, sizeof(buf));
	text_char(&chart, '|');
	top_sparkline(series, MINUTES, max, chart_width(s), s->is_utf8, &chart);
	text_char(&chart, '|');
	table_cell(t, text_view(&chart));
}

static const char *
color_of(const struct json *row)
{
	struct str standing = json_text(json_get(row, "standing"));

	if (str_is(standing, STR("suspended")) || str_is(standing, STR("held")))
		return RED;
	if (!str_is(standing, STR("good")) ||
	    number(row, "limit_percent") >= 100)
		return YELLOW;
	return "";
}

static void
draw_rows(const struct json *rows, const struct top_shape *s, struct text *out)
{
	struct table *t = table_new();
	struct str rest, line;
	struct text drawn;
	size_t room = top_rows(s), first = s->skip, shown = 0;

	table_column(t, "ACCOUNT", TABLE_LEFT);
	table_column(t, "STANDING", TABLE_LEFT);
	table_column(t, "10 MIN", TABLE_RIGHT);
	table_column(t, "HOUR", TABLE_RIGHT);
	table_column(t, "LIMIT", TABLE_RIGHT);
	table_column(t, "FAIL", TABLE_RIGHT);
	table_column(t, "NETS", TABLE_RIGHT);
	table_column(t, "LAST HOUR", TABLE_RIGHT);
	for (size_t i = first; i < json_count(rows) && shown < room; i++) {
		add_row(t, json_at(rows, i), s);
		shown++;
	}
	text_grow(&drawn, TEXT_MAX);
	table_print(t, &drawn, s->width);
	table_free(&t);
	rest = text_view(&drawn);
	for (size_t i = 0; str_cut(&rest, '\n', &line); i++) {
		const char *color =
		    i == 0 ? BOLD : color_of(json_at(rows, first + i - 1));

		text_add(out, s->is_colored ? color : "");
		text_str(out, line);
		text_add(out, s->is_colored && *color ? PLAIN : "");
		end_line(s, out);
	}
	text_done(&drawn);
	if (shown == 0) {
		text_add(out, *s->filter ? "nobody of that name sends"
					 : "nobody sent anything in the last "
					   "hour");
		end_line(s, out);
	}
}

static void
draw_head(const struct json *frame, const struct top_shape *s, struct text *out)
{
	const struct json *all = json_get(frame, "all");
	uint64_t series[MINUTES], max = take_series(all, series);
	uint64_t behind = number(frame, "seconds_behind");
	struct str mode = json_text(json_get(frame, "mode"));
	int64_t at_us = 0;

	time_parse_rfc3339(json_text(json_get(frame, "time")), &at_us);
	text_add(out,
	    s->is_colored ? BOLD "outpost top" PLAIN "  " : "outpost top  ");
	time_local_text(out, at_us / TIME_US);
	text_printf(out, "  %.*s", STR_ARG(mode));
	if (!json_get(frame, "latest_fact"))
		text_add(out, ", nothing seen yet");
	else if (behind >= 120) {
		text_add(out, ", last mail ");
		time_duration_words(out, (int64_t)behind);
		text_add(out, " ago");
	}
	end_line(s, out);
	text_add(out, "recipients ");
	print_short(number(all, "ten_minutes"), out);
	text_add(out, " in 10 min, ");
	print_short(number(all, "hour"), out);
	text_add(out, " in 1 h, ");
	print_short(number(all, "day"), out);
	text_add(out, " in 1 day");
	end_line(s, out);
	text_add(out, "last hour |");
	top_sparkline(series, MINUTES, max,
	    s->width >= 90 ? MINUTES : MINUTES / 2, s->is_utf8, out);
	text_add(out, "| most a minute: ");
	print_short(max, out);
	end_line(s, out);
}

/* Cut to the line: a wrapped last line would scroll the screen. */
static void
draw_foot(const struct json *frame, const struct top_shape *s, struct text *out)
{
	struct str sort = json_text(json_get(frame, "sort"));
	char buf[600];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (s->is_typing)
		text_printf(
		    &t, "only names with: %s_  (Enter, Esc)", s->filter);
	else if (s->trouble)
		text_add(&t, s->trouble);
	else
		text_printf(&t,
		    "q quit  s sort (%.*s)  / filter%s%s  j k scroll  %zu of "
		    "%llu",
		    STR_ARG(sort), *s->filter ? ": " : "", s->filter,
		    s->skip < json_count(json_get(frame, "accounts"))
			? s->skip + 1
			: s->skip,
		    (unsigned long long)number(frame, "found"));
	text_add(out, s->is_colored ? INVERSE : "");
	text_printable(
	    out, str_head(text_view(&t), s->width > 1 ? s->width - 1 : 1));
	text_add(out, s->is_colored ? PLAIN : "");
	text_add(out, CLEAR_LINE);
}

size_t
top_rows(const struct top_shape *s)
{
	if (s->height == 0)
		return SIZE_MAX;
	return s->height > HEAD_LINES + FOOT_LINES
		   ? s->height - HEAD_LINES - FOOT_LINES
		   : 1;
}

void
top_draw(const struct json *frame, const struct top_shape *s, struct text *out)
{
	if (frame) {
		draw_head(frame, s, out);
		draw_rows(json_get(frame, "accounts"), s, out);
	}
	if (!s->is_live)
		return;
	text_add(out, CLEAR_BELOW);
	text_printf(out, "\x1b[%zu;1H", s->height);
	draw_foot(frame, s, out);
}
