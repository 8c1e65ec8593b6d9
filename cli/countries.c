/* countries - the countries of addresses, for who replays a log */
#include "cli/countries.h"

#include <stdio.h>

#include "daemon/pipeline.h"

struct geo *
countries_open(const struct settings *s)
{
	const char *path = s->daemon.geoip_file;
	struct error err;
	struct geo *g = *path ? geo_open(path, &err) : NULL;

	if (*path && !g)
		fprintf(stderr,
		    "outpost: geoip_file %s; judged without countries\n",
		    err.text);
	return g;
}

void
countries_free(struct geo **g)
{
	geo_free(g);
}

static uint16_t
country_of(void *ctx, const struct ip *ip)
{
	return geo_country_number(ctx, ip);
}

void
countries_tell(struct geo *g, struct pipeline *p)
{
	if (g && p)
		ledger_set_country(pipeline_ledger(p), country_of, g);
}
