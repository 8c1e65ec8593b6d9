/* world - the accounts of a made-up mail host, whom they know, what they send
 */
#include "tests/sim/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PURPOSE_WORLD = 1,
	PURPOSE_ACCOUNT = 1000,
	VICTIM_SHARES = 60,	/* the sum in attacks.def */
	ORDINARY_SHARES = 1000, /* the same in people.def */
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
ordinary_at(unsigned permille)
{
	static const unsigned shares[] = {
#define ORDINARY(name, text, share, who) share,
#include "tests/sim/people.def"
#undef ORDINARY
	};
	unsigned sum = 0;

	for (enum ordinary k = 0; k < ORDINARIES; k++)
		if ((sum += shares[k]) > permille)
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
world_anywhere(struct rng *r)
{
	return UINT64_C(0xf0000000) | (rng_next(r) & 0x0fffffff);
}

client
world_client(struct account *a, int64_t at)
{
	client home =
	    a->homes[rng_chance(&a->rng, 0.8) ? 0
					      : rng_below(&a->rng, a->n_homes)];
	uint64_t h;

	if (a->has_mobile && rng_chance(&a->rng, 0.25))
		return CLIENT_V6 | (a->homes[0] & 0xffff) << 32 |
		       (rng_next(&a->rng) & 0xffff);
	if (!a->is_dynamic)
		return home;
	/* Its provider has thirty networks where it lives. */
	h = rng_mix(home + (uint64_t)(at / DAY) * 7919);
	return (home & ~UINT64_C(0xffff)) |
	       (((home >> 8) + h % 30) & 0xff) << 8 | (h >> 20 & 0xff);
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
	/* CGNAT: five addresses for all of them. */
	static const client cgnat = UINT64_C(0x64420000);

	a->n_homes = 1 + rng_below(&a->rng, HOMES);
	for (unsigned i = 0; i < a->n_homes; i++)
		a->homes[i] =
		    UINT64_C(0x64400000) | (rng_next(&a->rng) & 0x3fffff);
	if (a->kind == ORDINARY_CGNAT) {
		a->n_homes = 1;
		a->homes[0] = cgnat + 256 * rng_below(&a->rng, 5);
	}
	if (a->kind == ORDINARY_WEBMAIL) {
		a->n_homes = 1;
		a->homes[0] = w->webmail;
	}
	a->is_dynamic = a->kind < ORDINARY_NEWSLETTER
			    ? rng_chance(&a->rng, 0.4)
			    : a->kind == ORDINARY_TRAVELLER;
	a->has_mobile =
	    a->kind < ORDINARY_NEWSLETTER && rng_chance(&a->rng, 0.5);
}

static void
make_account(struct world *w, unsigned i)
{
	struct account *a = &w->accounts[i];

	a->rng = rng_for(w->seed, PURPOSE_ACCOUNT + i);
	a->domain = rng_below(&a->rng, w->n_accounts / 4 + 1);
	snprintf(a->name, sizeof(a->name), "user%u@customer%u.example", i,
	    a->domain);
	a->kind =
	    i < w->n_hijacked
		/* Thieves take what they get, mostly people. */
		? (rng_chance(&a->rng, 0.7)
			  ? ORDINARY_PERSON
			  : ordinary_at(rng_below(&a->rng, 1000)))
		: ordinary_at((unsigned)((uint64_t)(i - w->n_hijacked) *
					 ORDINARY_SHARES /
					 (w->n_accounts - w->n_hijacked)));
	if (i < w->n_hijacked)
		a->attack = attack_at(
		    (unsigned)((uint64_t)i * VICTIM_SHARES / w->n_hijacked));
	a->activity = rng_lognormal(&a->rng, 1, 0.7);
	if (a->kind == ORDINARY_RAMPING)
		a->born =
		    world_judged(w) + (int64_t)(rng_unit(&a->rng) * 3 * DAY);
	if (a->attack == ATTACK_THROWAWAY)
		a->born =
		    world_judged(w) + (int64_t)(rng_unit(&a->rng) * 2 * DAY);
	make_homes(w, a);
	make_contacts(a);
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
	    .is_attack = p->is_attack};
	memcpy(&w->recipients[w->n_recipients], p->to, p->n * sizeof(p->to[0]));
	w->n_recipients += p->n;
	if (!p->is_attack || p->way == WAY_ABORTED || p->way == WAY_FILTERED)
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
	(void)rng_next(&r);
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
