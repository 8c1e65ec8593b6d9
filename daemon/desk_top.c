/* desk_top - one look at who sends now, for `outpost top` */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk.h"

enum { TEN = 600, HOUR = 3600, DAY = 86400, MINUTES = 60, ROWS = 40 };

struct top_row {
	struct subject *subject;
	uint64_t ten, hour, delivered, failed, networks;
	const char *limit; /* the one it is nearest to; NULL */
	uint64_t value, max;
	uint64_t limit_percent; /* of it */
	uint64_t order;
};

static const char *const sorts[] = {
    "hour", "now", "limit", "failed", "networks"};
enum { BY_HOUR, BY_NOW, BY_LIMIT, BY_FAILED, BY_NETWORKS, SORTS };

static void
near_limit(void *ctx, const struct limit_state *s)
{
	struct top_row *row = ctx;
	uint64_t percent = s->max ? 100 * s->value / s->max : 100;

	if (row->limit && percent <= row->limit_percent)
		return;
	row->limit = s->limit->name;
	row->value = s->value;
	row->max = s->max;
	row->limit_percent = percent;
}

static uint64_t
failed_percent(const struct top_row *row)
{
	uint64_t tried = row->delivered + row->failed;

	return tried ? 100 * row->failed / tried : 0;
}

static void
fill(struct desk *d, int sort, struct top_row *row)
{
	struct ledger *l = pipeline_ledger(d->pipeline);
	struct subject *s = row->subject;
	static struct pipeline_view v;

	row->ten = subject_sum(l, s, COUNT_RECIPIENTS, TEN);
	row->order = sort == BY_NOW ? row->ten : row->hour;
	if (sort == BY_FAILED) {
		row->delivered = subject_sum(l, s, COUNT_DELIVERED, HOUR);
		row->failed = subject_sum(l, s, COUNT_UNKNOWN_USER, HOUR) +
			      subject_sum(l, s, COUNT_REFUSED, HOUR) +
			      subject_sum(l, s, COUNT_BOUNCED, HOUR);
		row->order = failed_percent(row);
	} else if (sort == BY_LIMIT) {
		pipeline_look(d->pipeline, s, &v);
		judge_each_limit(&v.in, near_limit, row);
		row->order = row->limit_percent;
	} else if (sort == BY_NETWORKS) {
		row->order = subject_distinct_networks(s, DAY, ledger_now(l));
	}
}

static int
by_order(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (x->order != y->order)
		return x->order > y->order ? -1 : 1;
	return x->hour < y->hour ? 1 : x->hour > y->hour ? -1 : 0;
}

static void
print_series(struct ledger *l, struct subject *s, struct json_out *j)
{
	uint64_t v[MINUTES];

	subject_series(l, s, COUNT_RECIPIENTS, 60, v, MINUTES);
	json_open_array(j, "series");
	for (size_t i = 0; i < MINUTES; i++)
		json_i64(j, NULL, (int64_t)v[i]);
	json_close_array(j);
}

static void
print_row(struct desk *d, struct top_row *row, struct json_out *j)
{
	struct ledger *l = pipeline_ledger(d->pipeline);
	struct subject *s = row->subject;
	static struct pipeline_view v;

	pipeline_look(d->pipeline, s, &v);
	if (!row->limit)
		judge_each_limit(&v.in, near_limit, row);
	json_open(j, NULL);
	json_str(j, "account", subject_key(s));
	json_bool(j, "is_shared", v.in.is_shared);
	json_str(j, "standing", str_from(standing_text(v.state.rung)));
	json_str(j, "observed", str_from(standing_text(v.state.observed)));
	json_bool(j, "is_exempt", v.in.is_exempt);
	json_i64(j, "score", v.verdict.score);
	json_i64(j, "ten_minutes", (int64_t)row->ten);
	json_i64(j, "hour", (int64_t)row->hour);
	json_i64(j, "day", (int64_t)subject_sum(l, s, COUNT_RECIPIENTS, DAY));
	json_i64(
	    j, "delivered", (int64_t)subject_sum(l, s, COUNT_DELIVERED, HOUR));
	json_i64(j, "unknown_user",
	    (int64_t)subject_sum(l, s, COUNT_UNKNOWN_USER, HOUR));
	json_i64(j, "refused", (int64_t)subject_sum(l, s, COUNT_REFUSED, HOUR));
	json_i64(j, "bounced", (int64_t)subject_sum(l, s, COUNT_BOUNCED, HOUR));
	json_i64(
	    j, "attempts", (int64_t)subject_sum(l, s, COUNT_ATTEMPTS, HOUR));
	json_i64(j, "pending", subject_pending(s));
	json_i64(j, "networks",
	    (int64_t)subject_distinct_networks(s, DAY, ledger_now(l)));
	if (row->limit) {
		json_str(j, "limit", str_from(row->limit));
		json_i64(j, "limit_value", (int64_t)row->value);
		json_i64(j, "limit_max", (int64_t)row->max);
		json_i64(j, "limit_percent", (int64_t)row->limit_percent);
	}
	print_series(l, s, j);
	json_close(j);
}

