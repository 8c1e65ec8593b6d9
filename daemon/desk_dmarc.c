/* desk_dmarc - what DMARC reports say of a domain */
#include "base/table.h"
#include "base/time.h"
#include "daemon/app_dmarc.h"
#include "daemon/app_state.h"
#include "daemon/desk_gather.h"

enum { DAY = 86400, BAR = 40, SHOWN = 20, WEEK = 7 * DAY };

static double
share(uint64_t part, uint64_t of)
{
	return of > 0 ? 100.0 * (double)part / (double)of : 0;
}

/* Which of ours sends most of what doesn't pass; NULL: none. */
static const struct dmarc_source *
own_failing(const struct desk *d, const struct dmarc_sum *s)
{
	for (size_t i = 0; i < s->n_sources; i++) {
		const struct dmarc_source *one = &s->sources[i];

		if (one->of.passed < one->of.messages && one->header_from &&
		    app_dmarc_is_own(d->app, &one->ip))
			return one;
	}
	return NULL;
}

/* The domain that its accounts have, as far as the report tells. */
static struct str
sender_domain(const struct dmarc_source *one)
{
	struct str s = str_from(one->envelope_from);

	if (s.n == 0)
		s = str_from(one->spf_domain);
	return s.n > 0 ? s : str_from(one->header_from);
}

static void
print_ip(struct text *out, const struct ip *ip)
{
	static const struct ip others;

	if (memcmp(ip->b, others.b, sizeof(others.b)) == 0)
		text_add(out, "others");
	else
		ip_format(out, ip);
}

static void
print_line(struct text *out, const char *name, uint64_t n, uint64_t of)
{
	size_t width = of > 0 ? (size_t)(n * BAR / of) : 0;

	text_printf(out, "%-12s %10llu %5.1f%%  ", name, (unsigned long long)n,
	    share(n, of));
	text_pad(out, '#', width);
	while (out->n > 0 && out->p[out->n - 1] == ' ')
		out->n--;
	text_char(out, '\n');
}

