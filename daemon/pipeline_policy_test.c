/* pipeline_policy_test - what Postfix is told, and what is counted for it */
#include "daemon/pipeline_script.h"

static void
observed_verdicts_have_no_effect(void)
{
	begin(SUSPENDING);
	set_mode(false);
	for (int i = 0; i < 40; i++)
		send_mail(EVE, 10);
	CHECK(str_find(verdicts(), STR("suspended (observed)")) > 0);
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	const struct ask a = {EVE, "1.1.1", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK(is_dunno(ask(POLICY_DATA, &a)));
	/* A person's decision holds in any mode. */
	operate(EVENT_SANCTION, ALICE);
	const struct ask b = {ALICE, "1.1.2", "", 1};

	CHECK(str_starts(ask(POLICY_RCPT, &b), STR("REJECT 5.7.1 ")));
	end();
}

static void
a_suspended_account_is_refused(void)
{
	begin("");
	operate(EVENT_SANCTION, EVE);
	const struct ask a = {EVE, "1.1.1", "", 1};
	const struct ask upper = {"Eve@Example.COM", "1.1.2", "", 1};
	const struct ask other = {ALICE, "1.1.3", "", 1};

	CHECK(str_starts(ask(POLICY_RCPT, &a), STR("REJECT 5.7.1 ")));
	CHECK(str_find(ask(POLICY_RCPT, &a), STR(EVE)) > 0);
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("REJECT 5.7.1 ")));
	CHECK(str_starts(ask(POLICY_END_OF_MESSAGE, &a), STR("REJECT")));
	CHECK(str_starts(ask(POLICY_RCPT, &upper), STR("REJECT 5.7.1 ")));
	CHECK(is_dunno(ask(POLICY_RCPT, &other)));
	/* Receiving goes on. */
	const struct ask inbound = {"", "1.1.4", "", 1};

	CHECK(is_dunno(ask(POLICY_RCPT, &inbound)));
	CHECK(is_dunno(ask(POLICY_CONNECT, &a)));
	CHECK(is_dunno(ask(POLICY_MAIL, &a)));
	operate(EVENT_LIFT, EVE);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	end();
}

#define SMALL                                                      \
	"limits = ( { name = \"small\"; of = \"account\";"         \
	" count = \"recipients\"; window = \"1h\"; max = 20; } );" \
	"signals = ( { name = \"burst\"; enabled = false; } );"

static void
the_limit_defers(void)
{
	begin(SMALL);
	const struct ask a = {EVE, "1.1.1", "", 0};

	CHECK_INT(ask_many(&a, 30), 20);
	const struct ask more = {EVE, "1.1.1", "", 99};

	CHECK(
	    str_starts(ask(POLICY_RCPT, &more), STR("DEFER_IF_PERMIT 4.7.1 ")));
	CHECK_INT(standing_of(EVE), STANDING_THROTTLED);
	CHECK(str_find(verdicts(), STR(EVE " throttled by small|")) >= 0);
	/* Another account of the same client and domain is not meant. */
	const struct ask other = {ALICE, "2.1.1", "", 0};

	CHECK_INT(ask_many(&other, 15), 15);
	end();
}

/* Whichever stages are wired, and when the log shows it too: 10 and 10. */
static void
a_message_counts_once(void)
{
	static const enum policy_state stages[] = {
	    POLICY_RCPT, POLICY_DATA, POLICY_END_OF_MESSAGE};

	for (unsigned wired = 1; wired < 8; wired++) {
		begin(SMALL);
		for (unsigned m = 0; m < 2; m++) {
			char instance[16], id[16];

			snprintf(instance, sizeof(instance), "9.%u.0", m);
			snprintf(id, sizeof(id), "4F%06u", m + 1);
			struct ask a = {EVE, instance, "", 100 * m};

			for (unsigned s = 0; s < 3; s++) {
				if (!(wired & 1u << s))
					continue;
				if (stages[s] == POLICY_RCPT) {
					CHECK_INT(ask_many(&a, 10), 10);
					continue;
				}
				a.n = 10;
				a.queue_id = id;
				CHECK(is_dunno(ask(stages[s], &a)));
			}
			deliver(accept_mail(EVE, 10), 10);
		}
		/* Full now, and not a bit more. */
		CHECK_INT(standing_of(EVE), STANDING_GOOD);
		CHECK(str_find(verdicts(), STR("throttled")) < 0);
		const struct ask last = {EVE, "9.9.9", "", 999};

		CHECK(!is_dunno(ask(POLICY_RCPT, &last)));
		end();
	}
}

