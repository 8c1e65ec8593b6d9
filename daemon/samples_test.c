/* samples_test - the last messages of each account */
#include "daemon/samples.h"

#include <stdio.h>

#include "base/test.h"

static void
fact(struct samples *s, enum fact_kind kind, const char *account,
    const char *id, const char *recipient)
{
	const struct fact f = {.kind = kind,
	    .at = 1000,
	    .account = str_from(account),
	    .queue_id = str_from(id),
	    .instance = STR("postfix"),
	    .sender = STR("me@example.com"),
	    .recipient = str_from(recipient),
	    .n = 40};

	samples_fact(s, &f);
}

static size_t
count(const struct samples *s, const char *account)
{
	const struct sample *v[SAMPLES];

	return samples_list(s, str_from(account), v);
}

static void
test_messages(void)
{
	struct samples *s = samples_new(10);
	const struct sample *v[SAMPLES];
	char id[16];

	fact(s, FACT_RECIPIENT, "a", "ID", "x@example.net");
	CHECK_INT(count(s, "a"), 0);
	for (int i = 0; i < 9; i++) {
		snprintf(id, sizeof(id), "ID%d", i);
		fact(s, FACT_ACCEPTED, "a", id, "");
		for (int k = 0; k <= i; k++)
			fact(s, FACT_RECIPIENT, "a", id, "x@example.net");
	}
	fact(s, FACT_RECIPIENT, "a", "ID0", "late@example.net");
	fact(s, FACT_RECIPIENT, "b", "ID8", "other@example.net");
	CHECK_INT(samples_list(s, STR("a"), v), SAMPLES);
	CHECK_STR(str_from(v[0]->queue_id), STR("ID3"));
	CHECK_STR(str_from(v[SAMPLES - 1]->queue_id), STR("ID8"));
	CHECK_INT(v[SAMPLES - 1]->recipients, 9);
	fact(s, FACT_PENDING, "a", "ID8", "");
	CHECK_INT(v[SAMPLES - 1]->recipients, 49);
	CHECK_INT(v[SAMPLES - 1]->n_named, SAMPLE_NAMED);
	CHECK_STR(str_from(v[0]->named[0]), STR("x@example.net"));
	CHECK_STR(str_from(v[0]->sender), STR("me@example.com"));
	samples_free(&s);
}

/* Who was stopped stays while others come and go. */
static void
test_bounds(void)
{
	struct samples *s = samples_new(10);
	char account[32];

	for (int i = 0; i < 1000; i++) {
		snprintf(account, sizeof(account), "a%d", i);
		fact(s, FACT_ACCEPTED, account, "ID", "");
		if (i % 100 == 0)
			samples_keep(s, str_from(account));
	}
	CHECK_INT(count(s, "a0"), 1);
	CHECK_INT(count(s, "a900"), 1);
	CHECK_INT(count(s, "a989"), 0);
	CHECK_INT(count(s, "a990"), 1);
	CHECK_INT(count(s, "a999"), 1);
	samples_keep(s, STR("a999"));
	samples_keep(s, STR("nobody"));
	CHECK_INT(count(s, "a0"), 0);
	CHECK_INT(count(s, "a999"), 1);
	samples_free(&s);
	CHECK(!s);
}

TESTS(TEST(test_messages), TEST(test_bounds))
