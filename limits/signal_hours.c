/* signal_hours - strangers at hours of the day at which an account never sends
 *
 * The last seven days tell, by the hour; the window itself doesn't count. An
 * hour of the day is its own when it wrote then to somebody whom it knew, or to
 * anybody on two of these days; so a thief's first night doesn't make the
 * second one usual. Of who mostly writes to strangers (a shop) once will do.
 * The hours beside an own one are none that are odd. Who sits up one night
 * writes to whom he knows: most of those recipients must be strangers.
 */
#include "limits/signal.h"

enum { DAY = 24, DAYS = 7, HOUR = 3600, LONGEST = 24 };
/* Beyond eight days counts have no hour. */
enum { SERIES = DAY * DAYS + 12 };

/* By the hour; the newest is the last. */
struct past {
	uint64_t sent[SERIES], met[SERIES];
	size_t window; /* hours; what is older tells what is usual */
};

static unsigned
days_enough(const struct past *p)
{
	uint64_t sent = 0, met = 0;

	for (size_t i = 0; i < SERIES - p->window; i++) {
		sent += p->sent[i];
		met += p->met[i];
	}
	return 2 * met >= sent ? 1 : 2;
}

/* Which hours before the window are its own, by how long before its end's hour
 * they are, modulo a day; returns how many hours saw mail. */
static size_t
find_hours(const struct past *p, bool own[DAY])
{
	unsigned days[DAY] = {0}, enough = days_enough(p);
	size_t n = 0;

	for (size_t i = 0; i < DAY; i++)
		own[i] = false;
	for (size_t i = p->window; i < SERIES; i++) {
		uint64_t sent = p->sent[SERIES - 1 - i];

		if (sent == 0)
			continue;
		n++;
		days[i % DAY]++;
		if (sent > p->met[SERIES - 1 - i] || days[i % DAY] >= enough)
			own[i % DAY] = true;
	}
	return n;
}

/* Until then too few hours have passed since it was first seen. What is counted
 * of an hour may begin before it; and hosts' clocks differ. */
static int64_t
too_new_until(const struct judge_input *in, size_t hours)
{
	enum { SLACK = 4 };

	return subject_first_seen(in->subject) +
	       ((int64_t)hours - SLACK) * HOUR;
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
	struct past p;
	bool own[DAY];
	uint64_t all = 0; /* strangers or not */

	p.window = (size_t)(s->spec.window + HOUR - 1) / HOUR;
	if (p.window > LONGEST)
		p.window = LONGEST;
	uint64_t floor = (uint64_t)s->spec.floor;
	uint64_t strangers = subject_watched(in->ledger, in->subject, s->slot);

	r->room = strangers < floor ? floor - strangers : UINT64_MAX;
	if (strangers < floor)
		return false;
	r->until = too_new_until(in, p.window + (size_t)s->spec.history);
	if (in->now < r->until)
		return false;
	r->until = 0;
	subject_series(
	    in->ledger, in->subject, COUNT_RECIPIENTS, HOUR, p.sent, SERIES);
	subject_series(in->ledger, in->subject, s->count, HOUR, p.met, SERIES);
	if (find_hours(&p, own) < (size_t)s->spec.history)
		return false;
	for (size_t i = 0; i < p.window; i++) {
		if (!is_odd(own, i))
			continue;
		r->value += p.met[SERIES - 1 - i];
		all += p.sent[SERIES - 1 - i];
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
