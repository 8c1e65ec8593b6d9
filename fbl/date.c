/* date - the dates that reports and messages carry */
#include "fbl/date.h"

#include "base/time.h"

enum { HOUR = 3600 };

static const struct {
	struct str name;
	int hours;
} zones[] = {
    {STR_INIT("EDT"), -4},
    {STR_INIT("EST"), -5},
    {STR_INIT("CDT"), -5},
    {STR_INIT("CST"), -6},
    {STR_INIT("MDT"), -6},
    {STR_INIT("MST"), -7},
    {STR_INIT("PDT"), -7},
    {STR_INIT("PST"), -8},
    {STR_INIT("CET"), 1},
    {STR_INIT("CEST"), 2},
    {STR_INIT("JST"), 9},
};

static bool
cut_word(struct str *s, struct str *word)
{
	*s = str_trim(*s);
	if (s->n == 0)
		return false;
	if (!str_cut(s, ' ', word)) {
		*word = *s;
		s->n = 0;
	}
	return true;
}

static bool
to_number(struct str s, int min, int max, int *out)
{
	uint64_t v;

	if (s.n > 4 || !str_to_u64(s, &v) || v < (uint64_t)min ||
	    v > (uint64_t)max)
		return false;
	*out = (int)v;
	return true;
}

static bool
to_month(struct str s, int *out)
{
	static const char names[] = "janfebmaraprmayjunjulaugsepoctnovdec";

	for (int i = 0; s.n >= 3 && i < 12; i++) {
		if (str_is_nocase(str_head(s, 3), str_make(names + 3 * i, 3))) {
			*out = i + 1;
			return true;
		}
	}
	return false;
}

static bool
to_clock(struct str s, struct civil *c)
{
	struct str part;

	if (!str_cut(&s, ':', &part) || !to_number(part, 0, 23, &c->hour))
		return false;
	if (!str_cut(&s, ':', &part))
		return to_number(s, 0, 59, &c->minute);
	return to_number(part, 0, 59, &c->minute) &&
	       to_number(str_head(s, 2), 0, 60, &c->second);
}

static int64_t
to_zone(struct str s)
{
	int hhmm;

	if (s.n == 5 && (s.p[0] == '+' || s.p[0] == '-') &&
	    to_number(str_skip(s, 1), 0, 1459, &hhmm)) {
		int64_t v = hhmm / 100 * HOUR + hhmm % 100 * 60;

		return s.p[0] == '-' ? -v : v;
	}
	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
		if (str_is_nocase(s, zones[i].name))
			return (int64_t)zones[i].hours * HOUR;
	}
	return 0;
}

bool
date_parse(struct str s, int64_t *at)
{
	struct civil c = {0};
	struct str word, year;
	int64_t at_us;

	s = str_trim(s);
	if (time_parse_rfc3339(s, &at_us)) {
		*at = at_us / TIME_US;
		return true;
	}
	if (!cut_word(&s, &word))
		return false;
	if (str_ends(word, STR(",")) && !cut_word(&s, &word))
		return false;
	if (!to_number(word, 1, 31, &c.day) || !cut_word(&s, &word) ||
	    !to_month(word, &c.month) || !cut_word(&s, &year) ||
	    !to_number(year, 0, 9999, &c.year) || !cut_word(&s, &word) ||
	    !to_clock(word, &c))
		return false;
	if (year.n == 2)
		c.year += c.year < 50 ? 2000 : 1900;
	*at = time_from_utc(&c) - (cut_word(&s, &word) ? to_zone(word) : 0);
	return true;
}
