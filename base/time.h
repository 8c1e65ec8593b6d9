/* time - civil time, durations and their texts
 *
 * Wall time is int64_t: seconds since 1970 (`now`, `at`) or microseconds
 * (`now_us`). Only time_now_us and time_mono_us read a clock; pure code takes
 * `now` as an argument.
 */
#ifndef BASE_TIME_H
#define BASE_TIME_H

#include "base/text.h"

#define TIME_US 1000000LL
#define TIME_NEVER INT64_MAX /* an end that doesn't come */

struct civil {
	int year, month, day, hour, minute, second; /* month 1..12 */
};

int64_t time_now_us(void);
int64_t time_mono_us(void);
int64_t time_cpu_us(void); /* of this thread */

/* Proleptic Gregorian, UTC. Texts and civil times end at the years 0 and 9999:
 * what lies beyond becomes the last second of them. */
int64_t time_from_utc(const struct civil *c);
struct civil time_to_utc(int64_t at);

/* In the process's local zone (TZ). A local time that happens twice (end of
 * DST) becomes the one nearest to `near`; one that doesn't exist is moved
 * forward. */
int64_t time_from_local(const struct civil *c, int64_t near);
struct civil time_to_local(int64_t at);
/* Call it after changing TZ in the environment: what is known of the zone is
 * kept (per thread, by day), and read again after this. */
void time_zone_reset(void);

/* "2026-11-21T22:40:00Z"; the second with microseconds when they aren't 0. */
void time_rfc3339(struct text *t, int64_t at);
void time_rfc3339_us(struct text *t, int64_t at_us);
/* "2026-11-21 22:40:00" in the local zone, for people. */
void time_local_text(struct text *t, int64_t at);
/* Its day there, "2026-11-21"; returns the seconds since that midnight, as a
 * clock on the wall shows them (also on a day of 23 or 25 hours). */
enum { TIME_DAY = 11 };
int64_t time_local_day(int64_t at, char day[TIME_DAY]);
/* RFC 5322: "Sat, 21 Nov 2026 22:40:00 +0000". */
void time_rfc5322(struct text *t, int64_t at);
/* RFC 3339 (space for T allowed, fraction of any length, Z or an offset). */
bool time_parse_rfc3339(struct str s, int64_t *at_us);

/* "90s" "10m" "1h" "7d" "5w" or bare seconds; false on anything else. */
bool time_parse_duration(struct str s, int64_t *seconds);
/* The shortest exact form: "10m", "1h", "36h", "7d", "0s". */
void time_duration(struct text *t, int64_t seconds);
/* For people, two units: "2 h 5 min". */
void time_duration_words(struct text *t, int64_t seconds);

#endif
