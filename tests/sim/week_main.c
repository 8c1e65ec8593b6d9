/* week - a labelled week of a mail host: the log, and who did what
 *
 * usage: week [--seed S] [--accounts N] [--hijacked N] [--before DAYS]
 *             [--days DAYS] [--start SECONDS] [--throwaway N] [--hop HOP]
 *             --truth FILE >LOG
 *
 * HOP is none, filter (an after-queue content filter), tier (another Postfix on
 * the host delivers) or smarthost (what becomes of mail is not in this log).
 * FILE gets two kinds of lines, separated by tabs:
 *   account NAME KIND ATTACK TIME     one each; ATTACK and TIME (of the first
 *                                     message of the thief) empty if innocent
 *   message TIME NAME RECIPIENTS WHO  one for each handed in by an account on
 *                                     the judged days; RECIPIENTS outward, WHO
 *                                     is "owner" or "thief"
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sim/lines.h"

static unsigned
number(const char *text)
{
	char *end;
	unsigned long v = strtoul(text, &end, 10);

	if (*text == '\0' || *end != '\0' || v > UINT32_MAX) {
		fprintf(stderr, "week: bad number \"%s\"\n", text);
		exit(2);
	}
	return (unsigned)v;
}

static enum hop
hop(const char *text)
{
	static const char *const names[] = {
	    "none", "filter", "tier", "smarthost"};

	for (int i = HOP_NONE; i <= HOP_SMARTHOST; i++)
		if (strcmp(text, names[i]) == 0)
			return (enum hop)i;
	fprintf(stderr, "week: no such hop \"%s\"\n", text);
	exit(2);
}

/* Aliases count as one: what the client named. */
static unsigned
outward(const struct world *w, const struct message *m)
{
	unsigned n = 0;

	if (m->way == WAY_ALIAS)
		return 1;
	for (unsigned i = 0; i < m->n; i++)
		n += (w->recipients[m->first + i] & RECIPIENT_INSIDE) == 0;
	return n;
}

static void
write_truth(const struct world *w, const struct lines_options *o, FILE *f)
{
	char when[32];

	for (unsigned i = 0; i < w->n_accounts; i++) {
		const struct account *a = &w->accounts[i];

		lines_time(o, a->attack_at, when);
		fprintf(f, "account\t%s\t%s\t%s\t%s\n", a->name,
		    ordinary_text(a->kind), attack_text(a->attack),
		    a->attack == ATTACK_NONE ? "" : when);
	}
	for (size_t i = 0; i < w->n_messages; i++) {
		const struct message *m = &w->messages[i];

		if (m->at < world_judged(w) || m->way == WAY_FORWARD ||
		    m->way == WAY_AUTOREPLY || m->way >= WAY_ABORTED)
			continue;
		lines_time(o, m->at, when);
		fprintf(f, "message\t%s\t%s\t%u\t%s\n", when,
		    w->accounts[m->account].name, outward(w, m),
		    m->is_attack ? "thief" : "owner");
	}
}

static int
usage(void)
{
	fputs("usage: week [--seed S] [--accounts N] [--hijacked N] "
	      "[--throwaway N] [--before DAYS] [--days DAYS] "
	      "[--start SECONDS] [--hop HOP] --truth FILE\n",
	    stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"seed", required_argument, NULL, 's'},
	    {"accounts", required_argument, NULL, 'a'},
	    {"hijacked", required_argument, NULL, 'h'},
	    {"throwaway", required_argument, NULL, 'T'},
	    {"before", required_argument, NULL, 'b'},
	    {"days", required_argument, NULL, 'd'},
	    {"start", required_argument, NULL, 'S'},
	    {"hop", required_argument, NULL, 'f'},
	    {"truth", required_argument, NULL, 't'},
	    {NULL, 0, NULL, 0},
	};
	struct world w = {.seed = 1,
	    .n_accounts = 600,
	    .n_hijacked = 40,
	    .before = 14,
	    .days = 7};
	/* A Monday. */
	struct lines_options o = {.start = 1767571200};
	FILE *truth = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 's')
			w.seed = number(optarg);
		else if (c == 'a')
			w.n_accounts = number(optarg);
		else if (c == 'h')
			w.n_hijacked = number(optarg);
		else if (c == 'T')
			w.n_throwaway = number(optarg);
		else if (c == 'b')
			w.before = (int)number(optarg);
		else if (c == 'd')
			w.days = (int)number(optarg);
		else if (c == 'S')
			o.start = (int64_t)number(optarg);
		else if (c == 'f')
			o.hop = hop(optarg);
		else if (c == 't')
			truth = fopen(optarg, "w");
		else
			return usage();
	}
	if (truth == NULL || w.n_hijacked + w.n_throwaway >= w.n_accounts ||
	    w.days == 0)
		return usage();
	world_make(&w);
	lines_write(&w, &o);
	write_truth(&w, &o, truth);
	world_free(&w);
	if (fclose(truth) != 0) {
		perror("week");
		return 1;
	}
	return 0;
}
