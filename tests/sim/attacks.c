/* attacks - all that a thief does with an account
 *
 * He begins at a random moment of the judged days' first half, knows nothing of
 * any limit, and goes on until he is through: what he would send if nobody
 * stopped him. His lists are bought: a part is dead, and filters grow stricter
 * the more of it arrives. Most of his machines are abroad, some are where the
 * victim lives, a few with the victim's own provider.
 */
#include <math.h>

#include "tests/sim/world.h"

struct thief {
	struct world *w;
	struct account *a;
	struct rng *r;
	int64_t at;
	double dead;	/* of his list */
	double refused; /* at first; grows */
	bool is_liked;	/* nobody refuses */
	uint32_t shape; /* the text of his spam */
	uint16_t disguise;
	double filtered; /* by the host's own filter */
	client home;	 /* the address he uses, when it is one */
	unsigned sent;
};

/* A machine that he got hold of. */
static client
machine(struct thief *t)
{
	double u = rng_unit(t->r);

	return u < 0.4	  ? places_abroad(t->r)
	       : u < 0.65 ? places_server(t->r)
	       : u < 0.9  ? places_country(t->r)
			  : places_neighbour(t->r, t->a->homes[0]);
}

static void
hand_in(struct thief *t, client from, unsigned width, bool known)
{
	struct plan p = {.at = t->at,
	    .from = from,
	    .is_attack = true,
	    .shape = t->shape,
	    .disguise = t->disguise,
	    .n = width > RECIPIENTS_MAX ? RECIPIENTS_MAX : width};
	double refused =
	    t->is_liked ? 0 : fmin(t->refused + t->sent / 4000.0, 0.5);

	p.size = 3000 + t->shape % 9000 + rng_below(t->r, 300);
	for (unsigned i = 0; i < p.n; i++) {
		p.to[i] =
		    known ? world_contact(t->a) : world_stranger(t->r, t->dead);
		if ((p.to[i] & (RECIPIENT_DEAD | RECIPIENT_INSIDE)) == 0 &&
		    rng_chance(t->r, refused))
			p.to[i] |= RECIPIENT_REFUSES;
	}
	/* Some of it the host's own filter catches. */
	if (rng_chance(t->r, t->filtered))
		p.way = WAY_FILTERED;
	world_plan(t->w, t->a, &p);
	t->sent += p.n;
}

static void
pause_for(struct thief *t, double mean_seconds)
{
	t->at += (int64_t)(rng_exp(t->r, mean_seconds) * (double)SECOND) + 50;
}

/* n messages, all alike. */
enum from { FROM_ONE, FROM_MANY, FROM_NEIGHBOURS };

static void
series(
    struct thief *t, unsigned n, unsigned width, double every, enum from from)
{
	while (n-- > 0) {
		hand_in(t,
		    from == FROM_MANY ? machine(t)
		    : from == FROM_NEIGHBOURS
			? places_neighbour(t->r, t->a->homes[0])
			: t->home,
		    width > 1 ? width / 2 + rng_below(t->r, width / 2 + 1) : 1,
		    false);
		pause_for(t, every);
	}
}

/* So many an hour between two hours of each night or day. */
static void
steadily(struct thief *t, int days, int from, int to, double an_hour)
{
	int64_t day = t->at - t->at % DAY;

	for (int d = 0; d < days; d++, day += DAY) {
		t->at = day + from * HOUR +
			(int64_t)(rng_unit(t->r) * (double)HOUR);
		while (t->at < day + to * HOUR) {
			hand_in(t, t->home, 1, false);
			pause_for(t, 3600 / an_hour);
		}
	}
}

static void
contacts(struct thief *t)
{
	unsigned n = (unsigned)fmin((double)t->a->n_contacts * 3 + 60, 400);

	for (unsigned i = 0; i < n; i++) {
		/* The address book first, then who stands in old letters. */
		hand_in(t, t->home, 1, rng_chance(t->r, 0.85));
		pause_for(t, 3);
	}
}

