/* score - how a configuration judged labelled weeks
 *
 * usage: score [--aim] TRUTH VERDICTS [TRUTH VERDICTS ...]
 *
 * TRUTH is what week wrote, VERDICTS what `outpost replay --json` said of its
 * log. Prints, over all weeks: per kind of attack how many were held or
 * suspended, how many recipients had left by then, and which aims are missed
 * for this kind; per kind of ordinary sender who was throttled, held (how many
 * minutes in one go) or suspended without cause, and how many thieves that were
 * held got suspended: whom a hold lets go sends on; beside it whom the usual
 * fixed limits would have stopped. --aim: exit 1 when an aim is missed over
 * all.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/truth.h"

enum { KINDS_MAX = 64 };

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

struct values {
	uint64_t *v;
	size_t n;
};

/* Of one kind, or of all. */
struct tally {
	char name[24];
	unsigned n, throttled, held, suspended, stopped;
	/* Thieves that were held, and of them suspended then; what leaves if
	 * all that a hold kept does, unless he is suspended. */
	unsigned held_first, suspended_then;
	uint64_t leaked, attacked, let_go;
	struct values leaks; /* of each account */
	struct values holds; /* milliseconds, of each that was held */
	unsigned by_limit[LIMITS];
};

static struct tally attacks[KINDS_MAX], people[KINDS_MAX];
static struct tally thieves = {.name = "all hijacked"};
static struct tally innocents = {.name = "all innocent"};
static struct tally limited[LIMITS]; /* the same thieves, by a fixed limit */

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
add_value(struct values *v, uint64_t value)
{
	uint64_t *p = realloc(v->v, (v->n + 1) * sizeof(*p));

	if (p == NULL)
		abort();
	v->v = p;
	v->v[v->n++] = value;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The smallest that so many percent don't exceed. */
static uint64_t
quantile(struct values *v, unsigned percent)
{
	if (v->n == 0)
		return 0;
	qsort(v->v, v->n, sizeof(*v->v), by_size);
	return v->v[(v->n * percent + 99) / 100 - 1];
}

static void
add_leak(struct tally *t, const struct truth_account *a, int64_t stopped)
{
	uint64_t leaked = truth_leaked(a, stopped);

	add_value(&t->leaks, leaked);
	t->leaked += leaked;
	t->attacked += truth_leaked(a, 0);
	t->stopped += stopped != 0;
	if (a->held == 0)
		return;
	t->held_first++;
	t->suspended_then += a->suspended != 0;
	if (a->suspended == 0)
		t->let_go += truth_leaked(a, 0) - leaked;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static void
count_in(
    struct tally *t, const struct truth_account *a, const int64_t at[LIMITS])
{
	t->n++;
	t->throttled += a->throttles != 0;
	t->held += a->owner_held != 0;
	t->suspended += a->owner_suspended != 0;
	if (a->owner_held != 0)
		add_value(&t->holds, (uint64_t)a->held_longest);
	if (a->attack[0] != '\0')
		add_leak(t, a, earlier(a->held, a->suspended));
	for (int i = 0; i < LIMITS; i++)
		t->by_limit[i] += at[i] != 0;
}

static void
count(const struct truth_account *a)
{
	bool is_thief = a->attack[0] != '\0';
	int64_t at[LIMITS];

	for (int i = 0; i < LIMITS; i++) {
		at[i] =
		    truth_limit(a, limits[i].recipients, limits[i].window_ms);
		if (is_thief)
			add_leak(&limited[i], a, at[i]);
	}
	count_in(
	    is_thief ? tally_of(attacks, a->attack) : tally_of(people, a->kind),
	    a, at);
	count_in(is_thief ? &thieves : &innocents, a, at);
}

static double
share(const struct tally *t)
{
	return t->attacked == 0
		   ? 0
		   : 100.0 * (double)t->leaked / (double)t->attacked;
}

/* What is wanted over all, held against one kind. */
enum { MEDIAN_AIM = 25, P90_AIM = 120, LEAKED_AIM = 2, MISSED_AIM = 3 };

static void
print_limits(const struct tally *t)
{
	for (int i = 0; i < LIMITS; i++)
		printf(" %7u", t->by_limit[i]);
}

static void
print_attack(struct tally *t)
{
	printf("%-18s %4u %7u %6" PRIu64 " %6" PRIu64 " %6.2f%%", t->name, t->n,
	    t->stopped, quantile(&t->leaks, 50), quantile(&t->leaks, 90),
	    share(t));
	print_limits(t);
	printf("%s%s%s%s\n",
	    100 * (t->n - t->stopped) > MISSED_AIM * t->n ? "  not-stopped"
							  : "",
	    quantile(&t->leaks, 50) > MEDIAN_AIM ? "  median" : "",
	    quantile(&t->leaks, 90) > P90_AIM ? "  p90" : "",
	    share(t) > LEAKED_AIM ? "  share" : "");
}

static void
print_innocent(struct tally *t)
{
	printf("%-18s %4u %9u %5u %6.1f %9u", t->name, t->n, t->throttled,
	    t->held, (double)quantile(&t->holds, 50) / 60000, t->suspended);
	print_limits(t);
	printf("%s%s\n", 100 * t->held > t->n ? "  held" : "",
	    1000 * t->suspended > t->n ? "  suspended" : "");
}

static void
print_head(const char *text)
{
	printf("%s", text);
	for (int i = 0; i < LIMITS; i++)
		printf(" %7s", limits[i].name);
	puts("  aims missed");
}

static void
print_tables(void)
{
	print_head("hijacked              n stopped median    p90  leaked");
	for (int i = 0; i < KINDS_MAX && attacks[i].name[0] != '\0'; i++)
		print_attack(&attacks[i]);
	print_attack(&thieves);
	printf("(of their owners, before: %u throttled, %u held, %u "
	       "suspended)\n",
	    thieves.throttled, thieves.held, thieves.suspended);
	printf("(of %u that were held %u were suspended then; the others had "
	       "%.2f%% of all still to send)\n\n",
	    thieves.held_first, thieves.suspended_then,
	    thieves.attacked == 0
		? 0
		: 100.0 * (double)thieves.let_go / (double)thieves.attacked);
	print_head("innocent              n throttled  held    min suspended");
	for (int i = 0; i < KINDS_MAX && people[i].name[0] != '\0'; i++)
		print_innocent(&people[i]);
	print_innocent(&innocents);
	printf("\n%-18s %4s %7s %6s %6s %7s %17s\n", "fixed limit", "n",
	    "stopped", "median", "p90", "leaked", "innocent stopped");
	for (int i = 0; i < LIMITS; i++) {
		struct tally *t = &limited[i];

		printf("%-18s %4u %7u %6" PRIu64 " %6" PRIu64 " %6.2f%% %17u\n",
		    limits[i].name, thieves.n, t->stopped,
		    quantile(&t->leaks, 50), quantile(&t->leaks, 90), share(t),
		    innocents.by_limit[i]);
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
	    100.0 * (thieves.n - thieves.stopped) / n, MISSED_AIM, "%");
	is_met &= aim("recipients leaked, median",
	    (double)quantile(&thieves.leaks, 50), MEDIAN_AIM, "");
	is_met &= aim("recipients leaked, 90th percentile",
	    (double)quantile(&thieves.leaks, 90), P90_AIM, "");
	is_met &= aim("share of all the thieves' recipients", share(&thieves),
	    LEAKED_AIM, "%");
	is_met &= aim("innocent suspended, of 1000 account-weeks",
	    1000.0 * innocents.suspended / m, 1, "");
	is_met &= aim("innocent held, of 100 account-weeks",
	    100.0 * innocents.held / m, 1, "");
	is_met &= aim("minutes that innocent were held, median",
	    (double)quantile(&innocents.holds, 50) / 60000, 15, "");
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
