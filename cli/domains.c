/* domains - `outpost domains`: the health of many, worst first */
#include "cli/domain.h"

#include <stdlib.h>

#include "base/dns.h"
#include "base/loop.h"
#include "base/map.h"
#include "cli/domain_options.h"
#include "cli/lines.h"
#include "cli/local.h"
#include "cli/pages.h"
#include "config/settings.h"
#include "daemon/report.h"
#include "domains/checker.h"

enum { OUT_MAX = 64 * 1024 * 1024, AT_ONCE = 64, DOMAINS_MAX = 100000 };

struct row {
	char *domain; /* dns_name's */
	enum health_colour colours[HEALTH_JUDGED];
	unsigned badness;
	char *finding;	       /* the worst one */
	int64_t seen, checked; /* of what outpostd told */
	bool is_new;	       /* not looked at yet */
};

struct domains {
	const struct client_line *line;
	const struct settings *settings;
	struct loop *loop;
	struct dns *dns;
	struct map known; /* of rows' domains: each once */
	struct row **rows;
	size_t n, cap, next, running;
	struct error err;
	bool is_bad;
	bool is_told; /* by outpostd */
	char empty[200];
};

/* One that is being checked. */
struct job {
	struct domains *all;
	struct row *row;
};

static void
add(struct domains *d, struct str name)
{
	char folded[DNS_NAME];
	struct row *r;

	if (d->is_bad)
		return;
	if (!domains_is_domain(name, folded)) {
		d->is_bad =
		    error_set(&d->err, "\"%.*s\" is no full domain name",
			STR_ARG(str_head(name, 100)));
		return;
	}
	if (d->n == DOMAINS_MAX)
		d->is_bad =
		    error_set(&d->err, "more than %d domains", DOMAINS_MAX);
	if (d->is_bad || map_find(&d->known, str_from(folded)))
		return;
	if (d->n == d->cap) {
		d->cap = d->cap ? 2 * d->cap : 64;
		d->rows = xrealloc(d->rows, d->cap, sizeof(struct row *));
	}
	r = xalloc(1, sizeof(*r));
	r->domain = str_dup(str_from(folded));
	map_put(&d->known, str_from(r->domain), r);
	d->rows[d->n++] = r;
}

static void
on_line(void *ctx, struct str line)
{
	line = str_trim(line);
	if (line.n > 0 && *line.p != '#')
		add(ctx, line);
}

/* 0: some; else why not. */
static enum exit_status
gather(struct domains *d)
{
	const struct setting_list *set = &d->settings->domains.sending_domains;
	const char *file = client_option(d->line, "from-file");

	for (size_t i = 0; i < d->line->n_args; i++)
		add(d, str_from(d->line->args[i]));
	if (file && lines_read(file, on_line, NULL, d, &d->err) < 0)
		return local_fail(EXIT_FAILED, "%s", d->err.text);
	for (size_t i = 0; !file && d->line->n_args == 0 && i < set->n; i++)
		add(d, str_from(set->v[i]));
	if (d->is_bad)
		return local_fail(EXIT_USAGE, "%s", d->err.text);
	if (d->n == 0)
		return local_fail(EXIT_USAGE,
		    "name domains, or a file of them (--from-file), or set "
		    "sending_domains");
	return EXIT_OK;
}

static void
note(struct row *r, const struct health *h)
{
	const struct health_finding *worst =
	    health_worst_finding(h, HEALTH_PARTS, HEALTH_UNKNOWN);

	memcpy(r->colours, h->colours, sizeof(r->colours));
	r->badness = health_badness(r->colours);
	r->finding = str_dup(str_from(worst ? worst->text : ""));
}

static void start_some(struct domains *d);

static void
on_checked(void *ctx, struct health *h, size_t questions)
{
	struct job *j = ctx;
	struct domains *d = j->all;

	(void)questions;
	note(j->row, h);
	health_free(&h);
	free(j);
	d->running--;
	start_some(d);
}

static void
start_some(struct domains *d)
{
	const struct domains_settings *set = &d->settings->domains;

	while (!d->is_bad && d->running < AT_ONCE && d->next < d->n) {
		struct row *row = d->rows[d->next++];
		struct domain_site *site =
		    domain_options_site(d->line, set, row->domain, &d->err);

		d->is_bad = !site;
		if (!site)
			break;
		struct job *j = xalloc(1, sizeof(*j));

		*j = (struct job){d, row};
		checker_start(d->loop, d->dns, row->domain, site,
		    set->domain_check_time * 1000, on_checked, j);
		d->running++;
	}
	if (d->running == 0)
		loop_stop(d->loop);
}

static int
worse_first(const void *a, const void *b)
{
	const struct row *x = *(const struct row *const *)a;
	const struct row *y = *(const struct row *const *)b;

	if (x->badness != y->badness)
		return x->badness > y->badness ? -1 : 1;
	return strcmp(x->domain, y->domain);
}

