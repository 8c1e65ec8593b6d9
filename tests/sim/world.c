/* world - the accounts of a made-up mail host, whom they know, what they send
 */
#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PURPOSE_WORLD = 1,
	PURPOSE_ACCOUNT = 1000,
/* The sums in attacks.def and people.def. */
#define ATTACK(name, text, share, what) +share
	VICTIM_SHARES = 0
#include "tests/sim/attacks.def"
	,
#undef ATTACK
#define ORDINARY(name, text, share, who) +share
	ORDINARY_SHARES = 0
#include "tests/sim/people.def"
	,
#undef ORDINARY
};

const char *
ordinary_text(enum ordinary k)
{
	static const char *const text[] = {
#define ORDINARY(name, text, share, who) text,
#include "tests/sim/people.def"
#undef ORDINARY
	};

	return text[k];
}

const char *
attack_text(enum attack a)
{
	static const char *const text[] = {
	    "",
#define ATTACK(name, text, share, what) text,
#include "tests/sim/attacks.def"
#undef ATTACK
	};

	return text[a];
}

static enum ordinary
ordinary_at(unsigned place)
{
	static const unsigned shares[] = {
#define ORDINARY(name, text, share, who) share,
#include "tests/sim/people.def"
#undef ORDINARY
	};
	unsigned sum = 0;

	for (enum ordinary k = 0; k < ORDINARIES; k++)
		if ((sum += shares[k]) > place)
			return k;
	return ORDINARY_PERSON;
}

static enum attack
attack_at(unsigned place)
{
	static const unsigned shares[] = {
	    0,
#define ATTACK(name, text, share, what) share,
#include "tests/sim/attacks.def"
#undef ATTACK
	};
	unsigned sum = 0;

	for (enum attack k = ATTACK_NONE + 1; k < ATTACKS; k++)
		if ((sum += shares[k]) > place)
			return k;
	return ATTACK_BLAST;
}

static void *
grown(void *p, size_t n, size_t *max, size_t size)
{
	if (n <= *max)
		return p;
	*max = n * 2 + 1024;
	p = realloc(p, *max * size);
	if (p == NULL)
		abort();
	return p;
}

int64_t
world_judged(const struct world *w)
{
	return w->before * DAY;
}

int64_t
world_end(const struct world *w)
{
	return (w->before + w->days) * DAY;
}

uint32_t
world_stranger(struct rng *r, double dead)
{
	uint32_t who = (uint32_t)rng_next(r) & RECIPIENT_NUMBER;

	if (rng_chance(r, dead))
		who |= RECIPIENT_DEAD;
	else if (rng_chance(r, 0.004))
		who |= RECIPIENT_FULL;
	return who & ~(RECIPIENT_INSIDE | RECIPIENT_REFUSES);
}

uint32_t
world_contact(struct account *a)
{
	double u = rng_unit(&a->rng);

	return a->contacts[(size_t)(u * u * (double)a->n_contacts)];
}

void
world_meet(struct account *a, uint32_t who)
{
	uint32_t *p = realloc(a->contacts, (a->n_contacts + 1) * sizeof(*p));

	if (p == NULL)
		abort();
	a->contacts = p;
	a->contacts[a->n_contacts++] = who;
}

client
world_client(struct account *a, int64_t at)
{
	client home =
	    a->homes[rng_chance(&a->rng, 0.7) ? 0
					      : rng_below(&a->rng, a->n_homes)];

	if (a->has_mobile && rng_chance(&a->rng, 0.25))
		return places_mobile(&a->rng, a->homes[0]);
	return a->is_dynamic ? places_renewed(home, (uint64_t)(at / DAY))
			     : home;
}

bool
world_is_person(enum ordinary kind)
{
	switch (kind) {
	case ORDINARY_PERSON:
	case ORDINARY_OFFICE:
	case ORDINARY_DOMAINS:
	case ORDINARY_FORGETFUL:
	case ORDINARY_AGENT:
	case ORDINARY_TRAVELLER:
	case ORDINARY_MOVED:
	case ORDINARY_NIGHT:
	case ORDINARY_TEAM:
	case ORDINARY_APPLICANT:
	case ORDINARY_INVITATION:
	case ORDINARY_GREETINGS:
	case ORDINARY_WEDDING:
	case ORDINARY_HOLIDAY:
	case ORDINARY_CLUB:
	case ORDINARY_SLEEPER:
		return true;
	default:
		return false;
	}
}

