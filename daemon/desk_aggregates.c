/* desk_aggregates - what providers tell of our own addresses a day */
#include <stdlib.h>

#include "base/ip.h"
#include "daemon/desk.h"
#include "daemon/report.h"
#include "fbl/aggregate.h"

enum { SHOWN = 50 };

/* All of them, or none. */
static void
add(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str rest = control_option(q, "add"), row;
	int64_t now = d->now(d->ctx);
	struct aggregate a;
	char buf[AGGREGATE_ROW];
	struct text t;

	if (!q->may_change) {
		control_fail(r, EXIT_DENIED,
		    "only root and the admins of the settings may add");
		return;
	}
	while (str_cut(&rest, '\n', &row)) {
		if (!aggregate_parse(row, &a)) {
			control_fail(r, EXIT_USAGE,
			    "--add: no row of outpost ingest --csv");
			return;
		}
	}
	rest = control_option(q, "add");
	while (str_cut(&rest, '\n', &row)) {
		aggregate_parse(row, &a);
		text_init(&t, buf, sizeof(buf));
		aggregate_print(&a, &t);
		kept_put(d->aggregates, aggregate_key(text_view(&t)),
		    text_view(&t), now);
	}
	r->is_order = true;
}

static int
newest_first(const void *a, const void *b)
{
	const struct aggregate *x = a, *y = b;
	int by = strcmp(y->day, x->day);

	by = by ? by : strcmp(x->ip, y->ip);
	by = by ? by : strcmp(x->source, y->source);
	return by ? by : strcmp(x->provider, y->provider);
}

static size_t
gather(struct desk *d, const char *ip, struct aggregate *v)
{
	size_t n = 0;

	for (const struct kept_item *i = kept_newest(d->aggregates); i;
	     i = i->older) {
		if (aggregate_parse(i->value, &v[n]) &&
		    (!*ip || strcmp(v[n].ip, ip) == 0))
			n++;
	}
	if (n > 1)
		qsort(v, n, sizeof(*v), newest_first);
	return n;
}

static void
count(struct report *r, int64_t n)
{
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_i64(&t, n);
	report_str(r, n < 0 ? STR("-") : text_view(&t));
}

static void
print(const struct aggregate *v, size_t n, const struct control_request *q,
    struct text *out)
{
	struct report *r = report_new(q->is_json);

	report_column(r, "day", TABLE_LEFT);
	report_column(r, "ip", TABLE_LEFT);
	report_column(r, "provider", TABLE_LEFT);
	report_column(r, "source", TABLE_LEFT);
	report_column(r, "messages", TABLE_RIGHT);
	report_column(r, "complaints", TABLE_RIGHT);
	report_column(r, "traps", TABLE_RIGHT);
	report_column(r, "rate", TABLE_LEFT);
	report_column(r, "verdict", TABLE_LEFT);
	for (size_t i = 0; i < n; i++) {
		report_str(r, str_from(v[i].day));
		report_str(r, str_from(v[i].ip));
		report_str(r, str_from(v[i].provider));
		report_str(r, str_from(v[i].source));
		count(r, v[i].messages);
		count(r, v[i].complaints);
		count(r, v[i].traps);
		report_str(r, *v[i].rate ? str_from(v[i].rate) : STR("-"));
		report_str(
		    r, *v[i].verdict ? str_from(v[i].verdict) : STR("-"));
	}
	report_end(&r, q->width, "no provider told anything yet", out);
}

void
desk_aggregates(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	uint64_t last = SHOWN;
	char ip[64] = "";
	struct ip address;
	struct text t;

	if (control_has(q, "add")) {
		add(d, q, r);
		return;
	}
	if (q->n_args > 1 ||
	    (q->n_args == 1 && !ip_parse(q->args[0], &address))) {
		control_fail(r, EXIT_USAGE, "usage: outpost aggregates [IP]");
		return;
	}
	if (control_has(q, "last") &&
	    !str_to_u64(control_option(q, "last"), &last)) {
		control_fail(r, EXIT_USAGE, "--last must be a number");
		return;
	}
	text_init(&t, ip, sizeof(ip));
	if (q->n_args == 1)
		ip_format(&t, &address);
	struct aggregate *v = xalloc(d->aggregates->items.n + 1, sizeof(*v));
	size_t n = gather(d, ip, v);

	print(v, n < last ? n : (size_t)last, q, &r->out);
	free(v);
}
