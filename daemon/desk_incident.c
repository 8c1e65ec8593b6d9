/* desk_incident - incidents: the list, and all about one */
#include "base/time.h"
#include "daemon/desk_incident_view.h"
#include "daemon/report.h"

enum { HOUR = 3600, BARS = 24, SHOWN = 50 };

static const char *
state_of(const struct incident *i)
{
	return i->closed ? "closed" : incident_level_text(incident_level(i));
}

void
desk_incidents(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct incidents *s = app_incidents_store(d->app->incidents);
	struct report *report;
	/* For people none of those that are open has an end. */
	bool has_ended = q->is_json || control_has(q, "all");
	size_t n = 0;

	if (q->n_args > 0) {
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
		return;
	}
	report = report_new(q->is_json);
	report_column(report, "incident", TABLE_LEFT);
	report_column(report, "provider", TABLE_LEFT);
	report_column(report, "what", TABLE_LEFT);
	report_column(report, "state", TABLE_LEFT);
	report_column(report, "opened", TABLE_LEFT);
	if (has_ended)
		report_column(report, "closed", TABLE_LEFT);
	report_column(report, "times", TABLE_RIGHT);
	report_column(report, "rule", TABLE_LEFT);
	for (const struct incident *i = incidents_newest(s); i && n < SHOWN;
	     i = i->older) {
		if (i->closed && !control_has(q, "all"))
			continue;
		n++;
		report_str(report, str_from(i->id));
		report_str(report, i->provider);
		report_str(report, i->what);
		report_str(report, str_from(state_of(i)));
		report_time(report, i->opened);
		if (has_ended && i->closed)
			report_time(report, i->closed);
		else if (has_ended)
			report_none(report);
		report_int(report, i->times);
		report_str(report, str_from(i->rule));
	}
	report_end(&report, q->width,
	    control_has(q, "all") ? "there were none" : "none is open",
	    &r->out);
}

static void
read_told_causes(struct incident_view *v)
{
	const struct json *array = json_get(v->told, "causes");

	for (size_t n = 0; n < json_count(array) && n < INCIDENT_CAUSES; n++) {
		const struct json *one = json_at(array, n);
		struct cause *c = &v->causes[v->n_causes++];
		struct text t;

		text_init(&t, c->account, sizeof(c->account));
		text_str(&t, json_text(json_get(one, "account")));
		c->recipients =
		    (uint64_t)json_number(json_get(one, "recipients"), 0);
		c->share = (unsigned)json_number(json_get(one, "share"), 0);
		for (int k = 0; k < CAUSE_COUNTS; k++)
			c->v[k] = (uint64_t)json_number(
			    json_get(
				one, cause_count_text((enum cause_count)k)),
			    0);
	}
}

static void
read_view(struct desk *d, const struct incident *i, size_t width,
    struct incident_view *v)
{
	struct error err;

	*v = (struct incident_view){.desk = d, .i = i, .now = d->now(d->ctx)};
	v->width = width;
	if (i->evidence)
		v->told = json_parse(str_from(i->evidence), &err);
	read_told_causes(v);
}

static void
print_causes(const struct incident_view *v, struct text *out)
{
	struct table *t = table_new();

	table_column(t, "WHO", TABLE_LEFT);
	table_column(t, "SHARE", TABLE_RIGHT);
	table_column(t, "TRIED", TABLE_RIGHT);
	for (int k = 0; k < CAUSE_COUNTS; k++)
		table_column(
		    t, cause_count_text((enum cause_count)k), TABLE_RIGHT);
	for (size_t n = 0; n < v->n_causes; n++) {
		const struct cause *c = &v->causes[n];

		table_cell(t, str_from(c->account));
		table_cell_format(t, "%u%%", c->share);
		table_cell_i64(t, (int64_t)c->recipients);
		for (int k = 0; k < CAUSE_COUNTS; k++)
			table_cell_i64(t, (int64_t)c->v[k]);
	}
	text_add(out, "\nWho sent there in the hours before, by what is more "
		      "than usual:\n");
	table_print(t, out, v->width);
	table_free(&t);
}

