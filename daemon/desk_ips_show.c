/* desk_ips_show - one of our addresses: its lists, names, providers, and what
 * to do
 */
#include "base/json.h"
#include "base/time.h"
#include "daemon/desk_ips.h"

/* --- what to do --- */

struct steps {
	const struct ips_view *x;
	ips_do_fn *each;
	void *ctx;
	bool is_listed;
};

static void
step_removal(void *ctx, const struct dnsbl *l, const struct listing *since)
{
	struct steps *s = ctx;
	char buf[1024], where[512];
	struct text t, w;

	if (!since)
		return;
	if (!s->is_listed)
		s->each(s->ctx,
		    "find who caused it and stop that first (outpost list "
		    "suspended, outpost complaints)");
	s->is_listed = true;
	text_init(&w, where, sizeof(where));
	app_dnsbl_removal(l, s->x->who->text, &w);
	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "then ask %s for removal: %s", l->name, where);
	if (*l->expires)
		text_printf(&t, " (it forgets by itself: %s)", l->expires);
	s->each(s->ctx, buf);
}

static void
step_names(struct steps *s)
{
	const struct address_report *r = app_dnsbl_names(s->x->dnsbl, s->x->at);

	for (size_t i = 0; r && i < r->n; i++) {
		if (r->v[i].level >= ADDRESS_WARN)
			s->each(s->ctx, r->v[i].mend);
	}
}

static void
step_providers(struct steps *s)
{
	for (size_t i = 0; i < s->x->n; i++) {
		const struct ips_provider *p = &s->x->providers[i];
		char buf[512];
		struct text t;

		if (p->state == IPS_OK)
			return;
		text_init(&t, buf, sizeof(buf));
		text_printf(&t, "%.*s %s it: outpost incident %.*s",
		    STR_ARG(p->name), ips_state_text(p->state),
		    STR_ARG(p->name));
		s->each(s->ctx, buf);
	}
}

void
ips_each_step(const struct ips_view *x, ips_do_fn *each, void *ctx)
{
	struct steps s = {x, each, ctx, false};

	ips_each_listing(x, step_removal, &s);
	step_names(&s);
	step_providers(&s);
}

/* --- for a person --- */

static void
print_listing(void *ctx, const struct dnsbl *l, const struct listing *since)
{
	struct text *out = ctx;

	if (!since) {
		text_printf(out,
		    "  %s (for information; few receivers use "
		    "it)\n",
		    l->name);
		return;
	}
	text_printf(out, "  %s since ", l->name);
	time_local_text(out, since->since);
	text_printf(out, ": %.*s\n", STR_ARG(since->means));
	if (since->says.n > 0)
		text_printf(out, "    it says: %.*s\n", STR_ARG(since->says));
}

/* The lists of its kind that don't tell. */
static void
print_lists(const struct ips_view *x, struct text *out)
{
	enum dnsbl_kind kind = dnsbl_target_kind(&x->who->target);
	size_t start = out->n, n_works = 0;
	struct app_dnsbl_list l;

	text_add(out, "Lists:\n");
	size_t head = out->n;

	ips_each_listing(x, print_listing, out);
	bool is_listed = out->n > head;

	for (size_t i = 0; app_dnsbl_list(x->dnsbl, i, &l); i++) {
		if (!(l.list->kinds & kind))
			continue;
		n_works += l.asked && l.health == DNSBL_WORKS;
		if (l.asked && l.health != DNSBL_WORKS)
			text_printf(out, "  %s: %s (%s)\n", l.list->name,
			    dnsbl_health_text(l.health), l.why);
	}
	if (!x->who->is_asked)
		text_add(out, "  its own host asks them\n");
	else if (n_works > 0)
		text_printf(out, "  %s %zu that work%s\n",
		    is_listed ? "asked:" : "on none of", n_works,
		    n_works == 1 ? "s" : "");
	else if (out->n == head)
		out->n = start;
}

static void
print_names(const struct ips_view *x, struct text *out)
{
	const struct address_report *r = app_dnsbl_names(x->dnsbl, x->at);

	if (!r || r->n == 0)
		return;
	text_add(out, "Names:\n");
	for (size_t i = 0; i < r->n; i++)
		text_printf(out, "  %-7s %s\n",
		    address_level_text(r->v[i].level), r->v[i].text);
}

