/* app_clients - do those who log in come from an address on a list? */
#include "daemon/app_clients.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/time.h"
#include "config/secret_line.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"

enum {
	CLIENTS = 50000, /* that are remembered; the oldest goes */
	LISTS = 8,
	OPEN_MAX = 200,	   /* questions under way */
	TEST_EVERY = 300,  /* seconds, of each list */
	KEEP = 1800,	   /* an answer */
	KEEP_NOTHING = 60, /* that none came */
	SOON = 2,	   /* nobody could be asked */
	OLD = 600,
	TESTED = 2,
};

struct client_list {
	struct app_clients *of;
	const struct dnsbl *list;
	char key[SECRET_LINE];
	bool works, was_told;
	struct dnsbl_round *round;
	int64_t next_us; /* monotonic: its test */
};

struct client {
	struct client *newer;
	struct ip ip;
	int64_t until_us; /* monotonic: what is known holds */
	bool is_listed;
};

struct question {
	struct question *next, **at;
	struct client_list *list;
	struct ip ip;
	struct dns_ask *ask;
};

struct app_clients {
	struct app *app;
	bool is_made;
	struct client_list lists[LISTS];
	size_t n_lists;
	struct map known;
	struct client *oldest, *newest;
	struct question *questions;
	size_t n_open;
	uint64_t listed, skipped;
};

/* Whoever they are, the tests are what is wanted: documentation's addresses. */
static const struct dnsbl_target tested[TESTED] = {
    {.ip = {{[10] = 0xff,
	 [11] = 0xff,
	 [12] = 192,
	 [13] = 0,
	 [14] = 2,
	 [15] = 1}}},
    {.ip = {{0x20, 0x01, 0x0d, 0xb8, [15] = 1}}},
};

struct app_clients *
app_clients_new(struct app *a)
{
	struct app_clients *c = xalloc(1, sizeof(*c));

	c->app = a;
	map_init(&c->known);
	return c;
}

static void
free_question(struct question *q)
{
	*q->at = q->next;
	if (q->next)
		q->next->at = q->at;
	q->list->of->n_open--;
	dns_cancel(&q->ask);
	free(q);
}

static struct str
key_of(const struct client *c)
{
	return str_make((const char *)c->ip.b, sizeof(c->ip.b));
}

static void
drop_oldest(struct app_clients *c)
{
	struct client *old = c->oldest;

	map_remove(&c->known, key_of(old));
	c->oldest = old->newer;
	if (!c->oldest)
		c->newest = NULL;
	free(old);
}

void
app_clients_reload(struct app_clients *c)
{
	while (c->questions)
		free_question(c->questions);
	for (size_t i = 0; i < c->n_lists; i++)
		dnsbl_round_cancel(&c->lists[i].round);
	c->n_lists = 0;
	while (c->oldest)
		drop_oldest(c);
	c->is_made = false;
}

void
app_clients_free(struct app_clients **cp)
{
	struct app_clients *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	app_clients_reload(c);
	map_done(&c->known);
	free(c);
}

/* --- the lists --- */

static struct dns *
get_dns(void *ctx)
{
	struct client_list *l = ctx;

	return app_dns_get(l->of->app->dns);
}

static void
make(struct app_clients *c)
{
	const struct settings *s = c->app->settings;
	const struct setting_list *names = &s->reputation.client_dnsbls;

	c->is_made = true;
	for (size_t i = 0; i < names->n && c->n_lists < LISTS; i++) {
		const struct dnsbl *one =
		    dnsbls_find(s->dnsbls, str_from(names->v[i]));
		struct client_list *l = &c->lists[c->n_lists];
		const char *file;
		struct error err;

		if (!one)
			continue;
		*l = (struct client_list){.of = c, .list = one};
		file = dnsbl_key_file(&s->reputation, one);
		if (file && secret_line_read(file, l->key, &err) < 0)
			log_warning(
			    "%s; clients are not asked about there", err.text);
		if (one->has_key && !file)
			log_warning("list %s has no key (dnsbl_keys); clients "
				    "are not asked about there",
			    one->name);
		if (!one->has_key || *l->key)
			c->n_lists++;
	}
}

static void
on_tested(void *ctx, const struct dnsbl_result *r)
{
	struct client_list *l = ctx;
	bool works = r->health == DNSBL_WORKS;

	l->round = NULL;
	l->next_us = time_mono_us() + TEST_EVERY * TIME_US;
	if (!works && (l->works || !l->was_told))
		log_warning("list %s, for clients: %s; it counts for nothing",
		    l->list->name, r->why);
	else if (works && !l->works && l->was_told)
		log_notice("list %s, for clients, works", l->list->name);
	l->works = works;
	l->was_told = true;
}

