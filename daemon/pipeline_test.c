/* pipeline_test - from log lines to verdicts, and back by a lift */
#include "daemon/pipeline_script.h"

static void
an_ordinary_account_is_left_alone(void)
{
	begin("");
	for (int i = 0; i < 48; i++) {
		send_mail(ALICE, 1 + (unsigned)i % 5);
		t.now += 600;
	}
	CHECK_STR(verdicts(), STR(""));
	CHECK_INT(standing_of(ALICE), STANDING_GOOD);
	end();
}

static void
lines_become_a_verdict(void)
{
	begin(SUSPENDING);
	send_mail(ALICE, 2);
	for (int i = 0; i < 40; i++) {
		send_mail(EVE, 10);
		t.now++;
	}
	struct str v = verdicts();

	CHECK(str_find(v, STR(EVE " suspended by ")) >= 0);
	CHECK(str_find(v, STR(ALICE)) < 0);
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	end();
}

static void
a_lift_is_not_followed_by_the_same(void)
{
	begin(SUSPENDING);
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	unsigned late = accept_mail(EVE, 200);

	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	t.now += 60;
	operate(EVENT_LIFT, EVE);
	verdicts();
	const struct ask a = {EVE, "4.1.1", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK_INT(standing_of(EVE), STANDING_PROBATION);
	/* What was in the queue then goes out now. */
	t.now += 60;
	deliver(late, 200);
	send_mail(EVE, 5);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK_STR(verdicts(), STR(""));
	CHECK_INT(standing_of(EVE), STANDING_PROBATION);
	/* But what is new counts. */
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	end();
}

/* What happens to a day of lines, twice. */
static void
write_day(void)
{
	for (int i = 0; i < 60; i++) {
		send_mail(ALICE, 2);
		send_mail(EVE, i < 30 ? 1 : 12);
		send_mail("carol@example.org", (unsigned)i % 7 + 1);
		t.now += 20;
	}
	pipeline_settle(t.p);
}

static void
the_same_lines_give_the_same_verdicts(void)
{
	static char first[1 << 16];
	struct text w;

	for (int i = 0; i < 2; i++) {
		begin(SUSPENDING);
		write_day();
		if (i == 0) {
			text_init(&w, first, sizeof(first));
			text_str(&w, verdicts());
			CHECK(str_find(text_view(&w), STR("suspended")) > 0);
		} else {
			CHECK_STR(verdicts(), text_view(&w));
		}
		end();
	}
}

/* A catch-up: what would be over already is not imposed, the rest is. */
static void
late_lines_impose_nothing(void)
{
	begin(SUSPENDING);
	t.ahead = 40 * 86400;
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	CHECK_STR(verdicts(), STR(EVE " warning of by person-hour|"));
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	end();
	begin(SUSPENDING);
	t.ahead = 3600;
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	/* An hour late: throttles of 15 minutes are over, this is not. */
	CHECK(str_find(verdicts(), STR("throttled")) < 0);
	CHECK_INT(standing_of(EVE), STANDING_SUSPENDED);
	t.now += 86400;
	CHECK(standing_of(EVE) < STANDING_THROTTLED);
	end();
}

static void
unreadable_lines_are_counted(void)
{
	struct pipeline_counters c;

	begin("");
	pipeline_line(t.p, 0, STR(""));
	pipeline_line(t.p, 0, STR("rubbish"));
	pipeline_line(t.p, 63, STR("\xff\xfe\x00\x01"));
	line("smtpd", "something new that nobody understands");
	line("qmgr", "4F000009: removed");
	pipeline_counters(t.p, &c);
	CHECK_INT(c.lines, 5);
	CHECK_INT(c.unreadable, 3);
	CHECK_INT(c.other, 1);
	end();
}

static void
sizes_of_places_are_kept_for_a_limit(void)
{
	static const char limit[] =
	    "limits = ( { name = \"much\"; of = \"client\"; count = \"kib\"; "
	    "window = \"1h\"; max = 100000; } );";

	for (int i = 0; i < 2; i++) {
		begin(i ? limit : "");
		struct ledger *l = pipeline_ledger(t.p);

		CHECK_INT(
		    ledger_keeps(l, SUBJECT_DOMAIN, COUNT_KIB), 35 * 86400);
		CHECK_INT(ledger_keeps(l, SUBJECT_CLIENT, COUNT_KIB),
		    i ? 8 * 86400 : 86400);
		CHECK_INT(
		    ledger_keeps(l, SUBJECT_CLIENT, COUNT_MESSAGES), 8 * 86400);
		CHECK_INT(ledger_keeps(l, SUBJECT_NETWORK, COUNT_KIB), 86400);
		end();
	}
}

TESTS(TEST(an_ordinary_account_is_left_alone), TEST(lines_become_a_verdict),
    TEST(a_lift_is_not_followed_by_the_same),
    TEST(the_same_lines_give_the_same_verdicts),
    TEST(late_lines_impose_nothing), TEST(unreadable_lines_are_counted),
    TEST(sizes_of_places_are_kept_for_a_limit))
