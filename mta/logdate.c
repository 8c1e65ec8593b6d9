/* logdate - the date at the start of a log line
 *
 * Busy logs have many lines a minute, so the text of a date up to its minute
 * is kept with the time it means: for most lines the date costs a comparison
 * of some bytes.
 */
#include "mta/logdate.h"

#include <endian.h>

#include "base/time.h"

/* The shortest date up to its minute: "Nov  1 22:40:" */
enum { PREFIX_MIN = 12 };

enum { DAY = 86400, BACK = 30 * DAY, YEAR = 365 * DAY };

/* A date as written; civil.year 0: not given. */
struct stamp {
	struct civil c;
	const char *minute_end; /* behind the minute's colon */
	const char *zone;
	size_t zone_n;
	int zone_offset; /* seconds east of UTC */
	bool has_zone;
};

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

static inline bool
get_two(const char *p, const char *e, int *out)
{
	if (e - p < 2 || !is_digit(p[0]) || !is_digit(p[1]))
		return false;
	*out = (p[0] - '0') * 10 + (p[1] - '0');
	return true;
}

static int
find_month(const char *p)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (memcmp(names + 3 * i, p, 3) == 0)
			return i + 1;
	return 0;
}

static int
month_days(int year, int month)
{
	static const char days[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap);
}

/* "22:40:" */
static bool
take_minute(const char **p, const char *e, struct stamp *s)
{
	if (e - *p < 6 || !get_two(*p, e, &s->c.hour) || (*p)[2] != ':' ||
	    !get_two(*p + 3, e, &s->c.minute) || (*p)[5] != ':')
		return false;
	*p += 6;
	s->minute_end = *p;
	return s->c.hour < 24 && s->c.minute < 60;
}

/* "Nov 21 ", "Nov  1 ", "Nov 1 " */
static bool
take_month_day(const char **pp, const char *e, struct stamp *s)
{
	const char *p = *pp;

	if (e - p < 6)
		return false;
	s->c.month = find_month(p);
	if (s->c.month == 0 || p[3] != ' ')
		return false;
	p += p[4] == ' ' ? 5 : 4;
	int day = 0;
	for (int i = 0; i < 2 && p < e && is_digit(*p); i++)
		day = day * 10 + (*p++ - '0');
	if (p == e || *p != ' ')
		return false;
	s->c.day = day;
	*pp = p + 1;
	return true;
}

/* "2026-11-21T" after the year and its hyphen were seen */
static bool
take_iso_day(const char **pp, const char *e, struct stamp *s)
{
	const char *p = *pp;

	if (e - p < 6 || !get_two(p, e, &s->c.month) || p[2] != '-' ||
	    !get_two(p + 3, e, &s->c.day) || (p[5] != 'T' && p[5] != ' '))
		return false;
	*pp = p + 6;
	return true;
}

static bool
take_day(const char **pp, const char *e, struct stamp *s)
{
	const char *p = *pp;
	int high, low;
	bool is_ok;

	if (get_two(p, e, &high)) {
		if (e - p < 5 || !get_two(p + 2, e, &low))
			return false;
		s->c.year = high * 100 + low;
		p += 5;
		if (p[-1] == '-')
			is_ok = take_iso_day(&p, e, s);
		else
			is_ok = p[-1] == ' ' && take_month_day(&p, e, s);
		is_ok = is_ok && s->c.year >= 1970;
	} else {
		is_ok = take_month_day(&p, e, s);
	}
	*pp = p;
	/* Feb 29 is checked again when the year is known. */
	return is_ok && s->c.month >= 1 && s->c.month <= 12 && s->c.day >= 1 &&
	       s->c.day <= month_days(s->c.year ? s->c.year : 2000, s->c.month);
}

/* "56", "56.123456": p stands behind the minute's colon. */
static inline bool
take_seconds(const char **pp, const char *e, int *second, int *us)
{
	const char *p = *pp;

	if (!get_two(p, e, second) || *second > 60)
		return false;
	p += 2;
	*us = 0;
	if (p < e && (*p == '.' || *p == ',')) {
		const char *from = ++p;
		int scale = 100000;

		for (; p < e && is_digit(*p); p++, scale /= 10)
			*us += (*p - '0') * scale;
		if (p == from)
			return false;
	}
	*pp = p;
	return true;
}

