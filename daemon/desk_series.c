/* desk_series - what a provider answered to each of our addresses */
#include "base/time.h"
#include "daemon/desk.h"
#include "daemon/report.h"

enum { HOUR = 3600, DAY = 86400, BARS = 24 };

void
desk_bars(const uint64_t *v, size_t n, struct text *out)
{
	static const char *const bars[] = {
	    " ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	uint64_t max = 0;

	for (size_t i = 0; i < n; i++)
		max = v[i] > max ? v[i] : max;
	text_char(out, '|');
	for (size_t i = 0; i < n; i++)
		text_add(out, bars[max ? (v[i] * 8 + max - 1) / max : 0]);
	text_printf(out, "| at most %llu", (unsigned long long)max);
}

struct rows {
	struct desk *desk;
	struct report *report;
	struct str provider;
	int64_t since, now;
};

static void
add_delay(struct report *r, const struct series_sum *sum, double q)
{
	int64_t delay = series_delay(sum, q);

	if (delay < 0)
		report_none(r);
	else
		report_int(r, delay);
}

/* "blocked 12, unknown_user 3": the most frequent first. */
void
desk_series_classes(const struct series_sum *sum, struct text *out)
{
	bool is_told[REPLY_CLASSES] = {false};

	for (;;) {
		size_t most = REPLY_CLASSES;

		for (size_t i = 0; i < REPLY_CLASSES; i++) {
			if (!is_told[i] && sum->count[SERIES_CLASS + i] > 0 &&
			    (most == REPLY_CLASSES ||
				sum->count[SERIES_CLASS + i] >
				    sum->count[SERIES_CLASS + most]))
				most = i;
		}
		if (most == REPLY_CLASSES)
			return;
		is_told[most] = true;
		text_printf(out, "%s%s %llu", out->n > 0 ? ", " : "",
		    reply_class_text((enum reply_class)most),
		    (unsigned long long)sum->count[SERIES_CLASS + most]);
	}
}

static void
add_row(void *ctx, struct str ip, struct str provider, int64_t last)
{
	struct rows *rows = ctx;
	struct report *r = rows->report;
	struct series_sum sum;
	char words[512];
	struct text t;

	if (last < rows->since)
		return;
	series_sum(
	    rows->desk->series, ip, provider, rows->since, rows->now, &sum);
	report_str(r, ip);
	for (int c = SERIES_ATTEMPTED; c < SERIES_CLASS; c++)
		report_int(r, (int64_t)sum.count[c]);
	add_delay(r, &sum, 0.5);
	add_delay(r, &sum, 0.95);
	text_init(&t, words, sizeof(words));
	desk_series_classes(&sum, &t);
	report_str(r, text_view(&t));
}

static void
print_charts(const struct rows *rows, struct text *out)
{
	static const enum series_count counts[] = {
	    SERIES_DELIVERED, SERIES_DEFERRED, SERIES_REFUSED};
	uint64_t v[BARS];

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		series_chart(rows->desk->series, STR(""), rows->provider,
		    counts[i], HOUR, rows->now, v, BARS);
		text_printf(out, "%-10s", series_count_text(counts[i]));
		desk_bars(v, BARS, out);
		text_add(out, " an hour, of the last day\n");
	}
}

void
desk_provider_show(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct rows rows = {.desk = d, .now = d->now(d->ctx)};
	int64_t ago = DAY;

	if (str_is(q->args[0], STR(SERIES_OTHERS)))
		rows.provider = STR(SERIES_OTHERS);
	else if (!desk_provider_find(d, q->args[0], &rows.provider, r))
		return;
	if (control_has(q, "for") &&
	    (!time_parse_duration(control_option(q, "for"), &ago) ||
		ago <= 0)) {
		control_fail(r, EXIT_USAGE,
		    "--for \"%.*s\" is no duration (such as 1h, 7d)",
		    STR_ARG(control_option(q, "for")));
		return;
	}
	rows.since = rows.now - ago;
	rows.report = report_new(q->is_json);
	report_column(rows.report, "ip", TABLE_LEFT);
	for (int c = SERIES_ATTEMPTED; c < SERIES_CLASS; c++)
		report_column(rows.report,
		    series_count_text((enum series_count)c), TABLE_RIGHT);
	report_column(rows.report, "delay50", TABLE_RIGHT);
	report_column(rows.report, "delay95", TABLE_RIGHT);
	report_column(rows.report, "replies", TABLE_LEFT);
	series_each(d->series, STR(""), rows.provider, add_row, &rows);
	report_end(&rows.report, q->width,
	    "nothing was delivered there in that time", &r->out);
	if (!q->is_json)
		print_charts(&rows, &r->out);
}
