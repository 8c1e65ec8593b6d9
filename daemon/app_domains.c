/* app_domains - looks after the domains in whose name mail leaves */
#include "daemon/app_domains.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_spread.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "domains/checker.h"
#include "domains/dkim_log.h"
#include "ledger/keys.h"
#include "notify/link.h"

enum {
	AT_ONCE = 8,
	LOOKS = 60,	 /* a second */
	IN_TURN = 30,	 /* an eighth of a millisecond */
	CONFIGURED = 60, /* of sending_domains, a tick */
	MET = 1024,	 /* envelope domains that were seen once or twice */
	MET_LEAST = 3,
	FRESH = 3, /* times domain_check_every */
	FEW = 4,   /* domains, of which nothing follows */
	DAY = 86400,
	TELL_EVERY = 7 * DAY,
	TOLD_FOR = 30 * DAY,
};

/* A check under way. */
struct checking {
	struct checking *next, **at;
	struct app_domains *of;
	struct checker *checker;
	uint64_t site;
	char domain[DNS_NAME];
};

struct app_domains {
	struct app *app;
	struct kept kept; /* roster.h, by domain */
	struct app_spread *spread;
	struct checking *checking;
	size_t n_checking;
	int looks;		       /* that may follow in this second */
	size_t at;		       /* of the walk over all */
	size_t configured;	       /* of sending_domains: the next */
	size_t counts[HEALTH_RED + 1]; /* of this walk, by worst colour */
	size_t n_failing, failing;     /* of SPF: no fewer; of this walk */
	size_t n_all, all_failing;     /* of the last walk */
	struct {
		uint64_t hash;
		unsigned times;
	} met[MET];
};

static int64_t
now_of(const struct app_domains *d)
{
	return loop_now_us(d->app->loop) / TIME_US;
}

static const struct domains_settings *
settings_of(const struct app_domains *d)
{
	return &d->app->settings->domains;
}

bool
app_domains_are_checked(const struct app *a)
{
	const struct domains_settings *s = &a->settings->domains;

	return s->domain_checks &&
	       (s->sending_addresses.n > 0 || s->sending_domains.n > 0);
}

bool
app_domains_find(
    const struct app_domains *d, const char *domain, struct roster *out)
{
	const struct kept_item *i = kept_find(&d->kept, str_from(domain));

	return i && roster_parse(i->value, out);
}

bool
app_domains_next(const struct app_domains *d, size_t *at, struct str *domain,
    struct roster *out)
{
	const struct kept_item *i;

	while ((i = map_next(&d->kept.items, at))) {
		*domain = i->key;
		if (roster_parse(i->value, out))
			return true;
	}
	return false;
}

static void
put(struct app_domains *d, const char *domain, const struct roster *r)
{
	struct str key = str_from(domain);
	char buf[ROSTER_BYTES];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	roster_print(r, &t);
	kept_put(
	    &d->kept, key, text_view(&t), kept_time(&d->kept, key, now_of(d)));
}

/* Mail was seen in its name; once a day that is remembered. */
static void
note_seen(
    struct app_domains *d, const char *domain, int64_t at, bool is_account)
{
	struct roster r = {0};
	bool is_known = app_domains_find(d, domain, &r);

	if (is_known && r.seen + DAY > at && (r.is_account || !is_account))
		return;
	r.seen = at > r.seen ? at : r.seen;
	r.is_account |= is_account;
	put(d, domain, &r);
}

void
app_domains_try(struct app_domains *d, const char *domain)
{
	struct roster r = {0};

	app_domains_find(d, domain, &r);
	r.named = now_of(d);
	if (strcmp(r.told.by, HEALTH_TEST) == 0)
		r.told = (struct health_told){0};
	put(d, domain, &r);
}

void
app_domains_revoke(struct app_domains *d, const char *domain)
{
	struct roster r = {0};

	/* One that isn't known must be, so that it stays revoked. */
	if (!app_domains_find(d, domain, &r))
		r.named = now_of(d);
	r.links = (r.links + 1) % LINK_GENERATIONS;
	put(d, domain, &r);
}

/* Whoever has a password may name any domain: one must be seen more often. */
static bool
is_met_enough(struct app_domains *d, const char *domain)
{
	uint64_t hash = map_hash(str_from(domain));
	size_t i = hash % MET;

	if (kept_find(&d->kept, str_from(domain)))
		return true;
	if (d->met[i].hash != hash)
		d->met[i].times = 0;
	d->met[i].hash = hash;
	return ++d->met[i].times >= MET_LEAST;
}

