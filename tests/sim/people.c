/* people - what an innocent account plans for a day, however alarming it looks
 *
 * The week begins on a Monday. What happens once (the move, the journey, the
 * greetings) falls on a day of the judged week that is the account's own.
 */
#include <math.h>

#include "tests/sim/people_parts.h"

static bool
is_workday(int day)
{
	return day % 7 < 5;
}

int64_t
people_moment(struct account *a, int day)
{
	double hour = a->is_night ? rng_between(&a->rng, 0, 5)
		      : rng_chance(&a->rng, 0.8)
			  ? rng_between(&a->rng, 8, 18)
			  : rng_between(&a->rng, 6, 23.5);

	hour = fmod(hour + a->shift + 24, 24);
	return day * DAY + (int64_t)(hour * (double)HOUR);
}

int
people_own_day(const struct world *w, const struct account *a)
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

void
people_letters(struct world *w, struct account *a, const struct letters *l)
{
	unsigned n = rng_poisson(&a->rng, l->mean);

	while (n-- > 0) {
		struct plan p = {.at = people_moment(a, l->day)};
		unsigned width = rng_below(&a->rng, 100);

		p.from = l->from ? l->from : world_client(a, p.at);
		p.disguise = l->disguise;
		p.n = width < 84   ? 1
		      : width < 99 ? 2 + rng_below(&a->rng, 3)
				   : 5 + rng_below(&a->rng, 8);
		for (unsigned i = 0; i < p.n; i++)
			p.to[i] = somebody(a, l->news);
		world_plan(w, a, &p);
	}
}

static void
letters(struct world *w, struct account *a, int day, double mean, double news)
{
	people_letters(
	    w, a, &(struct letters){.day = day, .mean = mean, .news = news});
}

/* From its own day on, wherever it goes: the hotel, the train, the telephone;
 * another country every other day. */
static void
traveller(struct world *w, struct account *a, int day)
{
	bool is_away = day >= people_own_day(w, a);
	struct rng country =
	    rng_for(w->seed + (uint64_t)(day / 2), a->homes[0]);
	client hotel = places_abroad(&country);

	a->shift = is_away ? (int)rng_below(&country, 17) - 8 : 0;
	if (!is_away) {
		letters(w, a, day, 4 * a->activity, 0.1);
		return;
	}
	for (int i = 0; i < 3; i++)
		people_letters(w, a,
		    &(struct letters){.day = day,
			.mean = 1.6 * a->activity,
			.news = 0.12,
			.from = i == 0	 ? hotel
				: i == 1 ? places_neighbour(&a->rng, hotel)
					 : places_abroad(&a->rng)});
}

static void
one_night(struct world *w, struct account *a, int day)
{
	letters(
	    w, a, day, 14 * a->activity * (is_workday(day) ? 1 : 0.35), 0.12);
	if (day != people_own_day(w, a))
		return;
	a->is_night = true;
	letters(w, a, day, rng_between(&a->rng, 5, 25),
	    rng_between(&a->rng, 0, 0.4));
	a->is_night = false;
}

static void
moved(struct world *w, struct account *a, int day)
{
	if (day == people_own_day(w, a))
		for (unsigned i = 0; i < a->n_homes; i++)
			a->homes[i] = places_country(&a->rng);
	letters(w, a, day, 6 * a->activity, 0.1);
}

static void
vpn(struct world *w, struct account *a, int day)
{
	for (int i = 0; i < 5; i++)
		people_letters(w, a,
		    &(struct letters){.day = day,
			.mean = a->activity,
			.news = 0.1,
			.from = places_server(&a->rng)});
}

/* Letters of application, one by one, on an evening. */
static void
applicant(struct world *w, struct account *a, int day)
{
	struct run r = {
	    .at = day * DAY +
		  (int64_t)(rng_between(&a->rng, 17, 21) * (double)HOUR),
	    .n = 12 + rng_below(&a->rng, 35),
	    .width = 1,
	    .every = rng_between(&a->rng, 30, 240),
	    .strangers = 1,
	    .dead = rng_between(&a->rng, 0.03, 0.12)};

	letters(w, a, day, 2 * a->activity, 0.1);
	if (day == people_own_day(w, a) || rng_chance(&a->rng, 0.1))
		people_run(w, a, &r);
}

