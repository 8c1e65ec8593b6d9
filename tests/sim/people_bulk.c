/* people_bulk - innocent accounts that send to many, at times or always
 */
#include <math.h>

#include "tests/sim/people_parts.h"

static void
letters(struct world *w, struct account *a, int day, double mean)
{
	people_letters(
	    w, a, &(struct letters){.day = day, .mean = mean, .news = 0.1});
}

void
people_run(struct world *w, struct account *a, const struct run *r)
{
	struct plan p = {.at = r->at,
	    .size = (uint32_t)rng_lognormal(&a->rng, 25000, 1),
	    .shape = (uint32_t)rng_next(&a->rng) | 1,
	    .refused = r->refused};

	p.from = r->from != 0 ? r->from : world_client(a, p.at);
	for (unsigned left = r->n; left > 0; left -= p.n) {
		p.n = left < r->width ? left : r->width;
		for (unsigned i = 0; i < p.n; i++)
			p.to[i] = rng_chance(&a->rng, r->strangers)
				      ? world_stranger(&a->rng, r->dead)
				      : a->contacts[rng_below(
					    &a->rng, (unsigned)a->n_contacts)];
		world_plan(w, a, &p);
		p.at += (int64_t)(rng_exp(&a->rng, r->every) * (double)SECOND) +
			200;
	}
}

/* Its list, written to before: contacts are what is on it. */
static void
subscribers(struct account *a, double median)
{
	unsigned n = (unsigned)fmin(rng_lognormal(&a->rng, median, 0.8), 4000);

	while (a->n_contacts < n)
		world_meet(a, world_stranger(&a->rng, 0.015));
}

/* All of the list, each once. */
static void
to_the_list(struct world *w, struct account *a, int64_t at, unsigned width,
    double every)
{
	struct plan p = {.at = at,
	    .size = (uint32_t)rng_lognormal(&a->rng, 40000, 0.8),
	    .shape = (uint32_t)rng_next(&a->rng) | 1,
	    .refused = rng_between(&a->rng, 0.002, 0.03)};

	p.from = world_client(a, at);
	for (size_t i = 0; i < a->n_contacts; i += p.n) {
		p.n = 0;
		while (p.n < width && i + p.n < a->n_contacts) {
			p.to[p.n] = a->contacts[i + p.n];
			p.n++;
		}
		world_plan(w, a, &p);
		p.at +=
		    (int64_t)(rng_exp(&a->rng, every) * (double)SECOND) + 300;
	}
}

static void
newsletter(struct world *w, struct account *a, int day)
{
	uint64_t h = rng_mix((uint64_t)(a - w->accounts) + w->seed);
	bool is_single = h >> 8 & 1;

	if (day == 0)
		subscribers(a, 500);
	letters(w, a, day, 3 * a->activity);
	if (day % (h & 1 ? 7 : 14) != (int)(h >> 16) % 5)
		return;
	for (unsigned i = rng_below(&a->rng, 30); i-- > 0;)
		world_meet(a, world_stranger(&a->rng, 0.04));
	/* Some of those who were there have gone. */
	for (size_t i = 0; i < a->n_contacts; i++)
		if (rng_chance(&a->rng, 0.004))
			a->contacts[i] |= RECIPIENT_DEAD;
	to_the_list(w, a, people_moment(a, day), is_single ? 1 : 50,
	    is_single ? 0.5 : 8);
}

/* One message to each who bought, or filled in a form: strangers. */
static void
to_visitors(
    struct world *w, struct account *a, int day, double mean, double dead)
{
	unsigned n = rng_poisson(&a->rng,
	    fmin(mean * a->activity *
		     (day == people_own_day(w, a) ? rng_between(&a->rng, 5, 15)
						  : 1),
		2500));

	while (n-- > 0) {
		struct plan p = {.at = people_moment(a, day),
		    .from = a->homes[0],
		    .shape = 77,
		    .n = 1};

		p.size = 12000 + rng_below(&a->rng, 900);
		p.to[0] = world_stranger(&a->rng, dead);
		world_plan(w, a, &p);
	}
}

static void
club(struct world *w, struct account *a, int day, bool is_alias)
{
	struct plan p = {.at = people_moment(a, day),
	    .n = 150,
	    .way = is_alias ? WAY_ALIAS : WAY_SUBMISSION};

	if (day == 0)
		while (a->n_contacts < 200)
			world_meet(a, world_stranger(&a->rng, 0.02));
	letters(w, a, day, 1.5 * a->activity);
	if (day % 7 != (int)((a - w->accounts) % 6) ||
	    (day < w->before && rng_chance(&a->rng, 0.4)))
		return;
	p.from = world_client(a, p.at);
	p.n = 100 + rng_below(&a->rng, 60);
	for (unsigned i = 0; i < p.n; i++)
		p.to[i] = a->contacts[i];
	world_plan(w, a, &p);
}

static void
invoices(struct world *w, struct account *a, int day)
{
	uint64_t h = rng_mix((uint64_t)(a - w->accounts) * 3 + w->seed);

	if (day == 0)
		subscribers(a, 150);
	letters(w, a, day, 6 * a->activity);
	if (day % 7 != (int)(h % 5))
		return;
	people_run(w, a,
	    &(struct run){.at = people_moment(a, day),
		.n = (unsigned)fmin((double)a->n_contacts, 500),
		.width = 1,
		.every = 2,
		.strangers = 0.08,
		.dead = 0.02});
}

