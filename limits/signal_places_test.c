/* signal_places_test - from where, with whom, to whom inside, and what the
 * host's own filter says */
#include "limits/signal_bed.h"

#define ANN "ann@x.example"
#define BOB "bob@x.example"
#define EVE "eve@x.example"

/* Hashes of subjects. */
enum { OFFER = 76 | FACT_SUBJECT_TELLS, HELLO = 77 };

static void
message(const char *account, const char *from, int64_t at, uint32_t n)
{
	struct fact f = make(FACT_ACCEPTED, account, from, at);

	f.recipients = n;
	add(&f);
}

static void
a_network_new_to_several_is_one_thief(void)
{
	start();
	int64_t at = live(ANN);

	live(BOB);
	live(EVE);
	message(ANN, ABROAD, at, 9);
	message(BOB, ABROAD, at + 1, 9);
	struct verdict v = judge_it(BOB);

	CHECK_INT(points(&v, "sprayed"), 0); /* two may travel together */
	message(EVE, ABROAD, at + 2, 5);
	v = judge_it(EVE);
	CHECK_INT(points(&v, "sprayed"), 25);
	CHECK(has_reason(&v, "sprayed",
	    "5 recipients from a network, or of a text, new to several "
	    "accounts in 1 day, usual for such accounts is at most 1"));
	message(ANN, ABROAD, at + 3, 6);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "sprayed"), 30);
	/* At home neighbours share a network. */
	message(ANN, HOME, at + 4, 5);
	message(BOB, HOME, at + 4, 5);
	v = judge_it(BOB);
	CHECK_INT(points(&v, "sprayed"), 0);
	stop();
}

static void
titled(const char *account, const char *from, int64_t at, uint32_t subject,
    uint64_t size)
{
	struct fact f = make(FACT_ACCEPTED, account, from, at);

	f.recipients = 5;
	f.subject = subject;
	f.size_bytes = size;
	add(&f);
}

/* Each from a machine of his own, all with one text. */
static void
a_text_that_several_send_from_abroad_is_one_thief(void)
{
	static const char *const who[] = {ANN, BOB, EVE};
	static const char *const from[] = {ABROAD, "203.0.113.9", "10.9.8.7"};
	int64_t at = 0;

	start();
	for (int i = 0; i < 3; i++)
		at = live(who[i]);
	for (int i = 0; i < 3; i++)
		titled(who[i], HOME, at + i, OFFER, 0);
	struct verdict v = judge_it(EVE);

	CHECK_INT(points(&v, "sprayed"), 0); /* colleagues answer a letter */
	for (int i = 0; i < 3; i++)
		titled(who[i], from[i], at + 10 + i, OFFER, 0);
	v = judge_it(EVE);
	CHECK_INT(points(&v, "sprayed"), 25);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "sprayed"), 0);
	stop();

	/* "Hello", "Re: the party": travellers write that, too. */
	start();
	for (int i = 0; i < 3; i++)
		at = live(who[i]);
	for (int i = 0; i < 3; i++)
		titled(who[i], from[i], at + 10 + i, HELLO, 0);
	v = judge_it(EVE);
	CHECK_INT(points(&v, "sprayed"), 0);
	stop();

	/* Without subjects: several of one size, each. */
	start();
	for (int i = 0; i < 3; i++)
		at = live(who[i]);
	for (uint64_t k = 0; k < 4; k++)
		for (int i = 0; i < 3; i++)
			titled(who[i], from[i], at + 10 + i, 0, 9000 + 30 * k);
	v = judge_it(EVE);
	CHECK_INT(points(&v, "sprayed"), 25);
	stop();
}

static void
where_passwords_are_tried_a_success_counts(void)
{
	start();
	int64_t at = live(ANN);

	for (int i = 0; i < 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "n%d@x.example", i);
		struct fact f = make(FACT_LOGIN_FAILED, name, ABROAD, at + i);

		add(&f);
	}
	message(ANN, ABROAD, at + 60, 4);
	struct verdict v = judge_it(ANN);

	CHECK_INT(points(&v, "sprayed"), 20);
	stop();
}

/* By themselves they throttle; they are one thing more to what is in doubt. */
static void
complaints_add_up_with_the_rest(void)
{
	start();
	int64_t at = live(ANN);
	struct fact f = make(FACT_DELIVERED, ANN, HOME, at);

	f.n = 300;
	add(&f);
	f.kind = FACT_COMPLAINT;
	f.n = 9;
	add(&f);
	struct verdict v = judge_it(ANN);

	CHECK_INT(v.rung, STANDING_THROTTLED);
	CHECK_INT(points(&v, "complaints"), 25);
	CHECK_INT(v.n_reasons, 1);
	write_strangers(ANN, ABROAD, 12, at + 60);
	v = judge_it(ANN);
	CHECK_INT(v.rung, STANDING_HELD);
	CHECK_INT(v.score, 95);
	write_strangers(ANN, ABROAD, 60, at + 120);
	v = judge_it(ANN);
	CHECK_INT(v.rung, STANDING_SUSPENDED);
	stop();
}

