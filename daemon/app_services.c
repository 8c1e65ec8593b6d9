/* app_services - which services the Postfix beside us has in its master.cf */
#include "daemon/app_services.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/sock.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/tables.h"
#include "mta/mastercf.h"

enum {
	INSTANCES = 16,
	FILE_MAX = 1 << 20,
	GONE_MAX = POOL_IPS_MAX, /* names that qmgr told */
	SEEN_FOR = 86400,
	BINDS = 16, /* addresses looked at a second */
	ABSENT = 2, /* looks: one that moves is gone for a moment */
};

/* A file as it was read last; seen: as it was looked at last. */
struct copy {
	struct text text;
	struct stat st, seen;
	bool is_there;
};

struct instance {
	struct copy master, main;
};

struct gone {
	char name[POOL_NAME];
	int64_t at_us; /* 0: free */
};

struct app_services {
	struct app *app;
	struct instance v[INSTANCES];
	struct gone gone[GONE_MAX];
	/* Of the own IPs of these pools. */
	uint64_t of;
	bool is_in[POOL_IPS_MAX];
	uint8_t absent[POOL_IPS_MAX]; /* looks at which it had no interface */
	size_t at;		      /* the next to look at */
	bool is_known;		      /* some master.cf could be read */
	bool has_slow, has_relay;
	bool is_told; /* that nothing is slowed */
};

struct app_services *
app_services_new(struct app *a)
{
	struct app_services *s = xalloc(1, sizeof(*s));

	s->app = a;
	s->has_slow = s->has_relay = true;
	for (size_t i = 0; i < INSTANCES; i++) {
		text_grow(&s->v[i].master.text, FILE_MAX);
		text_grow(&s->v[i].main.text, FILE_MAX);
	}
	return s;
}

void
app_services_free(struct app_services **sp)
{
	struct app_services *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; i < INSTANCES; i++) {
		text_done(&s->v[i].master.text);
		text_done(&s->v[i].main.text);
	}
	free(s);
}

