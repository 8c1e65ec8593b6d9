/* incident_watch - is one of our addresses, or a domain, refused or slowed now?
 *
 * Counts what a provider answered to it within the last window, in eight parts
 * of that, and says when it is too much: beyond a share, and never by a few.
 * Pure.
 */
#ifndef REPUTATION_INCIDENT_WATCH_H
#define REPUTATION_INCIDENT_WATCH_H

#include "reputation/replies.h"

enum incident_level { INCIDENT_NONE, INCIDENT_SLOWED, INCIDENT_BLOCKED };
const char *incident_level_text(enum incident_level l); /* "slowed" */
bool incident_level_parse(struct str s, enum incident_level *out);

enum { INCIDENT_SLOTS = 8, INCIDENT_HOSTS = 3 };

struct incident_limits {
	int64_t window;	    /* seconds */
	int64_t floor;	    /* blocked: so many at least */
	int64_t slow_floor; /* slowed */
	int64_t percent;    /* of all that was tried */
};

struct incident_counts {
	uint64_t all, delivered, slowed, blocked;
};

struct incident_watch {
	struct {
		int64_t part; /* which part of time it is */
		struct incident_counts n;
	} slots[INCIDENT_SLOTS];
	uint64_t hosts[INCIDENT_HOSTS]; /* hashes of those that refused */
};

/* What an answer is to the address, or domain, that it concerns. reply NULL: it
 * was taken. */
enum incident_level incident_level_of(const struct reply *reply);

/* n recipients at `at`. host: who said so. */
void incident_watch_note(struct incident_watch *w, int64_t window, int64_t at,
    enum incident_level level, bool is_delivered, uint32_t n, struct str host);
void incident_watch_sum(const struct incident_watch *w, int64_t window,
    int64_t now, struct incident_counts *out);

/* What it is now. is_others: nobody's in particular; it takes several hosts. */
enum incident_level incident_watch_level(const struct incident_watch *w,
    const struct incident_limits *l, int64_t now, bool is_others);
/* Deliveries flow again: enough of them, and hardly anything against it. */
bool incident_watch_is_calm(const struct incident_watch *w,
    const struct incident_limits *l, int64_t now);

#endif