/* Whom it knows before the first day: some colleagues among them. */
static void
make_contacts(struct account *a)
{
	double median = a->kind == ORDINARY_PERSON   ? 30
			: a->kind == ORDINARY_OFFICE ? 120
						     : 60;
	size_t n = (size_t)rng_lognormal(&a->rng, median, 0.7) + 5;

	if (a->born > 0)
		n = 5;
	for (size_t i = 0; i < n; i++) {
		uint32_t who = world_stranger(&a->rng, 0.002);

		if (rng_chance(&a->rng, 0.1))
			who = (who & RECIPIENT_NUMBER) | RECIPIENT_INSIDE;
		world_meet(a, who);
	}
}

static void
make_homes(struct world *w, struct account *a)
{
	a->n_homes = a->kind == ORDINARY_TEAM ? 4 + rng_below(&a->rng, 4)
					      : 1 + rng_below(&a->rng, 3);
	for (unsigned i = 0; i < a->n_homes; i++)
		a->homes[i] = places_home(&a->rng);
	if (a->kind == ORDINARY_CGNAT) {
		a->n_homes = 1;
		a->homes[0] = places_cgnat(&a->rng);
	}
	if (a->kind == ORDINARY_WEBMAIL) {
		a->n_homes = 1;
		a->homes[0] = w->webmail;
	}
	if (!world_is_person(a->kind))
		return;
	a->is_dynamic = rng_chance(&a->rng, 0.4);
	a->has_mobile = rng_chance(&a->rng, 0.5);
}

/* Thieves take what they get, mostly people; some look for one of a kind. */
static enum ordinary
victim_kind(struct account *a)
{
	static const enum ordinary bulk[] = {ORDINARY_NEWSLETTER, ORDINARY_SHOP,
	    ORDINARY_INVOICES, ORDINARY_SUPPORT};
	static const enum ordinary busy[] = {
	    ORDINARY_OFFICE, ORDINARY_AGENT, ORDINARY_SUPPORT};

	switch (a->attack) {
	case ATTACK_BULK:
		return bulk[rng_below(&a->rng, 4)];
	case ATTACK_USUAL:
		return busy[rng_below(&a->rng, 3)];
	case ATTACK_WEBFORM:
		return rng_chance(&a->rng, 0.7) ? ORDINARY_WEBSITE
						: ORDINARY_SHOP;
	default:
		return rng_chance(&a->rng, 0.7)
			   ? ORDINARY_PERSON
			   : ordinary_at(rng_below(&a->rng, ORDINARY_SHARES));
	}
}

static bool
is_new(enum ordinary kind)
{
	return kind == ORDINARY_RAMPING || kind == ORDINARY_CAMPAIGN;
}

static enum attack
attack_of(const struct world *w, unsigned i)
{
	if (i < w->n_hijacked)
		return attack_at(
		    (unsigned)((uint64_t)i * VICTIM_SHARES / w->n_hijacked));
	return i < w->n_hijacked + w->n_throwaway ? ATTACK_THROWAWAY
						  : ATTACK_NONE;
}

static void
make_account(struct world *w, unsigned i)
{
	struct account *a = &w->accounts[i];
	unsigned bad = w->n_hijacked + w->n_throwaway;

	a->rng = rng_for(w->seed, PURPOSE_ACCOUNT + i);
	a->domain = rng_below(&a->rng, w->n_accounts / 4 + 1);
	snprintf(a->name, sizeof(a->name), "user%u@customer%u.example", i,
	    a->domain);
	a->attack = attack_of(w, i);
	a->kind =
	    a->attack != ATTACK_NONE
		? victim_kind(a)
		: ordinary_at((unsigned)((uint64_t)(i - bad) * ORDINARY_SHARES /
					 (w->n_accounts - bad)));
	a->activity = rng_lognormal(&a->rng, 1, 0.7);
	a->is_night = a->kind == ORDINARY_NIGHT;
	a->refused = rng_unit(&a->rng) * 0.002;
	if (is_new(a->kind) && a->attack == ATTACK_NONE)
		a->born =
		    world_judged(w) + (int64_t)(rng_unit(&a->rng) * 3 * DAY);
	if (a->attack == ATTACK_THROWAWAY)
		a->born = w->brakes_at -
			  (int64_t)(rng_between(&a->rng, 0.2, 30) * HOUR);
	make_homes(w, a);
	make_contacts(a);
}