static void
read_all(int fd, struct text *out)
{
	char buf[16384];
	ssize_t n;

	text_clear(out);
	while (!out->is_cut && (n = read(fd, buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
}

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Is somebody writing it, as it stands there? It is read as it was until it
 * rests. One that is renamed into its place is whole. */
static bool
is_in_work(struct copy *c, const struct stat *st)
{
	bool rests = is_same(st, &c->seen);

	c->seen = *st;
	return c->is_there && st->st_ino == c->st.st_ino && !rests;
}

/* true: it is another one than before. */
static bool
look(struct copy *c, struct str dir, const char *file)
{
	char path[TABLES_PATH];
	struct stat st;
	struct text t;

	text_init(&t, path, sizeof(path));
	text_printf(&t, "%.*s/%s", STR_ARG(dir), file);
	if (c->is_there && stat(path, &st) == 0 &&
	    (is_same(&st, &c->st) || is_in_work(c, &st)))
		return false;
	bool was_there = c->is_there;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	c->is_there =
	    fd >= 0 && fstat(fd, &c->st) == 0 && S_ISREG(c->st.st_mode);
	if (c->is_there)
		read_all(fd, &c->text);
	if (fd >= 0)
		close(fd);
	return c->is_there || was_there;
}

static struct gone *
find_gone(struct app_services *s, struct str name)
{
	for (size_t i = 0; i < GONE_MAX; i++) {
		if (s->gone[i].at_us && str_is(str_from(s->gone[i].name), name))
			return &s->gone[i];
	}
	return NULL;
}

/* true: there was one. */
static bool
forget_gone(struct app_services *s, int64_t before_us)
{
	bool is_any = false;

	for (size_t i = 0; i < GONE_MAX; i++) {
		if (s->gone[i].at_us == 0 || s->gone[i].at_us > before_us)
			continue;
		s->gone[i].at_us = 0;
		is_any = true;
	}
	return is_any;
}

/* TRANSPORT of TRANSPORT:[NEXTHOP]. */
static struct str
service_of(const char *way)
{
	struct str rest = str_from(way), name;

	return str_cut(&rest, ':', &name) ? name : STR("");
}

static bool
is_of_way(const struct app_services *s, struct str name)
{
	const struct reputation_settings *r = &s->app->settings->reputation;

	return str_is(service_of(r->slow_transport), name) ||
	       str_is(service_of(r->relay_route), name);
}

static void
note_gone(struct app_services *s, struct str name, int64_t at_us)
{
	struct gone *g = find_gone(s, name);
	struct text t;

	for (size_t i = 0; !g && i < GONE_MAX; i++)
		g = s->gone[i].at_us ? NULL : &s->gone[i];
	if (!g || (!pools_ip_find(s->app->settings->pools, name) &&
		      !is_of_way(s, name)))
		return;
	text_init(&t, g->name, sizeof(g->name));
	text_str(&t, name);
	g->at_us = at_us;
	s->app->tables_stale |= is_of_way(s, name);
}

void
app_services_line(void *app, const struct logline *l)
{
	struct app *a = app;
	struct app_services *s = a->services;
	struct str name;

	if (!s)
		return;
	if (mastercf_is_missing(l->program, l->text, &name))
		note_gone(s, name, l->at_us);
	else if (mastercf_is_read(l->program, l->text) &&
		 forget_gone(s, l->at_us))
		a->tables_stale = true;
}

void
app_services_seen(struct app_services *s, struct str name, int64_t at)
{
	struct gone *g = find_gone(s, name);

	if (g && at * TIME_US > g->at_us)
		g->at_us = 0;
}

/* Has its main.cf this table? Only then it needs the services. */
static bool
is_steered(const struct app_services *s, const struct instance *one,
    enum tables_kind table)
{
	char path[TABLES_PATH];

	tables_path(s->app->settings->daemon.state_dir, table, path);
	struct str name = str_from(path);

	name.n -= strlen(".cdb");
	return one->main.is_there &&
	       str_find(text_view(&one->main.text), name) >= 0;
}

/* Whose tables name it must have it; while none has tables, any. */
static bool
is_in_master(
    const struct app_services *s, enum tables_kind table, struct str name)
{
	bool has_all = true, has_any = false, is_any_steered = false;

	for (size_t i = 0; i < INSTANCES; i++) {
		const struct instance *one = &s->v[i];

		if (!one->master.is_there)
			continue;
		bool has = mastercf_has(text_view(&one->master.text), name);

		has_any |= has;
		if (is_steered(s, one, table)) {
			is_any_steered = true;
			has_all &= has;
		}
	}
	return is_any_steered ? has_all : has_any;
}

/* smtp(8) is in each master.cf, and may have been taken out all the same. */
static bool
has_way(const struct app_services *s, const char *way)
{
	return !s->is_known ||
	       is_in_master(s, TABLE_PROVIDERS, service_of(way));
}

static void
look_for_ways(struct app_services *s)
{
	const struct reputation_settings *r = &s->app->settings->reputation;
	bool has_slow = has_way(s, r->slow_transport);
	bool has_relay = has_way(s, r->relay_route);

	s->app->tables_stale |=
	    has_slow != s->has_slow || has_relay != s->has_relay;
	s->has_slow = has_slow;
	s->has_relay = has_relay;
}

static void
look_for_all(struct app_services *s)
{
	const struct pools *pools = s->app->settings->pools;

	if (s->of != pools_id(pools))
		memset(s->absent, 0, sizeof(s->absent));
	s->of = pools_id(pools);
	s->is_known = false;
	for (size_t i = 0; i < INSTANCES; i++)
		s->is_known |= s->v[i].master.is_there;
	for (size_t i = 0; i < pools_ip_count(pools); i++)
		s->is_in[i] = is_in_master(
		    s, TABLE_PLACES, str_from(pools_ip_at(pools, i)->name));
	look_for_ways(s);
}

static bool
is_here(const struct pool_ip *ip)
{
	return (ip_is_none(&ip->bind_v4) || sock_is_here(&ip->bind_v4)) &&
	       (ip_is_none(&ip->bind_v6) || sock_is_here(&ip->bind_v6));
}

/* smtp(8) binds the address, and puts mail off when it can't. */
static void
look_for_addresses(struct app_services *s)
{
	const struct pools *pools = s->app->settings->pools;
	size_t n = pools_ip_count(pools);

	for (size_t i = 0; i < BINDS && i < n; i++) {
		s->at = s->at + 1 < n ? s->at + 1 : 0;
		uint8_t *absent = &s->absent[s->at];

		if (is_here(pools_ip_at(pools, s->at)))
			*absent = 0;
		else if (*absent < ABSENT)
			++*absent;
	}
}

void
app_services_tick(struct app_services *s)
{
	const struct settings *all = s->app->settings;
	const struct setting_list *dirs = &all->daemon.instances;
	bool is_other = s->of != pools_id(all->pools);

	for (size_t i = 0; i < INSTANCES; i++) {
		struct instance *one = &s->v[i];
		struct str dir, name;

		if (i >= dirs->n) {
			one->master.is_there = one->main.is_there = false;
			continue;
		}
		dir = str_from(dirs->v[i]);
		str_cut(&dir, '=', &name);
		dir = str_trim(dir);
		is_other |= look(&one->main, dir, "main.cf");
		if (!look(&one->master, dir, "master.cf"))
			continue;
		is_other = true;
		forget_gone(s, INT64_MAX);
	}
	if (is_other)
		look_for_all(s);
	look_for_addresses(s);
}

static void
on_series(void *ctx, struct str ip, struct str provider, int64_t last)
{
	int64_t *latest = ctx;

	(void)ip, (void)provider;
	if (last > *latest)
		*latest = last;
}

static bool
is_seen(const struct app_services *s, const struct pool_ip *ip)
{
	int64_t latest = 0, now = loop_now_us(s->app->loop) / TIME_US;

	series_each(
	    s->app->series, str_from(ip->name), STR(""), on_series, &latest);
	return now - latest < SEEN_FOR;
}

const char *
app_services_why(struct app_services *s, const struct pool_ip *ip)
{
	const struct pools *pools = s->app->settings->pools;

	if (s->of != pools_id(pools))
		app_services_tick(s);
	if (find_gone(s, str_from(ip->name)))
		return "Postfix can't reach its service";
	size_t i = pools_ip_index(pools, ip);

	if (s->is_in[i])
		return s->absent[i] < ABSENT ? NULL
					     : "no interface has its address";
	if (s->is_known)
		return "master.cf has no such service";
	return is_seen(s, ip) ? NULL
			      : "master.cf can't be read (instances), and "
				"nothing was sent by it lately";
}

static const char *
way_or_none(struct app_services *s, bool has, const char *way)
{
	return has && !find_gone(s, service_of(way)) ? way : "";
}

const char *
app_services_slow(struct app_services *s)
{
	return way_or_none(
	    s, s->has_slow, s->app->settings->reputation.slow_transport);
}

const char *
app_services_relay(struct app_services *s)
{
	return way_or_none(
	    s, s->has_relay, s->app->settings->reputation.relay_route);
}

void
app_services_tell_slow(struct app_services *s, bool is_unslowed)
{
	char reason[512];
	struct text t;

	if (is_unslowed && !s->is_told) {
		text_init(&t, reason, sizeof(reason));
		text_printf(&t,
		    "mail to providers that are slowed leaves unslowed: "
		    "Postfix has no service for slow_transport (%s); outpost "
		    "postfix prints it, outpost check looks",
		    s->app->settings->reputation.slow_transport);
		app_alarm_about(s->app, subject_kind_text(SUBJECT_PROVIDER),
		    "slow_transport", "no-service", reason, NULL);
	}
	s->is_told = is_unslowed;
}