static void
inside(struct thief *t)
{
	unsigned n = 30 + rng_below(t->r, 120);
	struct plan p = {.from = t->home,
	    .is_attack = true,
	    .n = 1,
	    .shape = t->shape,
	    .size = 4000};

	while (n-- > 0) {
		p.at = t->at;
		p.to[0] = ((uint32_t)rng_next(t->r) & RECIPIENT_NUMBER) |
			  RECIPIENT_INSIDE;
		world_plan(t->w, t->a, &p);
		pause_for(t, 4);
	}
	t->at += (int64_t)(rng_between(t->r, 0.2, 5) * (double)HOUR);
	series(t, 400 + rng_below(t->r, 1000), 1, 2, FROM_ONE);
}

static void
probe(struct thief *t)
{
	uint32_t himself = world_stranger(t->r, 0);

	for (unsigned n = 1 + rng_below(t->r, 3); n-- > 0;) {
		struct plan p = {.at = t->at,
		    .from = t->home,
		    .n = 1,
		    .is_attack = true,
		    .size = 800,
		    .to = {himself}};

		world_plan(t->w, t->a, &p);
		pause_for(t, 300);
	}
	t->at += (int64_t)(rng_between(t->r, 2, 14) * (double)HOUR);
	if (rng_chance(t->r, 0.5))
		t->home = machine(t);
	series(t, 500 + rng_below(t->r, 3000), 1, rng_between(t->r, 0.3, 3),
	    FROM_ONE);
}

/* As many an hour as its owner writes in his, while he sleeps, from the same
 * country, to addresses that were tried before. */
static void
within_usual(struct thief *t)
{
	double a_day = t->a->kind == ORDINARY_SUPPORT ? 70 : 19;

	t->home = places_country(t->r);
	t->dead = rng_between(t->r, 0.01, 0.04);
	t->refused = rng_between(t->r, 0.01, 0.05);
	steadily(t, 3, 0, 6,
	    fmax(a_day * t->a->activity / 10 * rng_between(t->r, 0.5, 1), 1));
}

/* He has a list of accounts, and a few passwords that many use. */
static void
try_passwords(struct thief *t)
{
	unsigned n = 10 + rng_below(t->r, 20);
	struct plan p = {.from = t->home, .way = WAY_FAILED, .n = 1};

	p.at = t->at - n * 20 * SECOND;
	for (; n > 0; n--, p.at += 20 * SECOND)
		world_plan(t->w,
		    &t->w->accounts[rng_below(t->r, t->w->n_accounts)], &p);
	series(t, 100 + rng_below(t->r, 500), 1, rng_between(t->r, 5, 60),
	    FROM_ONE);
}

static void
plan_signs(struct thief *t, enum attack kind)
{
	struct rng *r = t->r;

	switch (kind) {
	case ATTACK_EXISTING:
		t->dead = t->filtered = 0;
		t->is_liked = true;
		t->home = places_abroad(r);
		series(t, 1000 + rng_below(r, 5000), 1 + rng_below(r, 20),
		    rng_between(r, 0.03, 2), FROM_ONE);
		break;
	case ATTACK_TRIED:
		try_passwords(t);
		break;
	case ATTACK_DISGUISED:
		t->home = world_client(t->a, t->at);
		t->disguise = (uint16_t)(1000 + rng_below(r, 1000));
		series(t, 200 + rng_below(r, 600), 1, rng_between(r, 5, 30),
		    FROM_ONE);
		break;
	case ATTACK_MARKED:
		t->home = places_neighbour(r, t->a->homes[0]);
		t->filtered = 0.6;
		series(t, 200 + rng_below(r, 700), 1, rng_between(r, 10, 60),
		    FROM_ONE);
		break;
	default:
		break;
	}
}

