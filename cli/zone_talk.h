/* zone_talk - asks a zone's primary server, and changes the zone; signed
 *
 * By TCP, so that no answer is cut short. It waits: for the command line.
 */
#ifndef CLI_ZONE_TALK_H
#define CLI_ZONE_TALK_H

#include "domains/settings.h"
#include "domains/tsig.h"
#include "domains/update.h"

struct zone_talk {
	const struct domains_zone_settings *zone;
	char address[128], name[DNS_NAME]; /* the zone's */
	struct tsig_key key;
	int fd; /* -1: not connected */
	uint16_t id;
	struct text answer;
};

/* Reads the key; connects when something is asked. zone_talk_close in any case.
 */
int zone_talk_open(struct zone_talk *t,
    const struct domains_zone_settings *zone, struct error *err);
void zone_talk_close(struct zone_talk *t);

/* The TXT records of a name as the server has them. Errors name the server. */
int zone_talk_read(struct zone_talk *t, const char *name, struct arena *a,
    struct update_set *out, struct error *err);
/* The number of the next message. */
uint16_t zone_talk_next(struct zone_talk *t);
/* Sends one of this number; frees it. *is_open: nothing can be told, it may or
 * may not have taken effect. */
enum update_result zone_talk_update(struct zone_talk *t, struct update *u,
    uint16_t id, bool *is_open, struct error *err);

#endif
