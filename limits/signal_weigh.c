/* signal_weigh - what is one piece of evidence counts once
 *
 * Several signals look at the same from several sides: that mail comes from a
 * network that is new, that it is much at once. Of each such group the dearest
 * counts, of the others a quarter. Whoever is from another network every day,
 * or came days ago and hasn't shown all of his yet, is half as suspicious for
 * it. What speaks for an account is taken off all the rest: a thief may know
 * its contacts, but isn't where it is.
 *
 * Much at once, to strangers, from elsewhere, is still one story, that of a
 * journey with invitations: it holds, and so does it with a limit that it
 * exceeds. What suspends is one thing more: what the world says of it, several
 * networks, somebody else's name ...
 */
#include "limits/signal.h"

#include "limits/rules.h"

enum group { ALONE, PLACE, VOLUME, MET };

static enum group
group_of(const struct reason *r)
{
	if (r->count == COUNT_FOREIGN || r->count == COUNT_FOREIGN_STRANGERS)
		return PLACE;
	if (r->count == COUNT_STRANGERS)
		return MET;
	return r->count == COUNT_RECIPIENTS && !r->is_blamed ? VOLUME : ALONE;
}

bool
signal_is_of_place(const struct reason *r)
{
	return group_of(r) == PLACE || r->count == REASON_NEW_NETWORKS;
}

/* Most of what it sent, the last day left aside, came from new networks. */
static bool
is_nomad(const struct judge_input *in)
{
	enum { DAY = 86400, PAST = 35 * DAY, LEAST = 10 };
	struct ledger *l = in->ledger;
	struct subject *u = in->subject;
	uint64_t all = subject_sum(l, u, COUNT_RECIPIENTS, PAST) -
		       subject_sum(l, u, COUNT_RECIPIENTS, DAY);
	uint64_t foreign = subject_sum(l, u, COUNT_FOREIGN, PAST) -
			   subject_sum(l, u, COUNT_FOREIGN, DAY);

	return all >= LEAST && 2 * foreign >= all;
}

static bool
is_more(const struct reason *r)
{
	return r->points > 0 && group_of(r) == ALONE &&
	       r->count != REASON_ODD_STRANGERS &&
	       r->count != REASON_NEW_COUNTRIES &&
	       r->count != REASON_COUNTRIES && r->count != COUNT_WIDE &&
	       r->count != COUNT_ALIKE;
}

/* The dearest pays for what the others are too many; not for a limit that
 * suspends by itself. */
static void
leave_doubt(struct reason *v, size_t n, int most)
{
	struct reason *dearest = NULL;
	int sum = 0;

	if (most < 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (is_more(&v[i]))
			return;
		sum += v[i].points;
		if (!dearest || v[i].points > dearest->points)
			dearest = &v[i];
	}
	if (dearest && sum > most)
		dearest->points -= sum - most;
}

static void
count_once(struct reason *v, size_t n, enum group g)
{
	struct reason *dearest = NULL;

	for (size_t i = 0; i < n; i++) {
		if (group_of(&v[i]) == g &&
		    (!dearest || v[i].points > dearest->points))
			dearest = &v[i];
	}
	for (size_t i = 0; i < n; i++) {
		if (group_of(&v[i]) == g && &v[i] != dearest)
			v[i].points /= 4;
	}
}

void
signal_weigh(const struct judge_input *in, struct reason *v, size_t n,
    int limits, bool is_young)
{
	bool is_abroad = false;
	int other = limits; /* than by where it comes from */

	count_once(v, n, PLACE);
	count_once(v, n, VOLUME);
	count_once(v, n, MET);
	for (size_t i = 0; i < n; i++)
		is_abroad |= signal_is_of_place(&v[i]) && v[i].points > 0;
	bool is_halved = is_abroad && (is_young || is_nomad(in));

	for (size_t i = 0; i < n; i++) {
		if (is_halved && signal_is_of_place(&v[i]))
			v[i].points /= 2;
		if (!signal_is_of_place(&v[i]) && v[i].points > 0)
			other += v[i].points;
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].points < -other)
			v[i].points = -other;
	}
	leave_doubt(
	    v, n, (int)rules_settings(in->rules)->score_suspend - 1 - limits);
}
