/* countries - the countries of addresses, for who replays a log */
#ifndef CLI_COUNTRIES_H
#define CLI_COUNTRIES_H

#include "base/geo.h"
#include "config/settings.h"

struct pipeline;

/* geoip_file; NULL without one, or, with a word on standard error, when it
 * can't be read. */
struct geo *countries_open(const struct settings *s);
void countries_free(struct geo **g);
/* The pipeline's signals go by it; it lives as long. Either may be NULL. */
void countries_tell(struct geo *g, struct pipeline *p);

#endif
