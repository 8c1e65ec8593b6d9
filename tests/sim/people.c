/* people - what an innocent account plans for a day, however alarming it looks
 *
 * The week begins on a Monday. What happens once (the yearly newsletter, the
 * spike, the greetings) falls on a day of the judged week that is the
 * account's own.
 */
#include <math.h>

#include "tests/sim/world.h"

static bool
is_workday(int day)
{
	return day % 7 < 5;
}

/* A moment of the day: most in working hours, some in the evening. */
static int64_t
moment(struct account *a, int day)
{
	double hour = rng_chance(&a->rng, 0.8) ? rng_between(&a->rng, 8, 18)
					       : rng_between(&a->rng, 6, 23.5);

	return day * DAY + (int64_t)(hour * (double)HOUR);
}

/* The judged day on which this account does what it does once. */
static int
own_day(const struct world *w, const struct account *a)
{
	uint64_t h = rng_mix(w->seed * 31 + (uint64_t)(a - w->accounts));

	return w->before + (int)(h % (unsigned)(w->days < 5 ? w->days : 5));
}

static uint32_t
somebody(struct account *a, double new_share)
{
	uint32_t who;

	if (!rng_chance(&a->rng, new_share))
		return world_contact(a);
	who = world_stranger(&a->rng, 0.02);
	if ((who & RECIPIENT_DEAD) == 0)
		world_meet(a, who);
	return who;
}

/* Ordinary letters: n of them over the day. */
static void
letters(struct world *w, struct account *a, int day, double mean, double news)
{
	unsigned n = rng_poisson(&a->rng, mean);

	while (n-- > 0) {
		struct plan p = {.at = moment(a, day)};
		unsigned width = rng_below(&a->rng, 100);

		p.from = world_client(a, p.at);
		p.n = width < 84   ? 1
		      : width < 99 ? 2 + rng_below(&a->rng, 3)
				   : 5 + rng_below(&a->rng, 8);
		for (unsigned i = 0; i < p.n; i++)
			p.to[i] = somebody(a, news);
		world_plan(w, a, &p);
	}
}

/* A run: the same text to many, so many at a time. */
struct run {
	int64_t at;
	unsigned n, width; /* recipients, and in one message */
	double every;	   /* mean seconds from one message to the next */
	double strangers, dead;
	enum way way;
	client from; /* 0: from where it usually sends */
};

static void
run(struct world *w, struct account *a, const struct run *r)
{
	struct plan p = {.at = r->at,
	    .way = r->way,
	    .size = (uint32_t)rng_lognormal(&a->rng, 25000, 1),
	    .shape = (uint32_t)rng_next(&a->rng) | 1};

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
		world_meet(a, world_stranger(&a->rng, 0.01));
}

/* All of the list, each once. */
static void
to_the_list(struct world *w, struct account *a, int64_t at, unsigned width,
    double every)
{
	struct plan p = {.at = at,
	    .size = (uint32_t)rng_lognormal(&a->rng, 40000, 0.8),
	    .shape = (uint32_t)rng_next(&a->rng) | 1};

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
	letters(w, a, day, 3 * a->activity, 0.1);
	if (day % (h & 1 ? 7 : 14) != (int)(h >> 16) % 5)
		return;
	for (unsigned i = rng_below(&a->rng, 12); i-- > 0;)
		world_meet(a, world_stranger(&a->rng, 0.02));
	to_the_list(
	    w, a, moment(a, day), is_single ? 1 : 50, is_single ? 0.5 : 8);
}

static void
shop(struct world *w, struct account *a, int day)
{
	double mean = 35 * a->activity * (day == own_day(w, a) ? 10 : 1);
	unsigned n = rng_poisson(&a->rng, fmin(mean, 2500));

	while (n-- > 0) {
		struct plan p = {.at = moment(a, day),
		    .from = a->homes[0],
		    .shape = 77,
		    .n = 1};

		p.size = 12000 + rng_below(&a->rng, 900);
		p.to[0] = world_stranger(&a->rng, 0.015);
		world_plan(w, a, &p);
	}
}