static void
print_chart(const struct incident_view *v, struct text *out)
{
	static const enum series_count counts[] = {
	    SERIES_DELIVERED, SERIES_DEFERRED, SERIES_REFUSED};
	struct str ip = v->i->is_domain ? STR("") : v->i->what;
	uint64_t bars[BARS];

	text_char(out, '\n');
	for (size_t n = 0; n < sizeof(counts) / sizeof(counts[0]); n++) {
		series_chart(v->desk->series, ip, v->i->provider, counts[n],
		    HOUR, v->now, bars, BARS);
		text_printf(out, "%-10s", series_count_text(counts[n]));
		desk_bars(bars, BARS, out);
		text_add(out, " an hour, of the last day\n");
	}
}

static void
print_times(const struct incident_view *v, struct text *out)
{
	const struct incident *i = v->i;

	text_printf(out, "%-10s%s, opened ", "state", state_of(i));
	time_local_text(out, i->opened);
	if (i->times > 1)
		text_printf(out, ", %u times", (unsigned)i->times);
	if (i->closed) {
		text_add(out, ", closed ");
		time_local_text(out, i->closed);
	}
	text_char(out, '\n');
}

static void
print_person(const struct incident_view *v, struct text *out)
{
	const struct incident *i = v->i;
	char reply[1024];
	struct text t;

	text_printf(out, "%s  %.*s: %.*s\n", i->id, STR_ARG(i->provider),
	    STR_ARG(i->what));
	print_times(v, out);
	if (v->told) {
		text_printf(out, "%-10s", "answer");
		text_init(&t, reply, sizeof(reply));
		text_printable(&t, json_text(json_get(v->told, "reply")));
		desk_wrap(text_view(&t), 10, v->width, out);
		text_printf(out, "%-10s%s (%s)\n", "means", i->class,
		    *i->rule ? i->rule : "no rule");
		text_printf(out,
		    "%-10s%lld tried, %lld delivered, %lld "
		    "slowed, %lld refused when it was told last\n",
		    "figures",
		    (long long)json_number(json_get(v->told, "all"), 0),
		    (long long)json_number(json_get(v->told, "delivered"), 0),
		    (long long)json_number(json_get(v->told, "slowed"), 0),
		    (long long)json_number(json_get(v->told, "blocked"), 0));
	}
	print_chart(v, out);
	if (v->n_causes > 0)
		print_causes(v, out);
	if (!i->closed)
		desk_playbook_print(v, out);
}

static void
print_program(const struct incident_view *v, struct text *out)
{
	const struct incident *i = v->i;
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "incident", str_from(i->id));
	json_str(&j, "provider", i->provider);
	json_str(&j, i->is_domain ? "domain" : "ip",
	    str_skip(i->what, i->is_domain));
	json_str(&j, "state", str_from(state_of(i)));
	json_str(&j, "worst", str_from(incident_level_text(i->worst)));
	json_time(&j, "opened", i->opened);
	json_time(&j, "closed", i->closed ? i->closed : TIME_NEVER);
	json_i64(&j, "times", i->times);
	json_str(&j, "rule", str_from(i->rule));
	json_str(&j, "class", str_from(i->class));
	if (i->evidence)
		json_raw(&j, "told", str_from(i->evidence));
	desk_playbook_json(v, &j);
	json_close(&j);
	text_char(out, '\n');
}

void
desk_incident(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct incidents *s = app_incidents_store(d->app->incidents);
	const struct incident *i;
	struct incident_view v;

	if (q->n_args != 1) {
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
		return;
	}
	i = incidents_find(s, q->args[0]);
	if (!i) {
		control_fail(r, EXIT_UNKNOWN, "no incident \"%.*s\"",
		    STR_ARG(q->args[0]));
		return;
	}
	read_view(d, i, q->width > 0 ? (size_t)q->width : 0, &v);
	if (control_has(q, "draft"))
		desk_playbook_draft(&v, &r->out);
	else if (q->is_json)
		print_program(&v, &r->out);
	else
		print_person(&v, &r->out);
	json_free(&v.told);
}
