/* ledger - what counting costs: time per (fact, subject), memory per subject
 *
 *   ledger [accounts [messages [seconds]]]
 *
 * Messages of a few recipients each, spread over the accounts (half of the
 * mail from a tenth of them) and over the given time; after each fact the
 * touched subjects' watched sums are read, as a judge would.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/ledger.h"

enum { T0 = 1700000000, SLOTS = 8, RECIPIENTS = 10000 };

static uint64_t seed = 11;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

struct bench {
	struct ledger *ledger;
	int slots[SLOTS];
	bool is_judged;
	uint64_t facts, subjects, sum;
};

static void
add(struct bench *b, const struct fact *f)
{
	struct ledger_touched t;

	ledger_add(b->ledger, f, &t);
	b->facts++;
	b->subjects += t.n;
	for (size_t i = 0; b->is_judged && i < t.n; i++) {
		if (subject_kind(t.v[i]) == SUBJECT_CLIENT)
			continue;
		for (int k = 0; k < SLOTS; k++)
			b->sum +=
			    subject_watched(b->ledger, t.v[i], b->slots[k]);
	}
}

/* Made before the clock runs. */
struct names {
	char account[44], domain[28];
	uint8_t account_n, domain_n;
};
static struct names *names;
static char recipients[RECIPIENTS][28];

static void
make_names(uint32_t accounts)
{
	names = calloc(accounts, sizeof(*names));
	for (uint32_t i = 0; names && i < accounts; i++) {
		names[i].account_n = (uint8_t)snprintf(names[i].account,
		    sizeof(names[i].account), "user%u@customer%u.example", i,
		    i / 20);
		names[i].domain_n = (uint8_t)snprintf(names[i].domain,
		    sizeof(names[i].domain), "customer%u.example", i / 20);
	}
	for (uint32_t i = 0; i < RECIPIENTS; i++)
		snprintf(
		    recipients[i], sizeof(recipients[i]), "r%u@example.net", i);
}

static void
send_message(struct bench *b, uint32_t account, int64_t at)
{
	uint32_t n = 1 + (draw(4) == 0 ? draw(5) : 0);
	struct fact f = {.is_outward = true, .at = at, .accepted_at = at};

	f.account = str_make(names[account].account, names[account].account_n);
	f.domain = str_make(names[account].domain, names[account].domain_n);
	f.client.b[10] = f.client.b[11] = 0xff;
	f.client.b[12] = 10;
	f.client.b[13] = (uint8_t)(account >> 16);
	f.client.b[14] = (uint8_t)(account >> 8);
	f.client.b[15] = (uint8_t)account;
	f.kind = FACT_ACCEPTED;
	f.n = 1;
	f.size_bytes = draw(100000);
	add(b, &f);
	f.kind = FACT_PENDING;
	f.n = (int32_t)n;
	add(b, &f);
	for (uint32_t i = 0; i < n; i++) {
		f.recipient = str_from(recipients[draw(RECIPIENTS)]);
		f.kind = FACT_RECIPIENT;
		f.n = 1;
		add(b, &f);
		f.kind = FACT_PENDING;
		f.n = -1;
		add(b, &f);
		f.kind = FACT_DELIVERED;
		f.n = 1;
		add(b, &f);
	}
}

static void
run(const char *what, bool is_judged, uint32_t accounts, uint32_t messages,
    uint32_t seconds)
{
	static const struct ledger_options o = {.max_subjects = 8000000};
	static const int64_t windows[] = {3600, 86400, 600, 604800};
	struct mallinfo2 before = mallinfo2();
	struct bench b = {.ledger = ledger_new(&o), .is_judged = is_judged};
	uint32_t tenth = accounts / 10 + 1;

	for (int k = 0; k < SLOTS; k++)
		b.slots[k] = ledger_watch(b.ledger,
		    k % 2 ? COUNT_MESSAGES : COUNT_RECIPIENTS, windows[k / 2]);
	clock_t start = clock();

	for (uint32_t i = 0; i < messages; i++)
		send_message(&b, draw(2) ? draw(tenth) : draw(accounts),
		    T0 + (int64_t)((uint64_t)i * seconds / messages));
	int64_t us = (int64_t)(clock() - start) * 1000000 / CLOCKS_PER_SEC;
	struct mallinfo2 after = mallinfo2();
	size_t bytes =
	    after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
	size_t n = ledger_subjects(b.ledger);

	printf("%-8s %9.1f ns/fact %7.1f ns/(fact, subject) %8.2f us/message "
	       "%9zu subjects %6.0f bytes each\n",
	    what, (double)us * 1000 / (double)b.facts,
	    (double)us * 1000 / (double)b.subjects, (double)us / messages, n,
	    (double)bytes / (double)n);
	ledger_free(&b.ledger);
	if (b.sum == 1)
		puts("");
}

int
main(int argc, char **argv)
{
	uint32_t accounts = argc > 1 ? (uint32_t)atoi(argv[1]) : 10000;
	uint32_t messages = argc > 2 ? (uint32_t)atoi(argv[2]) : 1000000;
	uint32_t seconds = argc > 3 ? (uint32_t)atoi(argv[3]) : 86400;

	make_names(accounts);
	run("counted", false, accounts, messages, seconds);
	run("judged", true, accounts, messages, seconds);
	return 0;
}