static void
many_recipients_at_once_are_deferred_not_suspended(void)
{
	begin("");
	send_mail(ALICE, 3);
	t.now += 60;
	const struct ask a = {ALICE, "3.1.1", "4F000002", 0};
	unsigned n = ask_many(&a, 301);

	CHECK(n < 301 && n > 50);
	for (unsigned i = n; i < 301; i++) {
		const struct ask more = {ALICE, "3.1.1", "4F000002", i};

		CHECK(str_starts(
		    ask(POLICY_RCPT, &more), STR("DEFER_IF_PERMIT 4.7.1 ")));
	}
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	CHECK(str_find(verdicts(), STR("suspended")) < 0);
	end();
	/* The same, where only DATA is wired. */
	begin("");
	const struct ask data = {ALICE, "3.1.1", "", 301};

	CHECK(
	    str_starts(ask(POLICY_DATA, &data), STR("DEFER_IF_PERMIT 4.7.1 ")));
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	end();
}

static void
send_from(const char *client, unsigned to, unsigned n)
{
	unsigned id = ++t.n_messages;

	line("submission/smtpd",
	    "4F%06u: client=c.example[%s], sasl_method=PLAIN, "
	    "sasl_username=" ALICE,
	    id, client);
	line("cleanup", "4F%06u: message-id=<%u@c.example>", id, id);
	line("qmgr",
	    "4F%06u: from=<" ALICE ">, size=999, nrcpt=%u (queue active)", id,
	    n);
	for (unsigned i = to; i < to + n; i++)
		line("smtp",
		    "4F%06u: to=<p%u@far.example>, "
		    "relay=mx.far.example[203.0.113.5]:25, delay=1, "
		    "delays=0.1/0/0.4/0.5, dsn=2.0.0, status=sent (250 Ok)",
		    id, i);
	line("qmgr", "4F%06u: removed", id);
}

/* A club is written to from a hotel after forty invitations: what of it is
 * deferred meanwhile goes to those it always wrote to. */
static void
whom_it_knows_doesnt_suspend_it(void)
{
	unsigned deferred = 0;

	begin("");
	for (unsigned day = 0; day < 21; day++) {
		send_from("198.51.100.7", 20 * day, 20);
		t.now += 86400;
		pipeline_clock(t.p, t.now);
		pipeline_tick(t.p, t.now);
	}
	send_from("192.0.2.9", 5000, 40);
	for (unsigned i = 0; i < 400; i++) {
		const struct ask a = {ALICE, "3.1.1", "", i};

		deferred += !is_dunno(ask(POLICY_RCPT, &a));
		t.now += i % 20 ? 0 : 5;
		pipeline_clock(t.p, t.now);
	}
	CHECK(deferred > 200);
	CHECK_INT(standing_of(ALICE), STANDING_HELD);
	/* Of whom it doesn't know there is an end. */
	for (unsigned i = 6000; i < 6400; i++) {
		const struct ask a = {ALICE, "3.1.2", "", i};

		ask(POLICY_RCPT, &a);
	}
	CHECK_INT(standing_of(ALICE), STANDING_SUSPENDED);
	end();
}

