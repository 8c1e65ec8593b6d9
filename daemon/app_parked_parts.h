/* app_parked_parts - what the files of app_parked share */
#ifndef DAEMON_APP_PARKED_PARTS_H
#define DAEMON_APP_PARKED_PARTS_H

#include "base/time.h"
#include "daemon/app_parked.h"
#include "daemon/app_state.h"
#include "reputation/parked.h"

enum { PARKED_PLACES = 32, PARKED_REPLY = 200 };

/* A provider that is paused, or was. */
struct parked_place {
	char name[PROVIDERS_NAME];
	bool is_paused;
	int64_t ends;  /* the pause, by itself */
	bool is_first; /* from `since` to `until` good senders leave alone */
	int64_t since, until;
	int64_t due; /* of the next probe */
	struct {
		char id[PARKED_ID]; /* empty: none is under way */
		char instance[PARKED_INSTANCE], recipient[PARKED_RECIPIENT];
		int64_t since, tried;
	} probe;
	uint64_t sent, taken;
	int64_t last;
	bool is_taken, is_told;
	unsigned in_row; /* taken, one after the other */
	char reply[PARKED_REPLY];
};

struct app_parked {
	struct app *app;
	struct parked *list;
	struct pause_view view;
	struct parked_place places[PARKED_PLACES];
	size_t n_places;
};

static inline int64_t
app_parked_now(const struct app_parked *p)
{
	return loop_now_us(p->app->loop) / TIME_US;
}

static inline int64_t
app_parked_every(const struct app_parked *p)
{
	return p->app->settings->reputation.pause_probe;
}

/* NULL: it is neither paused nor was it just now. */
struct parked_place *app_parked_place(
    struct app_parked *p, const char *provider);
/* How much of it is known to be wanted; 0: it isn't known to be good. */
int64_t app_parked_worth(const struct app_parked *p, struct str account);

/* app_parked_probe.c, both once a second. */
void app_parked_probe(struct app_parked *p, struct parked_place *at,
    const struct standing_state *s);
void app_parked_let_good(struct app_parked *p, struct parked_place *at);
/* A recipient was tried: was that a probe? */
void app_parked_probed(struct app_parked *p, const struct pipeline_delivery *d,
    struct str recipient);

#endif