/* "Z", "+01:00", "+0100" or nothing. */
static bool
take_zone(const char **pp, const char *e, struct stamp *s)
{
	const char *p = *pp;
	int hour, minute;

	s->zone = p;
	if (p < e && (*p == 'Z' || *p == 'z')) {
		p++;
		s->has_zone = true;
	} else if (p < e && (*p == '+' || *p == '-')) {
		bool is_west = *p++ == '-';

		if (!get_two(p, e, &hour))
			return false;
		p += 2;
		p += p < e && *p == ':';
		if (!get_two(p, e, &minute) || hour > 24 || minute > 59)
			return false;
		p += 2;
		s->zone_offset = (hour * 60 + minute) * 60;
		if (is_west)
			s->zone_offset = -s->zone_offset;
		s->has_zone = true;
	}
	s->zone_n = (size_t)(p - s->zone);
	*pp = p;
	return true;
}

/* Seconds; INT64_MIN: there was no line. */
static int64_t
last_of(const struct logline_clock *clock)
{
	return clock->last_us == INT64_MIN ? INT64_MIN
					   : clock->last_us / TIME_US;
}

/* The latest time of this date that isn't after the limits. */
static int64_t
infer_year(const struct logline_clock *clock, struct civil c)
{
	int64_t limit = clock->now > 0 ? clock->now + DAY : INT64_MAX;
	int64_t near = last_of(clock);

	if (near != INT64_MIN && near + YEAR - BACK < limit)
		limit = near + YEAR - BACK;
	if (limit == INT64_MAX)
		limit = YEAR; /* nothing is known: 1970 */
	int64_t at = 0;
	int year = time_to_utc(limit).year + 1;

	for (int i = 0; i < 10; i++) {
		c.year = year - i;
		if (c.day > month_days(c.year, c.month))
			continue;
		at = time_from_local(&c, near == INT64_MIN ? limit : near);
		if (at <= limit)
			break;
	}
	return at;
}

static int64_t
get_time(const struct logline_clock *clock, const struct stamp *s)
{
	if (s->has_zone)
		return time_from_utc(&s->c) - s->zone_offset;
	if (s->c.year == 0)
		return infer_year(clock, s->c);
	int64_t last = last_of(clock);

	return time_from_local(&s->c, last == INT64_MIN ? clock->now : last);
}

/* A date whose minute differs from the one before. Kept out of the way of the
 * others, which are nearly all. */
__attribute__((noinline)) static bool
read_date(
    struct logline_clock *clock, const char **pp, const char *e, int64_t *at_us)
{
	struct stamp s = {.zone_n = 0};
	const char *start = *pp, *p = *pp;
	int second, us;

	if (!take_day(&p, e, &s) || !take_minute(&p, e, &s) ||
	    !take_seconds(&p, e, &second, &us) || !take_zone(&p, e, &s))
		return false;
	size_t n = (size_t)(s.minute_end - start);

	/* The second is left out of the question which of two local times is
	 * meant: they are an hour apart. */
	clock->base = get_time(clock, &s);
	clock->prefix_n = 0;
	if (n <= sizeof(clock->prefix) && s.zone_n <= sizeof(clock->zone)) {
		memcpy(clock->prefix, start, n);
		memcpy(clock->zone, s.zone, s.zone_n);
		clock->prefix_n = n;
		clock->zone_n = s.zone_n;
		clock->has_zone = s.has_zone;
	}
	*at_us = (clock->base + second) * TIME_US + us;
	*pp = p;
	return true;
}

