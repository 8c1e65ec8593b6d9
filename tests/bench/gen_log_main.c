/* gen_log - a Postfix log of any length, and the truth about it
 *
 * usage: gen_log --messages N [--seed S] [--accounts A] [--start TIME]
 *                [--rate R] [--retry T] [--rfc3339] [--truth FILE]
 *   TIME   "2026-01-12T08:00:00" (UTC) or seconds since 1970
 *   R      messages a second (20)
 *   T      seconds until the first retry (300); doubled for each further one
 *   FILE   gets what `outpost replay --totals` must print for this log
 *
 * Deterministic: all is computed from S. Messages overlap: 64 are in work
 * at a time, a random one of them writes its next line. What was deferred
 * is parked and comes back. What becomes of recipient i of a message is a
 * hash of the two, so that nothing is stored per recipient. Queue ids are
 * short ones and are reused, as an inode is.
 */
#include <getopt.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench/gen_steps.h"
#include "tests/bench/gen_text.h"

enum { SLOTS = 64 };

/* Shares in 1/1000 of what is begun. */
enum {
	SHARE_INBOUND = 230,
	SHARE_LOCAL = 20,
	SHARE_LOGIN = 40,
	SHARE_REJECT = 60,
	SHARE_IMAP = 100
};

/* Parked messages of one attempt come back in the order they left. */
struct park {
	struct message *v;
	size_t first, n, size;
};

static struct {
	uint64_t seed, rng, messages, begun;
	struct message slots[SLOTS];
	bool busy[SLOTS];
	struct park parks[STEPS_TRIES_MAX];
	double step;
	int64_t retry;
} gen = {.seed = 1, .retry = 300};

static uint64_t
roll(void)
{
	gen.rng += UINT64_C(0x9e3779b97f4a7c15);
	return text_mix(gen.rng);
}

static enum kind
roll_kind(void)
{
	unsigned p = (unsigned)(roll() % 1000);

	if (p < SHARE_IMAP)
		return IMAP;
	p -= SHARE_IMAP;
	if (p < SHARE_REJECT)
		return REJECTED;
	p -= SHARE_REJECT;
	if (p < SHARE_LOGIN)
		return LOGIN_FAILED;
	p -= SHARE_LOGIN;
	if (p < SHARE_LOCAL)
		return LOCAL;
	return p - SHARE_LOCAL < SHARE_INBOUND ? INBOUND : SUBMISSION;
}

static unsigned
roll_nrcpt(enum kind kind)
{
	uint64_t h = roll();
	unsigned p = (unsigned)(h % 1000);

	h >>= 16;
	if (kind == INBOUND)
		return 1;
	return (unsigned)(p < 760   ? 1
			  : p < 880 ? 2
			  : p < 970 ? 3 + h % 4
			  : p < 997 ? 6 + h % 20
				    : 20 + h % 80);
}

static void
begin(struct message *m)
{
	double u = (double)(roll() >> 11) / 9007199254740992.0;

	*m = (struct message){.kind = roll_kind(),
	    .key = roll(),
	    .pid = 10000 + (unsigned)(roll() % 200),
	    .arrival = (int64_t)steps.now};
	if (m->kind > LOCAL)
		return;
	gen.begun++;
	m->nrcpt = roll_nrcpt(m->kind);
	m->inode = steps_take_inode();
	m->usec = (uint32_t)(roll() % 1000000);
	if (m->kind == SUBMISSION)
		m->account = &steps.accounts[(
		    size_t)(u * u * u * (double)steps.n_accounts)];
	else if (m->kind == LOCAL)
		m->account = steps.locals[m->key & 1];
}

static void
park(const struct message *m)
{
	struct park *p = &gen.parks[m->attempt];

	if (p->n == p->size) {
		size_t size = p->size == 0 ? 1024 : p->size * 2;
		struct message *v = calloc(size, sizeof(*v));

		if (v == NULL)
			abort();
		for (size_t i = 0; i < p->n; i++)
			v[i] = p->v[(p->first + i) % p->size];
		free(p->v);
		*p = (struct park){.v = v, .n = p->n, .size = size};
	}
	p->v[(p->first + p->n) % p->size] = *m;
	p->v[(p->first + p->n++) % p->size].due =
	    (int64_t)steps.now + (gen.retry << m->attempt);
}

/* Takes up the parked message that is due first, if it is due by then. */
static bool
unpark(struct message *m, int64_t by)
{
	struct park *best = NULL;

	for (size_t i = 0; i < STEPS_TRIES_MAX; i++) {
		struct park *p = &gen.parks[i];

		if (p->n > 0 && p->v[p->first].due <= by &&
		    (best == NULL ||
			p->v[p->first].due < best->v[best->first].due))
			best = p;
	}
	if (best == NULL)
		return false;
	*m = best->v[best->first];
	best->first = (best->first + 1) % best->size;
	best->n--;
	steps_retry(m);
	if (steps.now < (double)m->due)
		steps.now = (double)m->due;
	return true;
}

