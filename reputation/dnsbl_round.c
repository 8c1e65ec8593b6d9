/* dnsbl_round - asks one list about all of our addresses and domains */
#include "reputation/dnsbl_round.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/dns.h"
#include "base/loop.h"

enum { SILENT_MAX = 3, KEY = 128 };

/* Questions come in this order: each target, and why if it is listed; then the
 * tests, of each kind that there is. */
enum step { ASK, ASK_WHY, ASK_TEST };

struct dnsbl_round {
	struct dnsbl_round_options o;
	char key[KEY];
	struct loop_timer *timer;
	struct dns_ask *ask;
	enum step step;
	size_t at; /* of targets, or of tests */
	unsigned silent;
	struct dnsbl_result result;
	struct dnsbl_found *found;
};

static const enum dnsbl_kind kinds[] = {DNSBL_IP4, DNSBL_IP6, DNSBL_DOMAIN};
enum { TESTS = DNSBL_TESTS * 3 };

const char *
dnsbl_health_text(enum dnsbl_health h)
{
	static const char *const texts[] = {
	    [DNSBL_WORKS] = "works",
	    [DNSBL_DEAD] = "dead",
	    [DNSBL_BARRED] = "barred",
	    [DNSBL_NO_REPLY] = "no reply",
	};

	return texts[h];
}

static void
free_round(struct dnsbl_round *r)
{
	dns_cancel(&r->ask);
	loop_timer_free(&r->timer);
	free(r->found);
	free(r);
}

void
dnsbl_round_cancel(struct dnsbl_round **rp)
{
	struct dnsbl_round *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	free_round(r);
}

static void
finish(struct dnsbl_round *r)
{
	r->result.found = r->found;
	r->result.n = r->o.n;
	r->o.on_done(r->o.ctx, &r->result);
	free_round(r);
}

static void
fail(struct dnsbl_round *r, enum dnsbl_health health, const char *what,
    const char *words)
{
	r->result.health = health;
	struct text t;

	text_init(&t, r->result.why, sizeof(r->result.why));
	text_printf(&t, "%s%s%s", what, *what ? ": " : "", words);
	finish(r);
}

static bool
has_kind(const struct dnsbl_round *r, enum dnsbl_kind kind)
{
	for (size_t i = 0; i < r->o.n; i++) {
		if (r->found[i].is_asked &&
		    dnsbl_target_kind(&r->o.targets[i]) == kind)
			return true;
	}
	return false;
}

/* The question that is due, if any is left. */
static bool
next_question(struct dnsbl_round *r, char name[DNS_NAME])
{
	const struct dnsbl_target *t = r->o.targets;

	for (; r->step == ASK && r->at < r->o.n; r->at++) {
		if (dnsbl_question(r->o.list, &t[r->at], r->key, name))
			return true;
	}
	if (r->step == ASK_WHY)
		return dnsbl_question(r->o.list, &t[r->at], r->key, name);
	if (r->step == ASK) {
		r->step = ASK_TEST;
		r->at = 0;
	}
	for (; r->at < TESTS; r->at++) {
		enum dnsbl_kind kind = kinds[r->at / DNSBL_TESTS];

		if (has_kind(r, kind) &&
		    dnsbl_test_question(r->o.list, kind,
			(enum dnsbl_test)(r->at % DNSBL_TESTS), r->o.salt,
			r->key, name))
			return true;
	}
	return false;
}

/* false: it has failed, and the round is over. */
static bool
take_test(struct dnsbl_round *r, const struct dnsbl_answer *said)
{
	enum dnsbl_test test = (enum dnsbl_test)(r->at % DNSBL_TESTS);
	bool is_listed = test == DNSBL_TEST_LISTED;

	r->at++;
	if (said->says == DNSBL_REFUSES)
		fail(r, DNSBL_BARRED, "", said->words);
	else if (said->says == DNSBL_LIES)
		fail(r, DNSBL_DEAD, "what no list would say", said->words);
	else if (is_listed && said->says == DNSBL_CLEAN)
		fail(r, DNSBL_DEAD, "",
		    "it doesn't list what every such list does (its test)");
	else if (!is_listed && said->says != DNSBL_CLEAN)
		fail(r, DNSBL_DEAD, "", "it lists everybody");
	else
		return true;
	return false;
}

static void
take_target(struct dnsbl_round *r, const struct dnsbl_answer *said)
{
	r->found[r->at].is_asked = true;
	r->found[r->at].answer = *said;
	if (said->says == DNSBL_LISTED)
		r->step = ASK_WHY;
	else
		r->at++;
}

static void
take_why(struct dnsbl_round *r, const struct dns_answer *a)
{
	struct dnsbl_found *f = &r->found[r->at++];
	struct text t;

	text_init(&t, f->reason, sizeof(f->reason));
	if (a->n > 0)
		text_printable(&t, a->v[0].text);
	r->step = ASK;
}

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	struct dnsbl_round *r = ctx;
	struct dnsbl_answer said;

	r->ask = NULL;
	if (r->step == ASK_WHY) {
		take_why(r, a);
		loop_timer_in(r->timer, r->o.gap_us);
		return;
	}
	dnsbl_read(r->o.list, a, &said);
	r->silent = said.says == DNSBL_SILENT ? r->silent + 1 : 0;
	if (r->silent == SILENT_MAX) {
		fail(r, DNSBL_NO_REPLY, "", said.words);
		return;
	}
	/* The same question again, when it is a test. */
	if (r->step == ASK)
		take_target(r, &said);
	else if (said.says != DNSBL_SILENT && !take_test(r, &said))
		return;
	loop_timer_in(r->timer, r->o.gap_us);
}

static void
on_next(void *ctx)
{
	struct dnsbl_round *r = ctx;
	char name[DNS_NAME];

	if (next_question(r, name))
		r->ask = dns_ask(r->o.dns(r->o.ctx), str_from(name),
		    r->step == ASK_WHY ? DNS_TXT : DNS_A, on_answer, r);
	else
		finish(r);
}

struct dnsbl_round *
dnsbl_round_start(const struct dnsbl_round_options *o)
{
	struct dnsbl_round *r = xalloc(1, sizeof(*r));

	r->o = *o;
	snprintf(r->key, sizeof(r->key), "%s", o->key);
	r->found = xalloc(o->n + 1, sizeof(*r->found));
	r->timer = loop_timer_new(o->loop, on_next, r);
	loop_timer_work(r->timer);
	return r;
}
