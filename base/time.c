/* time - civil time and the local zone
 *
 * The zone is asked once per day and thread: if the offset is the same a day
 * before and a day after, it holds for that day; else the moment of the change
 * is searched. Everything after that is arithmetic.
 */
#include "base/time.h"

#include <time.h>

enum { DAY = 86400 };

#define FIRST_SECOND (-62167219200LL) /* 0000-01-01T00:00:00Z */
#define LAST_SECOND 253402300799LL    /* 9999-12-31T23:59:59Z */

/* What the zone does around one day. */
struct zone_day {
	bool is_known;
	int64_t day;	       /* since 1970, UTC */
	int64_t before, after; /* offsets from UTC */
	int64_t change;	       /* the first second of `after` */
};

enum { ZONE_DAYS = 4 };

static _Thread_local struct zone_day zone_days[ZONE_DAYS];

static int64_t
read_clock_us(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * TIME_US + ts.tv_nsec / 1000;
}

int64_t
time_now_us(void)
{
	return read_clock_us(CLOCK_REALTIME);
}

int64_t
time_mono_us(void)
{
	return read_clock_us(CLOCK_MONOTONIC);
}

int64_t
time_cpu_us(void)
{
	return read_clock_us(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970; the year begins in March, so that the leap day is its last
 * (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms). */
static int64_t
days_from_civil(int64_t year, int month, int day)
{
	year -= month <= 2;
	int64_t era = floor_div(year, 400);
	int64_t year_of_era = year - era * 400;
	int64_t day_of_year =
	    (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	       year_of_era / 100 + day_of_year - 719468;
}

int64_t
time_from_utc(const struct civil *c)
{
	return days_from_civil(c->year, c->month, c->day) * DAY +
	       c->hour * 3600LL + c->minute * 60LL + c->second;
}

struct civil
time_to_utc(int64_t at)
{
	if (at < FIRST_SECOND)
		at = FIRST_SECOND;
	if (at > LAST_SECOND)
		at = LAST_SECOND;
	int64_t days = floor_div(at, DAY);
	int second = (int)(at - days * DAY);
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
				  day_of_era / 36524 - day_of_era / 146096) /
			      365;
	int64_t day_of_year =
	    day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int m = (int)((5 * day_of_year + 2) / 153);
	int month = m < 10 ? m + 3 : m - 9;

	return (struct civil){
	    .year = (int)(year_of_era + era * 400 + (month <= 2)),
	    .month = month,
	    .day = (int)(day_of_year - (153 * m + 2) / 5 + 1),
	    .hour = second / 3600,
	    .minute = second / 60 % 60,
	    .second = second % 60,
	};
}

static int64_t
ask_offset(int64_t at)
{
	time_t t = (time_t)at;
	struct tm tm;

	return localtime_r(&t, &tm) ? tm.tm_gmtoff : 0;
}

/* The first second in (from, to] whose offset isn't the one of `from`. */
static int64_t
find_change(int64_t from, int64_t to, int64_t offset)
{
	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (ask_offset(middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

/* Good for instants from a day before to a day after the day of `at`. */
static const struct zone_day *
get_zone_day(int64_t at)
{
	int64_t day = floor_div(at, DAY);
	struct zone_day *z = &zone_days[(uint64_t)day % ZONE_DAYS];

	if (z->is_known && z->day == day)
		return z;
	int64_t from = (day - 1) * DAY, to = (day + 2) * DAY;

	z->is_known = true;
	z->day = day;
	z->before = ask_offset(from);
	z->after = ask_offset(to);
	z->change =
	    z->before == z->after ? to : find_change(from, to, z->before);
	return z;
}

void
time_zone_reset(void)
{
	tzset();
	memset(zone_days, 0, sizeof(zone_days));
}

static int64_t
gap(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

int64_t
time_from_local(const struct civil *c, int64_t near)
{
	int64_t face = time_from_utc(c); /* what the clock on the wall shows */
	const struct zone_day *z = get_zone_day(face);
	int64_t early = face - z->before;
	int64_t late = face - z->after;

	if (early < z->change && late >= z->change)
		return gap(early, near) <= gap(late, near) ? early : late;
	/* In neither: the hour that is left out; its clock goes on unmoved. */
	return late >= z->change ? late : early;
}

struct civil
time_to_local(int64_t at)
{
	if (at < FIRST_SECOND || at > LAST_SECOND)
		return time_to_utc(at);
	const struct zone_day *z = get_zone_day(at);

	return time_to_utc(at + (at < z->change ? z->before : z->after));
}
