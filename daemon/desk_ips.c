/* desk_ips - `outpost ips`: our own addresses and domains at a glance */
#include "daemon/desk_ips.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/report.h"
#include "reputation/own_ip.h"

enum { DAY = 86400 };

const char *
ips_state_text(enum ips_state s)
{
	static const char *const texts[] = {"ok", "slows", "blocks"};

	return texts[s];
}

static enum ips_state
state_of(struct app *a, struct str ip, struct str provider)
{
	int64_t since;

	switch (incidents_level(
	    app_incidents_store(a->incidents), ip, provider, &since)) {
	case INCIDENT_BLOCKED:
		return IPS_BLOCKS;
	case INCIDENT_SLOWED:
		return IPS_SLOWS;
	default:
		return IPS_OK;
	}
}

static void
add_provider(void *ctx, struct str ip, struct str provider, int64_t last)
{
	struct ips_view *x = ctx;
	int64_t now = x->desk->now(x->desk->ctx);

	if (last < now - DAY || x->n == IPS_PROVIDERS)
		return;
	struct ips_provider *p = &x->providers[x->n++];

	p->name = provider;
	series_sum(x->desk->series, ip, provider, now - DAY, now, &p->sum);
	p->state = state_of(x->desk->app, ip, provider);
}

static int
worst_first(const void *a, const void *b)
{
	const struct ips_provider *x = a, *y = b;
	uint64_t n = x->sum.count[SERIES_ATTEMPTED];
	uint64_t m = y->sum.count[SERIES_ATTEMPTED];

	if (x->state != y->state)
		return x->state < y->state ? 1 : -1;
	return (n < m) - (n > m);
}

void
ips_look(struct desk *d, size_t target, struct ips_view *x)
{
	const struct app_dnsbl_target *all;

	*x = (struct ips_view){.desk = d, .dnsbl = d->app->dnsbl, .at = target};
	app_dnsbl_targets(x->dnsbl, &all);
	x->who = &all[target];
	if (x->who->target.domain)
		return;
	series_each(d->series,
	    str_from(x->who->name ? x->who->name : OWN_IP_DEFAULT), STR(""),
	    add_provider, x);
	if (x->n > 0)
		qsort(x->providers, x->n, sizeof(*x->providers), worst_first);
}

void
ips_each_listing(const struct ips_view *x, ips_listed_fn *each, void *ctx)
{
	const struct settings *s = pipeline_settings(x->desk->pipeline);
	const struct dnsbl *l;
	struct app_dnsbl_list on;
	struct listing known;

	for (size_t i = 0; (l = dnsbls_at(s->dnsbls, i)); i++) {
		if (!l->is_info &&
		    dnsbl_is_wanted(&s->reputation, s->dnsbls, l) &&
		    listings_find(app_dnsbl_listings(x->dnsbl), x->who->text,
			l->name, &known) &&
		    known.is_listed)
			each(ctx, l, &known);
	}
	for (size_t i = 0; app_dnsbl_list(x->dnsbl, i, &on); i++) {
		if (on.list->is_info && on.health == DNSBL_WORKS &&
		    app_dnsbl_said(x->dnsbl, i, x->at) == DNSBL_LISTED)
			each(ctx, on.list, NULL);
	}
}

/* --- the table --- */

static void
add_name(void *ctx, const struct dnsbl *l, const struct listing *since)
{
	struct text *t = ctx;

	if (since)
		text_printf(t, "%s%s", t->n > 0 ? ", " : "", l->name);
}

static void
add_first(void *ctx, const char *sentence)
{
	struct text *t = ctx;

	if (t->n == 0)
		text_add(t, sentence);
}

/* "" when nothing is wrong; "-": nothing was sent there. */
static void
add_providers(const struct ips_view *x, struct text *t)
{
	for (size_t i = 0; i < x->n && x->providers[i].state > IPS_OK; i++)
		text_printf(t, "%s%.*s %s", i > 0 ? ", " : "",
		    STR_ARG(x->providers[i].name),
		    ips_state_text(x->providers[i].state));
	if (t->n == 0)
		text_add(t, x->n > 0 ? "ok" : "-");
}

static void
add_names(const struct ips_view *x, struct text *t)
{
	const struct address_report *r = app_dnsbl_names(x->dnsbl, x->at);

	for (size_t i = 0; r && i < r->n; i++) {
		if (r->v[i].level > ADDRESS_OK)
			text_printf(
			    t, "%s%s", t->n > 0 ? ", " : "", r->v[i].id);
	}
	if (t->n == 0)
		text_add(t, r ? "ok" : "-");
}

