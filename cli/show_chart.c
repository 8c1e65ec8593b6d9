/* show_chart - what a subject sent, as bars: a day's hours or an hour's minutes
 */
#include "base/time.h"
#include "cli/show_draw.h"

enum { MOST = 60, LEVELS = 8, CELL_MAX = 5 };

struct series {
	uint64_t v[MOST], max, sum;
	size_t n, n_some; /* bars; those that aren't empty */
};

static void
take(const struct json *array, size_t n, struct series *s)
{
	*s = (struct series){.n = n};
	for (size_t i = 0; i < n; i++) {
		int64_t v = json_number(json_at(array, i), 0);

		s->v[i] = v > 0 ? (uint64_t)v : 0;
		s->sum += s->v[i];
		s->n_some += v > 0;
		if (s->v[i] > s->max)
			s->max = s->v[i];
	}
}

/* A blast within one hour is one bar of the day: its minutes tell more. */
static bool
are_minutes(const struct series *hours, const struct series *minutes)
{
	return minutes->sum > 0 && 4 * minutes->sum >= 3 * hours->sum &&
	       (minutes->n_some > hours->n_some || hours->n_some <= 2);
}

static void
draw_row(const struct series *s, size_t row, size_t rows, size_t cell,
    bool is_utf8, struct text *out)
{
	static const char *const blocks[] = {
	    " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	static const char *const plain[] = {
	    " ", ".", ".", ".", ":", ":", ":", "#", "#"};
	size_t below = (rows - 1 - row) * LEVELS;

	for (size_t i = 0; i < s->n; i++) {
		uint64_t full = rows * LEVELS;
		uint64_t level =
		    s->max ? (s->v[i] * full + s->max - 1) / s->max : 0;
		uint64_t here = level > below ? level - below : 0;
		size_t bar = here > LEVELS ? LEVELS : (size_t)here;

		for (size_t k = 0; k < cell; k++)
			text_add(out, k > 0 && k + 1 == cell ? " "
				      : is_utf8		     ? blocks[bar]
							     : plain[bar]);
	}
}

static void
draw_bars(struct page *p, const struct series *s, size_t cell,
    const struct page_shape *shape)
{
	size_t rows = shape->height == 0    ? 3
		      : shape->height >= 40 ? 6
		      : shape->height >= 30 ? 3
		      : shape->height >= 20 ? 2
					    : 1;

	for (size_t row = 0; row < rows; row++) {
		char buf[MOST * CELL_MAX * 3 + 1];
		struct text t;

		text_init(&t, buf, sizeof(buf));
		draw_row(s, row, rows, cell, shape->is_utf8, &t);
		while (t.n > 0 && buf[t.n - 1] == ' ')
			buf[--t.n] = '\0';
		page_line(p, text_view(&t));
	}
}

/* The hour, or the minute, below every so many bars. */
static void
draw_axis(struct page *p, const struct series *s, size_t cell, int64_t step,
    int64_t until)
{
	char buf[MOST * CELL_MAX + 8];
	struct text t;
	size_t every = step == 60 ? 10 : 6;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < s->n; i += every) {
		int64_t at = until - (int64_t)(s->n - i) * step + step;
		struct civil c = time_to_local(at);

		text_pad(&t, ' ', i * cell > t.n ? i * cell - t.n : 0);
		text_printf(&t, "%02d:%02d", c.hour, step == 60 ? c.minute : 0);
	}
	page_line(p, text_view(&t));
}

static size_t
cell_width(const struct page *p, size_t n)
{
	size_t room = page_room(p);
	size_t cell = (room == SIZE_MAX ? 80 : room) / n;

	return cell < 1 ? 1 : cell > CELL_MAX ? CELL_MAX : cell;
}

void
show_chart(struct page *p, const struct json *doc, const struct page_shape *s)
{
	const struct json *chart = json_get(doc, "chart");
	bool is_login = str_is(show_text(chart, "count"), STR("login_failed"));
	const char *what = is_login ? "failed logins" : "recipients";
	struct series hours, minutes;

	take(json_get(chart, "hours"), 24, &hours);
	take(json_get(chart, "minutes"), 60, &minutes);
	bool is_hour = are_minutes(&hours, &minutes);
	const struct series *shown = is_hour ? &minutes : &hours;

	page_part(p, is_login ? "tried" : "sent", 8, true);
	if (shown->sum == 0) {
		page_format(p, "no %s in the last 24 hours", what);
		return;
	}
	page_format(p, "%llu %s in the last %s, at most %llu in one %s",
	    (unsigned long long)shown->sum, what, is_hour ? "hour" : "24 hours",
	    (unsigned long long)shown->max, is_hour ? "minute" : "hour");
	size_t cell = cell_width(p, shown->n);

	draw_bars(p, shown, cell, s);
	draw_axis(
	    p, shown, cell, is_hour ? 60 : 3600, show_time(chart, "until"));
}
