/* places - where clients sit: countries, providers, networks
 */
#include "tests/sim/places.h"

#include <stdio.h>

#include "tests/bench/gen_text.h"

enum {
	HOME = 80,	     /* the first octets of the host's country */
	HOME_PROVIDERS = 24, /* the first few have most customers */
	CARRIERS = 4,
	ABROAD = 20, /* first octets, a country each */
	COUNTRIES = 55,
	PROVIDERS = 40,
	SERVERS = 200, /* second octets from here on are rented servers */
};

static client
address(unsigned a, unsigned b, struct rng *r)
{
	return (client)a << 24 | (client)b << 16 | (rng_next(r) & 0xff00) |
	       (1 + rng_below(r, 254));
}

client
places_country(struct rng *r)
{
	double u = rng_unit(r);

	return address(HOME, (unsigned)(u * u * u * HOME_PROVIDERS), r);
}

client
places_home(struct rng *r)
{
	return rng_chance(r, 0.93) ? places_country(r) : places_abroad(r);
}

client
places_abroad(struct rng *r)
{
	return address(
	    ABROAD + rng_below(r, COUNTRIES), rng_below(r, PROVIDERS), r);
}

client
places_server(struct rng *r)
{
	unsigned country =
	    rng_chance(r, 0.2) ? HOME : ABROAD + rng_below(r, COUNTRIES);

	return address(country, SERVERS + rng_below(r, 12), r);
}

client
places_neighbour(struct rng *r, client of)
{
	if (of & CLIENT_V6)
		of = address(HOME, 0, r);
	return address(
	    (unsigned)(of >> 24 & 0xff), (unsigned)(of >> 16 & 0xff), r);
}

client
places_renewed(client home, uint64_t lease)
{
	uint64_t h = rng_mix(home + lease * 7919);

	return (home & ~UINT64_C(0xffff)) |
	       (((home >> 8) + h % 30) & 0xff) << 8 | (1 + (h >> 20) % 254);
}

client
places_mobile(struct rng *r, client owner)
{
	unsigned carrier = (unsigned)(rng_mix(owner) % CARRIERS);

	if (carrier < 2)
		return CLIENT_V6 | (uint64_t)carrier << 36 |
		       (uint64_t)rng_below(r, 8) << 32 | (rng_next(r) & 0xffff);
	return (client)HOME << 24 | (client)(100 + carrier) << 16 |
	       (client)rng_below(r, 12) << 8 | rng_below(r, 250);
}

client
places_cgnat(struct rng *r)
{
	return ((client)HOME << 24 | 90 << 16) + 256 * rng_below(r, 5) + 7;
}

void
places_put(client c)
{
	char text[96];

	if (c & CLIENT_V6)
		snprintf(text, sizeof(text), "unknown[2001:db8:%x:%x::%x]",
		    (unsigned)(c >> 32 & 0xffff), (unsigned)(c & 0xffff),
		    (unsigned)(rng_mix(c) & 0xffff));
	else if (rng_mix(c) % 3 == 0)
		snprintf(text, sizeof(text), "unknown[%u.%u.%u.%u]",
		    (unsigned)(c >> 24 & 0xff), (unsigned)(c >> 16 & 0xff),
		    (unsigned)(c >> 8 & 0xff), (unsigned)(c & 0xff));
	else
		snprintf(text, sizeof(text),
		    "host-%u-%u.isp%u.example[%u.%u.%u.%u]",
		    (unsigned)(c >> 8 & 0xff), (unsigned)(c & 0xff),
		    (unsigned)(c >> 16 & 0xffff), (unsigned)(c >> 24 & 0xff),
		    (unsigned)(c >> 16 & 0xff), (unsigned)(c >> 8 & 0xff),
		    (unsigned)(c & 0xff));
	text_put(text);
}