/* The slot's message writes at most one line. */
static void
advance(size_t slot)
{
	struct message *m = &gen.slots[slot];
	const char *before = text_end;
	bool more = steps_next(m);

	if (text_end != before) {
		text_char('\n');
		steps.now += gen.step;
		text_flush(false);
	}
	if (more)
		return;
	gen.busy[slot] = false;
	if (m->deferred)
		park(m);
}

static void
run(void)
{
	size_t idle = SLOTS;

	for (;;) {
		size_t slot = roll() % SLOTS;
		struct message *m = &gen.slots[slot];

		if (gen.busy[slot]) {
			advance(slot);
			idle += !gen.busy[slot];
			continue;
		}
		if (unpark(m, (int64_t)steps.now))
			;
		else if (gen.begun < gen.messages)
			begin(m);
		else if (idle < SLOTS)
			continue;
		else if (!unpark(m, INT64_MAX))
			return;
		gen.busy[slot] = true;
		idle--;
	}
}

static void
make_accounts(void)
{
	steps.accounts = calloc(steps.n_accounts + 2, sizeof(*steps.accounts));
	if (steps.accounts == NULL)
		abort();
	for (size_t i = 0; i < steps.n_accounts; i++) {
		struct account *a = &steps.accounts[i];
		unsigned x = (unsigned)(i * 7 % 250), y = (unsigned)(i % 249);

		snprintf(a->name, sizeof(a->name),
		    i % 20 == 7 ? "user%zu" : "user%zu@customer%zu.example", i,
		    i % 97);
		snprintf(a->login, sizeof(a->login),
		    i % 20 == 7 ? "user%zu" : "User%zu@Customer%zu.example", i,
		    i % 97);
		snprintf(a->client, sizeof(a->client),
		    "dsl-%u-%u.access.example[100.64.%u.%u]", x, y, x, y);
	}
	for (unsigned i = 0; i < 2; i++) {
		const struct passwd *pw = getpwuid(i == 0 ? 33 : 0);
		struct account *a = &steps.accounts[steps.n_accounts + i];

		snprintf(a->name, sizeof(a->name), "uid:%s",
		    pw == NULL ? (i == 0 ? "33" : "0") : pw->pw_name);
		steps.locals[i] = a;
	}
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct account *)a)->name,
	    ((const struct account *)b)->name);
}

static bool
write_truth(const char *path)
{
	FILE *f = fopen(path, "w");

	if (f == NULL)
		return false;
	qsort(steps.accounts, steps.n_accounts + 2, sizeof(*steps.accounts),
	    compare);
	fprintf(f, "account\tmessages\trecipients\tdelivered\tdeferred\t"
		   "bounced\n");
	for (size_t i = 0; i < steps.n_accounts + 2; i++) {
		const struct account *a = &steps.accounts[i];

		if (a->messages > 0)
			fprintf(f,
			    "%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
			    "\t%" PRIu64 "\t%" PRIu64 "\n",
			    a->name, a->messages, a->recipients, a->delivered,
			    a->deferred, a->bounced);
	}
	return fclose(f) == 0;
}

static double
parse_time(const char *text)
{
	struct tm tm = {.tm_year = 0};

	if (strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) != NULL)
		return (double)timegm(&tm);
	return atof(text);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {{"messages", 1, NULL, 'm'},
	    {"seed", 1, NULL, 's'}, {"accounts", 1, NULL, 'a'},
	    {"start", 1, NULL, 't'}, {"rate", 1, NULL, 'r'},
	    {"retry", 1, NULL, 'y'}, {"rfc3339", 0, NULL, '3'},
	    {"truth", 1, NULL, 'f'}, {NULL, 0, NULL, 0}};
	const char *truth = NULL;
	double rate = 20;
	int c;

	steps.n_accounts = 2000;
	steps.now = parse_time("2026-01-12T08:00:00");
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'm')
			gen.messages = strtoull(optarg, NULL, 10);
		else if (c == 's')
			gen.seed = strtoull(optarg, NULL, 10);
		else if (c == 'a')
			steps.n_accounts = strtoull(optarg, NULL, 10);
		else if (c == 't')
			steps.now = parse_time(optarg);
		else if (c == 'r')
			rate = atof(optarg);
		else if (c == 'y')
			gen.retry = strtoll(optarg, NULL, 10);
		else if (c == '3')
			text_use_rfc3339();
		else if (c == 'f')
			truth = optarg;
		else
			return 64;
	}
	if (gen.messages == 0 || steps.n_accounts == 0 || rate <= 0)
		return 64;
	gen.rng = gen.seed;
	gen.step = 1 / rate / 11;
	steps_init();
	make_accounts();
	run();
	text_flush(true);
	if (truth != NULL && !write_truth(truth)) {
		perror(truth);
		return 1;
	}
	return 0;
}
