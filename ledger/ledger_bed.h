/* ledger_bed - facts for the ledger's tests */
#ifndef LEDGER_LEDGER_BED_H
#define LEDGER_LEDGER_BED_H

#include "base/test.h"
#include "ledger/ledger.h"

enum { T0 = 1700000000, DAY = 86400 };

static const struct ledger_options options = {.max_subjects = 1000};

static inline struct ip
client(const char *text)
{
	struct ip ip;

	CHECK(ip_parse(str_from(text), &ip));
	return ip;
}

static inline struct fact
make(enum fact_kind kind, int64_t at, const char *account)
{
	return (struct fact){
	    .kind = kind,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .account = str_from(account),
	    .domain = STR("example.com"),
	    .client = client("192.0.2.7"),
	    .recipient = STR("bob@example.net"),
	    .n = 1,
	};
}

/* Of a slot for recipients; UINT64_MAX: it has to be asked for. */
static inline uint64_t
at_most(struct ledger *l, struct subject *s, int slot)
{
	struct subject_sums sums;

	subject_at_most_all(l, s, &sums);
	return slot >= 0 && (size_t)slot < sums.n
		   ? sums.whole[slot] + sums.now[COUNT_RECIPIENTS]
		   : UINT64_MAX;
}

static inline size_t
add(struct ledger *l, const struct fact *f)
{
	struct ledger_touched t;

	ledger_add(l, f, &t);
	return t.n;
}

#endif