static void
print_providers(const struct ips_view *x, struct text *out)
{
	if (x->n > 0)
		text_add(out, "Providers, of the last day:\n");
	for (size_t i = 0; i < x->n; i++) {
		const struct ips_provider *p = &x->providers[i];
		char classes[512];
		struct text t;

		text_init(&t, classes, sizeof(classes));
		desk_series_classes(&p->sum, &t);
		text_printf(out, "  %-20.*s %-7s %llu of %llu taken%s%s\n",
		    STR_ARG(p->name), ips_state_text(p->state),
		    (unsigned long long)p->sum.count[SERIES_DELIVERED],
		    (unsigned long long)p->sum.count[SERIES_ATTEMPTED],
		    t.n > 0 ? "; " : "", classes);
	}
}

struct numbered {
	struct text *out;
	int n;
};

static void
print_step(void *ctx, const char *sentence)
{
	struct numbered *s = ctx;

	if (s->n++ == 0)
		text_add(s->out, "What to do:\n");
	text_printf(s->out, "  %d. %s\n", s->n, sentence);
}

void
ips_print(const struct ips_view *x, struct text *out)
{
	struct numbered steps = {out, 0};

	text_add(out, x->who->text);
	if (x->who->name)
		text_printf(out, " (own IP %s)", x->who->name);
	if (x->who->helo)
		text_printf(out, ", HELO %s", x->who->helo);
	text_char(out, '\n');
	print_lists(x, out);
	print_names(x, out);
	print_providers(x, out);
	ips_each_step(x, print_step, &steps);
	if (steps.n == 0)
		text_add(out, "Nothing is wrong with it.\n");
}

/* --- for programs --- */

struct listings_json {
	struct json_out *j;
	const struct ips_view *x;
};

static void
json_listing(void *ctx, const struct dnsbl *l, const struct listing *since)
{
	struct listings_json *s = ctx;
	char where[512];
	struct text w;

	text_init(&w, where, sizeof(where));
	app_dnsbl_removal(l, s->x->who->text, &w);
	json_open(s->j, NULL);
	json_str(s->j, "list", str_from(l->name));
	json_bool(s->j, "counts", since != NULL);
	if (since) {
		json_time(s->j, "since", since->since);
		json_str(s->j, "means", since->means);
		json_str(s->j, "says", since->says);
	}
	json_str(s->j, "removal", text_view(&w));
	json_str(s->j, "expires", str_from(l->expires));
	json_close(s->j);
}

static void
json_names(const struct ips_view *x, struct json_out *j)
{
	const struct address_report *r = app_dnsbl_names(x->dnsbl, x->at);

	if (!r)
		return;
	json_str(j, "names", str_from(address_level_text(r->worst)));
	json_open_array(j, "findings");
	for (size_t i = 0; i < r->n; i++) {
		json_open(j, NULL);
		json_str(
		    j, "level", str_from(address_level_text(r->v[i].level)));
		json_str(j, "id", str_from(r->v[i].id));
		json_str(j, "found", str_from(r->v[i].text));
		json_str(j, "mend", str_from(r->v[i].mend));
		json_close(j);
	}
	json_close_array(j);
}

static void
json_providers(const struct ips_view *x, struct json_out *j)
{
	json_open_array(j, "providers");
	for (size_t i = 0; i < x->n; i++) {
		const struct ips_provider *p = &x->providers[i];

		json_open(j, NULL);
		json_str(j, "provider", p->name);
		json_str(j, "state", str_from(ips_state_text(p->state)));
		for (int c = SERIES_ATTEMPTED; c < SERIES_CLASS; c++)
			json_i64(j, series_count_text((enum series_count)c),
			    (int64_t)p->sum.count[c]);
		json_close(j);
	}
	json_close_array(j);
}

static void
json_step(void *ctx, const char *sentence)
{
	json_str(ctx, NULL, str_from(sentence));
}

void
ips_print_json(const struct ips_view *x, struct json_out *j)
{
	struct listings_json listings = {j, x};

	json_open(j, NULL);
	json_str(
	    j, x->who->target.domain ? "domain" : "ip", str_from(x->who->text));
	if (x->who->name)
		json_str(j, "own_ip", str_from(x->who->name));
	if (x->who->helo)
		json_str(j, "helo", str_from(x->who->helo));
	json_bool(j, "asked_here", x->who->is_asked);
	json_open_array(j, "listed");
	ips_each_listing(x, json_listing, &listings);
	json_close_array(j);
	json_names(x, j);
	if (!x->who->target.domain)
		json_providers(x, j);
	json_open_array(j, "do");
	ips_each_step(x, json_step, j);
	json_close_array(j);
	json_close(j);
}
