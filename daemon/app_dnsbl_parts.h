/* app_dnsbl_parts - inside app_dnsbl; only app_dnsbl*.c include this */
#ifndef DAEMON_APP_DNSBL_PARTS_H
#define DAEMON_APP_DNSBL_PARTS_H

#include "base/arena.h"
#include "daemon/app_dnsbl.h"

/* What a list said of a target, when it counted; how often in a row it wasn't
 * there though it is known to be listed. */
struct said {
	enum dnsbl_says says;
	unsigned misses;
};

struct listed_by {
	struct app_dnsbl *of;
	struct dnsbl_round *round; /* NULL: none is under way */
	const struct dnsbl *list;
	enum dnsbl_health health;
	char why[DNSBL_TEXT];
	int64_t since, asked; /* seconds */
	int64_t next_us;      /* monotonic */
	struct said *said;    /* one for each target */
};

/* How an address is named. */
struct named {
	struct address_report report;
	int64_t at;	 /* seconds; 0: not yet */
	int64_t next_us; /* monotonic */
	unsigned times_bad;
};

struct app_dnsbl {
	struct app *app;
	struct listings listings;
	bool is_made; /* the rest, of the settings that hold */
	struct arena arena;
	struct dnsbl_target *targets, *asked;
	struct app_dnsbl_target *shown;
	size_t n_targets;
	struct listed_by *lists;
	size_t n_lists;
	struct named *named; /* one for each target */
	struct address_check *naming;
	size_t naming_at;
};

/* What the settings say, unless it is made. */
void app_dnsbl_make(struct app_dnsbl *d);

/* app_dnsbl_targets.c */
void app_dnsbl_make_targets(struct app_dnsbl *d);
void app_dnsbl_forget_targets(struct app_dnsbl *d);

/* app_dnsbl_names.c */
void app_dnsbl_make_names(struct app_dnsbl *d);
void app_dnsbl_forget_names(struct app_dnsbl *d);
void app_dnsbl_tick_names(struct app_dnsbl *d);

/* app_dnsbl_tell.c */
void app_dnsbl_tell(struct app_dnsbl *d, const struct dnsbl *l, size_t target,
    const struct dnsbl_found *f);
void app_dnsbl_tell_gone(
    struct app_dnsbl *d, const struct dnsbl *l, size_t target, const char *why);

#endif
