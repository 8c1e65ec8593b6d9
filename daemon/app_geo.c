/* app_geo - the country of an address, for outpostd */
#include "daemon/app_geo.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/worker.h"

enum { LOOK_EVERY = 300 };

struct geo_job {
	struct app_geo *of;
	char *path;
	struct geo *geo;
	struct error err;
};

struct app_geo {
	struct loop *loop;
	struct geo *geo;
	struct worker *worker;
	int64_t looked;
	char *path;	       /* of geo */
	struct timespec mtime; /* of what was read last */
};

struct app_geo *
app_geo_new(struct loop *l)
{
	struct app_geo *g = xalloc(1, sizeof(*g));

	g->loop = l;
	return g;
}

static void
free_job(void *job)
{
	struct geo_job *j = job;

	geo_free(&j->geo);
	free(j->path);
	free(j);
}

void
app_geo_free(struct app_geo **gp)
{
	struct app_geo *g = *gp;

	if (!g)
		return;
	*gp = NULL;
	if (g->worker)
		worker_abandon(&g->worker, free_job);
	geo_free(&g->geo);
	free(g->path);
	free(g);
}

static void
read_copy(void *job)
{
	struct geo_job *j = job;

	j->geo = geo_open_copy(j->path, &j->err);
}

static void
on_read(void *job)
{
	struct geo_job *j = job;
	struct app_geo *g = j->of;

	g->worker = NULL;
	if (j->geo) {
		geo_free(&g->geo);
		g->geo = j->geo;
		j->geo = NULL;
	} else {
		log_warning("geoip_file: %s; networks are shown without "
			    "countries",
		    j->err.text);
	}
	free_job(j);
}

static bool
has_changed(struct app_geo *g, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		st.st_mtim = (struct timespec){0};
	if (g->path && strcmp(g->path, path) == 0 &&
	    g->mtime.tv_sec == st.st_mtim.tv_sec &&
	    g->mtime.tv_nsec == st.st_mtim.tv_nsec)
		return false;
	free(g->path);
	g->path = str_dup(str_from(path));
	g->mtime = st.st_mtim;
	return true;
}

void
app_geo_tick(struct app_geo *g, const char *path, int64_t now)
{
	bool is_same = g->path && strcmp(g->path, path) == 0;

	if (g->worker || (is_same && now - g->looked < LOOK_EVERY))
		return;
	g->looked = now;
	if (!has_changed(g, path))
		return;
	if (!*path) {
		geo_free(&g->geo);
		return;
	}
	struct geo_job *j = xalloc(1, sizeof(*j));

	j->of = g;
	j->path = str_dup(str_from(path));
	error_set(&j->err, "no thread to read it");
	g->worker = worker_start(g->loop, read_copy, on_read, j);
}

bool
app_geo_country(
    const struct app_geo *g, const struct ip *ip, struct geo_country *out)
{
	return geo_country(g->geo, ip, out);
}

uint16_t
app_geo_number(const struct app_geo *g, const struct ip *ip)
{
	return g ? geo_country_number(g->geo, ip) : 0;
}