static void
add_row(const struct ips_view *x, struct report *rows)
{
	char buf[1024];
	struct text t;

	report_str(rows, str_from(x->who->text));
	report_str(rows, str_from(x->who->name ? x->who->name : "-"));
	text_init(&t, buf, sizeof(buf));
	ips_each_listing(x, add_name, &t);
	report_str(rows, t.n > 0 ? text_view(&t) : STR("no"));
	text_init(&t, buf, sizeof(buf));
	add_names(x, &t);
	report_str(rows, text_view(&t));
	text_init(&t, buf, sizeof(buf));
	add_providers(x, &t);
	report_str(rows, text_view(&t));
	text_init(&t, buf, sizeof(buf));
	ips_each_step(x, add_first, &t);
	report_str(rows, t.n > 0 ? text_view(&t) : STR("-"));
}

/* Domains only when they are listed. */
static bool
is_shown(const struct ips_view *x)
{
	char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (x->who->target.domain)
		ips_each_listing(x, add_name, &t);
	return !x->who->target.domain || t.n > 0;
}

static void
list_json(struct desk *d, struct ips_view *x, struct control_reply *r)
{
	const struct app_dnsbl_target *all;
	size_t n = app_dnsbl_targets(d->app->dnsbl, &all);
	struct json_out j;

	json_out_init(&j, &r->out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < n; i++) {
		ips_look(d, i, x);
		ips_print_json(x, &j);
	}
	json_close_array(&j);
	text_char(&r->out, '\n');
}

static void
list(struct desk *d, const struct control_request *q, struct ips_view *x,
    struct control_reply *r)
{
	const struct app_dnsbl_target *all;
	size_t n = app_dnsbl_targets(d->app->dnsbl, &all);
	struct report *rows = report_new(false);

	report_column(rows, "address", TABLE_LEFT);
	report_column(rows, "own_ip", TABLE_LEFT);
	report_column(rows, "listed", TABLE_LEFT);
	report_column(rows, "names", TABLE_LEFT);
	report_column(rows, "providers", TABLE_LEFT);
	report_column(rows, "next", TABLE_LEFT);
	for (size_t i = 0; i < n; i++) {
		ips_look(d, i, x);
		if (is_shown(x))
			add_row(x, rows);
	}
	report_end(&rows, q->width,
	    "no address is known that mail leaves from: own_ips or "
	    "sending_addresses in outpost.conf name them",
	    &r->out);
}

/* --- the lists --- */

static void
list_lists(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct report *rows = report_new(q->is_json);
	struct app_dnsbl_list l;

	report_column(rows, "list", TABLE_LEFT);
	report_column(rows, "zone", TABLE_LEFT);
	report_column(rows, "state", TABLE_LEFT);
	report_column(rows, "asked", TABLE_LEFT);
	report_column(rows, "why", TABLE_LEFT);
	report_column(rows, "terms", TABLE_LEFT);
	for (size_t i = 0; app_dnsbl_list(d->app->dnsbl, i, &l); i++) {
		report_str(rows, str_from(l.list->name));
		report_str(rows, str_from(l.list->zone));
		report_str(rows, l.asked ? str_from(dnsbl_health_text(l.health))
					 : STR("not asked yet"));
		report_time(rows, l.asked);
		report_str(rows, str_from(*l.why ? l.why : "-"));
		report_str(rows, str_from(l.list->terms));
	}
	report_end(&rows, q->width,
	    "no list is asked: dnsbl_lists, and own_ips or sending_addresses "
	    "in outpost.conf",
	    &r->out);
}

/* Its name, the address, or a domain. */
static size_t
find(struct desk *d, struct str what)
{
	const struct app_dnsbl_target *all;
	size_t n = app_dnsbl_targets(d->app->dnsbl, &all);
	struct ip ip;
	bool is_ip = ip_parse(what, &ip);

	for (size_t i = 0; i < n; i++) {
		if (is_ip ? ip_is(&all[i].target.ip, &ip)
			  : str_is_nocase(what, str_from(all[i].text)) ||
				(all[i].name &&
				    str_is(what, str_from(all[i].name))))
			return i;
	}
	return SIZE_MAX;
}

static void
show(struct desk *d, const struct control_request *q, struct ips_view *x,
    struct control_reply *r)
{
	size_t target = find(d, q->args[0]);
	struct json_out j;

	if (target == SIZE_MAX) {
		control_fail(r, EXIT_UNKNOWN,
		    "%.*s is none of our addresses or domains (outpost ips "
		    "names them)",
		    STR_ARG(q->args[0]));
		return;
	}
	ips_look(d, target, x);
	if (!q->is_json) {
		ips_print(x, &r->out);
		return;
	}
	json_out_init(&j, &r->out);
	ips_print_json(x, &j);
	text_char(&r->out, '\n');
}

void
desk_ips(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct ips_view *x = xalloc(1, sizeof(*x));

	if (q->n_args > 1 || (q->n_args == 1 && control_has(q, "lists")))
		control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
	else if (control_has(q, "lists"))
		list_lists(d, q, r);
	else if (q->n_args == 1)
		show(d, q, x, r);
	else if (q->is_json)
		list_json(d, x, r);
	else
		list(d, q, x, r);
	free(x);
}
