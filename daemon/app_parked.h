/* app_parked - mail that waits for a provider that is paused: probes, and those
 * who are known to be good first
 *
 * A pause is retried sparsely: every pause_probe one message of a sender who is
 * known to be good is let through, by slow_transport, and what the provider
 * answers is shown and told. After the pause what such senders have waiting
 * leaves first, then the rest. Each host does so with its own queue.
 */
#ifndef DAEMON_APP_PARKED_H
#define DAEMON_APP_PARKED_H

#include "base/json.h"
#include "daemon/pause_view.h"
#include "daemon/pipeline.h"

struct app;
struct app_parked;

struct app_parked *app_parked_new(struct app *a);
void app_parked_free(struct app_parked **p);

/* Postfix put a recipient off since his transport is none. */
void app_parked_note(struct app_parked *p, const struct pipeline_delivery *d);
/* It was tried at a host. */
void app_parked_tried(struct app_parked *p, const struct pipeline_delivery *d);
/* Once a second. */
void app_parked_tick(struct app_parked *p);
/* For the tables; lives as long as p. */
const struct pause_view *app_parked_view(struct app_parked *p);

/* What waits for a provider here, and what came of its probes. */
struct app_parked_look {
	size_t waiting, good; /* recipients; of those, of good senders */
	uint64_t sent, taken; /* probes, since outpostd started */
	int64_t last;	      /* when the last one was answered; 0: none was */
	bool is_taken;	      /* that one */
	const char *reply;    /* to it, when it was refused; never NULL */
	int64_t next;	      /* when the next one is due; 0: none is */
	bool is_first;	      /* good senders leave first, now */
};
void app_parked_look(
    struct app_parked *p, struct str provider, struct app_parked_look *out);
void app_parked_gauges(struct app_parked *p);

#endif