/* Half of them in the judged days. */
static void
make_incidents(struct world *w, struct rng *r)
{
	for (unsigned i = 0; i < INCIDENTS; i++) {
		struct incident *k = &w->incidents[i];
		double days =
		    i % 2 == 0 || w->before == 0 ? w->days : w->before;
		int64_t from =
		    i % 2 == 0 || w->before == 0 ? world_judged(w) : 0;

		k->what = rng_below(r, 3);
		k->provider = rng_below(r, 4);
		k->from = from + (int64_t)(rng_unit(r) * days * (double)DAY);
		k->until =
		    k->from + (int64_t)(rng_between(r, 0.5, 6) * (double)HOUR);
	}
}

/* Some filters dislike what honest people write, too. */
static void
put_recipient(
    struct world *w, struct account *a, const struct plan *p, uint32_t who)
{
	if (!p->is_attack && (who & (RECIPIENT_DEAD | RECIPIENT_INSIDE)) == 0 &&
	    rng_chance(&a->rng, p->refused != 0 ? p->refused : a->refused))
		who |= RECIPIENT_REFUSES;
	w->recipients[w->n_recipients++] = who;
}

void
world_plan(struct world *w, struct account *a, const struct plan *p)
{
	struct message *m;

	if (p->at < a->born || p->at < 0 || p->at >= world_end(w) || p->n == 0)
		return;
	w->messages = grown(w->messages, w->n_messages + 1, &w->messages_max,
	    sizeof(*w->messages));
	w->recipients = grown(w->recipients, w->n_recipients + p->n,
	    &w->recipients_max, sizeof(*w->recipients));
	m = &w->messages[w->n_messages++];
	*m = (struct message){.at = p->at,
	    .from = p->from,
	    .account = (uint32_t)(a - w->accounts),
	    .first = (uint32_t)w->n_recipients,
	    .n = (uint16_t)p->n,
	    .size = p->size != 0 ? p->size
				 : (uint32_t)rng_lognormal(&a->rng, 9000, 1.2),
	    .shape = p->shape,
	    .way = (uint8_t)p->way,
	    .disguise = p->disguise,
	    .is_attack = p->is_attack};
	for (unsigned i = 0; i < p->n; i++)
		put_recipient(w, a, p, p->to[i]);
	if (!p->is_attack || p->way >= WAY_ABORTED)
		return;
	if (a->attacked == 0 || p->at < a->attack_at)
		a->attack_at = p->at;
	a->attacked += p->n;
}

static int
by_time(const void *va, const void *vb)
{
	const struct message *a = va, *b = vb;

	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return a->first < b->first ? -1 : a->first > b->first;
}

void
world_make(struct world *w)
{
	struct rng r = rng_for(w->seed, PURPOSE_WORLD);

	w->webmail = UINT64_C(0xcb007119); /* 203.0.113.25 */
	make_incidents(w, &r);
	w->brakes_at = world_judged(w) +
		       (int64_t)(rng_between(&r, 0.2, 2.5) * (double)DAY);
	w->accounts = calloc(w->n_accounts, sizeof(*w->accounts));
	if (w->accounts == NULL)
		abort();
	for (unsigned i = 0; i < w->n_accounts; i++)
		make_account(w, i);
	for (unsigned i = 0; i < w->n_accounts; i++) {
		struct account *a = &w->accounts[i];

		for (int day = 0; day < w->before + w->days; day++)
			people_day(w, a, day);
		if (a->attack != ATTACK_NONE)
			attack_plan(w, a);
	}
	qsort(w->messages, w->n_messages, sizeof(*w->messages), by_time);
}

void
world_free(struct world *w)
{
	for (unsigned i = 0; i < w->n_accounts; i++)
		free(w->accounts[i].contacts);
	free(w->accounts);
	free(w->messages);
	free(w->recipients);
}
