/* geo - the country of an address, from a .mmdb file that the operator has
 *
 * Any that tells countries: GeoLite2-Country or -City, db-ip's, ipinfo's. The
 * file is mapped, so it is opened by short-lived programs only: one that is
 * cut while it is mapped ends the program that reads it.
 */
#ifndef BASE_GEO_H
#define BASE_GEO_H

#include "base/error.h"
#include "base/ip.h"

struct geo;

/* NULL: it isn't there, or no such file. */
struct geo *geo_open(const char *path, struct error *err);
/* The same of a copy in memory, for who stays: whatever becomes of the file. */
struct geo *geo_open_copy(const char *path, struct error *err);
void geo_free(struct geo **g);

struct geo_country {
	char code[3];  /* "DE" */
	char name[64]; /* "Germany"; empty when the file has none */
};
/* false: not in the file (or g is NULL). */
bool geo_country(
    const struct geo *g, const struct ip *ip, struct geo_country *out);
/* The two letters as a number; 0: not in the file. */
uint16_t geo_country_number(const struct geo *g, const struct ip *ip);

#endif
