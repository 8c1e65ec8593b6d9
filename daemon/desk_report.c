/* desk_report - `outpost report`: what the cases of a period say */
#include "base/time.h"
#include "daemon/app_cases.h"
#include "daemon/app_state.h"
#include "daemon/desk.h"
#include "daemon/report.h"
#include "daemon/trace_find.h"
#include "notify/case_report.h"

enum { PERIOD = 30 * 86400 };

static void
add(void *ctx, const struct case_head *c)
{
	case_report_add(ctx, c);
}

static void
add_duration(struct report *r, const struct case_spread *s)
{
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (s->n > 0)
		time_duration_words(&t, s->median);
	report_str(r, text_view(&t));
}

static void
print_sums(const char *what, const struct case_sums *v, size_t n, int64_t width,
    struct text *out)
{
	const char *const columns[] = {what, "cases", "suspended", "overturned",
	    "detected in", "leaked", "decided in"};
	struct report *r = report_new(false);

	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		report_column(r, columns[i], i == 0 ? TABLE_LEFT : TABLE_RIGHT);
	for (size_t i = 0; i < n; i++) {
		report_str(r, str_from(v[i].name));
		report_int(r, (int64_t)v[i].cases);
		report_int(r, (int64_t)v[i].suspended);
		report_int(r, (int64_t)v[i].overturned);
		add_duration(r, &v[i].detected);
		report_int(r, v[i].leaked.sum);
		add_duration(r, &v[i].decided);
	}
	text_char(out, '\n');
	report_end(&r, width, "", out);
}

static void
print(const struct control_request *q, struct case_report *report,
    struct text *out)
{
	const struct case_sums *v;
	size_t n;

	case_report_print(report, out);
	n = case_report_rules(report, &v);
	if (n > 0)
		print_sums("rule", v, n, q->width, out);
	n = case_report_classes(report, &v);
	if (n > 0)
		print_sums("class", v, n, q->width, out);
}

static bool
take_time(struct desk *d, const struct control_request *q, const char *option,
    int64_t *at, struct control_reply *r)
{
	struct str given = control_option(q, option);

	if (given.n == 0 || trace_parse_since(given, d->now(d->ctx), at))
		return true;
	return control_fail(r, EXIT_USAGE,
	    "--%s must be such as 7d (ago), 22:40 or \"2026-11-21 22:40\"",
	    option);
}

void
desk_report(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	int64_t now = d->now(d->ctx), since = now - PERIOD, until = now + 1;
	struct case_report *report;
	struct json_out j;
	size_t at = 0;

	if (!take_time(d, q, "since", &since, r) ||
	    !take_time(d, q, "until", &until, r))
		return;
	report = case_report_new(since, until);
	while (cases_walk(
	    app_cases_store(d->app->cases), &at, SIZE_MAX, add, report))
		continue;
	case_report_end(report);
	if (q->is_json) {
		json_out_init(&j, &r->out);
		case_report_json(report, &j);
		text_char(&r->out, '\n');
	} else {
		print(q, report, &r->out);
	}
	case_report_free(&report);
}
