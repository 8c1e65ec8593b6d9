/* time_text - times and durations as text, and back */
#include "base/time.h"

static void
put_digits(char *p, int width, int v)
{
	for (int i = width; i-- > 0; v /= 10)
		p[i] = (char)('0' + v % 10);
}

/* "2026-11-21T22:40:00", sep instead of the T. */
static void
put_civil(struct text *t, const struct civil *c, char sep)
{
	char buf[19];

	put_digits(buf, 4, c->year);
	buf[4] = '-';
	put_digits(buf + 5, 2, c->month);
	buf[7] = '-';
	put_digits(buf + 8, 2, c->day);
	buf[10] = sep;
	put_digits(buf + 11, 2, c->hour);
	buf[13] = ':';
	put_digits(buf + 14, 2, c->minute);
	buf[16] = ':';
	put_digits(buf + 17, 2, c->second);
	text_bytes(t, buf, sizeof(buf));
}

void
time_rfc3339(struct text *t, int64_t at)
{
	struct civil c = time_to_utc(at);

	put_civil(t, &c, 'T');
	text_char(t, 'Z');
}

void
time_rfc3339_us(struct text *t, int64_t at_us)
{
	int64_t us = at_us % TIME_US;

	if (us < 0)
		us += TIME_US;
	struct civil c = time_to_utc(at_us / TIME_US - (at_us % TIME_US < 0));

	put_civil(t, &c, 'T');
	if (us != 0) {
		char fraction[7] = ".";

		put_digits(fraction + 1, 6, (int)us);
		text_bytes(t, fraction, sizeof(fraction));
	}
	text_char(t, 'Z');
}

void
time_local_text(struct text *t, int64_t at)
{
	struct civil c = time_to_local(at);

	put_civil(t, &c, ' ');
}

int64_t
time_local_day(int64_t at, char day[TIME_DAY])
{
	struct civil c = time_to_local(at);
	struct text t;

	text_init(&t, day, TIME_DAY);
	text_printf(&t, "%04d-%02d-%02d", c.year, c.month, c.day);
	return c.hour * 3600 + c.minute * 60 + c.second;
}

void
time_rfc5322(struct text *t, int64_t at)
{
	static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 */
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct civil c = time_to_utc(at);
	struct civil midnight = {
	    .year = c.year, .month = c.month, .day = c.day};
	int weekday = (int)((time_from_utc(&midnight) / 86400 % 7 + 7) % 7);

	text_printf(t, "%.3s, %d %.3s %04d %02d:%02d:%02d +0000",
	    days + (size_t)weekday * 3, c.day,
	    months + ((size_t)c.month - 1) * 3, c.year, c.hour, c.minute,
	    c.second);
}

/* Exactly `width` digits at p. */
static bool
get_digits(const char *p, int width, int *out)
{
	int v = 0;

	for (int i = 0; i < width; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		v = v * 10 + (p[i] - '0');
	}
	*out = v;
	return true;
}

static int
month_length(int year, int month)
{
	static const char length[] = {
	    31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && is_leap ? 29 : length[month - 1];
}

/* "2026-11-21T22:40:00" */
static bool
get_civil(const char *p, struct civil *c)
{
	if (!get_digits(p, 4, &c->year) || p[4] != '-' ||
	    !get_digits(p + 5, 2, &c->month) || p[7] != '-' ||
	    !get_digits(p + 8, 2, &c->day) ||
	    (p[10] != 'T' && p[10] != 't' && p[10] != ' ') ||
	    !get_digits(p + 11, 2, &c->hour) || p[13] != ':' ||
	    !get_digits(p + 14, 2, &c->minute) || p[16] != ':' ||
	    !get_digits(p + 17, 2, &c->second))
		return false;
	return c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= month_length(c->year, c->month) && c->hour <= 23 &&
	       c->minute <= 59 && c->second <= 60;
}

/* ".25" as microseconds; digits beyond are dropped. */
static bool
take_fraction(struct str *s, int64_t *us)
{
	int64_t unit = TIME_US / 10;

	*us = 0;
	if (!str_take(s, STR(".")))
		return true;
	size_t n = 0;

	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++) {
		*us += unit * (s->p[n] - '0');
		unit /= 10;
	}
	*s = str_skip(*s, n);
	return n > 0;
}

/* "Z", "+02:00", "+0200" (as journalctl writes): seconds east of UTC. */
static bool
parse_zone(struct str s, int64_t *offset)
{
	int hours, minutes;

	if (s.n == 1 && (s.p[0] == 'Z' || s.p[0] == 'z')) {
		*offset = 0;
		return true;
	}
	bool has_colon = s.n == 6 && s.p[3] == ':';

	if ((!has_colon && s.n != 5) || (s.p[0] != '+' && s.p[0] != '-') ||
	    !get_digits(s.p + 1, 2, &hours) ||
	    !get_digits(s.p + 3 + has_colon, 2, &minutes) || hours > 23 ||
	    minutes > 59)
		return false;
	*offset = hours * 3600LL + minutes * 60LL;
	if (s.p[0] == '-')
		*offset = -*offset;
	return true;
}

bool
time_parse_rfc3339(struct str s, int64_t *at_us)
{
	struct civil c;
	int64_t us, offset;

	if (s.n < 20 || !get_civil(s.p, &c))
		return false;
	s = str_skip(s, 19);
	if (!take_fraction(&s, &us) || !parse_zone(s, &offset))
		return false;
	*at_us = (time_from_utc(&c) - offset) * TIME_US + us;
	return true;
}

bool
time_parse_duration(struct str s, int64_t *seconds)
{
	static const char units[] = "smhdw";
	static const int64_t factors[] = {1, 60, 3600, 86400, 604800};
	int64_t factor = 1;
	uint64_t n;

	if (s.n > 0 && s.p[s.n - 1] >= 'a') {
		const char *unit = strchr(units, s.p[s.n - 1]);

		if (!unit)
			return false;
		factor = factors[unit - units];
		s.n--;
	}
	if (!str_to_u64(s, &n) || n > (uint64_t)(INT64_MAX / factor))
		return false;
	*seconds = (int64_t)n * factor;
	return true;
}

void
time_duration(struct text *t, int64_t seconds)
{
	static const struct {
		int64_t length;
		char unit;
	} units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
	size_t i = 0;

	while (seconds % units[i].length != 0 || (seconds == 0 && i < 3))
		i++;
	text_i64(t, seconds / units[i].length);
	text_char(t, units[i].unit);
}

void
time_duration_words(struct text *t, int64_t seconds)
{
	static const struct {
		uint64_t length;
		const char *unit;
	} units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
	uint64_t left = seconds < 0 ? 0 - (uint64_t)seconds : (uint64_t)seconds;
	size_t i = 0;

	if (seconds < 0)
		text_char(t, '-');
	while (i < 3 && left < units[i].length)
		i++;
	text_printf(t, "%llu %s", (unsigned long long)(left / units[i].length),
	    units[i].unit);
	left %= units[i].length;
	if (i == 3 || left < units[i + 1].length)
		return;
	text_printf(t, " %llu %s",
	    (unsigned long long)(left / units[i + 1].length),
	    units[i + 1].unit);
}