static void
print_day(struct text *out, int64_t day)
{
	struct civil c = time_to_utc(day * DAY);

	text_printf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static void
print_head(const struct dmarc_sum *s, struct text *out)
{
	const struct dmarc_counts *c = &s->all;
	uint64_t fail = c->messages - c->passed;

	text_printf(out, "DMARC reports about %s, ", s->domain);
	print_day(out, s->begin / DAY);
	text_add(out, " to ");
	print_day(out, s->end / DAY);
	text_printf(out, ": %llu, of which %llu are vouched for; policy %s\n\n",
	    (unsigned long long)s->reports, (unsigned long long)s->vouched,
	    dmarc_policy_word(s->policy));
	print_line(out, "messages", c->messages, c->messages);
	print_line(out, "pass", c->passed, c->messages);
	print_line(out, "  by DKIM", c->dkim, c->messages);
	print_line(out, "  by SPF", c->spf, c->messages);
	print_line(out, "fail", fail, c->messages);
	if (fail > 0)
		text_printf(out,
		    "A stricter policy would cost %llu of them that were "
		    "delivered (%llu forwarded, from mailing lists ...);\n%llu "
		    "were put into quarantine, %llu rejected.\n",
		    (unsigned long long)c->lost, (unsigned long long)c->excused,
		    (unsigned long long)c->quarantined,
		    (unsigned long long)c->rejected);
}

static void
print_chart(const struct dmarc_sum *s, struct text *out)
{
	uint64_t most = 0;

	for (size_t i = 0; i < s->n_days; i++)
		most = s->days[i].messages > most ? s->days[i].messages : most;
	text_add(out, "\nby day (# pass, x fail)\n");
	for (size_t i = 0; most > 0 && i < s->n_days; i++) {
		const struct dmarc_day *d = &s->days[i];
		uint64_t fail = d->messages - d->passed;

		if (d->messages == 0)
			continue;
		print_day(out, s->first_day + (int64_t)i);
		text_printf(out, " %10llu ", (unsigned long long)d->messages);
		text_pad(
		    out, '#', (size_t)((d->passed * BAR + most - 1) / most));
		text_pad(out, 'x', (size_t)((fail * BAR + most - 1) / most));
		text_char(out, '\n');
	}
}

static void
print_sources(const struct desk *d, const struct dmarc_sum *s, size_t width,
    struct text *out)
{
	struct table *t = table_new();

	table_column(t, "SENT FROM", TABLE_LEFT);
	table_column(t, "OURS", TABLE_LEFT);
	table_column(t, "MESSAGES", TABLE_RIGHT);
	table_column(t, "DKIM", TABLE_RIGHT);
	table_column(t, "SPF", TABLE_RIGHT);
	table_column(t, "FAIL", TABLE_RIGHT);
	table_column(t, "LOST", TABLE_RIGHT);
	table_column(t, "WHAT FAILS IS SIGNED BY / ENVELOPE OF", TABLE_LEFT);
	for (size_t i = 0; i < s->n_sources && i < SHOWN; i++) {
		const struct dmarc_source *one = &s->sources[i];
		char ip[64];
		struct text name;

		text_init(&name, ip, sizeof(ip));
		print_ip(&name, &one->ip);
		table_cell(t, text_view(&name));
		table_cell(t,
		    app_dmarc_is_own(d->app, &one->ip) ? STR("yes") : STR(""));
		table_cell_i64(t, (int64_t)one->of.messages);
		table_cell_format(
		    t, "%.0f%%", share(one->of.dkim, one->of.messages));
		table_cell_format(
		    t, "%.0f%%", share(one->of.spf, one->of.messages));
		table_cell_i64(t, (int64_t)(one->of.messages - one->of.passed));
		table_cell_i64(t, (int64_t)one->of.lost);
		if (one->header_from)
			table_cell_format(t, "%s / %s",
			    *one->dkim_domain ? one->dkim_domain : "-",
			    *one->spf_domain ? one->spf_domain : "-");
		table_end_row(t);
	}
	text_char(out, '\n');
	table_print(t, out, width);
	table_free(&t);
	if (s->n_all_sources > SHOWN)
		text_printf(out, "and %zu more\n", s->n_all_sources - SHOWN);
}

static void
print_reporters(const struct dmarc_sum *s, size_t width, struct text *out)
{
	struct table *t = table_new();

	table_column(t, "REPORTED BY", TABLE_LEFT);
	table_column(t, "VOUCHED FOR", TABLE_LEFT);
	table_column(t, "REPORTS", TABLE_RIGHT);
	table_column(t, "MESSAGES", TABLE_RIGHT);
	for (size_t i = 0; i < s->n_reporters && i < SHOWN; i++) {
		const struct dmarc_reporter *r = &s->reporters[i];

		table_cell(t, str_from(r->name));
		table_cell(t, r->is_vouched ? STR("yes") : STR("no"));
		table_cell_i64(t, (int64_t)r->reports);
		table_cell_i64(t, (int64_t)r->messages);
	}
	text_char(out, '\n');
	table_print(t, out, width);
	table_free(&t);
}

static void
print_accounts(const struct dmarc_source *one, const struct desk_senders *who,
    struct text *out)
{
	text_add(out, "\nFrom our address ");
	print_ip(out, &one->ip);
	text_add(
	    out, " mail leaves that passes neither. Who sends from here, of ");
	text_printable(out, sender_domain(one));
	text_add(out, ", this week:\n");
	for (size_t i = 0; i < who->n; i++) {
		text_add(out, "  ");
		text_printable(out, str_from(who->v[i].account));
		text_printf(out, " (%llu recipients)\n",
		    (unsigned long long)who->v[i].recipients);
	}
	if (who->n == 0)
		text_add(out, "  nobody: the log of this host has none\n");
}

static void
json_counts(struct json_out *j, const char *name, const struct dmarc_counts *c)
{
	json_open(j, name);
	json_i64(j, "messages", (int64_t)c->messages);
	json_i64(j, "passed", (int64_t)c->passed);
	json_i64(j, "dkim", (int64_t)c->dkim);
	json_i64(j, "spf", (int64_t)c->spf);
	json_i64(j, "lost", (int64_t)c->lost);
	json_i64(j, "excused", (int64_t)c->excused);
	json_i64(j, "quarantined", (int64_t)c->quarantined);
	json_i64(j, "rejected", (int64_t)c->rejected);
	json_close(j);
}

static void
json_source(
    struct json_out *j, const struct desk *d, const struct dmarc_source *one)
{
	char ip[64];
	struct text t;

	text_init(&t, ip, sizeof(ip));
	print_ip(&t, &one->ip);
	json_open(j, NULL);
	json_str(j, "ip", text_view(&t));
	json_bool(j, "is_own", app_dmarc_is_own(d->app, &one->ip));
	json_counts(j, "counts", &one->of);
	if (one->header_from) {
		json_str(j, "header_from", str_from(one->header_from));
		json_str(j, "envelope_from", str_from(one->envelope_from));
		json_str(j, "dkim_domain", str_from(one->dkim_domain));
		json_str(j, "dkim_selector", str_from(one->dkim_selector));
		json_str(j, "spf_domain", str_from(one->spf_domain));
	}
	json_close(j);
}

static void
json_lists(struct json_out *j, const struct desk *d, const struct dmarc_sum *s,
    const struct desk_senders *who)
{
	json_open_array(j, "days");
	for (size_t i = 0; i < s->n_days; i++) {
		char day[32];
		struct text t;

		if (s->days[i].messages == 0)
			continue;
		text_init(&t, day, sizeof(day));
		print_day(&t, s->first_day + (int64_t)i);
		json_open(j, NULL);
		json_str(j, "day", text_view(&t));
		json_i64(j, "messages", (int64_t)s->days[i].messages);
		json_i64(j, "passed", (int64_t)s->days[i].passed);
		json_close(j);
	}
	json_close_array(j);
	json_open_array(j, "sources");
	for (size_t i = 0; i < s->n_sources; i++)
		json_source(j, d, &s->sources[i]);
	json_close_array(j);
	json_open_array(j, "reporters");
	for (size_t i = 0; i < s->n_reporters; i++) {
		json_open(j, NULL);
		json_str(j, "name", str_from(s->reporters[i].name));
		json_bool(j, "is_vouched", s->reporters[i].is_vouched);
		json_i64(j, "reports", (int64_t)s->reporters[i].reports);
		json_i64(j, "messages", (int64_t)s->reporters[i].messages);
		json_close(j);
	}
	json_close_array(j);
	json_open_array(j, "accounts");
	for (size_t i = 0; who && i < who->n; i++)
		json_str(j, NULL, str_from(who->v[i].account));
	json_close_array(j);
}

static void
print_json(const struct desk *d, const struct dmarc_sum *s,
    const struct desk_senders *who, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "domain", str_from(s->domain));
	json_i64(&j, "reports", (int64_t)s->reports);
	json_i64(&j, "vouched", (int64_t)s->vouched);
	json_str(&j, "policy", str_from(dmarc_policy_word(s->policy)));
	json_time(&j, "begin", s->reports ? s->begin : TIME_NEVER);
	json_time(&j, "end", s->reports ? s->end : TIME_NEVER);
	json_counts(&j, "all", &s->all);
	json_counts(&j, "of_vouched", &s->of_vouched);
	json_lists(&j, d, s, who);
	json_close(&j);
	text_char(out, '\n');
}

void
desk_dmarc(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct error err;
	const struct dmarc_sum *s = app_dmarc_get(d->app->dmarc, q, &err);
	const struct dmarc_source *own = s ? own_failing(d, s) : NULL;
	const struct desk_senders *who = NULL;
	size_t width = q->width > 0 ? (size_t)q->width : 0;

	if (!s) {
		control_fail(r, EXIT_FAILED, "%s", err.text);
		return;
	}
	if (own) {
		const struct desk_senders_of of = {
		    .domain = sender_domain(own), .window = WEEK};

		who = desk_senders(d, &of);
		if (!who)
			return;
	}
	if (q->is_json) {
		print_json(d, s, who, &r->out);
	} else if (s->reports == 0) {
		text_printf(&r->out,
		    "no DMARC report about %s has come in that time\n",
		    s->domain);
	} else {
		print_head(s, &r->out);
		print_chart(s, &r->out);
		print_sources(d, s, width, &r->out);
		print_reporters(s, width, &r->out);
		if (own)
			print_accounts(own, who, &r->out);
	}
}