void
app_clients_tick(struct app_clients *c)
{
	int64_t now_us = time_mono_us();

	if (!c->is_made)
		make(c);
	for (size_t i = 0; i < c->n_lists; i++) {
		struct client_list *l = &c->lists[i];
		struct dnsbl_round_options o = {
		    .loop = c->app->loop,
		    .dns = get_dns,
		    .list = l->list,
		    .key = l->key,
		    .targets = tested,
		    .n = TESTED,
		    .gap_us = TIME_US / 10,
		    .on_done = on_tested,
		    .ctx = l,
		};

		if (l->round || l->next_us > now_us)
			continue;
		crypto_random(&o.salt, sizeof(o.salt));
		l->round = dnsbl_round_start(&o);
	}
}

/* --- the clients --- */

static struct client *
find(const struct app_clients *c, const struct ip *ip)
{
	return map_find(
	    &c->known, str_make((const char *)ip->b, sizeof(ip->b)));
}

static struct client *
add(struct app_clients *c, const struct ip *ip)
{
	struct client *one;

	if (c->known.n >= CLIENTS)
		drop_oldest(c);
	one = xalloc(1, sizeof(*one));
	one->ip = *ip;
	*(c->newest ? &c->newest->newer : &c->oldest) = one;
	c->newest = one;
	map_put(&c->known, key_of(one), one);
	return one;
}

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	struct question *q = ctx;
	struct app_clients *c = q->list->of;
	struct client *one = find(c, &q->ip);
	struct dnsbl_answer said;

	q->ask = NULL;
	dnsbl_read(q->list->list, a, &said);
	if (one) {
		if (said.says == DNSBL_LISTED && q->list->works) {
			c->listed += !one->is_listed;
			one->is_listed = true;
		}
		if (said.says == DNSBL_SILENT)
			one->until_us = time_mono_us() + KEEP_NOTHING * TIME_US;
	}
	free_question(q);
}

static bool
ask(struct app_clients *c, struct client_list *l, const struct ip *ip)
{
	struct dnsbl_target who = {.ip = *ip};
	char name[DNS_NAME];

	if (!l->works || !dnsbl_question(l->list, &who, l->key, name))
		return false;
	if (c->n_open >= OPEN_MAX) {
		c->skipped++;
		return false;
	}
	struct question *q = xalloc(1, sizeof(*q));

	q->list = l;
	q->ip = *ip;
	q->next = c->questions;
	q->at = &c->questions;
	if (c->questions)
		c->questions->at = &q->next;
	c->questions = q;
	c->n_open++;
	q->ask = dns_ask(
	    app_dns_get(c->app->dns), str_from(name), DNS_A, on_answer, q);
	return true;
}

/* Nobody lists addresses that only we know. */
static bool
is_private(const struct ip *ip)
{
	const uint8_t *b = ip->b;

	if (ip_is_none(ip) || ip_is_loopback(ip))
		return true;
	if (!ip_is_v4(ip))
		return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && b[1] >= 0x80);
	return b[12] == 10 || (b[12] == 172 && (b[13] & 0xf0) == 16) ||
	       (b[12] == 192 && b[13] == 168) ||
	       (b[12] == 100 && (b[13] & 0xc0) == 64);
}

static bool
is_ours(const struct app_clients *c, const struct ip *ip)
{
	const struct mta_settings *s = &c->app->settings->mta;

	return ip_nets_has(&s->own_addresses, ip) ||
	       ip_nets_has(&s->inside_networks, ip) ||
	       ip_nets_has(&s->outbound_hosts, ip);
}

void
app_clients_fact(struct app_clients *c, const struct fact *f)
{
	int64_t now_us = time_mono_us();
	struct client *one = find(c, &f->client);

	if (c->n_lists == 0 || f->is_shared || is_private(&f->client) ||
	    is_ours(c, &f->client) ||
	    f->at < loop_now_us(c->app->loop) / TIME_US - OLD ||
	    (one && one->until_us > now_us))
		return;
	if (!one)
		one = add(c, &f->client);
	one->is_listed = false;
	one->until_us = now_us + SOON * TIME_US;
	for (size_t i = 0; i < c->n_lists; i++) {
		if (ask(c, &c->lists[i], &f->client))
			one->until_us = now_us + KEEP * TIME_US;
	}
}

bool
app_clients_are_listed(void *app, const struct ip *client)
{
	const struct app_clients *c = ((struct app *)app)->clients;
	const struct client *one = c->n_lists == 0 ? NULL : find(c, client);

	return one && one->is_listed && one->until_us > time_mono_us();
}

void
app_clients_gauges(struct app_clients *c)
{
	metric_set(metrics_get(METRICS_CLIENTS_LISTED), (int64_t)c->listed);
	metric_set(metrics_get(METRICS_CLIENTS_SKIPPED), (int64_t)c->skipped);
}
