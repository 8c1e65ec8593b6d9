/* app_geo - the country of an address, for outpostd
 *
 * geoip_file is copied into memory, so that nobody can cut it while it is used;
 * by a thread, at the start, and again when the file has changed.
 */
#ifndef DAEMON_APP_GEO_H
#define DAEMON_APP_GEO_H

#include "base/geo.h"
#include "base/loop.h"

struct app_geo;

struct app_geo *app_geo_new(struct loop *l);
void app_geo_free(struct app_geo **g);
/* The file to use, from now on; empty: none. Looks at the file, now and then;
 * call it once a second. */
void app_geo_tick(struct app_geo *g, const char *path, int64_t now);
/* As geo_country_number; g may be NULL. */
uint16_t app_geo_number(const struct app_geo *g, const struct ip *ip);
/* false: not known. */
bool app_geo_country(
    const struct app_geo *g, const struct ip *ip, struct geo_country *out);

#endif