/* His club first, from the hotel: more than a limit allows. */
static void
what_was_deferred_before_he_was_held_doesnt_suspend(void)
{
	unsigned deferred = 0;

	begin("");
	for (unsigned day = 0; day < 30; day++) {
		send_from("198.51.100.7", 20 * day, 20);
		t.now += 86400;
		pipeline_clock(t.p, t.now);
		pipeline_tick(t.p, t.now);
	}
	for (unsigned i = 0; i < 600; i++) {
		const struct ask a = {ALICE, "3.1.1", "", i};

		deferred += !is_dunno(ask(POLICY_RCPT, &a));
	}
	CHECK(deferred > 200);
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	send_from("192.0.2.9", 5000, 40);
	CHECK_INT(standing_of(ALICE), STANDING_HELD);
	end();
}

static void
data_gets_a_reference(void)
{
	struct crypto_key key = {{1, 2, 3}};

	begin("");
	const struct ask a = {ALICE, "5.1.1", "", 1};
	const struct ask inbound = {"", "5.1.2", "", 1};

	CHECK(is_dunno(ask(POLICY_DATA, &a)));
	ref_keys_add(&t.refs, &key);
	CHECK(is_dunno(ask(POLICY_RCPT, &a)));
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("PREPEND X-Outpost-Ref: ")));
	CHECK(ask(POLICY_DATA, &a).n <= strlen("PREPEND ") + 120);
	CHECK(is_dunno(ask(POLICY_END_OF_MESSAGE, &a)));
	CHECK(is_dunno(ask(POLICY_DATA, &inbound)));
	operate(EVENT_SANCTION, ALICE);
	CHECK(str_starts(ask(POLICY_DATA, &a), STR("REJECT ")));
	end();
}

/* Who is expected is named by the rules of when he asks. */
static void
who_is_expected_is_named_anew(void)
{
	const struct policy_request q = {.state = POLICY_RCPT,
	    .sasl_username = STR("eve"),
	    .instance = STR("1.1.1"),
	    .recipient = STR("p@far.example")};
	struct settings *before;
	struct error err;
	struct text w;
	char action[POLICY_ACTION_MAX + 1];

	begin("accounts: { default_realm = \"other.example\"; };");
	before = t.settings;
	operate(EVENT_SANCTION, EVE);
	for (int i = 0; i < 2; i++) {
		text_init(&w, action, sizeof(action));
		pipeline_expect(t.p, &q);
		if (i == 1) {
			load_settings("accounts: {"
				      " default_realm = \"example.com\"; };");
			CHECK(pipeline_set(t.p, t.settings, &err) == 0);
			settings_free(&before);
		}
		pipeline_answer(t.p, &q, &w);
		CHECK(str_starts(text_view(&w), STR("REJECT")) == (i == 1));
	}
	end();
}

static void
on_owner(void *ctx, struct str account, struct judge_owner *out)
{
	(void)ctx;
	if (str_is(account, STR(EVE)))
		out->born = t.now - 86400;
	else
		out->born = t.now - 1000 * 86400;
}

/* The books are as new as the account; the directory knows its age. What was
 * known of the one who asked before says nothing. */
static void
who_is_known_to_be_young_has_less(void)
{
	const struct pipeline_hooks hooks = {
	    .on_verdict = on_verdict, .now_us = on_now_us, .owner = on_owner};
	const struct ask eve = {EVE, "6.1.1", "", 1};
	const struct ask alice = {ALICE, "6.1.2", "", 1};

	begin_with("limits = ( { name = \"young\"; of = \"account\";"
		   " count = \"recipients\"; window = \"1h\"; max = 20;"
		   " younger_than = \"7d\"; } );",
	    &hooks);
	send_mail(ALICE, 1);
	send_mail(EVE, 1);
	CHECK_INT(ask_many(&eve, 40), 19);
	CHECK_INT(ask_many(&alice, 40), 40);
	end();
}

TESTS(TEST(who_is_expected_is_named_anew),
    TEST(who_is_known_to_be_young_has_less),
    TEST(observed_verdicts_have_no_effect),
    TEST(a_suspended_account_is_refused), TEST(the_limit_defers),
    TEST(a_message_counts_once),
    TEST(many_recipients_at_once_are_deferred_not_suspended),
    TEST(whom_it_knows_doesnt_suspend_it),
    TEST(what_was_deferred_before_he_was_held_doesnt_suspend),
    TEST(data_gets_a_reference))