static void
colleagues_from_a_new_network(void)
{
	start();
	int64_t at = live(ANN);
	struct fact f = make(FACT_RECIPIENT, ANN, HOME, at);
	struct verdict v;

	f.is_outward = false;
	for (int i = 0; i < 50; i++)
		add(&f);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "colleagues"), 0);
	CHECK(ip_parse(STR(ABROAD), &f.client));
	for (int i = 0; i < 30; i++)
		add(&f);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "colleagues"), 15);
	stop();
}

static void
try_one(int who, int64_t at)
{
	char to[32];
	struct fact f = make(FACT_ATTEMPT, ANN, HOME, at);

	snprintf(to, sizeof(to), "t%d@out.example", who);
	f.recipient = str_from(to);
	add(&f);
}

/* A mail program tries the same ones for hours. */
static void
only_new_recipients_press(void)
{
	start();
	int64_t at = live(ANN);

	for (int k = 0; k < 10; k++)
		for (int who = 0; who < 12; who++)
			try_one(who, at + 300 * k);
	struct verdict v = judge_it(ANN);

	CHECK_INT(points(&v, "pressing"), 0);
	for (int who = 100; who < 148; who++)
		try_one(who, at + 3000);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "pressing"), 20);
	CHECK(has_reason(&v, "pressing",
	    "60 recipients stopped here in 1 hour, usual for such accounts is "
	    "at most 1"));
	stop();
}

static void
our_own_filter_is_heard(void)
{
	start();
	int64_t at = live(ANN);
	struct fact f = make(FACT_FILTERED, ANN, HOME, at);
	struct verdict v;

	for (int i = 0; i < 3; i++)
		add(&f);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "filtered"), 0);
	add(&f);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "filtered"), 20);
	CHECK(v.rung <= STANDING_WATCHED);
	stop();
}

/* Anybody can send mail without a sender: it never throttles by itself. */
static void
bounces_that_come_in_weigh_little(void)
{
	start();
	int64_t at = live(ANN);
	struct fact f = make(FACT_RETURNED, ANN, "203.0.113.9", at + HOUR);
	struct verdict v;

	write_to(ANN, HOME, 0, 20, at);
	for (int i = 0; i < 300; i++)
		add(&f);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "returned"), 16);
	CHECK_INT(v.rung, STANDING_GOOD);
	/* Who doesn't send isn't made by it. */
	f.account = STR("nobody@x.example");
	add(&f);
	CHECK(!ledger_find(ledger, SUBJECT_ACCOUNT, f.account));
	stop();
}

/* By the second number of the address. */
static uint16_t
country_of(void *ctx, const struct ip *ip)
{
	(void)ctx;
	return ip->b[13] == 255 ? 0 : ip->b[13] + 1u;
}

static void
countries_that_are_new_and_impossible(void)
{
	start();
	int64_t at = live(ANN);
	struct verdict v;

	write_to(ANN, "198.51.100.1", 0, 6, at);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "countries"), 0); /* nobody tells */
	ledger_set_country(ledger, country_of, NULL);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "countries"), 10);
	CHECK(has_reason(&v, "countries",
	    "1 countries for the first time in 1 day, usually none"));
	CHECK_INT(points(&v, "travel"), 0);
	write_to(ANN, "100.7.0.1", 0, 1, at + 60);
	write_to(ANN, "100.8.0.1", 0, 1, at + 120);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "countries"), 20);
	CHECK_INT(points(&v, "travel"), 10);
	/* Where the file is silent, so are we. */
	write_to(ANN, "100.255.0.1", 0, 1, at + 130);
	v = judge_it(ANN);
	CHECK_INT(points(&v, "travel"), 10);
	stop();
}

TESTS(TEST(a_network_new_to_several_is_one_thief),
    TEST(a_text_that_several_send_from_abroad_is_one_thief),
    TEST(where_passwords_are_tried_a_success_counts),
    TEST(complaints_add_up_with_the_rest), TEST(colleagues_from_a_new_network),
    TEST(only_new_recipients_press), TEST(our_own_filter_is_heard),
    TEST(bounces_that_come_in_weigh_little),
    TEST(countries_that_are_new_and_impossible))
