/* score - how a configuration judged labelled weeks
 *
 * usage: score [--aim] TRUTH VERDICTS [TRUTH VERDICTS ...]
 *
 * TRUTH is what week wrote, VERDICTS what `outpost replay --json` said of its
 * log. Prints, over all weeks: per kind of attack how many were held or
 * suspended and how many recipients had left by then, per kind of ordinary
 * sender who was held or suspended without cause; beside it what the usual
 * fixed limits would have done. --aim: exit 1 when an aim is missed.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/truth.h"

enum { KINDS_MAX = 64 };

/* Of one kind, or of all. */
struct tally {
	char name[24];
	unsigned n, held, suspended, stopped;
	uint64_t leaked, attacked;
	uint64_t *leaks; /* of each account */
	size_t n_leaks;
};

static const struct {
	const char *name;
	uint32_t recipients;
	int64_t window_ms;
} limits[] = {
    {"100/h", 100, 3600 * 1000},
    {"500/h", 500, 3600 * 1000},
    {"10/min", 10, 60 * 1000},
    {"150/day", 150, 86400 * 1000},
};
enum { LIMITS = sizeof(limits) / sizeof(limits[0]) };

static struct tally attacks[KINDS_MAX], people[KINDS_MAX];
static struct tally thieves = {.name = "all hijacked"};
static struct tally innocents = {.name = "all innocent"};
static struct tally by_limit[LIMITS];
static unsigned limit_innocents[LIMITS];

static struct tally *
tally_of(struct tally table[KINDS_MAX], const char *name)
{
	for (int i = 0; i < KINDS_MAX; i++) {
		if (table[i].name[0] == '\0')
			snprintf(
			    table[i].name, sizeof(table[i].name), "%s", name);
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	}
	fputs("score: too many kinds\n", stderr);
	exit(2);
}

static void
add_leak(struct tally *t, const struct truth_account *a, int64_t stopped)
{
	uint64_t leaked = truth_leaked(a, stopped);
	uint64_t *p = realloc(t->leaks, (t->n_leaks + 1) * sizeof(*p));

	if (p == NULL)
		abort();
	t->leaks = p;
	t->leaks[t->n_leaks++] = leaked;
	t->n++;
	t->leaked += leaked;
	t->attacked += truth_leaked(a, 0);
	t->stopped += stopped != 0;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static void
count(const struct truth_account *a)
{
	bool is_thief = a->attack[0] != '\0';
	struct tally *kind =
	    is_thief ? tally_of(attacks, a->attack) : tally_of(people, a->kind);
	struct tally *all = is_thief ? &thieves : &innocents;

	if (is_thief) {
		int64_t stopped = earlier(a->held, a->suspended);

		add_leak(kind, a, stopped);
		add_leak(all, a, stopped);
		kind->held += a->owner_held != 0;
		kind->suspended += a->owner_suspended != 0;
	} else {
		kind->n++;
		all->n++;
		kind->held += a->owner_held != 0;
		kind->suspended += a->owner_suspended != 0;
	}
	all->held += a->owner_held != 0;
	all->suspended += a->owner_suspended != 0;
	for (int i = 0; i < LIMITS; i++) {
		int64_t at =
		    truth_limit(a, limits[i].recipients, limits[i].window_ms);

		if (is_thief)
			add_leak(&by_limit[i], a, at);
		else
			limit_innocents[i] += at != 0;
	}
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The smallest that so many percent don't exceed. */
static uint64_t
quantile(struct tally *t, unsigned percent)
{
	if (t->n_leaks == 0)
		return 0;
	qsort(t->leaks, t->n_leaks, sizeof(*t->leaks), by_size);
	return t->leaks[(t->n_leaks * percent + 99) / 100 - 1];
}

static double
share(const struct tally *t)
{
	return t->attacked == 0
		   ? 0
		   : 100.0 * (double)t->leaked / (double)t->attacked;
}

static void
print_attack(struct tally *t)
{
	printf("%-20s %5u %8u %8" PRIu64 " %8" PRIu64 " %8.2f%%\n", t->name,
	    t->n, t->stopped, quantile(t, 50), quantile(t, 90), share(t));
}

static void
print_tables(void)
{
	printf("%-20s %5s %8s %8s %8s %9s\n", "hijacked", "n", "stopped",
	    "median", "p90", "leaked");
	for (int i = 0; i < KINDS_MAX && attacks[i].name[0] != '\0'; i++)
		print_attack(&attacks[i]);
	print_attack(&thieves);
	printf("\n%-20s %5s %8s %9s\n", "innocent", "n", "held", "suspended");
	for (int i = 0; i < KINDS_MAX && people[i].name[0] != '\0'; i++)
		printf("%-20s %5u %8u %9u\n", people[i].name, people[i].n,
		    people[i].held, people[i].suspended);
	printf("%-20s %5u %8u %9u\n", innocents.name, innocents.n,
	    innocents.held, innocents.suspended);
	printf("(before their attack, of the hijacked: %u held, %u "
	       "suspended)\n",
	    thieves.held, thieves.suspended);
	printf("\n%-20s %5s %8s %8s %8s %9s %9s\n", "fixed limits", "n",
	    "stopped", "median", "p90", "leaked", "innocent");
	for (int i = 0; i < LIMITS; i++) {
		struct tally *t = &by_limit[i];

		printf("%-20s %5u %8u %8" PRIu64 " %8" PRIu64 " %8.2f%% %9u\n",
		    limits[i].name, t->n, t->stopped, quantile(t, 50),
		    quantile(t, 90), share(t), limit_innocents[i]);
	}
}

/* One line each; returns whether it is met. */
static bool
aim(const char *what, double value, double at_most, const char *unit)
{
	bool is_met = value <= at_most;

	printf("%-44s %8.2f%s, at most %g%s: %s\n", what, value, unit, at_most,
	    unit, is_met ? "met" : "MISSED");
	return is_met;
}

static bool
print_aims(void)
{
	bool is_met = true;
	double n = thieves.n == 0 ? 1 : thieves.n;
	double m = innocents.n == 0 ? 1 : innocents.n;

	putchar('\n');
	is_met &= aim("hijacked, not held or suspended",
	    100.0 * (thieves.n - thieves.stopped) / n, 3, "%");
	is_met &= aim("recipients leaked, median",
	    (double)quantile(&thieves, 50), 25, "");
	is_met &= aim("recipients leaked, 90th percentile",
	    (double)quantile(&thieves, 90), 120, "");
	is_met &= aim(
	    "share of all the thieves' recipients", share(&thieves), 2, "%");
	is_met &= aim("innocent suspended, of 1000 account-weeks",
	    1000.0 * innocents.suspended / m, 1, "");
	is_met &= aim("innocent held, of 100 account-weeks",
	    100.0 * innocents.held / m, 1, "");
	return is_met;
}

int
main(int argc, char **argv)
{
	bool must_meet = argc > 1 && strcmp(argv[1], "--aim") == 0;
	int first = must_meet ? 2 : 1;

	if (argc - first < 2 || (argc - first) % 2 != 0) {
		fputs("usage: score [--aim] TRUTH VERDICTS [...]\n", stderr);
		return 2;
	}
	for (int i = first; i < argc; i += 2) {
		struct truth t;

		truth_read(&t, argv[i]);
		truth_verdicts(&t, argv[i + 1]);
		for (size_t k = 0; k < t.n; k++)
			count(&t.accounts[k]);
		truth_free(&t);
	}
	print_tables();
	return print_aims() || !must_meet ? 0 : 1;
}