static void
cron(struct world *w, struct account *a, int day)
{
	unsigned n = day == people_own_day(w, a) ? 700 : 12;
	int64_t at = people_moment(a, day);

	for (unsigned i = 0; i < n; i++) {
		struct plan p = {.from = a->homes[0], .n = 1, .shape = 99};

		p.at = n > 100 ? at + i * 4 * SECOND : day * DAY + i * 2 * HOUR;
		p.size = 2200 + rng_below(&a->rng, 300);
		p.to[0] = a->contacts[i % 2] & RECIPIENT_NUMBER;
		world_plan(w, a, &p);
	}
}

/* What happens once, in the judged week: to whom, how fast, how well kept. */
static struct run
once(struct account *a)
{
	bool is_single = rng_chance(&a->rng, 0.5);
	struct run r = {.width = is_single ? 1 : 40};

	switch (a->kind) {
	case ORDINARY_YEARLY:
		r.n = (unsigned)fmin(rng_lognormal(&a->rng, 500, 0.6), 2500);
		r.every = is_single ? 1.5 : 20;
		r.strangers = 0.8;
		r.dead = rng_between(&a->rng, 0.02, 0.15);
		r.refused = rng_between(&a->rng, 0.005, 0.05);
		break;
	case ORDINARY_MERGE:
		r.n = 100 + rng_below(&a->rng, 300);
		r.width = 1;
		r.every = rng_between(&a->rng, 1, 4);
		r.strangers = 0.5;
		r.dead = 0.03;
		break;
	case ORDINARY_FEES:
		r.n = 80 + rng_below(&a->rng, 280);
		r.width = 1;
		r.every = rng_between(&a->rng, 0.5, 12);
		r.strangers = rng_between(&a->rng, 0.9, 1);
		r.dead = rng_between(&a->rng, 0.02, 0.08);
		break;
	case ORDINARY_CAMPAIGN:
		r.n = 60 + rng_below(&a->rng, 300);
		r.every = is_single ? rng_between(&a->rng, 2, 20) : 45;
		r.strangers = 1;
		r.dead = rng_between(&a->rng, 0.02, 0.1);
		r.refused = rng_between(&a->rng, 0.002, 0.03);
		break;
	case ORDINARY_INVITATION:
		r.n = 80 + rng_below(&a->rng, 220);
		r.every = is_single ? 15 : 90;
		r.strangers = 0.5;
		r.dead = rng_between(&a->rng, 0.03, 0.08);
		break;
	default:
		r.n = 150 + rng_below(&a->rng, 250);
		r.width = is_single ? 1 : 25;
		r.every = is_single ? 6 : 60;
		r.strangers = 0.75;
		r.dead = rng_between(&a->rng, 0.12, 0.25);
	}
	return r;
}

/* A new customer begins within a day or two, all others on their own day. */
static bool
is_the_day(const struct world *w, struct account *a, int day)
{
	if (a->kind == ORDINARY_CAMPAIGN)
		return day == (int)(a->born / DAY) + 1;
	return day == people_own_day(w, a);
}

static void
once_a_year(struct world *w, struct account *a, int day)
{
	struct run r;

	letters(w, a, day, 3 * a->activity * (day % 7 < 5 ? 1 : 0.35));
	if (!is_the_day(w, a, day))
		return;
	r = once(a);
	r.at =
	    day * DAY + (int64_t)(rng_between(&a->rng, 8.5, 17) * (double)HOUR);
	people_run(w, a, &r);
}

/* Once, from abroad. */
static void
away(struct world *w, struct account *a, int day)
{
	bool is_club = a->kind == ORDINARY_HOLIDAY;
	bool is_single = rng_chance(&a->rng, 0.5);
	struct run r = {.at = people_moment(a, day),
	    .n = is_club ? 150 + rng_below(&a->rng, 150)
			 : 50 + rng_below(&a->rng, 100),
	    .width = is_single ? 1 : 50,
	    .every = is_single ? rng_between(&a->rng, 1, 30) : 60,
	    .strangers = is_club ? 0.1 : 0.7,
	    .dead = rng_between(&a->rng, 0, 0.05),
	    .from = places_abroad(&a->rng)};

	if (is_club)
		club(w, a, day, false);
	else
		letters(w, a, day, 3 * a->activity);
	if (day == people_own_day(w, a))
		people_run(w, a, &r);
}

bool
people_bulk_day(struct world *w, struct account *a, int day)
{
	switch (a->kind) {
	case ORDINARY_NEWSLETTER:
		newsletter(w, a, day);
		return true;
	case ORDINARY_INVOICES:
		invoices(w, a, day);
		return true;
	case ORDINARY_SHOP:
		to_visitors(w, a, day, 35, 0.015);
		return true;
	case ORDINARY_WEBSITE:
		to_visitors(w, a, day, 10, 0.07);
		return true;
	case ORDINARY_CLUB:
	case ORDINARY_CLUB_ALIAS:
		club(w, a, day, a->kind == ORDINARY_CLUB_ALIAS);
		return true;
	case ORDINARY_CRON:
		cron(w, a, day);
		return true;
	case ORDINARY_WEDDING:
	case ORDINARY_HOLIDAY:
		away(w, a, day);
		return true;
	case ORDINARY_YEARLY:
	case ORDINARY_FEES:
	case ORDINARY_MERGE:
	case ORDINARY_CAMPAIGN:
	case ORDINARY_INVITATION:
	case ORDINARY_GREETINGS:
		once_a_year(w, a, day);
		return true;
	default:
		return false;
	}
}