static void
print_all(struct desk *d, struct json_out *j)
{
	struct ledger *l = pipeline_ledger(d->pipeline);
	struct subject *all = ledger_get(l, SUBJECT_ALL, STR(""));

	json_open(j, "all");
	json_i64(j, "ten_minutes",
	    (int64_t)subject_sum(l, all, COUNT_RECIPIENTS, TEN));
	json_i64(
	    j, "hour", (int64_t)subject_sum(l, all, COUNT_RECIPIENTS, HOUR));
	json_i64(j, "day", (int64_t)subject_sum(l, all, COUNT_RECIPIENTS, DAY));
	print_series(l, all, j);
	json_close(j);
}

static bool
take_number(const struct control_request *q, struct control_reply *r,
    const char *name, uint64_t max, uint64_t *n)
{
	if (!control_has(q, name))
		return true;
	if (str_to_u64(control_option(q, name), n) && *n > 0 && *n <= max)
		return true;
	return control_fail(r, EXIT_USAGE, "--%s is a number from 1 to %llu",
	    name, (unsigned long long)max);
}

static bool
take_sort(const struct control_request *q, struct control_reply *r, int *sort)
{
	struct str word = control_option(q, "sort");

	if (!control_has(q, "sort"))
		return true;
	for (*sort = 0; *sort < SORTS; (*sort)++) {
		if (str_is(str_from(sorts[*sort]), word))
			return true;
	}
	return control_fail(r, EXIT_USAGE,
	    "--sort must be hour, now, limit, failed or networks");
}

static size_t
collect(struct desk *d, const struct control_request *q, int sort,
    struct top_row rows[BUSIEST])
{
	struct str filter = control_option(q, "filter");
	struct busiest_one v[BUSIEST];
	size_t found = busiest_list(d->busiest, v), n = 0;

	for (size_t i = 0; i < found; i++) {
		if (filter.n > 0 &&
		    str_find_nocase(subject_key(v[i].subject), filter) < 0)
			continue;
		rows[n] = (struct top_row){
		    .subject = v[i].subject, .hour = v[i].hour};
		fill(d, sort, &rows[n++]);
	}
	qsort(rows, n, sizeof(*rows), by_order);
	return n;
}

/* Always as JSON: the outpost command draws it. */
void
desk_top(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	static struct top_row rows[BUSIEST];
	struct ledger *l = pipeline_ledger(d->pipeline);
	uint64_t max = ROWS;
	struct json_out j;
	int sort = BY_HOUR;

	if (!take_number(q, r, "rows", ROWS, &max) || !take_sort(q, r, &sort))
		return;
	size_t n = collect(d, q, sort, rows);

	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_time(&j, "time", d->now(d->ctx));
	if (ledger_now(l) > 0)
		json_time(&j, "latest_fact", ledger_now(l));
	json_i64(&j, "seconds_behind",
	    ledger_now(l) > 0 ? d->now(d->ctx) - ledger_now(l) : 0);
	json_str(&j, "mode",
	    standings_is_enforcing(pipeline_standings(d->pipeline))
		? STR("enforce")
		: STR("observe"));
	json_str(&j, "sort", str_from(sorts[sort]));
	json_i64(&j, "found", (int64_t)n);
	print_all(d, &j);
	json_open_array(&j, "accounts");
	for (size_t i = 0; i < n && i < max; i++)
		print_row(d, &rows[i], &j);
	json_close_array(&j);
	json_close(&j);
	text_char(&r->out, '\n');
}
