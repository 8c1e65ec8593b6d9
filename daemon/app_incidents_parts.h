/* app_incidents_parts - what the files of app_incidents share */
#ifndef DAEMON_APP_INCIDENTS_PARTS_H
#define DAEMON_APP_INCIDENTS_PARTS_H

#include "base/json.h"
#include "daemon/app_state.h"
#include "limits/sanction_event.h"

enum {
	INCIDENTS_REPLY = 400,
	INCIDENTS_HOST = 128,
	INCIDENTS_REFUSED = 256,
	INCIDENTS_PAUSES = 32,
	INCIDENTS_OPENINGS = 1001 /* one more than incident_letters may be */
};

/* What is watched: an own IP or "@DOMAIN" at a provider. */
struct watch {
	struct incident_watch counts;
	int64_t last, told_at;
	enum incident_level told; /* what others know of this node */
	bool is_dirty, is_others, is_domain;
	char host[INCIDENTS_HOST],
	    reply[INCIDENTS_REPLY]; /* the latest that refused */
	char rule[64], class[32];
	size_t n;
	char name[]; /* "PROVIDER/WHAT" */
};

struct incidents_pause {
	char name[PROVIDERS_NAME]; /* empty: none */
	int64_t since;
	bool is_told;
};

struct app_incidents {
	struct app *app;
	struct incidents *store;
	struct causes *causes;
	struct map watches;
	size_t n_domains;
	/* From which own IP a host refused mail last. */
	struct {
		uint64_t host; /* hash */
		char ip[OWN_IP_NAME];
	} refused[INCIDENTS_REFUSED];
	struct incidents_pause pauses[INCIDENTS_PAUSES];
	size_t at_provider;
	/* What was told lately, by sort. app_incidents_letter.c */
	struct incidents_opening {
		int64_t at_us;
		uint64_t cause; /* checksum */
	} openings[4][INCIDENTS_OPENINGS];
	size_t n_openings[4];  /* so far */
	struct blamed *blamed; /* app_incidents_blame.c; NULL: nobody */
	size_t n_blamed;
};

/* The one of this name, made when absent; NULL: there are too many. */
struct watch *app_incidents_watch(struct app_incidents *s, struct str name);

static inline const struct reputation_settings *
app_incidents_settings(const struct app_incidents *s)
{
	return &s->app->settings->reputation;
}

/* app_incidents_blame.c: an event names who caused it. is_now: they are judged
 * anew. */
void app_incidents_name(
    struct app_incidents *s, const struct event *e, bool is_now);

/* app_incidents_letter.c: it took effect. */
void app_incidents_note_opening(struct app_incidents *s, const struct event *e);

/* app_incidents_pause.c: once a second. */
void app_incidents_look_at_pause(struct app_incidents *s, int64_t now);

/* app_incidents_causes.c: as the member "causes". */
void app_incidents_put_causes(struct app_incidents *s, const struct watch *w,
    int64_t now, struct json_out *j);

#endif
