/* habits_test - what is wide, disguised and alike for whom */
#include "ledger/habits.h"

#include "base/test.h"

enum { DAY = 86400, T0 = 20000 * DAY };

static struct habits_message
message(int day, uint32_t recipients, uint64_t size, uint32_t domain)
{
	return (struct habits_message){.at = T0 + (int64_t)day * DAY,
	    .recipients = recipients,
	    .size_bytes = size,
	    .domain = domain};
}

static unsigned
meet(struct habits *h, int day, uint32_t recipients, uint64_t size,
    uint32_t domain)
{
	const struct habits_message m = message(day, recipients, size, domain);

	return habits_meet(h, &m);
}

static void
more_at_once_than_ever_is_wide(void)
{
	struct habits h = {0};

	CHECK_INT(meet(&h, 0, 100, 0, 0), 0); /* nothing is known of it */
	CHECK_INT(meet(&h, 1, 200, 0, 0), 0); /* nor yet */
	h = (struct habits){0};
	for (int day = 0; day < 10; day++)
		CHECK_INT(meet(&h, day, 3, 0, 0), 0);
	CHECK_INT(meet(&h, 10, 6, 0, 0), 0);
	CHECK_INT(meet(&h, 10, 13, 0, 0), HABITS_IS_WIDE);
	/* What is new today makes nothing usual today. */
	CHECK_INT(meet(&h, 10, 100, 0, 0), HABITS_IS_WIDE);
	CHECK_INT(meet(&h, 10, 100, 0, 0), HABITS_IS_WIDE);
	CHECK_INT(meet(&h, 11, 150, 0, 0), 0);
	/* A club's letter of a month ago. */
	CHECK_INT(meet(&h, 45, 150, 0, 0), 0);
	CHECK_INT(meet(&h, 400, 150, 0, 0), HABITS_IS_WIDE);
}

static void
another_domain_is_a_disguise_until_it_is_known(void)
{
	struct habits h = {0};

	CHECK_INT(meet(&h, 0, 1, 0, 7), 0);
	CHECK_INT(meet(&h, 1, 1, 0, 7), 0);
	CHECK_INT(meet(&h, 2, 1, 0, 7), 0);
	CHECK_INT(meet(&h, 2, 1, 0, 8), HABITS_IS_DISGUISED);
	CHECK_INT(meet(&h, 3, 1, 0, 8), HABITS_IS_DISGUISED);
	CHECK_INT(meet(&h, 4, 1, 0, 8), 0);
	/* Many at once don't push out whom it knows. */
	for (uint32_t domain = 100; domain < 200; domain++)
		CHECK_INT(meet(&h, 5, 1, 0, domain), HABITS_IS_DISGUISED);
	CHECK_INT(meet(&h, 6, 1, 0, 7), 0);
	CHECK_INT(meet(&h, 6, 1, 0, 8), 0);
	CHECK_INT(meet(&h, 200, 1, 0, 7), HABITS_IS_DISGUISED);
}

static void
those_of_one_size_are_alike(void)
{
	struct habits h = {0};

	for (int i = 0; i < 3; i++)
		CHECK_INT(meet(&h, 0, 1, 5000 + 50 * (uint64_t)i, 0), 0);
	CHECK_INT(meet(&h, 0, 1, 5100, 0), HABITS_IS_ALIKE);
	/* What its owner writes in between changes little. */
	CHECK_INT(meet(&h, 0, 1, 900, 0), 0);
	CHECK_INT(meet(&h, 0, 1, 40000, 0), 0);
	CHECK_INT(meet(&h, 0, 1, 5200, 0), HABITS_IS_ALIKE);
	/* Then it writes this and that again. */
	for (uint64_t i = 1; i < 40; i++)
		meet(&h, 0, 1, i * i * 1000, 0);
	CHECK_INT(meet(&h, 0, 1, 5000, 0), 0);
	/* Of what has no size, or is huge, nothing is known. */
	for (int i = 0; i < 10; i++) {
		CHECK_INT(meet(&h, 0, 1, 0, 0), 0);
		CHECK_INT(meet(&h, 0, 1, 50 << 20, 0), 0);
	}
}

