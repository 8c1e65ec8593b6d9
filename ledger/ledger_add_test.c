/* ledger_add_test - a ledger that counts only what is read says the same of it
 */
#include <stdio.h>

#include "ledger/ledger_bed.h"
#include "ledger/ledger_draw.h"

enum { ACCOUNTS = 6, CLIENTS = 5, MESSAGES = 400 };

static const int64_t windows[] = {600, 3600, 86400, 3 * 86400};

struct pair {
	struct ledger *full, *few;
	uint64_t reads[SUBJECT_KINDS];
	int slots[COUNTS];
};

static void
add_both(struct pair *p, const struct fact *f)
{
	add(p->full, f);
	add(p->few, f);
}

/* A message's facts; its outcomes by a clock that goes wrong, and some logins
 * in between. */
static void
send_one(struct pair *p, int64_t at)
{
	char account[32], domain[32], address[32], to[32];
	struct fact f = make(FACT_ACCEPTED, at, "");

	snprintf(
	    account, sizeof(account), "u%d@d.example", (int)draw(ACCOUNTS));
	snprintf(domain, sizeof(domain), "d%d.example", (int)draw(2));
	snprintf(address, sizeof(address), "192.0.%d.7", (int)draw(CLIENTS));
	f.account = str_from(account);
	f.domain = str_from(domain);
	f.client = client(address);
	if (draw(4) == 0)
		f.claimed = STR("shop@example.com");
	f.size_bytes = draw(9000);
	add_both(p, &f);
	f.kind = FACT_PENDING;
	f.n = (int32_t)draw(5);
	add_both(p, &f);
	for (int n = f.n + 2; n-- > 0; f.at = at + (int64_t)draw(400) - 100) {
		snprintf(to, sizeof(to), "r%d@example.net", (int)draw(30));
		f.recipient = str_from(to);
		f.is_outward = draw(3) > 0;
		f.n = 1;
		f.was_pending = draw(2);
		f.kind = FACT_RECIPIENT;
		add_both(p, &f);
		f.was_pending = false;
		f.kind = (enum fact_kind)(FACT_DELIVERED + draw(6));
		add_both(p, &f);
	}
	static const enum fact_kind logins[] = {
	    FACT_LOGIN, FACT_LOGIN_FAILED, FACT_ATTEMPT, FACT_LOST_LINES};

	f.kind = logins[draw(4)];
	add_both(p, &f);
}

static bool
reads(const struct pair *p, enum subject_kind kind, int count)
{
	return p->reads[kind] >> count & 1;
}

static void
compare_counts(struct pair *p, enum subject_kind kind, struct subject *a,
    struct subject *b)
{
	for (int c = 0; c < COUNTS; c++) {
		enum count count = (enum count)c;

		if (!reads(p, kind, c))
			continue;
		for (size_t i = 0; i < sizeof(windows) / sizeof(*windows); i++)
			CHECK_INT(
			    b ? subject_sum(p->few, b, count, windows[i]) : 0,
			    subject_sum(p->full, a, count, windows[i]));
		CHECK_INT(b ? subject_watched(p->few, b, p->slots[c]) : 0,
		    subject_watched(p->full, a, p->slots[c]));
	}
}

static void
compare(struct pair *p, struct subject *a)
{
	enum subject_kind kind = subject_kind(a);
	struct subject *b = ledger_find(p->few, kind, subject_key(a));
	int64_t now = ledger_now(p->full);

	compare_counts(p, kind, a, b);
	if (!b || p->reads[kind] == 0)
		return;
	CHECK_INT(subject_first_seen(b), subject_first_seen(a));
	if (reads(p, kind, COUNT_RECIPIENTS) ||
	    reads(p, kind, LEDGER_DISTINCT_RECIPIENTS))
		CHECK_INT(subject_pending(b), subject_pending(a));
	if (reads(p, kind, LEDGER_DISTINCT_RECIPIENTS))
		CHECK_INT(subject_distinct_recipients(b, 3600, now),
		    subject_distinct_recipients(a, 3600, now));
	if (reads(p, kind, LEDGER_DISTINCT_NETWORKS))
		CHECK_INT(subject_distinct_networks(b, DAY, now),
		    subject_distinct_networks(a, DAY, now));
}