static inline uint64_t
load8(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Whether p begins with the minute kept, which has 12 to 24 bytes: three
 * times eight cover it. */
static inline bool
is_minute(const struct logline_clock *c, const char *p)
{
	size_t last = c->prefix_n - 8u, middle = last / 2;
	uint64_t differs = (load8(p) ^ load8(c->prefix)) |
			   (load8(p + middle) ^ load8(c->prefix + middle)) |
			   (load8(p + last) ^ load8(c->prefix + last));

	return differs == 0;
}

static inline bool
is_same_minute(const struct logline_clock *c, const char *p, const char *e)
{
	return c->prefix_n >= PREFIX_MIN &&
	       (size_t)(e - p) >= c->prefix_n + 2u && is_minute(c, p);
}

bool
logdate_take(
    struct logline_clock *clock, const char **pp, const char *e, int64_t *at_us)
{
	if (is_same_minute(clock, *pp, e)) {
		const char *p = *pp + clock->prefix_n;
		int second, us;
		size_t n = clock->zone_n;

		if (take_seconds(&p, e, &second, &us) && (size_t)(e - p) > n &&
		    (n == 0 || memcmp(p, clock->zone, n) == 0) && p[n] == ' ') {
			*at_us = (clock->base + second) * TIME_US + us;
			*pp = p + n;
			return true;
		}
	}
	return read_date(clock, pp, e, at_us);
}

/* "40123456" as a number; -1: other bytes are among them. */
static inline int64_t
get_eight(uint64_t w)
{
	const uint64_t zeros = 0x3030303030303030u, high = 0xf0f0f0f0f0f0f0f0u;

	uint64_t differs =
	    ((w & high) ^ zeros) | (((w + 0x0606060606060606u) & high) ^ zeros);

	if (differs)
		return -1;
	w -= zeros;
	w = w * 10 + (w >> 8); /* pairs, in each other byte */
	w = (w & 0x000000ff000000ffu) * 0x000f424000000064u +
	    (w >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u;
	return (int64_t)(w >> 32);
}

/* The microseconds since the minute of "40.123456" or "40"; -1: neither. */
static inline int64_t
get_us(const char *p, bool has_us)
{
	uint16_t second;

	if (!has_us) {
		int value;

		return get_two(p, p + 2, &value) ? value * TIME_US : -1;
	}
	if (p[2] != '.')
		return -1;
	memcpy(&second, p, sizeof(second));
	return get_eight(
	    (le64toh(load8(p + 1)) & ~(uint64_t)0xffff) | le16toh(second));
}

bool
logdate_take_same(
    struct logline_clock *clock, const char **pp, const char *e, int64_t *at_us)
{
	size_t head_n = clock->head_n, tail_n = clock->tail_n;
	const char *p = *pp, *tail = p + head_n - tail_n;

	if (head_n == 0 || (size_t)(e - p) < head_n + LOGLINE_LIKE ||
	    !is_minute(clock, p) || !logline_is_like(&clock->tail[0], tail) ||
	    (tail_n > LOGLINE_LIKE &&
		!logline_is_like(&clock->tail[1], tail + LOGLINE_LIKE)))
		return false;
	int64_t us = get_us(p + clock->prefix_n, clock->has_us);

	if (us < 0 || us >= 61 * TIME_US)
		return false;
	*at_us = clock->base * TIME_US + us;
	if (!clock->has_us && head_n <= LOGLINE_LIKE) {
		logline_like_set(&clock->same, p, head_n);
		clock->same_us = *at_us;
		clock->same_n = head_n + LOGLINE_LIKE;
	}
	*pp = p + head_n;
	return true;
}

void
logdate_keep(struct logline_clock *clock, const char *p, const char *tag,
    struct str host)
{
	const char *start = p;
	size_t n = clock->prefix_n, room = (size_t)(host.p - p);

	clock->head_n = 0;
	if (n < PREFIX_MIN || room <= n + 2 || get_us(p + n, false) < 0)
		return;
	clock->has_us = room >= n + 10 && get_us(p + n, true) >= 0;
	p += n + (clock->has_us ? 9 : 2);
	/* Another number of digits isn't usual. */
	if (*p == '.' || *p == ',' || is_digit(*p) ||
	    (size_t)(tag - p) > 2 * LOGLINE_LIKE)
		return;
	clock->tail_n = (uint8_t)(tag - p);
	clock->host_at = (uint8_t)(host.p - start);
	clock->host_n = (uint8_t)host.n;
	clock->head_n = (uint8_t)(tag - start);
	size_t first =
	    clock->tail_n < LOGLINE_LIKE ? clock->tail_n : LOGLINE_LIKE;

	logline_like_set(&clock->tail[0], p, first);
	logline_like_set(&clock->tail[1], p + first, clock->tail_n - first);
}
