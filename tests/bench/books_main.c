/* books - books of many accounts, and a bare walk over them
 *
 *   books make STATE_DIR ACCOUNTS [STANDINGS]
 *   books walk STATE_DIR
 *
 * make: every account sent three messages of two recipients within the last
 * day, from one of a client per ten accounts; a domain per hundred accounts.
 * Of the standings (enforced ones) one of a hundred is suspended, nine are
 * throttled, the others watched, each until tomorrow.
 * walk: what LMDB alone needs to go through the subjects, reading their bytes.
 */
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ledger/books.h"
#include "base/time.h"
#include "ledger/ledger.h"
#include "limits/standings.h"

enum { MESSAGES = 3, RECIPIENTS = 2, DAY = 86400 };

static void
add(struct ledger *l, uint32_t i, uint32_t message, int64_t now, uint32_t n)
{
	struct ledger_touched t;
	char account[64], domain[32], client[32], recipient[64];
	int64_t at = now - DAY +
		     (int64_t)((uint64_t)DAY * (message * (uint64_t)n + i) /
			       ((uint64_t)MESSAGES * n));
	struct fact f = {.kind = FACT_ACCEPTED, .is_outward = true, .n = 1};

	snprintf(domain, sizeof(domain), "customer%u.example", i / 100);
	snprintf(account, sizeof(account), "user%u@%s", i, domain);
	snprintf(client, sizeof(client), "100.%u.%u.%u", 64 + i / 655360 % 64,
	    i / 2560 % 256, i / 10 % 256);
	f.at = f.accepted_at = at;
	f.account = str_from(account);
	f.domain = str_from(domain);
	ip_parse(str_from(client), &f.client);
	ledger_add(l, &f, &t);
	f.kind = FACT_DELIVERED;
	for (uint32_t k = 0; k < RECIPIENTS; k++) {
		snprintf(recipient, sizeof(recipient), "r%u@world%u.example",
		    (i * 7 + message * RECIPIENTS + k) % 1000003, i % 1009);
		f.recipient = str_from(recipient);
		ledger_add(l, &f, &t);
	}
}

static void
put(char *field, size_t size, const char *text)
{
	snprintf(field, size, "%s", text);
}

static void
stop(struct standings *s, uint32_t i)
{
	static struct event e;
	enum standing rung = i % 100 == 0  ? STANDING_SUSPENDED
			     : i % 10 == 0 ? STANDING_THROTTLED
					   : STANDING_WATCHED;

	e.type = EVENT_SANCTION;
	e.at_us = (int64_t)(time(NULL) - 3600) * TIME_US + i;
	e.seq = i;
	e.until = time(NULL) + DAY + i % DAY;
	put(e.node, sizeof(e.node), "00000000000000aa");
	put(e.kind, sizeof(e.kind), "account");
	snprintf(e.subject, sizeof(e.subject), "user%u@customer%u.example", i,
	    i / 100);
	put(e.rung, sizeof(e.rung), standing_text(rung));
	put(e.rule, sizeof(e.rule), "burst");
	put(e.by, sizeof(e.by), "outpost");
	put(e.reason, sizeof(e.reason),
	    "412 recipients in 10 minutes, 9 are usual");
	standings_cause(SUBJECT_ACCOUNT, str_from(e.subject), rung,
	    str_from(e.rule), 0, false, e.cause);
	standings_fold(s, &e);
}

static int
make(const char *dir, uint32_t n, uint32_t standings)
{
	const struct ledger_options lo = {.max_subjects = 12000000};
	const struct books_options o = {dir, (size_t)4 << 30, 0, 0};
	struct ledger *l = ledger_new(&lo);
	struct standings *s =
	    standings_new(&(struct standings_options){standings + 1, 7 * DAY});
	const struct books_part parts[] = {ledger_part(l), standings_part(s)};
	struct error err;
	struct books *b = books_open(&o, parts, 2, &err);

	if (!b) {
		fprintf(stderr, "books: %s\n", err.text);
		return 1;
	}
	for (uint32_t message = 0; message < MESSAGES; message++)
		for (uint32_t i = 0; i < n; i++)
			add(l, i, message, time(NULL), n);
	for (uint32_t i = 0; i < standings; i++)
		stop(s, i);
	printf("subjects %zu\n", ledger_subjects(l));
	books_close(&b);
	standings_free(&s);
	ledger_free(&l);
	return 0;
}

static int
walk(const char *dir)
{
	char path[4096];
	MDB_env *env;
	MDB_txn *txn;
	MDB_dbi table;
	MDB_cursor *c;
	MDB_val key, value;
	unsigned long records = 0, bytes = 0, sum = 0;

	snprintf(path, sizeof(path), "%s/books", dir);
	if (mdb_env_create(&env) || mdb_env_set_maxdbs(env, 32) ||
	    mdb_env_open(env, path, MDB_RDONLY, 0600) ||
	    mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) ||
	    (mdb_dbi_open(txn, "subjects" DISK_PACKED, 0, &table) &&
		mdb_dbi_open(txn, "subjects", 0, &table)) ||
	    mdb_cursor_open(txn, table, &c))
		return 1;
	while (mdb_cursor_get(c, &key, &value, MDB_NEXT) == 0) {
		const unsigned char *p = value.mv_data;

		records++;
		bytes += key.mv_size + value.mv_size;
		for (size_t i = 0; i < value.mv_size; i++)
			sum += p[i];
	}
	printf("records %lu bytes %lu sum %lu\n", records, bytes, sum);
	mdb_cursor_close(c);
	mdb_txn_abort(txn);
	mdb_env_close(env);
	return 0;
}

int
main(int argc, char **argv)
{
	if (argc >= 4 && strcmp(argv[1], "make") == 0)
		return make(argv[2], (uint32_t)strtoul(argv[3], NULL, 10),
		    argc > 4 ? (uint32_t)strtoul(argv[4], NULL, 10) : 0);
	if (argc == 3 && strcmp(argv[1], "walk") == 0)
		return walk(argv[2]);
	fprintf(stderr,
	    "usage: books make DIR ACCOUNTS [STANDINGS] | books walk DIR\n");
	return 2;
}
