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
 * networks, somebody else's name ... or so many strangers that the story ends
 * (doubt_most). While it is held the log tells no more of them: those that are
 * stopped here count then.
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
	       r->count != REASON_ODD_STRANGERS && r->count != COUNT_ATTEMPTS &&
	       r->count != REASON_NEW_COUNTRIES &&
	       r->count != REASON_COUNTRIES && r->count != COUNT_WIDE &&
	       r->count != COUNT_ALIKE;
}

/* So many strangers from elsewhere may still be a journey. Of who has just come
 * little is known, where it is at home neither. */
static uint64_t
doubt_most(const struct judge_input *in, const struct reason *r)
{
	enum { SETTLED = 7 * 86400, UNSETTLED = 5 };
	uint64_t most = (uint64_t)rules_settings(in->rules)->doubt_most;

	if (!r->is_own && in->now - subject_first_seen(in->subject) < SETTLED)
		most *= UNSETTLED;
	return most + r->bound;
}

/* Until so many more there is doubt; 0: there is none. */
static uint64_t
doubt_left(const struct judge_input *in, const struct reason *v, size_t n)
{
	const struct reason *there = NULL;
	uint64_t many = 0;

	for (size_t i = 0; i < n; i++) {
		if (v[i].points > 0 && v[i].count == COUNT_FOREIGN_STRANGERS)
			there = &v[i];
		else if (v[i].points > 0 && v[i].count == COUNT_ATTEMPTS)
			many = v[i].value;
	}
	if (!there)
		return UINT64_MAX;
	uint64_t most = doubt_most(in, there);

	many = many > there->value ? many : there->value;
	return many > most ? 0 : most + 1 - many;
}

/* The dearest pays for what the others are too many, and where there is no
 * doubt for what is missing; not for a limit that suspends by itself. */
static void
settle_doubt(const struct judge_input *in, struct reason *v, size_t n,
    int limits, bool is_doubt)
{
	const struct limits_settings *s = rules_settings(in->rules);
	int enough = (int)s->score_suspend - limits, sum = 0;
	struct reason *dearest = &v[0];
	bool has_more = false;

	for (size_t i = 0; i < n; i++) {
		has_more |= is_more(&v[i]);
		sum += v[i].points;
		if (v[i].points > dearest->points)
			dearest = &v[i];
	}
	if (n == 0 || enough <= 0)
		return;
	if (is_doubt && !has_more && sum >= enough)
		dearest->points -= sum - enough + 1;
	if (!is_doubt && sum + limits >= s->score_hold && sum < enough)
		dearest->points += enough - sum;
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

uint64_t
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
	uint64_t left = doubt_left(in, v, n);

	settle_doubt(in, v, n, limits, left > 0);
	return left > 0 ? left : UINT64_MAX;
}