/* From the host itself, or from a new account. */
static void
plan_elsewhere(struct thief *t, enum attack kind)
{
	struct rng *r = t->r;

	switch (kind) {
	case ATTACK_WEBFORM:
		/* From the victim's own server, to strangers: only who gets
		 * it, and how much, is new. */
		t->home = t->a->homes[0];
		series(t, 300 + rng_below(r, 1500), 1, rng_between(r, 3, 20),
		    FROM_ONE);
		break;
	case ATTACK_GANG:
	case ATTACK_TEMPLATE:
		series(t, 150 + rng_below(r, 200), 1, rng_between(r, 40, 90),
		    FROM_ONE);
		break;
	case ATTACK_THROWAWAY:
	case ATTACK_BRAKES:
		series(t, 200 + rng_below(r, 1200), 1, rng_between(r, 0.5, 4),
		    FROM_ONE);
		break;
	case ATTACK_ROBBED:
		t->home = world_client(t->a, t->at);
		series(t, 300 + rng_below(r, 1800), 1, rng_between(r, 1, 8),
		    FROM_ONE);
		break;
	case ATTACK_BULK:
		series(t, 1000 + rng_below(r, 4000), 1 + rng_below(r, 30),
		    rng_between(r, 0.5, 10), FROM_ONE);
		break;
	case ATTACK_WEBMAIL:
		t->home = t->w->webmail;
		series(t, 15 + rng_below(r, 50), 60, rng_between(r, 40, 300),
		    FROM_ONE);
		break;
	case ATTACK_CLEAN:
		t->dead = rng_between(r, 0, 0.02);
		t->refused = rng_between(r, 0, 0.02);
		series(t, 300 + rng_below(r, 1500), 1, rng_between(r, 10, 60),
		    FROM_ONE);
		break;
	default:
		plan_signs(t, kind);
	}
}

static void
plan(struct thief *t, enum attack kind)
{
	struct rng *r = t->r;

	switch (kind) {
	case ATTACK_BLAST:
		series(t, 1000 + rng_below(r, 6000), 1, rng_between(r, 0.2, 3),
		    FROM_ONE);
		break;
	case ATTACK_BOTNET:
		series(t, 500 + rng_below(r, 4000), 1, rng_between(r, 2, 12),
		    FROM_MANY);
		break;
	case ATTACK_NEIGHBOUR:
		series(t, 300 + rng_below(r, 2500), 1, rng_between(r, 3, 60),
		    FROM_NEIGHBOURS);
		break;
	case ATTACK_HUNDREDS:
		series(t, 20 + rng_below(r, 60), 100, rng_between(r, 20, 400),
		    rng_chance(r, 0.5) ? FROM_MANY : FROM_ONE);
		break;
	case ATTACK_NIGHT:
		steadily(
		    t, 2 + (int)rng_below(r, 2), 1, 5, rng_between(r, 20, 45));
		break;
	case ATTACK_EIGHT:
		steadily(t, 3, 0, 24, rng_between(r, 6, 10));
		break;
	case ATTACK_USUAL:
		within_usual(t);
		break;
	case ATTACK_PROBE:
		probe(t);
		break;
	case ATTACK_CONTACTS:
		contacts(t);
		break;
	case ATTACK_INSIDE:
		inside(t);
		break;
	default:
		plan_elsewhere(t, kind);
	}
}

void
attack_plan(struct world *w, struct account *a)
{
	size_t i = (size_t)(a - w->accounts);
	/* A thief with several accounts has one text for all of them, and
	 * mostly one address. */
	bool is_gang = a->attack == ATTACK_GANG || a->attack == ATTACK_TEMPLATE;
	uint64_t who = is_gang ? 1000000 + (uint64_t)a->attack : i;
	struct rng of = rng_for(w->seed, UINT64_C(0x7e1ef) + who), *r = &of;
	struct rng own;
	struct thief t = {.w = w, .a = a, .r = r};

	t.at = world_judged(w) +
	       (int64_t)(rng_between(r, 0.1, w->days / 2.0) * (double)DAY);
	t.dead = rng_between(r, 0.05, 0.3);
	t.refused = rng_between(r, 0.02, 0.2);
	t.shape = (uint32_t)rng_next(r) | 1;
	t.filtered = 0.03;
	t.home = machine(&t);
	if (a->attack == ATTACK_THROWAWAY)
		t.at = w->brakes_at + (int64_t)(rng_unit(r) * (double)HOUR);
	if (a->attack == ATTACK_BRAKES)
		t.at = w->brakes_at +
		       (int64_t)(rng_between(r, 0.5, 1.5) * (double)HOUR);
	/* What differs between the accounts of a gang. */
	own = rng_for(w->seed, UINT64_C(0xacc0) + i);
	t.r = &own;
	if (a->attack == ATTACK_TEMPLATE)
		t.home = machine(&t);
	if (is_gang)
		t.at += (int64_t)(rng_between(&own, 0, 2) * (double)HOUR);
	plan(&t, a->attack);
}
