/* shares - tests */
#include "fbl/shares.h"

#include "base/test.h"

enum { NOW = 20780 * 86400 + 4000, DAY = 86400 };

static void
check_sum(struct shares *s, const char *provider, int64_t since,
    uint64_t delivered, uint64_t complaints)
{
	struct share sum;

	shares_sum(s, str_from(provider), since, &sum);
	CHECK_INT(sum.v[SHARE_DELIVERED], delivered);
	CHECK_INT(sum.v[SHARE_COMPLAINTS], complaints);
}

static void
count(struct shares *s, const char *provider, enum share_count c, int n,
    int64_t at)
{
	for (int i = 0; i < n; i++)
		shares_add(s, str_from(provider), c, at);
}

static void
by_provider_and_day(void)
{
	struct shares s;

	shares_init(&s);
	shares_set_node(&s, STR("a1"));
	count(&s, "google", SHARE_DELIVERED, 100, NOW);
	count(&s, "google", SHARE_DELIVERED, 10, NOW - 3 * DAY);
	count(&s, "goo", SHARE_DELIVERED, 7, NOW);
	count(&s, "google", SHARE_COMPLAINTS, 2, NOW - 3 * DAY);
	shares_flush(&s, NOW);
	check_sum(&s, "google", NOW - 7 * DAY, 110, 2);
	check_sum(&s, "google", NOW, 100, 0);
	check_sum(&s, "goo", NOW, 7, 0);
	/* It goes on after the memory was given back. */
	shares_flush(&s, NOW + 700);
	count(&s, "google", SHARE_DELIVERED, 5, NOW);
	shares_flush(&s, NOW + 710);
	check_sum(&s, "google", NOW, 105, 0);
	shares_flush(&s, NOW + 36LL * DAY);
	check_sum(&s, "google", 0, 0, 0);
	shares_done(&s);
}

/* What the others counted comes in by their keys; ours aren't told each time.
 */
static void
of_all_nodes(void)
{
	struct shares a, b;
	struct kept_item *i;
	int told = 0;

	shares_init(&a);
	shares_init(&b);
	shares_set_node(&a, STR("a1"));
	shares_set_node(&b, STR("b2"));
	a.kept.is_spread = true;
	count(&a, "yahoo", SHARE_DELIVERED, 100, NOW);
	count(&b, "yahoo", SHARE_DELIVERED, 20, NOW);
	count(&b, "yahoo", SHARE_COMPLAINTS, 1, NOW);
	shares_flush(&a, NOW);
	shares_flush(&b, NOW);
	for (int n = 1; n <= 10; n++) {
		count(&a, "yahoo", SHARE_DELIVERED, 1, NOW);
		shares_flush(&a, NOW + 5 * n);
	}
	while ((i = kept_news(&a.kept)) != NULL) {
		told++;
		kept_merge(&b.kept, i->key, i->value, i->at);
	}
	CHECK_INT(told, 1);
	check_sum(&b, "yahoo", NOW, 130, 1);
	count(&a, "yahoo", SHARE_DELIVERED, 1, NOW);
	shares_flush(&a, NOW + 61);
	CHECK((i = kept_news(&a.kept)) != NULL);
	kept_merge(&b.kept, i->key, i->value, i->at);
	check_sum(&b, "yahoo", NOW, 131, 1);
	shares_done(&a);
	shares_done(&b);
}

TESTS(TEST(by_provider_and_day), TEST(of_all_nodes))
