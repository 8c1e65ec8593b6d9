/* signal_blamed_test - who caused an incident at a provider */
#include "limits/signal_bed.h"

#define ANN "ann@x.example"

static struct verdict
blamed(unsigned percent, int64_t ago)
{
	struct str key = STR(ANN);
	struct judge_input in = {
	    .rules = rules,
	    .ledger = ledger,
	    .subject = ledger_get(ledger, SUBJECT_ACCOUNT, key),
	    .class_index = rules_class(rules, SUBJECT_ACCOUNT, key),
	    .now = ledger_now(ledger),
	    .owner = {.blamed = percent, .blamed_at = ledger_now(ledger) - ago},
	};
	struct verdict v;

	judge(&in, &v);
	return v;
}

/* Even when nothing else is known of it; for a while; of a good part. */
static void
counts_by_itself(void)
{
	char buf[256];
	struct text t;

	start();
	struct fact f = make(FACT_ACCEPTED, ANN, HOME, BEGAN);

	f.recipients = 1;
	add(&f);
	struct verdict v = blamed(80, 60);

	CHECK(points(&v, "incident") > 0);
	CHECK_INT(v.score, points(&v, "incident"));
	text_init(&t, buf, sizeof(buf));
	reason_print(&v.reasons[0], &t);
	CHECK_STR(text_view(&t),
	    STR("80 percent of what made a provider refuse or slow mail from "
		"here"));
	v = blamed(80, 7 * HOUR);
	CHECK_INT(v.score, 0);
	v = blamed(5, 60);
	CHECK_INT(v.score, 0);
	v = blamed(0, 0);
	CHECK_INT(v.n_reasons, 0);
	stop();
}

TESTS(TEST(counts_by_itself))