static void
put_columns(struct report *r, bool is_told)
{
	report_column(r, "domain", TABLE_LEFT);
	report_column(r, "spf", TABLE_LEFT);
	report_column(r, "dkim", TABLE_LEFT);
	report_column(r, "dmarc", TABLE_LEFT);
	if (is_told) {
		report_column(r, "seen", TABLE_LEFT);
		report_column(r, "checked", TABLE_LEFT);
	}
	report_column(r, "finding", TABLE_LEFT);
}

static void
put_row(struct report *r, const struct row *row, bool is_told)
{
	report_str(r, str_from(row->domain));
	for (int p = 0; p < HEALTH_JUDGED; p++) {
		if (row->is_new)
			report_none(r);
		else
			report_str(
			    r, str_from(health_colour_word(row->colours[p])));
	}
	if (is_told) {
		report_time(r, row->seen);
		report_time(r, row->checked);
	}
	report_str(r, str_from(row->finding));
}

static enum exit_status
print(struct domains *d)
{
	struct report *r = report_new(d->line->is_json);
	struct text out;
	bool is_green = true;

	if (d->n > 0)
		qsort(d->rows, d->n, sizeof(*d->rows), worse_first);
	put_columns(r, d->is_told);
	for (size_t i = 0; i < d->n; i++) {
		put_row(r, d->rows[i], d->is_told);
		is_green &= d->rows[i]->badness == 0;
	}
	text_grow(&out, OUT_MAX);
	report_end(&r, client_width(), *d->empty ? d->empty : "none", &out);
	enum exit_status status = local_print(text_view(&out));

	text_done(&out);
	return status != EXIT_OK || is_green ? status : EXIT_WARNED;
}

static enum exit_status
check_all(struct domains *d)
{
	struct dns_options options = settings_dns(&d->settings->daemon);
	enum exit_status status;

	d->loop = loop_new();
	d->dns = dns_new(d->loop, &options, &d->err);
	d->is_bad = !d->dns;
	if (d->dns) {
		start_some(d);
		loop_run(d->loop);
	}
	status =
	    d->is_bad ? local_fail(EXIT_FAILED, "%s", d->err.text) : print(d);
	dns_free(&d->dns);
	loop_free(&d->loop);
	return status;
}

static enum health_colour
read_colour(struct str s)
{
	for (enum health_colour c = HEALTH_GREEN; c <= HEALTH_RED; c++) {
		if (str_is(s, str_from(health_colour_word(c))))
			return c;
	}
	return HEALTH_INFO;
}

/* daemon/desk_domains.c: domain, three colours, seen, checked, finding. */
static void
on_told(void *ctx, const struct page *page, const struct json *row)
{
	struct domains *d = ctx;
	size_t before = d->n;
	struct text t;

	text_init(&t, d->empty, sizeof(d->empty));
	text_str(&t, page->empty);
	if (!row)
		return;
	add(d, json_text(json_at(row, 0)));
	if (d->n == before)
		return;
	struct row *r = d->rows[before];

	for (size_t p = 0; p < HEALTH_JUDGED; p++)
		r->colours[p] = read_colour(json_text(json_at(row, p + 1)));
	r->seen = json_number(json_at(row, HEALTH_JUDGED + 1), 0);
	r->checked = json_number(json_at(row, HEALTH_JUDGED + 2), 0);
	r->finding = str_dup(json_text(json_at(row, HEALTH_JUDGED + 3)));
	r->is_new = r->checked == 0;
	r->badness = health_badness(r->colours);
}

/* As outpostd knows them. EXIT_UNREACHABLE: it doesn't answer, which was said.
 */
static enum exit_status
ask_outpostd(struct domains *d)
{
	const struct client_line *l = d->line;
	enum exit_status status;

	d->is_told = true;
	status = pages_each(l,
	    l->socket ? l->socket : d->settings->daemon.control_socket, on_told,
	    d);
	d->is_told = status == EXIT_OK;
	return status == EXIT_OK ? print(d) : status;
}

static bool
is_about_all(const struct client_line *l)
{
	return l->n_args == 0 && l->n_options == 0;
}

enum exit_status
domains_run(const struct client_line *l, const struct settings *s)
{
	struct domains d = {.line = l, .settings = s};
	enum exit_status status;

	map_init(&d.known);
	status = is_about_all(l) ? ask_outpostd(&d) : EXIT_UNREACHABLE;
	if (status == EXIT_UNREACHABLE) {
		status = gather(&d);
		if (status == EXIT_OK)
			status = check_all(&d);
	}
	map_done(&d.known);
	for (size_t i = 0; i < d.n; i++) {
		free(d.rows[i]->domain);
		free(d.rows[i]->finding);
		free(d.rows[i]);
	}
	free(d.rows);
	return status;
}
