/* fate - what the world says to each recipient of each message
 */
#include "tests/sim/fate.h"

#include "tests/bench/gen_text.h"

static uint64_t
chance_of(const struct world *w, const struct message *m, unsigned i)
{
	return rng_mix(w->seed * 77 + m->first + i);
}

unsigned
fate_provider(uint32_t who)
{
	unsigned p = (unsigned)(rng_mix(who & RECIPIENT_NUMBER) % 100);

	return p < 30 ? 0 : p < 48 ? 1 : p < 62 ? 2 : p < 70 ? 3 : 4 + p;
}

void
fate_put_domain(uint32_t who)
{
	static const char *const big[] = {
	    "gmail.example", "hotmail.example", "gmx.example", "yahoo.example"};
	unsigned p = fate_provider(who);

	if (p < 4) {
		text_put(big[p]);
		return;
	}
	text_put("firm");
	text_num((who & RECIPIENT_NUMBER) % 40000);
	text_put(".example");
}

static const struct incident *
incident_at(const struct world *w, unsigned provider, int64_t at)
{
	for (unsigned i = 0; i < INCIDENTS; i++)
		if (w->incidents[i].provider == provider &&
		    w->incidents[i].from <= at && at < w->incidents[i].until)
			return &w->incidents[i];
	return NULL;
}

/* Puts off, or ends it, for all mail of the host. */
static bool
meets_incident(const struct world *w, uint32_t who, int64_t at, struct fate *f)
{
	const struct incident *k = incident_at(w, fate_provider(who), at);

	if (k == NULL)
		return false;
	if (k->what == INCIDENT_BLOCKED) {
		f->end = FATE_BLOCKED;
		return true;
	}
	f->wait = k->what == INCIDENT_DOWN ? FATE_TIMEOUT : FATE_SLOWED;
	f->again = k->until + 5 * MINUTE;
	return true;
}

/* Greylisting is for firms: the large providers know us. */
static void
put_off(uint32_t who, uint64_t h, int64_t at, struct fate *f)
{
	bool is_firm = fate_provider(who) > 3;

	f->again = at + 300 * SECOND + (int64_t)(h >> 20) % (120 * SECOND);
	if (h % 1000 < (is_firm ? 60 : 2))
		f->wait = FATE_GREYLISTED;
	else if (h % 1000 < (is_firm ? 66 : 3))
		f->wait = FATE_TIMEOUT;
	else if (who & RECIPIENT_FULL)
		f->wait = FATE_QUOTA;
}

struct fate
fate_of(const struct world *w, const struct message *m, unsigned i, int64_t at)
{
	uint32_t who = w->recipients[m->first + i];
	uint64_t h = chance_of(w, m, i), own = rng_mix(h + 1) % 10000;
	struct fate f = {FATE_SENT, FATE_NOW, 0};

	if (who & RECIPIENT_INSIDE)
		return f;
	if (who & RECIPIENT_DEAD)
		f.end = rng_mix(who) % 8 == 0 ? FATE_NO_HOST : FATE_DEAD;
	else if (who & RECIPIENT_REFUSES)
		f.end = FATE_REFUSED;
	else if (who & RECIPIENT_FULL)
		f.end = rng_mix(who) % 2 == 0 ? FATE_FULL : FATE_SENT;
	else if (own < 10)
		f.end = FATE_REFUSED; /* a filter that errs */
	else if (own < (fate_provider(who) > 3 ? 40 : 12))
		f.end = FATE_RULES;
	if (f.end == FATE_NO_HOST || meets_incident(w, who, at, &f))
		return f;
	put_off(who, h, at, &f);
	return f;
}
