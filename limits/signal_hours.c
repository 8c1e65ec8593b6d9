/* signal_hours - strangers at hours of the day at which an account never sends
 *
 * The last seven days tell, by the hour; the window itself doesn't count. An
 * hour of the day is its own when it has seen mail of it on any of these days,
 * or one beside it has. Who sits up one night writes to whom he knows: most of
 * those recipients must be strangers.
 */
#include "limits/signal.h"

enum { DAY = 24, DAYS = 7, HOUR = 3600, LONGEST = 12 };
enum { SERIES = DAY * DAYS + LONGEST };

/* Which hours before the window saw mail, by how long before its end's hour
 * they are, modulo a day; returns how many hours did. */
static size_t
find_hours(const uint64_t sent[SERIES], size_t window, bool own[DAY])
{
	size_t n = 0;

	for (size_t i = 0; i < DAY; i++)
		own[i] = false;
	for (size_t i = window; i < SERIES; i++) {
		if (sent[SERIES - 1 - i] == 0)
			continue;
		own[i % DAY] = true;
		n++;
	}
	return n;
}

/* Too few hours have passed since it was first seen. What is counted of an hour
 * may begin before it; and hosts' clocks differ. */
static bool
is_too_new(const struct judge_input *in, size_t hours)
{
	enum { SLACK = 4 };
	int64_t since = in->now - subject_first_seen(in->subject);

	return since / HOUR + SLACK < (int64_t)hours;
}

static bool
is_odd(const bool own[DAY], size_t at)
{
	return !own[at % DAY] && !own[(at + 1) % DAY] &&
	       !own[(at + DAY - 1) % DAY];
}

bool
signal_judge_hours(const struct judge_input *in, const struct rules_signal *s,
    struct reason *r)
{
	size_t window = (size_t)(s->spec.window + HOUR - 1) / HOUR;
	uint64_t sent[SERIES], met[LONGEST];
	bool own[DAY];
	uint64_t all = 0; /* strangers or not */

	if (window > LONGEST)
		window = LONGEST;
	uint64_t floor = (uint64_t)s->spec.floor;
	uint64_t strangers = subject_watched(in->ledger, in->subject, s->slot);

	r->room = strangers < floor ? floor - strangers : UINT64_MAX;
	if (strangers < floor)
		return false;
	if (is_too_new(in, window + (size_t)s->spec.history))
		return false;
	subject_series(
	    in->ledger, in->subject, COUNT_RECIPIENTS, HOUR, sent, SERIES);
	if (find_hours(sent, window, own) < (size_t)s->spec.history)
		return false;
	subject_series(in->ledger, in->subject, s->count, HOUR, met, window);
	for (size_t i = 0; i < window; i++) {
		if (!is_odd(own, i))
			continue;
		r->value += met[window - 1 - i];
		all += sent[SERIES - 1 - i];
	}
	r->count = REASON_ODD_STRANGERS;
	r->is_own = true;
	uint64_t most = all * (uint64_t)s->spec.share / 10000;

	most = most < floor ? floor : most;
	r->room = most > r->value ? most - r->value : 0;
	if (r->value < floor ||
	    10000 * r->value < all * (uint64_t)s->spec.share)
		return false;
	double points =
	    (double)r->value / (double)s->spec.floor * (double)s->spec.points;

	r->points = points < (double)s->spec.points_max
			? (int)points
			: (int)s->spec.points_max;
	return true;
}
