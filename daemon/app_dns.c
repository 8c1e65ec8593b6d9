/* app_dns - the DNS as outpostd asks it: one resolver with one cache for all */
#include "daemon/app_dns.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/metrics.h"

enum { LOOK_EVERY = 30 };

#define RESOLV_CONF "/etc/resolv.conf"

struct resolver {
	struct resolver *older;
	struct dns *dns;
	int64_t until_us; /* monotonic; of those that are over */
};

struct app_dns {
	struct loop *loop;
	struct dns_options options;
	struct arena arena;	 /* of the options' servers */
	struct resolver *newest; /* never NULL */
	struct timespec mtime;	 /* of RESOLV_CONF, as it was read */
	int64_t looked_us;
	struct dns_counts before; /* of those that were freed */
};

static struct timespec
read_mtime(void)
{
	struct stat st;

	if (stat(RESOLV_CONF, &st) < 0)
		return (struct timespec){0};
	return st.st_mtim;
}

static int
add(struct app_dns *d, const struct dns_options *o, struct error *err)
{
	struct timespec mtime = read_mtime();
	struct dns *dns = dns_new(d->loop, o, err);

	if (!dns)
		return -1;
	struct resolver *r = xalloc(1, sizeof(*r));

	r->dns = dns;
	r->older = d->newest;
	if (r->older)
		r->older->until_us = time_mono_us() + APP_DNS_KEPT * TIME_US;
	d->newest = r;
	d->mtime = mtime;
	return 0;
}

/* dns_new's options must outlive the settings that they are from. */
static struct dns_options
copy(const struct dns_options *o, struct arena *arena)
{
	struct dns_options copied = *o;
	const char **v = arena_alloc(arena, (o->servers.n + 1) * sizeof(*v));

	for (size_t i = 0; i < o->servers.n; i++)
		v[i] = arena_dup(arena, str_from(o->servers.v[i]));
	copied.servers.v = v;
	return copied;
}

static bool
is_same(const struct dns_options *a, const struct dns_options *b)
{
	if (a->servers.n != b->servers.n || a->timeout_ms != b->timeout_ms ||
	    a->in_flight != b->in_flight || a->cache != b->cache ||
	    a->cache_bytes != b->cache_bytes)
		return false;
	for (size_t i = 0; i < a->servers.n; i++) {
		if (strcmp(a->servers.v[i], b->servers.v[i]) != 0)
			return false;
	}
	return true;
}

struct dns *
app_dns_get(struct app_dns *d)
{
	return d->newest->dns;
}

struct app_dns *
app_dns_new(struct loop *l, const struct dns_options *o, struct error *err)
{
	struct app_dns *d = xalloc(1, sizeof(*d));

	d->loop = l;
	arena_init(&d->arena);
	d->options = copy(o, &d->arena);
	if (add(d, &d->options, err) < 0)
		app_dns_free(&d);
	return d;
}

static void
drop(struct app_dns *d, struct resolver **at)
{
	struct resolver *r = *at;
	struct dns_counts c = dns_counts(r->dns);

	d->before.asked += c.asked;
	d->before.cached += c.cached;
	d->before.sent += c.sent;
	d->before.failed += c.failed;
	*at = r->older;
	dns_free(&r->dns);
	free(r);
}

void
app_dns_free(struct app_dns **dp)
{
	struct app_dns *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	while (d->newest)
		drop(d, &d->newest);
	arena_done(&d->arena);
	free(d);
}

int
app_dns_reload(
    struct app_dns *d, const struct dns_options *o, struct error *err)
{
	struct arena arena;

	if (is_same(&d->options, o))
		return 0;
	arena_init(&arena);
	struct dns_options options = copy(o, &arena);

	if (add(d, &options, err) < 0) {
		arena_done(&arena);
		return -1;
	}
	arena_done(&d->arena);
	d->arena = arena;
	d->options = options;
	return 0;
}

static void
look(struct app_dns *d)
{
	struct timespec mtime = read_mtime();
	struct error err;

	if (mtime.tv_sec == d->mtime.tv_sec &&
	    mtime.tv_nsec == d->mtime.tv_nsec)
		return;
	if (add(d, &d->options, &err) < 0) {
		log_warning("%s: %s; the DNS servers of before are asked",
		    RESOLV_CONF, err.text);
		d->mtime = mtime;
		return;
	}
	log_notice("%s has changed: its DNS servers are asked", RESOLV_CONF);
}

void
app_dns_tick(struct app_dns *d)
{
	int64_t now_us = time_mono_us();

	for (struct resolver **at = &d->newest->older; *at;) {
		if ((*at)->until_us <= now_us)
			drop(d, at);
		else
			at = &(*at)->older;
	}
	if (d->options.servers.n > 0 ||
	    now_us - d->looked_us < LOOK_EVERY * TIME_US)
		return;
	d->looked_us = now_us;
	look(d);
}

void
app_dns_gauges(const struct app_dns *d)
{
	struct dns_counts all = d->before;

	for (const struct resolver *r = d->newest; r; r = r->older) {
		struct dns_counts c = dns_counts(r->dns);

		all.asked += c.asked;
		all.cached += c.cached;
		all.sent += c.sent;
		all.failed += c.failed;
		all.waiting += c.waiting + c.in_flight;
	}
	metric_set(metrics_get(METRICS_DNS_ASKED), (int64_t)all.asked);
	metric_set(metrics_get(METRICS_DNS_SENT), (int64_t)all.sent);
	metric_set(metrics_get(METRICS_DNS_FAILED), (int64_t)all.failed);
	metric_set(metrics_get(METRICS_DNS_WAITING), (int64_t)all.waiting);
}