void
app_domains_fact(struct app_domains *d, const struct fact *f)
{
	char domain[DNS_NAME];
	ptrdiff_t at = str_find_last(f->sender, STR("@"));

	if (domains_is_domain(f->domain, domain))
		note_seen(d, domain, f->at, true);
	if (at >= 0 &&
	    domains_is_domain(str_skip(f->sender, (size_t)at + 1), domain) &&
	    is_met_enough(d, domain))
		note_seen(d, domain, f->at, false);
}

/* Anybody on this host may write such a line: of domains that are known. */
void
app_domains_line(void *ctx, const struct logline *l)
{
	struct app_domains *d = ((struct app *)ctx)->domains;
	char domain[DNS_NAME];
	struct str selector;
	struct roster r;

	if (!d || !dkim_log_parse(l->program, l->text, domain, &selector) ||
	    !app_domains_find(d, domain, &r) || !roster_learn(&r, selector))
		return;
	put(d, domain, &r);
}

void
app_domains_hear(struct app_domains *d, struct str domain,
    enum health_signed what, struct str by, int64_t at)
{
	struct health_told told = {.what = what, .at = at};
	char folded[DNS_NAME];
	struct roster r;
	struct text t;

	text_init(&t, told.by, sizeof(told.by));
	text_printable(&t, by);
	if (domains_is_domain(domain, folded) &&
	    app_domains_find(d, folded, &r) && roster_hear(&r, &told))
		put(d, folded, &r);
}

bool
app_domains_are_unauthorised(void *ctx, struct str sender)
{
	const struct app *a = ctx;
	const struct app_domains *d = a->domains;
	ptrdiff_t at = str_find_last(sender, STR("@"));
	char domain[DNS_NAME];
	struct roster r;

	return at >= 0 && d && d->n_failing > 0 && app_domains_are_checked(a) &&
	       domains_is_domain(str_skip(sender, (size_t)at + 1), domain) &&
	       app_domains_find(d, domain, &r) && r.spf_fails &&
	       now_of(d) - r.checked <
		   FRESH * a->settings->domains.domain_check_every;
}

bool
app_domains_may_tell(const struct app_domains *d, const char *domain)
{
	struct roster r;

	return app_domains_find(d, domain, &r) && r.spf_fails && r.spf_failed &&
	       r.written + TELL_EVERY <= now_of(d);
}

bool
app_domains_mostly_fail(const struct app_domains *d)
{
	return d->n_all >= FEW && 2 * d->all_failing > d->n_all;
}

void
app_domains_told(struct app_domains *d, const char *domain)
{
	struct roster r;

	if (!app_domains_find(d, domain, &r))
		return;
	r.written = now_of(d);
	put(d, domain, &r);
}

struct domain_site *
app_domains_site(struct app_domains *d, const char *domain)
{
	const struct domains_settings *s = settings_of(d);
	struct domain_site *site = domain_site_new(s);
	struct roster r;
	struct error err;

	/* What is wrong or too much in it was said when it was read. */
	domain_site_add_addresses(site, s, &err);
	domain_site_add_selectors(site, s, domain, &err);
	if (!app_domains_find(d, domain, &r))
		return site;
	if (r.told.at + TOLD_FOR > now_of(d))
		site->site.told = r.told;
	for (size_t i = 0; i < r.n_selectors; i++)
		domain_site_add_selector(site, str_from(r.selectors[i]),
		    s->dkim_key_file, domain, &err);
	return site;
}

static void
free_checking(struct checking *c)
{
	*c->at = c->next;
	if (c->next)
		c->next->at = c->at;
	c->of->n_checking--;
	checker_cancel(&c->checker);
	free(c);
}

static void look_some(struct app_domains *d);

static void
on_checked(void *ctx, struct health *h, size_t questions)
{
	struct checking *c = ctx;
	struct app_domains *d = c->of;
	struct roster_change changes[HEALTH_JUDGED];
	struct roster r = {0};
	size_t n;

	(void)questions;
	c->checker = NULL;
	app_domains_find(d, c->domain, &r);
	int64_t before = r.checked;

	n = roster_take(&r, h, c->site, now_of(d), changes);
	put(d, c->domain, &r);
	d->failing += r.spf_fails;
	d->n_failing += r.spf_fails;
	for (size_t i = 0; i < n; i++)
		app_domains_tell(d->app, c->domain, &changes[i], before);
	metric_add(metrics_get(METRICS_DOMAIN_CHECKS), 1);
	health_free(&h);
	free_checking(c);
	look_some(d); /* its place is free */
}

static bool
is_being_checked(const struct app_domains *d, struct str domain)
{
	for (const struct checking *c = d->checking; c; c = c->next) {
		if (str_is(domain, str_from(c->domain)))
			return true;
	}
	return false;
}