static void
sleeper(struct world *w, struct account *a, int day)
{
	struct run r = {.at = people_moment(a, day),
	    .n = 20 + rng_below(&a->rng, 70),
	    .every = rng_between(&a->rng, 20, 200),
	    .dead = 0.05};

	if (day != people_own_day(w, a))
		return;
	r.width = rng_chance(&a->rng, 0.5) ? 1 : 20;
	r.from = rng_chance(&a->rng, 0.6) ? places_home(&a->rng) : a->homes[0];
	people_run(w, a, &r);
}

static void
forwarder(struct world *w, struct account *a, int day)
{
	unsigned n = rng_poisson(&a->rng, 30 * a->activity);
	bool loops = day == people_own_day(w, a);
	struct plan p = {.way = WAY_FORWARD, .n = 1, .refused = 0.08};

	letters(w, a, day, 1, 0.1);
	p.to[0] = a->contacts[0] & RECIPIENT_NUMBER;
	while (n-- > 0) {
		p.at = people_moment(a, day);
		p.from = places_abroad(&a->rng);
		world_plan(w, a, &p);
	}
	p.at = people_moment(a, day);
	p.from = places_abroad(&a->rng);
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
		struct plan p = {.at = people_moment(a, day),
		    .from = places_abroad(&a->rng),
		    .n = 1};

		p.way = n % 2 ? WAY_FORWARD : WAY_AUTOREPLY;
		p.refused = n % 2 ? 0.05 : 0;
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
		struct plan p = {.at = people_moment(a, day),
		    .n = 1 + rng_below(&a->rng, 15)};
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
ramping(struct world *w, struct account *a, int day)
{
	double age = (double)(day * DAY - a->born) / (double)DAY + 1;

	if (age > 0)
		letters(w, a, day, fmin(8 * age * a->activity, 140), 0.5);
}

/* A second domain of its own, and from its own day on a third. */
static void
domains(struct world *w, struct account *a, int day)
{
	uint16_t own = (uint16_t)(1 + 3 * (a - w->accounts));
	struct letters l = {
	    .day = day, .mean = 5 * a->activity, .news = 0.1, .disguise = own};

	letters(w, a, day, 5 * a->activity, 0.1);
	people_letters(w, a, &l);
	l.disguise = (uint16_t)(own + 1);
	if (day >= people_own_day(w, a))
		people_letters(w, a, &l);
}

/* The program asks every half hour, until somebody notices. */
static void
forgetful(struct world *w, struct account *a, int day)
{
	int own = people_own_day(w, a);
	struct plan p = {.way = WAY_FAILED, .n = 1, .from = a->homes[0]};

	letters(w, a, day, 6 * a->activity, 0.1);
	for (int i = 0; i < 48 && (day == own || day == own + 1); i++) {
		p.at = day * DAY + i * 30 * MINUTE;
		world_plan(w, a, &p);
	}
}

/* Those who only write letters: so many a day, a third at weekends. */
static const struct {
	enum ordinary kind;
	double mean, news;
	bool is_daily;
} writers[] = {
    {ORDINARY_OFFICE, 18, 0.1, false},
    {ORDINARY_NIGHT, 15, 0.15, true},
    {ORDINARY_TEAM, 40, 0.3, false},
    {ORDINARY_AGENT, 20, 0.7, false},
    {ORDINARY_SUPPORT, 70, 0.85, false},
};

static void
write_letters(struct world *w, struct account *a, int day)
{
	double share = is_workday(day) ? 1 : 0.35;

	for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++) {
		if (writers[i].kind != a->kind)
			continue;
		if (writers[i].is_daily)
			share = 1;
		letters(w, a, day, writers[i].mean * a->activity * share,
		    writers[i].news);
		return;
	}
	letters(w, a, day, 3 * a->activity * share, 0.08);
}

void
people_day(struct world *w, struct account *a, int day)
{
	/* Nobody lives there. */
	if (a->attack == ATTACK_THROWAWAY || people_bulk_day(w, a, day))
		return;
	switch (a->kind) {
	case ORDINARY_TRAVELLER:
		traveller(w, a, day);
		break;
	case ORDINARY_ONE_NIGHT:
		one_night(w, a, day);
		break;
	case ORDINARY_MOVED:
		moved(w, a, day);
		break;
	case ORDINARY_VPN:
		vpn(w, a, day);
		break;
	case ORDINARY_APPLICANT:
		applicant(w, a, day);
		break;
	case ORDINARY_SLEEPER:
		sleeper(w, a, day);
		break;
	case ORDINARY_DOMAINS:
		domains(w, a, day);
		break;
	case ORDINARY_FORGETFUL:
		forgetful(w, a, day);
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
	default:
		write_letters(w, a, day);
	}
}
