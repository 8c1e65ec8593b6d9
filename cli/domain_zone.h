/* domain_zone - shows changes of a zone, asks, makes them and looks whether
 * they are there; and takes them back
 */
#ifndef CLI_DOMAIN_ZONE_H
#define CLI_DOMAIN_ZONE_H

#include "cli/client.h"
#include "cli/zone_talk.h"
#include "domains/change.h"

struct settings;

enum { DOMAIN_OUT_MAX = 8 * 1024 * 1024 };

struct domain_zone {
	const struct client_line *line;
	const struct settings *settings;
	const char *domain;
	struct zone_talk talk;
	struct arena arena;
	struct changes *changes; /* of the arena */
	bool is_undo;
};

/* Of the domain's zone, which there must be. domain_zone_close in any case. */
int domain_zone_open(struct domain_zone *z, const struct client_line *l,
    const struct settings *s, const char *domain, struct error *err);
void domain_zone_close(struct domain_zone *z);

/* Does z->changes, or nothing where there are none; tells, with the lines
 * `left` about what is not done. */
enum exit_status domain_zone_set(struct domain_zone *z, struct str left);

#endif