static void
those_of_one_subject_are_alike(void)
{
	struct habits h = {0};
	unsigned is = 0;

	for (int i = 0; i < 4; i++) {
		struct habits_message m =
		    message(0, 1, 1000 + 900 * (uint64_t)i, 0);

		m.subject = 77;
		CHECK_INT(is, 0);
		is = habits_meet(&h, &m);
	}
	CHECK_INT(is, HABITS_IS_ALIKE);
}

static void
what_is_usual_on_another_node(void)
{
	struct habits h = {0};
	struct habits_message m = message(10, 40, 0, 7);

	for (int day = 0; day < 5; day++)
		meet(&h, day, 30, 0, 7);
	CHECK_INT(habits_usual(&h, &m), HABITS_IS_WIDE | HABITS_IS_DISGUISED);
	m.domain = 8;
	m.recipients = 400;
	CHECK_INT(habits_usual(&h, &m), 0);
}

static void
they_are_packed(void)
{
	struct habits h = {0}, back;
	char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	habits_pack(&h, &t);
	CHECK_INT(t.n, 0);
	CHECK(habits_unpack(&back, text_view(&t)));
	for (int day = 0; day < 5; day++) {
		meet(&h, day, 30 + (uint32_t)day, 5000, 7 + (uint32_t)day);
		meet(&h, day, 3, 9000, 0);
	}
	h.is_unsaved = false;
	habits_pack(&h, &t);
	CHECK(habits_unpack(&back, text_view(&t)));
	CHECK_INT(memcmp(&h, &back, sizeof(h)), 0);
	/* A damaged one is refused, or is another one; it never harms. */
	for (size_t n = 1; n < t.n; n++)
		habits_unpack(&back, str_make(t.p, n));
	buf[t.n] = 1;
	CHECK(!habits_unpack(&back, str_make(t.p, t.n + 1)));
	CHECK_INT(back.since, 0);
}

/* What a night's bits say, when some are wrong or missing. */
static void
they_are_packed_small(void)
{
	struct habits h = {0}, back;
	char buf[256], old[256], new[256];
	struct text t, as_before, again;

	for (int day = 0; day < 40; day++) {
		meet(&h, day, 3 + (uint32_t)day * 7 % 50, 5000,
		    day % 3 ? 7 + (uint32_t)day % 5 : 0);
		meet(&h, day, 3, 300 * (uint64_t)day, 0);
		h.is_unsaved = false;
		text_init(&t, buf, sizeof(buf));
		struct bits_out out = {.text = &t};

		habits_pack_small(&h, &out);
		bits_end(&out);
		struct bits_in in = {.left = text_view(&t)};

		CHECK(habits_take_small(&back, &in));
		CHECK_INT(bits_rest(&in).n, 0);
		CHECK_INT(back.since, h.since);
		CHECK_INT(back.today, h.today);
		CHECK_INT(back.widest_today, h.widest_today);
		CHECK_INT(
		    memcmp(back.senders, h.senders, sizeof(h.senders)), 0);
		text_init(&as_before, old, sizeof(old));
		habits_pack(&h, &as_before);
		text_init(&again, new, sizeof(new));
		habits_pack(&back, &again);
		CHECK_STR(text_view(&again), text_view(&as_before));
		for (size_t n = 0; n < t.n; n++) {
			in = (struct bits_in){.left = str_make(t.p, n)};
			CHECK(!habits_take_small(&back, &in));
			CHECK_INT(back.since, 0);
		}
		for (size_t i = 0; i < 8 * t.n; i++) {
			t.p[i / 8] ^= (char)(1 << i % 8);
			in = (struct bits_in){.left = text_view(&t)};
			habits_take_small(&back, &in);
		}
	}
}

TESTS(TEST(more_at_once_than_ever_is_wide),
    TEST(another_domain_is_a_disguise_until_it_is_known),
    TEST(those_of_one_size_are_alike), TEST(those_of_one_subject_are_alike),
    TEST(what_is_usual_on_another_node), TEST(they_are_packed),
    TEST(they_are_packed_small))