static void
start(struct app_domains *d, struct str domain)
{
	struct checking *c;
	struct text t;

	if (is_being_checked(d, domain))
		return;
	c = xalloc(1, sizeof(*c));
	c->of = d;
	c->next = d->checking;
	c->at = &d->checking;
	if (c->next)
		c->next->at = &c->next;
	d->checking = c;
	d->n_checking++;
	text_init(&t, c->domain, sizeof(c->domain));
	text_str(&t, domain);
	struct domain_site *site = app_domains_site(d, c->domain);

	c->site = app_domains_hash(site);
	c->checker =
	    checker_start(d->app->loop, app_dns_get(d->app->dns), c->domain,
		site, settings_of(d)->domain_check_time * 1000, on_checked, c);
}

static void
take_configured(struct app_domains *d)
{
	const struct setting_list *s = &settings_of(d)->sending_domains;
	char folded[DNS_NAME];
	int64_t now = now_of(d);

	for (int i = 0; i < CONFIGURED && s->n > 0; i++) {
		struct roster r = {0};

		if (d->configured >= s->n) {
			d->configured = 0;
			return;
		}
		if (!domains_is_domain(str_from(s->v[d->configured++]), folded))
			continue;
		app_domains_find(d, folded, &r);
		if (r.named + DAY > now)
			continue;
		r.named = now;
		put(d, folded, &r);
	}
}

static void
tell_counts(struct app_domains *d)
{
	for (enum health_colour c = HEALTH_GREEN; c <= HEALTH_RED; c++)
		metric_set(metrics_by(METRICS_DOMAINS,
			       str_from(health_colour_word(c))),
		    (int64_t)d->counts[c]);
	d->n_all = 0;
	for (enum health_colour c = HEALTH_GREEN; c <= HEALTH_RED; c++)
		d->n_all += d->counts[c];
	memset(d->counts, 0, sizeof(d->counts));
	d->n_failing = d->all_failing = d->failing;
	d->failing = 0;
}

static void
count(struct app_domains *d, const struct roster *r)
{
	enum health_colour worst = HEALTH_INFO;

	for (int p = 0; p < HEALTH_JUDGED; p++)
		worst = r->colours[p] > worst ? r->colours[p] : worst;
	d->counts[worst == HEALTH_INFO ? HEALTH_UNKNOWN : worst]++;
	d->failing += r->spf_fails;
}

/* false: no more this time. */
static bool
look(struct app_domains *d, int64_t now)
{
	const struct domains_settings *s = settings_of(d);
	int64_t links = d->app->settings->notify.page_link_for;
	struct roster r;
	struct str domain;

	if (d->n_checking >= AT_ONCE)
		return false;
	if (!app_domains_next(d, &d->at, &domain, &r)) {
		d->at = 0;
		tell_counts(d);
		return false;
	}
	count(d, &r);
	/* One whose links were revoked, at least as long as they hold. */
	int64_t keep =
	    r.links > 0 && links > s->domain_keep ? links : s->domain_keep;

	if (now - r.seen > keep && now - r.named > keep)
		kept_remove(&d->kept, domain);
	else if (now >= roster_due(&r, domain, s->domain_check_every))
		start(d, domain);
	return true;
}

static void
look_some(struct app_domains *d)
{
	int64_t now = now_of(d);

	for (int i = 0; i < IN_TURN && d->looks > 0 && look(d, now); i++)
		d->looks--;
}

void
app_domains_tick(struct app_domains *d)
{
	int64_t now = now_of(d);

	d->kept.max = (size_t)settings_of(d)->domains_max;
	if (d->spread)
		app_spread_tick(
		    d->spread, app_board_redis(d->app->board), 0, now + DAY);
	if (!app_domains_are_checked(d->app))
		return;
	take_configured(d);
	d->looks = LOOKS;
	look_some(d);
}

struct app_domains *
app_domains_new(struct app *a)
{
	struct app_domains *d = xalloc(1, sizeof(*d));

	d->app = a;
	kept_init(&d->kept, (size_t)a->settings->domains.domains_max);
	d->kept.join = roster_join;
	if (strcmp(a->settings->daemon.redis_uri, "managed") != 0)
		d->spread = app_spread_new(KEYS_DOMAINS, &d->kept);
	return d;
}

struct books_part
app_domains_part(struct app_domains *d)
{
	return kept_part(&d->kept, 'N', "domains");
}

void
app_domains_free(struct app_domains **dp)
{
	struct app_domains *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	while (d->checking)
		free_checking(d->checking);
	app_spread_free(&d->spread);
	kept_done(&d->kept);
	free(d);
}