static void
club(struct world *w, struct account *a, int day, bool is_alias)
{
	struct plan p = {.at = moment(a, day),
	    .n = 150,
	    .way = is_alias ? WAY_ALIAS : WAY_SUBMISSION};

	if (day == 0)
		while (a->n_contacts < 200)
			world_meet(a, world_stranger(&a->rng, 0.02));
	letters(w, a, day, 1.5 * a->activity, 0.06);
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
traveller(struct world *w, struct account *a, int day)
{
	client home = a->homes[0];

	if (day >= own_day(w, a))
		a->homes[0] = (rng_mix(home + (uint64_t)day / 2) & 0x0fffffff) |
			      UINT64_C(0xf0000000);
	letters(w, a, day, 4 * a->activity, 0.1);
	a->homes[0] = home;
}

static void
forwarder(struct world *w, struct account *a, int day)
{
	unsigned n = rng_poisson(&a->rng, 30 * a->activity);
	bool loops = day == own_day(w, a);
	struct plan p = {.way = WAY_FORWARD, .n = 1};

	letters(w, a, day, 1, 0.1);
	p.to[0] = a->contacts[0] & RECIPIENT_NUMBER;
	while (n-- > 0) {
		p.at = moment(a, day);
		p.from = world_anywhere(&a->rng);
		world_plan(w, a, &p);
	}
	p.at = moment(a, day);
	p.from = world_anywhere(&a->rng);
	for (n = 0; loops && n < 400; n++) {
		p.at += 1500;
		world_plan(w, a, &p);
	}
}

static void
vacation(struct world *w, struct account *a, int day)
{
	unsigned n = rng_poisson(&a->rng, 12 * a->activity);

	letters(w, a, day, 2 * a->activity, 0.1);
	while (n-- > 0) {
		struct plan p = {.at = moment(a, day),
		    .from = world_anywhere(&a->rng),
		    .n = 1};

		p.way = n % 2 ? WAY_FORWARD : WAY_AUTOREPLY;
		p.to[0] = n % 2 ? a->contacts[0] & RECIPIENT_NUMBER
				: world_stranger(&a->rng, 0.1);
		world_plan(w, a, &p);
	}
}

static void
impatient(struct world *w, struct account *a, int day)
{
	unsigned n = rng_poisson(&a->rng, 10 * a->activity);

	while (n-- > 0) {
		struct plan p = {
		    .at = moment(a, day), .n = 1 + rng_below(&a->rng, 15)};
		unsigned tries = rng_below(&a->rng, 5);

		p.from = world_client(a, p.at);
		for (unsigned i = 0; i < p.n; i++)
			p.to[i] = somebody(a, 0.06);
		p.way = WAY_ABORTED;
		for (; tries-- > 0; p.at += 20 * SECOND)
			world_plan(w, a, &p);
		p.way = WAY_SUBMISSION;
		world_plan(w, a, &p);
		if (rng_chance(&a->rng, 0.1)) {
			p.at += 2 * MINUTE;
			world_plan(w, a, &p);
		}
	}
}

static void
cron(struct world *w, struct account *a, int day)
{
	unsigned n = day == own_day(w, a) ? 700 : 12;
	int64_t at = moment(a, day);

	for (unsigned i = 0; i < n; i++) {
		struct plan p = {.from = a->homes[0], .n = 1, .shape = 99};

		p.at = n > 100 ? at + i * 4 * SECOND : day * DAY + i * 2 * HOUR;
		p.size = 2200 + rng_below(&a->rng, 300);
		p.to[0] = a->contacts[i % 2] & RECIPIENT_NUMBER;
		world_plan(w, a, &p);
	}
}

/* What happens once, in the judged week. */
static void
once(struct world *w, struct account *a, int day)
{
	struct run r = {
	    .at = day * DAY +
		  (int64_t)(rng_between(&a->rng, 8.5, 17) * (double)HOUR)};
	bool is_single = rng_chance(&a->rng, 0.5);

	switch (a->kind) {
	case ORDINARY_YEARLY:
		r.n = (unsigned)fmin(rng_lognormal(&a->rng, 500, 0.6), 2500);
		r.width = is_single ? 1 : 40;
		r.every = is_single ? 1.5 : 20;
		r.strangers = 0.8;
		r.dead = rng_between(&a->rng, 0.02, 0.1);
		break;
	case ORDINARY_MERGE:
		r.n = 100 + rng_below(&a->rng, 300);
		r.width = 1;
		r.every = rng_between(&a->rng, 1, 4);
		r.strangers = 0.5;
		r.dead = 0.03;
		break;
	case ORDINARY_INVITATION:
		r.n = 80 + rng_below(&a->rng, 220);
		r.width = is_single ? 1 : 40;
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
	run(w, a, &r);
}

static void
invoices(struct world *w, struct account *a, int day)
{
	uint64_t h = rng_mix((uint64_t)(a - w->accounts) * 3 + w->seed);

	if (day == 0)
		subscribers(a, 150);
	letters(w, a, day, 6 * a->activity, 0.1);
	if (day % 7 != (int)(h % 5))
		return;
	run(w, a,
	    &(struct run){.at = moment(a, day),
		.n = (unsigned)fmin((double)a->n_contacts, 500),
		.width = 1,
		.every = 2,
		.strangers = 0.08,
		.dead = 0.02});
}

static void
ramping(struct world *w, struct account *a, int day)
{
	double age = (double)(day * DAY - a->born) / (double)DAY + 1;

	if (age > 0)
		letters(w, a, day, fmin(8 * age * a->activity, 140), 0.5);
}

void
people_day(struct world *w, struct account *a, int day)
{
	double share = is_workday(day) ? 1 : 0.35;

	/* Nobody lives there. */
	if (a->attack == ATTACK_THROWAWAY)
		return;
	switch (a->kind) {
	case ORDINARY_OFFICE:
		letters(w, a, day, 18 * a->activity * share, 0.1);
		break;
	case ORDINARY_AGENT:
		letters(w, a, day, 20 * a->activity * share, 0.7);
		break;
	case ORDINARY_SUPPORT:
		letters(w, a, day, 70 * a->activity * share, 0.85);
		break;
	case ORDINARY_NEWSLETTER:
		newsletter(w, a, day);
		break;
	case ORDINARY_INVOICES:
		invoices(w, a, day);
		break;
	case ORDINARY_SHOP:
		shop(w, a, day);
		break;
	case ORDINARY_CLUB:
	case ORDINARY_CLUB_ALIAS:
		club(w, a, day, a->kind == ORDINARY_CLUB_ALIAS);
		break;
	case ORDINARY_TRAVELLER:
		traveller(w, a, day);
		break;
	case ORDINARY_RAMPING:
		ramping(w, a, day);
		break;
	case ORDINARY_FORWARDER:
		forwarder(w, a, day);
		break;
	case ORDINARY_VACATION:
		vacation(w, a, day);
		break;
	case ORDINARY_IMPATIENT:
		impatient(w, a, day);
		break;
	case ORDINARY_CRON:
		cron(w, a, day);
		break;
	default:
		letters(w, a, day, 3 * a->activity * share, 0.08);
		if ((a->kind == ORDINARY_YEARLY || a->kind == ORDINARY_MERGE ||
			a->kind == ORDINARY_INVITATION ||
			a->kind == ORDINARY_GREETINGS) &&
		    day == own_day(w, a))
			once(w, a, day);
	}
}