static void
watch(struct pair *p)
{
	for (int c = 0; c < COUNTS; c++) {
		p->slots[c] = ledger_watch(p->full, (enum count)c, 3600);
		CHECK_INT(
		    ledger_watch(p->few, (enum count)c, 3600), p->slots[c]);
	}
}

static void
lift_somebody(struct pair *p)
{
	char account[32];

	snprintf(
	    account, sizeof(account), "u%d@d.example", (int)draw(ACCOUNTS));
	for (int i = 0; i < 2; i++) {
		struct ledger *l = i ? p->few : p->full;

		ledger_mark(l,
		    ledger_get(l, SUBJECT_ACCOUNT, str_from(account)),
		    ledger_now(l));
	}
}

static void
what_is_read_is_the_same(void)
{
	for (int round = 0; round < 24; round++) {
		struct pair p = {
		    ledger_new(&options), ledger_new(&options), {0}, {0}};
		int64_t at = T0;

		for (int k = 0; k < SUBJECT_KINDS; k++)
			p.reads[k] = draw(3) ? draw(1ull << LEDGER_COUNTS) &
						   draw(1ull << LEDGER_COUNTS)
					     : 0;
		ledger_count_only(p.few, p.reads);
		watch(&p);
		for (int i = 0; i < MESSAGES; i++) {
			at += (int64_t)draw(i % 100 ? 300 : 80000);
			send_one(&p, at);
			if (i % 90 == 89)
				lift_somebody(&p);
			struct subject *s;

			for (size_t n = 0;
			     i % 40 == 39 && (s = ledger_next(p.full, &n));)
				compare(&p, s);
		}
		CHECK_INT(ledger_began(p.few), ledger_began(p.full));
		ledger_free(&p.full);
		ledger_free(&p.few);
	}
}

static void
nobody_else_is_kept(void)
{
	struct ledger *l = ledger_new(&options);
	uint64_t counts[SUBJECT_KINDS] = {0};
	struct fact f = make(FACT_ACCEPTED, T0, "a@example.com");
	struct ledger_touched touched;

	counts[SUBJECT_DOMAIN] = 1ull << COUNT_RECIPIENTS;
	ledger_count_only(l, counts);
	ledger_add(l, &f, &touched);
	f.kind = FACT_RECIPIENT;
	ledger_add(l, &f, &touched);
	CHECK_INT(touched.n, 1);
	CHECK_INT(subject_kind(touched.v[0]), SUBJECT_DOMAIN);
	f.kind = FACT_DELIVERED;
	ledger_add(l, &f, &touched);
	CHECK_INT(touched.n, 0);
	CHECK(!ledger_find(l, SUBJECT_CLIENT, STR("192.0.2.7")));
	CHECK(!ledger_find(l, SUBJECT_NETWORK, STR("192.0.2.0/24")));
	ledger_free(&l);
}

/* Nor who was foreseen and is gone. */
static void
what_is_foreseen_changes_nothing(void)
{
	struct ledger *l = ledger_new(&options), *seen = ledger_new(&options);
	char name[32];

	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%d@x", i * 7919 % 2311);
		struct fact f = make(FACT_ACCEPTED, T0 + i, name);

		ledger_foresee(seen, f.account, &f.client);
		if (i % 3 == 0)
			continue;
		add(l, &f);
		add(seen, &f);
		f.kind = FACT_RECIPIENT;
		add(l, &f);
		add(seen, &f);
	}
	CHECK_INT(ledger_subjects(seen), ledger_subjects(l));
	struct subject *a = ledger_find(l, SUBJECT_ACCOUNT, str_from(name));
	struct subject *b = ledger_find(seen, SUBJECT_ACCOUNT, str_from(name));

	CHECK(a && b);
	CHECK_INT(subject_sum(seen, b, COUNT_RECIPIENTS, DAY),
	    subject_sum(l, a, COUNT_RECIPIENTS, DAY));
	ledger_free(&l);
	ledger_free(&seen);
}

TESTS(TEST(what_is_read_is_the_same), TEST(nobody_else_is_kept),
    TEST(what_is_foreseen_changes_nothing))
